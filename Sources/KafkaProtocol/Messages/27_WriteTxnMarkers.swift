public import KafkaModel

// swift-format-ignore
/// Key 27, from the transaction coordinator to the leaders of the partitions.
public struct WriteTxnMarkersRequest: RequestMessage {
    public typealias Response = WriteTxnMarkersResponse
    public static var api: APIKey { .writeTxnMarkers }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 1 }

    public var markers: [WritableTxnMarker] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Markers", &markers, 0...)
    }

    public struct WritableTxnMarker: WireStruct {
        public var producerId:         Int64                    = 0
        public var producerEpoch:      Int16                    = 0
        public var transactionResult:  Bool                     = false
        public var topics:             [WritableTxnMarkerTopic] = []
        public var coordinatorEpoch:   Int32                    = 0
        public var transactionVersion: Int8                     = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ProducerId",         &producerId,         0...)
            try wire.field("ProducerEpoch",      &producerEpoch,      0...)
            try wire.field("TransactionResult",  &transactionResult,  0...)
            try wire.field("Topics",             &topics,             0...)
            try wire.field("CoordinatorEpoch",   &coordinatorEpoch,   0...)
            try wire.field("TransactionVersion", &transactionVersion, 2...)
        }
    }

    public struct WritableTxnMarkerTopic: WireStruct {
        public var name:             String  = ""
        public var partitionIndexes: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",             &name,             0...)
            try wire.field("PartitionIndexes", &partitionIndexes, 0...)
        }
    }
}

// swift-format-ignore
public struct WriteTxnMarkersResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 1 }

    public var markers: [WritableTxnMarkerResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Markers", &markers, 0...)
    }

    public struct WritableTxnMarkerResult: WireStruct {
        public var producerId: Int64                          = 0
        public var topics:     [WritableTxnMarkerTopicResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ProducerId", &producerId, 0...)
            try wire.field("Topics",     &topics,     0...)
        }
    }

    public struct WritableTxnMarkerTopicResult: WireStruct {
        public var name:       String                             = ""
        public var partitions: [WritableTxnMarkerPartitionResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct WritableTxnMarkerPartitionResult: WireStruct {
        public var partitionIndex: Int32 = 0
        public var errorCode:      Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
        }
    }
}
