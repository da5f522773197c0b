import Bytes
import CLinux
import Compression
import Glibc
import KafkaModel
import KafkaRecords
import Posix
import Timing

/// What the callers of a producer and its sender share: the accumulator behind a lock, and a bell for the sender.
final class ProducerCore: @unchecked Sendable {
    let configuration: ProducerConfiguration
    let clock: Clock
    let metadata: ClusterMetadata

    // Everything below is guarded by `lock`.
    private let lock = Lock(rank: 40)
    /// Memory was freed, batches are done, or the producer is closed.
    private let changed = Condition()
    private var accumulator: RecordAccumulator
    private var state = State.open
    private var sender = SenderState()
    private var results: [Result] = []
    private var random = RandomSequence.unpredictable
    private(set) var figures = ProducerFigures()
    private var lastTopic: TopicQueue?
    private var wallRead = (instant: Instant(nanoseconds: -1 << 40), milliseconds: Int64(0))

    private let bell: CInt

    private enum State {
        case open
        /// What there is, is sent; nothing comes any more.
        case closing
        /// What there is, is given up.
        case abandoned
        /// Nothing can be sent any more.
        case failed(ProducerError)
    }

    /// What the sender said when it went to sleep.
    private struct SenderState {
        var isAsleep = false
        var wake: Instant?
        /// Brokers that take nothing before they answered, whatever becomes ready.
        var saturated: Set<Int32> = []
    }

    /// What threads that did something for the sender bring back.
    enum Result {
        case connected(Int32, BrokerConnection)
        case notConnected(Int32, ClientError)
        /// The cluster was asked for topics; it refuses some of them.
        case refreshed([String], refused: [String: ErrorCode])
        case notRefreshed([String])
    }

    init(_ configuration: ProducerConfiguration, clock: Clock) {
        self.configuration = configuration
        self.clock = clock
        metadata = ClusterMetadata(
            configuration.client, missing: .isCreated, age: configuration.metadataAge, clock: clock)
        var limits = RecordAccumulator.Limits()
        limits.batchBytes = configuration.batchBytes
        limits.memoryBytes = configuration.memoryBytes
        limits.requestBytesMax = configuration.requestBytesMax
        limits.linger = configuration.linger
        limits.retryBackoff = configuration.client.retryBackoff
        limits.retryBackoffMax = configuration.client.retryBackoffMax
        limits.deliveryTimeout = configuration.deliveryTimeout
        limits.retries = configuration.retries
        limits.inFlightMax = configuration.inFlightMax
        limits.isIdempotent = configuration.isIdempotent
        limits.isCompressed = configuration.compression != .none
        limits.availabilityTimeout = configuration.availabilityTimeout
        limits.topicIdleMax = configuration.metadataIdle
        accumulator = RecordAccumulator(limits)
        bell = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(bell >= 0, "no descriptor is left for the producer")
    }

    deinit { Glibc.close(bell) }

    func send(
        topic name: String, partition: Int32?, timestamp: Int64?, key: RawSpan?, value: RawSpan?, headerCount: Int32,
        headers: RawSpan, token: UInt64?, urgency: Producer.Urgency, callback: ProducerBatch.Callback?
    ) throws(ProducerError) {
        try checkSize(key, value, headers)
        var deadline: Instant?
        lock.lock()
        defer { lock.unlock() }
        while true {
            try checkOpen()
            guard let topic = knownTopic(name, partition) else {
                let until = deadline ?? clock.now + configuration.maxBlock
                deadline = until
                try learn(name, partition, until)
                continue
            }
            let now = clock.now
            topic.used = now
            let queue: PartitionQueue
            if let partition {
                queue = topic.partitions[Int(partition)]
            } else {
                queue = accumulator.choosePartition(topic, key: key, now: now)
            }
            let appended = accumulator.append(
                to: queue, timestamp: timestamp ?? wallTime(at: now), key: key, value: value,
                headerCount: headerCount, headers: headers, now: now, token: token, callback: callback)
            switch appended {
            case .added(let isReady, let isNew):
                figures.records += 1
                if urgency == .now { queue.last?.isUrgent = true }
                if partition == nil {
                    var bytes = headers.byteCount + 10
                    if let key { bytes += key.byteCount }
                    if let value { bytes += value.byteCount }
                    topic.chooser.appended(bytes, endsBatch: isReady && !isNew)
                }
                wakeSender(queue, isReady: isReady || urgency == .now, isNew: isNew, now)
                return
            case .needsMemory(let bytes):
                let until = deadline ?? now + configuration.maxBlock
                deadline = until
                try waitForMemory(bytes, until, now)
            }
        }
    }

