import Bytes
import CommandLine
import Configuration
import Glibc
import KafkaClient
import KafkaModel
import KafkaRecords
import Timing

/// `skafka e2e-latency`: how long a record takes from being sent to being read, one record at a time.
enum EndToEndLatency {
    static let declaration = Command(
        "e2e-latency", summary: "Measure the time from sending to reading a record",
        description: [
            "Sends a record, waits until it is acknowledged and read again, and does so as often as asked. A topic that is "
                + "not there is created with one partition.",
            "The former form is understood too: broker_list topic num_records producer_acks record_size "
                + "[properties_file].",
        ],
        options: ClientOptions.options() + [
            Option("topic", .value("String: topic"), help: "The topic to send to and to read.", completion: .topics),
            Option("num-records", .value("Integer: count"), help: "How many records to send."),
            Option(
                "producer-acks", .value("String: producer acks"),
                help: "Who acknowledges a record: 1 (the leader) or all.", completion: .words(["1", "all"])),
            Option("record-size", .value("Integer: bytes"), help: "Bytes of each value."),
            Option("record-key-size", .value("Integer: bytes"), help: "Bytes of each key; 0 is none.", default: "0"),
            Option("num-headers", .value("Integer: count"), help: "Headers of each record.", default: "0"),
            Option(
                "record-header-key-size", .value("Integer: bytes"), help: "Bytes of each header's key.", default: "0"),
            Option(
                "record-header-size", .value("Integer: bytes"), help: "Bytes of each header's value.",
                default: "0"),
        ],
        operands: [
            Operand("broker_list", help: "As --bootstrap-server."), Operand("topic", help: "As --topic."),
            Operand("num_records", help: "As --num-records."), Operand("producer_acks", help: "As --producer-acks."),
            Operand("record_size", help: "As --record-size."),
            Operand("properties_file", help: "As --command-config.", completion: .files),
        ],
        isKafkaTool: true, classNames: ["org.apache.kafka.tools.EndToEndLatency", "kafka.tools.EndToEndLatency"])

    struct Request: Equatable {
        let topic: String
        let count: Int
        let acks: String
        let valueBytes: Int
        var keyBytes = 0
        var headers = 0
        var headerKeyBytes = 0
        var headerValueBytes = 0
        /// Of the former form.
        var servers: String?
        var file: String?

        init(_ arguments: Arguments) throws(UsageError) {
            let words = arguments.operands
            if words.isEmpty {
                for name in ["topic", "num-records", "producer-acks", "record-size"] where !arguments.has(name) {
                    throw UsageError("Missing required argument \"[\(name)]\"")
                }
                topic = arguments.value("topic") ?? ""
                count = try Self.size(arguments.value("num-records"), "num-records")
                acks = arguments.value("producer-acks") ?? ""
                valueBytes = try Self.size(arguments.value("record-size"), "record-size")
                keyBytes = try Self.size(arguments.value("record-key-size") ?? "0", "record-key-size")
                headers = try Self.size(arguments.value("num-headers") ?? "0", "num-headers")
                headerKeyBytes = try Self.size(
                    arguments.value("record-header-key-size") ?? "0", "record-header-key-size")
                headerValueBytes = try Self.size(arguments.value("record-header-size") ?? "0", "record-header-size")
            } else {
                guard words.count >= 5 else {
                    throw UsageError(
                        "USAGE: e2e-latency broker_list topic num_records producer_acks record_size [properties_file]")
                }
                servers = words[0]
                topic = words[1]
                count = try Self.size(words[2], "num-records")
                acks = words[3]
                valueBytes = try Self.size(words[4], "record-size")
                file = words.count > 5 ? words[5] : nil
            }
            guard ["1", "all", "-1"].contains(acks) else {
                throw UsageError("Latency testing requires synchronous acknowledgement. Please use 1 or all")
            }
        }

        private static let bytesMax = 100 << 20

        private static func size(_ word: String?, _ name: String) throws(UsageError) -> Int {
            guard let word, let number = Int(word), (0...max(bytesMax, Int(Int32.max))).contains(number) else {
                throw UsageError("Cannot parse argument '\(word ?? "")' of option \(name)")
            }
            return number
        }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let request = try Request(arguments)
        guard let properties = try properties(request, arguments, environment) else { return .failed }
        do throws(ConfigurationError) {
            var sending = properties
            sending["linger.ms"] = "0"
            sending["acks"] = request.acks
            var reading = properties
            reading["auto.offset.reset"] = "latest"
            // It reads by itself, and keeps no offset.
            reading["group.id"] = nil
            reading["enable.auto.commit"] = "false"
            let producing = try ProducerConfiguration(sending, defaultClientID: "e2e-latency")
            let consuming = try ConsumerConfiguration(reading, defaultClientID: "e2e-latency")
            return EndToEndRun(request, producing, consuming, environment).run()
        } catch {
            environment.complain("cannot measure: \(error)")
            return .failed
        }
    }

    private static func properties(
        _ request: Request, _ arguments: Arguments, _ environment: Environment
    ) throws(UsageError) -> [String: String]? {
        guard let servers = request.servers else {
            return try ClientOptions.properties(arguments, environment, attempt: "measure")
        }
        environment.console.tell(
            "Positional arguments are deprecated and will be removed in a future version. Use --bootstrap-server and the "
                + "other options instead.")
        var properties: [String: String] = [:]
        do throws(ConfigurationFile.Failure) {
            if let file = request.file { properties = try ConfigurationFile.read(file) }
        } catch {
            environment.complain("cannot measure: \(error)")
            return nil
        }
        properties["bootstrap.servers"] = servers
        return properties
    }
}
