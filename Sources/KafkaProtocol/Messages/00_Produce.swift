public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 0. With `acks` 0 there is no answer at all. Topics go by id from version 13; a transactional id names the
/// transaction the batches belong to.
public struct ProduceRequest: RequestMessage {
    public typealias Response = ProduceResponse
    public static var api: APIKey { .produce }
    public static var versions: ClosedRange<Int16> { 0...13 }
    public static var flexibleFrom: Int16? { 9 }

    public var transactionalId: String?            = nil
    public var acks:            Int16              = 0
    public var timeoutMs:       Int32              = 0
    public var topicData:       [TopicProduceData] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TransactionalId", &transactionalId, 3..., nullable: 3...)
        try wire.field("Acks",            &acks,            0...)
        try wire.field("TimeoutMs",       &timeoutMs,       0...)
        try wire.field("TopicData",       &topicData,       0...)
    }

    public struct TopicProduceData: WireStruct {
        public var name:          String                 = ""
        public var topicId:       UUID                   = .zero
        public var partitionData: [PartitionProduceData] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",          &name,          0...12)
            try wire.field("TopicId",       &topicId,       13...)
            try wire.field("PartitionData", &partitionData, 0...)
        }
    }

    public struct PartitionProduceData: WireStruct {
        public var index:   Int32        = 0
        public var records: RecordsField = .null

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Index",   &index,   0...)
            try wire.field("Records", &records, 0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct ProduceResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...13 }
    public static var flexibleFrom: Int16? { 9 }

    public var responses:      [TopicProduceResponse] = []
    public var throttleTimeMs: Int32                  = 0
    public var nodeEndpoints:  [NodeEndpoint]         = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Responses",      &responses,      0...)
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "NodeEndpoints", &nodeEndpoints, 10...)
    }

    public struct TopicProduceResponse: WireStruct {
        public var name:               String                     = ""
        public var topicId:            UUID                       = .zero
        public var partitionResponses: [PartitionProduceResponse] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",               &name,               0...12)
            try wire.field("TopicId",            &topicId,            13...)
            try wire.field("PartitionResponses", &partitionResponses, 0...)
        }
    }

    public struct PartitionProduceResponse: WireStruct {
        public var index:           Int32                       = 0
        public var errorCode:       Int16                       = 0
        public var baseOffset:      Int64                       = 0
        public var logAppendTimeMs: Int64                       = -1
        public var logStartOffset:  Int64                       = -1
        public var recordErrors:    [BatchIndexAndErrorMessage] = []
        public var errorMessage:    String?                     = nil
        public var currentLeader:   LeaderIdAndEpoch            = LeaderIdAndEpoch()

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Index",           &index,           0...)
            try wire.field("ErrorCode",       &errorCode,       0...)
            try wire.field("BaseOffset",      &baseOffset,      0...)
            try wire.field("LogAppendTimeMs", &logAppendTimeMs, 2...)
            try wire.field("LogStartOffset",  &logStartOffset,  5...)
            try wire.field("RecordErrors",    &recordErrors,    8...)
            try wire.field("ErrorMessage",    &errorMessage,    8..., nullable: 8...)
        }

        public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.tag(0, "CurrentLeader", &currentLeader, 10..., default: LeaderIdAndEpoch())
        }
    }

    public struct BatchIndexAndErrorMessage: WireStruct {
        public var batchIndex:             Int32   = 0
        public var batchIndexErrorMessage: String? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("BatchIndex",             &batchIndex,             8...)
            try wire.field("BatchIndexErrorMessage", &batchIndexErrorMessage, 8..., nullable: 8...)
        }
    }

    public struct LeaderIdAndEpoch: WireStruct, Equatable {
        public var leaderId:    Int32 = -1
        public var leaderEpoch: Int32 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("LeaderId",    &leaderId,    10...)
            try wire.field("LeaderEpoch", &leaderEpoch, 10...)
        }
    }

    public struct NodeEndpoint: WireStruct {
        public var nodeId: Int32   = 0
        public var host:   String  = ""
        public var port:   Int32   = 0
        public var rack:   String? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("NodeId", &nodeId, 10...)
            try wire.field("Host",   &host,   10...)
            try wire.field("Port",   &port,   10...)
            try wire.field("Rack",   &rack,   10..., nullable: 10...)
        }
    }
}
