// swift-format-ignore
/// Record 21 of `__consumer_offsets`: what a member of a streams group shall have.
public struct StreamsGroupTargetAssignmentMemberKey: CoordinatorKey {
    public typealias Value = StreamsGroupTargetAssignmentMemberValue
    public static var recordType: Int16 { 21 }
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
/// The tasks the assignor gave to the member.
public struct StreamsGroupTargetAssignmentMemberValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var activeTasks:  [TaskIds] = []
    public var standbyTasks: [TaskIds] = []
    public var warmupTasks:  [TaskIds] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ActiveTasks",  &activeTasks,  0...)
        try wire.field("StandbyTasks", &standbyTasks, 0...)
        try wire.field("WarmupTasks",  &warmupTasks,  0...)
    }

    public struct TaskIds: WireStruct {
        public var subtopologyId: String  = ""
        public var partitions:    [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("SubtopologyId", &subtopologyId, 0...)
            try wire.field("Partitions",    &partitions,    0...)
        }
    }
}
