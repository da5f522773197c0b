public import Bytes

public struct RegisterBrokerRecord: Sendable {
    public struct BrokerEndpoint: Sendable {
        public init() {}
        public var name = "", host = "", port: UInt16 = 0, securityProtocol: Int16 = 0
    }
    public struct BrokerFeature: Sendable {
        public init() {}
        public var name = "", minSupportedVersion: Int16 = 0, maxSupportedVersion: Int16 = 0
    }
    public init() {}
    public var brokerId: Int32 = 0, isMigratingZkBroker = false, incarnationId = UUID.zero, brokerEpoch: Int64 = 0
    public var endPoints: [BrokerEndpoint] = [], features: [BrokerFeature] = []
    public var rack: String? = "", fenced = true, inControlledShutdown = false, logDirs: [UUID] = []
}
public struct UnregisterBrokerRecord: Sendable {
    public init() {}; public var brokerId: Int32 = 0, brokerEpoch: Int64 = 0
}
public struct TopicRecord: Sendable { public init() {}; public var name = "", topicId = UUID.zero }
public struct PartitionRecord: Sendable {
    public init() {}
    public var partitionId: Int32 = -1, topicId = UUID.zero, replicas: [Int32] = [], isr: [Int32] = []
    public var removingReplicas: [Int32] = [], addingReplicas: [Int32] = [], leader: Int32 = -1
    public var leaderRecoveryState: Int8 = 0, leaderEpoch: Int32 = -1, partitionEpoch: Int32 = -1,
        directories: [UUID] = []
    public var eligibleLeaderReplicas: [Int32]? = nil, lastKnownElr: [Int32]? = nil
}
public struct ConfigRecord: Sendable {
    public init() {}; public var resourceType: Int8 = 0, resourceName = "", name = "", value: String? = ""
}
public struct PartitionChangeRecord: Sendable {
    public init() {}
    public var partitionId: Int32 = -1, topicId = UUID.zero, isr: [Int32]? = nil, leader: Int32 = -2,
        replicas: [Int32]? = nil
    public var removingReplicas: [Int32]? = nil, addingReplicas: [Int32]? = nil, leaderRecoveryState: Int8 = -1
    public var directories: [UUID]? = nil, eligibleLeaderReplicas: [Int32]? = nil, lastKnownElr: [Int32]? = nil
}
public struct FenceBrokerRecord: Sendable { public init() {}; public var id: Int32 = 0, epoch: Int64 = 0 }
public struct UnfenceBrokerRecord: Sendable { public init() {}; public var id: Int32 = 0, epoch: Int64 = 0 }
public struct RemoveTopicRecord: Sendable { public init() {}; public var topicId = UUID.zero }
public struct DelegationTokenRecord: Sendable {
    public init() {}
    public var owner = "", requester = "", renewers: [String] = [], issueTimestamp: Int64 = 0, maxTimestamp: Int64 = 0
    public var expirationTimestamp: Int64 = 0, tokenId = ""
}
public struct UserScramCredentialRecord: Sendable {
    public init() {}
    public var name = "", mechanism: Int8 = 0, salt: [UInt8] = [], storedKey: [UInt8] = [], serverKey: [UInt8] = [],
        iterations: Int32 = 0
}
public struct FeatureLevelRecord: Sendable { public init() {}; public var name = "", featureLevel: Int16 = 0 }
public struct ClientQuotaRecord: Sendable {
    public struct EntityData: Sendable { public init() {}; public var entityType = "", entityName: String? = "" }
    public init() {}
    public var entity: [EntityData] = [], key = "", value: Double = 0, remove = false
}
public struct ProducerIdsRecord: Sendable {
    public init() {}; public var brokerId: Int32 = 0, brokerEpoch: Int64 = -1, nextProducerId: Int64 = 0
}
public struct BrokerRegistrationChangeRecord: Sendable {
    public init() {}
    public var brokerId: Int32 = 0, brokerEpoch: Int64 = 0, fenced: Int8 = 0, inControlledShutdown: Int8 = 0,
        logDirs: [UUID] = []
}
public struct AccessControlEntryRecord: Sendable {
    public init() {}
    public var id = UUID.zero, resourceType: Int8 = 0, resourceName = "", patternType: Int8 = 0, principal = "",
        host = ""
    public var operation: Int8 = 0, permissionType: Int8 = 0
}
public struct RemoveAccessControlEntryRecord: Sendable { public init() {}; public var id = UUID.zero }
public struct NoOpRecord: Sendable { public init() {} }
public struct ZkMigrationStateRecord: Sendable { public init() {}; public var zkMigrationState: Int8 = 0 }
public struct RemoveUserScramCredentialRecord: Sendable { public init() {}; public var name = "", mechanism: Int8 = 0 }
public struct BeginTransactionRecord: Sendable { public init() {}; public var name: String? = nil }
public struct EndTransactionRecord: Sendable { public init() {} }
public struct AbortTransactionRecord: Sendable { public init() {}; public var reason: String? = nil }
public struct RemoveDelegationTokenRecord: Sendable { public init() {}; public var tokenId = "" }
public struct RegisterControllerRecord: Sendable {
    public struct ControllerEndpoint: Sendable {
        public init() {}
        public var name = "", host = "", port: UInt16 = 0, securityProtocol: Int16 = 0
    }
    public struct ControllerFeature: Sendable {
        public init() {}
        public var name = "", minSupportedVersion: Int16 = 0, maxSupportedVersion: Int16 = 0
    }
    public init() {}
    public var controllerId: Int32 = 0, incarnationId = UUID.zero, zkMigrationReady = false
    public var endPoints: [ControllerEndpoint] = [], features: [ControllerFeature] = []
}
public struct ClearElrRecord: Sendable { public init() {}; public var topicName = "" }
