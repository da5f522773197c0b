import Bytes
import Coordination
import KafkaProtocol
import Metadata
import Timing

// How a member gets from what it has to what it shall have.
extension ConsumerGroup {
    /// Takes the member as far towards the target as it may go now, and watches over a member that has to give up
    /// partitions first.
    mutating func reconcile(
        _ memberID: String, subscriptionChanged: Bool, owned: [ConsumerGroupHeartbeatRequest.TopicPartitions]?,
        _ context: GroupContext, into effects: inout GroupEffects
    ) {
        guard let member = members[memberID], subscriptionChanged || !member.isReconciled(to: target.epoch) else {
            return
        }
        let step = Reconciliation(
            member: member, targetEpoch: target.epoch, target: target.members[memberID] ?? [:],
            readable: readable(by: member, context.image), owned: owned)
        let next = step.next(subscriptionChanged: subscriptionChanged, isHeld: isHeld)
        guard next != member else { return }
        write(.current(member: memberID, next.currentValue), into: &effects)
        // Members of the classic protocol are watched over while they join and sync.
        guard member.classic == nil else { return }
        let timer = GroupTimer.rebalance(group: id, member: memberID)
        if next.state == .unrevokedPartitions {
            effects.schedule(timer, at: context.now + .milliseconds(Int64(next.rebalanceTimeoutMs)))
        } else {
            effects.cancel(timer)
        }
    }

    /// The topics that the member subscribes to and that there are.
    private func readable(by member: ConsumerGroupMember, _ image: ClusterImage) -> Set<UUID> {
        Set(topics(of: member).compactMap(image.topicID))
    }
}

/// One step of a member.
struct Reconciliation {
    let member: ConsumerGroupMember
    let targetEpoch: Int32
    let target: PartitionsByTopic
    let readable: Set<UUID>
    /// What the member says it has, if it does.
    let owned: [ConsumerGroupHeartbeatRequest.TopicPartitions]?

    func next(subscriptionChanged: Bool, isHeld: (UUID, Int32) -> Bool) -> ConsumerGroupMember {
        switch member.state {
        case .stable:
            if member.epoch != targetEpoch { return advanced(from: member.epoch, isHeld) }
            return subscriptionChanged ? narrowed() : member
        case .unrevokedPartitions:
            if isOwned(anyOf: member.revoking) { return subscriptionChanged ? narrowed() : member }
            return advanced(from: member.epoch, isHeld)
        case .unreleasedPartitions: return advanced(from: member.epoch, isHeld)
        // It has abandoned all, or it would have been fenced: it begins again.
        case .unknown: return advanced(from: targetEpoch, isHeld)
        }
    }

    /// While a member does not say what it has, it may have everything.
    private func isOwned(anyOf partitions: HeldPartitions) -> Bool {
        guard let owned else { return true }
        return owned.contains { topic in
            guard let held = partitions[topic.topicId] else { return false }
            return topic.partitions.contains { held[$0] != nil }
        }
    }

    /// Without partitions of topics that it does not subscribe to any more. It stays in its epoch.
    private func narrowed() -> ConsumerGroupMember {
        let kept = member.assigned.filter { readable.contains($0.key) }
        guard kept.count != member.assigned.count else { return member }
        var revoking = member.revoking
        for (topic, partitions) in member.assigned where kept[topic] == nil {
            revoking[topic, default: [:]].merge(partitions) { _, later in later }
        }
        var next = member
        next.advance(to: member.epoch)
        next.assigned = kept
        guard isOwned(anyOf: revoking) else { return next }
        next.state = .unrevokedPartitions
        next.revoking = revoking
        return next
    }

    /// Towards the target: first what is too much has to go, then what is free comes.
    private func advanced(from epoch: Int32, _ isHeld: (UUID, Int32) -> Bool) -> ConsumerGroupMember {
        var kept: HeldPartitions = [:]
        var revoked: HeldPartitions = [:]
        for (topic, held) in member.assigned {
            let wanted = readable.contains(topic) ? Set(target[topic] ?? []) : []
            for (partition, since) in held {
                if wanted.contains(partition) {
                    kept[topic, default: [:]][partition] = since
                } else {
                    revoked[topic, default: [:]][partition] = since
                }
            }
        }
        var next = member
        next.assigned = kept
        if !revoked.isEmpty, isOwned(anyOf: revoked) {
            next.state = .unrevokedPartitions
            next.advance(to: epoch)
            next.revoking = revoked
            return next
        }
        var isWaiting = false
        for (topic, partitions) in target where readable.contains(topic) {
            for partition in partitions where kept[topic]?[partition] == nil {
                // What it holds only to give it up is nobody else's: it may keep it after all.
                if isHeld(topic, partition), member.revoking[topic]?[partition] == nil {
                    isWaiting = true
                } else {
                    next.assigned[topic, default: [:]][partition] = targetEpoch
                }
            }
        }
        next.state = isWaiting ? .unreleasedPartitions : .stable
        next.advance(to: targetEpoch)
        next.revoking = [:]
        return next
    }
}
