public import KafkaProtocol

/// A record on its way to the log of a coordinator, or read from it. Without a value it deletes what its key names.
public struct CoordinatorRecord: Hashable, Sendable {
    public let key: [UInt8]
    public let value: [UInt8]?

    public init(key: [UInt8], value: [UInt8]?) {
        self.key = key
        self.value = value
    }

    public init<Key: CoordinatorKey>(_ key: Key, _ value: Key.Value, version: Int16) {
        self.init(key: key.framed, value: value.framed(version: version))
    }

    public static func tombstone(_ key: some CoordinatorKey) -> CoordinatorRecord {
        CoordinatorRecord(key: key.framed, value: nil)
    }
}
