// swift-format-ignore
/// What a consumer of the classic protocol tells the leader of its group, behind an Int16 version.
public struct ConsumerProtocolSubscription: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { nil }

    public var topics:          [String]         = []
    public var userData:        [UInt8]?         = nil
    public var ownedPartitions: [TopicPartition] = []
    public var generationId:    Int32            = -1
    public var rackId:          String?          = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",          &topics,          0...)
        try wire.field("UserData",        &userData,        0..., nullable: 0...)
        try wire.field("OwnedPartitions", &ownedPartitions, 1...)
        try wire.field("GenerationId",    &generationId,    2...)
        try wire.field("RackId",          &rackId,          3..., nullable: 3...)
    }

    public struct TopicPartition: WireStruct {
        public var topic:      String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      1...)
            try wire.field("Partitions", &partitions, 1...)
        }
    }
}
