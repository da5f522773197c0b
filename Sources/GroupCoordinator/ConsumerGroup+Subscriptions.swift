import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Metadata
import Patterns
import Timing

// What the members want to read, and which topics there are of it.
extension ConsumerGroup {
    /// Writes what a member says now, and raises the epoch if the group has to be assigned anew because of that, or
    /// because topics have changed. Answers whether the member subscribes to something else than before.
    mutating func subscribe(
        _ member: ConsumerGroupMember, before: ConsumerGroupMember, _ context: GroupContext,
        into effects: inout GroupEffects
    ) -> Bool {
        let isFirst = epoch == 0
        let assignor = preferredAssignor(context)
        if member != before || members[member.id] == nil {
            write(.member(member.id, member.metadataValue), into: &effects)
        }
        let namesChanged = member.topics != before.topics
        let regexChanged = member.regex != before.regex
        if let regex = before.regex, regexChanged { dropIfUnused([regex], into: &effects) }
        // A regular expression that nobody looked for yet waits with the new epoch until its topics are known.
        let isKnown = member.regex.map { regexes[$0] != nil } ?? true
        let resolvedAnew = resolveRegexes(context, into: &effects)
        let assignorChanged = preferredAssignor(context) != assignor
        raiseEpoch(
            isDue: isFirst || namesChanged || regexChanged && isKnown || resolvedAnew || assignorChanged, context,
            into: &effects)
        return namesChanged || regexChanged
    }

    /// Raises the epoch if that is due, or if the topics are not what they were. Nothing is compared while the image
    /// of the cluster is the same.
    mutating func raiseEpoch(isDue: Bool, _ context: GroupContext, into effects: inout GroupEffects) {
        guard isDue || lookedAt != context.image.offset else { return }
        lookedAt = context.image.offset
        let topics = topics(in: context.image)
        let isNew = topics != seenTopics
        if isNew { write(.partitionMetadata(Self.value(topics)), into: &effects) }
        if isDue || isNew { raiseEpoch(into: &effects) }
    }

    mutating func raiseEpoch(into effects: inout GroupEffects) {
        var value = ConsumerGroupMetadataValue()
        value.epoch = epoch &+ 1
        write(.metadata(value), into: &effects)
        effects.happened(.rebalanced(.consumer))
    }

    /// Those subscribed to that there are, as an assignment depends on them.
    func topics(in image: ClusterImage) -> [String: SeenTopic] {
        let hasRacks = image.brokers.values.contains { $0.rack != nil }
        var topics: [String: SeenTopic] = [:]
        for name in subscribedTopics {
            guard let found = image.topic(name) else { continue }
            var topic = SeenTopic(id: found.id, partitionCount: Int32(clamping: found.partitions.count))
            if hasRacks { topic.racks = Self.racks(found, image) }
            topics[name] = topic
        }
        return topics
    }

    private static func racks(_ topic: TopicImage, _ image: ClusterImage) -> [Int32: [String]] {
        var racks: [Int32: [String]] = [:]
        for (index, partition) in topic.partitions.enumerated() {
            let found = Set(partition.replicas.compactMap { image.brokers[$0]?.rack })
            if !found.isEmpty { racks[Int32(index)] = found.sorted() }
        }
        return racks
    }

    static func value(_ topics: [String: SeenTopic]) -> ConsumerGroupPartitionMetadataValue {
        var value = ConsumerGroupPartitionMetadataValue()
        value.topics = topics.keys.sorted().compactMap { name in
            topics[name].map { topic in
                var told = ConsumerGroupPartitionMetadataValue.TopicMetadata()
                told.topicId = topic.id
                told.topicName = name
                told.numPartitions = topic.partitionCount
                told.partitionMetadata = topic.racks.keys.sorted().map { partition in
                    var told = ConsumerGroupPartitionMetadataValue.TopicMetadata.PartitionMetadata()
                    told.partition = partition
                    told.racks = topic.racks[partition] ?? []
                    return told
                }
                return told
            }
        }
        return value
    }
}

// Regular expressions.
extension ConsumerGroup {
    /// Between two searches of one group.
    static let regexIntervalMin = Duration.seconds(10)

    static func check(regex: String) throws(GroupRefusal) {
        do throws(PatternError) {
            _ = try Pattern(regex)
        } catch {
            throw GroupRefusal(
                .invalidRegularExpression,
                "SubscribedTopicRegex `\(regex)` is not a valid regular expression: \(error.reason).")
        }
    }

    /// Takes out of the log what nobody subscribes to any more.
    mutating func dropIfUnused(_ candidates: [String], into effects: inout GroupEffects) {
        for regex in candidates where regexSubscribers[regex] == nil && regexes[regex] != nil {
            write(.regex(regex, nil), into: &effects)
        }
    }

    /// Looks for the topics that match, when there may be others than known. All expressions are looked for together,
    /// so that they lead to one new assignment; and not too often, for it costs time: what takes long goes on with the
    /// heartbeats that follow. Answers whether the group subscribes to other topics now.
    private mutating func resolveRegexes(_ context: GroupContext, into effects: inout GroupEffects) -> Bool {
        guard !regexSubscribers.isEmpty else {
            regexSearch = nil
            return false
        }
        guard var search = regexSearch ?? newRegexSearch(context) else { return false }
        let isDone = search.goOn(context.now)
        regexSearch = isDone ? nil : search
        guard isDone else { return false }

        var changed = false
        for (regex, topics) in search.found where regexSubscribers[regex] != nil {
            let before = regexes[regex]
            changed = changed || topics != before?.topics ?? []
            // A record that would tell the same is written only to keep the moment of the search.
            guard topics != before?.topics || search.isRefresh else { continue }
            var value = ConsumerGroupRegularExpressionValue()
            value.topics = topics
            value.version = search.look.version
            value.timestamp = search.look.timestamp
            write(.regex(regex, value), into: &effects)
        }
        return changed
    }

    /// A search, if one is due.
    private mutating func newRegexSearch(_ context: GroupContext) -> RegexSearch? {
        let now = context.wall.milliseconds
        let last = lastRegexLook
        let waited = last.map { now.subtractingClamped($0.timestamp) } ?? .max
        guard waited > Self.regexIntervalMin.wholeMilliseconds else { return nil }
        let isOld = waited > context.settings.regexRefreshInterval.wholeMilliseconds
        let isUnknown = regexSubscribers.keys.contains { regexes[$0] == nil }
        guard isUnknown || isOld || last.map({ $0.version < context.image.offset }) ?? true else { return nil }
        let look = RegexLook(version: context.image.offset, timestamp: now)
        lookedForRegexes = look
        return RegexSearch(regexSubscribers.keys.sorted(), in: context.image, look, isRefresh: isOld)
    }

    /// The latest search, of the log or of this broker.
    private var lastRegexLook: RegexLook? {
        var last = lookedForRegexes
        for regex in regexes.values where regex.timestamp > last?.timestamp ?? .min {
            last = RegexLook(version: regex.version, timestamp: regex.timestamp)
        }
        return last
    }
}
