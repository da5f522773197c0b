public import Bytes
import KafkaProtocol

/// A record stands in the log as the value of a Kafka record without key: the version of the frame, the record's type
/// and its version as unsigned varints, and then its fields.
extension MetadataRecord {
    private static let frameVersion: UInt32 = 1

    public func encode(into writer: inout ByteWriter, version: Int16) {
        writer.unsignedVarint(Self.frameVersion)
        writer.unsignedVarint(kind.rawValue)
        writer.unsignedVarint(UInt32(UInt16(bitPattern: version)))
        switch self {
        case .registerBroker(let record): record.encode(into: &writer, version: version)
        case .unregisterBroker(let record): record.encode(into: &writer, version: version)
        case .topic(let record): record.encode(into: &writer, version: version)
        case .partition(let record): record.encode(into: &writer, version: version)
        case .config(let record): record.encode(into: &writer, version: version)
        case .partitionChange(let record): record.encode(into: &writer, version: version)
        case .fenceBroker(let record): record.encode(into: &writer, version: version)
        case .unfenceBroker(let record): record.encode(into: &writer, version: version)
        case .removeTopic(let record): record.encode(into: &writer, version: version)
        case .delegationToken(let record): record.encode(into: &writer, version: version)
        case .userScramCredential(let record): record.encode(into: &writer, version: version)
        case .featureLevel(let record): record.encode(into: &writer, version: version)
        case .clientQuota(let record): record.encode(into: &writer, version: version)
        case .producerIDs(let record): record.encode(into: &writer, version: version)
        case .brokerRegistrationChange(let record): record.encode(into: &writer, version: version)
        case .accessControlEntry(let record): record.encode(into: &writer, version: version)
        case .removeAccessControlEntry(let record): record.encode(into: &writer, version: version)
        case .noOp(let record): record.encode(into: &writer, version: version)
        case .zooKeeperMigrationState(let record): record.encode(into: &writer, version: version)
        case .removeUserScramCredential(let record): record.encode(into: &writer, version: version)
        case .beginTransaction(let record): record.encode(into: &writer, version: version)
        case .endTransaction(let record): record.encode(into: &writer, version: version)
        case .abortTransaction(let record): record.encode(into: &writer, version: version)
        case .removeDelegationToken(let record): record.encode(into: &writer, version: version)
        case .registerController(let record): record.encode(into: &writer, version: version)
        case .clearEligibleLeaders(let record): record.encode(into: &writer, version: version)
        }
    }

    /// Reads a framed record that fills `bytes`; the version is what it was written in.
    public static func decode(_ bytes: RawSpan) throws(MetadataError) -> (record: MetadataRecord, version: Int16) {
        var reader = ByteReader(bytes)
        let apiKey: UInt32
        let version: UInt32
        do throws(WireError) {
            guard try reader.unsignedVarint() == frameVersion else { throw .unsupportedVersion }
            apiKey = try reader.unsignedVarint()
            version = try reader.unsignedVarint()
        } catch {
            throw .malformedRecord(record: "frame", reason: error)
        }
        guard let kind = Kind(rawValue: apiKey) else { throw .unknownRecord(apiKey: apiKey, version: version) }
        guard let known = Int16(exactly: version), kind.versions.contains(known) else {
            throw .unsupportedRecordVersion(record: kind.name, version: version, supported: kind.versions)
        }
        do throws(WireError) {
            let record = try decode(kind, &reader, version: known)
            guard reader.isAtEnd else { throw .trailingBytes }
            return (record, known)
        } catch {
            throw .malformedRecord(record: kind.name, reason: error)
        }
    }

    private static func decode(
        _ kind: Kind, _ reader: inout ByteReader, version: Int16
    ) throws(WireError) -> MetadataRecord {
        switch kind {
        case .registerBroker: .registerBroker(try .decode(&reader, version: version))
        case .unregisterBroker: .unregisterBroker(try .decode(&reader, version: version))
        case .topic: .topic(try .decode(&reader, version: version))
        case .partition: .partition(try .decode(&reader, version: version))
        case .config: .config(try .decode(&reader, version: version))
        case .partitionChange: .partitionChange(try .decode(&reader, version: version))
        case .fenceBroker: .fenceBroker(try .decode(&reader, version: version))
        case .unfenceBroker: .unfenceBroker(try .decode(&reader, version: version))
        case .removeTopic: .removeTopic(try .decode(&reader, version: version))
        case .delegationToken: .delegationToken(try .decode(&reader, version: version))
        case .userScramCredential: .userScramCredential(try .decode(&reader, version: version))
        case .featureLevel: .featureLevel(try .decode(&reader, version: version))
        case .clientQuota: .clientQuota(try .decode(&reader, version: version))
        case .producerIDs: .producerIDs(try .decode(&reader, version: version))
        case .brokerRegistrationChange: .brokerRegistrationChange(try .decode(&reader, version: version))
        case .accessControlEntry: .accessControlEntry(try .decode(&reader, version: version))
        case .removeAccessControlEntry: .removeAccessControlEntry(try .decode(&reader, version: version))
        case .noOp: .noOp(try .decode(&reader, version: version))
        case .zooKeeperMigrationState: .zooKeeperMigrationState(try .decode(&reader, version: version))
        case .removeUserScramCredential: .removeUserScramCredential(try .decode(&reader, version: version))
        case .beginTransaction: .beginTransaction(try .decode(&reader, version: version))
        case .endTransaction: .endTransaction(try .decode(&reader, version: version))
        case .abortTransaction: .abortTransaction(try .decode(&reader, version: version))
        case .removeDelegationToken: .removeDelegationToken(try .decode(&reader, version: version))
        case .registerController: .registerController(try .decode(&reader, version: version))
        case .clearEligibleLeaders: .clearEligibleLeaders(try .decode(&reader, version: version))
        }
    }
}

extension MetadataRecord.Kind {
    /// The versions that can be read and written.
    var versions: ClosedRange<Int16> {
        switch self {
        case .registerBroker: RegisterBrokerRecord.versions
        case .unregisterBroker: UnregisterBrokerRecord.versions
        case .topic: TopicRecord.versions
        case .partition: PartitionRecord.versions
        case .config: ConfigRecord.versions
        case .partitionChange: PartitionChangeRecord.versions
        case .fenceBroker: FenceBrokerRecord.versions
        case .unfenceBroker: UnfenceBrokerRecord.versions
        case .removeTopic: RemoveTopicRecord.versions
        case .delegationToken: DelegationTokenRecord.versions
        case .userScramCredential: UserScramCredentialRecord.versions
        case .featureLevel: FeatureLevelRecord.versions
        case .clientQuota: ClientQuotaRecord.versions
        case .producerIDs: ProducerIdsRecord.versions
        case .brokerRegistrationChange: BrokerRegistrationChangeRecord.versions
        case .accessControlEntry: AccessControlEntryRecord.versions
        case .removeAccessControlEntry: RemoveAccessControlEntryRecord.versions
        case .noOp: NoOpRecord.versions
        case .zooKeeperMigrationState: ZkMigrationRecord.versions
        case .removeUserScramCredential: RemoveUserScramCredentialRecord.versions
        case .beginTransaction: BeginTransactionRecord.versions
        case .endTransaction: EndTransactionRecord.versions
        case .abortTransaction: AbortTransactionRecord.versions
        case .removeDelegationToken: RemoveDelegationTokenRecord.versions
        case .registerController: RegisterControllerRecord.versions
        case .clearEligibleLeaders: ClearElrRecord.versions
        }
    }
}
