import Bytes
import CommandLine
import Glibc
import KafkaClient
import KafkaModel
import Posix
import Timing

/// `skafka replica-verification`.
enum ReplicaVerification {
    static let declaration = Command(
        "replica-verification", summary: "Compare the replicas of partitions, for as long as it runs",
        description: [
            "Reads every replica of partitions at once and compares offsets and checksums of their batches, up to the high "
                + "watermark. From time to time it tells how far behind the comparison is; a difference is told at once. It "
                + "runs until it is interrupted, or until two replicas hold different offsets, which ends it with exit code "
                + "1.",
            "A broker that does not answer holds up the comparison of its partitions until it is back.",
        ],
        options: [
            Option(
                "broker-list", .value("hostname:port,...,hostname:port"),
                help: "Where to reach the cluster: host:port, several separated by commas. Without it "
                    + "SKAFKA_BOOTSTRAP_SERVER counts."),
            Option(
                "fetch-size", .value("Integer: bytes"),
                help: "How much to read of a partition at once.", default: "1048576"),
            Option(
                "max-wait-ms", .value("Integer: ms"),
                help: "How long brokers wait for records when there are none.", default: "1000"),
            Option(
                "topics-include", .value("Java regex (String)"),
                help: "The topics, as a regular expression.", default: ".*"),
            Option(
                "time", .value("Long: timestamp/-1(latest)/-2(earliest)"),
                help: "Where to begin: at the end, at the beginning, or at a time in milliseconds since 1970.",
                default: "-1"),
            Option(
                "report-interval-ms", .value("Long: ms"), help: "How often to tell how far it is.",
                default: "30000"),
        ],
        examples: [
            Command.Example(
                "skafka replica-verification --broker-list localhost:9092 --topics-include orders --time -2",
                does: "Compare all replicas of orders from the beginning.")
        ],
        isKafkaTool: true,
        classNames: ["org.apache.kafka.tools.ReplicaVerificationTool", "kafka.tools.ReplicaVerificationTool"])

    /// What a command line asks for.
    struct Request {
        let topics: TopicFilter
        let fetchBytes: Int32
        let waitMilliseconds: Int32
        let from: OffsetSpec
        let reportInterval: Duration

        init(_ arguments: Arguments) throws(UsageError) {
            func number(_ name: String, _ value: Int64, _ range: ClosedRange<Int64>) throws(UsageError) -> Int64 {
                guard let text = arguments.value(name) else { return value }
                guard let number = Int64(text), range.contains(number) else {
                    throw UsageError("Cannot parse argument '\(text)' of option \(name)")
                }
                return number
            }
            topics = try TopicFilter(arguments.value("topics-include") ?? ".*")
            fetchBytes = Int32(try number("fetch-size", 1_048_576, 1...Int64(Int32.max)))
            waitMilliseconds = Int32(try number("max-wait-ms", 1000, 0...Int64(Int32.max)))
            from = try OffsetSpec("\(try number("time", -1, -6 ... .max))")
            reportInterval = .milliseconds(try number("report-interval-ms", 30_000, 0...1 << 40))
        }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let request = try Request(arguments)
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "replica-verification", attempt: "verify replicas",
            servers: "broker-list"
        ) { (admin) throws(ClientError) in
            guard var run = try ReplicaVerificationRun(request, admin) else {
                environment.console.tell(
                    "No topics found. \(request.topics.text) if specified, is either filtering out all topics or there "
                        + "is no topic.")
                return .failed
            }
            let console = environment.console
            console.print("\(now): verification process is started")
            let state = Guarded(run.state)
            environment.attendant?.watch { state.withLock { $0 } }
            while true {
                for finding in run.round(admin, problem: { console.tell($0) }) {
                    console.print("\(now): \(finding.text)")
                    if finding.isFinal { return .failed }
                }
                state.withLock { $0 = run.state }
                if let line = run.report(at: Clock.system.now) { console.print("\(now): \(line)") }
            }
        }
    }

    private static var now: String { CalendarTime(Clock.system.timestamp).logForm }
}

