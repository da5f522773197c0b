public import Bytes
public import Coordination
public import KafkaProtocol

/// What the log says about a group of the consumer protocol, records 3 to 8 and 16 of `__consumer_offsets`. Without a
/// value it takes back what its key names; the group itself is gone with `metadata(nil)`.
public enum ConsumerGroupRecord: Sendable {
    case metadata(ConsumerGroupMetadataValue?)
    /// As Kafka until 4.0 writes it. Later brokers take it out of the log and keep a hash in the metadata.
    case partitionMetadata(ConsumerGroupPartitionMetadataValue?)
    case member(String, ConsumerGroupMemberMetadataValue?)
    case targetMetadata(ConsumerGroupTargetAssignmentMetadataValue?)
    case target(member: String, ConsumerGroupTargetAssignmentMemberValue?)
    case current(member: String, ConsumerGroupCurrentMemberAssignmentValue?)
    case regex(String, ConsumerGroupRegularExpressionValue?)

    /// Whether the group is gone with this record.
    public var endsGroup: Bool {
        if case .metadata(nil) = self { true } else { false }
    }

    /// Whether the record takes something back.
    public var isTombstone: Bool {
        switch self {
        case .metadata(let value): value == nil
        case .partitionMetadata(let value): value == nil
        case .member(_, let value): value == nil
        case .targetMetadata(let value): value == nil
        case .target(_, let value): value == nil
        case .current(_, let value): value == nil
        case .regex(_, let value): value == nil
        }
    }

    /// Reads a record of the log with the group it belongs to, or nil for one of another kind.
    public static func decode(
        type: Int16, key: RawSpan, value: RawSpan?
    ) throws(WireError) -> (group: String, record: ConsumerGroupRecord)? {
        switch type {
        case ConsumerGroupMetadataKey.recordType:
            let key = try ConsumerGroupMetadataKey.decodeFramed(key)
            return (key.groupId, .metadata(try ConsumerGroupMetadataKey.value(value)))
        case ConsumerGroupPartitionMetadataKey.recordType:
            let key = try ConsumerGroupPartitionMetadataKey.decodeFramed(key)
            return (key.groupId, .partitionMetadata(try ConsumerGroupPartitionMetadataKey.value(value)))
        case ConsumerGroupMemberMetadataKey.recordType:
            let key = try ConsumerGroupMemberMetadataKey.decodeFramed(key)
            return (key.groupId, .member(key.memberId, try ConsumerGroupMemberMetadataKey.value(value)))
        case ConsumerGroupTargetAssignmentMetadataKey.recordType:
            let key = try ConsumerGroupTargetAssignmentMetadataKey.decodeFramed(key)
            return (key.groupId, .targetMetadata(try ConsumerGroupTargetAssignmentMetadataKey.value(value)))
        case ConsumerGroupTargetAssignmentMemberKey.recordType:
            let key = try ConsumerGroupTargetAssignmentMemberKey.decodeFramed(key)
            let target = try ConsumerGroupTargetAssignmentMemberKey.value(value)
            return (key.groupId, .target(member: key.memberId, target))
        case ConsumerGroupCurrentMemberAssignmentKey.recordType:
            let key = try ConsumerGroupCurrentMemberAssignmentKey.decodeFramed(key)
            let current = try ConsumerGroupCurrentMemberAssignmentKey.value(value)
            return (key.groupId, .current(member: key.memberId, current))
        case ConsumerGroupRegularExpressionKey.recordType:
            let key = try ConsumerGroupRegularExpressionKey.decodeFramed(key)
            return (key.groupId, .regex(key.regularExpression, try ConsumerGroupRegularExpressionKey.value(value)))
        default: return nil
        }
    }

    /// The record as the log keeps it.
    public func encoded(group: String) -> CoordinatorRecord {
        switch self {
        case .metadata(let value):
            var key = ConsumerGroupMetadataKey()
            key.groupId = group
            return .of(key, value)
        case .partitionMetadata(let value):
            var key = ConsumerGroupPartitionMetadataKey()
            key.groupId = group
            return .of(key, value)
        case .member(let member, let value):
            var key = ConsumerGroupMemberMetadataKey()
            (key.groupId, key.memberId) = (group, member)
            return .of(key, value)
        case .targetMetadata(let value):
            var key = ConsumerGroupTargetAssignmentMetadataKey()
            key.groupId = group
            return .of(key, value)
        case .target(let member, let value):
            var key = ConsumerGroupTargetAssignmentMemberKey()
            (key.groupId, key.memberId) = (group, member)
            return .of(key, value)
        case .current(let member, let value):
            var key = ConsumerGroupCurrentMemberAssignmentKey()
            (key.groupId, key.memberId) = (group, member)
            return .of(key, value)
        case .regex(let regex, let value):
            var key = ConsumerGroupRegularExpressionKey()
            (key.groupId, key.regularExpression) = (group, regex)
            return .of(key, value)
        }
    }
}

extension CoordinatorKey {
    fileprivate static func value(_ bytes: RawSpan?) throws(WireError) -> Value? {
        guard let bytes else { return nil }
        return try Value.decodeVersioned(bytes).value
    }
}

extension CoordinatorRecord {
    fileprivate static func of<Key: CoordinatorKey>(_ key: Key, _ value: Key.Value?) -> CoordinatorRecord {
        if let value { CoordinatorRecord(key, value, version: 0) } else { .tombstone(key) }
    }
}
