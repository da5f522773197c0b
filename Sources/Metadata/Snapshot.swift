import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix

/// A snapshot: the records that build an image from nothing, between a header and a footer that prove it whole. The
/// offsets inside count from 0 and mean nothing.
enum Snapshot {
    static func encode(
        _ image: ClusterImage, quorum: QuorumFeatures, epoch: Int32, now: Int64, batchBytesMax: Int
    ) throws(MetadataError) -> [UInt8] {
        try encode(
            image.records(), under: image.metadataVersion, quorum: quorum, epoch: epoch,
            lastTimestamp: max(image.timestamp, 0), now: now, batchBytesMax: batchBytesMax)
    }

    static func encode(
        _ records: [MetadataRecord], under level: MetadataVersion, quorum: QuorumFeatures = QuorumFeatures(),
        epoch: Int32, lastTimestamp: Int64, now: Int64, batchBytesMax: Int
    ) throws(MetadataError) -> [UInt8] {
        var batches = MetadataBatchWriter(nextOffset: 0, epoch: epoch, timestamp: now, batchBytesMax: batchBytesMax)
        var header = SnapshotHeaderRecord()
        header.lastContainedLogTimestamp = lastTimestamp
        var control: [(type: ControlRecordType, value: [UInt8])] = [
            (.snapshotHeader, header.encoded(version: 0))
        ]
        if quorum.kraftVersion > 0 {
            var version = KRaftVersionRecord()
            version.kRaftVersion = quorum.kraftVersion
            control.append((.kraftVersion, version.encoded(version: 0)))
            if let voters = quorum.voters { control.append((.kraftVoters, voters.encoded(version: 0))) }
        }
        try batches.appendControl(control)
        try batches.append(records, under: level)
        try batches.appendControl([(.snapshotFooter, SnapshotFooterRecord().encoded(version: 0))])
        return Array(batches.bytes.bytes)
    }

    /// Reads a snapshot into an image that holds everything before `id`. Throws `.corrupt` when it is not whole.
    static func read(_ path: String, id: SnapshotID, into image: ClusterImage, disk: Disk) throws(MetadataError)
        -> MetadataReplay
    {
        var replay = MetadataReplay(image)
        let file = try BatchFile(path, disk: disk)
        var frame = Frame.before
        var position: Int64 = 0
        let end = try file.forEachBatch { batch, header, batchPosition throws(MetadataError) in
            position = batchPosition
            let isFooter = try takeFrame(batch, header, &frame)
            if isFooter { return }
            guard frame == .inside else {
                throw .corrupt(file: path, position: batchPosition, reason: "there are records outside its frame")
            }
            do throws(MetadataError) { try replay.take(batch, header, from: .min) } catch {
                throw error.isOfNewerWriter
                    ? error : .corrupt(file: path, position: batchPosition, reason: error.description)
            }
        }
        if case .damaged(let position, let reason) = end {
            throw .corrupt(file: path, position: position, reason: reason)
        }
        guard frame == .behind else {
            throw .corrupt(file: path, position: file.size, reason: "its footer is missing")
        }
        if let gap = replay.image.gap { throw .corrupt(file: path, position: position, reason: gap) }
        replay.image.offset = id.offset - 1
        replay.image.epoch = id.epoch
        return replay
    }

    private enum Frame { case before, inside, behind }

    /// Follows header and footer; answers whether the batch is the footer.
    private static func takeFrame(
        _ batch: RawSpan, _ header: BatchHeader, _ frame: inout Frame
    ) throws(MetadataError) -> Bool {
        guard header.isControl else { return false }
        var scratch = ByteWriter(capacity: 16)
        do throws(RecordError) {
            var records = try RecordIterator(batch, scratch: &scratch)
            guard let first = try records.next(), let key = first.key else { return false }
            switch try ControlRecordType.parse(key: records.bytes(key)) {
            case .snapshotHeader:
                if frame == .before { frame = .inside }
                return false
            case .snapshotFooter:
                if frame == .inside { frame = .behind }
                return true
            case .abort, .commit, .leaderChange, .kraftVersion, .kraftVoters, nil: return false
            }
        } catch {
            throw .inconsistent(error.description)
        }
    }
}

extension ClusterImage {
    /// Which partition is missing below another one of its topic, if any.
    var gap: String? {
        var found: String?
        topicsByID.forEach { _, topic in
            guard !topic.ahead.isEmpty, found == nil else { return }
            found = "partition \(topic.partitions.count) of topic \(topic.name) is missing"
        }
        return found
    }
}
