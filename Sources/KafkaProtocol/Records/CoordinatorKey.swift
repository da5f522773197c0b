public import Bytes

/// The key of a record in the log of a coordinator, such as `__consumer_offsets`. In front of the key stands its
/// record type, in front of the value the version it was written in, each an Int16. A record without a value deletes.
public protocol CoordinatorKey: WireMessage {
    associatedtype Value: WireMessage
    static var recordType: Int16 { get }
}

extension CoordinatorKey {
    /// The bytes of the key, its type in front.
    public var framed: [UInt8] {
        var writer = ByteWriter()
        writer.int16(Self.recordType)
        encode(into: &writer, version: Self.versions.upperBound)
        return Array(writer.bytes)
    }

    /// Reads a key whose type has been looked at.
    public static func decodeFramed(_ bytes: RawSpan) throws(WireError) -> Self {
        var reader = ByteReader(bytes)
        guard try reader.int16() == recordType else { throw .invalidValue }
        return try decode(&reader, version: versions.upperBound)
    }
}

extension WireMessage {
    /// The bytes of a coordinator's value, their version in front.
    public func framed(version: Int16) -> [UInt8] {
        var writer = ByteWriter()
        writer.int16(version)
        encode(into: &writer, version: version)
        return Array(writer.bytes)
    }

    /// Reads a coordinator's value.
    public static func decodeVersioned(_ bytes: RawSpan) throws(WireError) -> (value: Self, version: Int16) {
        var reader = ByteReader(bytes)
        let version = try reader.int16()
        return (try decode(&reader, version: version), version)
    }
}

/// The kinds of records that the log of a coordinator holds.
public struct CoordinatorRecords: Sendable {
    public let kinds: [any CoordinatorKey.Type]

    public func kind(_ recordType: Int16) -> (any CoordinatorKey.Type)? {
        kinds.first { $0.recordType == recordType }
    }

    /// `__consumer_offsets`.
    public static let groups = CoordinatorRecords(kinds: [
        LegacyOffsetCommitKey.self, OffsetCommitKey.self, GroupMetadataKey.self, ConsumerGroupMetadataKey.self,
        ConsumerGroupPartitionMetadataKey.self, ConsumerGroupMemberMetadataKey.self,
        ConsumerGroupTargetAssignmentMetadataKey.self, ConsumerGroupTargetAssignmentMemberKey.self,
        ConsumerGroupCurrentMemberAssignmentKey.self, ShareGroupMemberMetadataKey.self, ShareGroupMetadataKey.self,
        ShareGroupTargetAssignmentMetadataKey.self, ShareGroupTargetAssignmentMemberKey.self,
        ShareGroupCurrentMemberAssignmentKey.self, ShareGroupStatePartitionMetadataKey.self,
        ConsumerGroupRegularExpressionKey.self, StreamsGroupMetadataKey.self, StreamsGroupMemberMetadataKey.self,
        StreamsGroupTargetAssignmentMetadataKey.self, StreamsGroupTargetAssignmentMemberKey.self,
        StreamsGroupCurrentMemberAssignmentKey.self, StreamsGroupTopologyKey.self,
    ])

    /// `__transaction_state`.
    public static let transactions = CoordinatorRecords(kinds: [TransactionLogKey.self])

    /// `__share_group_state`.
    public static let shares = CoordinatorRecords(kinds: [ShareSnapshotKey.self, ShareUpdateKey.self])
}
