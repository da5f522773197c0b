import CommandLine
import KafkaModel

/// What `skafka dev` is to set up.
struct DevRequest: Equatable {
    struct Topic: Equatable {
        let name: String
        /// -1 is the broker's default.
        let partitions: Int32
    }

    /// Empty when the broker is to serve until Ctrl-C.
    let command: [String]
    let topics: [Topic]
    let overrides: [String]
    /// 0 lets the system choose.
    let port: UInt16
    let logFile: String?
    let keepsDirectory: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        command = arguments.operands
        overrides = arguments.values("override")
        logFile = arguments.value("log")
        keepsDirectory = arguments.has("keep")
        let word = arguments.value("port") ?? "0"
        guard let port = UInt16(word) else { throw UsageError("Cannot parse argument '\(word)' of option port") }
        self.port = port
        var topics: [Topic] = []
        for word in arguments.values("topic") {
            let topic = try Self.topic(word)
            if topics.contains(where: { $0.name == topic.name }) {
                throw UsageError("topic '\(topic.name)' is named twice")
            }
            topics.append(topic)
        }
        self.topics = topics
    }

    private static func topic(_ word: String) throws(UsageError) -> Topic {
        var name = word[...]
        var partitions: Int32 = -1
        if let colon = word.lastIndex(of: ":") {
            name = word[..<colon]
            let count = word[word.index(after: colon)...]
            guard let number = Int32(count), number > 0 else {
                throw UsageError("'\(count)' is no number of partitions for topic '\(name)'")
            }
            partitions = number
        }
        if let problem = TopicName.problem(with: String(name)) {
            throw UsageError("'\(word)' is no name[:partitions]: \(problem)")
        }
        return Topic(name: String(name), partitions: partitions)
    }

    /// The settings of the broker in `directory`, weakest first: one node, in a hurry, on this machine only.
    func overrides(in directory: String) -> [String] {
        [
            "listeners=PLAINTEXT://127.0.0.1:\(port)",
            "log.dirs=\(directory)/data",
            "group.initial.rebalance.delay.ms=0",
            "offsets.topic.replication.factor=1",
            "transaction.state.log.replication.factor=1",
            "transaction.state.log.min.isr=1",
        ] + overrides
    }
}
