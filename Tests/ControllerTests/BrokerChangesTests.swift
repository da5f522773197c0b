import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import Testing

@testable import Controller

struct BrokerChangesTests {
    private func start(_ id: Int32 = 1, directories: [UUID] = [UUID(high: 8, low: 1)]) -> BrokerStart {
        BrokerStart(
            id: BrokerID(id), clusterID: "c", incarnationID: UUID(high: 4, low: 4),
            endpoints: [.init(name: "PLAINTEXT", host: "h", port: 1)], logDirectories: directories)
    }

    private func records(
        _ broker: BrokerStart, _ image: ClusterImage, unclean: Bool = false
    ) throws(Refusal) -> [MetadataRecord] {
        try BrokerChanges.start(broker, in: image, nextOffset: 100) { _ in unclean }
    }

    private func withTopic(_ partitions: [PartitionImage], in image: ClusterImage) throws -> ClusterImage {
        var image = image
        try image.apply(TopicImage(name: "t", id: UUID(high: 2, low: 2), partitions: partitions).records)
        return image
    }

    @Test func `a broker registers under its offset, is unfenced, and leads in a new epoch`() throws {
        var image = ClusterImage(clusterID: "c")
        try image.apply(try records(start(), image))
        var broker = try #require(image.brokers[BrokerID(1)])
        #expect(broker.epoch == 100)
        #expect(broker.isActive)
        #expect(broker.features["metadata.version"] == 1...30)

        let one = [BrokerID(1)]
        image = try withTopic([PartitionImage(replicas: one, isr: one, leader: BrokerID(1))], in: image)
        // Killed and started again, then stopped in order and started once more.
        try image.apply(try records(start(), image))
        #expect(image.partition(TopicPartition("t", 0))?.leaderEpoch == 1)
        try image.apply(BrokerChanges.stop(BrokerID(1), in: image))
        broker = try #require(image.brokers[BrokerID(1)])
        #expect(broker.isFenced && broker.isShuttingDown)
        #expect(image.partition(TopicPartition("t", 0))?.leader == BrokerID.none)
        #expect(image.partition(TopicPartition("t", 0))?.isr == one)
        #expect(image.partition(TopicPartition("t", 0))?.leaderEpoch == 2)
        try image.apply(try records(start(), image))
        #expect(image.partition(TopicPartition("t", 0))?.leader == BrokerID(1))
        #expect(image.partition(TopicPartition("t", 0))?.leaderEpoch == 3)
    }

    @Test func `a broker outside the ISR leads only by unclean election`() throws {
        let partition = PartitionImage(
            replicas: [BrokerID(1), BrokerID(2)], isr: [BrokerID(2)], leader: .none, leaderEpoch: 4)
        let image = try withTopic([partition], in: Cluster.image())
        var clean = image
        try clean.apply(try records(start(), image))
        #expect(clean.partition(TopicPartition("t", 0)) == partition)
        var unclean = image
        try unclean.apply(try records(start(), image, unclean: true))
        let after = try #require(unclean.partition(TopicPartition("t", 0)))
        #expect(after.leader == BrokerID(1))
        #expect(after.isr == [BrokerID(1)])
        #expect(after.isRecovering)
    }

    @Test func `an eligible replica leads when the ISR is empty`() throws {
        var partition = PartitionImage(replicas: [BrokerID(1), BrokerID(2)], isr: [], leader: .none)
        partition.eligibleLeaders = [BrokerID(1), BrokerID(2)]
        var image = try withTopic([partition], in: Cluster.image())
        try image.apply(try records(start(), image))
        let after = try #require(image.partition(TopicPartition("t", 0)))
        #expect(after.leader == BrokerID(1))
        #expect(after.isr == [BrokerID(1)])
        #expect(after.eligibleLeaders == [BrokerID(2)])
        #expect(!after.isRecovering)
    }

