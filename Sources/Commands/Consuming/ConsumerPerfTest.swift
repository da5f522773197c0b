import CommandLine
import Configuration
import Glibc
import KafkaClient
import KafkaModel
import KafkaRecords
import Timing

/// `skafka consumer-perf-test`: how fast records can be read.
enum ConsumerPerfTest {
    static let declaration = Command(
        "consumer-perf-test", summary: "Measure how fast records can be read",
        description: [
            "Reads so many records and prints how much came in which time. MB are 1,048,576 bytes of keys and values.",
            "When fewer records come than were asked for, the exit code is 1, where Kafka's tool says 0.",
            "It is a member of a group, by default of one of its own. rebalance.time.ms is how long it had no partition "
                + "because the group was shared, and counts neither into fetch.time.ms nor into the figures behind it.",
        ],
        options: ClientOptions.options(configFormerly: ["consumer.config"], serverFormerly: ["broker-list"]) + [
            ClientOptions.property(),
            ZooKeeperBootstrap.option,
            Option("topic", .value("String: topic"), help: "The topic to read.", completion: .topics),
            Option(
                "include", .value("String: Java regex (String)"), help: "Read all topics whose whole name matches."),
            Option(
                "num-records", .value("Long: count"), help: "How many records to read.", isRequired: true,
                formerly: ["messages"]),
            Option(
                "group", .value("String: gid"),
                help: "The consumer group to be a member of (default: perf-consumer- and a random number).",
                completion: .groups),
            Option(
                "fetch-size", .value("Integer: size"), help: "Bytes of one partition in one answer.",
                default: "1048576"),
            Option("from-latest", help: "Begin with the next new record instead of the oldest."),
            Option(
                "socket-buffer-size", .value("Integer: size"),
                help: "Receive buffer of the sockets; without it the system chooses."),
            Option("print-metrics", help: "Print the consumer's own figures at the end."),
            Option("show-detailed-stats", help: "Print a row every --reporting-interval instead of one at the end."),
            Option(
                "timeout", .value("Long: milliseconds"),
                help: "End when no record comes for so many milliseconds.", default: "10000"),
            Option(
                "reporting-interval", .value("Integer: interval_ms"),
                help: "Milliseconds between two rows.", default: "5000"),
            Option(
                "date-format", .value("String: date format"),
                help: "How times are printed, as java.text.SimpleDateFormat has it.", default: "yyyy-MM-dd HH:mm:ss:SSS"
            ),
            Option("hide-header", help: "Do not print the row of names."),
            Option(
                "threads", .value("Integer: count"),
                help: "Of Kafka before 4.0, which ignores it and says so, as this does."),
            Option("num-fetch-threads", .value("Integer: count"), help: "As --threads."),
        ],
        examples: [
            Command.Example(
                "skafka consumer-perf-test --bootstrap-server localhost:9092 --topic t --num-records 1000000",
                does: "Read a million records as fast as possible.")
        ],
        isKafkaTool: true, deprecation: .warning,
        classNames: ["org.apache.kafka.tools.ConsumerPerformance", "kafka.tools.ConsumerPerformance"])

    struct Request {
        let topic: String?
        let filter: TopicFilter?
        let recordsMax: Int64
        let timeoutMs: Int64
        let intervalMs: Int64
        let isDetailed: Bool
        let hidesHeader: Bool
        let printsMetrics: Bool
        let format: SimpleDateFormat
        /// Settings of the consumer that options stand for.
        let settings: [String: String]

        init(_ arguments: Arguments) throws(UsageError) {
            topic = arguments.value("topic")
            guard (topic == nil) != (arguments.value("include") == nil) else {
                throw UsageError("Exactly one of the following arguments is required: [topic], [include]")
            }
            filter = try arguments.value("include").map { text throws(UsageError) in try TopicFilter(text) }
            recordsMax = try ConsoleRequest.number(arguments, "num-records") ?? 0
            timeoutMs = try ConsoleRequest.number(arguments, "timeout") ?? 10_000
            intervalMs = try ConsoleRequest.number(arguments, "reporting-interval") ?? 5000
            guard intervalMs > 0 else { throw UsageError("Reporting interval must be greater than 0.") }
            isDetailed = arguments.has("show-detailed-stats")
            hidesHeader = arguments.has("hide-header")
            printsMetrics = arguments.has("print-metrics")
            let pattern = arguments.value("date-format") ?? "yyyy-MM-dd HH:mm:ss:SSS"
            guard let format = SimpleDateFormat(pattern) else {
                throw UsageError("'\(pattern)' is no date format", hint: "It may have y M d E H h m s S a Z X.")
            }
            self.format = format
            var settings = ["auto.offset.reset": arguments.has("from-latest") ? "latest" : "earliest"]
            if arguments.has("fetch-size") { settings["max.partition.fetch.bytes"] = arguments.value("fetch-size") }
            settings["receive.buffer.bytes"] = arguments.value("socket-buffer-size")
            // As Kafka's tool: the figures are of reading, not of checking.
            settings["check.crcs"] = "false"
            settings["group.id"] = arguments.value("group") ?? "perf-consumer-\(Int.random(in: 0..<100_000))"
            self.settings = settings
        }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        if arguments.has("threads") || arguments.has("num-fetch-threads") {
            environment.console.tell(
                "WARNING: option [threads] and [num-fetch-threads] have been deprecated and will be ignored by the test"
            )
        }
        let request = try Request(arguments)
        guard var properties = try ClientOptions.properties(arguments, environment, attempt: "read records") else {
            return .failed
        }
        properties.merge(request.settings) { $1 }
        do throws(ConfigurationError) {
            let configuration = try ConsumerConfiguration(properties, defaultClientID: "perf-consumer-client")
            for notice in configuration.client.notices { environment.console.tell("skafka: \(notice)") }
            var run = ConsumerPerfRun(request, configuration, environment)
            return run.run()
        } catch {
            environment.complain("cannot read records: \(error)")
            return .failed
        }
    }
}

