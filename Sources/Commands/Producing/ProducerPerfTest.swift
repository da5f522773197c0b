import CommandLine
import Configuration
import KafkaClient
import Posix
import Timing

/// `skafka producer-perf-test`: how fast records can be sent, and how long each takes.
enum ProducerPerfTest {
    static let declaration = Command(
        "producer-perf-test", summary: "Measure how fast records can be sent", dialect: .argparse,
        description: [
            "Sends so many records as fast as --throughput allows and prints, every five seconds and at the end, how many "
                + "arrived in a second and how long a record took from being sent to being acknowledged.",
            "The settings of the producer decide what is measured: acks, linger.ms, batch.size, compression.type and "
                + "buffer.memory above all. Without --throughput -1 the figures of latency are those of that rate; with it "
                + "they are those of a full queue.",
            "Records that fail are counted, and then it ends with 1.",
        ],
        options: [
            Option(
                "bootstrap-server", .value("BOOTSTRAP-SERVERS"),
                help:
                    "Where to reach the cluster: host:port, several separated by commas. Without it bootstrap.servers of "
                    + "the properties counts, then SKAFKA_BOOTSTRAP_SERVER."),
            Option(
                "topic", .value("TOPIC"), help: "Where to send to.", isRequired: true, completion: .topics),
            Option(
                "num-records", .value("NUM-RECORDS"), help: "How many records to send.", isRequired: true, type: .long),
            Option(
                "record-size", .value("RECORD-SIZE"),
                help: "Bytes of each record's value, which is made of random letters.",
                group: "payload", type: .integer),
            Option(
                "payload-file", .value("PAYLOAD-FILE"), help: "Send the lines of this file, chosen at random.",
                group: "payload", completion: .files),
            Option("payload-monotonic", help: "Send the numbers of the records.", group: "payload"),
            Option(
                "payload-delimiter", .value("PAYLOAD-DELIMITER"), help: "What ends a value in --payload-file.",
                default: "\\n"),
            Option(
                "throughput", .value("THROUGHPUT"), help: "Records a second at most; -1 is as fast as it goes.",
                isRequired: true, type: .double),
            Option(
                "command-property", .several("PROP-NAME=PROP-VALUE"),
                help: "Settings of the producer; they win over the file's.",
                formerly: ["producer-props"]),
            Option(
                "command-config", .value("CONFIG-FILE"), help: "A properties file for the producer.",
                completion: .files,
                formerly: ["producer.config"]),
            Option("print-metrics", help: "Print the producer's own figures at the end."),
            Option(
                "transactional-id", .value("TRANSACTIONAL-ID"),
                help: "Send in transactions. This version has none and refuses it."),
            Option(
                "transaction-duration-ms", .value("TRANSACTION-DURATION"),
                help: "How long each transaction is. This version has none and refuses it.", type: .long),
            Option(
                "warmup-records", .value("WARMUP-RECORDS"),
                help: "So many records at the beginning are left out of a second line at the end.", default: "0",
                type: .long),
            Option(
                "reporting-interval", .value("INTERVAL-MS"), help: "Milliseconds between two lines.", default: "5000",
                type: .long),
        ],
        examples: [
            Command.Example(
                "skafka producer-perf-test --bootstrap-server localhost:9092 --topic t --num-records 1000000 --record-size 100 "
                    + "--throughput -1 --command-property acks=1",
                does: "Send a million records of 100 bytes as fast as possible, acknowledged by the leader.")
        ],
        isKafkaTool: true, requiredGroups: ["payload"], deprecation: .hasBeenDeprecated,
        classNames: ["org.apache.kafka.tools.ProducerPerformance"])

    /// What a command line asks for.
    struct Request {
        let topic: String
        let records: Int
        let rate: Double?
        let warmup: Int
        let interval: Duration
        let printsMetrics: Bool
        let payload: Payload

        enum Payload: Equatable {
            case random(bytes: Int)
            case file(String, delimiter: String)
            case monotonic
        }

        init(_ arguments: Arguments) throws(UsageError) {
            guard !arguments.has("transactional-id"), !arguments.has("transaction-duration-ms") else {
                throw UsageError("transactions are not served by this version")
            }
            topic = arguments.value("topic") ?? ""
            records = try Self.positive("num-records", arguments, least: 1) ?? 0
            let throughput = Double(arguments.value("throughput") ?? "") ?? -1
            rate = throughput > 0 ? throughput : nil
            warmup = try Self.positive("warmup-records", arguments, least: 0) ?? 0
            interval = .milliseconds(try Self.positive("reporting-interval", arguments, least: 1) ?? 5000)
            printsMetrics = arguments.has("print-metrics")
            guard warmup < records else {
                throw UsageError(
                    "The value for --warmup-records must be strictly fewer than the number of records in the test, "
                        + "--num-records.")
            }
            if let path = arguments.value("payload-file") {
                payload = .file(path, delimiter: Self.unescaped(arguments.value("payload-delimiter") ?? "\\n"))
            } else if arguments.has("payload-monotonic") {
                payload = .monotonic
            } else {
                guard let bytes = try Self.positive("record-size", arguments, least: 1) else {
                    throw UsageError("--record-size should be greater than zero.")
                }
                payload = .random(bytes: bytes)
            }
        }

