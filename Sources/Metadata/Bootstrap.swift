import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix

/// `bootstrap.checkpoint`: the records a new metadata log begins with, in the form of a snapshot. It is written when
/// the directory is formatted and read when the log is empty.
public enum Bootstrap {
    static let fileName = "bootstrap.checkpoint"

    /// The levels of the features a new cluster starts with.
    public static func records(_ level: MetadataVersion, features: [String: Int16] = [:]) -> [MetadataRecord] {
        var others = features
        // The quorum's own level stands in control records.
        others["kraft.version"] = nil
        others[MetadataVersion.featureName] = nil
        let levels =
            [(MetadataVersion.featureName, level.rawValue)]
            + others.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return levels.map { name, level in
            var record = FeatureLevelRecord()
            record.name = name
            record.featureLevel = level
            return .featureLevel(record)
        }
    }

    static func encode(_ records: [MetadataRecord], now: Int64) throws(MetadataError) -> [UInt8] {
        try Snapshot.encode(
            records, under: .formatted, epoch: 0, lastTimestamp: 0, now: now,
            batchBytesMax: MetadataBatchWriter.batchBytesMaxDefault)
    }

    /// The records of the file; nil when there is none.
    static func read(logDirectory: String, disk: Disk) throws(MetadataError) -> [MetadataRecord]? {
        let path = logDirectory + "/" + fileName
        guard disk.exists(path) else { return nil }
        var records: [MetadataRecord] = []
        let file = try BatchFile(path, disk: disk)
        let end = try file.forEachBatch { batch, header, position throws(MetadataError) in
            guard !header.isControl else { return }
            records += try MetadataReplay.records(of: batch, header)
        }
        if case .damaged(let position, let reason) = end {
            throw .corrupt(file: path, position: position, reason: reason)
        }
        return records
    }
}
