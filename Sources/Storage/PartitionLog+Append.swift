import Bytes
import KafkaModel
import KafkaRecords
import Posix
public import Timing

/// Adding batches at the end.
extension PartitionLog {
    /// What a range of batches amounts to, once they are checked and have their offsets.
    private struct Appendix {
        var baseOffset: Int64?
        var nextOffset: Int64
        var maxTimestamp: Int64 = -1
        /// The end of the last whole batch; a follower's fetch may end with a part of one.
        var end: Int
    }

    /// Appends the batches in `range`. They get their offsets and the leader's epoch where they lie, and leave in one
    /// write. A batch of an idempotent producer that is in the log already is answered with its old offsets.
    ///
    /// What a producer sent is checked here, unless its owner did that before it took the lock (`.admitted`).
    public func append(
        _ records: inout MutableRawSpan, range: Range<Int>, origin: AppendOrigin, leaderEpoch: Int32, now: Timestamp
    ) throws(AppendRefusal) -> AppendResult {
        guard case .client(let version) = origin else {
            return try place(&records, range, origin, leaderEpoch, now)
        }
        let rewritten = try configuration.admit(&records, range, produceVersion: version, now: now)
        guard var rewritten else { return try place(&records, range, .admitted, leaderEpoch, now) }
        var span = rewritten.mutableBytes
        return try place(&span, 0..<span.byteCount, .admitted, leaderEpoch, now)
    }

    private func place(
        _ records: inout MutableRawSpan, _ range: Range<Int>, _ origin: AppendOrigin, _ leaderEpoch: Int32,
        _ now: Timestamp
    ) throws(AppendRefusal) -> AppendResult {
        try refusing { () throws(StorageError) in try load() }
        var appendix = Appendix(nextOffset: logEndOffset, end: range.lowerBound)
        while appendix.end < range.upperBound {
            guard let header = try prepare(&records, appendix, range, origin, leaderEpoch, now) else { break }
            if header.hasProducerID {
                let batch = records.bytes.extracting(appendix.end..<(appendix.end + header.sizeInBytes))
                let marker = try marker(of: header, batch)
                if case .duplicate(let known) = try table.check(header, marker: marker, origin: origin) {
                    // It may have come back with a crash of this process, and was never flushed.
                    demandFlushIfDue()
                    return duplicate(known)
                }
            }
            appendix.baseOffset = appendix.baseOffset ?? header.baseOffset
            appendix.nextOffset = header.nextOffset
            appendix.maxTimestamp = max(appendix.maxTimestamp, header.maxTimestamp)
            appendix.end += header.sizeInBytes
        }
        let whole = range.lowerBound..<appendix.end
        guard let baseOffset = appendix.baseOffset else { return nothing() }
        // A follower takes what its leader took, under whatever settings that was.
        guard whole.count <= configuration.segmentBytes || origin.isFollower else {
            throw .refused(
                .recordListTooLarge,
                message: "\(whole.count) bytes of records are more than a segment of \(configuration.segmentBytes)",
                recordIndex: nil)
        }
        try refusing { () throws(StorageError) in
            try rollIfDue(whole.count, appendix.maxTimestamp, baseOffset, appendix.nextOffset - 1, now)
            try write(records.bytes.extracting(whole))
            try note(records.bytes.extracting(whole))
        }
        demandFlushIfDue()
        return AppendResult(
            baseOffset: baseOffset, lastOffset: logEndOffset - 1,
            logAppendTime: configuration.timestampType == .logAppendTime && !origin.isFollower ? now : .none,
            logStartOffset: logStartOffset, isDuplicate: false)
    }

    private func refusing(_ body: () throws(StorageError) -> Void) throws(AppendRefusal) {
        do { try body() } catch { throw .storage(error) }
    }

    /// Reads the header of the next batch and gives the batch its place; nil where only a part of one is left.
    private func prepare(
        _ records: inout MutableRawSpan, _ appendix: Appendix, _ range: Range<Int>, _ origin: AppendOrigin,
        _ leaderEpoch: Int32, _ now: Timestamp
    ) throws(AppendRefusal) -> BatchHeader? {
        var header: BatchHeader
        do throws(RecordError) {
            header = try BatchHeader(records.bytes.extracting(appendix.end..<range.upperBound))
        } catch {
            if error == .truncated && origin.isFollower { return nil }
            throw .refused(.corruptMessage, message: "\(error)", recordIndex: nil)
        }
        guard header.sizeInBytes <= range.upperBound - appendix.end else {
            if origin.isFollower { return nil }
            throw .refused(.corruptMessage, message: "a batch is cut off", recordIndex: nil)
        }
        let whole = appendix.end..<(appendix.end + header.sizeInBytes)
        if origin.isFollower {
            try checkReplicated(header, records.bytes.extracting(whole), appendix.nextOffset)
            return header
        }
        guard header.lastOffsetDelta >= 0, appendix.nextOffset <= Int64.max - Int64(Int32.max) - 1 else {
            throw .refused(.corruptMessage, message: "the batch has no last offset", recordIndex: nil)
        }
        var batch = records._mutatingExtracting(whole)
        BatchAssignment.assign(&batch, baseOffset: appendix.nextOffset, leaderEpoch: leaderEpoch)
        header.baseOffset = appendix.nextOffset
        header.partitionLeaderEpoch = leaderEpoch
        if configuration.timestampType == .logAppendTime {
            BatchAssignment.stampLogAppendTime(&batch, now.milliseconds)
            header.maxTimestamp = now.milliseconds
        }
        return header
    }

