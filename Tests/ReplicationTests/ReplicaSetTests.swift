import KafkaModel
import Testing
import Timing

@testable import Replication

/// Each test is the transcript of a leader: what it hears, and what it then says.
struct ReplicaSetTests {
    private let lagMax = Duration.seconds(30)

    private func second(_ number: Int64) -> Instant { Instant(nanoseconds: number * 1_000_000_000) }

    private func ids(_ numbers: Int32...) -> [BrokerID] { numbers.map { BrokerID($0) } }

    /// Broker 1 leads 1, 2 and 3 from offset 100, of which 90 are known to be committed.
    private func leader(isr: [BrokerID]? = nil, highWatermark: Int64 = 90) -> ReplicaSet {
        ReplicaSet(
            leader: BrokerID(1), leaderEpoch: 5, partitionEpoch: 7, replicas: ids(1, 2, 3), isr: isr ?? ids(1, 2, 3),
            logEndOffset: 100, highWatermark: highWatermark, now: second(0))
    }

    private func fetch(
        _ set: inout ReplicaSet, _ id: Int32, from offset: Int64, at time: Int64
    ) -> ReplicaSet.Action {
        set.followerFetched(BrokerID(id), from: offset, logStartOffset: 0, brokerEpoch: 1, now: second(time))
    }

    @Test func `a leader alone commits what it appends`() {
        var set = ReplicaSet(
            leader: BrokerID(1), leaderEpoch: 0, replicas: ids(1), isr: ids(1), logEndOffset: 10, highWatermark: 3,
            now: second(0))
        #expect(set.highWatermark == 10)
        set.leaderAppended(logEndOffset: 15)
        #expect(set.highWatermark == 15)
        #expect(set.isCommitted(upTo: 15))
        #expect(!set.isCommitted(upTo: 16))
        #expect(set.lagChecked(now: second(1000), lagTimeMax: lagMax) == .nothing)
        #expect(!set.isUnderReplicated)
    }

    @Test func `what waits for the leader's disk does not count before its flush has ended`() {
        var set = leader(isr: ids(1, 2))
        _ = fetch(&set, 2, from: 100, at: 1)
        set.leaderAppended(logEndOffset: 120, committableEnd: 100)
        _ = fetch(&set, 2, from: 120, at: 2)
        #expect(set.highWatermark == 100)
        set.leaderFlushed(committableEnd: 110)
        #expect(set.highWatermark == 110)
        // What is readable stays so when a later append asks for a flush of older records too.
        set.leaderAppended(logEndOffset: 130, committableEnd: 105)
        #expect(set.highWatermark == 110)
        set.leaderFlushed(committableEnd: 130)
        #expect(set.highWatermark == 120)
    }

    @Test func `the high watermark is the smallest end in the ISR and never moves back`() {
        var set = leader()
        #expect(set.highWatermark == 90)
        #expect(fetch(&set, 2, from: 100, at: 1) == .nothing)
        #expect(set.highWatermark == 90)
        #expect(fetch(&set, 3, from: 95, at: 1) == .nothing)
        #expect(set.highWatermark == 95)
        set.leaderAppended(logEndOffset: 120)
        #expect(fetch(&set, 3, from: 120, at: 2) == .nothing)
        #expect(set.highWatermark == 100)
        #expect(fetch(&set, 2, from: 110, at: 2) == .nothing)
        #expect(set.highWatermark == 110)
        // A follower that was cut back does not take anything back from anybody.
        #expect(fetch(&set, 2, from: 60, at: 3) == .nothing)
        #expect(set.highWatermark == 110)
    }

    @Test func `a known high watermark above the log is cut to it`() {
        #expect(leader(highWatermark: 500).highWatermark == 100)
    }

    @Test func `a follower that lags leaves the ISR after replica.lag.time.max.ms`() {
        var set = leader()
        _ = fetch(&set, 2, from: 100, at: 1)
        set.leaderAppended(logEndOffset: 200)
        _ = fetch(&set, 2, from: 200, at: 20)
        #expect(set.lagChecked(now: second(29), lagTimeMax: lagMax) == .nothing)
        #expect(set.lagChecked(now: second(31), lagTimeMax: lagMax) == .shrinkISR(ids(1, 2)))
        // One proposal at a time, and nothing is committed on the strength of a proposal.
        #expect(set.lagChecked(now: second(32), lagTimeMax: lagMax) == .nothing)
        #expect(set.highWatermark == 90)
        set.isrChanged(to: ids(1, 2), partitionEpoch: 8)
        #expect(set.highWatermark == 200)
        #expect(set.isUnderReplicated)
    }

    @Test func `a follower at the end is in sync however long ago it fetched`() {
        var set = leader()
        _ = fetch(&set, 2, from: 100, at: 1)
        _ = fetch(&set, 3, from: 100, at: 1)
        #expect(set.lagChecked(now: second(1000), lagTimeMax: lagMax) == .nothing)
        set.leaderAppended(logEndOffset: 101)
        #expect(set.lagChecked(now: second(1000), lagTimeMax: lagMax) == .shrinkISR(ids(1)))
    }

