import Bytes
import CommandLine
import Configuration
import Glibc
import KafkaClient
import KafkaModel
import KafkaRecords
import Timing

/// `skafka verifiable-consumer`: reads a topic and tells in JSON what it read, for tests of clusters.
enum VerifiableConsumer {
    static let declaration = Command(
        "verifiable-consumer", summary: "Read a topic and tell in JSON what was read", dialect: .argparse,
        description: [
            "Prints an object of JSON a line: startup_complete, partitions_assigned, records_consumed for what came at once, "
                + "with --verbose record_data for each record, and shutdown_complete.",
            "This version is no member of a group: it reads all partitions of the topic, as one line on stderr says, and "
                + "commits no offsets, so that offsets_committed and partitions_revoked never come.",
        ],
        options: [
            Option(
                "bootstrap-server", .value("HOST1:PORT1[,HOST2:PORT2[...]]"),
                help: "Where to reach the cluster. Without it SKAFKA_BOOTSTRAP_SERVER counts."),
            Option("topic", .value("TOPIC"), help: "The topic to read.", isRequired: true, completion: .topics),
            Option(
                "group-protocol", .value("GROUP_PROTOCOL"),
                help: "How the group shares partitions: classic or consumer.",
                completion: .words(["classic", "consumer"])),
            Option("group-remote-assignor", .value("GROUP_REMOTE_ASSIGNOR"), help: "The assignor of the broker."),
            Option("group-id", .value("GROUP_ID"), help: "The group.", isRequired: true),
            Option("group-instance-id", .value("GROUP_INSTANCE_ID"), help: "The lasting name of this member."),
            Option(
                "max-messages", .value("MAX-MESSAGES"), help: "End after so many records; -1 is never.", type: .integer),
            Option("session-timeout", .value("TIMEOUT_MS"), help: "The session timeout of the group.", type: .integer),
            Option("verbose", help: "Print every record."),
            Option("enable-autocommit", help: "Have offsets committed by themselves."),
            Option(
                "reset-policy", .value("RESETPOLICY"), help: "Where to begin: earliest (the default) or latest.",
                completion: .words(["earliest", "latest", "none"])),
            Option("assignment-strategy", .value("ASSIGNMENTSTRATEGY"), help: "The class that shares partitions."),
            Option(
                "command-config", .value("CONFIG_FILE"), help: "A properties file for the consumer.",
                completion: .files,
                formerly: ["consumer.config"]),
        ],
        isKafkaTool: true, kafkaProgram: "verifiable-consumer",
        classNames: ["org.apache.kafka.tools.VerifiableConsumer"])

    /// What the group would need, and nobody does here.
    private static let groupOptions = [
        "group-protocol", "group-remote-assignor", "group-instance-id", "session-timeout", "enable-autocommit",
        "assignment-strategy",
    ]

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        guard var properties = try ClientOptions.properties(arguments, environment, attempt: "read records") else {
            return .failed
        }
        properties["auto.offset.reset"] = arguments.value("reset-policy") ?? "earliest"
        properties["group.id"] = nil
        let recordsMax = try ConsoleRequest.number(arguments, "max-messages") ?? -1
        let idle = groupOptions.filter(arguments.has).map { "--\($0)" }
        environment.complain(
            "this version is no member of group \(arguments.value("group-id") ?? ""): all partitions are read, and no "
                + "offset is committed" + (idle.isEmpty ? "" : "; without effect: \(idle.joined(separator: ", "))"))
        do throws(ConfigurationError) {
            let configuration = try ConsumerConfiguration(properties, defaultClientID: "verifiable-consumer")
            for notice in configuration.client.notices { environment.console.tell("skafka: \(notice)") }
            var run = VerifiableConsumerRun(
                configuration, environment, recordsMax: recordsMax < 0 ? .max : recordsMax,
                isVerbose: arguments.has("verbose"))
            return run.run(arguments.value("topic") ?? "")
        } catch {
            environment.complain("cannot read records: \(error)")
            return .failed
        }
    }
}

/// The reading.
private struct VerifiableConsumerRun {
    private let environment: Environment
    private let consumer: Consumer
    private let recordsMax: Int64
    private let isVerbose: Bool
    private var records: Int64 = 0
    private var consumed: VerifiableEvent.Consumed?
    private var details: [VerifiableEvent] = []
    private var assigned: [TopicPartition] = []

    init(_ configuration: ConsumerConfiguration, _ environment: Environment, recordsMax: Int64, isVerbose: Bool) {
        self.environment = environment
        self.recordsMax = recordsMax
        self.isVerbose = isVerbose
        consumer = Consumer(configuration)
    }

    mutating func run(_ topic: String) -> ExitCode {
        environment.attendant?.handOver()
        let signals = SignalWatch()
        emit(.startupComplete)
        consumer.subscribe(to: [topic])
        var code = ExitCode.done
        do throws(ConsumerError) {
            try read(signals)
        } catch {
            environment.complain("cannot read topic \(topic): \(error)")
            code = .failed
        }
        consumer.close()
        emit(.shutdownComplete)
        return code
    }

    private mutating func read(_ signals: SignalWatch) throws(ConsumerError) {
        var watched = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: 1, events: 0, revents: 0),
        ]
        while records < recordsMax {
            let pause = Clock.system.now + (assigned.isEmpty ? .milliseconds(50) : .seconds(1))
            let polled = try consumer.poll(until: pause, watching: &watched) { take(&$0) }
            tellAssignment()
            switch polled {
            case .records: tellConsumed()
            case .noticed: for notice in consumer.takeNotices() { environment.complain("\(notice)") }
            case .watched: return
            case .nothing: break
            }
        }
    }

    private mutating func take(_ batch: inout ConsumedBatch) -> Consumer.Flow {
        while records < recordsMax, let record = batch.next() {
            records += 1
            if var one = consumed {
                one.count += 1
                one.maxOffset = record.offset
                consumed = one
            } else {
                consumed = VerifiableEvent.Consumed(
                    partition: batch.partition, count: 1, minOffset: record.offset, maxOffset: record.offset)
            }
            if isVerbose { details.append(event(record, batch)) }
        }
        return records < recordsMax ? .goOn : .stop
    }

    private func event(_ record: RecordView, _ batch: borrowing ConsumedBatch) -> VerifiableEvent {
        func text(_ range: Range<Int>?) -> String? {
            guard let range else { return nil }
            return String(decoding: Array(batch.bytes(range)), as: UTF8.self)
        }
        return .recordData(
            key: text(record.key), value: text(record.value), batch.partition, offset: record.offset)
    }

    private mutating func tellConsumed() {
        for detail in details { emit(detail) }
        details.removeAll(keepingCapacity: true)
        if let consumed { emit(.recordsConsumed([consumed])) }
        consumed = nil
    }

    private mutating func tellAssignment() {
        let now = consumer.assignment.map(\.partition)
        guard now != assigned else { return }
        assigned = now
        emit(.partitionsAssigned(now))
    }

    private func emit(_ event: VerifiableEvent) {
        environment.console.print(event.json(at: Clock.system.timestamp.milliseconds))
    }
}
