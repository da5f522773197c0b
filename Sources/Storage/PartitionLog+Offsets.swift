import Bytes
import KafkaRecords

/// Finding offsets by time and by leader epoch.
extension PartitionLog {
    /// The first record that is not older than `timestamp`, at or behind the start of the log.
    public func offset(forTimestamp timestamp: Int64) throws(StorageError) -> TimestampOffset? {
        try load()
        for segment in segments where try segment.maxTimestamp().timestamp >= timestamp {
            warm(segment)
            let start = max(try segment.offsetBefore(timestamp: timestamp), logStartOffset)
            var scanner = BatchScanner(try segment.log(), from: try segment.scanStart(for: start), to: segment.size)
            while let header = try scanner.next() {
                guard header.maxTimestamp >= timestamp, header.lastOffset >= logStartOffset else { continue }
                try scanner.loadBatch()
                let record = try firstRecord(scanner.batch, segment, scanner.position) { [logStartOffset] record in
                    record.timestamp >= timestamp && record.offset >= logStartOffset
                }
                if let record { return record }
            }
        }
        return nil
    }

    /// The record with the largest timestamp, the first of them if there are several (KIP-734).
    public func maxTimestampOffset() throws(StorageError) -> TimestampOffset? {
        try load()
        var newest: (segment: Segment, time: TimestampOffset)?
        for segment in segments {
            let time = try segment.maxTimestamp()
            if time.timestamp > newest?.time.timestamp ?? -1 { newest = (segment, time) }
        }
        guard let (segment, time) = newest else { return nil }
        warm(segment)
        var scanner = BatchScanner(try segment.log(), from: try segment.scanStart(for: time.offset), to: segment.size)
        while let header = try scanner.next() {
            guard header.maxTimestamp == time.timestamp else { continue }
            try scanner.loadBatch()
            return try firstRecord(scanner.batch, segment, scanner.position) { $0.timestamp >= time.timestamp }
        }
        return nil
    }

    private func firstRecord(
        _ batch: RawSpan, _ segment: Segment, _ position: Int, where matches: (RecordView) -> Bool
    ) throws(StorageError) -> TimestampOffset? {
        var scratch = ByteWriter(capacity: 16)
        do throws(RecordError) {
            var records = try RecordIterator(batch, scratch: &scratch)
            while let record = try records.next() {
                guard matches(record) else { continue }
                return TimestampOffset(
                    timestamp: record.timestamp, offset: record.offset,
                    leaderEpoch: records.header.partitionLeaderEpoch)
            }
            return nil
        } catch {
            throw segment.corrupt(position, "\(error)")
        }
    }

    /// The end of what a leader epoch wrote, and the epoch that really wrote it; nil where nothing is known.
    public func endOffset(forEpoch epoch: Int32) throws(StorageError) -> (epoch: Int32, endOffset: Int64)? {
        try load()
        guard let entry = epochs.endOffset(for: epoch, logEndOffset: logEndOffset) else { return nil }
        return (entry.epoch, entry.startOffset)
    }
}
