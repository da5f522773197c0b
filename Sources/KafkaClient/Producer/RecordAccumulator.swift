import Bytes
import KafkaModel
import KafkaRecords
import Timing

/// What a producer holds of records that are not yet acknowledged: per partition, batches in order, within
/// `buffer.memory`. It decides when a batch is ready and what becomes of it after an answer; it knows no socket, no thread
/// and no clock. Guarded by the lock of the producer.
struct RecordAccumulator {
    struct Limits: Sendable {
        var batchBytes = 16_384
        var memoryBytes = 32 << 20
        var requestBytesMax = 1 << 20
        var linger = Duration.milliseconds(5)
        var retryBackoff = Duration.milliseconds(100)
        var retryBackoffMax = Duration.milliseconds(1000)
        var deliveryTimeout = Duration.seconds(120)
        var retries = Int(Int32.max)
        var inFlightMax = 5
        var isIdempotent = true
        var isCompressed = false
        /// Zero is never.
        var availabilityTimeout = Duration.zero
        /// How long a topic that nobody sends to is asked about, `metadata.max.idle.ms`.
        var topicIdleMax = Duration.seconds(300)
    }

    enum Appended: Equatable {
        /// Whether the batch is as large as it gets, or new.
        case added(isReady: Bool, isNew: Bool)
        case needsMemory(Int)
    }

    let limits: Limits
    private(set) var topics: [String: TopicQueue] = [:]
    /// Partitions with batches that wait.
    private(set) var active: [PartitionQueue] = []
    private var firstActive = 0
    private(set) var memoryUsed = 0
    /// Callers that wait for memory: then nothing lingers.
    var memoryWaiters = 0
    var flushes = 0
    var isClosing = false
    /// Nil until a broker gives one.
    var identity: ProducerIdentity?
    /// Since when a broker took nothing although there was something for it.
    var stalled: [Int32: Instant] = [:]

    private var generation = 0
    private var outstanding: [Int: Int] = [:]
    private(set) var batchCount = 0
    private var nextOrdinal: Int64 = 0
    private var spares: [ProducerBatch] = []
    /// What they hold; with the memory that is in use no more than there may be.
    private(set) var spareBytes = 0
    private var nextExpiry: Instant?
    private(set) var random: RandomSequence

    /// How many places a batch has for what it may be split into.
    private static let ordinalSpan: Int64 = 1 << 20
    /// The compressed size is guessed; a batch never becomes longer than so many times the limit before compression.
    private static let compressionRatioMin = 0.0625

    init(_ limits: Limits, random: RandomSequence = .unpredictable) {
        self.limits = limits
        self.random = random
    }

    /// Appends a record to the batch of its partition, or to a new one.
    mutating func append(
        to queue: PartitionQueue, timestamp: Int64, key: RawSpan?, value: RawSpan?, headerCount: Int32,
        headers: RawSpan, now: Instant, token: UInt64?, callback: ProducerBatch.Callback?
    ) -> Appended {
        var keyBytes = 0
        var valueBytes = 0
        if let key { keyBytes = key.byteCount }
        if let value { valueBytes = value.byteCount }
        var isNew = false
        let batch: ProducerBatch
        if let last = queue.last, !last.isClosed,
            last.records.size(with: keyBytes, valueBytes, headers.byteCount) <= last.bytesMax
        {
            batch = last
        } else {
            queue.last?.isClosed = true
            // A batch larger than all the memory would be waited for in vain.
            let size = max(
                min(bytesMax(queue.topic), limits.memoryBytes),
                GrowingBatch.sizeMax(key: keyBytes, value: valueBytes, headers: headers.byteCount))
            guard memoryUsed + size <= limits.memoryBytes else { return .needsMemory(size) }
            batch = begin(queue, size, now)
            isNew = true
        }
        batch.records.append(timestamp: timestamp, key: key, value: value, headerCount: headerCount, headers: headers)
        if let token { batch.tokens.append(token) }
        if let callback { batch.callbacks.append((batch.recordCount - 1, callback)) }
        let isFull = batch.records.plainBytes + Self.recordBytesMin > batch.bytesMax || batch.isClosed
        return .added(isReady: isFull || isNew && queue.count > 1, isNew: isNew)
    }

    /// A record cannot be smaller.
    private static let recordBytesMin = 7

