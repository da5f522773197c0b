import Bytes
import KafkaModel
public import Posix

/// What is wrong with data directories besides their partitions: whose they are, their checkpoints, and what else lies
/// about in them.
public enum DirectoryVerification {
    /// - Parameter directories: all those of one broker, as far as they were asked for.
    public static func findings(_ directories: [DirectorySurvey], disk: Disk) throws(StorageError) -> [LogFinding] {
        var findings = identities(directories)
        for directory in directories {
            for checkpoint in directory.checkpoints { findings += self.findings(checkpoint, directory) }
            for place in directory.places where place.state != .served && place.state != .copy {
                findings.append(LogFinding(.note, .leftover, place.path, text(place.state)))
            }
            for name in directory.foreign {
                findings.append(
                    LogFinding(
                        .note, .foreign, directory.path + "/" + name,
                        "it is no partition's directory; Apache Kafka refuses to start beside it"))
            }
        }
        return findings + duplicates(directories) + (try topicIDs(directories, disk))
    }

    private static func text(_ state: DirectorySurvey.State) -> String {
        switch state {
        case .deleted: "a deleted partition that waits for its removal"
        case .future: "a partition on its way from another data directory"
        case .stray: "a partition that the metadata did not know, set aside"
        case .served, .copy: "a partition"
        }
    }

    /// Whether the directories say that they belong to the same node.
    private static func identities(_ directories: [DirectorySurvey]) -> [LogFinding] {
        var findings: [LogFinding] = []
        var first: (path: String, properties: MetaProperties)?
        var ids: [UUID: String] = [:]
        for directory in directories {
            let path = directory.path + "/" + MetaProperties.fileName
            if let problem = directory.propertiesProblem {
                findings.append(LogFinding(.damage, .properties, path, at: 0, problem))
            }
            guard let properties = directory.properties else {
                if directory.propertiesProblem == nil {
                    findings.append(
                        LogFinding(.note, .properties, path, "it is missing: the directory is not formatted"))
                }
                continue
            }
            if let id = properties.directoryID {
                if let other = ids[id] {
                    findings.append(
                        LogFinding(.damage, .properties, path, "it has the same directory.id \(id) as \(other)"))
                }
                ids[id] = directory.path
            }
            guard let first else {
                first = (directory.path, properties)
                continue
            }
            if properties.clusterID != first.properties.clusterID {
                findings.append(
                    LogFinding(
                        .damage, .properties, path,
                        "it belongs to the cluster \(properties.clusterID ?? "?"), \(first.path) to "
                            + "\(first.properties.clusterID ?? "?")"))
            }
            if properties.nodeID != first.properties.nodeID {
                findings.append(
                    LogFinding(
                        .damage, .properties, path,
                        "it belongs to the node \(properties.nodeID ?? -1), \(first.path) to "
                            + "\(first.properties.nodeID ?? -1)"))
            }
        }
        return findings
    }

    private static func findings(
        _ checkpoint: DirectorySurvey.Checkpoint, _ directory: DirectorySurvey
    ) -> [LogFinding] {
        let path = directory.path + "/" + checkpoint.name
        if let problem = checkpoint.problem { return [LogFinding(.damage, .checkpoint, path, at: 0, problem)] }
        let served = Set(directory.places.filter { $0.state == .served }.map(\.partition))
        let unknown = checkpoint.offsets.keys.filter { !served.contains($0) }.sorted()
        guard let first = unknown.first else { return [] }
        let more = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
        return [LogFinding(.note, .checkpoint, path, "it names \(first)\(more), which the directory does not have")]
    }

    /// A partition may be served from one directory only.
    private static func duplicates(_ directories: [DirectorySurvey]) -> [LogFinding] {
        var seen: [TopicPartition: String] = [:]
        var findings: [LogFinding] = []
        for place in directories.flatMap(\.places) where place.state == .served {
            if place.partition.topic != "__cluster_metadata", let other = seen[place.partition] {
                findings.append(
                    LogFinding(.damage, .foreign, place.path, "the partition lies in \(other) too; remove one of them"))
            }
            seen[place.partition] = place.path
        }
        return findings
    }

    /// All partitions of a topic name the same id.
    private static func topicIDs(
        _ directories: [DirectorySurvey], _ disk: Disk
    ) throws(StorageError) -> [LogFinding] {
        var known: [String: (id: UUID, path: String)] = [:]
        var findings: [LogFinding] = []
        for place in directories.flatMap(\.places) where place.state == .served || place.state == .future {
            let path = place.path + "/" + PartitionMetadata.fileName
            guard disk.exists(path),
                let id = PartitionMetadata(
                    String(decoding: try io(try disk.contents(of: path)), as: UTF8.self))?.topicID
            else { continue }
            if let other = known[place.partition.topic], other.id != id {
                findings.append(
                    LogFinding(
                        .damage, .partitionMetadata, path,
                        "it names the topic id \(id), \(other.path) names \(other.id)"))
            } else {
                known[place.partition.topic] = (id, path)
            }
        }
        return findings
    }
}
