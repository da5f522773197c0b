public import Bytes

/// The file `partition.metadata`, which ties a directory to the id of its topic.
public struct PartitionMetadata: Sendable, Equatable {
    public static let fileName = "partition.metadata"

    public let topicID: UUID

    public init(topicID: UUID) { self.topicID = topicID }

    public var text: String { "version: 0\ntopic_id: \(topicID)" }

    /// Nil when the text is no such file.
    public init?(_ text: String) {
        var id: UUID?
        var hasVersion = false
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let value = String(parts[1].drop { $0 == " " })
            switch parts[0] {
            case "version": hasVersion = value == "0"
            case "topic_id": id = UUID(value)
            default: return nil
            }
        }
        guard hasVersion, let id else { return nil }
        topicID = id
    }
}