    private func bytesMax(_ topic: TopicQueue) -> Int {
        guard limits.isCompressed else { return max(limits.batchBytes, 1) }
        let ratio = min(1, max(Self.compressionRatioMin, topic.compressionRatio))
        return min(Int(Double(limits.batchBytes) / ratio), max(limits.batchBytes, limits.memoryBytes / 8))
    }

    private mutating func begin(_ queue: PartitionQueue, _ size: Int, _ now: Instant) -> ProducerBatch {
        let batch: ProducerBatch
        var reserved = size
        if let spare = spares.last, memoryUsed + max(size, spare.records.reservedBytes) <= limits.memoryBytes {
            spares.removeLast()
            spareBytes -= spare.records.reservedBytes
            reserved = max(size, spare.records.reservedBytes)
            batch = spare
            batch.reset(queue, keepingAtMost: .max)
        } else {
            batch = ProducerBatch(queue, capacity: size)
        }
        batch.bytesMax = size
        batch.reservedBytes = reserved
        memoryUsed += reserved
        while memoryUsed + spareBytes > limits.memoryBytes, let spare = spares.popLast() {
            spareBytes -= spare.records.reservedBytes
        }
        batch.created = now
        batch.ordinal = nextOrdinal
        batch.ordinalSpan = Self.ordinalSpan
        nextOrdinal += Self.ordinalSpan
        count(batch, generation)
        queue.append(batch)
        activate(queue)
        return batch
    }

    private mutating func count(_ batch: ProducerBatch, _ generation: Int) {
        batch.generation = generation
        outstanding[generation, default: 0] += 1
        batchCount += 1
    }

    private mutating func activate(_ queue: PartitionQueue) {
        guard !queue.isActive else { return }
        queue.isActive = true
        active.append(queue)
    }

    /// Everything that was appended until now belongs to what is returned.
    mutating func beginFlush() -> Int {
        flushes += 1
        generation += 1
        return generation - 1
    }

    func isFlushed(_ generation: Int) -> Bool { outstanding.keys.allSatisfy { $0 > generation } }

    /// What the cluster says of a topic now.
    ///
    /// - Parameter leaders: of its partitions, -1 where there is none, with their epochs.
    @discardableResult
    mutating func learn(
        _ name: String, id: UUID, leaders: [(id: Int32, epoch: Int32)], now: Instant,
        _ makeChooser: () -> PartitionChooser
    ) -> TopicQueue {
        let queue: TopicQueue
        if let known = topics[name] {
            queue = known
        } else {
            queue = TopicQueue(name, id: id, chooser: makeChooser(), learned: now)
            topics[name] = queue
        }
        queue.id = id
        queue.learned = now
        queue.isForgotten = false
        queue.partitionCount = leaders.count
        if let settled = queue.chooser.settled, Int(settled) >= leaders.count { queue.chooser.forget() }
        for gone in queue.partitions.dropFirst(leaders.count) { gone.leader = -1 }
        for (index, leader) in leaders.enumerated() {
            if index == queue.partitions.count { queue.partitions.append(PartitionQueue(queue, Int32(index))) }
            queue.partitions[index].leader = leader.id
            queue.partitions[index].leaderEpoch = leader.epoch
        }
        return queue
    }

    /// The partition for a record that names none.
    func choosePartition(_ topic: TopicQueue, key: RawSpan?, now: Instant) -> PartitionQueue {
        if let key, topic.chooser.isDecided(byKey: true) {
            return topic.partitions[Int(Murmur2.partition(of: key, count: topic.partitionCount))]
        }
        if let settled = topic.chooser.settled { return topic.partitions[Int(settled)] }
        return topic.partitions[Int(topic.chooser.partition(loads(topic, now)))]
    }

    private func loads(_ topic: TopicQueue, _ now: Instant) -> [PartitionChooser.Load] {
        topic.partitions.prefix(topic.partitionCount).map { queue in
            PartitionChooser.Load(
                queuedBatches: queue.count, isAvailable: queue.leader >= 0 && !isStalled(queue.leader, now))
        }
    }

    private func isStalled(_ broker: Int32, _ now: Instant) -> Bool {
        guard limits.availabilityTimeout > .zero, let since = stalled[broker] else { return false }
        return now - since > limits.availabilityTimeout
    }

