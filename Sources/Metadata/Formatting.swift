import Bytes
public import KafkaModel
public import Posix
public import Storage
public import Timing

/// What `storage format` does, and the first start of a broker by itself: each log directory gets its identity and the
/// records that a new metadata log begins with.
public enum Formatting {
    public struct Request: Sendable {
        public var clusterID: String
        public var nodeID: BrokerID
        public var level: MetadataVersion
        /// Levels of further features; those of 0 are left out.
        public var features: [String: Int16]
        /// Records behind the features, such as credentials.
        public var records: [MetadataRecord]

        public init(
            clusterID: String = Formatting.randomClusterID(), nodeID: BrokerID, level: MetadataVersion = .formatted,
            features: [String: Int16] = [:], records: [MetadataRecord] = []
        ) {
            self.clusterID = clusterID
            self.nodeID = nodeID
            self.level = level
            self.features = features
            self.records = records
        }
    }

    /// What to do about directories that are formatted already.
    public enum Formatted: Sendable {
        case refuse
        case leave
    }

    /// A cluster id is any text; by custom it looks like a topic id.
    public static func randomClusterID() -> String { UUID.random().description }

    /// What the directories say about themselves; nil for those that were never formatted.
    public static func identities(
        of directories: [String], disk: Disk = .real
    ) throws(MetadataError) -> [(directory: String, identity: MetaProperties?)] {
        var found: [(directory: String, identity: MetaProperties?)] = []
        for directory in directories {
            do throws(StorageError) {
                found.append((directory, try MetaProperties.read(directory: directory, disk: disk)))
            } catch {
                throw .identity(error)
            }
        }
        return found
    }

    /// Formats the directories that are not, and returns them. `meta.properties` comes last in each, so that a crash
    /// leaves a directory either formatted or not.
    @discardableResult
    public static func format(
        _ directories: [String], _ request: Request, formatted: Formatted = .refuse, disk: Disk = .real,
        now: Timestamp
    ) throws(MetadataError) -> [String] {
        guard (MetadataVersion.oldest...MetadataVersion.newest).contains(request.level) else {
            throw .unsupportedMetadataVersion(request.level.rawValue)
        }
        let known = try identities(of: directories, disk: disk)
        for (directory, identity) in known {
            guard let identity else { continue }
            guard formatted == .leave else { throw .alreadyFormatted(directory: directory) }
            try check(identity, in: directory, request)
        }
        let records = Bootstrap.records(request.level, features: request.features) + request.records
        let bootstrap = try Bootstrap.encode(records, now: now.milliseconds)
        var used = Set(known.compactMap { $0.identity?.directoryID })
        var done: [String] = []
        for (directory, identity) in known where identity == nil {
            var id = UUID.random()
            while used.contains(id) { id = UUID.random() }
            used.insert(id)
            do throws(SystemError) {
                try disk.makeDirectories(directory)
                try disk.replaceContents(of: directory + "/" + Bootstrap.fileName, with: bootstrap)
            } catch {
                throw .io(error)
            }
            let properties = MetaProperties(
                clusterID: request.clusterID, nodeID: request.nodeID.rawValue, directoryID: id)
            do throws(StorageError) { try properties.write(directory: directory, disk: disk) } catch {
                throw .identity(error)
            }
            done.append(directory)
        }
        return done
    }

    private static func check(
        _ identity: MetaProperties, in directory: String, _ request: Request
    ) throws(MetadataError) {
        let path = directory + "/" + MetaProperties.fileName
        if let clusterID = identity.clusterID, clusterID != request.clusterID {
            throw .identity(
                .identityMismatch(
                    path: path, reason: "its cluster.id is \(clusterID), and \(request.clusterID) was expected"))
        }
        if let nodeID = identity.nodeID, nodeID != request.nodeID.rawValue {
            throw .identity(
                .identityMismatch(path: path, reason: "its node.id is \(nodeID), and \(request.nodeID) was expected"))
        }
    }
}
