import Bytes
import KafkaModel
import KafkaProtocol
import Testing

@testable import Metadata

struct ClusterImageTests {
    private func refusal(_ records: [MetadataRecord]) -> String? {
        var image = ClusterImage(clusterID: "c")
        do throws(MetadataError) {
            try image.apply(records)
            return nil
        } catch {
            return error.description
        }
    }

    private var broker: RegisterBrokerRecord {
        BrokerRegistration(
            id: BrokerID(3), epoch: 10, incarnationID: UUID(high: 1, low: 9),
            endpoints: [.init(name: "PLAINTEXT", host: "h", port: 9092)], features: ["metadata.version": 1...21],
            rack: "r", logDirectories: [UUID(high: 9, low: 9)]
        ).record
    }

    @Test func `a topic comes, changes and goes with its settings`() throws {
        var image = ClusterImage(clusterID: "c")
        try image.apply(Records.newTopic("a.b", 1, partitions: 2))
        try image.apply([
            Records.config(.topic("a.b"), "x", "1"), Records.config(.topic("a.b"), "y", "2"),
            Records.config(.topic("a.b"), "x", nil),
        ])
        #expect(image.topicColliding(with: "a_b") == "a.b")
        #expect(image.topicColliding(with: "ab") == nil)
        #expect(image.config(.topic("a.b")) == ["y": "2"])
        #expect(image.partitionCount == 2)

        let before = image
        try image.apply(Records.remove(1))
        #expect(image.topicCount == 0)
        #expect(image.partitionCount == 0)
        #expect(image.topic("a.b") == nil)
        #expect(image.config(.topic("a.b")).isEmpty)
        #expect(image.topicColliding(with: "a_b") == nil)
        #expect(before.topic("a.b")?.partitions.count == 2)
    }

    @Test func `a change of the leader raises its epoch, any change that of the partition`() throws {
        var image = ClusterImage(clusterID: "c")
        try image.apply([.topic(Records.topic("t", 1)), Records.partition(1, 0, replicas: [1, 2, 3])])
        var change = PartitionChangeRecord()
        change.topicId = UUID(high: 1, low: 1)
        change.partitionId = 0
        change.isr = [1, 2]
        try image.apply(.partitionChange(change))
        #expect(image.partition(TopicPartition("t", 0))?.leaderEpoch == 0)
        #expect(image.partition(TopicPartition("t", 0))?.partitionEpoch == 1)
        change.isr = nil
        change.leader = 2
        change.leaderRecoveryState = 1
        change.addingReplicas = [4]
        change.eligibleLeaderReplicas = [3]
        try image.apply(.partitionChange(change))
        let partition = try #require(image.partition(TopicPartition("t", 0)))
        #expect(partition.leader == BrokerID(2))
        #expect(partition.isr == [BrokerID(1), BrokerID(2)])
        #expect(partition.leaderEpoch == 1)
        #expect(partition.partitionEpoch == 2)
        #expect(partition.isRecovering)
        #expect(partition.isReassigning)
        #expect(partition.eligibleLeaders == [BrokerID(3)])
        var clear = ClearElrRecord()
        clear.topicName = "t"
        try image.apply(.clearEligibleLeaders(clear))
        #expect(image.partition(TopicPartition("t", 0))?.eligibleLeaders == [])
        #expect(image.partition(TopicPartition("t", 0))?.partitionEpoch == 3)
    }

    @Test func `partitions may come in any order, as in Kafka's snapshots`() throws {
        var image = ClusterImage(clusterID: "c")
        try image.apply(.topic(Records.topic("t", 1)))
        for index in [3, 1, 0, 2] as [Int32] { try image.apply(Records.partition(1, index)) }
        #expect(image.topic("t")?.partitions.count == 4)
        #expect(image.gap == nil)
        try image.apply(Records.partition(1, 5))
        #expect(image.topic("t")?.partitions.count == 4)
        #expect(image.gap == "partition 4 of topic t is missing")
    }

    @Test func `a broker registers, changes and leaves`() throws {
        var image = ClusterImage(clusterID: "c")
        try image.apply(.registerBroker(broker))
        #expect(!image.isActive(BrokerID(3)))
        var change = BrokerRegistrationChangeRecord()
        change.brokerId = 3
        change.brokerEpoch = 10
        change.fenced = -1
        try image.apply(.brokerRegistrationChange(change))
        #expect(image.isActive(BrokerID(3)))
        change.fenced = 0
        change.inControlledShutdown = 1
        try image.apply(.brokerRegistrationChange(change))
        #expect(!image.isActive(BrokerID(3)))
        var fence = FenceBrokerRecord()
        fence.id = 3
        fence.epoch = 10
        try image.apply(.fenceBroker(fence))
        #expect(image.brokers[BrokerID(3)]?.isFenced == true)
        var unfence = UnfenceBrokerRecord()
        unfence.id = 3
        unfence.epoch = 10
        try image.apply(.unfenceBroker(unfence))
        #expect(image.brokers[BrokerID(3)]?.isFenced == false)
        var leave = UnregisterBrokerRecord()
        leave.brokerId = 3
        leave.brokerEpoch = 10
        try image.apply(.unregisterBroker(leave))
        #expect(image.brokers.isEmpty)
    }

