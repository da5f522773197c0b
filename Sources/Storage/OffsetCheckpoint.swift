public import KafkaModel
public import Posix

/// A file with one offset for each partition of a directory: `topic partition offset` lines behind version and count.
public struct OffsetCheckpoint: Sendable {
    public static let recoveryPoint = "recovery-point-offset-checkpoint"
    public static let highWatermark = "replication-offset-checkpoint"
    public static let logStart = "log-start-offset-checkpoint"
    public static let cleaner = "cleaner-offset-checkpoint"

    public let path: String
    private let disk: Disk

    public init(directory: String, name: String, disk: Disk) {
        path = directory + "/" + name
        self.disk = disk
    }

    /// What the file says; nothing when there is none.
    public func read() throws(StorageError) -> [TopicPartition: Int64] {
        guard disk.exists(path) else { return [:] }
        let bytes = try io(try disk.contents(of: path))
        guard let offsets = Self.decode(String(decoding: bytes, as: UTF8.self)) else {
            throw .corrupt(file: path, position: 0, reason: "it is no offset checkpoint")
        }
        return offsets
    }

    /// Replaces the file, so that a crash leaves the old one or the new one.
    public func write(_ offsets: [TopicPartition: Int64]) throws(StorageError) {
        // The old file is whole as long as the new one is not.
        try undoing { () throws(StorageError) in
            try io(try disk.replaceContents(of: path, with: Array(Self.encode(offsets).utf8)))
        }
    }

    public static func encode(_ offsets: [TopicPartition: Int64]) -> String {
        let sorted = offsets.sorted { $0.key < $1.key }
        return CheckpointText.encode(sorted.map { "\($0.key.topic) \($0.key.partition) \($0.value)" })
    }

    public static func decode(_ text: String) -> [TopicPartition: Int64]? {
        guard let lines = CheckpointText.decode(text) else { return nil }
        var offsets: [TopicPartition: Int64] = [:]
        offsets.reserveCapacity(lines.count)
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 3, let partition = Int32(words[1]), let offset = Int64(words[2]) else { return nil }
            offsets[TopicPartition(String(words[0]), partition)] = offset
        }
        return offsets
    }
}
