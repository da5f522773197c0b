import Bytes
import Controller
import KafkaModel
import Metadata

/// A source of chance that always gives the same.
struct FixedGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64 = 1) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

/// Images of clusters for the tests.
enum Cluster {
    static func image(
        brokers: [(id: Int32, rack: String?)] = [(1, nil)], fenced: Set<Int32> = []
    ) throws(MetadataError) -> ClusterImage {
        var image = ClusterImage(clusterID: "c")
        for broker in brokers {
            let registration = BrokerRegistration(
                id: BrokerID(broker.id), epoch: Int64(broker.id) * 10, incarnationID: UUID(high: 3, low: 3),
                endpoints: [.init(name: "PLAINTEXT", host: "localhost", port: 9092)], rack: broker.rack,
                isFenced: fenced.contains(broker.id), logDirectories: [UUID(high: 8, low: UInt64(broker.id))])
            try image.apply(.registerBroker(registration.record))
        }
        return image
    }
}

extension TopicCreation {
    var refusal: Refusal? {
        if case .failure(let refusal) = outcome { refusal } else { nil }
    }

    var created: Created? {
        if case .success(let created) = outcome { created } else { nil }
    }
}