    @Test func `a broker that goes hands its leadership to the ISR`() throws {
        let all = [1, 2, 3].map { BrokerID($0) }
        var image = try withTopic(
            [
                PartitionImage(replicas: all, isr: all, leader: BrokerID(1)),
                PartitionImage(replicas: all, isr: all, leader: BrokerID(2)),
                PartitionImage(replicas: all, isr: [BrokerID(2)], leader: BrokerID(2)),
            ], in: Cluster.image(brokers: [(1, nil), (2, nil), (3, nil)]))
        let decided = BrokerChanges.stop(BrokerID(1), in: image)
        #expect(decided.count == 4)
        try image.apply(decided)
        let partitions = try #require(image.topic("t")?.partitions)
        #expect(partitions.map(\.leader) == [BrokerID(2), BrokerID(2), BrokerID(2)])
        #expect(partitions.map(\.leaderEpoch) == [1, 0, 0])
        #expect(partitions.map(\.isr.count) == [2, 2, 1])
        #expect(BrokerChanges.stop(BrokerID(9), in: image).isEmpty)
    }

    @Test func `registrations that cannot be are refused`() throws {
        var image = try Cluster.image(brokers: [(1, nil), (2, nil)])
        func refusal(_ broker: BrokerStart) -> String? {
            do throws(Refusal) {
                _ = try records(broker, image)
                return nil
            } catch {
                return error.description
            }
        }
        var other = start()
        other.clusterID = "d"
        #expect(refusal(other) == "Expected cluster ID c, but got cluster ID d (INCONSISTENT_CLUSTER_ID)")
        #expect(
            refusal(start(directories: [])) == "No directories specified in request (INVALID_REGISTRATION)")
        #expect(
            refusal(start(directories: [DirectoryID.lost])) == "Reserved directory ID in request (INVALID_REGISTRATION)"
        )
        let id = UUID(high: 8, low: 1)
        #expect(
            refusal(start(directories: [id, id])) == "Duplicate directory ID in request (INVALID_REGISTRATION)")
        #expect(
            refusal(start(directories: [UUID(high: 8, low: 2)]))
                == "Broker 2 is already registered with directory \(UUID(high: 8, low: 2)) (INVALID_REGISTRATION)")
        var level = FeatureLevelRecord()
        level.name = "future.version"
        level.featureLevel = 3
        try image.apply(.featureLevel(level))
        #expect(
            refusal(start())
                == "Unable to register because the broker does not support finalized version 3 of future.version. The "
                + "broker wants a version between 0 and 0, inclusive. (UNSUPPORTED_VERSION)")
    }

    @Test func `a broker tells where it put a replica`() throws {
        let id = UUID(high: 8, low: 5)
        let partition = PartitionImage(
            replicas: [BrokerID(1)], directories: [DirectoryID.unassigned], isr: [BrokerID(1)], leader: BrokerID(1))
        var image = try withTopic([partition], in: Cluster.image())
        let assignments = [(TopicPartition("t", 0), id), (TopicPartition("gone", 0), id)]
        let decided = BrokerChanges.assignDirectories(assignments, of: BrokerID(1), in: image)
        #expect(decided.count == 1)
        try image.apply(decided)
        #expect(image.partition(TopicPartition("t", 0))?.directories == [id])
        #expect(image.partition(TopicPartition("t", 0))?.leaderEpoch == 0)
        #expect(BrokerChanges.assignDirectories(assignments, of: BrokerID(1), in: image).isEmpty)
    }

    @Test func `producer ids are handed out in blocks that never meet`() throws {
        var image = try Cluster.image()
        for block in 0..<3 as Range<Int64> {
            let (ids, decided) = try ProducerIDBlocks.allocate(to: BrokerID(1), epoch: 10, in: image)
            #expect(ids == block * 1000..<(block + 1) * 1000)
            try image.apply(decided)
        }
        #expect(throws: Refusal(.staleBrokerEpoch, "Expected broker epoch 10, but got broker epoch 9")) {
            try ProducerIDBlocks.allocate(to: BrokerID(1), epoch: 9, in: image)
        }
        #expect(throws: Refusal(.brokerIDNotRegistered, "No broker registration found for broker id 7")) {
            try ProducerIDBlocks.allocate(to: BrokerID(7), epoch: 10, in: image)
        }
        var last = ProducerIdsRecord()
        last.nextProducerId = .max - 999
        try image.apply(.producerIDs(last))
        let error = #expect(throws: Refusal.self) {
            try ProducerIDBlocks.allocate(to: BrokerID(1), epoch: 10, in: image)
        }
        #expect(error?.code == .unknownServerError)
    }
}

