import Bytes
import CommandLine
import KafkaClient

/// What a command line asks of `skafka topics`.
struct TopicsRequest {
    enum Action {
        case list
        case describe(Description)
        case create(NewTopic)
        case alter(partitions: Int32, assignment: [[Int32]])
        case delete
    }

    /// What `--describe` shows.
    struct Description {
        /// Wins over names.
        var topicID: UUID?
        var filters: Set<Filter> = []
        var onlyOverrides = false
        var pageSize: Int32 = 2000
    }

    enum Filter: String, CaseIterable {
        case underReplicated = "under-replicated-partitions"
        case underMinISR = "under-min-isr-partitions"
        case atMinISR = "at-min-isr-partitions"
        case unavailable = "unavailable-partitions"
    }

    let action: Action
    /// As it was given.
    let topic: String?
    let filter: TopicFilter?
    let missingIsFine: Bool
    let existingIsFine: Bool
    let excludesInternal: Bool
    let form: OutputForm
    let notices: [String]

    private static let actions = ["list", "describe", "create", "alter", "delete"]

    init(_ arguments: Arguments) throws(ToolRefusal) {
        let action = try ToolRefusal.reading { () throws(UsageError) in
            try arguments.requireOneAction(Self.actions, saying: "--list, --describe, --create, --alter or --delete")
        }
        form = try ToolRefusal.reading { () throws(UsageError) in
            try Self.check(action, arguments)
            return try OutputForm(arguments)
        }
        topic = arguments.value("topic")
        missingIsFine = arguments.has("if-exists")
        existingIsFine = arguments.has("if-not-exists")
        excludesInternal = arguments.has("exclude-internal")
        notices = Self.notices(action, arguments)
        switch action {
        case "list": self.action = .list
        case "describe": self.action = .describe(try Description(arguments))
        case "create": self.action = .create(try Self.newTopic(arguments))
        case "alter":
            self.action = .alter(
                partitions: arguments.int("partitions") ?? 0, assignment: try Self.assignment(arguments))
        default: self.action = .delete
        }
        if let topic, action != "create" {
            do throws(UsageError) {
                filter = try TopicFilter(topic)
            } catch {
                throw .plain(Topics.failure + error.message, hint: error.hint)
            }
        } else {
            filter = nil
        }
    }

    private static func notices(_ action: String, _ arguments: Arguments) -> [String] {
        var notices: [String] = []
        if arguments.has("delete-config") {
            notices.append(
                "delete-config option is no longer supported and deprecated since version 4.0. The config will be fully "
                    + "removed in future releases.")
        }
        if action == "describe", arguments.has("if-exists"), arguments.has("topic"), arguments.has("topic-id") {
            notices.append(
                "Only topic id will be used when both --topic and --topic-id are specified and topicId is not "
                    + "Uuid.ZERO_UUID")
        }
        return notices
    }

    /// Which options go together.
    private static func check(_ action: String, _ arguments: Arguments) throws(UsageError) {
        func only(_ option: String, with allowed: String...) throws(UsageError) {
            try arguments.refuse(option, with: actions.filter { !allowed.contains($0) })
        }
        if action == "describe", arguments.has("if-exists"), !arguments.has("topic"), !arguments.has("topic-id") {
            throw UsageError("--topic or --topic-id is required to describe a topic")
        }
        if action != "list", action != "describe" { try arguments.require("topic") }
        if action == "alter" {
            if arguments.has("config") {
                throw UsageError(
                    "Option combination \"[[bootstrap-server], [config]]\" can't be used with option \"[alter]\" "
                        + "(To alter topic configurations, the kafka-configs tool can be used.)")
            }
            try arguments.require("partitions")
        }
        try only("config", with: "alter", "create")
        try only("partitions", with: "alter", "create")
        try only("replication-factor", with: "create")
        try only("replica-assignment", with: "alter", "create")
        if action == "create" { try arguments.refuse("replica-assignment", with: "partitions", "replication-factor") }
        let filters = Filter.allCases.map(\.rawValue)
        for filter in filters {
            try only(filter, with: "describe")
            try arguments.refuse(filter, with: "topics-with-overrides")
        }
        try only("topics-with-overrides", with: "describe")
        try only("if-exists", with: "alter", "delete", "describe")
        try only("if-not-exists", with: "create")
        try only("exclude-internal", with: "list", "describe")
        // Kafka's tool takes these and does nothing with them.
        try only("topic-id", with: "describe")
        if arguments.has("partition-size-limit-per-response") {
            try only("partition-size-limit-per-response", with: "describe")
        }
        if arguments.has("output") { try only("output", with: "list", "describe") }
    }

