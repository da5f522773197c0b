import KafkaModel
import Timing

/// What the cluster says of leaders.
extension ConsumerState {
    mutating func metadataBegun() { wantsMetadata = false }

    mutating func metadataFailed(_ error: ClientError) {
        wantsMetadata = true
        note(.brokerFailed(error.description), about: error.broker)
    }

    mutating func learned(_ number: Int, leader: Int32, epoch: Int32, topic: ClusterMetadata.Topic) {
        guard slots[number].isAssigned else { return }
        slots[number].learned(leader: leader, epoch: epoch, topicID: topic.id)
        let partition = slots[number].partition
        if slots[number].leader < 0 {
            wantsMetadata = true
            if leader < 0 { note(.noLeader(partition), about: "\(partition)") }
        } else {
            noticed.remove("\(partition)")
            noticed.remove(partition.topic)
        }
    }

    mutating func missing(_ topic: String, _ code: ErrorCode) {
        wantsMetadata = true
        note(.topicMissing(topic, code), about: topic)
    }

    /// All brokers that something is to be fetched from.
    func sources(now: Instant) -> Set<Int32> {
        var brokers: Set<Int32> = []
        for slot in slots where slot.isAssigned {
            let source = slot.source(now: now)
            if source >= 0 { brokers.insert(source) }
        }
        return brokers
    }

    /// How long a fetcher without a partition lives on: leaders often come back.
    private static let superfluousMax = Duration.seconds(30)

    /// Whether the fetcher of a broker ends, because there has been nothing to fetch for long.
    ///
    /// - Parameter since: when that was seen first, for the fetcher to keep; nil when there is something.
    mutating func retires(_ broker: Int32, superfluousSince since: inout Instant?, now: Instant) -> Bool {
        guard !sources(now: now).contains(broker) else {
            since = nil
            return false
        }
        let first = since ?? now
        since = first
        guard now - first >= Self.superfluousMax else { return false }
        retired.insert(broker)
        return true
    }

    /// What is to be done so that each broker in use has a fetcher.
    enum Hiring: Equatable {
        case nothing
        case start([Int32])
        /// The partitions are spread over more brokers than there may be threads.
        case fail
    }

    /// - Parameters:
    ///   - busy: the brokers with a fetcher. One that has nothing to do ends after a while and makes room.
    ///   - limit: how many fetchers there may be.
    func hiring(beside busy: Set<Int32>, limit: Int, now: Instant) -> Hiring {
        let needed = sources(now: now)
        guard needed.count <= limit else { return .fail }
        let new = needed.subtracting(busy).sorted().prefix(max(0, limit - busy.count))
        return new.isEmpty ? .nothing : .start(Array(new))
    }
}
