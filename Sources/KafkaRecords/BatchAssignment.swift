internal import CCRC32C

/// What a broker writes into a batch in place. The span is exactly one whole, validated batch.
public enum BatchAssignment {
    /// Gives the batch its offsets. Neither field is covered by the checksum.
    public static func assign(_ batch: inout MutableRawSpan, baseOffset: Int64, leaderEpoch: Int32) {
        precondition(batch.byteCount >= RecordBatchLayout.magicEnd, "offsets for something that is no batch")
        batch.storeBigEndian(baseOffset, at: RecordBatchLayout.baseOffset)
        if batch.magic >= 2 {
            batch.storeBigEndian(leaderEpoch, at: RecordBatchLayout.partitionLeaderEpoch)
        }
    }

    /// Replaces the timestamps of all records by the time of the append, without touching the records: the attribute
    /// says that the largest timestamp counts for all. Computes the checksum anew.
    public static func stampLogAppendTime(_ batch: inout MutableRawSpan, _ milliseconds: Int64) {
        set(&batch, maxTimestamp: milliseconds, timestampType: .logAppendTime)
    }

    /// Corrects the largest timestamp of a batch whose writer stated a wrong one. Computes the checksum anew.
    public static func setMaxTimestamp(_ batch: inout MutableRawSpan, _ milliseconds: Int64) {
        set(&batch, maxTimestamp: milliseconds, timestampType: .createTime)
    }

    private static func set(_ batch: inout MutableRawSpan, maxTimestamp: Int64, timestampType: TimestampType) {
        precondition(
            batch.byteCount >= RecordBatchLayout.headerSize && batch.magic == 2, "timestamps for a batch of magic 2")
        let old: Int16 = batch.loadBigEndian(at: RecordBatchLayout.attributes)
        let attributes =
            timestampType == .logAppendTime ? old | BatchAttributes.logAppendTime : old & ~BatchAttributes.logAppendTime
        let oldMax: Int64 = batch.loadBigEndian(at: RecordBatchLayout.maxTimestamp)
        if attributes == old && maxTimestamp == oldMax { return }
        batch.storeBigEndian(attributes, at: RecordBatchLayout.attributes)
        batch.storeBigEndian(maxTimestamp, at: RecordBatchLayout.maxTimestamp)
        sign(&batch)
    }

    /// Writes the checksum that belongs to the bytes as they are.
    static func sign(_ batch: inout MutableRawSpan) {
        let crc = batch.withUnsafeBytes { bytes in
            let covered = bytes[RecordBatchLayout.attributes...]
            return crc32c_extend(0, UnsafeRawBufferPointer(rebasing: covered).baseAddress, covered.count)
        }
        batch.storeBigEndian(crc, at: RecordBatchLayout.crc)
    }
}

extension MutableRawSpan {
    fileprivate var magic: Int8 { loadBigEndian(at: RecordBatchLayout.magic) }

    @inline(__always)
    fileprivate func loadBigEndian<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> T {
        T(bigEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
    }

    @inline(__always)
    fileprivate mutating func storeBigEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at offset: Int) {
        storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
    }
}
