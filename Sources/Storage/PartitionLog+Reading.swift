import KafkaRecords
import Posix

/// Finding bytes to send.
extension PartitionLog {
    /// The batches from the one that holds `offset` on, as a part of one segment file, below `limitOffset`.
    ///
    /// What is longer than `maxBytes` is cut, in the middle of a batch too. The first batch comes whole or not at all:
    /// a reader takes a beginning alone for damage. With `minOneBatch` it comes however large it is.
    public func read(
        from offset: Int64, maxBytes: Int, minOneBatch: Bool, upTo limitOffset: Int64
    ) throws(StorageError) -> LogRead {
        try load()
        guard offset >= logStartOffset, offset <= logEndOffset else {
            throw .offsetOutOfRange(requested: offset, start: logStartOffset, end: logEndOffset)
        }
        return try batches(from: offset, maxBytes: maxBytes, minOneBatch: minOneBatch, upTo: limitOffset)
    }

    /// The same, from where files have batches: the first segment may begin below the start of the log.
    func batches(
        from offset: Int64, maxBytes: Int, minOneBatch: Bool, upTo limitOffset: Int64
    ) throws(StorageError) -> LogRead {
        let limit = min(limitOffset, logEndOffset)
        guard offset < limit, maxBytes > 0 || minOneBatch, var index = segmentIndex(for: offset) else {
            return LogRead(region: nil, firstOffset: offset, logStartOffset: logStartOffset)
        }
        while index < segments.count, segments[index].baseOffset < limit {
            let segment = segments[index]
            warm(segment)
            if let first = try locate(offset, in: segment) {
                let end = try endPosition(limit, in: index, after: first)
                let count = min(end - first.position, minOneBatch ? max(maxBytes, first.size) : maxBytes)
                guard count >= first.size else { break }
                let region = FileRegion(file: try segment.log(), offset: Int64(first.position), count: count)
                return LogRead(region: region, firstOffset: first.baseOffset, logStartOffset: logStartOffset)
            }
            index += 1
        }
        return LogRead(region: nil, firstOffset: offset, logStartOffset: logStartOffset)
    }

    private struct Located {
        var baseOffset: Int64
        var position: Int
        var size: Int
    }

    private func locate(_ offset: Int64, in segment: Segment) throws(StorageError) -> Located? {
        if segment === active, offset < logEndOffset, let found = recent.find(offset) {
            let end = found.nextPosition ?? segment.size
            return Located(baseOffset: found.baseOffset, position: found.position, size: end - found.position)
        }
        guard let (position, header) = try segment.find(offset) else { return nil }
        if let next = segmentIndex(for: header.baseOffset), header.magic >= 2, segments[next] !== segment {
            throw segment.corrupt(
                position, "it holds the offset \(header.baseOffset), which belongs to another segment: was it renamed?")
        }
        return Located(baseOffset: header.baseOffset, position: position, size: header.sizeInBytes)
    }

    /// Where the batches below `limit` end. The limit is nearly always the end of the log.
    private func endPosition(_ limit: Int64, in index: Int, after first: Located) throws(StorageError) -> Int {
        let segment = segments[index]
        if limit == logEndOffset || (index + 1 < segments.count && segments[index + 1].baseOffset <= limit) {
            return segment.size
        }
        return try locate(limit, in: segment)?.position ?? segment.size
    }

    /// The aborted transactions a reader of committed records must know to read from `offset` up to `upperBound`.
    public func abortedTransactions(
        from offset: Int64, upTo upperBound: Int64
    ) throws(StorageError) -> [AbortedTransaction] {
        try load()
        var found: [AbortedTransaction] = []
        for segment in segments[(segmentIndex(for: offset) ?? 0)...] {
            let path = segment.path(LogFileName.transactionIndex)
            guard disk.exists(path) else { continue }
            let bytes = try io(try disk.contents(of: path))
            let transactions: [AbortedTransaction]
            do { transactions = try AbortedTransaction.decode(bytes.span.bytes) } catch {
                throw .corrupt(file: path, position: 0, reason: "\(error)")
            }
            for transaction in transactions {
                if transaction.lastOffset >= offset && transaction.firstOffset < upperBound {
                    found.append(transaction)
                }
                if transaction.lastStableOffset >= upperBound { return found }
            }
        }
        return found
    }
}
