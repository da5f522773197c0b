public import Bytes
public import KafkaModel

/// The names of partition directories: `<topic>-<n>` in service, `<topic>-<n>.<id>-future` while it is copied from
/// another directory, `-delete` on its way out, and `-stray` where nobody owns it.
public enum PartitionDirectoryName: Equatable {
    case partition(TopicPartition)
    /// Not in service yet.
    case future(TopicPartition)
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
        if name.hasSuffix(Self.futureSuffix), let dot = name.lastIndex(of: "."),
            let partition = Self.partition(name[..<dot])
        {
            self = .future(partition)
            return
        }
        guard !name.hasSuffix(Self.futureSuffix), !name.hasSuffix("-stray"), let partition = Self.partition(name[...])
        else {
            self = .foreign
            return
        }
        self = .partition(partition)
    }

    private static func partition(_ name: Substring) -> TopicPartition? {
        guard let dash = name.lastIndex(of: "-"), dash != name.startIndex,
            let number = partitionNumber(name[name.index(after: dash)...])
        else { return nil }
        return TopicPartition(String(name[..<dash]), number)
    }

    private static let futureSuffix = "-future"

    /// The name of a partition while it is copied; nil when the topic's name leaves no room for it.
    public static func future(of partition: TopicPartition, id: UUID) -> String? {
        let name = "\(partition).\(hexadecimal(id.high))\(hexadecimal(id.low))\(futureSuffix)"
        return name.utf8.count <= lengthMax ? name : nil
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
