public import Bytes
internal import Compression

/// Writing a batch of magic 2 again with some of its records, as compaction does.
///
/// Records that stay are copied as runs of bytes: offsets and timestamps in them count from the base of their batch,
/// which is kept. So is the last offset, with which the last sequence of an idempotent producer survives.
public enum BatchThinning {
    /// What stays of a batch.
    public struct Remainder {
        /// Places of whole records in `RecordIterator.bytes`, ascending.
        public var runs: ContiguousArray<Range<Int>> = []
        public var count: Int32 = 0
        /// The largest timestamp of the records that stay.
        public var maxTimestamp: Int64 = -1

        public init() {}

        public mutating func removeAll() {
            runs.removeAll(keepingCapacity: true)
            count = 0
            maxTimestamp = -1
        }

        @inlinable public mutating func add(_ record: RecordView) {
            count &+= 1
            maxTimestamp = max(maxTimestamp, record.timestamp)
            if let last = runs.last, last.upperBound == record.range.lowerBound {
                runs[runs.count - 1] = last.lowerBound..<record.range.upperBound
            } else {
                runs.append(record.range)
            }
        }
    }

    /// Appends the batch with only these records, packed with the codec it had.
    ///
    /// - Parameters:
    ///   - bytes: what the places count in.
    ///   - scratch: is overwritten if the batch is compressed.
    public static func write(
        _ header: BatchHeader, keeping remainder: Remainder, of bytes: RawSpan, level: Int?,
        scratch: inout ByteWriter, into writer: inout ByteWriter
    ) throws(RecordError) -> BatchHeader {
        precondition(header.magic == 2 && remainder.count > 0, "only records of magic 2 are copied as they are")
        guard let codec = header.compression else { throw .unsupportedCompression(header.compressionID) }
        let start = writer.count
        writer.appendZeros(RecordBatchLayout.headerSize)
        if codec == .none {
            for run in remainder.runs { writer.append(bytes.extracting(run)) }
        } else {
            scratch.clear()
            for run in remainder.runs { scratch.append(bytes.extracting(run)) }
            do throws(CompressionError) {
                try Compression.compress(scratch.bytes, codec, level: level, into: &writer)
            } catch {
                writer.truncate(to: start)
                throw .compression(error)
            }
        }
        guard let length = Int32(exactly: writer.count - start - RecordBatchLayout.logOverhead) else {
            writer.truncate(to: start)
            throw .notBuildable("what is left of a batch is too large for its length field")
        }
        var header = header
        header.batchLength = length
        header.recordCount = remainder.count
        if header.timestampType == .createTime { header.maxTimestamp = remainder.maxTimestamp }
        header.write(into: &writer, at: start)
        var span = writer.mutableBytes
        var batch = span._mutatingExtracting(droppingFirst: start)
        BatchAssignment.sign(&batch)
        return header
    }
}

extension BatchHeader {
    /// Everything but the checksum.
    fileprivate func write(into writer: inout ByteWriter, at start: Int) {
        writer.set(baseOffset, at: start + RecordBatchLayout.baseOffset)
        writer.set(batchLength, at: start + RecordBatchLayout.batchLength)
        writer.set(partitionLeaderEpoch, at: start + RecordBatchLayout.partitionLeaderEpoch)
        writer.set(magic, at: start + RecordBatchLayout.magic)
        writer.set(attributes, at: start + RecordBatchLayout.attributes)
        writer.set(lastOffsetDelta, at: start + RecordBatchLayout.lastOffsetDelta)
        writer.set(baseTimestamp, at: start + RecordBatchLayout.baseTimestamp)
        writer.set(maxTimestamp, at: start + RecordBatchLayout.maxTimestamp)
        writer.set(producerID, at: start + RecordBatchLayout.producerID)
        writer.set(producerEpoch, at: start + RecordBatchLayout.producerEpoch)
        writer.set(baseSequence, at: start + RecordBatchLayout.baseSequence)
        writer.set(recordCount, at: start + RecordBatchLayout.recordCount)
    }
}
