import Bytes
import KafkaProtocol
import KafkaRecords

/// Lays records out in batches, one behind the other, as the leader of an epoch appends them.
struct MetadataBatchWriter: ~Copyable {
    private(set) var bytes = ByteWriter(capacity: 4096)
    private(set) var nextOffset: Int64
    let epoch: Int32
    let timestamp: Int64
    /// A batch of Kafka's metadata log is at most 8 MiB.
    let batchBytesMax: Int

    static let batchBytesMaxDefault = 8 << 20
    /// What a record needs at most besides its value: length, attributes, deltas, key and header count.
    private static let recordOverhead = 24

    init(nextOffset: Int64, epoch: Int32, timestamp: Int64, batchBytesMax: Int = batchBytesMaxDefault) {
        self.nextOffset = nextOffset
        self.epoch = epoch
        self.timestamp = timestamp
        self.batchBytesMax = batchBytesMax
    }

    mutating func appendControl(_ records: [(type: ControlRecordType, value: [UInt8])]) throws(MetadataError) {
        var fields = RecordBatchBuilder.Fields()
        fields.baseOffset = nextOffset
        fields.leaderEpoch = epoch
        fields.isControl = true
        do throws(RecordError) {
            var builder = RecordBatchBuilder(fields)
            for record in records {
                try builder.append(timestamp: timestamp, key: record.type.key, value: record.value)
            }
            nextOffset = builder.endOffset
            try builder.finish(into: &bytes)
        } catch {
            throw .inconsistent(error.description)
        }
    }

    /// Appends records that take effect together: in one batch where they fit, else between the records that begin
    /// and end a transaction. A level that knows no transactions gets one batch of any size.
    mutating func appendAtomically(_ records: [MetadataRecord], under level: MetadataVersion) throws(MetadataError) {
        let values = try encode(records, under: level)
        let fitsOneBatch = Self.size(values) <= batchBytesMax
        if fitsOneBatch || level < .transactions {
            try append(values, limit: .max)
            return
        }
        let begin = try encode([.beginTransaction(BeginTransactionRecord())], under: level)
        let end = try encode([.endTransaction(EndTransactionRecord())], under: level)
        try append(begin + values + end, limit: batchBytesMax)
    }

    /// Appends records of which nobody minds where one batch ends and the next begins.
    mutating func append(_ records: [MetadataRecord], under level: MetadataVersion) throws(MetadataError) {
        try append(try encode(records, under: level), limit: batchBytesMax)
    }

    private mutating func append(_ values: [[UInt8]], limit: Int) throws(MetadataError) {
        var start = 0
        while start < values.count {
            var end = start
            var size = RecordBatchLayout.headerSize
            while end < values.count, end == start || size + values[end].count + Self.recordOverhead <= limit {
                size += values[end].count + Self.recordOverhead
                end += 1
            }
            try appendBatch(values[start..<end])
            start = end
        }
    }

    private mutating func appendBatch(_ values: ArraySlice<[UInt8]>) throws(MetadataError) {
        var fields = RecordBatchBuilder.Fields()
        fields.baseOffset = nextOffset
        fields.leaderEpoch = epoch
        do throws(RecordError) {
            var builder = RecordBatchBuilder(fields, capacity: Self.size(values))
            for value in values { try builder.append(timestamp: timestamp, key: nil, value: value) }
            nextOffset = builder.endOffset
            try builder.finish(into: &bytes)
        } catch {
            throw .inconsistent(error.description)
        }
    }

    private func encode(_ records: [MetadataRecord], under level: MetadataVersion) throws(MetadataError) -> [[UInt8]] {
        var scratch = ByteWriter()
        var values: [[UInt8]] = []
        values.reserveCapacity(records.count)
        for record in records {
            scratch.clear()
            record.encode(into: &scratch, version: record.version(under: level))
            let size = scratch.count + Self.recordOverhead + RecordBatchLayout.headerSize
            guard size <= batchBytesMax else {
                throw .recordTooLarge(record: record.kind.name, bytes: scratch.count, limit: batchBytesMax)
            }
            values.append(Array(scratch.bytes))
        }
        return values
    }

    private static func size(_ values: some Collection<[UInt8]>) -> Int {
        values.reduce(RecordBatchLayout.headerSize) { $0 + $1.count + recordOverhead }
    }
}
