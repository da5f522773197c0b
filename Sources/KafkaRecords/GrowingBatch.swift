import Bytes
public import Compression

/// A record batch of magic 2 that grows in the memory it will be sent from: room for the header, then one record behind
/// the other, copied once from the caller. A producer keeps it for the next batch when this one is done.
///
/// Its life: `append` … `append`, `seal`, `sign` as often as the sequence changes, `clear`.
public struct GrowingBatch: ~Copyable {
    public private(set) var recordCount = 0
    public private(set) var isSealed = false
    private var plain: ByteWriter
    /// What `plain` was packed to, once sealed with a codec.
    private var packed = ByteWriter(capacity: 16)
    private var compression = CompressionType.none
    private var baseTimestamp: Int64 = -1
    private var maxTimestamp: Int64 = -1

    /// Length, attributes, time, offset, and the lengths of key, value and headers, at their longest.
    private static let recordOverheadMax = 5 + 1 + 10 + 5 + 5 + 5 + 5

    public init(capacity: Int) {
        plain = ByteWriter(capacity: capacity)
        plain.appendZeros(RecordBatchLayout.headerSize)
    }

    /// The largest size of a batch that has nothing but one record of such parts.
    public static func sizeMax(key: Int, value: Int, headers: Int) -> Int {
        RecordBatchLayout.headerSize + recordOverheadMax + key + value + headers
    }

    /// The size of the batch with one record more, at most.
    public func size(with key: Int, _ value: Int, _ headers: Int) -> Int {
        plain.count + Self.recordOverheadMax + key + value + headers
    }

    /// The size before compression.
    public var plainBytes: Int { plain.count }

    /// The size of what is sent, once sealed.
    public var sizeInBytes: Int { compression == .none ? plain.count : packed.count }

    public var reservedBytes: Int { plain.reservedBytes }

