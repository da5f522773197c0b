import Posix

/// The offset index, read beside the batches: the entry that names a batch comes when the batch does.
struct OffsetEntryCheck: ~Copyable {
    private let path: String
    private let baseOffset: Int64
    private var entries: IndexEntries?
    private var pending: OffsetIndex.Entry?
    private var previous: OffsetIndex.Entry?

    init(_ path: String, baseOffset: Int64, disk: Disk) throws(StorageError) {
        self.path = path
        self.baseOffset = baseOffset
        guard disk.exists(path) else { return }
        entries = try IndexEntries(path, entrySize: OffsetIndex.entrySize, disk: disk)
        pending = try entries?.nextOffset(baseOffset: baseOffset)
    }

    mutating func batch(
        position: Int, lastOffset: Int64, _ inspection: inout SegmentInspection
    ) throws(StorageError) {
        while let entry = pending, entry.position <= position {
            let found = entry.position == position ? lastOffset : nil
            try check(entry, found, &inspection)
        }
    }

    mutating func end(_ inspection: inout SegmentInspection) throws(StorageError) {
        guard entries != nil else {
            inspection.add(path, 0, .missingFile)
            return
        }
        while let entry = pending { try check(entry, nil, &inspection) }
        guard let loose = entries?.looseBytes, loose > 0 else { return }
        inspection.add(path, Int64(entries?.slots ?? 0) * Int64(OffsetIndex.entrySize), .brokenEntry(bytes: loose))
    }

    private mutating func check(
        _ entry: OffsetIndex.Entry, _ found: Int64?, _ inspection: inout SegmentInspection
    ) throws(StorageError) {
        let place = entries?.position ?? 0
        if let previous, entry.offset <= previous.offset || entry.position <= previous.position {
            inspection.add(path, place, .indexOutOfOrder(indexed: entry.offset, previous: previous.offset))
        } else if found != entry.offset {
            inspection.add(
                path, place,
                .wrongOffset(indexed: entry.offset, position: Int64(entry.position), found: found))
        }
        previous = entry
        pending = try entries?.nextOffset(baseOffset: baseOffset)
    }
}

/// The time index, read beside the batches.
struct TimeEntryCheck: ~Copyable {
    private let path: String
    private let baseOffset: Int64
    private var entries: IndexEntries?
    private var pending: TimeIndex.Entry?
    private var previousTimestamp: Int64 = -1

    init(_ path: String, baseOffset: Int64, disk: Disk) throws(StorageError) {
        self.path = path
        self.baseOffset = baseOffset
        guard disk.exists(path) else { return }
        entries = try IndexEntries(path, entrySize: TimeIndex.entrySize, disk: disk)
        pending = try entries?.nextTime(baseOffset: baseOffset)
    }

    mutating func batch(
        lastOffset: Int64, maxTimestamp: Int64, _ inspection: inout SegmentInspection
    ) throws(StorageError) {
        while let entry = pending, entry.offset <= lastOffset {
            let place = entries?.position ?? 0
            if entry.offset < lastOffset {
                inspection.add(path, place, .offsetNotFound(indexed: entry.offset, found: lastOffset))
            } else if entry.timestamp != maxTimestamp {
                inspection.add(path, place, .wrongTimestamp(indexed: entry.timestamp, found: maxTimestamp))
            }
            try advance(entry, place, &inspection)
        }
    }

    mutating func end(_ inspection: inout SegmentInspection) throws(StorageError) {
        guard entries != nil else {
            inspection.add(path, 0, .missingFile)
            return
        }
        while let entry = pending {
            let place = entries?.position ?? 0
            inspection.add(path, place, .offsetNotFound(indexed: entry.offset, found: -1))
            try advance(entry, place, &inspection)
        }
        guard let loose = entries?.looseBytes, loose > 0 else { return }
        inspection.add(path, Int64(entries?.slots ?? 0) * Int64(TimeIndex.entrySize), .brokenEntry(bytes: loose))
    }

    private mutating func advance(
        _ entry: TimeIndex.Entry, _ place: Int64, _ inspection: inout SegmentInspection
    ) throws(StorageError) {
        if entry.timestamp <= previousTimestamp {
            inspection.add(
                path, place, .timestampOutOfOrder(indexed: entry.timestamp, previous: previousTimestamp))
        }
        previousTimestamp = entry.timestamp
        pending = try entries?.nextTime(baseOffset: baseOffset)
    }
}
