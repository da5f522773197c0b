import KafkaModel
import Posix
import Timing

/// Keeps a consumer informed of its cluster, on a thread of its own: who leads which partition, and which partitions are
/// new. It starts a fetcher for each broker that something is to be fetched from, and ends them.
final class LeaderWatch {
    private let shared: ConsumerShared
    private let subscription: Guarded<Subscription?>
    private var fetchers: [Int32: Thread] = [:]
    private var lastRefresh: Instant?
    private var pause: Duration
    private let start: Instant
    private var hasAnswer = false
    private var knownTopics: Set<String> = []

    /// What is read without being named partition by partition.
    struct Subscription: Sendable {
        var topics: [String]
        /// Whether a topic belongs to it, by its name and whether it is internal.
        var matches: (@Sendable (String, Bool) -> Bool)?
        /// Where to begin; nil means that `auto.offset.reset` says it.
        var target: OffsetTarget?
        /// A group shares it: what is read of it is no matter of this thread.
        var isShared = false
    }

    private static let patienceMs: Int64 = 1000
    /// More brokers than any cluster has: their numbers come from the network, and each takes a thread.
    private static let fetchersMax = 1000

    init(_ shared: ConsumerShared, _ subscription: Guarded<Subscription?>) {
        self.shared = shared
        self.subscription = subscription
        pause = shared.configuration.client.retryBackoff
        start = shared.clock.now
    }

    private enum Task {
        case refresh
        case startFetchers([Int32])
        case endFetcher(Int32)
        case end
    }

    /// Works until the consumer is closed, and until all its fetchers have ended.
    func run() {
        work: while true {
            switch nextTask() {
            case .end: break work
            case .refresh: refresh()
            case .startFetchers(let brokers):
                for broker in brokers { startFetcher(broker) }
            case .endFetcher(let broker): fetchers.removeValue(forKey: broker)?.join()
            case nil: break
            }
        }
        for thread in fetchers.values { thread.join() }
    }

    private func nextTask() -> Task? {
        let age = shared.configuration.metadataAge
        return shared.state.wait(milliseconds: Self.patienceMs) { state -> Task? in
            if state.isClosed { return .end }
            let now = shared.clock.now
            if let broker = state.retired.popFirst() { return .endFetcher(broker) }
            switch state.hiring(beside: Set(fetchers.keys), limit: Self.fetchersMax, now: now) {
            case .nothing: break
            case .start(let brokers): return .startFetchers(brokers)
            case .fail: state.fail(.tooManyBrokers(limit: Self.fetchersMax))
            }
            if state.wantsMetadata { return .refresh }
            if let lastRefresh, now - lastRefresh >= age { return .refresh }
            return nil
        }
    }

    private func startFetcher(_ broker: Int32) {
        let shared = shared
        fetchers[broker] = Thread(name: "fetch-\(broker)") { Fetcher(broker, shared).run() }
    }

    private func refresh() {
        guard waitForTurn() else { return }
        let subscription = subscription.withLock { $0 }
        let named = shared.state.withLock { state in
            state.metadataBegun()
            return Set(state.slots.filter(\.isAssigned).map(\.partition.topic))
        }
        var topics = named.union(subscription?.topics ?? [])
        if let group = shared.group { topics.formUnion(group.state.withLock { $0.classic?.groupTopics ?? [] }) }
        lastRefresh = shared.clock.now
        guard !topics.isEmpty || subscription?.matches != nil else { return }
        let deadline = shared.clock.now + shared.configuration.client.requestTimeout
        do throws(ClientError) {
            var found = topics
            if let matches = subscription?.matches {
                let all = try shared.metadata.allTopics(until: deadline)
                found.formUnion(all.filter { matches($0.name, $0.isInternal) }.map(\.name))
            } else {
                try shared.metadata.refresh(topics.sorted(), until: deadline)
            }
            hasAnswer = true
            apply(found, subscription)
        } catch {
            failed(error, topics, subscription)
        }
    }

    /// Two refreshes lie a pause apart, which grows as long as one follows upon the other. False when it was closed.
    private func waitForTurn() -> Bool {
        guard let lastRefresh else { return true }
        let now = shared.clock.now
        let client = shared.configuration.client
        let isCalm = now - lastRefresh > client.retryBackoffMax * 2
        pause = isCalm ? client.retryBackoff : min(pause * 2, client.retryBackoffMax)
        let left = (lastRefresh + pause - now).wholeMilliseconds
        guard left > 0 else { return true }
        return shared.state.wait(milliseconds: left) { $0.isClosed ? true : nil } == nil
    }

    private func failed(_ error: ClientError, _ topics: Set<String>, _ subscription: Subscription?) {
        if case .interrupted = error.reason { return }
        if case .topicRefused(let topic, let code) = error.reason {
            hasAnswer = true
            apply(topics.subtracting([topic]), subscription)
            switch code {
            case .topicAuthorizationFailed, .invalidTopicException:
                shared.update { $0.fail(.topicRefused(topic, code)) }
            default: shared.update { $0.missing(topic, code) }
            }
            return
        }
        let isPatient = hasAnswer || shared.clock.now - start < shared.configuration.client.apiTimeout
        shared.update { state in
            guard error.isRetriable, isPatient else { return state.fail(.client(error)) }
            state.metadataFailed(error)
        }
    }

    private func apply(_ topics: Set<String>, _ subscription: Subscription?) {
        let now = shared.clock.timestamp
        if subscription?.isShared ?? false { tellGroup(topics, subscription) }
        for name in topics.sorted() {
            guard let topic = shared.metadata.known(name) else { continue }
            let isNew = knownTopics.insert(name).inserted
            let isSubscribed =
                subscription.map {
                    !$0.isShared && ($0.topics.contains(name) || ($0.matches?(name, topic.isInternal) ?? false))
                } ?? false
            shared.update { state in
                for (index, partition) in topic.partitions.enumerated() {
                    let key = TopicPartition(name, Int32(index))
                    if let number = state.number(of: key) {
                        state.learned(number, leader: partition.leader, epoch: partition.leaderEpoch, topic: topic)
                    } else if isSubscribed {
                        // A partition that came later has nothing that is older than the subscription.
                        let isFirst = isNew && lastTopics == nil
                        let target =
                            isFirst ? subscription?.target ?? shared.configuration.reset.target(now: now) : .earliest
                        guard let target else { return state.fail(.noOffset(key)) }
                        let number = state.add(key, at: target)
                        state.learned(number, leader: partition.leader, epoch: partition.leaderEpoch, topic: topic)
                    }
                }
            }
        }
        lastTopics = topics
    }

    /// What a member wants by a pattern, and what the leader of the group has to share, may have changed.
    private func tellGroup(_ topics: Set<String>, _ subscription: Subscription?) {
        guard let group = shared.group else { return }
        if let matches = subscription?.matches {
            let wanted = topics.filter { name in
                guard let topic = shared.metadata.known(name), !topic.isMissing else { return false }
                return matches(name, topic.isInternal)
            }
            let now = shared.clock.now
            group.state.update { $0.subscribe(wanted.sorted(), pattern: nil, now: now) }
        }
        let shares = group.state.withLock { $0.classic?.groupTopics ?? [] }
        guard !shares.isEmpty else { return }
        let known = group.watched(group.known(shares, shared))
        group.state.update { state in
            state.classic?.refreshed(known)
            state.changed()
        }
    }

    /// The topics of the answer before; nil before the first.
    private var lastTopics: Set<String>?
}
