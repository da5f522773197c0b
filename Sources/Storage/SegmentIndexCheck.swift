import KafkaRecords

/// Holds an offset index against the batches of its segment, which come in order. An entry must name the start of a
/// batch, and an offset that is not in front of that batch; Kafka's followers name the last offset of several batches
/// that came together, so the end of the batch says nothing.
struct OffsetIndexCheck {
    /// The first thing that is wrong, with the number of the entry.
    private(set) var problem: (slot: Int, reason: String)?
    private(set) var wrongCount = 0
    private let index: OffsetIndex
    private var next = 0

    init(_ index: OffsetIndex) {
        self.index = index
        var previous = (offset: Int64.min, position: -1)
        for slot in 0..<index.count {
            let entry = index.entry(slot)
            if entry.offset <= previous.offset || entry.position <= previous.position || entry.offset < index.baseOffset
            {
                report(slot, "offset \(entry.offset) at position \(entry.position) does not follow the entry before it")
            }
            previous = (entry.offset, entry.position)
        }
    }

    private mutating func report(_ slot: Int, _ reason: String) {
        if problem == nil || slot < problem?.slot ?? 0 { problem = (slot, reason) }
        wrongCount += 1
    }

    mutating func batch(_ header: BatchHeader, at position: Int) {
        while next < index.count {
            let entry = index.entry(next)
            guard entry.position <= position else { return }
            if entry.position < position {
                report(next, "it names byte \(entry.position) for offset \(entry.offset), where no batch begins")
            } else if entry.offset < header.baseOffset {
                report(
                    next,
                    "it names byte \(entry.position) for offset \(entry.offset), where offset \(header.baseOffset) begins"
                )
            }
            next += 1
        }
    }

    /// Entries that point into bytes that are no batches are none of the index's fault.
    mutating func skip(to position: Int) {
        while next < index.count, index.entry(next).position < position { next += 1 }
    }

    mutating func end(offset: Int64, position: Int) {
        while next < index.count {
            let entry = index.entry(next)
            report(next, "it names byte \(entry.position) for offset \(entry.offset), behind the end of the log")
            next += 1
        }
        guard let last = index.last, last.offset >= offset else { return }
        report(index.count - 1, "it names offset \(last.offset), but the segment ends at \(offset)")
    }
}

/// The same for a time index: an entry names the largest timestamp up to an offset.
struct TimeIndexCheck {
    private(set) var problem: (slot: Int, reason: String)?
    private(set) var wrongCount = 0
    private let index: TimeIndex
    private var next = 0
    private var largest: Int64 = -1

    init(_ index: TimeIndex) {
        self.index = index
        var previous: TimeIndex.Entry?
        for slot in 0..<index.count {
            let entry = index.entry(slot)
            if let previous, entry.timestamp <= previous.timestamp || entry.offset < previous.offset {
                report(
                    slot, "timestamp \(entry.timestamp) for offset \(entry.offset) does not follow the entry before it")
            } else if entry.offset < index.baseOffset {
                report(slot, "it names offset \(entry.offset), in front of the segment")
            }
            previous = entry
        }
    }

    private mutating func report(_ slot: Int, _ reason: String) {
        if problem == nil || slot < problem?.slot ?? 0 { problem = (slot, reason) }
        wrongCount += 1
    }

    mutating func batch(_ header: BatchHeader) {
        largest = max(largest, header.maxTimestamp)
        while next < index.count {
            let entry = index.entry(next)
            guard entry.offset <= header.lastOffset else { return }
            if entry.timestamp != largest {
                report(
                    next,
                    "it names timestamp \(entry.timestamp) for offset \(entry.offset), where the largest is \(largest)")
            }
            next += 1
        }
    }

    /// - Parameter isComplete: the segment is no longer written, so that the last entry has its largest timestamp.
    mutating func end(offset: Int64, isComplete: Bool) {
        while next < index.count {
            let entry = index.entry(next)
            report(next, "it names offset \(entry.offset), but the segment ends at \(offset)")
            next += 1
        }
        guard isComplete, largest >= 0, problem == nil, index.last?.timestamp ?? -1 < largest else { return }
        if let last = index.last {
            report(index.count - 1, "its last timestamp is \(last.timestamp), but the segment has \(largest)")
        } else {
            report(0, "it has no entries, but the segment has records with timestamps")
        }
    }
}
