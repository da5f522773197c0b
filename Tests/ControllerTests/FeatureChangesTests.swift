import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Testing

struct FeatureChangesTests {
    private static func image(
        _ level: Int16 = 21, brokers: [(id: Int32, rack: String?)] = []
    ) throws -> ClusterImage {
        var image = try Cluster.image(brokers: brokers)
        try image.apply(Bootstrap.records(MetadataVersion(rawValue: level)))
        return image
    }

    private static func update(
        _ updates: [FeatureChanges.Update], in image: ClusterImage, intent: Intent = .change
    ) throws(Refusal) -> [MetadataRecord] {
        try FeatureChanges.update(updates, in: image, node: BrokerID(1), minInSyncReplicas: 2, intent: intent)
    }

    private static func refusal(_ update: FeatureChanges.Update, in image: ClusterImage) -> Refusal? {
        do throws(Refusal) {
            _ = try Self.update([update], in: image)
            return nil
        } catch {
            return error
        }
    }

    @Test func `features go up and the image follows`() throws {
        var image = try Self.image()
        let records = try Self.update(
            [.init("metadata.version", level: 25), .init("transaction.version", level: 2)], in: image)
        #expect(records.map(\.kind) == [.featureLevel, .featureLevel])
        try image.apply(records)
        #expect(image.metadataVersion.description == "4.0-IV3")
        #expect(image.features["transaction.version"] == 2)
    }

    @Test func `validation gives no records`() throws {
        let image = try Self.image()
        #expect(try Self.update([.init("metadata.version", level: 25)], in: image, intent: .validateOnly).isEmpty)
    }

    @Test func `a level of zero takes the feature away`() throws {
        var image = try Self.image()
        try image.apply(try Self.update([.init("group.version", level: 1)], in: image))
        try image.apply(try Self.update([.init("group.version", level: 0, .safeDowngrade)], in: image))
        #expect(image.features["group.version"] == nil)
    }

    @Test(
        arguments: [
            ("metadata.version", 99, 1, "Local controller 1 only supports versions 1-30"),
            (
                "metadata.version", 20, 1,
                "Can't downgrade the version of this feature without setting the upgrade type to "
                    + "either safe or unsafe downgrade."
            ),
            ("metadata.version", 22, 2, "Can't downgrade to a newer version."),
            ("metadata.version", -1, 2, "A feature version cannot be less than 0."),
            ("metadata.version", 22, 0, "The controller does not support the given upgrade type."),
            ("nonsense.version", 1, 1, "Local controller 1 does not support this feature."),
            ("nonsense.version", 0, 1, "Feature nonsense.version not found."),
            (
                "eligible.leader.replicas.version", 1, 1,
                "eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23"
            ),
            ("kraft.version", 1, 1, "The quorum of node 1 was formatted with a fixed set of controllers and keeps it."),
        ] as [(String, Int16, Int8, String)])
    func `what cannot be is refused in Kafka's words`(
        feature: String, level: Int16, kind: Int8, reason: String
    ) throws {
        let refusal = Self.refusal(.init(feature, level: level, kind: kind), in: try Self.image())
        #expect(refusal?.code == .invalidUpdateVersion)
        #expect(refusal?.message == "Invalid update version \(level) for feature \(feature). \(reason)")
    }

    @Test func `a broker that cannot follow stops the update`() throws {
        let image = try Self.image(brokers: [(3, nil)])
        #expect(
            Self.refusal(.init("group.version", level: 1), in: image)?.message
                == "Invalid update version 1 for feature group.version. Broker 3 does not support this feature.")
    }

    @Test func `metadata goes down only where nothing can be lost`() throws {
        var image = try Self.image(22)
        try image.apply(try Self.update([.init("metadata.version", level: 20, .safeDowngrade)], in: image))
        #expect(image.metadataVersion.rawValue == 20)
        #expect(
            Self.refusal(.init("metadata.version", level: 16, .safeDowngrade), in: image)
                == Refusal(
                    .invalidUpdateVersion,
                    "Unsupported metadata.version downgrade from 20 to 16. Refusing to perform the requested "
                        + "downgrade because it might delete metadata information."))
        #expect(
            Self.refusal(.init("metadata.version", level: 16, .unsafeDowngrade), in: image)?.message
                == "Unsupported metadata.version downgrade from 20 to 16. Unsafe metadata downgrade is not supported "
                + "in this version.")
    }

    @Test func `one update that is refused keeps the others from happening`() throws {
        let image = try Self.image()
        #expect(throws: Refusal.self) {
            try Self.update([.init("group.version", level: 1), .init("nonsense", level: 3)], in: image)
        }
    }

    @Test func `eligible leaders settle min insync replicas for all brokers`() throws {
        var image = try Self.image()
        let name = "min.insync.replicas"
        try image.apply(.config(ConfigRecord(ConfigResource(.broker, "1"), name, "3")))
        try image.apply(
            try Self.update(
                [.init("eligible.leader.replicas.version", level: 1), .init("metadata.version", level: 23)], in: image))
        #expect(image.config(.allBrokers) == [name: "2"])
        #expect(image.config(ConfigResource(.broker, "1")) == [:])
        // What the cluster has set already stays.
        try image.apply(.config(ConfigRecord(.allBrokers, name, "1")))
        let again = try Self.update([.init("eligible.leader.replicas.version", level: 1)], in: image)
        #expect(again.map(\.kind) == [.featureLevel])
    }
}
