/// The level of the `metadata.version` feature: which records, in which versions, a cluster's metadata log may hold.
public struct MetadataVersion: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int16

    public init(rawValue: Int16) { self.rawValue = rawValue }

    public static let featureName = "metadata.version"

    /// The oldest that can be read.
    public static let oldest = MetadataVersion(rawValue: 1)
    /// What a new directory is formatted with: Kafka 3.9 and everything after it can read it.
    public static let formatted = MetadataVersion(rawValue: 21)
    /// The newest whose records are known.
    public static let newest = MetadataVersion(rawValue: 30)

    /// The oldest that may be finalized together with other features.
    public static let oldestWithFeatures = MetadataVersion(rawValue: 7)

    static let controlledShutdown = MetadataVersion(rawValue: 7)
    static let zooKeeperMigration = MetadataVersion(rawValue: 8)
    static let credentials = MetadataVersion(rawValue: 11)
    static let transactions = MetadataVersion(rawValue: 13)
    static let directoryAssignment = MetadataVersion(rawValue: 17)
    static let eligibleLeaders = MetadataVersion(rawValue: 23)
    static let offsetsByTopicID = MetadataVersion(rawValue: 26)

    /// Whether partitions are told together with the log directory of each replica (KIP-858).
    public var assignsDirectories: Bool { self >= Self.directoryAssignment }

    /// Whether users and the keys they authenticate with can be told (KIP-900).
    public var hasCredentials: Bool { self >= Self.credentials }

    /// Whether every broker of the cluster can read offsets that were committed together with the id of their topic.
    public var keepsTopicIDsOfOffsets: Bool { self >= Self.offsetsByTopicID }

    /// Whether going from one level to the other brings or loses kinds of records, or parts of them.
    public func differsInRecords(from other: MetadataVersion) -> Bool {
        let (low, high) = (min(self, other), max(self, other))
        return Self.changingRecords.contains { $0 > low.rawValue && $0 <= high.rawValue }
    }

    /// The levels that brought records, or parts of them, which older ones do not have.
    private static let changingRecords: [Int16] = [1, 3, 5, 6, 7, 8, 11, 13, 14, 15, 17, 23, 30]

    public static func < (left: MetadataVersion, right: MetadataVersion) -> Bool { left.rawValue < right.rawValue }

    /// Kafka's name of the level, such as `3.9-IV0`.
    public var description: String {
        let index = Int(rawValue) - 1
        return Self.names.indices.contains(index) ? Self.names[index] : "unknown (\(rawValue))"
    }

    /// The level of a release name: `3.9-IV0`, or `3.9` for the last of that release.
    public init?(release: String) {
        let match = Self.names.lastIndex { $0 == release || $0.hasPrefix(release + "-IV") }
        guard let match else { return nil }
        self.init(rawValue: Int16(match + 1))
    }

    // swift-format-ignore
    private static let names = [
        "3.0-IV1", "3.1-IV0", "3.2-IV0", "3.3-IV0", "3.3-IV1", "3.3-IV2", "3.3-IV3",
        "3.4-IV0", "3.5-IV0", "3.5-IV1", "3.5-IV2", "3.6-IV0", "3.6-IV1", "3.6-IV2",
        "3.7-IV0", "3.7-IV1", "3.7-IV2", "3.7-IV3", "3.7-IV4", "3.8-IV0", "3.9-IV0",
        "4.0-IV0", "4.0-IV1", "4.0-IV2", "4.0-IV3", "4.1-IV0", "4.1-IV1", "4.2-IV0",
        "4.2-IV1", "4.3-IV0",
    ]
}
