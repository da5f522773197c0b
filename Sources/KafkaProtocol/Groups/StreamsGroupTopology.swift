// swift-format-ignore
/// Record 23 of `__consumer_offsets`: the topology of a streams group.
public struct StreamsGroupTopologyKey: CoordinatorKey {
    public typealias Value = StreamsGroupTopologyValue
    public static var recordType: Int16 { 23 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...0)
    }
}

// swift-format-ignore
/// The subtopologies and the topics between them.
public struct StreamsGroupTopologyValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var epoch:         Int32         = 0
    public var subtopologies: [Subtopology] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Epoch",         &epoch,         0...)
        try wire.field("Subtopologies", &subtopologies, 0...)
    }

    public struct Subtopology: WireStruct {
        public var subtopologyId:           String             = ""
        public var sourceTopics:            [String]           = []
        public var sourceTopicRegex:        [String]           = []
        public var stateChangelogTopics:    [TopicInfo]        = []
        public var repartitionSinkTopics:   [String]           = []
        public var repartitionSourceTopics: [TopicInfo]        = []
        public var copartitionGroups:       [CopartitionGroup] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("SubtopologyId",           &subtopologyId,           0...)
            try wire.field("SourceTopics",            &sourceTopics,            0...)
            try wire.field("SourceTopicRegex",        &sourceTopicRegex,        0...)
            try wire.field("StateChangelogTopics",    &stateChangelogTopics,    0...)
            try wire.field("RepartitionSinkTopics",   &repartitionSinkTopics,   0...)
            try wire.field("RepartitionSourceTopics", &repartitionSourceTopics, 0...)
            try wire.field("CopartitionGroups",       &copartitionGroups,       0...)
        }

        public struct CopartitionGroup: WireStruct {
            public var sourceTopics:            [Int16] = []
            public var sourceTopicRegex:        [Int16] = []
            public var repartitionSourceTopics: [Int16] = []

            public init() {}

            public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
                try wire.field("SourceTopics",            &sourceTopics,            0...)
                try wire.field("SourceTopicRegex",        &sourceTopicRegex,        0...)
                try wire.field("RepartitionSourceTopics", &repartitionSourceTopics, 0...)
            }
        }
    }

    public struct TopicConfig: WireStruct {
        public var key:   String = ""
        public var value: String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("key",   &key,   0...)
            try wire.field("value", &value, 0...)
        }
    }

    public struct TopicInfo: WireStruct {
        public var name:              String        = ""
        public var partitions:        Int32         = 0
        public var replicationFactor: Int16         = 0
        public var topicConfigs:      [TopicConfig] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",              &name,              0...)
            try wire.field("Partitions",        &partitions,        0...)
            try wire.field("ReplicationFactor", &replicationFactor, 0...)
            try wire.field("TopicConfigs",      &topicConfigs,      0...)
        }
    }
}
