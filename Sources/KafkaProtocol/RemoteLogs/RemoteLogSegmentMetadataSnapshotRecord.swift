public import Bytes

// swift-format-ignore
/// A remote segment in a snapshot, where the partition is known.
public struct RemoteLogSegmentMetadataSnapshotRecord: WireMessage {
    public static var recordType: UInt16 { 3 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var segmentId:             UUID                      = .zero
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
        try wire.field("SegmentId",             &segmentId,             0...)
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
