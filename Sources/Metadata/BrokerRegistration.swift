public import Bytes
public import KafkaModel

/// A broker as it registered itself.
public struct BrokerRegistration: Sendable, Equatable {
    /// How a listener secures its connections; the raw values are stored.
    public enum Security: Int16, CaseIterable, Sendable {
        case plaintext = 0
        case ssl = 1
        case saslPlaintext = 2
        case saslSSL = 3

        public var name: String {
            switch self {
            case .plaintext: "PLAINTEXT"
            case .ssl: "SSL"
            case .saslPlaintext: "SASL_PLAINTEXT"
            case .saslSSL: "SASL_SSL"
            }
        }

        public init?(name: String) {
            guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = found
        }
    }

    public struct Endpoint: Sendable, Equatable {
        /// The name of the listener.
        public var name: String
        public var host: String
        public var port: UInt16
        public var security: Security

        public init(name: String, host: String, port: UInt16, security: Security = .plaintext) {
            self.name = name
            self.host = host
            self.port = port
            self.security = security
        }
    }

    public let id: BrokerID
    /// The offset of the record that registered it: each start has its own, which fences what an earlier one still says.
    public var epoch: Int64
    /// Chosen anew by each start of the process.
    public var incarnationID: UUID
    public var endpoints: [Endpoint]
    public var features: [String: ClosedRange<Int16>]
    public var rack: String?
    public var isFenced: Bool
    public var isShuttingDown: Bool
    public var isMigratingFromZooKeeper: Bool
    /// The ids of its log directories that are online.
    public var logDirectories: [UUID]

    public init(
        id: BrokerID, epoch: Int64, incarnationID: UUID, endpoints: [Endpoint],
        features: [String: ClosedRange<Int16>] = [:], rack: String? = nil, isFenced: Bool = true,
        logDirectories: [UUID] = []
    ) {
        self.id = id
        self.epoch = epoch
        self.incarnationID = incarnationID
        self.endpoints = endpoints
        self.features = features
        self.rack = rack
        self.isFenced = isFenced
        self.logDirectories = logDirectories
        isShuttingDown = false
        isMigratingFromZooKeeper = false
    }

    /// Whether it may lead partitions and be chosen for new ones.
    public var isActive: Bool { !isFenced && !isShuttingDown }

    public func endpoint(listener: String) -> Endpoint? { endpoints.first { $0.name == listener } }

    /// Where to put a new replica: the only directory, or whichever the broker chooses.
    public var defaultDirectory: UUID {
        switch logDirectories.count {
        case 0: DirectoryID.migrating
        case 1: logDirectories[0]
        default: DirectoryID.unassigned
        }
    }
}