    /// Milliseconds since 1970, from one reading of the wall clock for many records: two clocks a record would cost as much
    /// as the record.
    private func wallTime(at now: Instant) -> Int64 {
        if now - wallRead.instant >= Self.wallReadingAge {
            wallRead = (now, clock.timestamp.milliseconds)
        }
        return wallRead.milliseconds + (now.nanoseconds - wallRead.instant.nanoseconds) / 1_000_000
    }

    private static let wallReadingAge = Duration.milliseconds(10)

    private func checkSize(_ key: RawSpan?, _ value: RawSpan?, _ headers: RawSpan) throws(ProducerError) {
        var keyBytes = 0
        var valueBytes = 0
        if let key { keyBytes = key.byteCount }
        if let value { valueBytes = value.byteCount }
        let size = GrowingBatch.sizeMax(key: keyBytes, value: valueBytes, headers: headers.byteCount)
        guard size <= configuration.requestBytesMax else {
            throw ProducerError(
                .tooLarge(bytes: size, limit: configuration.requestBytesMax, setting: "max.request.size"))
        }
        guard size <= configuration.memoryBytes else {
            throw ProducerError(.tooLarge(bytes: size, limit: configuration.memoryBytes, setting: "buffer.memory"))
        }
    }

    private func checkOpen() throws(ProducerError) {
        switch state {
        case .open: return
        case .closing, .abandoned: throw ProducerError(.closed)
        case .failed(let error): throw error
        }
    }

    /// The topic if it is known now and has the partition that is asked for.
    private func knownTopic(_ name: String, _ partition: Int32?) -> TopicQueue? {
        let topic: TopicQueue
        if let last = lastTopic, last.name == name {
            topic = last
        } else {
            guard let known = accumulator.topics[name] else { return nil }
            topic = known
            lastTopic = known
        }
        guard topic.partitionCount > 0, !topic.isForgotten else { return nil }
        guard let partition else { return topic }
        return partition >= 0 && partition < topic.partitionCount ? topic : nil
    }

    /// Asks the cluster for a topic, without the lock.
    private func learn(_ name: String, _ partition: Int32?, _ deadline: Instant) throws(ProducerError) {
        lock.unlock()
        let answer = ask(name, deadline)
        lock.lock()
        let topic = try answer.get()
        learn(topic)
        let count = topic.partitions.count
        guard count == 0 || !(0..<Int32(count)).contains(partition ?? 0) else { return }
        guard partition ?? 0 >= 0, clock.now + configuration.client.retryBackoff < deadline else {
            throw ProducerError(
                .noPartition(
                    TopicPartition(name, partition ?? 0), count: count,
                    milliseconds: configuration.maxBlock.wholeMilliseconds))
        }
        // It may be about to get more.
        metadata.invalidate(name)
        changed.wait(lock, milliseconds: configuration.client.retryBackoff.wholeMilliseconds)
    }

    private func ask(_ name: String, _ deadline: Instant) -> Swift.Result<ClusterMetadata.Topic, ProducerError> {
        do throws(ClientError) {
            return .success(try metadata.topic(name, until: deadline))
        } catch {
            if case .topicRefused(_, .unknownTopicOrPartition) = error.reason {
                return .failure(ProducerError(.noTopic(name, milliseconds: configuration.maxBlock.wholeMilliseconds)))
            }
            return .failure(ProducerError(.client(error)))
        }
    }

