import CommandLine
import Glibc
import KafkaClient
import KafkaModel

/// `skafka log-dirs --alter`: has a broker move replicas to another directory and, if asked, waits for them.
struct LogDirsMove {
    private let replicas: [TopicPartition]
    private let path: String
    private let broker: Int32
    private let waits: Bool

    private static let pollMicroseconds: UInt32 = 250_000

    init(_ arguments: Arguments) throws(UsageError) {
        try arguments.require("replica", "to", "broker")
        var replicas: [TopicPartition] = []
        for word in arguments.values("replica").flatMap({ $0.split(separator: ",") }) {
            guard let dash = word.lastIndex(of: "-"), dash != word.startIndex,
                let index = Int32(word[word.index(after: dash)...]), index >= 0
            else { throw UsageError("'\(word)' is no replica: a topic, a dash and the number of a partition") }
            let replica = TopicPartition(String(word[..<dash]), index)
            if !replicas.contains(replica) { replicas.append(replica) }
        }
        self.replicas = replicas
        let path = arguments.value("to") ?? ""
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        broker = try LogDirs.Request.broker(arguments.value("broker") ?? "")
        waits = arguments.has("wait")
    }

    func run(_ admin: Admin, _ environment: Environment) throws(ClientError) -> ExitCode {
        var code = ExitCode.done
        var begun: [TopicPartition] = []
        for (replica, error) in try admin.alterReplicaLogDirs(broker: broker, replicas, to: path) {
            if error == .none {
                begun.append(replica)
                guard !waits else { continue }
                environment.console.print(
                    "Successfully started moving log directory to \(path) for replica \(replica) with broker \(broker)")
            } else {
                environment.complain("cannot move \(replica) to \(path): \(reason(error)) (\(error.name))")
                code = .failed
            }
        }
        guard waits, !begun.isEmpty else { return code }
        return try wait(for: begun, admin, environment) ? code : .failed
    }

    private func reason(_ error: ErrorCode) -> String {
        switch error {
        case .logDirNotFound: "broker \(broker) has no such log directory"
        case .replicaNotAvailable: "broker \(broker) has no such replica yet; when it is made it will lie there"
        case .kafkaStorageError: "a log directory of broker \(broker) is out of service"
        default: error.message
        }
    }

    /// Asks again and again until every replica is where it shall be; false if one will not come.
    private func wait(
        for begun: [TopicPartition], _ admin: Admin, _ environment: Environment
    ) throws(ClientError) -> Bool {
        var left = begun
        var hasAllArrived = true
        var told = ""
        while true {
            let directories = try admin.describeLogDirs(broker: broker, partitions: left)
            var lags: [String] = []
            left.removeAll { replica in
                let places = directories.flatMap { directory in
                    directory.replicas.filter { $0.partition == replica }.map { (directory.path, $0) }
                }
                if let copy = places.first(where: { $0.1.isFuture && $0.0 == path }) {
                    lags.append("\(replica) has \(copy.1.offsetLag) records to go")
                    return false
                }
                if places.contains(where: { !$0.1.isFuture && $0.0 == path }) {
                    environment.console.print("Replica \(replica) is in \(path) on broker \(broker)")
                } else {
                    environment.complain(
                        "the move of \(replica) to \(path) has ended without it", hint: "The broker's log says why.")
                    hasAllArrived = false
                }
                return true
            }
            guard !left.isEmpty else { return hasAllArrived }
            let news = lags.joined(separator: ", ")
            if news != told { environment.console.tell(news) }
            told = news
            usleep(Self.pollMicroseconds)
        }
    }
}