/// A verification under way: which replicas there are and how far they were compared.
struct ReplicaVerificationRun {
    private let request: ReplicaVerification.Request
    private let brokers: [Int32: [TopicPartition]]
    private let replicas: [TopicPartition: Int]
    private let topicIDs: [String: UUID]
    private var comparison: ReplicaComparison
    private var lastReport = Clock.system.now
    /// What each broker failed with last, so that it is told once.
    private var problems: [Int32: String] = [:]

    /// Nil where no topic is meant.
    init?(_ request: ReplicaVerification.Request, _ admin: Admin) throws(ClientError) {
        self.request = request
        let topics = try admin.metadata().filter { request.topics.allows($0.name) }
        guard !topics.isEmpty else { return nil }
        var brokers: [Int32: [TopicPartition]] = [:]
        var replicas: [TopicPartition: Int] = [:]
        for topic in topics {
            for place in topic.partitions {
                let partition = TopicPartition(topic.name, place.index)
                for id in place.replicas { brokers[id, default: []].append(partition) }
                replicas[partition] = place.replicas.count
            }
        }
        self.brokers = brokers
        self.replicas = replicas
        topicIDs = Dictionary(topics.map { ($0.name, $0.id) }, uniquingKeysWith: { first, _ in first })
        let partitions = Array(replicas.keys)
        let ends = try admin.listOffsets(partitions, .latest)
        let starts = request.from == .latest ? ends : try admin.listOffsets(partitions, request.from)
        var offsets: [TopicPartition: Int64] = [:]
        for partition in partitions {
            // Behind the last record of a time asked for there is only the end.
            var offset = try starts[partition]?.get()
            if offset == nil { offset = try ends[partition]?.get() }
            if let offset { offsets[partition] = offset }
        }
        comparison = ReplicaComparison(from: offsets)
    }

    /// Reads from every broker and compares what all replicas of a partition answered.
    mutating func round(_ admin: Admin, problem tell: (String) -> Void) -> [ReplicaComparison.Finding] {
        var answers: [TopicPartition: [Int32: ReplicaRecords]] = [:]
        // One after the other they wait together as long as one would.
        let wait = request.waitMilliseconds / Int32(clamping: max(1, brokers.count))
        for (broker, partitions) in brokers.sorted(by: { $0.key < $1.key }) {
            do throws(ClientError) {
                let positions = partitions.map {
                    Admin.ReplicaPosition(
                        $0, topicID: topicIDs[$0.topic] ?? .zero, offset: comparison.offsets[$0] ?? 0)
                }
                let found = try admin.fetchReplicas(
                    of: broker, positions, bytesMax: request.fetchBytes, waitMilliseconds: max(wait, 1))
                for (partition, records) in found where records.error == .none {
                    answers[partition, default: [:]][broker] = records
                }
                problems[broker] = nil
            } catch {
                if problems[broker] != error.description { tell("skafka: \(error)") }
                problems[broker] = error.description
                pause()
            }
        }
        return comparison.compare(answers.filter { $0.value.count == replicas[$0.key] })
    }

    private func pause() { usleep(100_000) }

    /// How far it is, when it is time to tell.
    mutating func report(at now: Instant) -> String? {
        guard now - lastReport > request.reportInterval else { return nil }
        lastReport = now
        return farthestBehind
    }

    /// How far it is at any time.
    var state: String {
        comparison.worst.partition == nil
            ? "no record of \(replicas.count) partitions was compared yet" : farthestBehind
    }

    private var farthestBehind: String {
        let worst = comparison.worst
        return "max lag is \(worst.lag) for partition \(worst.partition?.description ?? "null") at offset "
            + "\(worst.offset) among \(replicas.count) partitions"
    }
}
