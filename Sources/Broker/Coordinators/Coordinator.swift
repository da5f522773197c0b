import Bytes
import Coordination
import KafkaModel
import KafkaRecords
import Posix
import Storage
import Synchronization
import Telemetry
import Timing

/// One shard of a coordinator where it meets the world: its partition, the clients that wait, the schedule.
///
/// An event (a request, a timer, a change of the metadata) is decided under the lock, on the thread that brings it; its
/// records are appended as one batch before the lock is released, so events of a shard are in its log in the order in
/// which they were decided. Whom to answer is found under the lock and told after it.
final class Coordinator<State: CoordinatorState>: @unchecked Sendable {
    typealias Outcome<Value> = Result<Value, ErrorCode>

    /// What a shard is run with.
    struct World: Sendable {
        let clock: Clock
        let log: Log
        let schedule: CoordinatorSchedule
        /// How its batches are packed.
        let compression: CompressionTarget
        let context: @Sendable () -> State.Context
        let happened: @Sendable (State.Event) -> Void
        let loaded: @Sendable (Duration) -> Void
    }

    private struct Waiter {
        let deliver: @Sendable (Outcome<State.Answer>) -> Void
    }

    let name: TopicPartition
    private let world: World
    private let lock = Lock(rank: LockRank.coordinator)
    /// Its number with the schedule.
    private let alarm = Atomic(0)

    // Guarded by `lock`.
    private var shard = CoordinatorShard<State>()
    private var partition: Partition?
    /// Told to a loader that comes too late.
    private var generation = 0
    private var waiters: [Owed: Waiter] = [:]
    private var lastOwed: UInt64 = 0
    /// Where the log has to be committed to before anybody may learn what the state says now.
    private var uncommitted: Partition.Milestone?

    init(_ name: TopicPartition, _ world: World) {
        self.name = name
        self.world = world
        alarm.store(world.schedule.add { [weak self] in self?.fireDue() }, ordering: .relaxed)
    }

    deinit { world.schedule.remove(alarm.load(ordering: .relaxed)) }

    /// What is to be told when the lock is released.
    private struct Outbox {
        var deliveries: [CommittedAnswers.Delivery] = []
        var milestone: (Partition.Milestone, Partition)?
        var notes: [Note] = []
        var events: [State.Event] = []
    }

    /// One event of a client. The answer is returned where it is known at once, else it is delivered later, once.
    func run(
        later deliver: @escaping @Sendable (Outcome<State.Answer>) -> Void,
        _ decide: (inout State, Owed, State.Context, inout State.Effects) -> Void
    ) -> Outcome<State.Answer>? {
        let context = world.context()
        lock.lock()
        if let code = shard.refusal {
            lock.unlock()
            return .failure(code)
        }
        lastOwed &+= 1
        let owed = Owed(number: lastOwed)
        let effects = shard.decide { state, effects in decide(&state, owed, context, &effects) }
        var own: Outcome<State.Answer>?
        waiters[owed] = Waiter(deliver: deliver)
        var kept: Void? = ()
        let outbox = carryOut(effects, answering: owed, context, into: &own, &kept)
        let wake = shard.timers.nextWake
        lock.unlock()
        send(outbox, wake)
        return own
    }

    /// Looks at the state. The value is returned where all that it rests on is committed, else it is delivered later.
    func read<Value: Sendable>(
        later deliver: @escaping @Sendable (Outcome<Value>) -> Void, _ look: (State, State.Context) -> Value
    ) -> Outcome<Value>? {
        let context = world.context()
        lock.lock()
        if let code = shard.refusal {
            lock.unlock()
            return .failure(code)
        }
        let value = look(shard.state, context)
        let waiting = stillUncommitted()
        lock.unlock()
        guard let (milestone, partition) = waiting else { return .success(value) }
        let answers = CommittedAnswers([{ failure in deliver(failure.map { .failure($0) } ?? .success(value)) }])
        partition.hold(.coordinator(answers), until: milestone)
        return nil
    }