    @discardableResult
    private func learn(_ topic: ClusterMetadata.Topic) -> TopicQueue {
        let configuration = configuration
        let seed = random.next()
        let leaders = topic.partitions.map { (id: $0.leader, epoch: $0.leaderEpoch) }
        return accumulator.learn(topic.name, id: topic.id, leaders: leaders, now: clock.now) {
            PartitionChooser(
                configuration.strategy, ignoresKeys: configuration.ignoresKeys, isAdaptive: configuration.isAdaptive,
                stickyBytes: configuration.batchBytes, seed: seed)
        }
    }

    private func waitForMemory(_ bytes: Int, _ deadline: Instant, _ now: Instant) throws(ProducerError) {
        let left = (deadline - now).wholeMilliseconds
        guard left > 0 else {
            throw ProducerError(
                .noMemory(
                    needed: bytes, waited: configuration.maxBlock.wholeMilliseconds, total: configuration.memoryBytes,
                    used: accumulator.memoryUsed))
        }
        accumulator.memoryWaiters += 1
        // What lingers must go now; a sender that waits for brokers knows already.
        if sender.isAsleep, sender.saturated.isEmpty { ring() }
        changed.wait(lock, milliseconds: left)
        accumulator.memoryWaiters -= 1
        figures.memoryWait = figures.memoryWait + (clock.now - now)
    }

    private func wakeSender(_ queue: PartitionQueue, isReady: Bool, isNew: Bool, _ now: Instant) {
        guard sender.isAsleep else { return }
        if isReady {
            if sender.saturated.isEmpty || !sender.saturated.contains(queue.leader) { ring() }
        } else if isNew {
            let due = now + configuration.linger
            if let wake = sender.wake, wake <= due { return }
            ring()
        }
    }

    private func ring() {
        sender.isAsleep = false
        var one: UInt64 = 1
        _ = write(bell, &one, 8)
    }

    /// Waits until everything that was sent before is acknowledged or given up; false when the time is over first.
    func flush(timeout: Duration?) -> Bool {
        let deadline = timeout.map { clock.now + $0 }
        lock.lock()
        defer { lock.unlock() }
        let generation = accumulator.beginFlush()
        defer { accumulator.flushes -= 1 }
        ring()
        while !accumulator.isFlushed(generation) {
            let left = deadline.map { ($0 - clock.now).wholeMilliseconds } ?? 60_000
            if left <= 0 { return false }
            changed.wait(lock, milliseconds: left)
        }
        return true
    }

    /// Nothing more is taken; what there is has until the deadline. False when something was given up.
    func close(timeout: Duration) -> Bool {
        let deadline = clock.now + timeout
        lock.lock()
        defer { lock.unlock() }
        if case .open = state { state = .closing }
        accumulator.isClosing = true
        changed.wakeAll()
        ring()
        while accumulator.batchCount > 0 {
            let left = (deadline - clock.now).wholeMilliseconds
            guard left > 0 else {
                state = .abandoned
                ring()
                return false
            }
            changed.wait(lock, milliseconds: left)
        }
        state = .abandoned
        ring()
        return true
    }

    /// The partitions of a topic.
    func partitionCount(of name: String, until deadline: Instant) throws(ProducerError) -> Int {
        let topic = try ask(name, deadline).get()
        lock.withLock { _ = learn(topic) }
        return topic.partitions.count
    }

    func readFigures() -> ProducerFigures {
        lock.withLock {
            var copy = figures
            copy.memoryUsed = accumulator.memoryUsed
            copy.waitingBatches = accumulator.batchCount
            return copy
        }
    }

    var bellDescriptor: CInt { bell }

    /// What the sender wants to know each time round.
    struct Round {
        var plan: RecordAccumulator.Plan
        var isAbandoned = false
        var results: [Result] = []
    }

    func nextRound(now: Instant, canSend: (Int32) -> Bool) -> Round {
        lock.lock()
        defer { lock.unlock() }
        var round = Round(plan: accumulator.plan(now: now, canSend: canSend))
        if case .abandoned = state { round.isAbandoned = true }
        if !results.isEmpty {
            round.results = results
            results = []
        }
        sender.isAsleep = round.plan.requests.isEmpty && round.results.isEmpty && !round.isAbandoned
        sender.wake = round.plan.wake
        sender.saturated = round.plan.waitingFor
        return round
    }

