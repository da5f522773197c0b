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
