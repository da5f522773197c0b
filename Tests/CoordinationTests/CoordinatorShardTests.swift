import Coordination
import KafkaModel
import Testing
import Timing

/// Counts what it is told, one record a count.
private struct Tally: CoordinatorState {
    typealias Answer = Int
    typealias TimerName = String
    typealias Event = Never
    typealias Context = Instant
    typealias Effects = Coordination.Effects<Int, String, Never>

    var count = 0
    var before: Int?
    var refused: Set<Owed> = []

    mutating func add(_ owed: Owed, into effects: inout Effects) {
        before = before ?? count
        count += 1
        effects.append(CoordinatorRecord(key: [UInt8(count)], value: []))
        effects.answer(owed, count)
        effects.schedule("again", at: Instant(nanoseconds: 10))
    }

    mutating func load(_ record: LoadedRecord) -> LoadOutcome {
        count += 1
        return .taken
    }

    mutating func loaded(_ context: Instant, into effects: inout Effects) { effects.schedule("start", at: context) }

    mutating func fired(_ timer: String, _ context: Instant, into effects: inout Effects) {
        add(Owed(number: 0), into: &effects)
    }

    mutating func keep() { before = nil }

    mutating func takeBack(
        _ code: ErrorCode, refusing refused: Set<Owed>, _ context: Instant, into effects: inout Effects
    ) {
        count = before ?? count
        before = nil
        self.refused = refused
    }
}

@Suite struct CoordinatorShardTests {
    private let start = Instant(nanoseconds: 0)

    private func loaded(_ count: Int = 0) -> CoordinatorShard<Tally> {
        var shard = CoordinatorShard<Tally>()
        shard.beginLoading()
        for index in 0..<count {
            let outcome = shard.load(.record(CoordinatorRecord(key: [UInt8(index)], value: []), producerID: nil))
            #expect(outcome == .taken)
        }
        shard.keep(shard.finishLoading(start))
        return shard
    }

    @Test func `only an active shard has no refusal`() {
        var shard = CoordinatorShard<Tally>()
        #expect(shard.refusal == .notCoordinator)
        shard.beginLoading()
        #expect(shard.refusal == .coordinatorLoadInProgress)
        shard.keep(shard.finishLoading(start))
        #expect(shard.refusal == nil)
        shard.fail()
        #expect(shard.refusal == .notCoordinator)
        shard = loaded(3)
        shard.unload()
        #expect(shard.refusal == .notCoordinator)
        #expect(shard.state.count == 0 && shard.timers.isEmpty)
    }

    @Test func `timers are set once the records are kept, and not before`() {
        var shard = loaded(2)
        #expect(shard.timers.deadline(of: "start") == start)
        let effects = shard.decide { $0.add(Owed(number: 1), into: &$1) }
        #expect(shard.timers.deadline(of: "again") == nil)
        shard.keep(effects)
        #expect(shard.timers.deadline(of: "again") == Instant(nanoseconds: 10))
        #expect(shard.state.count == 3)
    }

    @Test func `what could not be written is undone, and the state learns whom that refused`() {
        var shard = loaded(2)
        let effects = shard.decide { $0.add(Owed(number: 7), into: &$1) }
        let aftermath = shard.takeBack(effects, .notEnoughReplicas, start)
        #expect(aftermath.answers.isEmpty)
        #expect(shard.state.count == 2)
        #expect(shard.state.refused == [Owed(number: 7)])
        #expect(shard.timers.deadline(of: "again") == nil)
    }

    @Test func `a timer whose decision could not be written comes again`() throws {
        var shard = loaded()
        let decided = shard.decideDue(start, now: start)
        let due = try #require(decided)
        #expect(due.timer == "start")
        _ = shard.takeBack(due.effects, .kafkaStorageError, start)
        shard.retry(due.timer, at: Instant(nanoseconds: 5))
        let early = shard.decideDue(start, now: Instant(nanoseconds: 4))
        #expect(early?.timer == nil)
        let again = shard.decideDue(start, now: Instant(nanoseconds: 5))
        #expect(again?.timer == "start")
    }
}
