public import Bytes

// swift-format-ignore
/// A partition as a whole, as it is created and as snapshots hold it.
public struct PartitionRecord: MetadataMessage {
    public static var recordType: UInt16 { 3 }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var partitionId:            Int32    = -1
    public var topicId:                UUID     = .zero
    public var replicas:               [Int32]  = []
    public var isr:                    [Int32]  = []
    public var removingReplicas:       [Int32]  = []
    public var addingReplicas:         [Int32]  = []
    public var leader:                 Int32    = -1
    public var leaderRecoveryState:    Int8     = 0
    public var leaderEpoch:            Int32    = -1
    public var partitionEpoch:         Int32    = -1
    public var directories:            [UUID]   = []
    public var eligibleLeaderReplicas: [Int32]? = nil
    public var lastKnownElr:           [Int32]? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("PartitionId",      &partitionId,      0...)
        try wire.field("TopicId",          &topicId,          0...)
        try wire.field("Replicas",         &replicas,         0...)
        try wire.field("Isr",              &isr,              0...)
        try wire.field("RemovingReplicas", &removingReplicas, 0...)
        try wire.field("AddingReplicas",   &addingReplicas,   0...)
        try wire.field("Leader",           &leader,           0...)
        try wire.field("LeaderEpoch",      &leaderEpoch,      0...)
        try wire.field("PartitionEpoch",   &partitionEpoch,   0...)
        try wire.field("Directories",      &directories,      1...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "LeaderRecoveryState",    &leaderRecoveryState,    0..., default: 0)
        try wire.tag(1, "EligibleLeaderReplicas", &eligibleLeaderReplicas, 2..., nullable: 2...)
        try wire.tag(2, "LastKnownElr",           &lastKnownElr,           2..., nullable: 2...)
    }
}
