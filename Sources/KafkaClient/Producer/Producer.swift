import Bytes
import KafkaModel
public import KafkaRecords
import Posix
public import Timing

/// Sends records to a cluster. Any number of threads may share one.
///
/// A record is copied into the batch of its partition and leaves with it: when the batch is full, when it has waited for
/// `linger.ms`, when memory runs short, at `flush` or `close`. One thread talks to all brokers, sends again what failed,
/// keeps the order of each partition, and tells what became of each batch.
public final class Producer: Sendable {
    /// Whether a record waits for others to share its batch.
    public enum Urgency: Sendable { case lingers, now }

    public let configuration: ProducerConfiguration
    private let core: ProducerCore
    /// Taken by whoever ends it.
    private let thread: Monitor<Thread?>

    /// - Parameter onDelivery: is called for each batch, on the sender's thread: it should be short, and must not wait for
    ///   this producer.
    public init(
        _ configuration: ProducerConfiguration, clock: Clock = .system,
        onDelivery: (@Sendable (Delivery) -> Void)? = nil
    ) {
        self.configuration = configuration
        let core = ProducerCore(configuration, clock: clock)
        self.core = core
        thread = Monitor(Thread(name: "producer") { Sender(core, onDelivery: onDelivery).run() })
    }

    deinit { close(timeout: .zero) }

    /// Sends a record whose parts lie anywhere; they are copied before this returns.
    ///
    /// - Parameters:
    ///   - headers: `headerCount` headers as `EncodedHeaders` has them.
    ///   - token: comes back with the delivery.
    public func send(
        topic: String, partition: Int32? = nil, timestamp: Int64? = nil, key: RawSpan?, value: RawSpan?,
        headerCount: Int32 = 0, headers: RawSpan = RawSpan(), token: UInt64? = nil, urgency: Urgency = .lingers
    ) throws(ProducerError) {
        try core.send(
            topic: topic, partition: partition, timestamp: timestamp, key: key, value: value, headerCount: headerCount,
            headers: headers, token: token, urgency: urgency, callback: nil)
    }

    /// Sends a record and calls back on the sender's thread when it is known what became of it.
    public func send(
        _ record: ProducerRecord, urgency: Urgency = .lingers,
        _ callback: (@Sendable (Result<RecordMetadata, ProducerError>) -> Void)? = nil
    ) throws(ProducerError) {
        var headers = EncodedHeaders()
        for header in record.headers { headers.append(header) }
        let key = record.key ?? []
        let value = record.value ?? []
        try core.send(
            topic: record.topic, partition: record.partition, timestamp: record.timestamp,
            key: record.key == nil ? nil : key.span.bytes, value: record.value == nil ? nil : value.span.bytes,
            headerCount: headers.count, headers: headers.bytes, token: nil, urgency: urgency, callback: callback)
    }

    /// Sends a record at once and waits until it is acknowledged.
    @discardableResult
    public func sendAndWait(_ record: ProducerRecord) throws(ProducerError) -> RecordMetadata {
        let outcome = Monitor<Result<RecordMetadata, ProducerError>?>(nil)
        try send(record, urgency: .now) { result in outcome.update { $0 = result } }
        return try outcome.wait { $0 }.get()
    }

    /// Sends what was collected and waits until everything is acknowledged or given up. False when the time is over first.
    @discardableResult
    public func flush(timeout: Duration? = nil) -> Bool { core.flush(timeout: timeout) }

    /// Sends what was collected, and ends. What is not acknowledged in time is given up: then it returns false.
    @discardableResult
    public func close(timeout: Duration = .seconds(Int64(Int32.max))) -> Bool {
        let isComplete = core.close(timeout: timeout)
        let thread = thread.withLock { thread -> Thread? in
            defer { thread = nil }
            return thread
        }
        thread?.join()
        return isComplete
    }

    /// How many partitions a topic has; it is created where the cluster allows that.
    public func partitionCount(of topic: String) throws(ProducerError) -> Int {
        try core.partitionCount(of: topic, until: core.clock.now + configuration.maxBlock)
    }

    public var figures: ProducerFigures { core.readFigures() }
}

/// Headers as they stand in a record, made once for many records, or anew for each in the same memory.
public struct EncodedHeaders: ~Copyable {
    public private(set) var count: Int32 = 0
    private var writer = ByteWriter(capacity: 16)

    public init() {}

    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { writer.bytes }
    }

    public mutating func append(_ header: RecordHeader) {
        writer.varint(Int32(truncatingIfNeeded: header.key.utf8.count))
        writer.append(utf8: header.key)
        if let value = header.value {
            writer.varint(Int32(truncatingIfNeeded: value.count))
            writer.append(value)
        } else {
            writer.varint(-1)
        }
        count += 1
    }

    public mutating func append(key: RawSpan, value: RawSpan?) {
        writer.varint(Int32(truncatingIfNeeded: key.byteCount))
        writer.append(key)
        if let value {
            writer.varint(Int32(truncatingIfNeeded: value.byteCount))
            writer.append(value)
        } else {
            writer.varint(-1)
        }
        count += 1
    }

    public mutating func clear() {
        writer.clear()
        count = 0
    }
}
