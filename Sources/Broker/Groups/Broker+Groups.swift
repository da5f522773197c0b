import Configuration
import Controller
import KafkaModel
import Metadata
import Telemetry

extension Broker {
    /// `__consumer_offsets` as Kafka makes it, but with no more replicas than there are brokers.
    var groupsTopic: NewTopic {
        let current = settings.current.groups
        let brokers = cluster.image.brokers.values.count { $0.isActive }
        let replicas = min(current.topicReplicationFactor, max(1, brokers))
        return NewTopic(
            GroupCoordinators.topic, partitionCount: Int32(clamping: current.topicPartitions),
            replicationFactor: Int16(clamping: replicas),
            configs: [
                ("cleanup.policy", "compact"), ("segment.bytes", String(current.topicSegmentBytes)),
                ("compression.type", "producer"),
            ])
    }

    /// Makes the topic unless it is there. When this returns its shards are being loaded, which a new topic makes short.
    func createGroupsTopic() {
        switch create([groupsTopic], intent: .change) {
        case .failure(let code): log.error("\(GroupCoordinators.topic) cannot be created: \(code.name)")
        case .success(let creations):
            for creation in creations {
                switch creation.outcome {
                case .failure(let refusal):
                    // Somebody else was asked for a coordinator as well.
                    if refusal.code == .topicAlreadyExists { continue }
                    log.error("\(GroupCoordinators.topic) cannot be created: \(refusal)")
                case .success(let created):
                    let wanted = settings.current.groups.topicReplicationFactor
                    guard created.replicationFactor < wanted else { continue }
                    log.warn(
                        "\(GroupCoordinators.topic) is created with \(created.replicationFactor) replicas, which is all "
                            + "brokers there are: offsets.topic.replication.factor=\(wanted) asks for more")
                }
            }
        }
    }

    /// Who coordinates a group, as the metadata says. Nil where nobody does now.
    func coordinator(ofGroup id: String) -> BrokerID? {
        guard let topic = cluster.image.topic(GroupCoordinators.topic) else { return nil }
        let index = groups.partition(of: id, among: topic.partitions.count)
        guard let leader = topic[partition: index]?.leader, leader == self.id else { return nil }
        return leader
    }
}
