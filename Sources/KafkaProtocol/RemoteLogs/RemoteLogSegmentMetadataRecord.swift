public import Bytes

// swift-format-ignore
/// A record of `__remote_log_metadata`: a segment in remote storage (KIP-405).
public struct RemoteLogSegmentMetadataRecord: WireMessage {
    public static var recordType: UInt16 { 0 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var remoteLogSegmentId:    RemoteLogSegmentIdEntry   = RemoteLogSegmentIdEntry()
    public var startOffset:           Int64                     = 0
    public var endOffset:             Int64                     = 0
    public var brokerId:              Int32                     = 0
    public var maxTimestampMs:        Int64                     = 0
    public var eventTimestampMs:      Int64                     = 0
    public var segmentLeaderEpochs:   [SegmentLeaderEpochEntry] = []
    public var segmentSizeInBytes:    Int32                     = 0
    public var customMetadata:        [UInt8]?                  = nil
    public var remoteLogSegmentState: Int8                      = 0
    public var txnIndexEmpty:         Bool                      = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("RemoteLogSegmentId",    &remoteLogSegmentId,    0...)
        try wire.field("StartOffset",           &startOffset,           0...)
        try wire.field("EndOffset",             &endOffset,             0...)
        try wire.field("BrokerId",              &brokerId,              0...)
        try wire.field("MaxTimestampMs",        &maxTimestampMs,        0...)
        try wire.field("EventTimestampMs",      &eventTimestampMs,      0...)
        try wire.field("SegmentLeaderEpochs",   &segmentLeaderEpochs,   0...)
        try wire.field("SegmentSizeInBytes",    &segmentSizeInBytes,    0...)
        try wire.field("CustomMetadata",        &customMetadata,        0..., nullable: 0...)
        try wire.field("RemoteLogSegmentState", &remoteLogSegmentState, 0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "TxnIndexEmpty", &txnIndexEmpty, 0..., default: false)
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

    public struct SegmentLeaderEpochEntry: WireStruct {
        public var leaderEpoch: Int32 = 0
        public var offset:      Int64 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("LeaderEpoch", &leaderEpoch, 0...)
            try wire.field("Offset",      &offset,      0...)
        }
    }
}
