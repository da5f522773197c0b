import KafkaRecords

/// Which records a dump shows. All bounds are inclusive.
struct RecordFilter: Sendable {
    var fromOffset: Int64?
    var toOffset: Int64?
    var fromTime: Int64?
    var toTime: Int64?
    var keyBytes: [UInt8]?

    var isEmpty: Bool {
        fromOffset == nil && toOffset == nil && fromTime == nil && toTime == nil && keyBytes == nil
    }

    /// Whether the records themselves decide, and not only their batches.
    var looksAtRecords: Bool { !isEmpty }

    enum BatchVerdict {
        case take, skip
        /// Nothing behind it can be wanted.
        case end
    }

    /// What can be told from the header. The first offset of a compressed message of the old formats is not known.
    func judge(_ header: BatchHeader, previousOffset: Int64?) -> BatchVerdict {
        if let toOffset {
            let isWrapper = header.magic < 2 && header.isCompressed
            let first = isWrapper ? (previousOffset ?? -1) &+ 1 : header.baseOffset
            if first > toOffset { return .end }
        }
        if let fromOffset, header.lastOffset < fromOffset { return .skip }
        if let fromTime, header.magic > 0, header.maxTimestamp < fromTime { return .skip }
        return .take
    }

    /// For a dump of batches alone: whether the times of a batch may touch those wanted.
    func takesTimes(of header: BatchHeader) -> Bool {
        guard let toTime, header.magic > 0 else { return true }
        // The base timestamp of a batch that has a delete horizon is that horizon.
        return header.deleteHorizon != nil || header.baseTimestamp <= toTime
    }

    func takes(_ record: RecordView, _ bytes: RawSpan) -> Bool {
        if let fromOffset, record.offset < fromOffset { return false }
        if let toOffset, record.offset > toOffset { return false }
        if let fromTime, record.timestamp < fromTime { return false }
        if let toTime, record.timestamp > toTime { return false }
        guard let keyBytes else { return true }
        guard let key = record.key, key.count == keyBytes.count else { return false }
        for (index, byte) in keyBytes.enumerated()
        where bytes.unsafeLoad(fromByteOffset: key.lowerBound + index, as: UInt8.self) != byte { return false }
        return true
    }
}
