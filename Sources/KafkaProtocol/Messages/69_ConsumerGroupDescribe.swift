public import Bytes
public import KafkaModel

// swift-format-ignore
public struct ConsumerGroupDescribeRequest: RequestMessage {
    public typealias Response = ConsumerGroupDescribeResponse
    public static var api: APIKey { .consumerGroupDescribe }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var groupIds:                    [String] = []
    public var includeAuthorizedOperations: Bool     = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupIds",                    &groupIds,                    0...)
        try wire.field("IncludeAuthorizedOperations", &includeAuthorizedOperations, 0...)
    }
}

// swift-format-ignore
public struct ConsumerGroupDescribeResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32            = 0
    public var groups:         [DescribedGroup] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Groups",         &groups,         0...)
    }

    public struct DescribedGroup: WireStruct {
        public var errorCode:            Int16    = 0
        public var errorMessage:         String?  = nil
        public var groupId:              String   = ""
        public var groupState:           String   = ""
        public var groupEpoch:           Int32    = 0
        public var assignmentEpoch:      Int32    = 0
        public var assignorName:         String   = ""
        public var members:              [Member] = []
        public var authorizedOperations: Int32    = .min

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",            &errorCode,            0...)
            try wire.field("ErrorMessage",         &errorMessage,         0..., nullable: 0...)
            try wire.field("GroupId",              &groupId,              0...)
            try wire.field("GroupState",           &groupState,           0...)
            try wire.field("GroupEpoch",           &groupEpoch,           0...)
            try wire.field("AssignmentEpoch",      &assignmentEpoch,      0...)
            try wire.field("AssignorName",         &assignorName,         0...)
            try wire.field("Members",              &members,              0...)
            try wire.field("AuthorizedOperations", &authorizedOperations, 0...)
        }
    }

    public struct Member: WireStruct {
        public var memberId:             String     = ""
        public var instanceId:           String?    = nil
        public var rackId:               String?    = nil
        public var memberEpoch:          Int32      = 0
        public var clientId:             String     = ""
        public var clientHost:           String     = ""
        public var subscribedTopicNames: [String]   = []
        public var subscribedTopicRegex: String?    = nil
        public var assignment:           Assignment = Assignment()
        public var targetAssignment:     Assignment = Assignment()
        public var memberType:           Int8       = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("MemberId",             &memberId,             0...)
            try wire.field("InstanceId",           &instanceId,           0..., nullable: 0...)
            try wire.field("RackId",               &rackId,               0..., nullable: 0...)
            try wire.field("MemberEpoch",          &memberEpoch,          0...)
            try wire.field("ClientId",             &clientId,             0...)
            try wire.field("ClientHost",           &clientHost,           0...)
            try wire.field("SubscribedTopicNames", &subscribedTopicNames, 0...)
            try wire.field("SubscribedTopicRegex", &subscribedTopicRegex, 0..., nullable: 0...)
            try wire.field("Assignment",           &assignment,           0...)
            try wire.field("TargetAssignment",     &targetAssignment,     0...)
            try wire.field("MemberType",           &memberType,           1...)
        }
    }

    public struct Assignment: WireStruct {
        public var topicPartitions: [TopicPartitions] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicPartitions", &topicPartitions, 0...)
        }
    }

    public struct TopicPartitions: WireStruct {
        public var topicId:    UUID    = .zero
        public var topicName:  String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",    &topicId,    0...)
            try wire.field("TopicName",  &topicName,  0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}
