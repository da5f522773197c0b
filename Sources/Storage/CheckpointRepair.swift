public import KafkaModel
public import Posix

/// A checkpoint file of a data directory that cannot be read is written anew, with what may be kept of it.
///
/// Recovery points and cleaner points are given up: without them a start reads everything again, and compaction begins
/// at the front, which is slow and safe. High watermarks and log starts are kept where a line names a partition of the
/// directory and an offset that its log has, for without them deleted records would come back.
public struct CheckpointRepair: Sendable {
    public let name: String
    public let directory: String
    public let kept: [TopicPartition: Int64]

    /// Nil where the file is in order.
    public init?(
        _ checkpoint: DirectorySurvey.Checkpoint, in survey: DirectorySurvey,
        ranges: [TopicPartition: ClosedRange<Int64>], disk: Disk
    ) throws(StorageError) {
        guard checkpoint.problem != nil else { return nil }
        name = checkpoint.name
        directory = survey.path
        guard name == OffsetCheckpoint.highWatermark || name == OffsetCheckpoint.logStart else {
            kept = [:]
            return
        }
        let bytes = try io(try disk.contents(of: survey.path + "/" + name))
        var kept: [TopicPartition: Int64] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 3, let number = Int32(words[1]), let offset = Int64(words[2]) else { continue }
            let partition = TopicPartition(String(words[0]), number)
            if ranges[partition]?.contains(offset) == true { kept[partition] = offset }
        }
        self.kept = kept
    }

    public var text: (file: String, does: String) {
        (directory + "/" + name, "write it anew with \(kept.count) lines that can be kept")
    }

    public func execute(keepingIn archive: RepairArchive, disk: Disk) throws(StorageError) {
        let checkpoint = OffsetCheckpoint(directory: directory, name: name, disk: disk)
        try archive.keep(checkpoint.path, as: RepairArchive.name(directory) + "/" + name)
        try checkpoint.write(kept)
    }
}
