public import Bytes
import Glibc
public import KafkaModel
import KafkaProtocol
import Posix
public import Timing

/// What a producer or consumer knows of its cluster: brokers, and the partitions of the topics that were asked for. All
/// threads of a client share one.
///
/// Whoever needs to know more asks the cluster itself and waits; meanwhile the others that need an answer wait for that
/// one. What is known is thrown away by nobody: an answer with an error leaves the older knowledge in place, and a leader
/// epoch never goes back.
public final class ClusterMetadata: Sendable {
    public struct Topic: Sendable {
        public let name: String
        /// Zero where the cluster is too old for ids.
        public let id: UUID
        public let isInternal: Bool
        /// By number. A partition the cluster did not name has no leader.
        public fileprivate(set) var partitions: [Partition]
        fileprivate var isStale = false
        /// The cluster said last that there is no such topic any more.
        public fileprivate(set) var isMissing = false
        fileprivate let fetched: Instant
    }

    public struct Partition: Sendable {
        /// -1 where there is none.
        public fileprivate(set) var leader: Int32 = -1
        /// -1 where the cluster does not tell.
        public fileprivate(set) var leaderEpoch: Int32 = -1
        public fileprivate(set) var replicas: [Int32] = []
        public fileprivate(set) var isr: [Int32] = []
    }

    /// Whether a topic that does not exist comes into being by being asked for, where the cluster allows it.
    public enum Missing: Sendable { case isCreated, isNotCreated }

    private struct State {
        var topics: [String: Topic] = [:]
        var brokers: [Int32: BrokerNode] = [:]
        var clusterID: String?
        /// Nil while somebody asks with it.
        var admin: Admin?
    }

    private let state: Monitor<State>
    private let configuration: ClientConfiguration
    private let missing: Missing
    private let age: Duration
    private let clock: Clock

    /// Partitions are numbered without gaps; a number so far beyond their count is forged and must not take the memory.
    private static let gapMax = 1024

    /// - Parameters:
    ///   - age: how long an answer is believed, `metadata.max.age.ms`.
    ///   - interruption: ends what is under way when it is raised.
    public init(
        _ configuration: ClientConfiguration, missing: Missing = .isNotCreated, age: Duration = .seconds(300),
        clock: Clock = .system, interruption: Interruption? = nil
    ) {
        self.configuration = configuration
        self.missing = missing
        self.age = age
        self.clock = clock
        state = Monitor(State(admin: Admin(configuration, clock: clock, interruption: interruption)))
    }

    /// What is known of a topic, without asking; nil when nothing is.
    public func known(_ name: String) -> Topic? { state.withLock { $0.topics[name] } }

