public import Bytes
import Configuration
public import KafkaModel
import KafkaProtocol
import Timing

/// A topic to be made.
public struct NewTopic: Sendable {
    public let name: String
    /// Nil: as many as the cluster makes by itself.
    public var partitions: Int32?
    public var replicationFactor: Int16?
    /// The brokers of each partition; where there are some, the two numbers above are theirs.
    public var assignments: [[Int32]] = []
    public var configs: [(name: String, value: String)] = []

    public init(_ name: String) { self.name = name }
}

/// What became of one of several things that were asked for.
public struct AdminOutcome: Sendable {
    public let name: String
    public let error: ErrorCode
    public let message: String?

    /// What went wrong, in the broker's words where it has some.
    public var text: String { "\(message ?? error.message) (\(error.name))" }
}

/// Topics: looking, making, growing, removing.
extension Admin {
    /// The cluster and all its topics, in one answer.
    public func topicsAndCluster() throws(ClientError) -> (topics: [TopicDescription], cluster: ClusterDescription) {
        try trying { (deadline) throws(ClientError) in
            let answer = try askMetadata(nil, missing: .isNotCreated, until: deadline)
            return (answer.topics.map(TopicDescription.init), answer.cluster)
        }
    }

    /// Topics with all that the cluster tells of their partitions, page by page, from a broker that is old in one answer.
    /// - Parameter pageSize: how many partitions one answer may hold.
    public func describeTopics(_ names: [String], pageSize: Int32 = 2000) throws(ClientError) -> [TopicDescription] {
        guard !names.isEmpty else { return [] }
        do throws(ClientError) {
            return try trying { (deadline) throws(ClientError) in try describePages(names, pageSize, until: deadline) }
        } catch {
            guard error.isUnsupported else { throw error }
            return try metadata(topics: names)
        }
    }

    private func describePages(
        _ names: [String], _ pageSize: Int32, until deadline: Instant
    ) throws(ClientError) -> [TopicDescription] {
        var left = names.sorted()[...]
        var topics: [TopicDescription] = []
        var cursor: DescribeTopicPartitionsRequest.Cursor?
        while true {
            var request = DescribeTopicPartitionsRequest()
            request.responsePartitionLimit = pageSize
            request.cursor = cursor
            request.topics = left.map { name in
                var topic = DescribeTopicPartitionsRequest.TopicRequest()
                topic.name = name
                return topic
            }
            let response = try onBootstrap(request, until: deadline)
            for topic in response.topics.map(TopicDescription.init) {
                if let last = topics.last, last.name == topic.name {
                    topics[topics.count - 1].partitions += topic.partitions
                } else {
                    topics.append(topic)
                }
            }
            guard let next = response.nextCursor else { return topics }
            guard cursor.map({ ($0.topicName, $0.partitionIndex) < (next.topicName, next.partitionIndex) }) ?? true,
                let first = left.firstIndex(where: { $0 >= next.topicName })
            else {
                let address = try bootstrapConnection(until: deadline).address
                throw ClientError(address.description, .receive(.describeTopicPartitions), .malformed(.invalidValue))
            }
            left = left[first...]
            var place = DescribeTopicPartitionsRequest.Cursor()
            place.topicName = next.topicName
            place.partitionIndex = next.partitionIndex
            cursor = place
        }
    }

    /// The topic of an id; nil if there is none.
    public func describeTopic(id: UUID) throws(ClientError) -> TopicDescription? {
        let found = try topicsAndCluster().topics.first { $0.id == id }
        return found
    }

    public func createTopics(_ topics: [NewTopic], validateOnly: Bool = false) throws(ClientError) -> [AdminOutcome] {
        var request = CreateTopicsRequest()
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        request.validateOnly = validateOnly
        request.topics = topics.map(Self.creatable)
        let response = try onController(request) { $0.topics.map(\.errorCode) }
        return response.topics.map {
            AdminOutcome(name: $0.name, error: ErrorCode(code: $0.errorCode), message: $0.errorMessage)
        }
    }