    @Test func `a follower that always has what was there at its last fetch keeps up with a busy leader`() {
        var set = leader(isr: ids(1, 2))
        _ = fetch(&set, 2, from: 100, at: 0)
        for time in 1...100 as ClosedRange<Int64> {
            set.leaderAppended(logEndOffset: 100 + time * 10)
            // Always one fetch behind, never at the end.
            _ = fetch(&set, 2, from: 100 + (time - 1) * 10, at: time)
            #expect(set.lagChecked(now: second(time), lagTimeMax: .seconds(2)) == .nothing)
        }
    }

    @Test func `a follower joins when it has reached the high watermark and the start of the epoch`() {
        var set = leader(isr: ids(1, 2))
        _ = fetch(&set, 2, from: 100, at: 1)
        #expect(set.highWatermark == 100)
        set.leaderAppended(logEndOffset: 150)
        #expect(fetch(&set, 3, from: 99, at: 2) == .nothing)
        #expect(fetch(&set, 3, from: 100, at: 3) == .expandISR(ids(1, 2, 3)))
        // While it is on its way in, it holds the high watermark like a member.
        #expect(fetch(&set, 2, from: 150, at: 3) == .nothing)
        #expect(set.highWatermark == 100)
        #expect(fetch(&set, 3, from: 120, at: 4) == .nothing)
        #expect(set.highWatermark == 120)
        set.isrChanged(to: ids(1, 2, 3), partitionEpoch: 8)
        #expect(set.isr == ids(1, 2, 3))
        #expect(set.partitionEpoch == 8)
        #expect(set.proposal == nil)
    }

    @Test func `below the start of the epoch nobody joins, though the high watermark is lower`() {
        var set = leader(isr: ids(1, 2))
        #expect(set.highWatermark == 90)
        #expect(fetch(&set, 3, from: 95, at: 1) == .nothing)
        #expect(fetch(&set, 3, from: 100, at: 1) == .expandISR(ids(1, 2, 3)))
    }

    @Test func `a refused proposal leaves the ISR as it was, and may come again`() {
        var set = leader(isr: ids(1, 2))
        #expect(fetch(&set, 3, from: 100, at: 1) == .expandISR(ids(1, 2, 3)))
        set.proposalRefused()
        #expect(set.isr == ids(1, 2))
        #expect(fetch(&set, 3, from: 100, at: 2) == .expandISR(ids(1, 2, 3)))
    }

    @Test func `an answer that was overtaken is not believed`() {
        var set = leader()
        set.isrChanged(to: ids(1), partitionEpoch: 9)
        set.isrChanged(to: ids(1, 2, 3), partitionEpoch: 8)
        #expect(set.isr == ids(1))
        #expect(set.partitionEpoch == 9)
    }

    @Test func `a broker that holds no replica moves nothing`() {
        var set = leader()
        #expect(fetch(&set, 9, from: 100, at: 1) == .nothing)
        #expect(set.followers[BrokerID(9)] == nil)
    }

    @Test func `acks=all needs min.insync.replicas, of which there cannot be more than replicas`() {
        var set = leader(isr: ids(1, 2))
        #expect(set.sufficiency(minInSync: 1) == .enough)
        #expect(set.sufficiency(minInSync: 2) == .enough)
        #expect(set.sufficiency(minInSync: 3) == .notEnough(inSync: 2, required: 3))
        set.isrChanged(to: ids(1, 2, 3), partitionEpoch: 8)
        #expect(set.sufficiency(minInSync: 5) == .enough)
    }

    @Test func `whatever happens, the high watermark stays between its past and the end`() {
        var seed: UInt64 = 42
        func random(_ limit: UInt64) -> Int64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64((seed >> 33) % limit)
        }
        var set = leader()
        var epoch: Int32 = 7
        var before: Int64 = 0
        for time in 0..<5000 as Range<Int64> {
            var action = ReplicaSet.Action.nothing
            switch random(5) {
            case 0: set.leaderAppended(logEndOffset: set.logEndOffset + random(10))
            case 1, 2: action = fetch(&set, Int32(2 + random(2)), from: random(UInt64(set.logEndOffset) + 1), at: time)
            case 3: action = set.lagChecked(now: second(time), lagTimeMax: .seconds(5))
            default: if set.proposal != nil { set.proposalRefused() }
            }
            switch action {
            case .nothing: break
            case .expandISR(let isr), .shrinkISR(let isr):
                if random(2) == 0 {
                    epoch += 1
                    set.isrChanged(to: isr, partitionEpoch: epoch)
                }
            }
            #expect(set.highWatermark >= before && set.highWatermark <= set.logEndOffset)
            before = set.highWatermark
        }
    }
}