    private func isSendable(_ batch: ProducerBatch, _ queue: PartitionQueue, _ now: Instant) -> Bool {
        if let retryAt = batch.retryAt { return now >= retryAt }
        return queue.count > 1 || batch.isClosed || batch.isUrgent || isClosing || flushes > 0 || memoryWaiters > 0
            || batch.records.plainBytes + Self.recordBytesMin > batch.bytesMax || now >= batch.created + limits.linger
    }

    /// Whether the order of the partition allows its first batch to go now.
    private mutating func isInTurn(_ batch: ProducerBatch, _ queue: PartitionQueue) -> Bool {
        guard limits.isIdempotent else { return limits.inFlightMax > 1 || queue.onWireCount == 0 }
        guard identity != nil else { return false }
        if queue.mustRenumber || queue.hasLostSequence && queue.unresolved.isEmpty {
            guard queue.onWireCount == 0, let next = nextIdentity(after: queue.identity) else { return false }
            queue.renumber(next)
        }
        if batch.identity != nil {
            // What is sent again goes alone, so that the broker sees the numbers in order.
            return batch === queue.unresolved.first
        }
        return !queue.hasLostSequence && queue.unresolved.count < limits.inFlightMax
    }

    /// The identity under which numbers may begin anew; nil while none can be had.
    private mutating func nextIdentity(after used: ProducerIdentity?) -> ProducerIdentity? {
        guard let known = identity else { return nil }
        guard let used, used.id == known.id else { return known }
        guard known.epoch < .max else {
            identity = nil
            return nil
        }
        let next = ProducerIdentity(id: known.id, epoch: known.epoch + 1)
        identity = next
        return next
    }

    /// What is to be sent and when to look again.
    struct Plan {
        /// For each broker the batches of its next request, at most one a partition.
        var requests: [(broker: Int32, batches: [ProducerBatch])] = []
        /// Brokers that something is ready for and that take nothing now.
        var waitingFor: Set<Int32> = []
        /// Partitions with something to send that nobody leads.
        var leaderless: Set<String> = []
        /// When something becomes ready by the time alone.
        var wake: Instant?
        var needsIdentity = false
    }

    /// Takes out of the queues what can go now.
    ///
    /// - Parameter canSend: whether a broker takes another request.
    mutating func plan(now: Instant, canSend: (Int32) -> Bool) -> Plan {
        var plan = Plan()
        var sizes: [Int] = []
        var emptied = false
        let count = active.count
        if count > 0 { firstActive = (firstActive + 1) % count }
        for step in 0..<count {
            let queue = active[firstActive + step < count ? firstActive + step : firstActive + step - count]
            guard let batch = queue.first else {
                emptied = true
                continue
            }
            guard isSendable(batch, queue, now) else {
                let at = batch.retryAt ?? batch.created + limits.linger
                plan.wake = min(plan.wake ?? at, at)
                continue
            }
            guard queue.leader >= 0 else {
                plan.leaderless.insert(queue.topic.name)
                continue
            }
            if limits.isIdempotent, identity == nil { plan.needsIdentity = true }
            guard canSend(queue.leader) else {
                plan.waitingFor.insert(queue.leader)
                if stalled[queue.leader] == nil { stalled[queue.leader] = now }
                continue
            }
            if !stalled.isEmpty { stalled[queue.leader] = nil }
            guard isInTurn(batch, queue) else { continue }
            let size = batch.records.isSealed ? batch.records.sizeInBytes : batch.records.plainBytes
            if let place = plan.requests.firstIndex(where: { $0.broker == queue.leader }) {
                guard sizes[place] + size <= limits.requestBytesMax else { continue }
                sizes[place] += size
                plan.requests[place].batches.append(take(queue))
            } else {
                sizes.append(size)
                plan.requests.append((queue.leader, [take(queue)]))
            }
            if queue.isEmpty { emptied = true }
        }
        if emptied { removeInactive() }
        if let nextExpiry { plan.wake = min(plan.wake ?? nextExpiry, nextExpiry) }
        return plan
    }