    /// An event that nobody waits for. Returns what it says, or nil where the shard takes no events or the records could
    /// not be appended.
    @discardableResult
    func perform<Value>(_ decide: (inout State, State.Context, inout State.Effects) -> Value) -> Value? {
        let context = world.context()
        lock.lock()
        guard shard.refusal == nil else {
            lock.unlock()
            return nil
        }
        var value: Value?
        let effects = shard.decide { state, effects in value = decide(&state, context, &effects) }
        var none: Outcome<State.Answer>?
        let outbox = carryOut(effects, answering: nil, context, into: &none, &value)
        let wake = shard.timers.nextWake
        lock.unlock()
        send(outbox, wake)
        return value
    }

    /// A look for whoever counts, at whatever is there.
    func inspect<Value>(_ look: (CoordinatorShard<State>) -> Value) -> Value { lock.withLock { look(shard) } }

    /// What sets itself again at once is left for the next round, so that other shards have their turn.
    private func fireDue() -> Instant? {
        let now = world.clock.now
        var rest = lock.withLock { shard.timers.count }
        while true {
            let context = world.context()
            lock.lock()
            guard rest > 0, let (timer, effects) = shard.decideDue(context, now: now) else {
                let wake = shard.timers.nextWake
                lock.unlock()
                return wake.map { max($0, now) }
            }
            var none: Outcome<State.Answer>?
            var kept: Void? = ()
            let outbox = carryOut(effects, answering: nil, context, into: &none, &kept)
            if kept == nil { shard.retry(timer, at: now + .milliseconds(500)) }
            lock.unlock()
            send(outbox, nil)
            rest -= 1
        }
    }
}

// MARK: Under the lock

extension Coordinator {
    /// Appends, and finds out who is to be told what. `kept` becomes nil where the append failed.
    private func carryOut<Value>(
        _ effects: State.Effects, answering own: Owed?, _ context: State.Context,
        into answer: inout Outcome<State.Answer>?, _ kept: inout Value?
    ) -> Outbox {
        var outbox = Outbox()
        let failure = effects.records.isEmpty ? nil : append(effects.records)
        guard let failure else {
            shard.keep(effects)
            outbox.notes = effects.notes
            outbox.events = effects.events
            guard !effects.answers.isEmpty else { return outbox }
            outbox.milestone = stillUncommitted()
            for (owed, given) in effects.answers {
                tell(owed, .success(given), of: own, into: &answer, &outbox)
            }
            return outbox
        }
        kept = nil
        let aftermath = shard.takeBack(effects, failure, context)
        outbox.notes = aftermath.notes
        for (owed, _) in effects.answers { tell(owed, .failure(failure), of: own, into: &answer, &outbox) }
        for (owed, given) in aftermath.answers { tell(owed, .success(given), of: own, into: &answer, &outbox) }
        // A decision may have parked its own request, which nobody knows any more.
        if let own { tell(own, .failure(failure), of: own, into: &answer, &outbox) }
        return outbox
    }

    private func tell(
        _ owed: Owed, _ outcome: Outcome<State.Answer>, of own: Owed?, into answer: inout Outcome<State.Answer>?,
        _ outbox: inout Outbox
    ) {
        guard let waiter = waiters.removeValue(forKey: owed) else { return }
        if owed == own, outbox.milestone == nil {
            answer = outcome
        } else {
            outbox.deliveries.append { lost in waiter.deliver(lost.map { .failure($0) } ?? outcome) }
        }
    }

    private func stillUncommitted() -> (Partition.Milestone, Partition)? {
        guard let milestone = uncommitted, let partition else { return nil }
        if partition.isCommitted(milestone) {
            uncommitted = nil
            return nil
        }
        return (milestone, partition)
    }

    /// Returns why the records are not in the log.
    private func append(_ records: [CoordinatorRecord]) -> ErrorCode? {
        guard let partition else { return .notCoordinator }
        let now = world.clock.timestamp
        var fields = RecordBatchBuilder.Fields()
        if case .codec(let codec, let level) = world.compression {
            fields.compression = codec
            fields.compressionLevel = level
        }
        var builder = RecordBatchBuilder(fields)
        do throws(RecordError) {
            for record in records {
                try builder.append(timestamp: now.milliseconds, key: record.key, value: record.value)
            }
            var writer = ByteWriter(capacity: builder.uncompressedSize)
            try builder.finish(into: &writer)
            return append(&writer, to: partition, now)
        } catch {
            world.log.error("\(name): records of a coordinator cannot be written: \(error)")
            return .unknownServerError
        }
    }