    private static func newTopic(_ arguments: Arguments) throws(ToolRefusal) -> NewTopic {
        var topic = NewTopic(arguments.value("topic") ?? "")
        topic.assignments = try assignment(arguments)
        topic.configs = try configs(arguments.values("config"))
        if let factor = arguments.int("replication-factor") {
            guard let factor = Int16(exactly: factor), factor >= 1 else {
                throw .plain(Topics.failure + "The replication factor must be between 1 and 32767 inclusive")
            }
            topic.replicationFactor = factor
        }
        if let partitions = arguments.int("partitions") {
            guard partitions >= 1 else { throw .plain(Topics.failure + "The partitions must be greater than 0") }
            topic.partitions = partitions
        }
        return topic
    }

    private static func configs(_ pairs: [String]) throws(ToolRefusal) -> [(name: String, value: String)] {
        var configs: [(name: String, value: String)] = []
        for pair in pairs {
            let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map(trimmed)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw .plain(
                    Topics.failure + "requirement failed: Invalid topic config: all configs to be added must be in the "
                        + "format \"key=val\".")
            }
            configs.removeAll { $0.name == parts[0] }
            configs.append((parts[0], parts[1]))
        }
        return configs
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0.isWhitespace }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// `1:2,2:3`: the brokers of each partition.
    static func assignment(_ arguments: Arguments) throws(ToolRefusal) -> [[Int32]] {
        guard let text = arguments.value("replica-assignment"), !text.isEmpty else { return [] }
        var lists: [[Int32]] = []
        for (index, part) in text.split(separator: ",", omittingEmptySubsequences: false).enumerated() {
            var brokers: [Int32] = []
            var repeated: [Int32] = []
            for word in part.split(separator: ":", omittingEmptySubsequences: false) {
                guard let broker = Int32(trimmed(word)) else {
                    throw .plain(Topics.failure + "'\(trimmed(word))' in --replica-assignment is no broker id")
                }
                if brokers.contains(broker), !repeated.contains(broker) { repeated.append(broker) }
                brokers.append(broker)
            }
            guard repeated.isEmpty else {
                let list = repeated.map(String.init).joined(separator: ",")
                throw .plain(Topics.failure + "Partition replica lists may not contain duplicate entries: \(list)")
            }
            guard brokers.count == lists.first?.count ?? brokers.count else {
                throw .plain(Topics.failure + "Partition \(index) has different replication factor: \(brokers)")
            }
            lists.append(brokers)
        }
        return lists
    }
}

extension TopicsRequest.Description {
    fileprivate init(_ arguments: Arguments) throws(ToolRefusal) {
        filters = Set(TopicsRequest.Filter.allCases.filter { arguments.has($0.rawValue) })
        onlyOverrides = arguments.has("topics-with-overrides")
        pageSize = arguments.int("partition-size-limit-per-response") ?? 2000
        guard pageSize >= 1 else {
            throw .plain(Topics.failure + "The partition size limit per response must be greater than 0")
        }
        guard let text = arguments.value("topic-id") else { return }
        guard let id = UUID(text) else {
            let why =
                text.utf8.count > 24
                ? "Input string with prefix `\(text.prefix(24))` is too long to be decoded as a base64 UUID"
                : "Input string `\(text)` is not a base64-encoded UUID"
            throw .plain(Topics.failure + why)
        }
        topicID = id == .zero ? nil : id
    }
}
