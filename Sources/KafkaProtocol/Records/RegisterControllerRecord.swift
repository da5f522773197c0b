public import Bytes

// swift-format-ignore
public struct RegisterControllerRecord: MetadataMessage {
    public static var recordType: UInt16 { 27 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var controllerId:     Int32                = 0
    public var incarnationId:    UUID                 = .zero
    public var zkMigrationReady: Bool                 = false
    public var endPoints:        [ControllerEndpoint] = []
    public var features:         [ControllerFeature]  = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ControllerId",     &controllerId,     0...)
        try wire.field("IncarnationId",    &incarnationId,    0...)
        try wire.field("ZkMigrationReady", &zkMigrationReady, 0...)
        try wire.field("EndPoints",        &endPoints,        0...)
        try wire.field("Features",         &features,         0...)
    }

    public struct ControllerEndpoint: WireStruct {
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

    public struct ControllerFeature: WireStruct {
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
