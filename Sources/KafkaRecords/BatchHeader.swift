internal import Bytes
public import Compression

/// A plain copy of the fields in front of the records of a batch.
///
/// A message of magic 0 or 1 is described by the same fields: `baseOffset` is its own offset (of a compressed wrapper
/// that is the offset of the *last* message inside), both timestamps are its timestamp (-1 in magic 0), producer and
/// leader epoch are absent (-1), and `recordCount` is 1, or -1 for a compressed wrapper, which does not tell.
public struct BatchHeader: Sendable, Equatable {
    public var baseOffset: Int64
    /// The size without `RecordBatchLayout.logOverhead`.
    public var batchLength: Int32
    public var partitionLeaderEpoch: Int32
    public var magic: Int8
    public var crc: UInt32
    public var attributes: Int16
    public var lastOffsetDelta: Int32
    public var baseTimestamp: Int64
    public var maxTimestamp: Int64
    public var producerID: Int64
    public var producerEpoch: Int16
    public var baseSequence: Int32
    public var recordCount: Int32

    /// Reads the header at the front of `bytes`, which need not hold the whole batch: 61 bytes suffice, or 26 for a
    /// message of magic 1, or 18 for one of magic 0.
    public init(_ bytes: RawSpan) throws(RecordError) {
        guard bytes.byteCount >= RecordBatchLayout.magicEnd else { throw .truncated }
        baseOffset = bytes.loadBigEndian(at: RecordBatchLayout.baseOffset)
        batchLength = bytes.loadBigEndian(at: RecordBatchLayout.batchLength)
        magic = bytes.loadBigEndian(at: RecordBatchLayout.magic)
        switch magic {
        case 2:
            guard batchLength >= RecordBatchLayout.headerSize - RecordBatchLayout.logOverhead else {
                throw .invalidSize(batchLength)
            }
            guard bytes.byteCount >= RecordBatchLayout.headerSize else { throw .truncated }
            partitionLeaderEpoch = bytes.loadBigEndian(at: RecordBatchLayout.partitionLeaderEpoch)
            crc = bytes.loadBigEndian(at: RecordBatchLayout.crc)
            attributes = bytes.loadBigEndian(at: RecordBatchLayout.attributes)
            lastOffsetDelta = bytes.loadBigEndian(at: RecordBatchLayout.lastOffsetDelta)
            baseTimestamp = bytes.loadBigEndian(at: RecordBatchLayout.baseTimestamp)
            maxTimestamp = bytes.loadBigEndian(at: RecordBatchLayout.maxTimestamp)
            producerID = bytes.loadBigEndian(at: RecordBatchLayout.producerID)
            producerEpoch = bytes.loadBigEndian(at: RecordBatchLayout.producerEpoch)
            baseSequence = bytes.loadBigEndian(at: RecordBatchLayout.baseSequence)
            recordCount = bytes.loadBigEndian(at: RecordBatchLayout.recordCount)
        case 0, 1:
            let hasTimestamp = magic == 1
            let sizeMin = hasTimestamp ? LegacyMessageLayout.sizeMinV1 : LegacyMessageLayout.sizeMinV0
            guard batchLength >= sizeMin else { throw .invalidSize(batchLength) }
            let headerSize = hasTimestamp ? LegacyMessageLayout.headerSizeV1 : LegacyMessageLayout.headerSizeV0
            guard bytes.byteCount >= headerSize else { throw .truncated }
            partitionLeaderEpoch = -1
            crc = bytes.loadBigEndian(at: LegacyMessageLayout.crc)
            attributes = Int16(bytes.loadBigEndian(at: LegacyMessageLayout.attributes, as: UInt8.self))
            lastOffsetDelta = 0
            baseTimestamp = hasTimestamp ? bytes.loadBigEndian(at: LegacyMessageLayout.timestamp) : -1
            maxTimestamp = baseTimestamp
            producerID = -1
            producerEpoch = -1
            baseSequence = -1
            recordCount = attributes & BatchAttributes.compressionMask == 0 ? 1 : -1
        default:
            throw .unsupportedMagic(magic)
        }
    }

    /// Offset, length and header included.
    public var sizeInBytes: Int { Int(batchLength) + RecordBatchLayout.logOverhead }

    public var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
    public var nextOffset: Int64 { lastOffset &+ 1 }

    /// Sequences go round: behind `Int32.max` comes 0.
    public var lastSequence: Int32 {
        baseSequence < 0 ? -1 : Self.sequence(baseSequence, advancedBy: lastOffsetDelta)
    }

    public static func sequence(_ sequence: Int32, advancedBy delta: Int32) -> Int32 {
        Int32(truncatingIfNeeded: (Int64(sequence) + Int64(delta)) & Int64(Int32.max))
    }

    /// The number in the attributes that names the codec; 5 to 7 name none.
    public var compressionID: Int8 { Int8(truncatingIfNeeded: attributes & BatchAttributes.compressionMask) }
    public var compression: CompressionType? { CompressionType(rawValue: compressionID) }
    public var isCompressed: Bool { compressionID != 0 }

    /// Messages of magic 0 have no timestamp; what this says of them has no meaning.
    public var timestampType: TimestampType {
        magic > 0 && attributes & BatchAttributes.logAppendTime != 0 ? .logAppendTime : .createTime
    }

    public var isTransactional: Bool { magic >= 2 && attributes & BatchAttributes.transactional != 0 }
    public var isControl: Bool { magic >= 2 && attributes & BatchAttributes.control != 0 }
    public var hasProducerID: Bool { producerID >= 0 }

    /// When the compactor may remove the tombstones and markers in this batch; it is kept in the base timestamp.
    public var deleteHorizon: Int64? {
        magic >= 2 && attributes & BatchAttributes.deleteHorizon != 0 ? baseTimestamp : nil
    }

    var legacyHeaderSize: Int { magic == 0 ? LegacyMessageLayout.headerSizeV0 : LegacyMessageLayout.headerSizeV1 }
}

extension RawSpan {
    /// For header fields: the caller has checked that they are there.
    @inline(__always)
    func loadBigEndian<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self) -> T {
        T(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
    }
}