    private func checkReplicated(
        _ header: BatchHeader, _ batch: RawSpan, _ nextOffset: Int64
    ) throws(AppendRefusal) {
        guard BatchChecksum.isValid(batch) else {
            throw .refused(.corruptMessage, message: "a batch from the leader has a wrong checksum", recordIndex: nil)
        }
        guard header.baseOffset >= nextOffset, header.lastOffset >= header.baseOffset else {
            throw .refused(
                .offsetOutOfRange,
                message: "a batch from the leader has the offsets \(header.baseOffset) to \(header.lastOffset), but "
                    + "the log goes on at \(nextOffset)",
                recordIndex: nil)
        }
    }

    private func marker(of header: BatchHeader, _ batch: RawSpan) throws(AppendRefusal) -> TransactionMarker? {
        guard header.isControl else { return nil }
        do { return try TransactionMarker.decode(batch) } catch {
            throw .refused(.corruptMessage, message: "\(error)", recordIndex: nil)
        }
    }

    private func duplicate(_ known: ProducerBatch) -> AppendResult {
        let isStamped = configuration.timestampType == .logAppendTime
        return AppendResult(
            baseOffset: known.firstOffset, lastOffset: known.lastOffset,
            logAppendTime: isStamped ? Timestamp(milliseconds: known.timestamp) : .none,
            logStartOffset: logStartOffset, isDuplicate: true)
    }

    private func nothing() -> AppendResult {
        AppendResult(
            baseOffset: logEndOffset, lastOffset: logEndOffset - 1, logAppendTime: .none,
            logStartOffset: logStartOffset, isDuplicate: false)
    }

    /// Writes behind the last batch. What a failed write left there is cut off; if that fails too, nothing may ever
    /// be written behind it.
    private func write(_ bytes: RawSpan) throws(StorageError) {
        let segment = active
        let file: OpenFile
        do throws(StorageError) {
            file = try segment.log()
        } catch {
            if case .noRoom = error { throw error }
            throw failing(error)
        }
        do throws(SystemError) {
            try file.write(bytes, at: Int64(segment.size))
        } catch {
            do throws(SystemError) {
                try file.truncate(to: Int64(segment.size))
            } catch {
                fail("a write failed and could not be taken back: \(error)")
                throw .io(error)
            }
            // A full disk takes what is written again as soon as there is room.
            throw error.errno.isNoSpace ? .noRoom(error) : .io(error)
        }
    }

    /// Takes batches that are in the file into account.
    private func note(_ batches: RawSpan) throws(StorageError) {
        let segment = active
        var position = 0
        while position < batches.byteCount {
            let batch = batches.extracting(droppingFirst: position)
            let (header, marker) = try checked(batch, segment)
            segment.note(header, position: segment.size)
            recent.add(header.baseOffset, position: segment.size)
            segment.size += header.sizeInBytes
            logEndOffset = header.nextOffset
            if header.partitionLeaderEpoch >= 0 {
                epochs.assign(header.partitionLeaderEpoch, startOffset: header.baseOffset)
            }
            if header.hasProducerID, let aborted = table.apply(header, marker: marker) {
                try failingOnError { () throws(StorageError) in try writeAborted(aborted, segment) }
            }
            position += header.sizeInBytes
        }
        table.endOffset = logEndOffset
        try failingOnError { () throws(StorageError) in try segment.writeIndexesIfMany() }
    }

    /// What `append` has read already. Should it read otherwise now, the log must not be used any further.
    private func checked(
        _ batch: RawSpan, _ segment: Segment
    ) throws(StorageError) -> (header: BatchHeader, marker: TransactionMarker?) {
        do throws(RecordError) {
            let header = try BatchHeader(batch)
            let isMarker = header.hasProducerID && header.isControl
            return (header, isMarker ? try TransactionMarker.decode(batch) : nil)
        } catch {
            throw failing(segment.corrupt(segment.size, "\(error), in a batch that was checked"))
        }
    }

    func failingOnError(_ body: () throws(StorageError) -> Void) throws(StorageError) {
        do { try body() } catch { throw failing(error) }
    }
}
