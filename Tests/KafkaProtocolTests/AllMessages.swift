import Bytes
import KafkaProtocol
import Testing

/// Every declared message, for tests that hold for all of them.
struct MessageType: Sendable, CustomTestStringConvertible {
    let type: any WireMessage.Type

    var name: String { String(describing: type) }
    var testDescription: String { name }

    /// The versions at which a message changes its shape most: the first, the last, and both sides of flexibility.
    var telling: [Int16] {
        var versions: Set<Int16> = [type.versions.lowerBound, type.versions.upperBound]
        if let flexible = type.flexibleFrom {
            versions.insert(flexible)
            if flexible > type.versions.lowerBound { versions.insert(flexible - 1) }
        }
        return versions.sorted()
    }

    static let ofAPIs: [MessageType] = APITable.rows.flatMap { row in
        [row.request.map { MessageType(type: $0) }, row.response.map { MessageType(type: $0) }].compactMap { $0 }
    }

    static let ofMetadata: [any MetadataMessage.Type] = [
        RegisterBrokerRecord.self, UnregisterBrokerRecord.self, TopicRecord.self, PartitionRecord.self,
        ConfigRecord.self, PartitionChangeRecord.self, AccessControlEntryRecord.self, FenceBrokerRecord.self,
        UnfenceBrokerRecord.self, RemoveTopicRecord.self, DelegationTokenRecord.self, UserScramCredentialRecord.self,
        FeatureLevelRecord.self, ClientQuotaRecord.self, ProducerIdsRecord.self, RemoveAccessControlEntryRecord.self,
        BrokerRegistrationChangeRecord.self, RemoveUserScramCredentialRecord.self, NoOpRecord.self,
        ZkMigrationRecord.self, BeginTransactionRecord.self, EndTransactionRecord.self, AbortTransactionRecord.self,
        RemoveDelegationTokenRecord.self, RegisterControllerRecord.self, ClearElrRecord.self,
    ]

    static let ofControl: [any WireMessage.Type] = [
        LeaderChangeMessage.self, SnapshotHeaderRecord.self, SnapshotFooterRecord.self, KRaftVersionRecord.self,
        VotersRecord.self, EndTxnMarker.self,
    ]

    static let ofCoordinators: [any WireMessage.Type] =
        [CoordinatorRecords.groups, .transactions, .shares].flatMap { $0.kinds.flatMap(keyAndValue) }
        + [ConsumerProtocolSubscription.self, ConsumerProtocolAssignment.self]

    static let ofRemoteLogs: [any WireMessage.Type] = [
        RemoteLogSegmentMetadataRecord.self, RemoteLogSegmentMetadataUpdateRecord.self,
        RemotePartitionDeleteMetadataRecord.self, RemoteLogSegmentMetadataSnapshotRecord.self,
    ]

    private static func keyAndValue(_ key: any CoordinatorKey.Type) -> [any WireMessage.Type] { [key, value(key)] }

    private static func value<Key: CoordinatorKey>(_ key: Key.Type) -> any WireMessage.Type { Key.Value.self }

    static let all: [MessageType] =
        ofAPIs
        + (ofMetadata as [any WireMessage.Type] + ofControl + ofCoordinators + ofRemoteLogs).map {
            MessageType(type: $0)
        }
}

extension WireMessage {
    /// The encoded message with the records that `source` holds put where the message left gaps for them.
    func encoded(version: Int16, source: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        var gaps: [WireGap] = []
        encode(into: &writer, version: version, gaps: &gaps)
        let written = Array(writer.bytes)
        var result: [UInt8] = []
        var position = 0
        for gap in gaps {
            result += written[position..<gap.position]
            position = gap.position
            // A gap stands where the records stood, when everything in front of it was the same.
            result += source[result.count..<result.count + gap.count]
        }
        return result + written[position...]
    }

    /// Decodes all of the bytes and encodes them again.
    static func recoded(_ bytes: [UInt8], version: Int16) throws(WireError) -> [UInt8] {
        try decode(bytes.span.bytes, version: version).encoded(version: version, source: bytes)
    }
}
