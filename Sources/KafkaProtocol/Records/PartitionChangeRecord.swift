public import Bytes

// swift-format-ignore
/// What changed in a partition: everything is a tag, and a tag that is absent means unchanged.
public struct PartitionChangeRecord: MetadataMessage {
    public static var recordType: UInt16 { 5 }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var partitionId:            Int32    = -1
    public var topicId:                UUID     = .zero
    public var isr:                    [Int32]? = nil
    public var leader:                 Int32    = -2
    public var replicas:               [Int32]? = nil
    public var removingReplicas:       [Int32]? = nil
    public var addingReplicas:         [Int32]? = nil
    public var leaderRecoveryState:    Int8     = -1
    public var directories:            [UUID]?  = nil
    public var eligibleLeaderReplicas: [Int32]? = nil
    public var lastKnownElr:           [Int32]? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("PartitionId", &partitionId, 0...)
        try wire.field("TopicId",     &topicId,     0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "Isr",                    &isr,                    0..., nullable: 0...)
        try wire.tag(1, "Leader",                 &leader,                 0..., default: -2)
        try wire.tag(2, "Replicas",               &replicas,               0..., nullable: 0...)
        try wire.tag(3, "RemovingReplicas",       &removingReplicas,       0..., nullable: 0...)
        try wire.tag(4, "AddingReplicas",         &addingReplicas,         0..., nullable: 0...)
        try wire.tag(5, "LeaderRecoveryState",    &leaderRecoveryState,    0..., default: -1)
        try wire.tag(6, "EligibleLeaderReplicas", &eligibleLeaderReplicas, 2..., nullable: 2...)
        try wire.tag(7, "LastKnownElr",           &lastKnownElr,           2..., nullable: 2...)
        try wire.tag(8, "Directories",            &directories,            1..., nullable: 1...)
    }
}
