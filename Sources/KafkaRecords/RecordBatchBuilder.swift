public import Bytes
public import Compression

/// Writes one record batch of magic 2, byte for byte as Kafka's Java client and broker write it.
///
/// Records are collected unpacked; `finish` packs them and puts the header in front. A builder makes one batch.
public struct RecordBatchBuilder: ~Copyable {
    /// What the header says that does not follow from the records.
    public struct Fields: Sendable {
        public var baseOffset: Int64 = 0
        public var leaderEpoch: Int32 = -1
        public var compression = CompressionType.none
        /// Nil is the codec's default.
        public var compressionLevel: Int?
        /// The time of the append, for a batch whose records all count as written then.
        public var logAppendTime: Int64?
        public var producerID: Int64 = -1
        public var producerEpoch: Int16 = -1
        public var baseSequence: Int32 = -1
        public var isTransactional = false
        public var isControl = false
        /// When the compactor may drop tombstones and markers. It takes the place of the base timestamp.
        public var deleteHorizon: Int64?
        /// The last offset, where records at the end were compacted away. Nil is that of the last record.
        public var lastOffset: Int64?
        /// The largest timestamp of a batch that is left without records.
        public var maxTimestampWhenEmpty: Int64 = -1

        public init() {}

        /// The fields of a batch that is to be written again, with other records or in another codec.
        public init(_ header: BatchHeader) {
            baseOffset = header.baseOffset
            leaderEpoch = header.partitionLeaderEpoch
            compression = header.compression ?? .none
            logAppendTime = header.timestampType == .logAppendTime ? header.maxTimestamp : nil
            producerID = header.producerID
            producerEpoch = header.producerEpoch
            baseSequence = header.baseSequence
            isTransactional = header.isTransactional
            isControl = header.isControl
            deleteHorizon = header.deleteHorizon
            lastOffset = header.lastOffset
            maxTimestampWhenEmpty = header.maxTimestamp
        }
    }

    public private(set) var count = 0
    private let fields: Fields
    private var records: ByteWriter
    private var baseTimestamp: Int64 = -1
    private var maxTimestamp: Int64 = -1
    private var nextOffset: Int64

    public init(_ fields: Fields = Fields(), capacity: Int = 256) {
        self.fields = fields
        records = ByteWriter(capacity: capacity)
        nextOffset = fields.baseOffset
        if let horizon = fields.deleteHorizon { baseTimestamp = horizon }
    }

    /// The size of the batch if it is not compressed.
    public var uncompressedSize: Int { RecordBatchLayout.headerSize + records.count }

    /// The offset the next record gets if it is given none.
    public var endOffset: Int64 { nextOffset }

    public mutating func append(
        offset: Int64? = nil, timestamp: Int64, key: [UInt8]?, value: [UInt8]?, headers: [RecordHeader] = []
    ) throws(RecordError) {
        var headersSize = varintSize(Int32(truncatingIfNeeded: headers.count))
        for header in headers {
            headersSize += Self.fieldSize(header.key.utf8.count) + Self.fieldSize(header.value?.count)
        }
        try begin(offset, timestamp, Self.fieldSize(key?.count) + Self.fieldSize(value?.count) + headersSize)
        put(key)
        put(value)
        records.varint(Int32(truncatingIfNeeded: headers.count))
        for header in headers {
            records.varint(Int32(truncatingIfNeeded: header.key.utf8.count))
            records.append(utf8: header.key)
            put(header.value)
        }
    }

    /// Appends a record that was read from another batch, with its headers as they were.
    ///
    /// - Parameter bytes: what the places of `record` count in, `RecordIterator.bytes`.
    public mutating func append(
        copying record: RecordView, from bytes: RawSpan, offset: Int64? = nil
    ) throws(RecordError) {
        let headerCount = Int32(truncatingIfNeeded: record.headerCount)
        let body =
            Self.fieldSize(record.key?.count) + Self.fieldSize(record.value?.count) + varintSize(headerCount)
            + record.headers.count
        try begin(offset ?? record.offset, record.timestamp, body)
        put(record.key, of: bytes)
        put(record.value, of: bytes)
        records.varint(headerCount)
        records.append(bytes.extracting(record.headers))
    }