        private static func positive(
            _ name: String, _ arguments: Arguments, least: Int
        ) throws(UsageError) -> Int? {
            guard let text = arguments.value(name) else { return nil }
            guard let value = Int(text), value >= least else {
                throw UsageError("--\(name) should be greater than \(least == 0 ? "or equal to zero" : "zero").")
            }
            return value
        }

        /// As it is written on a command line: `\n`, `\t`.
        private static func unescaped(_ text: String) -> String {
            var result = ""
            var isEscaped = false
            for character in text {
                if isEscaped {
                    result.append(
                        character == "n" ? "\n" : character == "t" ? "\t" : character == "r" ? "\r" : character)
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else {
                    result.append(character)
                }
            }
            return result
        }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let request = try Request(arguments)
        for pair in arguments.values("command-property") where !pair.contains("=") {
            environment.console.tell("Invalid property: \(pair)")
            return .failed
        }
        guard let configuration = try configuration(arguments, environment) else { return .failed }
        let payload: PerfPayload
        switch request.payload {
        case .random(let bytes): payload = .random(PerfPayload.Letters(size: bytes, seed: 0x5eed))
        case .monotonic: payload = .monotonic
        case .file(let path, let delimiter):
            do throws(PerfPayload.PayloadFailure) {
                payload = .lines(try PerfPayload.lines(path, delimiter: delimiter))
            } catch {
                environment.console.tell(error.text)
                return .failed
            }
        }
        return send(request, payload, configuration, environment)
    }

    /// Kafka's tool complains of its command line only where nothing could name a cluster.
    private static func configuration(
        _ arguments: Arguments, _ environment: Environment
    ) throws(UsageError) -> ProducerConfiguration? {
        do throws(UsageError) {
            return try ProducingOptions.configuration(
                arguments, environment, clientID: "perf-producer-client", attempt: "measure the producer")
        } catch {
            guard error == ClientOptions.missingServer else { throw error }
            guard arguments.has("command-property") || arguments.has("command-config") else {
                throw UsageError(
                    "At least one of --bootstrap-server, --command-property, --producer-props, --producer.config or "
                        + "--command-config must be specified.")
            }
            environment.complain(
                "cannot measure the producer: No resolvable bootstrap urls given in bootstrap.servers",
                hint: "--bootstrap-server names the cluster.")
            return nil
        }
    }

    private static func send(
        _ request: Request, _ payload: PerfPayload, _ configuration: ProducerConfiguration, _ environment: Environment
    ) -> ExitCode {
        let clock = Clock.system
        let interrupts = InterruptListener(environment)
        defer { interrupts.end() }
        let start = clock.now
        let report = PerfReport(interval: request.interval, warmup: request.warmup, start: start, environment)
        let producer = Producer(configuration) { report.delivered($0, now: clock.now) }
        interrupts.watch { producer.figures.recordsSent }
        var pace = Pace(request.rate, from: start)
        var failure: ProducerError?
        var interruptedAfter: Int64?
        for record in 0..<request.records {
            pace.wait(clock) { interrupts.isInterrupted }
            if record & 0xff == 0, interrupts.isInterrupted {
                interruptedAfter = Int64(record)
                break
            }
            do throws(ProducerError) {
                try payload.with(record) { (value) throws(ProducerError) in
                    let token = report.token(bytes: value.byteCount, now: clock.now)
                    try producer.send(topic: request.topic, key: nil, value: value, token: token)
                }
            } catch {
                failure = error
                break
            }
        }
        let isComplete = producer.close(timeout: interruptedAfter == nil ? .seconds(Int64(Int32.max)) : .seconds(5))
        let (lines, failures) = report.finish(at: clock.now)
        for line in lines { environment.console.print(line) }
        if request.printsMetrics {
            for line in ProducerMetrics.lines(producer, elapsed: clock.now - start) { environment.console.print(line) }
        }
        if let failure { environment.console.tell("\(failure)") }
        for (text, count) in failures.sorted(by: { $0.key < $1.key }) {
            environment.complain("\(count) records were not sent: \(text)")
        }
        if let interruptedAfter {
            environment.complain("interrupted: \(interruptedAfter) of \(request.records) records were sent")
            return .interrupted
        }
        return failure == nil && failures.isEmpty && isComplete ? .done : .failed
    }
}
