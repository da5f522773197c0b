import Bytes
public import Glibc
public import KafkaModel
import KafkaRecords
import Posix
public import Timing

/// Reads records from the partitions of a cluster. It is used by one thread; others fetch for it, one for each broker, so
/// that the next answer is under way while this one is worked on.
///
/// Partitions are assigned by hand or by a subscription to whole topics. Leaders may change, brokers may come and go: it
/// goes on behind the last record that it handed out. What it cannot get over is thrown, once everything that was fetched
/// before was handed out.
public final class Consumer {
    /// Whether to go on after a batch.
    public enum Flow: Sendable { case goOn, stop }

    /// What a poll came to.
    public enum Polled: Sendable {
        /// Batches were handed out.
        case records
        /// The time is over.
        case nothing
        /// One of the watched descriptors has something to say.
        case watched
        /// There are notices.
        case noticed
    }

    let shared: ConsumerShared
    let subscription = Guarded<LeaderWatch.Subscription?>(nil)
    private var watch: Thread?
    /// What is being gone through.
    private var current: FetchedStretch?
    private var position: Int64 = 0
    /// Set while `body` of a poll has it in hand; then it must stay where it is.
    private var isGoingThrough = false
    private var scratch = ByteWriter(capacity: 16)

    // Of the group.
    var groupThreads: [GroupDuty: Thread] = [:]
    var listener: RebalanceListener?
    /// It takes part in the group, and does not only keep offsets there.
    var isMember = false
    var callbacks: [Int: ([TopicPartition: CommittedOffset], GroupError?) -> Void] = [:]
    var nextAutoCommit: Instant?
    /// The commit that is under way by itself.
    var autoCommit: Int?

    public init(_ configuration: ConsumerConfiguration, clock: Clock = .system) {
        shared = ConsumerShared(configuration, clock: clock)
    }

    deinit { close() }

    public var configuration: ConsumerConfiguration { shared.configuration }
    public var metadata: ClusterMetadata { shared.metadata }

    /// Adds a partition, from now on known by the number that is returned. One that is assigned already begins anew.
    @discardableResult
    public func assign(_ partition: TopicPartition, at target: OffsetTarget) -> Int {
        let number = shared.state.update { $0.add(partition, at: target) }
        forgetStale()
        return number
    }

    public func unassign(_ partition: TopicPartition) {
        shared.state.update { state in
            if let number = state.number(of: partition) { state.remove(number) }
        }
        forgetStale()
    }

    /// Reads all partitions of topics, those that come into being later too: of named ones, and of all whose name and
    /// kind the closure wants. They begin at `target`, or where `auto.offset.reset` says; later ones at their beginning.
    public func subscribe(
        to topics: [String], matching matches: (@Sendable (_ name: String, _ isInternal: Bool) -> Bool)? = nil,
        at target: OffsetTarget? = nil
    ) {
        subscription.withLock { $0 = LeaderWatch.Subscription(topics: topics, matches: matches, target: target) }
        shared.state.update { $0.wantsMetadata = true }
    }

    /// The partitions that are assigned now, by their numbers.
    public var assignment: [(slot: Int, partition: TopicPartition)] {
        shared.state.withLock { state in
            state.slots.enumerated().filter(\.element.isAssigned).map { ($0.offset, $0.element.partition) }
        }
    }

    public func seek(_ partition: TopicPartition, to target: OffsetTarget) {
        shared.state.update { state in
            if let number = state.number(of: partition) { state.seek(number, to: target) }
        }
        forgetStale()
    }

    /// Stops handing out records of a partition, and fetching more of them, until `resume`.
    public func pause(_ partition: TopicPartition) { setPaused(partition, true) }
    public func resume(_ partition: TopicPartition) { setPaused(partition, false) }

    private func setPaused(_ partition: TopicPartition, _ isPaused: Bool) {
        shared.state.update { state in
            if let number = state.number(of: partition) { state.setPaused(number, isPaused) }
        }
        forgetStale()
    }

    /// The offset of the next record that is handed out; nil as long as it is being looked up.
    public func position(of partition: TopicPartition) -> Int64? {
        shared.state.withLock { state in
            guard let number = state.number(of: partition), state.slots[number].position >= 0 else { return nil }
            return current?.slot == number ? position : state.slots[number].position
        }
    }

    /// How many records lie between the position and the end of what may be read, as the last answer told it.
    public func lag(of partition: TopicPartition) -> Int64? {
        guard let position = position(of: partition) else { return nil }
        let isCommitted = shared.configuration.isolation == .readCommitted
        return shared.state.withLock { state in
            guard let number = state.number(of: partition) else { return nil }
            let slot = state.slots[number]
            let end = isCommitted && slot.lastStableOffset >= 0 ? slot.lastStableOffset : slot.highWatermark
            return end < 0 ? nil : max(0, end - position)
        }
    }

    /// What was got over since the last time.
    public func takeNotices() -> [ConsumerNotice] { shared.state.withLock { $0.takeNotices() } }

