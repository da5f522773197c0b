public import Coordination
import KafkaModel
import Timing

/// What ends by itself: offsets whose retention is over, groups that have neither members nor offsets, and the offsets of
/// topics that are deleted.
extension GroupShard {
    /// So many records one event writes, give or take the records of one group: they have to fit into one batch.
    public static let tombstonesMax = 1000

    /// So many offsets one event looks at, give or take those of one group: other requests wait for it.
    public static let expiryLooksMax = 10_000

    /// Looks at groups in turn until there is enough to write, or enough looked at. Returns how many it is done with; a
    /// group that has more to give than fits is to be looked at again.
    public mutating func expire(
        _ ids: ArraySlice<String>, _ context: GroupContext, into effects: inout GroupEffects
    ) -> Int {
        var looks = 0
        for (count, id) in ids.enumerated() {
            guard effects.records.count < Self.tombstonesMax, looks < Self.expiryLooksMax else { return count }
            looks += 1
            guard expire(id, &looks, context, into: &effects) else { return count }
        }
        return ids.count
    }

    /// False where there is more to do.
    private mutating func expire(
        _ id: String, _ looks: inout Int, _ context: GroupContext, into effects: inout GroupEffects
    ) -> Bool {
        guard let group = groups[id] else { return true }
        var (expired, remains) = (0, offsets.hasOpen(id))
        let topics = offsets.topics(of: id) ?? [:]
        let retention = group.offsetRetention
        if retention == .forever, !topics.isEmpty { return true }
        for (topic, partitions) in topics {
            guard !group.isSubscribed(to: topic) else {
                remains = true
                continue
            }
            looks += partitions.count
            for (partition, offset) in partitions {
                guard offset.isExpired(retention, context), !offsets.isOpen(id, topic, partition) else {
                    remains = true
                    continue
                }
                guard effects.records.count < Self.tombstonesMax else { return false }
                if remove(id, topic, partition, into: &effects) { expired += 1 }
            }
        }
        if expired > 0 { effects.happened(.offsetsExpired(expired)) }
        guard !remains, group.isEmpty else { return true }
        end(id, into: &effects)
        return true
    }

    /// Takes out what groups have committed in topics that are no more. False where there is more to do.
    public mutating func topicsDeleted(
        _ names: Set<String>, _ context: GroupContext, into effects: inout GroupEffects
    ) -> Bool {
        for id in offsets.groups(in: names) {
            let committed = (offsets.topics(of: id) ?? [:]).flatMap { topic, partitions in
                partitions.keys.map { (topic: topic, partition: $0) }
            }
            for (topic, partition) in committed + offsets.openPartitions(of: id) where names.contains(topic) {
                guard effects.records.count < Self.tombstonesMax else { return false }
                _ = remove(id, topic, partition, into: &effects)
            }
        }
        return true
    }
}

extension CommittedOffset {
    fileprivate func isExpired(_ retention: OffsetRetention, _ context: GroupContext) -> Bool {
        let now = context.wall.milliseconds
        if let expireTimestamp { return now >= expireTimestamp }
        let start: Int64
        switch retention {
        case .forever: return false
        case .sinceCommit: start = commitTimestamp
        case .since(let moment): start = moment.milliseconds
        }
        return now.subtractingClamped(start) >= context.settings.offsetRetention.wholeMilliseconds
    }
}
