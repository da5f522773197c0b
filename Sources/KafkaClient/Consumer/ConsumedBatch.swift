import Bytes
public import KafkaModel
public import KafkaRecords

/// The records of a batch as a consumer hands them out, one after the other: places in the bytes that were fetched, or in
/// what they unpacked to. They are good as long as this is.
public struct ConsumedBatch: ~Escapable {
    /// The number of the partition in its consumer.
    public let slot: Int
    public let partition: TopicPartition
    /// The offset behind the last record that was handed out.
    public private(set) var position: Int64
    /// Set when the bytes turn out to be no records.
    public private(set) var failure: RecordError?
    public private(set) var records: RecordIterator

    /// - Parameter position: records before it were handed out already.
    @_lifetime(copy records)
    init(_ records: consuming RecordIterator, slot: Int, _ partition: TopicPartition, from position: Int64) {
        self.records = records
        self.slot = slot
        self.partition = partition
        self.position = position
    }

    public var header: BatchHeader { records.header }

    /// The next record; nil behind the last, and where the bytes are no records, which ends the consumer.
    @_lifetime(self: copy self)
    public mutating func next() -> RecordView? {
        guard failure == nil else { return nil }
        do throws(RecordError) {
            while let record = try records.next() {
                guard record.offset >= position else { continue }
                position = record.offset &+ 1
                return record
            }
        } catch {
            failure = error
        }
        return nil
    }

    /// A key, a value, or a part of a header.
    @_lifetime(copy self)
    public func bytes(_ range: Range<Int>) -> RawSpan { records.bytes(range) }

    /// The headers of a record; none, and the end of the consumer, where they are malformed.
    public func headers(of record: RecordView) -> [RecordHeaderView] {
        guard record.headerCount > 0 else { return [] }
        do throws(RecordError) {
            return try records.headers(of: record)
        } catch {
            // The iterator went over the headers already when it reached the record.
            return []
        }
    }
}
