// swift-format-ignore
/// What the leader of a group of the classic protocol gives a member, behind an Int16 version.
public struct ConsumerProtocolAssignment: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { nil }

    public var assignedPartitions: [TopicPartition] = []
    public var userData:           [UInt8]?         = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("AssignedPartitions", &assignedPartitions, 0...)
        try wire.field("UserData",           &userData,           0..., nullable: 0...)
    }

    public struct TopicPartition: WireStruct {
        public var topic:      String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}
