public import Bytes

// swift-format-ignore
/// A record of `__remote_log_metadata`: a partition is being deleted from remote storage.
public struct RemotePartitionDeleteMetadataRecord: WireMessage {
    public static var recordType: UInt16 { 2 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var topicIdPartition:           TopicIdPartitionEntry = TopicIdPartitionEntry()
    public var brokerId:                   Int32                 = 0
    public var eventTimestampMs:           Int64                 = 0
    public var remotePartitionDeleteState: Int8                  = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TopicIdPartition",           &topicIdPartition,           0...)
        try wire.field("BrokerId",                   &brokerId,                   0...)
        try wire.field("EventTimestampMs",           &eventTimestampMs,           0...)
        try wire.field("RemotePartitionDeleteState", &remotePartitionDeleteState, 0...)
    }

    public struct TopicIdPartitionEntry: WireStruct {
        public var name:      String = ""
        public var id:        UUID   = .zero
        public var partition: Int32  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",      &name,      0...)
            try wire.field("Id",        &id,        0...)
            try wire.field("Partition", &partition, 0...)
        }
    }
}
