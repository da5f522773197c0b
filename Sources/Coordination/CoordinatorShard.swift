public import KafkaModel
public import Timing

/// One partition of a coordinator's topic, as a value: where it is in its life, its state, and its timers.
///
/// Its life: `unloaded` while this broker does not lead the partition, `loading` while the log is read, `active`, and
/// `failed` when the log cannot be read. Only an active shard decides.
public struct CoordinatorShard<State: CoordinatorState>: Sendable {
    public enum Phase: Equatable, Sendable {
        case unloaded, loading, active, failed
    }

    public private(set) var phase = Phase.unloaded
    public private(set) var state = State()
    public private(set) var timers = DeadlineQueue<State.TimerName>()

    public init() {}

    /// What a client is told that comes now.
    public var refusal: ErrorCode? {
        switch phase {
        case .active: nil
        case .loading: .coordinatorLoadInProgress
        case .unloaded, .failed: .notCoordinator
        }
    }

    public mutating func beginLoading() {
        self = CoordinatorShard()
        phase = .loading
    }

    public mutating func load(_ record: LoadedRecord) -> LoadOutcome {
        precondition(phase == .loading, "a record is loaded into a shard that is not being loaded")
        return state.load(record)
    }

    /// The log is read; what comes of it is carried out like any decision.
    public mutating func finishLoading(_ context: State.Context) -> State.Effects {
        phase = .active
        return decide { state, effects in state.loaded(context, into: &effects) }
    }

    public mutating func fail() {
        self = CoordinatorShard()
        phase = .failed
    }

    /// Forgets everything: somebody else leads the partition, or nobody.
    public mutating func unload() { self = CoordinatorShard() }

    /// A decision. Until `keep` or `takeBack` no other may be taken.
    public mutating func decide(_ body: (inout State, inout State.Effects) -> Void) -> State.Effects {
        assert(phase == .active, "only an active shard decides")
        var effects = State.Effects()
        body(&state, &effects)
        return effects
    }

    /// The decision whose time has come, if any.
    public mutating func decideDue(
        _ context: State.Context, now: Instant
    ) -> (timer: State.TimerName, effects: State.Effects)? {
        guard phase == .active, let timer = timers.takeDue(now) else { return nil }
        return (timer, decide { state, effects in state.fired(timer, context, into: &effects) })
    }

    /// The records are in the log, or there were none.
    public mutating func keep(_ effects: State.Effects) {
        state.keep()
        for (timer, deadline) in effects.timers {
            if let deadline { timers.schedule(timer, at: deadline) } else { timers.cancel(timer) }
        }
    }

    /// The records could not be appended. Returns whom else to answer, and timers, which count at once.
    public mutating func takeBack(
        _ effects: State.Effects, _ code: ErrorCode, _ context: State.Context
    ) -> State.Effects {
        var aftermath = State.Effects()
        state.takeBack(code, refusing: Set(effects.answers.map(\.owed)), context, into: &aftermath)
        assert(aftermath.records.isEmpty, "what could not be written entails no records")
        keep(aftermath)
        return aftermath
    }

    /// What a timer decided could not be written; it will be decided anew.
    public mutating func retry(_ timer: State.TimerName, at deadline: Instant) {
        if timers.deadline(of: timer) == nil { timers.schedule(timer, at: deadline) }
    }
}
