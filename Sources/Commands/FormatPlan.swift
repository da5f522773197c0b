import Bytes
import KafkaModel
import Storage

/// Which directories to format, and as what: decided from what they hold before anything is written.
struct FormatPlan: Equatable {
    /// What a directory is to the metadata of the cluster.
    enum Kind: Equatable {
        case data
        case metadata
        /// With the id that the voters name, if they do.
        case dynamicVoter(directoryID: UUID?)

        var name: String {
            switch self {
            case .data: "data directory"
            case .metadata: "metadata directory"
            case .dynamicVoter: "dynamic metadata voter directory"
            }
        }
    }

    struct Directory: Equatable {
        let path: String
        let kind: Kind
    }

    let directories: [Directory]

    init(_ request: FormatRequest, holding: [(path: String, properties: MetaProperties?)]) throws(FormatRefusal) {
        for (path, properties) in holding {
            if let properties { try Self.check(path, properties, request) }
        }
        if !request.ignoresFormatted, let formatted = holding.first(where: { $0.properties != nil }) {
            throw FormatRefusal(
                "Log directory \(formatted.path) is already formatted. Use --ignore-formatted to ignore this "
                    + "directory and format the others.")
        }
        directories = holding.filter { $0.properties == nil }.map { path, _ in
            Directory(path: path, kind: path == request.metadataDirectory ? request.metadataKind : .data)
        }
    }

    private static func check(
        _ path: String, _ properties: MetaProperties, _ request: FormatRequest
    ) throws(FormatRefusal) {
        let file = path + "/" + MetaProperties.fileName
        if let stored = properties.clusterID, stored != request.clusterID {
            throw FormatRefusal("Invalid cluster.id in: \(file). Expected \(request.clusterID), but read \(stored)")
        }
        if let stored = properties.nodeID, stored != request.nodeID.rawValue {
            throw FormatRefusal(
                "Stored node id \(stored) doesn't match previous node id \(request.nodeID) in \(file). If you moved "
                    + "your data, make sure your configured node id matches. If you intend to create a new node, "
                    + "you should remove all data in your data directories.")
        }
    }
}