struct LeaderElectionTests {
    private let all = [1, 2, 3].map { BrokerID($0) }

    private func image(_ partition: PartitionImage, fenced: Set<Int32> = []) throws -> ClusterImage {
        var image = try Cluster.image(brokers: [(1, nil), (2, nil), (3, nil)], fenced: fenced)
        try image.apply(TopicImage(name: "t", id: UUID(high: 2, low: 2), partitions: [partition]).records)
        return image
    }

    private func elect(
        _ kind: LeaderElection.Kind, _ image: ClusterImage, _ partition: TopicPartition = TopicPartition("t", 0)
    ) throws -> String {
        let decision = LeaderElection.elect(kind, [partition], in: image)
        if let refusal = decision.items[0].refusal { return refusal.code.name }
        var after = image
        try after.apply(decision.records)
        let result = try #require(after.partition(partition))
        return "leader \(result.leader) isr \(result.isr) epoch \(result.leaderEpoch)"
    }

    @Test func `the preferred replica leads again when it is in sync and lives`() throws {
        let second = PartitionImage(replicas: all, isr: all, leader: BrokerID(2))
        #expect(try elect(.preferred, image(second)) == "leader 1 isr [1, 2, 3] epoch 1")
        #expect(try elect(.preferred, image(second, fenced: [1])) == "PREFERRED_LEADER_NOT_AVAILABLE")
        let behind = PartitionImage(replicas: all, isr: [BrokerID(2)], leader: BrokerID(2))
        #expect(try elect(.preferred, image(behind)) == "PREFERRED_LEADER_NOT_AVAILABLE")
        let first = PartitionImage(replicas: all, isr: all, leader: BrokerID(1))
        #expect(try elect(.preferred, image(first)) == "ELECTION_NOT_NEEDED")
        #expect(try elect(.preferred, image(first), TopicPartition("t", 1)) == "UNKNOWN_TOPIC_OR_PARTITION")
        #expect(try elect(.preferred, image(first), TopicPartition("u", 0)) == "UNKNOWN_TOPIC_OR_PARTITION")
    }

    @Test func `an unclean election takes whoever lives, and a clean one where it can`() throws {
        let dead = PartitionImage(replicas: all, isr: [BrokerID(1)], leader: .none)
        #expect(try elect(.unclean, image(dead, fenced: [1])) == "leader 2 isr [2] epoch 1")
        #expect(try elect(.unclean, image(dead)) == "leader 1 isr [1] epoch 1")
        #expect(try elect(.unclean, image(dead, fenced: [1, 2, 3])) == "ELIGIBLE_LEADERS_NOT_AVAILABLE")
        let led = PartitionImage(replicas: all, isr: all, leader: BrokerID(3))
        #expect(try elect(.unclean, image(led)) == "ELECTION_NOT_NEEDED")
    }

    @Test func `an election of all tells only of those that needed one`() throws {
        let led = try image(PartitionImage(replicas: all, isr: all, leader: BrokerID(1)))
        #expect(LeaderElection.elect(.preferred, nil, in: led).items.isEmpty)
        let other = try image(PartitionImage(replicas: all, isr: all, leader: BrokerID(3)))
        #expect(LeaderElection.elect(.preferred, nil, in: other).items.count == 1)
    }

    @Test func `a partition on a failed disk has no leader to be had`() throws {
        let image = try image(PartitionImage(replicas: [BrokerID(1)], isr: [BrokerID(1)], leader: BrokerID(1)))
        func codes(_ kind: LeaderElection.Kind, _ partitions: [TopicPartition]?) -> [ErrorCode?] {
            LeaderElection.elect(kind, partitions, offline: [TopicPartition("t", 0)], in: image).items
                .map { $0.refusal?.code }
        }
        #expect(codes(.preferred, nil) == [.preferredLeaderNotAvailable])
        #expect(codes(.unclean, [TopicPartition("t", 0)]) == [.eligibleLeadersNotAvailable])
    }
}
