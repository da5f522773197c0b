import Posix
import Storage

/// The directory of the metadata log and the names in it.
///
///     __cluster_metadata-0/
///         00000000000000000000.log                    segments of record batches, by their first offset
///         00000000000000000112-0000000002.checkpoint  a snapshot of everything before offset 112, written in epoch 2
///         quorum-state                                who leads, in which epoch
///         leader-epoch-checkpoint                     where each epoch begins
///         partition.metadata                          the topic's id
///
/// The indexes that Kafka keeps beside a segment are left out: Kafka rebuilds them each time it opens this log.
struct MetadataDirectory: Sendable {
    static let name = "__cluster_metadata-0"

    let path: String
    let disk: Disk

    /// - Parameter logDirectory: the log directory it is in.
    init(logDirectory: String, disk: Disk) {
        path = logDirectory + "/" + Self.name
        self.disk = disk
    }

    func file(_ name: String) -> String { path + "/" + name }

    var quorumState: String { file("quorum-state") }
    var leaderEpochs: String { file("leader-epoch-checkpoint") }
    var partitionMetadata: String { file(PartitionMetadata.fileName) }

    func segment(_ baseOffset: Int64) -> String { file(LogFileName.make(baseOffset, LogFileName.log)) }
    func snapshot(_ id: SnapshotID) -> String { file(id.fileName) }
    func unfinishedSnapshot(_ id: SnapshotID) -> String { file(id.fileName + ".part") }

    struct Contents {
        /// The first offsets of the segments, ascending.
        var segments: [Int64] = []
        var snapshots: [SnapshotID] = []
        /// What a crash left half done.
        var remains: [String] = []
    }

    func list() throws(MetadataError) -> Contents {
        var contents = Contents()
        guard disk.exists(path) else { return contents }
        for entry in try io(try disk.list(path)) where !entry.isDirectory {
            if let (base, kind) = LogFileName.parse(entry.name), kind == LogFileName.log {
                contents.segments.append(base)
            } else if let id = SnapshotID(fileName: entry.name) {
                contents.snapshots.append(id)
            } else if entry.name.hasSuffix(".checkpoint.part") || entry.name.hasSuffix(".tmp") {
                contents.remains.append(file(entry.name))
            }
        }
        contents.segments.sort()
        contents.snapshots.sort()
        return contents
    }

    static func digits(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// Names a snapshot: it holds everything before `offset`, and `epoch` is that of the last record in it.
public struct SnapshotID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let offset: Int64
    public let epoch: Int32

    public init(offset: Int64, epoch: Int32) {
        self.offset = offset
        self.epoch = epoch
    }

    private static let suffix = ".checkpoint"

    public var fileName: String {
        MetadataDirectory.digits(offset, 20) + "-" + MetadataDirectory.digits(Int64(epoch), 10) + Self.suffix
    }

    public init?(fileName: String) {
        guard fileName.hasSuffix(Self.suffix) else { return nil }
        let parts = fileName.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].count == 20, parts[1].count == 10, let offset = Int64(parts[0]),
            let epoch = Int32(parts[1]), offset >= 0, epoch >= 0
        else { return nil }
        self.init(offset: offset, epoch: epoch)
    }

    public static func < (left: SnapshotID, right: SnapshotID) -> Bool {
        (left.offset, left.epoch) < (right.offset, right.epoch)
    }

    public var description: String { "\(offset)-\(epoch)" }
}

/// Calls the system and gives its failure the form of this module.
@inline(__always)
func io<Value>(_ call: @autoclosure () throws(SystemError) -> Value) throws(MetadataError) -> Value {
    do { return try call() } catch { throw .io(error) }
}
