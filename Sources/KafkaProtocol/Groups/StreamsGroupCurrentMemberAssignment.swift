// swift-format-ignore
/// Record 22 of `__consumer_offsets`: what a member of a streams group has.
public struct StreamsGroupCurrentMemberAssignmentKey: CoordinatorKey {
    public typealias Value = StreamsGroupCurrentMemberAssignmentValue
    public static var recordType: Int16 { 22 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId:  String = ""
    public var memberId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",  &groupId,  0...0)
        try wire.field("MemberId", &memberId, 0...0)
    }
}

// swift-format-ignore
/// The epoch the member has reached, and its tasks on the way there.
public struct StreamsGroupCurrentMemberAssignmentValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var memberEpoch:                   Int32     = 0
    public var previousMemberEpoch:           Int32     = 0
    public var state:                         Int8      = 0
    public var activeTasks:                   [TaskIds] = []
    public var standbyTasks:                  [TaskIds] = []
    public var warmupTasks:                   [TaskIds] = []
    public var activeTasksPendingRevocation:  [TaskIds] = []
    public var standbyTasksPendingRevocation: [TaskIds] = []
    public var warmupTasksPendingRevocation:  [TaskIds] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("MemberEpoch",                   &memberEpoch,                   0...)
        try wire.field("PreviousMemberEpoch",           &previousMemberEpoch,           0...)
        try wire.field("State",                         &state,                         0...)
        try wire.field("ActiveTasks",                   &activeTasks,                   0...)
        try wire.field("StandbyTasks",                  &standbyTasks,                  0...)
        try wire.field("WarmupTasks",                   &warmupTasks,                   0...)
        try wire.field("ActiveTasksPendingRevocation",  &activeTasksPendingRevocation,  0...)
        try wire.field("StandbyTasksPendingRevocation", &standbyTasksPendingRevocation, 0...)
        try wire.field("WarmupTasksPendingRevocation",  &warmupTasksPendingRevocation,  0...)
    }

    public struct TaskIds: WireStruct {
        public var subtopologyId:    String   = ""
        public var partitions:       [Int32]  = []
        public var assignmentEpochs: [Int32]? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("SubtopologyId", &subtopologyId, 0...)
            try wire.field("Partitions",    &partitions,    0...)
        }

        public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.tag(0, "AssignmentEpochs", &assignmentEpochs, 0..., nullable: 0...)
        }
    }
}
