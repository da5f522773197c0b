public import KafkaModel

// swift-format-ignore
/// Key 24: one transaction of a client up to version 3; from version 4 several, sent by brokers to verify.
public struct AddPartitionsToTxnRequest: RequestMessage {
    public typealias Response = AddPartitionsToTxnResponse
    public static var api: APIKey { .addPartitionsToTxn }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var transactions:              [AddPartitionsToTxnTransaction] = []
    public var v3AndBelowTransactionalId: String                          = ""
    public var v3AndBelowProducerId:      Int64                           = 0
    public var v3AndBelowProducerEpoch:   Int16                           = 0
    public var v3AndBelowTopics:          [AddPartitionsToTxnTopic]       = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Transactions",              &transactions,              4...)
        try wire.field("V3AndBelowTransactionalId", &v3AndBelowTransactionalId, 0...3)
        try wire.field("V3AndBelowProducerId",      &v3AndBelowProducerId,      0...3)
        try wire.field("V3AndBelowProducerEpoch",   &v3AndBelowProducerEpoch,   0...3)
        try wire.field("V3AndBelowTopics",          &v3AndBelowTopics,          0...3)
    }

    public struct AddPartitionsToTxnTransaction: WireStruct {
        public var transactionalId: String                    = ""
        public var producerId:      Int64                     = 0
        public var producerEpoch:   Int16                     = 0
        public var verifyOnly:      Bool                      = false
        public var topics:          [AddPartitionsToTxnTopic] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TransactionalId", &transactionalId, 4...)
            try wire.field("ProducerId",      &producerId,      4...)
            try wire.field("ProducerEpoch",   &producerEpoch,   4...)
            try wire.field("VerifyOnly",      &verifyOnly,      4...)
            try wire.field("Topics",          &topics,          4...)
        }
    }

    public struct AddPartitionsToTxnTopic: WireStruct {
        public var name:       String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}

// swift-format-ignore
public struct AddPartitionsToTxnResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var throttleTimeMs:           Int32                           = 0
    public var errorCode:                Int16                           = 0
    public var resultsByTransaction:     [AddPartitionsToTxnResult]      = []
    public var resultsByTopicV3AndBelow: [AddPartitionsToTxnTopicResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",           &throttleTimeMs,           0...)
        try wire.field("ErrorCode",                &errorCode,                4...)
        try wire.field("ResultsByTransaction",     &resultsByTransaction,     4...)
        try wire.field("ResultsByTopicV3AndBelow", &resultsByTopicV3AndBelow, 0...3)
    }

    public struct AddPartitionsToTxnResult: WireStruct {
        public var transactionalId: String                          = ""
        public var topicResults:    [AddPartitionsToTxnTopicResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TransactionalId", &transactionalId, 4...)
            try wire.field("TopicResults",    &topicResults,    4...)
        }
    }

    public struct AddPartitionsToTxnTopicResult: WireStruct {
        public var name:               String                              = ""
        public var resultsByPartition: [AddPartitionsToTxnPartitionResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",               &name,               0...)
            try wire.field("ResultsByPartition", &resultsByPartition, 0...)
        }
    }

    public struct AddPartitionsToTxnPartitionResult: WireStruct {
        public var partitionIndex:     Int32 = 0
        public var partitionErrorCode: Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",     &partitionIndex,     0...)
            try wire.field("PartitionErrorCode", &partitionErrorCode, 0...)
        }
    }
}
