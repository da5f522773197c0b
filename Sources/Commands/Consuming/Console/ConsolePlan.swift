import KafkaClient
import KafkaModel
import Timing

/// Where reading begins and ends, as far as that is known before it begins.
struct ConsolePlan {
    /// Partitions and where they begin; nil when the consumer finds them by itself.
    var starts: [(partition: TopicPartition, target: OffsetTarget)]?
    /// In front of which offset reading ends, or pauses for the newest records; nil when it goes on.
    var ends: [TopicPartition: Int64]?

    /// Whether partitions and offsets have to be asked for before reading begins.
    static func isNeeded(for request: ConsoleRequest) -> Bool {
        request.exitsAtEnd || request.tail != nil || request.endOffset != nil || request.selection.toTime != .max
            || (request.selection.key != nil && !request.readsAllPartitions)
    }

    init(
        _ request: ConsoleRequest, _ configuration: ConsumerConfiguration, _ metadata: ClusterMetadata, now: Timestamp,
        until deadline: Instant
    ) throws(ClientError) {
        let partitions = try Self.partitions(request, configuration, metadata, until: deadline)
        let lookup = OffsetLookup(configuration, metadata)
        ends = try Self.ends(of: partitions, request, lookup, now, deadline)
        if let tail = request.tail {
            starts = try Self.tailStarts(of: partitions, tail, ends ?? [:], lookup, deadline)
        } else if let target = request.start ?? configuration.reset.target(now: now) {
            starts = partitions.map { ($0, target) }
        } else {
            starts = nil
        }
    }

    private static func partitions(
        _ request: ConsoleRequest, _ configuration: ConsumerConfiguration, _ metadata: ClusterMetadata,
        until deadline: Instant
    ) throws(ClientError) -> [TopicPartition] {
        switch request.source {
        case .partition(let name, let partition):
            let count = try metadata.topic(name, until: deadline).partitions.count
            guard partition < count else {
                throw ClientError(
                    "the cluster", .receive(.metadata), .noPartition(TopicPartition(name, partition), count: count))
            }
            return [TopicPartition(name, partition)]
        case .topic(let name):
            let topic = try metadata.topic(name, until: deadline)
            if let key = request.selection.key, !request.readsAllPartitions, !topic.partitions.isEmpty {
                return [TopicPartition(name, KeyPlacement.partition(of: key, count: topic.partitions.count))]
            }
            return topic.partitions.indices.map { TopicPartition(name, Int32($0)) }
        case .matching(let filter):
            let topics = try metadata.allTopics(until: deadline).filter {
                filter.allows($0.name, excludingInternal: configuration.excludesInternalTopics)
            }
            return topics.flatMap { topic -> [TopicPartition] in
                if let key = request.selection.key, !request.readsAllPartitions, !topic.partitions.isEmpty {
                    return [TopicPartition(topic.name, KeyPlacement.partition(of: key, count: topic.partitions.count))]
                }
                return topic.partitions.indices.map { TopicPartition(topic.name, Int32($0)) }
            }
        }
    }

    private static func ends(
        of partitions: [TopicPartition], _ request: ConsoleRequest, _ lookup: OffsetLookup, _ now: Timestamp,
        _ deadline: Instant
    ) throws(ClientError) -> [TopicPartition: Int64]? {
        let toTime = request.selection.toTime
        var ends: [TopicPartition: Int64] = [:]
        if request.exitsAtEnd || request.tail != nil || toTime <= now.milliseconds {
            for (partition, offset) in try lookup.offsets(of: partitions, .latest, until: deadline) {
                ends[partition] = offset
            }
        }
        if toTime != .max, toTime >= 0 {
            let target = OffsetTarget.time(Timestamp(milliseconds: toTime))
            for case (let partition, let offset?) in try lookup.offsets(of: partitions, target, until: deadline) {
                ends[partition] = min(ends[partition] ?? .max, offset)
            }
        }
        if let endOffset = request.endOffset {
            for partition in partitions { ends[partition] = min(ends[partition] ?? .max, endOffset) }
        }
        return ends.isEmpty ? nil : ends
    }

    private static func tailStarts(
        of partitions: [TopicPartition], _ tail: Int, _ ends: [TopicPartition: Int64], _ lookup: OffsetLookup,
        _ deadline: Instant
    ) throws(ClientError) -> [(partition: TopicPartition, target: OffsetTarget)] {
        let beginnings = try lookup.offsets(of: partitions, .earliest, until: deadline)
        return partitions.map { partition in
            let beginning = (beginnings[partition] ?? nil) ?? 0
            return (partition, .offset(max(beginning, (ends[partition] ?? beginning) - Int64(tail))))
        }
    }
}
