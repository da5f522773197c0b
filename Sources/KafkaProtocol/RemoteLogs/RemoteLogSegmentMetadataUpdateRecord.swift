public import Bytes

// swift-format-ignore
/// A record of `__remote_log_metadata`: a remote segment changed its state.
public struct RemoteLogSegmentMetadataUpdateRecord: WireMessage {
    public static var recordType: UInt16 { 1 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var remoteLogSegmentId:    RemoteLogSegmentIdEntry = RemoteLogSegmentIdEntry()
    public var brokerId:              Int32                   = 0
    public var eventTimestampMs:      Int64                   = 0
    public var customMetadata:        [UInt8]?                = nil
    public var remoteLogSegmentState: Int8                    = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("RemoteLogSegmentId",    &remoteLogSegmentId,    0...)
        try wire.field("BrokerId",              &brokerId,              0...)
        try wire.field("EventTimestampMs",      &eventTimestampMs,      0...)
        try wire.field("CustomMetadata",        &customMetadata,        0..., nullable: 0...)
        try wire.field("RemoteLogSegmentState", &remoteLogSegmentState, 0...)
    }

    public struct RemoteLogSegmentIdEntry: WireStruct {
        public var topicIdPartition: TopicIdPartitionEntry = TopicIdPartitionEntry()
        public var id:               UUID                  = .zero

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicIdPartition", &topicIdPartition, 0...)
            try wire.field("Id",               &id,               0...)
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
}
