import Coordination
import KafkaProtocol

/// A member of a classic group: who it is, what it said when it joined, and what its leader gave it. What the metadata
/// of a protocol and the assignment mean is between the members.
public struct ClassicMember: Hashable, Sendable {
    public struct SupportedProtocol: Hashable, Sendable {
        public let name: String
        public let metadata: [UInt8]

        public init(name: String, metadata: [UInt8]) {
            self.name = name
            self.metadata = metadata
        }
    }

    public internal(set) var id: String
    /// `group.instance.id`: a static member keeps its place when it comes back under another member id (KIP-345).
    public let instanceID: String?
    public let client: GroupClient
    public internal(set) var rebalanceTimeout: Duration
    public internal(set) var sessionTimeout: Duration
    /// By preference, each name once.
    public internal(set) var protocols: [SupportedProtocol]
    public internal(set) var assignment: [UInt8]

    /// Its place in the order in which members came; a leader that goes is followed by the one that came first.
    var position: UInt64 = 0
    /// The joins and syncs that wait. Both at once happens only within one event.
    var parkedJoin: Owed?
    var parkedSync: Owed?
    /// Its generation has begun, and it has not asked for its assignment.
    var owesSync = false
    /// It has never had an answer to a join, so it cannot send heartbeats yet.
    var isNew = false

    public init(
        id: String, instanceID: String?, client: GroupClient, rebalanceTimeout: Duration, sessionTimeout: Duration,
        protocols: [SupportedProtocol], assignment: [UInt8] = []
    ) {
        self.id = id
        self.instanceID = instanceID
        self.client = client
        self.rebalanceTimeout = rebalanceTimeout
        self.sessionTimeout = sessionTimeout
        self.protocols = protocols
        self.assignment = assignment
    }

    public func metadata(for protocolName: String?) -> [UInt8] {
        protocols.first { $0.name == protocolName }?.metadata ?? []
    }

    /// Its silence is excused while the group owes it an answer; but a new member may not wait for ever.
    var isExcused: Bool { !isNew && (parkedJoin != nil || parkedSync != nil) }
}

extension [ClassicMember.SupportedProtocol] {
    /// The protocols of a request, of those with the same name the first.
    init(_ request: JoinGroupRequest) {
        var names = Set<String>(minimumCapacity: request.protocols.count)
        self = request.protocols.compactMap {
            names.insert($0.name).inserted ? ClassicMember.SupportedProtocol(name: $0.name, metadata: $0.metadata) : nil
        }
    }
}
