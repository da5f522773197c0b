public import KafkaModel
public import Posix

/// What a data directory holds, by its names and its small files. Nothing is changed, so it may be taken beside a
/// running broker.
public struct DirectorySurvey: Sendable {
    /// In whose service the directory of a partition is.
    public enum State: String, Sendable {
        case served
        /// Being filled for a move from another data directory.
        case future
        /// Set aside: the metadata did not know it.
        case stray
        /// Waits for its removal.
        case deleted
        /// A directory with a log in it whose name is no partition's, as of a copy.
        case copy
    }

    public struct Place: Sendable {
        public let partition: TopicPartition
        public let path: String
        public let state: State
    }

    /// One of the offset checkpoints.
    public struct Checkpoint: Sendable {
        public let name: String
        public let exists: Bool
        /// Why it could not be read.
        public let problem: String?
        public let offsets: [TopicPartition: Int64]
    }

    public let path: String
    public let properties: MetaProperties?
    public let propertiesProblem: String?
    /// Whether the mark of a clean shutdown is there.
    public let wasClean: Bool
    /// In the order of partitions, those in service first.
    public let places: [Place]
    /// Directories that are none of a broker's.
    public let foreign: [String]
    public let recoveryPoints: Checkpoint
    public let logStarts: Checkpoint
    public let highWatermarks: Checkpoint
    public let cleanerPoints: Checkpoint

    public var checkpoints: [Checkpoint] { [recoveryPoints, logStarts, highWatermarks, cleanerPoints] }

    public init(_ path: String, disk: Disk) throws(StorageError) {
        self.path = path
        do throws(StorageError) {
            properties = try MetaProperties.read(directory: path, disk: disk)
            propertiesProblem = nil
        } catch {
            properties = nil
            guard case .identityMismatch(_, let reason) = error else { throw error }
            propertiesProblem = reason
        }
        wasClean = CleanShutdownMark(directory: path, disk: disk).exists
        recoveryPoints = try Self.read(OffsetCheckpoint.recoveryPoint, path, disk)
        logStarts = try Self.read(OffsetCheckpoint.logStart, path, disk)
        highWatermarks = try Self.read(OffsetCheckpoint.highWatermark, path, disk)
        cleanerPoints = try Self.read(OffsetCheckpoint.cleaner, path, disk)
        var places: [Place] = []
        var foreign: [String] = []
        for entry in try io(try disk.list(path)) where entry.isDirectory {
            if let place = Self.place(entry.name, in: path) {
                places.append(place)
            } else {
                foreign.append(entry.name)
            }
        }
        self.places = places.sorted {
            ($0.state == .served ? 0 : 1, $0.partition, $0.path) < ($1.state == .served ? 0 : 1, $1.partition, $1.path)
        }
        self.foreign = foreign.sorted()
    }

    /// A survey of the directory of one partition that lies in no data directory.
    public init(copyAt path: String) {
        self.path = LogDirectories.parent(of: path)
        properties = nil
        propertiesProblem = nil
        wasClean = false
        let none = { Checkpoint(name: $0, exists: false, problem: nil, offsets: [:]) }
        recoveryPoints = none(OffsetCheckpoint.recoveryPoint)
        logStarts = none(OffsetCheckpoint.logStart)
        highWatermarks = none(OffsetCheckpoint.highWatermark)
        cleanerPoints = none(OffsetCheckpoint.cleaner)
        let name = String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
        let known = Self.place(name, in: self.path)
        places = [
            Place(partition: known?.partition ?? TopicPartition(name, 0), path: path, state: .copy)
        ]
        foreign = []
    }

    /// Whether a broker ever used the directory.
    public var isDataDirectory: Bool {
        properties != nil || propertiesProblem != nil || !places.isEmpty || checkpoints.contains { $0.exists }
    }

    private static func place(_ name: String, in parent: String) -> Place? {
        let path = parent + "/" + name
        if case .partition(let partition) = PartitionDirectoryName(name) {
            return Place(partition: partition, path: path, state: .served)
        }
        for (suffix, state) in [("-delete", State.deleted), ("-future", .future), ("-stray", .stray)] {
            guard name.hasSuffix(suffix), let dot = name.lastIndex(of: "."),
                case .partition(let partition) = PartitionDirectoryName(String(name[..<dot]))
            else { continue }
            return Place(partition: partition, path: path, state: state)
        }
        return nil
    }

    private static func read(_ name: String, _ path: String, _ disk: Disk) throws(StorageError) -> Checkpoint {
        let file = OffsetCheckpoint(directory: path, name: name, disk: disk)
        do throws(StorageError) {
            return Checkpoint(name: name, exists: disk.exists(file.path), problem: nil, offsets: try file.read())
        } catch {
            guard case .corrupt(_, _, let reason) = error else { throw error }
            return Checkpoint(name: name, exists: true, problem: reason, offsets: [:])
        }
    }
}