    private mutating func take(_ queue: PartitionQueue) -> ProducerBatch {
        let batch = queue.removeFirst()
        batch.isClosed = true
        batch.isOnWire = true
        batch.topicID = queue.topic.id
        batch.retryAt = nil
        batch.attempts += 1
        queue.onWireCount += 1
        if !queue.unresolved.contains(where: { $0 === batch }) {
            if limits.isIdempotent, batch.identity == nil {
                if queue.identity?.id != identity?.id, let identity {
                    queue.identity = identity
                    queue.nextSequence = 0
                }
                queue.number(batch)
            }
            queue.insertUnresolved(batch)
        }
        return batch
    }

    private mutating func removeInactive() {
        active.removeAll { queue in
            guard queue.isEmpty else { return false }
            queue.isActive = false
            return true
        }
        if firstActive >= active.count { firstActive = 0 }
    }

    /// What a broker, or the lack of one, says of a batch that was on the wire.
    struct Answer: Sendable {
        var code: ErrorCode
        var message: String?
        var baseOffset: Int64 = -1
        var logAppendTime: Int64 = -1
        var logStartOffset: Int64 = -1

        init(_ code: ErrorCode, message: String? = nil) {
            self.code = code
            self.message = message
        }
    }

    enum Verdict {
        /// It is over; tell the callers, then `release`.
        case sent(baseOffset: Int64, logAppendTime: Int64)
        case failed(ProducerError)
        /// It was given up before; only `release` it.
        case over
        case retried
        case split
    }

    mutating func answered(_ batch: ProducerBatch, _ answer: Answer, now: Instant) -> Verdict {
        let queue = batch.queue
        batch.isOnWire = false
        queue.onWireCount -= 1
        if limits.isCompressed, batch.attempts == 1, batch.records.plainBytes > 0 {
            queue.topic.observe(
                compressionRatio: Double(batch.records.sizeInBytes) / Double(batch.records.plainBytes))
        }
        switch answer.code {
        case .none, .duplicateSequenceNumber:
            resolve(batch, loses: false)
            guard !batch.isReported else { return .over }
            let isDuplicate = answer.code == .duplicateSequenceNumber
            return .sent(baseOffset: isDuplicate ? -1 : answer.baseOffset, logAppendTime: answer.logAppendTime)
        case .messageTooLarge where batch.recordCount > 1 && !batch.isReported:
            return .split
        case .outOfOrderSequenceNumber, .unknownProducerID, .invalidProducerEpoch:
            guard batch.identity != nil else { return fail(batch, .refused(answer.code, message: answer.message)) }
            // Only the first without an outcome tells something of the numbers; those behind it had to be refused.
            if batch === queue.unresolved.first, batch.identity == queue.identity { queue.mustRenumber = true }
            return retry(batch, answer, now)
        default:
            guard answer.code.isRetriable else {
                return fail(batch, .refused(answer.code, message: answer.message))
            }
            return retry(batch, answer, now)
        }
    }

    private mutating func retry(_ batch: ProducerBatch, _ answer: Answer, _ now: Instant) -> Verdict {
        if batch.isReported {
            resolve(batch, loses: true)
            return .over
        }
        guard batch.attempts <= limits.retries else {
            return fail(batch, .refused(answer.code, message: answer.message))
        }
        guard now < batch.created + limits.deliveryTimeout else {
            return fail(batch, expiry(batch, now, cause: answer.message ?? answer.code.name))
        }
        let factor = Double(1 << min(batch.attempts - 1, 20))
        let pause = min(limits.retryBackoff * factor, limits.retryBackoffMax) * random.jitter()
        batch.retryAt = now + pause
        batch.queue.insert(batch)
        activate(batch.queue)
        return .retried
    }

    private mutating func fail(_ batch: ProducerBatch, _ reason: ProducerError.Reason) -> Verdict {
        resolve(batch, loses: true)
        return batch.isReported ? .over : .failed(ProducerError(reason))
    }

    private mutating func resolve(_ batch: ProducerBatch, loses: Bool) {
        let queue = batch.queue
        queue.unresolved.removeAll { $0 === batch }
        if loses, batch.identity != nil, batch.identity == queue.identity { queue.hasLostSequence = true }
    }

    private func expiry(_ batch: ProducerBatch, _ now: Instant, cause: String?) -> ProducerError.Reason {
        .expired(
            count: batch.recordCount, batch.queue.partition, milliseconds: (now - batch.created).wholeMilliseconds,
            cause: cause)
    }

