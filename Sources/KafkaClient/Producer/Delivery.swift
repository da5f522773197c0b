import Compression
public import KafkaRecords

/// What became of the records of one batch, all at once. It is valid while it is being told.
public struct Delivery {
    public let topic: String
    public let partition: Int32
    /// -1 where nobody told.
    public let baseOffset: Int64
    /// The time of the append where the topic says that it counts, else -1.
    public let logAppendTime: Int64
    /// Nil when they arrived.
    public let error: ProducerError?
    /// What the callers gave along with the records that have something, in order.
    public let tokens: [UInt64]
    let batch: ProducerBatch

    public var recordCount: Int { batch.recordCount }

    /// The size before compression.
    public var plainBytes: Int { batch.records.plainBytes }

    /// The records themselves, such as for keeping them elsewhere.
    public func withRecords(_ body: (inout RecordIterator) throws(RecordError) -> Void) { batch.withRecords(body) }
}

extension ProducerBatch {
    /// Walks the records, which takes a sealed batch.
    func withRecords(_ body: (inout RecordIterator) throws(RecordError) -> Void) {
        if !records.isSealed { seal(.none, level: nil) }
        if needsSignature { sign() }
        records.withRecords(body)
    }

    func sign() {
        records.sign(
            producerID: identity?.id ?? -1, producerEpoch: identity?.epoch ?? -1, baseSequence: baseSequence)
        needsSignature = false
    }
}
