public import Bytes

// swift-format-ignore
/// A broker has registered; `brokerEpoch` is the offset of this record.
public struct RegisterBrokerRecord: MetadataMessage {
    public static var recordType: UInt16 { 0 }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 0 }

    public var brokerId:             Int32            = 0
    public var isMigratingZkBroker:  Bool             = false
    public var incarnationId:        UUID             = .zero
    public var brokerEpoch:          Int64            = 0
    public var endPoints:            [BrokerEndpoint] = []
    public var features:             [BrokerFeature]  = []
    public var rack:                 String?          = ""
    public var fenced:               Bool             = true
    public var inControlledShutdown: Bool             = false
    public var logDirs:              [UUID]           = []
    public var cordonedLogDirs:      [UUID]?          = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("BrokerId",             &brokerId,             0...)
        try wire.field("IsMigratingZkBroker",  &isMigratingZkBroker,  2...)
        try wire.field("IncarnationId",        &incarnationId,        0...)
        try wire.field("BrokerEpoch",          &brokerEpoch,          0...)
        try wire.field("EndPoints",            &endPoints,            0...)
        try wire.field("Features",             &features,             0...)
        try wire.field("Rack",                 &rack,                 0..., nullable: 0...)
        try wire.field("Fenced",               &fenced,               0...)
        try wire.field("InControlledShutdown", &inControlledShutdown, 1...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "LogDirs",         &logDirs,         3...)
        try wire.tag(1, "CordonedLogDirs", &cordonedLogDirs, 4..., nullable: 4...)
    }

    public struct BrokerEndpoint: WireStruct {
        public var name:             String = ""
        public var host:             String = ""
        public var port:             UInt16 = 0
        public var securityProtocol: Int16  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",             &name,             0...)
            try wire.field("Host",             &host,             0...)
            try wire.field("Port",             &port,             0...)
            try wire.field("SecurityProtocol", &securityProtocol, 0...)
        }
    }

    public struct BrokerFeature: WireStruct {
        public var name:                String = ""
        public var minSupportedVersion: Int16  = 0
        public var maxSupportedVersion: Int16  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",                &name,                0...)
            try wire.field("MinSupportedVersion", &minSupportedVersion, 0...)
            try wire.field("MaxSupportedVersion", &maxSupportedVersion, 0...)
        }
    }
}
