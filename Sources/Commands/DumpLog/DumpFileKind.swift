import Storage

/// What a file of a data directory is, by its name.
enum DumpFileKind: String {
    case log
    case metadataSnapshot = "checkpoint"
    case offsetIndex = "index"
    case timeIndex = "timeindex"
    case transactionIndex = "txnindex"
    case producerSnapshot = "snapshot"
    case leaderEpochs = "leader-epoch-checkpoint"
    case offsetCheckpoint
    case partitionMetadata = "partition.metadata"
    case metaProperties = "meta.properties"
    case quorumState = "quorum-state"

    init?(fileName: String) {
        var name = fileName[...]
        for suffix in [LogFileName.deleted, LogFileName.cleaned, LogFileName.swap] where name.hasSuffix(suffix) {
            name = name.dropLast(suffix.count)
        }
        switch name {
        case "leader-epoch-checkpoint", "partition.metadata", "meta.properties", "quorum-state":
            self.init(rawValue: String(name))
        case OffsetCheckpoint.recoveryPoint[...], OffsetCheckpoint.highWatermark[...], OffsetCheckpoint.logStart[...],
            OffsetCheckpoint.cleaner[...]:
            self = .offsetCheckpoint
        default:
            guard let dot = name.lastIndex(of: ".") else { return nil }
            let kind = Self(rawValue: String(name[name.index(after: dot)...]))
            switch kind {
            case .log, .metadataSnapshot, .offsetIndex, .timeIndex, .transactionIndex, .producerSnapshot:
                self = kind ?? .log
            default: return nil
            }
        }
    }
}

/// A path taken apart: its directory, the offset in its name, and the names of the files beside it.
struct DumpPath {
    let path: String

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The offset in front of the first dot.
    var baseOffset: Int64? { LogFileName.parse(name)?.offset }

    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The file of another kind that belongs to the same segment.
    func sibling(_ kind: String) -> String? {
        guard let parsed = LogFileName.parse(name) else { return nil }
        // What stands in front of the first dot stays as it is written.
        let stem = name.prefix { $0 != "." }
        var tail = ""
        if let dot = parsed.kind.firstIndex(of: ".") { tail = String(parsed.kind[dot...]) }
        let head = path.dropLast(name.count)
        return head + stem + "." + kind + tail
    }
}
