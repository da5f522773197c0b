import Bytes
import KafkaModel
import Testing
import Timing

@testable import KafkaClient

/// The events of a consumer's partitions, without threads and sockets.
@Suite struct ConsumerStateTests {
    private let now = Instant(nanoseconds: 1_000_000_000)
    private let wall = Timestamp(milliseconds: 1_700_000_000_000)

    private func state(_ targets: OffsetTarget..., reset: OffsetReset = .earliest) -> ConsumerState {
        var state = ConsumerState(reset: reset)
        for (index, target) in targets.enumerated() {
            let number = state.add(TopicPartition("t", Int32(index)), at: target)
            state.slots[number].learned(leader: 1, epoch: 5, topicID: .zero)
        }
        return state
    }

    private func requests(_ state: inout ConsumerState, _ broker: Int32 = 1) -> [PartitionRequest] {
        switch state.next(for: broker, now: now) {
        case .work(let work), .heldBack(let work): work.requests
        case .nothing: []
        }
    }

    private func stretch(_ request: PartitionRequest, bytes: Int) -> FetchResult {
        let stretch = FetchedStretch(
            slot: request.slot, generation: request.generation, answer: AnswerBytes(), records: 0..<bytes, aborted: [])
        return FetchResult(outcome: .records(stretch, nextOffset: request.offset + 10, epoch: 5))
    }

    @Test func `a partition is looked up, then fetched, one request at a time`() {
        var state = state(.latest)
        guard case .work(.lookUp(let lookups, let targets)) = state.next(for: 1, now: now) else {
            return #expect(Bool(false), "no lookup")
        }
        #expect(targets == [.latest])
        #expect(requests(&state).isEmpty)
        state.found(lookups[0], .none, offset: 42, epoch: 5)
        let fetches = requests(&state)
        #expect(fetches.map(\.offset) == [42])
        #expect(requests(&state).isEmpty)
        state.fetched(fetches[0], stretch(fetches[0], bytes: 100), instant: now, now: wall)
        #expect(requests(&state).map(\.offset) == [52])
    }

    @Test func `answers that came too late are dropped`() {
        var state = state(.offset(0))
        let old = requests(&state)[0]
        state.seek(0, to: .offset(7))
        state.fetched(old, stretch(old, bytes: 100), instant: now, now: wall)
        #expect(state.queuedBytes == 0)
        let moved = requests(&state)[0]
        state.slots[0].learned(leader: 2, epoch: 6, topicID: .zero)
        state.fetched(moved, stretch(moved, bytes: 100), instant: now, now: wall)
        #expect(state.queuedBytes == 0)
        #expect(requests(&state, 2).map(\.offset) == [7])
    }

    @Test func `a full queue holds its partition back, not the others`() {
        var state = state(.offset(0), .offset(0))
        var both = requests(&state)
        #expect(both.count == 2)
        state.fetched(both[0], stretch(both[0], bytes: 3 << 20), instant: now, now: wall)
        state.fetched(both[1], FetchResult(outcome: .nothing), instant: now, now: wall)
        guard case .heldBack(let work) = state.next(for: 1, now: now) else {
            return #expect(Bool(false), "nothing is held back")
        }
        #expect(work.requests.map(\.slot) == [1])
        state.dropped(work)
        let taken = state.take()
        #expect(taken?.slot == 0)
        if let taken { state.released(taken) }
        #expect(state.queuedBytes == 0)
        both = requests(&state)
        #expect(both.map(\.offset) == [0, 10])
    }

    @Test func `partitions in front that always have records do not starve those behind`() {
        var state = state(.offset(0), .offset(0), .offset(0))
        let all = requests(&state)
        #expect(all.map(\.slot) == [0, 1, 2])
        // The answer was full before it came to the third.
        state.fetched(all[0], stretch(all[0], bytes: 100), instant: now, now: wall)
        state.fetched(all[1], stretch(all[1], bytes: 100), instant: now, now: wall)
        state.fetched(all[2], FetchResult(outcome: .nothing), instant: now, now: wall)
        #expect(requests(&state).map(\.slot) == [2, 0, 1])
    }

