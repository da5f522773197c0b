import Bytes
import CommandLine
import KafkaClient
import Posix
import Timing

/// `skafka verifiable-producer`: sends numbers and tells of each, as one line of JSON, whether it arrived.
enum VerifiableProducer {
    static let declaration = Command(
        "verifiable-producer", summary: "Send numbers and tell of each whether it arrived", dialect: .argparse,
        description: [
            "Sends increasing numbers to a topic and prints a line of JSON for each that was acknowledged, with its "
                + "partition and offset, and for each that was not, with the reason: for tests that compare what was sent with "
                + "what is read.",
            "It goes on until --max-messages are sent or a signal ends it; then it waits for what is under way and prints how "
                + "many arrived. It ends with 1 when some did not.",
        ],
        options: [
            Option("topic", .value("TOPIC"), help: "Where to send to.", isRequired: true, completion: .topics),
            Option(
                "bootstrap-server", .value("HOST1:PORT1[,HOST2:PORT2[...]]"),
                help: "Where to reach the cluster. Without it SKAFKA_BOOTSTRAP_SERVER counts."),
            Option(
                "max-messages", .value("MAX-MESSAGES"), help: "How many to send; -1 is without end.", default: "-1",
                type: .integer),
            Option(
                "throughput", .value("THROUGHPUT"), help: "Records a second at most; -1 is as fast as it goes.",
                default: "-1",
                type: .integer),
            Option(
                "acks", .value("ACKS"), help: "Who must have a record before it counts: 0, 1, or -1 for all.",
                default: "-1",
                type: .integer, choices: ["0", "1", "-1"]),
            Option(
                "command-config", .value("CONFIG_FILE"), help: "A properties file for the producer.",
                completion: .files,
                formerly: ["producer.config"]),
            Option(
                "message-create-time", short: "t", .value("CREATETIME"),
                help: "The time of the first record in milliseconds; the others follow as time goes by. -1 is now.",
                default: "-1", type: .long),
            Option(
                "value-prefix", .value("VALUE-PREFIX"), help: "Stands in front of each number, with a point between.",
                type: .integer),
            Option(
                "repeating-keys", .value("REPEATING-KEYS"),
                help: "Give the records keys from 0 to below this, again and again.",
                type: .integer),
        ],
        examples: [
            Command.Example(
                "skafka verifiable-producer --bootstrap-server localhost:9092 --topic t --max-messages 100",
                does: "Send 100 numbers and tell of each.")
        ],
        isKafkaTool: true, kafkaProgram: "verifiable-producer",
        classNames: ["org.apache.kafka.tools.VerifiableProducer"])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        func number(_ name: String, _ otherwise: Int64) -> Int64 {
            arguments.value(name).flatMap { Int64($0) } ?? otherwise
        }
        let topic = arguments.value("topic") ?? ""
        let count = number("max-messages", -1)
        let rate = number("throughput", -1)
        let createTime = number("message-create-time", -1)
        let prefix = arguments.value("value-prefix").map { $0 + "." } ?? ""
        let keys = number("repeating-keys", 0)
        guard
            let configuration = try ProducingOptions.configuration(
                arguments, environment, clientID: "producer-1", attempt: "send",
                {
                    $0["acks"] = arguments.value("acks") ?? "-1"
                    // As Kafka's: what fails is told, not tried again.
                    if $0["retries"] == nil { $0["retries"] = "0" }
                })
        else { return .failed }
        let clock = Clock.system
        let interrupts = InterruptListener(environment)
        defer { interrupts.end() }
        let report = VerifiableReport(environment.console)
        let producer = Producer(configuration)
        interrupts.watch { producer.figures.recordsSent }
        let start = clock.now
        report.tell("startup_complete")
        var pace = Pace(rate >= 0 ? Double(max(rate, 1)) : nil, from: start)
        var sent: Int64 = 0
        while (count < 0 || sent < count) && !interrupts.isInterrupted {
            pace.wait(clock) { interrupts.isInterrupted }
            if interrupts.isInterrupted { break }
            let value = prefix + String(sent)
            let key = keys > 0 ? String(sent % keys) : nil
            let time = createTime < 0 ? nil : createTime + (clock.now - start).wholeMilliseconds
            let record = ProducerRecord(
                topic: topic, timestamp: time, key: key.map { Array($0.utf8) }, value: Array(value.utf8))
            sent += 1
            do throws(ProducerError) {
                try producer.send(record) { report.outcome($0, topic: topic, key: key, value: value) }
            } catch {
                report.outcome(.failure(error), topic: topic, key: key, value: value)
            }
        }
        producer.close()
        report.tell("shutdown_complete")
        let acked = report.acknowledged
        let milliseconds = max(1, (clock.now - start).wholeMilliseconds)
        report.tellTotals(
            sent: sent, acked: acked, rate: rate, average: Double(acked) * 1000 / Double(milliseconds))
        if count >= 0, sent < count {
            environment.complain("interrupted: \(sent) of \(count) records were sent")
            return .interrupted
        }
        return acked == sent ? .done : .failed
    }
}

/// The lines of JSON, from whatever thread.
final class VerifiableReport: Sendable {
    private let console: Console
    private let acked = Guarded<Int64>(0)

    init(_ console: Console) { self.console = console }

    var acknowledged: Int64 { acked.withLock { $0 } }

    func tell(_ name: String) {
        line { json in begin(&json, name) }
    }

    func outcome(_ result: Result<RecordMetadata, ProducerError>, topic: String, key: String?, value: String) {
        line { json in
            switch result {
            case .success(let place):
                begin(&json, "producer_send_success")
                member(&json, "key", key)
                member(&json, "value", value)
                member(&json, "topic", topic)
                json.key("partition")
                json.value(place.partition)
                json.key("offset")
                json.value(place.offset)
            case .failure(let error):
                begin(&json, "producer_send_error")
                member(&json, "topic", topic)
                member(&json, "key", key)
                member(&json, "value", value)
                member(&json, "exception", "class org.apache.kafka.common.errors.\(error.exceptionName)")
                member(&json, "message", "\(error)")
            }
        }
        if case .success = result { acked.withLock { $0 += 1 } }
    }

    func tellTotals(sent: Int64, acked: Int64, rate: Int64, average: Double) {
        line { json in
            begin(&json, "tool_data")
            json.key("sent")
            json.value(sent)
            json.key("acked")
            json.value(acked)
            json.key("target_throughput")
            json.value(rate)
            json.key("avg_throughput")
            json.value(average)
        }
    }

    private func begin(_ json: inout JSONText, _ name: String) {
        json.key("timestamp")
        json.value(Clock.system.timestamp.milliseconds)
        json.key("name")
        json.value(name)
    }

    private func member(_ json: inout JSONText, _ name: StaticString, _ value: String?) {
        json.key(name)
        if let value { json.value(value) } else { json.null() }
    }

    private func line(_ body: (inout JSONText) -> Void) {
        var json = JSONText(capacity: 256)
        json.beginObject()
        body(&json)
        json.endObject()
        json.endLine()
        var text = ByteWriter(capacity: 256)
        json.copy(into: &text)
        text.withUnsafeBytes { _ = console.write($0) }
    }
}
