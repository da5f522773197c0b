public import KafkaProtocol

/// Records as Kafka's tools print them.
extension MetadataRecord {
    /// The record itself.
    public var message: any MetadataMessage {
        switch self {
        case .registerBroker(let record): record
        case .unregisterBroker(let record): record
        case .topic(let record): record
        case .partition(let record): record
        case .config(let record): record
        case .partitionChange(let record): record
        case .fenceBroker(let record): record
        case .unfenceBroker(let record): record
        case .removeTopic(let record): record
        case .delegationToken(let record): record
        case .userScramCredential(let record): record
        case .featureLevel(let record): record
        case .clientQuota(let record): record
        case .producerIDs(let record): record
        case .brokerRegistrationChange(let record): record
        case .accessControlEntry(let record): record
        case .removeAccessControlEntry(let record): record
        case .noOp(let record): record
        case .zooKeeperMigrationState(let record): record
        case .removeUserScramCredential(let record): record
        case .beginTransaction(let record): record
        case .endTransaction(let record): record
        case .abortTransaction(let record): record
        case .removeDelegationToken(let record): record
        case .registerController(let record): record
        case .clearEligibleLeaders(let record): record
        }
    }

    /// `{"type":"TOPIC_RECORD","version":0,"data":{…}}`.
    public func jsonDescription(version: Int16) -> String {
        let data = message.jsonDescription(version: version, style: style)
        return "{\"type\":\"\(kind.typeName)\",\"version\":\(version),\"data\":\(data)}"
    }

    /// Where tagged members stand among the others in Kafka's text.
    private var style: JSONStyle? {
        switch self {
        case .partition:
            JSONStyle(order: [
                "partitionId", "topicId", "replicas", "isr", "removingReplicas", "addingReplicas", "leader",
                "leaderRecoveryState", "leaderEpoch", "partitionEpoch", "directories", "eligibleLeaderReplicas",
                "lastKnownElr",
            ])
        case .partitionChange:
            JSONStyle(order: [
                "partitionId", "topicId", "isr", "leader", "replicas", "removingReplicas", "addingReplicas",
                "leaderRecoveryState", "directories", "eligibleLeaderReplicas", "lastKnownElr",
            ])
        default: nil
        }
    }
}

extension MetadataRecord.Kind {
    /// `TOPIC_RECORD`: the name with its words apart.
    var typeName: String {
        var text = ""
        for character in name {
            if character.isUppercase, !text.isEmpty { text += "_" }
            text += character.uppercased()
        }
        return text
    }
}
