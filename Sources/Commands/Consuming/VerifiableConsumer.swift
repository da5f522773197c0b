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
            "It is a member of the group: partitions_assigned and partitions_revoked tell what the group gives it. Without "
                + "--enable-autocommit it commits after each records_consumed, which offsets_committed tells.",
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

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        guard var properties = try ClientOptions.properties(arguments, environment, attempt: "read records") else {
            return .failed
        }
        try complete(&properties, arguments)
        let recordsMax = try ConsoleRequest.number(arguments, "max-messages") ?? -1
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

    /// What options stand for; they win over the file.
    static func complete(_ properties: inout [String: String], _ arguments: Arguments) throws(UsageError) {
        let name = arguments.value("group-protocol") ?? "classic"
        switch name.lowercased() {
        case "consumer":
            properties["group.protocol"] = "consumer"
            if let assignor = arguments.value("group-remote-assignor") {
                properties["group.remote.assignor"] = assignor
            }
        case "classic":
            properties["group.protocol"] = "classic"
            properties["partition.assignment.strategy"] =
                arguments.value("assignment-strategy") ?? "org.apache.kafka.clients.consumer.RangeAssignor"
        default: throw UsageError("'\(name)' is no group protocol: classic or consumer")
        }
        if let timeout = try ConsoleRequest.number(arguments, "session-timeout") {
            properties["session.timeout.ms"] = String(timeout)
        }
        properties["group.id"] = arguments.value("group-id")
        if let instance = arguments.value("group-instance-id") { properties["group.instance.id"] = instance }
        properties["enable.auto.commit"] = arguments.has("enable-autocommit") ? "true" : "false"
        properties["auto.offset.reset"] = arguments.value("reset-policy") ?? "earliest"
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
        let console = environment.console
        func tell(_ event: VerifiableEvent) { console.print(event.json(at: Clock.system.timestamp.milliseconds)) }
        consumer.join(
            .topics([topic]),
            listener: RebalanceListener(
                revoked: { tell(.partitionsRevoked($0)) }, assigned: { tell(.partitionsAssigned($0)) }))
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
            let polled = try consumer.poll(until: Clock.system.now + .seconds(1), watching: &watched) { take(&$0) }
            switch polled {
            case .records: try tellConsumed()
            case .noticed: for notice in consumer.takeNotices() { environment.complain("\(notice)") }
            case .watched: return emit(.shutdownRequested)
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

    private mutating func tellConsumed() throws(ConsumerError) {
        for detail in details { emit(detail) }
        details.removeAll(keepingCapacity: true)
        guard let consumed else { return }
        emit(.recordsConsumed([consumed]))
        self.consumed = nil
        guard let group = consumer.configuration.group, group.autoCommitInterval == nil else { return }
        let offsets = [consumed.partition: CommittedOffset(consumed.maxOffset + 1)]
        do throws(GroupError) {
            try consumer.commit(offsets)
            emit(.offsetsCommitted(offsets, error: nil))
        } catch {
            if case .fenced = error { throw .group(error) }
            emit(.offsetsCommitted(offsets, error: "\(error)"))
        }
    }

    private func emit(_ event: VerifiableEvent) {
        environment.console.print(event.json(at: Clock.system.timestamp.milliseconds))
    }
}