    /// Takes out the batches whose time is over. One that is on the wire is reported and stays until its answer comes.
    mutating func expire(
        now: Instant, cause: (PartitionQueue) -> String?
    ) -> [(batch: ProducerBatch, error: ProducerError, isOnWire: Bool)] {
        if let nextExpiry, now < nextExpiry { return [] }
        var expired: [(batch: ProducerBatch, error: ProducerError, isOnWire: Bool)] = []
        var next = now + limits.deliveryTimeout
        for topic in topics.values {
            for queue in topic.partitions where !queue.isEmpty || !queue.unresolved.isEmpty {
                while let batch = queue.first {
                    let end = batch.created + limits.deliveryTimeout
                    guard now >= end else {
                        next = min(next, end)
                        break
                    }
                    _ = queue.removeFirst()
                    resolve(batch, loses: batch.attempts > 0)
                    expired.append((batch, ProducerError(expiry(batch, now, cause: cause(queue))), false))
                }
                for batch in queue.unresolved where batch.isOnWire && !batch.isReported {
                    let end = batch.created + limits.deliveryTimeout
                    if now >= end {
                        expired.append((batch, ProducerError(expiry(batch, now, cause: "no answer came")), true))
                    } else {
                        next = min(next, end)
                    }
                }
            }
        }
        removeInactive()
        nextExpiry = next
        return expired
    }

    /// Takes out everything that is not on the wire; the rest is to be reported and stays.
    mutating func abandon() -> [(batch: ProducerBatch, isOnWire: Bool)] {
        var given: [(batch: ProducerBatch, isOnWire: Bool)] = []
        for topic in topics.values {
            for queue in topic.partitions {
                while !queue.isEmpty { given.append((queue.removeFirst(), false)) }
                for batch in queue.unresolved where batch.isOnWire && !batch.isReported { given.append((batch, true)) }
                queue.unresolved.removeAll { !$0.isOnWire }
            }
        }
        removeInactive()
        return given
    }

    /// Its callers know; its memory is free.
    mutating func release(_ batch: ProducerBatch) {
        settle(batch)
        memoryUsed -= batch.reservedBytes
        let bytes = batch.records.reservedBytes
        // A batch for one large record is of no use to others.
        guard memoryUsed + spareBytes + bytes <= limits.memoryBytes, bytes <= 2 * bytesMax(batch.queue.topic) else {
            return
        }
        spareBytes += bytes
        spares.append(batch)
    }

    /// Its callers know; those who flush need not wait for it.
    mutating func settle(_ batch: ProducerBatch) {
        guard batch.generation >= 0 else { return }
        if let left = outstanding[batch.generation] {
            outstanding[batch.generation] = left > 1 ? left - 1 : nil
        }
        batch.generation = -1
        batchCount -= 1
    }

    /// Replaces a batch that a broker finds too large by two, which are already filled from it and closed. They keep its
    /// place in the order and its numbers.
    mutating func split(_ batch: ProducerBatch, into halves: [ProducerBatch], now: Instant) {
        let queue = batch.queue
        let span = max(0, batch.ordinalSpan / Int64(halves.count))
        var sequence = batch.baseSequence
        var children: [ProducerBatch] = []
        var bytesLeft = batch.reservedBytes
        var recordsLeft = halves.reduce(0) { $0 + $1.recordCount }
        for (index, half) in halves.enumerated() {
            half.ordinal = batch.ordinal + Int64(index) * span
            half.ordinalSpan = span
            half.created = batch.created
            half.isClosed = true
            half.isUrgent = true
            half.reservedBytes = recordsLeft > 0 ? bytesLeft * half.recordCount / recordsLeft : bytesLeft
            bytesLeft -= half.reservedBytes
            recordsLeft -= half.recordCount
            half.bytesMax = batch.bytesMax
            count(half, batch.generation)
            if batch.identity != nil {
                half.identity = batch.identity
                half.baseSequence = sequence
                sequence = BatchHeader.sequence(sequence, advancedBy: Int32(truncatingIfNeeded: half.recordCount))
            }
            queue.insert(half)
            children.append(half)
        }
        if let place = queue.unresolved.firstIndex(where: { $0 === batch }) {
            // Without numbers they are as if never sent.
            queue.unresolved.replaceSubrange(place...place, with: batch.identity != nil ? children : [])
        }
        batch.reservedBytes = 0
        queue.topic.compressionRatio = 1
        activate(queue)
        release(batch)
    }
}
