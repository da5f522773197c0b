public import Bytes
public import KafkaModel

// swift-format-ignore
public struct DeleteTopicsRequest: RequestMessage {
    public typealias Response = DeleteTopicsResponse
    public static var api: APIKey { .deleteTopics }
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleFrom: Int16? { 4 }

    public var topics:     [DeleteTopicState] = []
    public var topicNames: [String]           = []
    public var timeoutMs:  Int32              = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",     &topics,     6...)
        try wire.field("TopicNames", &topicNames, 0...5)
        try wire.field("TimeoutMs",  &timeoutMs,  0...)
    }

    public struct DeleteTopicState: WireStruct {
        public var name:    String? = nil
        public var topicId: UUID    = .zero

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",    &name,    6..., nullable: 6...)
            try wire.field("TopicId", &topicId, 6...)
        }
    }
}

// swift-format-ignore
public struct DeleteTopicsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleFrom: Int16? { 4 }

    public var throttleTimeMs: Int32                  = 0
    public var responses:      [DeletableTopicResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("Responses",      &responses,      0...)
    }

    public struct DeletableTopicResult: WireStruct {
        public var name:         String? = ""
        public var topicId:      UUID    = .zero
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",         &name,         0..., nullable: 6...)
            try wire.field("TopicId",      &topicId,      6...)
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 5..., nullable: 5...)
        }
    }
}
