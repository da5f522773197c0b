public import Bytes

// swift-format-ignore
/// The value of the control record a new quorum leader writes first.
public struct LeaderChangeMessage: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var version:        Int16   = 0
    public var leaderId:       Int32   = 0
    public var voters:         [Voter] = []
    public var grantingVoters: [Voter] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Version",        &version,        0...)
        try wire.field("LeaderId",       &leaderId,       0...)
        try wire.field("Voters",         &voters,         0...)
        try wire.field("GrantingVoters", &grantingVoters, 0...)
    }

    public struct Voter: WireStruct {
        public var voterId:          Int32 = 0
        public var voterDirectoryId: UUID  = .zero

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("VoterId",          &voterId,          0...)
            try wire.field("VoterDirectoryId", &voterDirectoryId, 1...)
        }
    }
}
