import KafkaModel
import KafkaRecords
import Posix
import Storage

extension MetadataLog {
    /// What was found on disk. Loading changes nothing; `repair` then does what it lists.
    struct Loaded {
        var replay: MetadataReplay
        var nextOffset: Int64 = 0
        var segments: [Int64] = []
        var snapshots: [SnapshotID] = []
        var lastEpoch: Int32 = 0
        var epochs = LeaderEpochCache()
        /// Where the unfinished end of the last segment is to be cut off.
        var cut: (segment: Int64, position: Int64)?
        /// Segments that end before the snapshot they should go on from.
        var outdated: [Int64] = []
        /// Snapshots that cannot be read, though an older one and the log make up for them.
        var damagedSnapshots: [(id: SnapshotID, reason: MetadataError)] = []
        var remains: [String] = []
        /// Bytes of log that no snapshot covers.
        var bytesSinceSnapshot: Int64 = 0
    }

    /// Reads the newest snapshot that is whole and the log behind it.
    static func load(_ directory: MetadataDirectory, clusterID: String) throws(MetadataError) -> Loaded {
        let contents = try directory.list()
        var loaded = try loadSnapshot(directory, contents, clusterID: clusterID)
        loaded.remains = contents.remains
        loaded.segments = contents.segments
        try loadSegments(directory, &loaded)
        if let gap = loaded.replay.image.gap { throw .inconsistent(gap) }
        return loaded
    }

    private static func loadSnapshot(
        _ directory: MetadataDirectory, _ contents: MetadataDirectory.Contents, clusterID: String
    ) throws(MetadataError) -> Loaded {
        let start = contents.segments.first ?? .max
        var damaged: [(id: SnapshotID, reason: MetadataError)] = []
        for id in contents.snapshots.reversed() {
            do throws(MetadataError) {
                let replay = try Snapshot.read(
                    directory.snapshot(id), id: id, into: ClusterImage(clusterID: clusterID), disk: directory.disk)
                // With an older one the log has to fill the hole.
                if !damaged.isEmpty, start > id.offset { throw damaged[0].reason }
                var loaded = Loaded(replay: replay)
                loaded.nextOffset = id.offset
                loaded.lastEpoch = id.epoch
                loaded.snapshots = contents.snapshots.filter { $0 <= id }
                loaded.damagedSnapshots = damaged
                return loaded
            } catch .corrupt(let file, let position, let reason) {
                damaged.append((id, .corrupt(file: file, position: position, reason: reason)))
            }
        }
        // Without any snapshot the log must tell everything from the beginning.
        if start > 0, start != .max || !damaged.isEmpty {
            if let first = damaged.first { throw first.reason }
            throw .corrupt(
                file: directory.segment(start), position: 0,
                reason: "the log begins at offset \(start), and there is no snapshot of what was before")
        }
        var loaded = Loaded(replay: MetadataReplay(ClusterImage(clusterID: clusterID)))
        loaded.damagedSnapshots = damaged
        return loaded
    }

    private static func loadSegments(_ directory: MetadataDirectory, _ loaded: inout Loaded) throws(MetadataError) {
        let snapshotOffset = loaded.nextOffset
        guard var end = loaded.segments.first else { return }
        guard end <= snapshotOffset else {
            throw .corrupt(
                file: directory.segment(end), position: 0,
                reason: "the log begins at offset \(end), but the snapshot before ends at \(snapshotOffset)")
        }
        let last = loaded.segments[loaded.segments.count - 1]
        for base in loaded.segments {
            let path = directory.segment(base)
            guard base == end else {
                throw .corrupt(file: path, position: 0, reason: "the segment before it ends at offset \(end)")
            }
            let file = try BatchFile(path, disk: directory.disk)
            let result = try file.forEachBatch { batch, header, position throws(MetadataError) in
                guard header.baseOffset == end, header.lastOffsetDelta >= 0 else {
                    throw .corrupt(
                        file: path, position: position,
                        reason: "a batch has the offset \(header.baseOffset) where \(end) follows")
                }
                end = header.nextOffset
                loaded.note(header)
                guard header.lastOffset >= snapshotOffset else { return }
                loaded.bytesSinceSnapshot += Int64(header.sizeInBytes)
                try loaded.replay.take(batch, header, from: snapshotOffset)
            }
            guard case .damaged(let position, let reason) = result else { continue }
            guard base == last, try !file.hasSoundBatch(behind: position, from: end) else {
                throw .corrupt(file: path, position: position, reason: reason + ", and intact records follow")
            }
            loaded.cut = (base, position)
        }
        if end < snapshotOffset {
            // Nothing in the log is newer than the snapshot, and what follows would leave a hole.
            loaded.outdated = loaded.segments
            loaded.segments = []
            loaded.cut = nil
        } else {
            loaded.nextOffset = end
        }
    }

    /// Does what loading found necessary.
    static func repair(_ directory: MetadataDirectory, _ loaded: Loaded) throws(MetadataError) {
        let disk = directory.disk
        do throws(SystemError) {
            for path in loaded.remains { try disk.remove(path) }
            for base in loaded.outdated { try disk.remove(directory.segment(base)) }
            for damaged in loaded.damagedSnapshots { try disk.remove(directory.snapshot(damaged.id)) }
            if let cut = loaded.cut {
                let file = try disk.open(directory.segment(cut.segment), .readWrite)
                try file.truncate(to: cut.position)
                try file.synchronize()
            }
        } catch {
            throw .io(error)
        }
    }
}

extension MetadataLog.Loaded {
    fileprivate mutating func note(_ header: BatchHeader) {
        lastEpoch = max(lastEpoch, header.partitionLeaderEpoch)
        epochs.assign(header.partitionLeaderEpoch, startOffset: header.baseOffset)
    }
}
