import Bytes
import KafkaRecords

/// The end of a transaction as a control batch in the log says it, with the time of its record.
public struct TransactionMarker: Sendable, Equatable {
    public let isAbort: Bool
    public let coordinatorEpoch: Int32
    public let timestamp: Int64

    /// Reads the first record of a control batch; nil for an empty batch, which compaction leaves, and for control
    /// records of other kinds.
    static func decode(_ batch: RawSpan) throws(RecordError) -> TransactionMarker? {
        var scratch = ByteWriter(capacity: 16)
        var records = try RecordIterator(batch, scratch: &scratch)
        guard let record = try records.next(), let key = record.key, let value = record.value,
            let marker = try EndTransactionMarker(key: records.bytes(key), value: records.bytes(value))
        else { return nil }
        return TransactionMarker(
            isAbort: marker.type == .abort, coordinatorEpoch: marker.coordinatorEpoch, timestamp: record.timestamp)
    }
}