    private static func creatable(_ topic: NewTopic) -> CreateTopicsRequest.CreatableTopic {
        var new = CreateTopicsRequest.CreatableTopic()
        new.name = topic.name
        new.numPartitions = topic.assignments.isEmpty ? topic.partitions ?? -1 : -1
        new.replicationFactor = topic.assignments.isEmpty ? topic.replicationFactor ?? -1 : -1
        new.assignments = topic.assignments.enumerated().map { index, brokers in
            var assignment = CreateTopicsRequest.CreatableReplicaAssignment()
            assignment.partitionIndex = Int32(index)
            assignment.brokerIds = brokers
            return assignment
        }
        new.configs = topic.configs.map { pair in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = pair.name
            config.value = pair.value
            return config
        }
        return new
    }

    public func deleteTopics(_ names: [String]) throws(ClientError) -> [AdminOutcome] {
        var request = DeleteTopicsRequest()
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        // Before version 6 there were names only.
        request.topicNames = names
        request.topics = names.map { name in
            var topic = DeleteTopicsRequest.DeleteTopicState()
            topic.name = name
            return topic
        }
        return try delete(request)
    }

    /// Needs Kafka 2.8 or newer.
    public func deleteTopics(ids: [UUID]) throws(ClientError) -> [AdminOutcome] {
        try requireVersion(6, of: DeleteTopicsRequest.self)
        var request = DeleteTopicsRequest()
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        request.topics = ids.map { id in
            var topic = DeleteTopicsRequest.DeleteTopicState()
            topic.topicId = id
            return topic
        }
        return try delete(request)
    }

    private func delete(_ request: DeleteTopicsRequest) throws(ClientError) -> [AdminOutcome] {
        let response = try onController(request) { $0.responses.map(\.errorCode) }
        return response.responses.map {
            AdminOutcome(
                name: $0.name ?? $0.topicId.description, error: ErrorCode(code: $0.errorCode), message: $0.errorMessage)
        }
    }

    /// What a topic shall have in all, and the brokers of the new partitions if the cluster is not to choose them.
    public struct MorePartitions: Sendable {
        public let topic: String
        public let count: Int32
        public let assignments: [[Int32]]?

        public init(topic: String, count: Int32, assignments: [[Int32]]? = nil) {
            self.topic = topic
            self.count = count
            self.assignments = assignments
        }
    }

    public func createPartitions(
        _ topics: [MorePartitions], validateOnly: Bool = false
    ) throws(ClientError) -> [AdminOutcome] {
        var request = CreatePartitionsRequest()
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        request.validateOnly = validateOnly
        request.topics = topics.map { topic in
            var more = CreatePartitionsRequest.CreatePartitionsTopic()
            more.name = topic.topic
            more.count = topic.count
            more.assignments = topic.assignments.map { lists in
                lists.map { brokers in
                    var assignment = CreatePartitionsRequest.CreatePartitionsAssignment()
                    assignment.brokerIds = brokers
                    return assignment
                }
            }
            return more
        }
        let response = try onController(request) { $0.results.map(\.errorCode) }
        return response.results.map {
            AdminOutcome(name: $0.name, error: ErrorCode(code: $0.errorCode), message: $0.errorMessage)
        }
    }

    /// Throws where the broker does not know this version of an API, before something else is meant by it.
    func requireVersion<Request: RequestMessage>(_ version: Int16, of request: Request.Type) throws(ClientError) {
        try trying { (deadline) throws(ClientError) in
            let connection = try bootstrapConnection(until: deadline)
            guard let newest = connection.version(of: request), newest >= version else {
                throw ClientError(
                    connection.address.description, .send(Request.api),
                    .unsupported(offered: connection.versions[Request.api.rawValue]))
            }
        }
    }
}