    /// Appends the batch to `writer` and returns its header.
    ///
    /// Without records it writes nothing but a header, which is how the compactor keeps the last sequence of a
    /// producer: then `lastOffset` must be given.
    @discardableResult
    public consuming func finish(into writer: inout ByteWriter) throws(RecordError) -> BatchHeader {
        guard count > 0 || fields.lastOffset != nil else { throw .notBuildable("a batch needs a record") }
        if fields.isTransactional && fields.producerID < 0 {
            throw .notBuildable("a transactional batch needs a producer id")
        }
        let start = writer.count
        writer.appendZeros(RecordBatchLayout.headerSize)
        let compression = count > 0 ? fields.compression : .none
        do throws(CompressionError) {
            try Compression.compress(records.bytes, compression, level: fields.compressionLevel, into: &writer)
        } catch {
            writer.truncate(to: start)
            throw .compression(error)
        }
        let length = writer.count - start - RecordBatchLayout.logOverhead
        guard let batchLength = Int32(exactly: length) else {
            writer.truncate(to: start)
            throw .notBuildable("a batch of \(length) bytes is too large for its length field")
        }
        writeHeader(into: &writer, at: start, batchLength: batchLength, compression: compression)
        var span = writer.mutableBytes
        var batch = span._mutatingExtracting(droppingFirst: start)
        BatchAssignment.sign(&batch)
        return try BatchHeader(writer.bytes.extracting(droppingFirst: start))
    }

    public consuming func finish() throws(RecordError) -> [UInt8] {
        var writer = ByteWriter(capacity: uncompressedSize)
        try finish(into: &writer)
        return Array(writer.bytes)
    }

    private func writeHeader(
        into writer: inout ByteWriter, at start: Int, batchLength: Int32, compression: CompressionType
    ) {
        var attributes = Int16(compression.rawValue)
        if fields.logAppendTime != nil { attributes |= BatchAttributes.logAppendTime }
        if fields.isTransactional { attributes |= BatchAttributes.transactional }
        if fields.isControl { attributes |= BatchAttributes.control }
        if fields.deleteHorizon != nil && count > 0 { attributes |= BatchAttributes.deleteHorizon }
        let baseTimestamp = count > 0 ? baseTimestamp : -1
        let maxTimestamp = count > 0 ? fields.logAppendTime ?? maxTimestamp : fields.maxTimestampWhenEmpty
        let lastOffset = fields.lastOffset ?? nextOffset - 1
        writer.set(fields.baseOffset, at: start + RecordBatchLayout.baseOffset)
        writer.set(batchLength, at: start + RecordBatchLayout.batchLength)
        writer.set(fields.leaderEpoch, at: start + RecordBatchLayout.partitionLeaderEpoch)
        writer.set(Int8(2), at: start + RecordBatchLayout.magic)
        writer.set(attributes, at: start + RecordBatchLayout.attributes)
        writer.set(
            Int32(truncatingIfNeeded: lastOffset &- fields.baseOffset), at: start + RecordBatchLayout.lastOffsetDelta)
        writer.set(baseTimestamp, at: start + RecordBatchLayout.baseTimestamp)
        writer.set(maxTimestamp, at: start + RecordBatchLayout.maxTimestamp)
        writer.set(fields.producerID, at: start + RecordBatchLayout.producerID)
        writer.set(fields.producerEpoch, at: start + RecordBatchLayout.producerEpoch)
        writer.set(fields.baseSequence, at: start + RecordBatchLayout.baseSequence)
        writer.set(Int32(truncatingIfNeeded: count), at: start + RecordBatchLayout.recordCount)
    }

    /// Writes what stands in front of the key: length, attributes, timestamp and offset.
    private mutating func begin(_ givenOffset: Int64?, _ timestamp: Int64, _ bodySize: Int) throws(RecordError) {
        let offset = givenOffset ?? nextOffset
        let (delta, overflow) = offset.subtractingReportingOverflow(fields.baseOffset)
        guard !overflow, offset >= nextOffset, let offsetDelta = Int32(exactly: delta), count < Int32.max else {
            throw .notBuildable("offset \(offset) cannot follow in a batch that begins at \(fields.baseOffset)")
        }
        guard timestamp >= -1 else { throw .notBuildable("\(timestamp) is no timestamp") }
        if count == 0 && fields.deleteHorizon == nil { baseTimestamp = timestamp }
        let timestampDelta = timestamp &- baseTimestamp
        let size = 1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + bodySize
        guard let recordSize = Int32(exactly: size) else {
            throw .notBuildable("a record of \(size) bytes is too large for its length field")
        }
        records.varint(recordSize)
        records.int8(0)
        records.varlong(timestampDelta)
        records.varint(offsetDelta)
        maxTimestamp = max(maxTimestamp, timestamp)
        nextOffset = offset &+ 1
        count += 1
    }

    private mutating func put(_ field: [UInt8]?) {
        guard let field else { return records.varint(-1) }
        records.varint(Int32(truncatingIfNeeded: field.count))
        records.append(field)
    }

    private mutating func put(_ field: Range<Int>?, of bytes: RawSpan) {
        guard let field else { return records.varint(-1) }
        records.varint(Int32(truncatingIfNeeded: field.count))
        records.append(bytes.extracting(field))
    }

    private static func fieldSize(_ count: Int?) -> Int {
        guard let count else { return varintSize(-1) }
        return varintSize(Int32(truncatingIfNeeded: count)) + count
    }
}