    @Test func `what the broker itself has no use for is kept for the next snapshot`() throws {
        var image = ClusterImage(clusterID: "c")
        var entity = ClientQuotaRecord.EntityData()
        entity.entityType = "user"
        entity.entityName = nil
        var quota = ClientQuotaRecord()
        quota.entity = [entity]
        quota.key = "producer_byte_rate"
        quota.value = 5
        var scram = UserScramCredentialRecord()
        scram.name = "alice"
        scram.mechanism = 1
        scram.salt = [1, 2]
        var entry = AccessControlEntryRecord()
        entry.id = UUID(high: 4, low: 4)
        entry.principal = "User:alice"
        var token = DelegationTokenRecord()
        token.tokenId = "t"
        var ids = ProducerIdsRecord()
        ids.nextProducerId = 3000
        try image.apply([
            Records.feature("metadata.version", 21), .clientQuota(quota), .userScramCredential(scram),
            .accessControlEntry(entry), .delegationToken(token), .producerIDs(ids),
            Records.config(.allBrokers, "a", "b"),
        ])
        var again = ClusterImage(clusterID: "c")
        try again.apply(image.records())
        #expect(encoded(again) == encoded(image))
        #expect(image.records().count == 7)

        quota.remove = true
        var noScram = RemoveUserScramCredentialRecord()
        noScram.name = "alice"
        noScram.mechanism = 1
        var noEntry = RemoveAccessControlEntryRecord()
        noEntry.id = entry.id
        var noToken = RemoveDelegationTokenRecord()
        noToken.tokenId = "t"
        try image.apply([
            .clientQuota(quota), .removeUserScramCredential(noScram), .removeAccessControlEntry(noEntry),
            .removeDelegationToken(noToken), Records.config(.allBrokers, "a", nil),
        ])
        #expect(image.records().count == 2)
    }

    @Test func `contradictions are refused by name`() throws {
        #expect(refusal(Records.newTopic("t", 1) + Records.newTopic("t", 2))?.contains("t is created twice") == true)
        #expect(refusal(Records.newTopic("t", 1) + Records.newTopic("u", 1))?.contains("is used already") == true)
        #expect(refusal([Records.partition(1, 0)])?.contains("unknown topic") == true)
        #expect(refusal([.topic(Records.topic("t", 1)), Records.partition(1, -1)])?.contains("index -1") == true)
        #expect(refusal([Records.remove(1)])?.contains("unknown topic") == true)
        #expect(refusal([.partitionChange(PartitionChangeRecord())])?.contains("unknown partition") == true)
        #expect(refusal([.fenceBroker(FenceBrokerRecord())])?.contains("unknown broker 0 is fenced") == true)
        var stale = UnfenceBrokerRecord()
        stale.id = 3
        stale.epoch = 9
        #expect(refusal([.registerBroker(broker), .unfenceBroker(stale)])?.contains("its epoch is 10") == true)
        var odd = ConfigRecord(.topic("t"), "a", "b")
        odd.resourceType = 77
        #expect(refusal([.config(odd)])?.contains("unknown type 77") == true)
        #expect(refusal([Records.feature("metadata.version", 31)])?.contains("metadata.version 31") == true)
        #expect(refusal([Records.feature("metadata.version", 30)]) == nil)
    }

    @Test func `unknown records and newer versions are refused by type and version`() {
        func refusal(_ bytes: [UInt8]) -> String? {
            do throws(MetadataError) {
                _ = try MetadataRecord.decode(bytes.span.bytes)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(
            refusal([1, 99, 4, 0]) == "the metadata log holds a record of the unknown type 99 (version 4)")
        #expect(
            refusal([1, 2, 1, 0])
                == "the metadata log holds a TopicRecord of version 1; versions 0 to 0 are known")
        #expect(refusal([1, 20, 0, 0]) == nil)
        #expect(refusal([1, 20, 0, 0, 0]) == "a NoOpRecord cannot be decoded: trailingBytes")
        #expect(refusal([2, 20, 0, 0])?.contains("frame") == true)
        #expect(refusal([1])?.contains("truncated") == true)
        #expect(refusal([])?.contains("truncated") == true)
    }

    @Test func `ten thousand partitions are applied at once and topics one by one, quickly`() throws {
        let clock = ContinuousClock()
        var image = ClusterImage(clusterID: "c")
        let bulk = Records.newTopic("bulk", 1, partitions: 10_000)
        #expect(try clock.measure { try image.apply(bulk) } < .seconds(5))
        #expect(image.partitionCount == 10_000)
        // Each image stays alive beside the next, as with a reader that holds it.
        var held = image
        let oneByOne = try clock.measure {
            for id in 2..<5000 as Range<UInt64> {
                var next = held
                try next.apply(Records.newTopic("topic-\(id)", id))
                held = next
            }
        }
        #expect(held.topicCount == 4999)
        #expect(oneByOne < .seconds(10))
    }

    @Test func `levels of metadata.version have Kafka's names`() {
        #expect(MetadataVersion(rawValue: 1).description == "3.0-IV1")
        #expect(MetadataVersion.newest.description == "4.3-IV0")
        #expect(MetadataVersion(release: "3.9-IV0") == .formatted)
        #expect(MetadataVersion(release: "3.7") == MetadataVersion(rawValue: 19))
        #expect(MetadataVersion(release: "5.0") == nil)
        #expect(MetadataVersion(rawValue: 99).description == "unknown (99)")
    }

    @Test func `record versions follow the level`() {
        let partition = Records.partition(1, 0)
        #expect(partition.version(under: MetadataVersion(rawValue: 16)) == 0)
        #expect(partition.version(under: .formatted) == 1)
        #expect(partition.version(under: .newest) == 2)
        let levels = [6, 7, 8, 16, 17].map { MetadataVersion(rawValue: $0) }
        #expect(levels.map { MetadataRecord.registerBroker(broker).version(under: $0) } == [0, 1, 2, 2, 3])
    }
}
