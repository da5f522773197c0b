public import Bytes

// swift-format-ignore
/// Record 1 of `__share_group_state`: what changed since the snapshot.
public struct ShareUpdateKey: CoordinatorKey {
    public typealias Value = ShareUpdateValue
    public static var recordType: Int16 { 1 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId:   String = ""
    public var topicId:   UUID   = .zero
    public var partition: Int32  = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",   &groupId,   0...0)
        try wire.field("TopicId",   &topicId,   0...0)
        try wire.field("Partition", &partition, 0...0)
    }
}

// swift-format-ignore
/// The changed batches.
public struct ShareUpdateValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var snapshotEpoch:         Int32        = 0
    public var leaderEpoch:           Int32        = 0
    public var startOffset:           Int64        = 0
    public var deliveryCompleteCount: Int32        = -1
    public var stateBatches:          [StateBatch] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("SnapshotEpoch", &snapshotEpoch, 0...)
        try wire.field("LeaderEpoch",   &leaderEpoch,   0...)
        try wire.field("StartOffset",   &startOffset,   0...)
        try wire.field("StateBatches",  &stateBatches,  0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "DeliveryCompleteCount", &deliveryCompleteCount, 0..., default: -1)
    }

    public struct StateBatch: WireStruct {
        public var firstOffset:   Int64 = 0
        public var lastOffset:    Int64 = 0
        public var deliveryState: Int8  = 0
        public var deliveryCount: Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("FirstOffset",   &firstOffset,   0...)
            try wire.field("LastOffset",    &lastOffset,    0...)
            try wire.field("DeliveryState", &deliveryState, 0...)
            try wire.field("DeliveryCount", &deliveryCount, 0...)
        }
    }
}