    private func append(_ batch: inout ByteWriter, to partition: Partition, _ now: Timestamp) -> ErrorCode? {
        let count = batch.count
        guard count <= partition.messageBytesMax else {
            world.log.error("\(name): \(count) bytes of records are more than max.message.bytes allows")
            return .recordListTooLarge
        }
        var span = batch.mutableBytes
        let (outcome, milestone) = partition.appendAdmitted(&span, 0..<count, requiredAcks: -1, now: now)
        switch outcome {
        case .success:
            uncommitted = milestone ?? uncommitted
            return nil
        case .failure(let refusal): return refusal.code
        }
    }
}

// MARK: After the lock

extension Coordinator {
    private func send(_ outbox: Outbox, _ wake: Instant?) {
        for note in outbox.notes {
            switch note.level {
            case .info: world.log.info(note.text)
            case .warn: world.log.warn(note.text)
            case .error: world.log.error(note.text)
            }
        }
        for event in outbox.events { world.happened(event) }
        if let wake { world.schedule.wake(alarm.load(ordering: .relaxed), at: wake) }
        guard !outbox.deliveries.isEmpty else { return }
        let answers = CommittedAnswers(outbox.deliveries)
        if let (milestone, partition) = outbox.milestone {
            partition.hold(.coordinator(answers), until: milestone)
        } else {
            answers.settle(nil)
        }
    }
}

// MARK: Loading

extension Coordinator {
    /// Names one loading among others, so that one which is overtaken finds out.
    struct Mark {
        fileprivate let generation: Int
    }

    /// This broker leads the partition from now on. Requests are told to come back until `load` is done.
    func beginLoading(_ partition: Partition) -> Mark {
        lock.lock()
        let outbox = dismiss(.notCoordinator)
        generation += 1
        let mark = Mark(generation: generation)
        self.partition = partition
        shard.beginLoading()
        uncommitted = nil
        lock.unlock()
        send(outbox, nil)
        return mark
    }

    /// Reads the log.
    func load(_ partition: Partition, chunkBytes: Int, _ mark: Mark) {
        let mine = mark.generation
        let began = world.clock.now
        var loading = CoordinatorShard<State>()
        loading.beginLoading()
        let loader = CoordinatorLoader(partition, chunkBytes: chunkBytes, log: world.log)
        let loaded = loader.load(into: &loading) { [self] in lock.withLock { generation == mine } }
        let context = world.context()
        lock.lock()
        guard generation == mine else { return lock.unlock() }
        guard let loaded else {
            shard.fail()
            lock.unlock()
            return
        }
        let effects = loading.finishLoading(context)
        shard = loading
        // The log may reach further than what is committed.
        uncommitted = Partition.Milestone(offset: loaded.endOffset)
        var none: Outcome<State.Answer>?
        var kept: Void? = ()
        let outbox = carryOut(effects, answering: nil, context, into: &none, &kept)
        let wake = shard.timers.nextWake
        lock.unlock()
        world.loaded(world.clock.now - began)
        let took = (world.clock.now - began).wholeMilliseconds
        if loaded.records > 0 {
            world.log.info(
                "Finished loading of metadata from \(name) with epoch \(loaded.leaderEpoch) in \(took)ms. Loaded "
                    + "\(loaded.records) records which total to \(loaded.bytes) bytes.")
        }
        send(outbox, wake)
    }

    /// Somebody else leads the partition now, or nobody can use it.
    func unload() {
        lock.lock()
        let outbox = dismiss(.notCoordinator)
        generation += 1
        partition = nil
        shard.unload()
        uncommitted = nil
        lock.unlock()
        send(outbox, nil)
    }

    private func dismiss(_ code: ErrorCode) -> Outbox {
        var outbox = Outbox()
        outbox.deliveries = waiters.values.map { waiter in { _ in waiter.deliver(.failure(code)) } }
        waiters = [:]
        return outbox
    }
}