    /// Hands out what came in one answer for one partition, batch by batch, and waits for it until the deadline. If
    /// `body` stops, the next poll goes on behind the last record that it took.
    ///
    /// - Parameter watched: other descriptors to wait for; they are looked at before records are handed out.
    public func poll(
        until deadline: Instant, watching watched: inout [pollfd], _ body: (inout ConsumedBatch) -> Flow
    ) throws(ConsumerError) -> Polled {
        begin()
        while true {
            try takeTurn()
            if !watched.isEmpty, Glibc.poll(&watched, nfds_t(watched.count), 0) > 0 { return .watched }
            if current == nil, try !takeNext() {
                if shared.state.withLock({ !$0.notices.isEmpty }) { return .noticed }
                guard shared.clock.now < deadline else { return .nothing }
                wait(until: deadline, &watched)
                continue
            }
            guard let stretch = current else { continue }
            guard let partition = shared.state.withLock({ $0.begun(stretch) }) else {
                discard(stretch)
                continue
            }
            var epoch: Int32?
            let outcome = goThrough(stretch, of: partition, &epoch, body)
            settle(stretch, epoch, isDone: outcome == .done)
            if case .failed(let error) = outcome { throw error }
            return .records
        }
    }

    public func poll(
        until deadline: Instant, _ body: (inout ConsumedBatch) -> Flow
    ) throws(ConsumerError) -> Polled {
        var watched: [pollfd] = []
        return try poll(until: deadline, watching: &watched, body)
    }

    /// Leaves the group, after a last commit where positions are committed by themselves, and ends the threads, whatever
    /// they wait for.
    ///
    /// - Parameter patience: how long the group may take.
    public func close(patience: Duration = .seconds(5)) {
        closeGroup(patience)
        shared.state.update { $0.close() }
        shared.interruption.raise()
        watch?.join()
        watch = nil
    }

    private func begin() {
        guard watch == nil else { return }
        // Also who takes partitions by hand may have offsets committed by themselves.
        if shared.group?.settings.autoCommitInterval != nil { startGroup(.offsets) }
        let shared = shared
        let subscription = subscription
        watch = Thread(name: "leader-watch") { LeaderWatch(shared, subscription).run() }
    }

    /// Whether there is something to go through. A failure counts only when there is not.
    private func takeNext() throws(ConsumerError) -> Bool {
        let taken = shared.state.withLock { state -> (FetchedStretch, Int64)?? in
            if let stretch = state.take() { return (stretch, state.slots[stretch.slot].position) }
            if state.failure != nil { return .some(nil) }
            return nil
        }
        switch taken {
        case .some(.some((let stretch, let from))):
            current = stretch
            position = from
            return true
        case .some(nil):
            if let failure = shared.state.withLock({ $0.failure }) { throw failure }
            return false
        case nil: return false
        }
    }

    private func wait(until deadline: Instant, _ watched: inout [pollfd]) {
        let hasNews = shared.state.withLock { state -> Bool in
            if state.hasNews { return true }
            state.isAwaited = true
            return false
        }
        guard !hasNews else { return }
        let milliseconds = max(1, (deadline - shared.clock.now).wholeMilliseconds)
        watched.append(pollfd(fd: shared.arrival.descriptor, events: Int16(POLLIN), revents: 0))
        // Who waits for records is not slow.
        if isMember { shared.group?.state.withLock { $0.waits(true, shared.clock.now) } }
        Glibc.poll(&watched, nfds_t(watched.count), CInt(clamping: milliseconds))
        if isMember { shared.group?.state.withLock { $0.waits(false, shared.clock.now) } }
        watched.removeLast()
        shared.arrival.drain()
    }

    private enum Outcome: Equatable {
        case done
        case stopped
        case failed(ConsumerError)

        static func == (left: Outcome, right: Outcome) -> Bool {
            switch (left, right) {
            case (.done, .done), (.stopped, .stopped): true
            default: false
            }
        }
    }

    private func goThrough(
        _ stretch: FetchedStretch, of partition: TopicPartition, _ epoch: inout Int32?,
        _ body: (inout ConsumedBatch) -> Flow
    ) -> Outcome {
        let walk = StretchWalk(
            stretch: stretch, partition: partition, checksBatches: shared.configuration.checksBatches)
        // `body` may ask for the position, or seek.
        var reached = position
        isGoingThrough = true
        defer {
            position = reached
            isGoingThrough = false
        }
        do throws(RecordError) {
            let flow = try walk.run(&reached, &epoch, &scratch) { batch in
                let flow = body(&batch)
                position = batch.position
                return flow
            }
            return flow == .goOn ? .done : .stopped
        } catch {
            return .failed(.corrupt(partition, offset: reached, error))
        }
    }

    private func settle(_ stretch: FetchedStretch, _ epoch: Int32?, isDone: Bool) {
        let position = position
        shared.state.update { state in
            state.taken(stretch, position: position, epoch: epoch)
            if isDone { state.released(stretch) }
        }
        if isDone { discard(stretch) } else { forgetStale() }
    }

    private func discard(_ stretch: FetchedStretch) {
        current = nil
        shared.release(stretch.answer)
    }

    /// What is being gone through may not be wanted any more, or not now.
    func forgetStale() {
        guard let stretch = current, !isGoingThrough else { return }
        enum Fate { case kept, dropped, laidAside }
        let fate = shared.state.withLock { state -> Fate in
            guard state.isWanted(stretch) else { return .dropped }
            guard state.slots[stretch.slot].isPaused else { return .kept }
            state.layAside(stretch)
            return .laidAside
        }
        switch fate {
        case .kept: break
        case .laidAside: current = nil
        case .dropped: discard(stretch)
        }
    }
}