    /// The names of topics by their ids, as far as they are known.
    func names(of ids: Set<UUID>) -> [UUID: String] {
        state.withLock { state in
            let known = state.topics.values.filter { ids.contains($0.id) }
            return Dictionary(known.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        }
    }

    public func broker(_ id: Int32) -> BrokerNode? { state.withLock { $0.brokers[id] } }

    public var brokers: [BrokerNode] { state.withLock { $0.brokers.values.sorted { $0.id < $1.id } } }

    public var clusterID: String? { state.withLock { $0.clusterID } }

    /// A topic as it is now: from memory, or from the cluster where that is too old or said to be wrong. What may come
    /// right by itself, such as a topic that is just being created, is waited for.
    public func topic(_ name: String, until deadline: Instant) throws(ClientError) -> Topic {
        var pause = configuration.retryBackoff
        while true {
            if let topic = known(name), isFresh(topic) { return topic }
            let asked = clock.now
            do throws(ClientError) {
                try refresh([name], until: deadline)
                // An answer is good for who asked for it, even if answers are believed for no time at all.
                if let topic = known(name), topic.fetched >= asked { return topic }
            } catch {
                guard error.isRetriable, clock.now + pause < deadline else { throw error }
            }
            usleep(UInt32(clamping: pause.wholeNanoseconds / 1000))
            pause = min(pause * 2, configuration.retryBackoffMax)
        }
    }

    /// All topics there are, as the cluster tells now.
    public func allTopics(until deadline: Instant) throws(ClientError) -> [Topic] {
        let answer = try ask(nil, until: deadline)
        return answer.topics.compactMap { topic in topic.name.flatMap { known($0) } }
    }

    /// Somebody learned that what is known of a topic is wrong: the next who needs it asks.
    public func invalidate(_ name: String) { state.withLock { $0.topics[name]?.isStale = true } }

    /// A broker told who leads a partition now (KIP-951).
    public func learn(_ partition: TopicPartition, leader: Int32, epoch: Int32, at node: BrokerNode?) {
        state.update { state in
            if let node { state.brokers[node.id] = node }
            guard state.brokers[leader] != nil, let topic = state.topics[partition.topic],
                topic.partitions.indices.contains(Int(partition.partition)),
                topic.partitions[Int(partition.partition)].leaderEpoch < epoch
            else { return }
            state.topics[partition.topic]?.partitions[Int(partition.partition)].leader = leader
            state.topics[partition.topic]?.partitions[Int(partition.partition)].leaderEpoch = epoch
        }
    }

    /// Asks for some topics. Returns those that the cluster refuses, and why; the others are known from then on.
    func refused(ofThese names: [String], until deadline: Instant) throws(ClientError) -> [String: ErrorCode] {
        var refused: [String: ErrorCode] = [:]
        for topic in try ask(names, until: deadline).topics where topic.errorCode != 0 {
            if let name = topic.name { refused[name] = ErrorCode(code: topic.errorCode) }
        }
        return refused
    }

    /// Asks for some topics. Throws what the cluster says of the first that it refuses.
    public func refresh(_ names: [String], until deadline: Instant) throws(ClientError) {
        let answer = try ask(names, until: deadline)
        for topic in answer.topics {
            let code = ErrorCode(code: topic.errorCode)
            guard code == .none else {
                throw ClientError(answer.broker, .receive(.metadata), .topicRefused(topic.name ?? "", code))
            }
        }
    }

    private func isFresh(_ topic: Topic) -> Bool { !topic.isStale && clock.now - topic.fetched < age }

    private func ask(_ names: [String]?, until deadline: Instant) throws(ClientError) -> Admin.MetadataAnswer {
        let left = max(1, (deadline - clock.now).wholeMilliseconds)
        let taken = state.wait(milliseconds: left) { state -> Admin? in
            defer { state.admin = nil }
            return state.admin
        }
        guard let admin = taken else {
            throw ClientError("the cluster", .receive(.metadata), .timedOut(milliseconds: left))
        }
        defer { state.update { $0.admin = admin } }
        let answer = try admin.askMetadata(names, missing: missing, until: deadline)
        let now = clock.now
        state.update { apply(answer, at: now, to: &$0) }
        return answer
    }

    private func apply(_ answer: Admin.MetadataAnswer, at now: Instant, to state: inout State) {
        state.clusterID = answer.cluster.clusterID
        for broker in answer.cluster.brokers { state.brokers[broker.id] = broker }
        for topic in answer.topics {
            guard let name = topic.name else { continue }
            let code = ErrorCode(code: topic.errorCode)
            if code == .unknownTopicOrPartition { state.topics[name]?.isMissing = true }
            guard code == .none else { continue }
            let before = state.topics[name]?.id == topic.topicId ? state.topics[name]?.partitions ?? [] : []
            state.topics[name] = Topic(
                name: name, id: topic.topicId, isInternal: topic.isInternal,
                partitions: Self.partitions(topic.partitions, before: before), fetched: now)
        }
    }

    private static func partitions(
        _ told: [MetadataResponse.MetadataResponsePartition], before: [Partition]
    ) -> [Partition] {
        let known = told.filter { (0..<told.count + gapMax).contains(Int($0.partitionIndex)) }
        let count = known.map { Int($0.partitionIndex) + 1 }.max() ?? 0
        var partitions = [Partition](repeating: Partition(), count: count)
        for partition in known {
            let index = Int(partition.partitionIndex)
            partitions[index] = Partition(
                leader: partition.leaderId, leaderEpoch: partition.leaderEpoch, replicas: partition.replicaNodes,
                isr: partition.isrNodes)
            // A broker that lags behind may answer with an older leader than another has told.
            if before.indices.contains(index), before[index].leaderEpoch > partition.leaderEpoch,
                partition.leaderEpoch >= 0
            {
                partitions[index] = before[index]
            }
        }
        return partitions
    }
}