/// The measuring.
private struct ConsumerPerfRun {
    private let request: ConsumerPerfTest.Request
    private let environment: Environment
    private let consumer: Consumer
    private let report: ConsumerPerfReport
    private let start: Timestamp
    private let rebalances: RebalanceTime
    private var records: Int64 = 0
    private var bytes: Int64 = 0
    private var polls: Int64 = 0
    private var batches: Int64 = 0
    private var shown: (at: Timestamp, records: Int64, bytes: Int64)

    init(_ request: ConsumerPerfTest.Request, _ configuration: ConsumerConfiguration, _ environment: Environment) {
        self.request = request
        self.environment = environment
        consumer = Consumer(configuration)
        report = ConsumerPerfReport(format: request.format)
        start = Clock.system.timestamp
        rebalances = RebalanceTime(start)
        shown = (start, 0, 0)
    }

    mutating func run() -> ExitCode {
        environment.attendant?.handOver()
        let signals = SignalWatch()
        let console = environment.console
        if !request.hidesHeader {
            console.print(request.isDetailed ? ConsumerPerfReport.detailedHeading : ConsumerPerfReport.heading)
        }
        join()
        var code = ExitCode.done
        do throws(ConsumerError) {
            code = try read(signals)
        } catch {
            environment.complain("cannot read records: \(error)")
            code = .failed
        }
        let end = Clock.system.timestamp
        if request.isDetailed, records > shown.records { printInterval(end) }
        if !request.isDetailed {
            console.print(
                report.total(
                    from: start, to: end, bytes: bytes, records: records, rebalancing: rebalances.total))
        }
        if request.printsMetrics { printMetrics(end) }
        consumer.close()
        return code
    }

    private func join() {
        let rebalances = rebalances
        let listener = RebalanceListener(
            revoked: { rebalances.revoked($0, at: Clock.system.timestamp) },
            assigned: { rebalances.assigned($0, at: Clock.system.timestamp) })
        if let topic = request.topic { consumer.join(.topics([topic]), listener: listener) }
        if let filter = request.filter {
            let excludesInternal = consumer.configuration.excludesInternalTopics
            consumer.join(
                .matching { name, _ in filter.allows(name, excludingInternal: excludesInternal) }, listener: listener)
        }
    }

    private mutating func read(_ signals: SignalWatch) throws(ConsumerError) -> ExitCode {
        var watched = [pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0)]
        var last = Clock.system.now
        while records < request.recordsMax {
            let polled = try consumer.poll(until: last + .milliseconds(request.timeoutMs), watching: &watched) {
                count(&$0)
            }
            switch polled {
            case .records:
                polls += 1
                last = Clock.system.now
            case .noticed: for notice in consumer.takeNotices() { environment.complain("\(notice)") }
            case .watched:
                environment.complain("interrupted: \(records) of \(request.recordsMax) records were read")
                return .interrupted
            case .nothing:
                environment.console.tell(
                    "WARNING: Exiting before consuming the expected number of records: timeout "
                        + "(\(request.timeoutMs) ms) exceeded. You can use the --timeout option to increase the timeout."
                )
                return .failed
            }
            let now = Clock.system.timestamp
            if request.isDetailed, now.milliseconds - shown.at.milliseconds >= request.intervalMs { printInterval(now) }
        }
        return .done
    }

    private mutating func count(_ batch: inout ConsumedBatch) -> Consumer.Flow {
        batches += 1
        var records: Int64 = 0
        var bytes: Int64 = 0
        let left = request.recordsMax - self.records
        while records < left, let record = batch.next() {
            records += 1
            bytes += Int64((record.key?.count ?? 0) + (record.value?.count ?? 0))
        }
        self.records += records
        self.bytes += bytes
        return self.records < request.recordsMax ? .goOn : .stop
    }

    private mutating func printInterval(_ now: Timestamp) {
        environment.console.print(
            report.interval(
                at: now, since: shown.at, bytes: bytes, records: records, newBytes: bytes - shown.bytes,
                newRecords: records - shown.records, rebalancing: rebalances.takeRound()))
        shown = (now, records, bytes)
    }

    private func printMetrics(_ end: Timestamp) {
        let seconds = Double(max(1, end.milliseconds - start.milliseconds)) / 1000
        let client = consumer.configuration.client.clientID
        let rows: [(name: String, value: Double)] = [
            ("batches-consumed-total", Double(batches)), ("bytes-consumed-rate", Double(bytes) / seconds),
            ("bytes-consumed-total", Double(bytes)), ("fetch-total", Double(polls)),
            ("records-consumed-rate", Double(records) / seconds), ("records-consumed-total", Double(records)),
        ]
        let names = rows.map { "consumer-fetch-manager-metrics:\($0.name):{client-id=\(client)}" }
        let width = names.map(\.count).max() ?? 0
        func padded(_ text: String) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        environment.console.print("\n" + padded("Metric Name") + "   Value")
        for (name, row) in zip(names, rows) { environment.console.print("\(padded(name)) : \(decimals(row.value, 3))") }
    }
}
