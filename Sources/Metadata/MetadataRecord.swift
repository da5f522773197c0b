public import KafkaProtocol

/// A change of the cluster, as the metadata log keeps it: one of Kafka's KRaft records. The raw numbers of the kinds
/// are the api keys of their framing.
public enum MetadataRecord: Sendable {
    case registerBroker(RegisterBrokerRecord)
    case unregisterBroker(UnregisterBrokerRecord)
    case topic(TopicRecord)
    case partition(PartitionRecord)
    case config(ConfigRecord)
    case partitionChange(PartitionChangeRecord)
    case fenceBroker(FenceBrokerRecord)
    case unfenceBroker(UnfenceBrokerRecord)
    case removeTopic(RemoveTopicRecord)
    case delegationToken(DelegationTokenRecord)
    case userScramCredential(UserScramCredentialRecord)
    case featureLevel(FeatureLevelRecord)
    case clientQuota(ClientQuotaRecord)
    case producerIDs(ProducerIdsRecord)
    case brokerRegistrationChange(BrokerRegistrationChangeRecord)
    case accessControlEntry(AccessControlEntryRecord)
    case removeAccessControlEntry(RemoveAccessControlEntryRecord)
    case noOp(NoOpRecord)
    case zooKeeperMigrationState(ZkMigrationRecord)
    case removeUserScramCredential(RemoveUserScramCredentialRecord)
    case beginTransaction(BeginTransactionRecord)
    case endTransaction(EndTransactionRecord)
    case abortTransaction(AbortTransactionRecord)
    case removeDelegationToken(RemoveDelegationTokenRecord)
    case registerController(RegisterControllerRecord)
    case clearEligibleLeaders(ClearElrRecord)

    public enum Kind: UInt32, CaseIterable, Sendable {
        case registerBroker = 0
        case unregisterBroker = 1
        case topic = 2
        case partition = 3
        case config = 4
        case partitionChange = 5
        case fenceBroker = 7
        case unfenceBroker = 8
        case removeTopic = 9
        case delegationToken = 10
        case userScramCredential = 11
        case featureLevel = 12
        case clientQuota = 14
        case producerIDs = 15
        case brokerRegistrationChange = 17
        case accessControlEntry = 18
        case removeAccessControlEntry = 19
        case noOp = 20
        case zooKeeperMigrationState = 21
        case removeUserScramCredential = 22
        case beginTransaction = 23
        case endTransaction = 24
        case abortTransaction = 25
        case removeDelegationToken = 26
        case registerController = 27
        case clearEligibleLeaders = 28
    }

    public var kind: Kind {
        switch self {
        case .registerBroker: .registerBroker
        case .unregisterBroker: .unregisterBroker
        case .topic: .topic
        case .partition: .partition
        case .config: .config
        case .partitionChange: .partitionChange
        case .fenceBroker: .fenceBroker
        case .unfenceBroker: .unfenceBroker
        case .removeTopic: .removeTopic
        case .delegationToken: .delegationToken
        case .userScramCredential: .userScramCredential
        case .featureLevel: .featureLevel
        case .clientQuota: .clientQuota
        case .producerIDs: .producerIDs
        case .brokerRegistrationChange: .brokerRegistrationChange
        case .accessControlEntry: .accessControlEntry
        case .removeAccessControlEntry: .removeAccessControlEntry
        case .noOp: .noOp
        case .zooKeeperMigrationState: .zooKeeperMigrationState
        case .removeUserScramCredential: .removeUserScramCredential
        case .beginTransaction: .beginTransaction
        case .endTransaction: .endTransaction
        case .abortTransaction: .abortTransaction
        case .removeDelegationToken: .removeDelegationToken
        case .registerController: .registerController
        case .clearEligibleLeaders: .clearEligibleLeaders
        }
    }

    /// The version to write under a level of `metadata.version`: the oldest that says all of it, as Kafka does.
    public func version(under level: MetadataVersion) -> Int16 {
        switch self {
        case .registerBroker:
            if level >= .directoryAssignment { return 3 }
            if level >= .zooKeeperMigration { return 2 }
            return level >= .controlledShutdown ? 1 : 0
        case .partition, .partitionChange:
            if level >= .eligibleLeaders { return 2 }
            return level >= .directoryAssignment ? 1 : 0
        case .brokerRegistrationChange(let change):
            if !change.logDirs.isEmpty && level >= .directoryAssignment { return 2 }
            return change.inControlledShutdown != 0 && level >= .controlledShutdown ? 1 : 0
        default: return 0
        }
    }
}

extension MetadataRecord.Kind {
    /// Kafka's name of the record.
    public var name: String {
        switch self {
        case .registerBroker: "RegisterBrokerRecord"
        case .unregisterBroker: "UnregisterBrokerRecord"
        case .topic: "TopicRecord"
        case .partition: "PartitionRecord"
        case .config: "ConfigRecord"
        case .partitionChange: "PartitionChangeRecord"
        case .fenceBroker: "FenceBrokerRecord"
        case .unfenceBroker: "UnfenceBrokerRecord"
        case .removeTopic: "RemoveTopicRecord"
        case .delegationToken: "DelegationTokenRecord"
        case .userScramCredential: "UserScramCredentialRecord"
        case .featureLevel: "FeatureLevelRecord"
        case .clientQuota: "ClientQuotaRecord"
        case .producerIDs: "ProducerIdsRecord"
        case .brokerRegistrationChange: "BrokerRegistrationChangeRecord"
        case .accessControlEntry: "AccessControlEntryRecord"
        case .removeAccessControlEntry: "RemoveAccessControlEntryRecord"
        case .noOp: "NoOpRecord"
        case .zooKeeperMigrationState: "ZkMigrationStateRecord"
        case .removeUserScramCredential: "RemoveUserScramCredentialRecord"
        case .beginTransaction: "BeginTransactionRecord"
        case .endTransaction: "EndTransactionRecord"
        case .abortTransaction: "AbortTransactionRecord"
        case .removeDelegationToken: "RemoveDelegationTokenRecord"
        case .registerController: "RegisterControllerRecord"
        case .clearEligibleLeaders: "ClearElrRecord"
        }
    }
}