    /// The batch, once signed.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get { compression == .none ? plain.bytes : packed.bytes }
    }

    /// The batch where it lies, once signed: it stays there until `clear`, for whoever hands it to a system call.
    public var location: UnsafeRawBufferPointer {
        compression == .none ? plain.withUnsafeBytes { $0 } : packed.withUnsafeBytes { $0 }
    }

    /// - Parameter headers: `headerCount` headers as they stand in a record.
    public mutating func append(
        timestamp: Int64, key: RawSpan?, value: RawSpan?, headerCount: Int32, headers: RawSpan
    ) {
        precondition(!isSealed, "a record for a batch that is closed")
        if recordCount == 0 { baseTimestamp = timestamp }
        let delta = timestamp &- baseTimestamp
        let index = Int32(truncatingIfNeeded: recordCount)
        var size = 1 &+ varlongSize(delta) &+ varintSize(index) &+ varintSize(headerCount) &+ headers.byteCount
        size &+= 1
        size &+= 1
        if let key { size = size &- 1 &+ varintSize(Int32(truncatingIfNeeded: key.byteCount)) &+ key.byteCount }
        if let value { size = size &- 1 &+ varintSize(Int32(truncatingIfNeeded: value.byteCount)) &+ value.byteCount }
        plain.reserve(size &+ 5)
        plain.varint(Int32(truncatingIfNeeded: size))
        plain.int8(0)
        plain.varlong(delta)
        plain.varint(index)
        if let key {
            plain.varint(Int32(truncatingIfNeeded: key.byteCount))
            plain.append(key)
        } else {
            plain.varint(-1)
        }
        if let value {
            plain.varint(Int32(truncatingIfNeeded: value.byteCount))
            plain.append(value)
        } else {
            plain.varint(-1)
        }
        plain.varint(headerCount)
        if headerCount > 0 { plain.append(headers) }
        maxTimestamp = max(maxTimestamp, timestamp)
        recordCount &+= 1
    }

    /// Appends a record of another batch, with its headers as they were.
    ///
    /// - Parameter bytes: what the places of `record` count in.
    public mutating func append(copying record: RecordView, from bytes: RawSpan) {
        append(
            timestamp: record.timestamp, key: record.key == nil ? nil : bytes.extracting(record.key ?? 0..<0),
            value: record.value == nil ? nil : bytes.extracting(record.value ?? 0..<0),
            headerCount: Int32(truncatingIfNeeded: record.headerCount), headers: bytes.extracting(record.headers))
    }

    /// Ends the growing and packs the records.
    public mutating func seal(_ compression: CompressionType, level: Int?) throws(CompressionError) {
        if compression != .none {
            try Self.pack(plain, compression, level, into: &packed)
        }
        sealUnpacked()
        self.compression = compression
    }

    /// Closes the batch as it is, which cannot fail.
    public mutating func sealUnpacked() {
        precondition(!isSealed && recordCount > 0, "closing a batch that is closed or empty")
        compression = .none
        isSealed = true
    }

    private static func pack(
        _ plain: borrowing ByteWriter, _ compression: CompressionType, _ level: Int?, into packed: inout ByteWriter
    ) throws(CompressionError) {
        packed.clear()
        packed.appendZeros(RecordBatchLayout.headerSize)
        try Compression.compress(
            plain.bytes.extracting(droppingFirst: RecordBatchLayout.headerSize), compression, level: level,
            into: &packed)
    }

    /// Writes the header. The producer's fields are -1 where there is no idempotence.
    public mutating func sign(producerID: Int64, producerEpoch: Int16, baseSequence: Int32) {
        precondition(isSealed, "signing a batch that still grows")
        let header = Header(
            compression: compression, recordCount: recordCount, baseTimestamp: baseTimestamp,
            maxTimestamp: maxTimestamp,
            producerID: producerID, producerEpoch: producerEpoch, baseSequence: baseSequence)
        if compression == .none { header.write(to: &plain) } else { header.write(to: &packed) }
    }

    private struct Header {
        let compression: CompressionType
        let recordCount: Int
        let baseTimestamp: Int64
        let maxTimestamp: Int64
        let producerID: Int64
        let producerEpoch: Int16
        let baseSequence: Int32

        func write(to writer: inout ByteWriter) {
            let length = writer.count - RecordBatchLayout.logOverhead
            writer.set(Int64(0), at: RecordBatchLayout.baseOffset)
            writer.set(Int32(truncatingIfNeeded: length), at: RecordBatchLayout.batchLength)
            writer.set(Int32(-1), at: RecordBatchLayout.partitionLeaderEpoch)
            writer.set(Int8(2), at: RecordBatchLayout.magic)
            writer.set(Int16(compression.rawValue), at: RecordBatchLayout.attributes)
            writer.set(Int32(truncatingIfNeeded: recordCount - 1), at: RecordBatchLayout.lastOffsetDelta)
            writer.set(baseTimestamp, at: RecordBatchLayout.baseTimestamp)
            writer.set(maxTimestamp, at: RecordBatchLayout.maxTimestamp)
            writer.set(producerID, at: RecordBatchLayout.producerID)
            writer.set(producerEpoch, at: RecordBatchLayout.producerEpoch)
            writer.set(baseSequence, at: RecordBatchLayout.baseSequence)
            writer.set(Int32(truncatingIfNeeded: recordCount), at: RecordBatchLayout.recordCount)
            var span = writer.mutableBytes
            BatchAssignment.sign(&span)
        }
    }

    /// Walks the records, once signed.
    public borrowing func withRecords(_ body: (inout RecordIterator) throws(RecordError) -> Void) {
        var scratch = ByteWriter(capacity: 16)
        do throws(RecordError) {
            var iterator = try RecordIterator(bytes, scratch: &scratch, outputLimit: plain.count)
            try body(&iterator)
        } catch {
            preconditionFailure("a batch of our own making is not whole: \(error)")
        }
    }

    /// Ready for the next batch, in the same memory unless that is more than `limit`.
    public mutating func clear(keepingAtMost limit: Int) {
        plain.clear(keepingAtMost: limit)
        plain.appendZeros(RecordBatchLayout.headerSize)
        packed.clear(keepingAtMost: limit)
        recordCount = 0
        isSealed = false
        compression = .none
        baseTimestamp = -1
        maxTimestamp = -1
    }
}
