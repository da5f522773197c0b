public import Bytes
public import KafkaModel

/// The names of partition directories: `<topic>-<n>` in service, `<topic>-<n>.<id>-delete` on its way out, and
/// `-future` or `-stray`, which other parts of Kafka leave behind.
public enum PartitionDirectoryName: Equatable {
    case partition(TopicPartition)
    case deleted
    /// A name of Kafka's that is not served here.
    case foreign

    /// Whether it is that of a partition in service, other than the metadata log.
    public var holdsRecords: Bool {
        if case .partition(let partition) = self { partition.topic != Self.metadataTopic } else { false }
    }

    /// A topic whose directory is no log of the broker.
    static let metadataTopic = "__cluster_metadata"

    /// What most file systems allow.
    static let lengthMax = 255

    public init(_ name: String) {
        if name.hasSuffix("-delete"), name.contains(".") {
            self = .deleted
            return
        }
        guard !name.hasSuffix("-future"), !name.hasSuffix("-stray"),
            let dash = name.lastIndex(of: "-"), dash != name.startIndex,
            let number = Self.partitionNumber(name[name.index(after: dash)...])
        else {
            self = .foreign
            return
        }
        self = .partition(TopicPartition(String(name[..<dash]), number))
    }

    /// The name under which a partition waits for its removal. A topic name may have 249 characters, so it is cut.
    public static func deletion(of partition: TopicPartition, id: UUID) -> String {
        let suffix = "-\(partition.partition).\(hexadecimal(id.high))\(hexadecimal(id.low))-delete"
        return partition.topic.prefix(lengthMax - suffix.utf8.count) + suffix
    }

    private static func partitionNumber(_ text: Substring) -> Int32? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int32(text)
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
