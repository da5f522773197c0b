import Bytes
import CommandLine
import Glibc
import KafkaClient
import KafkaModel
import KafkaRecords
import Posix
import Timing

/// The measuring of `e2e-latency`.
struct EndToEndRun {
    private let request: EndToEndLatency.Request
    private let producing: ProducerConfiguration
    private let consuming: ConsumerConfiguration
    private let environment: Environment

    /// Why no figures can be had, for a person.
    private struct Failure: Error {
        let reason: String
    }

    /// How long a record may take at most.
    private static let patienceMs: Int64 = 60_000
    /// Every so many records a line is printed.
    private static let period = 1000

    init(
        _ request: EndToEndLatency.Request, _ producing: ProducerConfiguration, _ consuming: ConsumerConfiguration,
        _ environment: Environment
    ) {
        self.request = request
        self.producing = producing
        self.consuming = consuming
        self.environment = environment
    }

    func run() -> ExitCode {
        do throws(Failure) {
            try createTopic()
            try measure()
            return .done
        } catch {
            environment.complain("cannot measure: \(error.reason)")
            return .failed
        }
    }

    private func createTopic() throws(Failure) {
        do throws(ClientError) {
            let admin = Admin(consuming.client)
            let known = try admin.metadata(topics: [request.topic])
            guard known.first?.error == .unknownTopicOrPartition else { return }
            environment.console.print(
                "Topic \"\(request.topic)\" does not exist. Will create topic with 1 partition(s) and replication factor = 1"
            )
            var topic = NewTopic(request.topic)
            topic.partitions = 1
            topic.replicationFactor = 1
            for outcome in try admin.createTopics([topic]) where outcome.error != .none {
                throw ClientError(
                    "the cluster", .receive(.createTopics), .refused(outcome.error, message: outcome.message))
            }
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    private func measure() throws(Failure) {
        let producer = Producer(producing)
        let consumer = Consumer(consuming)
        defer {
            consumer.close()
            producer.close(timeout: .seconds(5))
        }
        try goToEnd(consumer)
        var latencies: [Int64] = []
        latencies.reserveCapacity(min(request.count, 1 << 20))
        let measured = Guarded(0)
        let wanted = request.count
        environment.attendant?.watch { "\(measured.withLock { $0 }) of \(wanted) records were measured" }
        var random = SystemRandomNumberGenerator()
        for number in 0..<request.count {
            let record = record(&random)
            let start = Clock.system.now
            do throws(ProducerError) {
                try producer.sendAndWait(record)
            } catch {
                throw Failure(reason: "\(error)")
            }
            try read(record, consumer)
            let elapsed = (Clock.system.now - start).wholeNanoseconds
            latencies.append(elapsed)
            measured.withLock { $0 += 1 }
            if number % Self.period == 0 {
                environment.console.print("\(number)\t\(JavaNumber.text(Double(elapsed) / 1000 / 1000))")
            }
        }
        for line in Self.summary(latencies) { environment.console.print(line) }
    }

    /// The last lines; percentiles in whole milliseconds.
    static func summary(_ nanoseconds: [Int64]) -> [String] {
        guard !nanoseconds.isEmpty else { return [] }
        let total = nanoseconds.reduce(0.0) { $0 + Double($1) }
        let sorted = nanoseconds.map { $0 / 1_000_000 }.sorted()
        func percentile(_ share: Double) -> Int64 { sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))] }
        return [
            "Avg latency: \(decimals(total / Double(nanoseconds.count) / 1_000_000, 4)) ms",
            "Percentiles: 50th = \(percentile(0.5)), 99th = \(percentile(0.99)), 99.9th = \(percentile(0.999))",
        ]
    }

    private func goToEnd(_ consumer: Consumer) throws(Failure) {
        let deadline = Clock.system.now + consuming.client.apiTimeout
        do throws(ClientError) {
            let topic = try consumer.metadata.topic(request.topic, until: deadline)
            let partitions = topic.partitions.indices.map { TopicPartition(request.topic, Int32($0)) }
            let ends = try OffsetLookup(consuming, consumer.metadata).offsets(of: partitions, .latest, until: deadline)
            for (partition, end) in ends { consumer.assign(partition, at: .offset(end ?? 0)) }
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    private func record(_ random: inout SystemRandomNumberGenerator) -> ProducerRecord {
        func letters(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: UInt8(ascii: "A")...UInt8(ascii: "Z"), using: &random) }
        }
        let headers = (0..<request.headers).map { _ in
            RecordHeader(
                key: String(decoding: letters(request.headerKeyBytes), as: UTF8.self),
                value: letters(request.headerValueBytes))
        }
        return ProducerRecord(
            topic: request.topic, key: request.keyBytes > 0 ? letters(request.keyBytes) : nil,
            value: letters(request.valueBytes), headers: headers)
    }

    /// Waits for the record and compares it.
    private func read(_ sent: ProducerRecord, _ consumer: Consumer) throws(Failure) {
        let deadline = Clock.system.now + .milliseconds(Self.patienceMs)
        var found: [[UInt8]] = []
        var isSame = true
        do throws(ConsumerError) {
            while found.isEmpty {
                let polled = try consumer.poll(until: deadline) { batch in
                    while let record = batch.next() {
                        let value = record.value.map { Array(batch.bytes($0)) } ?? []
                        let key = record.key.map { Array(batch.bytes($0)) }
                        isSame = isSame && value == sent.value ?? [] && key == sent.key
                        isSame = isSame && Self.headers(record, batch) == sent.headers
                        found.append(value)
                    }
                    return .goOn
                }
                switch polled {
                case .noticed: for notice in consumer.takeNotices() { environment.complain("\(notice)") }
                case .nothing:
                    throw ConsumerError.client(
                        ClientError("the cluster", .receive(.fetch), .timedOut(milliseconds: Self.patienceMs)))
                case .records, .watched: break
                }
            }
        } catch {
            throw Failure(reason: "\(error)")
        }
        guard found.count == 1 else {
            throw Failure(reason: "Only one result was expected during this test. We found [\(found.count)]")
        }
        guard isSame else {
            throw Failure(
                reason: "The record that was read is not the one that was sent: somebody else writes to the topic")
        }
    }

    private static func headers(_ record: RecordView, _ batch: borrowing ConsumedBatch) -> [RecordHeader] {
        var headers: [RecordHeader] = []
        for header in batch.headers(of: record) {
            var value: [UInt8]?
            if let range = header.value { value = Array(batch.bytes(range)) }
            headers.append(
                RecordHeader(key: String(decoding: Array(batch.bytes(header.key)), as: UTF8.self), value: value))
        }
        return headers
    }
}
