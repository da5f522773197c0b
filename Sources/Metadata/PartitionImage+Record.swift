public import Bytes
import KafkaModel
public import KafkaProtocol

extension PartitionImage {
    /// The record that creates the partition as it is.
    public func record(topicID: UUID, index: Int32) -> PartitionRecord {
        var record = PartitionRecord()
        record.partitionId = index
        record.topicId = topicID
        record.replicas = replicas.map(\.rawValue)
        record.isr = isr.map(\.rawValue)
        record.removingReplicas = removingReplicas.map(\.rawValue)
        record.addingReplicas = addingReplicas.map(\.rawValue)
        record.leader = leader.rawValue
        record.leaderRecoveryState = isRecovering ? 1 : 0
        record.leaderEpoch = leaderEpoch
        record.partitionEpoch = partitionEpoch
        record.directories = directories
        // Tagged fields: left out while there is nothing to say.
        record.eligibleLeaderReplicas = eligibleLeaders.isEmpty ? nil : eligibleLeaders.map(\.rawValue)
        record.lastKnownElr = lastKnownEligibleLeaders.isEmpty ? nil : lastKnownEligibleLeaders.map(\.rawValue)
        return record
    }
}
