public import Bytes

// swift-format-ignore
public struct VotersRecord: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var version: Int16   = 0
    public var voters:  [Voter] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Version", &version, 0...)
        try wire.field("Voters",  &voters,  0...)
    }

    public struct Voter: WireStruct {
        public var voterId:             Int32               = 0
        public var voterDirectoryId:    UUID                = .zero
        public var endpoints:           [Endpoint]          = []
        public var kRaftVersionFeature: KRaftVersionFeature = KRaftVersionFeature()

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("VoterId",             &voterId,             0...)
            try wire.field("VoterDirectoryId",    &voterDirectoryId,    0...)
            try wire.field("Endpoints",           &endpoints,           0...)
            try wire.field("KRaftVersionFeature", &kRaftVersionFeature, 0...)
        }
    }

    public struct Endpoint: WireStruct {
        public var name: String = ""
        public var host: String = ""
        public var port: UInt16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name", &name, 0...)
            try wire.field("Host", &host, 0...)
            try wire.field("Port", &port, 0...)
        }
    }

    public struct KRaftVersionFeature: WireStruct {
        public var minSupportedVersion: Int16 = 0
        public var maxSupportedVersion: Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("MinSupportedVersion", &minSupportedVersion, 0...)
            try wire.field("MaxSupportedVersion", &maxSupportedVersion, 0...)
        }
    }
}