    /// The sender has been woken, by whatever.
    func awake() { lock.withLock { sender.isAsleep = false } }

    func expire(now: Instant, cause: (Int32) -> String?) -> [(
        batch: ProducerBatch, error: ProducerError, isOnWire: Bool
    )] {
        lock.withLock { accumulator.expire(now: now) { cause($0.leader) } }
    }

    func abandon() -> [(batch: ProducerBatch, isOnWire: Bool)] { lock.withLock { accumulator.abandon() } }

    /// What each answer means.
    func settle(
        _ answers: [(batch: ProducerBatch, answer: RecordAccumulator.Answer)], now: Instant
    ) -> [(batch: ProducerBatch, verdict: RecordAccumulator.Verdict)] {
        lock.withLock {
            answers.map { batch, answer in
                let verdict = accumulator.answered(batch, answer, now: now)
                if case .retried = verdict { figures.retries += batch.recordCount }
                return (batch, verdict)
            }
        }
    }

    func split(_ batch: ProducerBatch, into halves: [ProducerBatch], now: Instant) {
        lock.withLock { accumulator.split(batch, into: halves, now: now) }
        lock.withLock { figures.splits += 1 }
    }

    /// Their callers know. What is not on the wire any more gives its memory back.
    func release(_ batches: [(batch: ProducerBatch, isOnWire: Bool)]) {
        guard !batches.isEmpty else { return }
        lock.lock()
        for (batch, isOnWire) in batches {
            if isOnWire { accumulator.settle(batch) } else { accumulator.release(batch) }
        }
        lock.unlock()
        changed.wakeAll()
    }

    func update(_ body: (inout ProducerFigures) -> Void) { lock.withLock { body(&figures) } }

    func setIdentity(_ identity: ProducerIdentity) { lock.withLock { accumulator.identity = identity } }

    /// Nothing can be sent any more, for a reason that stays.
    func fail(_ error: ProducerError) {
        lock.withLock {
            // Who gave up waits for the sender's end, which another reason must not put off.
            if case .abandoned = state { return }
            state = .failed(error)
        }
        changed.wakeAll()
    }

    /// A thread that worked for the sender is done.
    func post(_ result: Result) {
        lock.withLock {
            results.append(result)
            ring()
        }
    }

    /// Takes over what the shared metadata knows now. Returns the topics that still lack a leader somewhere.
    func learnAgain(_ names: [String]) -> [String] {
        let topics = names.compactMap { metadata.known($0) }
        return lock.withLock {
            topics.filter { topic in
                learn(topic)
                return topic.partitions.contains { $0.leader < 0 }
            }.map(\.name)
        }
    }

    /// Topics in use whose metadata is older than it may be. Those that nobody uses any more are forgotten.
    func agedTopics(now: Instant) -> [String] {
        lock.withLock { accumulator.agedTopics(now: now, age: configuration.metadataAge) }
    }

    func topics(ledBy broker: Int32, now: Instant) -> [String] {
        lock.withLock { accumulator.topics(ledBy: broker, now: now) }
    }

    /// The cluster refuses some topics for good: there is no sense in asking before they are due again.
    func postpone(_ names: [String], now: Instant) {
        lock.withLock {
            for name in names { accumulator.topics[name]?.learned = now }
        }
    }

    /// Those of some topics that are still in use.
    func inUse(_ names: some Sequence<String>, now: Instant) -> [String] {
        lock.withLock { names.filter { accumulator.isInUse($0, now: now) } }
    }

    /// A broker told who leads now (KIP-951).
    func learnLeader(_ partition: TopicPartition, leader: Int32, epoch: Int32, at node: BrokerNode?) {
        metadata.learn(partition, leader: leader, epoch: epoch, at: node)
        guard metadata.broker(leader) != nil else { return }
        lock.withLock {
            guard let topic = accumulator.topics[partition.topic],
                topic.partitions.indices.contains(Int(partition.partition))
            else { return }
            let queue = topic.partitions[Int(partition.partition)]
            guard queue.leaderEpoch < epoch else { return }
            queue.leader = leader
            queue.leaderEpoch = epoch
        }
    }
}