    @Test func `an offset out of range waits for what was fetched before`() {
        var state = state(.offset(0), reset: .none)
        let first = requests(&state)[0]
        state.fetched(first, stretch(first, bytes: 10), instant: now, now: wall)
        let second = requests(&state)[0]
        state.fetched(second, FetchResult(outcome: .failed(.offsetOutOfRange)), instant: now, now: wall)
        #expect(state.failure == nil)
        #expect(requests(&state).isEmpty)
        if let taken = state.take() { state.released(taken) }
        let third = requests(&state)[0]
        state.fetched(third, FetchResult(outcome: .failed(.offsetOutOfRange)), instant: now, now: wall)
        #expect(
            state.failure?.description
                == "Fetch position 10 is out of range for partition t-0, and auto.offset.reset is none")
    }

    @Test func `a nearer replica is read until it fails`() {
        var state = state(.offset(0))
        let request = requests(&state)[0]
        state.fetched(request, FetchResult(outcome: .replica(9)), instant: now, now: wall)
        #expect(requests(&state, 1).isEmpty)
        #expect(state.sources(now: now) == [9])
        let nearer = requests(&state, 9)[0]
        state.fetched(nearer, FetchResult(outcome: .failed(.offsetOutOfRange)), instant: now, now: wall)
        #expect(requests(&state, 1).map(\.offset) == [0])
    }

    @Test func `a newer epoch has the end of the last one checked`() {
        var state = state(.offset(0))
        let first = requests(&state)[0]
        state.fetched(first, stretch(first, bytes: 10), instant: now, now: wall)
        state.slots[0].learned(leader: 2, epoch: 6, topicID: .zero)
        guard case .work(.validate(let checks)) = state.next(for: 2, now: now) else {
            return #expect(Bool(false), "nothing is validated")
        }
        #expect(checks.map(\.fetchedEpoch) == [5])
        // What was fetched and not yet taken is beyond the end: it is fetched anew.
        state.validated(checks[0], .none, endOffset: 4, now: wall)
        #expect(state.take() == nil)
        #expect(requests(&state, 2).map(\.offset) == [0])
        #expect(state.notices.isEmpty)
    }

    @Test func `records came twice when a new leader had a shorter log than what was in hand`() {
        var state = state(.offset(0))
        let first = requests(&state)[0]
        state.fetched(first, stretch(first, bytes: 10), instant: now, now: wall)
        guard let taken = state.take(), state.begun(taken) != nil else {
            return #expect(Bool(false), "nothing to take")
        }
        state.taken(taken, position: 2)
        state.slots[0].learned(leader: 2, epoch: 6, topicID: .zero)
        guard case .work(.validate(let checks)) = state.next(for: 2, now: now) else {
            return #expect(Bool(false), "nothing is validated")
        }
        // The application goes on while the leader is asked: nobody knows how far it is.
        #expect(state.begun(taken) != nil)
        state.validated(checks[0], .none, endOffset: 8, now: wall)
        #expect(requests(&state, 2).isEmpty)
        state.taken(taken, position: 6)
        guard case .work(.validate(let again)) = state.next(for: 2, now: now) else {
            return #expect(Bool(false), "nothing is validated again")
        }
        state.validated(again[0], .none, endOffset: 8, now: wall)
        // What is left of the stretch is fetched anew, not handed out as well.
        #expect(state.begun(taken) == nil)
        #expect(requests(&state, 2).map(\.offset) == [6])
        #expect(state.queuedBytes == 0 && state.notices.isEmpty)
    }

    @Test func `a truncation behind what was handed out meanwhile was not noticed`() {
        var state = state(.offset(0))
        let first = requests(&state)[0]
        state.fetched(first, stretch(first, bytes: 10), instant: now, now: wall)
        guard let taken = state.take(), state.begun(taken) != nil else {
            return #expect(Bool(false), "nothing to take")
        }
        state.slots[0].learned(leader: 2, epoch: 6, topicID: .zero)
        #expect(requests(&state, 2).isEmpty)
        state.taken(taken, position: 9)
        let check = requests(&state, 2)[0]
        state.validated(check, .none, endOffset: 8, now: wall)
        #expect(state.takeNotices() == [.logTruncated(TopicPartition("t", 0), offset: 9, logEnd: 8)])
        #expect(requests(&state, 2).map(\.offset) == [8])
    }

    @Test func `what was fetched of a paused partition kept the application awake`() {
        var state = state(.offset(0), .offset(0))
        let both = requests(&state)
        for request in both { state.fetched(request, stretch(request, bytes: 100), instant: now, now: wall) }
        let late = requests(&state)
        #expect(late.map(\.slot) == [0, 1])
        state.setPaused(0, true)
        // It was asked for before the pause.
        state.fetched(late[0], stretch(late[0], bytes: 50), instant: now, now: wall)
        #expect(state.take()?.slot == 1)
        #expect(state.take() == nil)
        #expect(!state.hasNews)
        #expect(requests(&state).isEmpty)
        state.setPaused(0, false)
        #expect(state.hasNews)
        #expect(state.take()?.records.count == 100)
        #expect(state.take()?.records.count == 50)
        #expect(requests(&state).map(\.offset) == [20])
    }

    @Test func `a full queue of a paused partition kept others from being fetched`() {
        var state = state(.offset(0), .offset(0))
        let both = requests(&state)
        state.fetched(both[0], stretch(both[0], bytes: 20 << 20), instant: now, now: wall)
        state.fetched(both[1], FetchResult(outcome: .nothing), instant: now, now: wall)
        #expect(requests(&state).isEmpty)
        state.setPaused(0, true)
        let other = requests(&state)
        #expect(other.map(\.slot) == [1])
        state.dropped(.fetch(other))
        state.setPaused(0, false)
        #expect(state.queuedBytes == 20 << 20)
        #expect(requests(&state).isEmpty)
        if let taken = state.take() { state.released(taken) }
        #expect(state.queuedBytes == 0)
        #expect(requests(&state).count == 2)
    }

    @Test func `a seek drops what lies aside, and the rest of what was begun is resumed first`() {
        var state = state(.offset(0))
        for _ in 0..<2 {
            let request = requests(&state)[0]
            state.fetched(request, stretch(request, bytes: 10), instant: now, now: wall)
        }
        guard let taken = state.take() else { return #expect(Bool(false), "nothing to take") }
        state.setPaused(0, true)
        state.layAside(taken)
        state.setPaused(0, false)
        #expect(state.take()?.answer === taken.answer)
        state.setPaused(0, true)
        state.seek(0, to: .offset(500))
        state.setPaused(0, false)
        #expect(state.take() == nil)
        #expect(state.queuedBytes == 0)
        #expect(requests(&state).map(\.offset) == [500])
        // Assigned again, it is not paused any more.
        state.setPaused(0, true)
        state.remove(0)
        _ = state.add(TopicPartition("t", 0), at: .offset(3))
        #expect(requests(&state).map(\.offset) == [3])
    }

    @Test func `threads for brokers that lead nothing any more stayed for ever`() {
        var state = state(.offset(0), .offset(0), .offset(0))
        #expect(state.hiring(beside: [], limit: 2, now: now) == .start([1]))
        #expect(state.hiring(beside: [1], limit: 2, now: now) == .nothing)
        for number in 0..<3 { state.slots[number].learned(leader: Int32(number), epoch: 6, topicID: .zero) }
        #expect(state.hiring(beside: [1], limit: 3, now: now) == .start([0, 2]))
        // No room before one of them ends.
        #expect(state.hiring(beside: [1, 8, 9], limit: 3, now: now) == .nothing)
        #expect(state.hiring(beside: [1, 8], limit: 3, now: now) == .start([0]))
        #expect(state.hiring(beside: [1], limit: 2, now: now) == .fail)
        // A while without a partition ends a fetcher, unless a leader comes back meanwhile.
        var since: Instant?
        #expect(!state.retires(8, superfluousSince: &since, now: now))
        #expect(!state.retires(8, superfluousSince: &since, now: now + .seconds(29)))
        state.slots[0].learned(leader: 8, epoch: 7, topicID: .zero)
        #expect(!state.retires(8, superfluousSince: &since, now: now + .seconds(31)))
        state.slots[0].learned(leader: 0, epoch: 8, topicID: .zero)
        #expect(!state.retires(8, superfluousSince: &since, now: now + .seconds(40)))
        #expect(state.retires(8, superfluousSince: &since, now: now + .seconds(70)))
        #expect(state.retired == [8])
    }

    @Test func `older news of a leader is no news`() {
        var state = state(.offset(0))
        state.slots[0].learned(leader: 3, epoch: 4, topicID: .zero)
        #expect(state.slots[0].leader == 1)
        // Another topic of the same name begins its epochs anew.
        state.slots[0].learned(leader: 3, epoch: 0, topicID: FakeLeader.id)
        #expect(state.slots[0].leader == 3)
    }

    @Test func `what was fetched is handed out before a failure ends everything`() {
        var state = state(.offset(0))
        let request = requests(&state)[0]
        state.fetched(request, stretch(request, bytes: 10), instant: now, now: wall)
        state.fail(.noOffset(TopicPartition("t", 1)))
        #expect(state.take() != nil)
        #expect(state.take() == nil)
    }
}
