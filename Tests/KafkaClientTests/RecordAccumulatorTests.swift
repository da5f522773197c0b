import Bytes
import KafkaModel
import KafkaRecords
import Testing
import Timing

@testable import KafkaClient

/// One partition led by broker 1, a clock that is moved by hand, and what happens as a transcript.
private struct Bench {
    var accumulator: RecordAccumulator
    let topic: TopicQueue
    var now = Instant(nanoseconds: 1_000_000_000)
    var takes = true

    init(_ change: (inout RecordAccumulator.Limits) -> Void = { _ in }) {
        var limits = RecordAccumulator.Limits()
        limits.batchBytes = 200
        limits.memoryBytes = 2000
        change(&limits)
        accumulator = RecordAccumulator(limits, random: RandomSequence(seed: 3))
        topic = accumulator.learn("t", id: .zero, leaders: [(1, 0)], now: now) {
            PartitionChooser(.sticky, ignoresKeys: false, isAdaptive: true, stickyBytes: 200, seed: 1)
        }
        accumulator.identity = limits.isIdempotent ? ProducerIdentity(id: 7, epoch: 0) : nil
    }

    var queue: PartitionQueue { topic.partitions[0] }

    @discardableResult
    mutating func append(_ bytes: Int = 100) -> RecordAccumulator.Appended {
        let value = [UInt8](repeating: 65, count: bytes)
        return accumulator.append(
            to: queue, timestamp: 1, key: nil, value: value.span.bytes, headerCount: 0, headers: RawSpan(), now: now,
            token: nil, callback: nil)
    }

    mutating func plan() -> RecordAccumulator.Plan {
        let takes = takes
        return accumulator.plan(now: now) { _ in takes }
    }

    /// What goes out next, as records and sequences: `2@0`.
    mutating func sent() -> [ProducerBatch] { plan().requests.flatMap(\.batches) }

    mutating func pass(_ milliseconds: Int64) { now = now + .milliseconds(milliseconds) }

    mutating func answer(_ batch: ProducerBatch, _ code: ErrorCode) -> String {
        let verdict = accumulator.answered(batch, .init(code), now: now)
        switch verdict {
        case .sent:
            accumulator.release(batch)
            return "sent"
        case .failed(let error):
            accumulator.release(batch)
            return "failed \(error.exceptionName)"
        case .over:
            accumulator.release(batch)
            return "over"
        case .retried: return "retried"
        case .split: return "split"
        }
    }
}

private func text(_ batches: [ProducerBatch]) -> String {
    batches.map { "\($0.recordCount)@\($0.baseSequence)" }.joined(separator: " ")
}

struct RecordAccumulatorTests {
    @Test func `less memory than a batch is no reason to wait for ever`() {
        var bench = Bench { limits in
            limits.batchBytes = 16_384
            limits.memoryBytes = 1000
        }
        guard case .added = bench.append(100) else { return #expect(Bool(false), "it waits") }
        #expect(bench.accumulator.memoryUsed <= 1000)
    }

    @Test func `a batch waits for linger, a full one does not`() {
        var bench = Bench()
        #expect(bench.append(10) == .added(isReady: false, isNew: true))
        var plan = bench.plan()
        #expect(plan.requests.isEmpty)
        #expect(plan.wake == bench.now + .milliseconds(5))
        bench.pass(5)
        plan = bench.plan()
        #expect(text(plan.requests.flatMap(\.batches)) == "1@0")

        #expect(bench.append(100) == .added(isReady: false, isNew: true))
        #expect(bench.append(100) == .added(isReady: true, isNew: true))
        #expect(text(bench.sent()) == "1@1")
        #expect(bench.sent().isEmpty)
    }

    @Test func `flush, close, haste and want of memory send at once`() {
        for cause in 0..<4 {
            var bench = Bench()
            bench.append(10)
            switch cause {
            case 0: _ = bench.accumulator.beginFlush()
            case 1: bench.accumulator.isClosing = true
            case 2: bench.accumulator.memoryWaiters = 1
            default: bench.queue.last?.isUrgent = true
            }
            #expect(text(bench.sent()) == "1@0")
        }
    }

    @Test func `memory is given up with the answer`() {
        var bench = Bench { $0.memoryBytes = 400 }
        bench.append()
        bench.append()
        #expect(bench.append() == .needsMemory(200))
        let batch = bench.sent()[0]
        #expect(bench.append() == .needsMemory(200))
        #expect(bench.answer(batch, .none) == "sent")
        #expect(bench.append() == .added(isReady: true, isNew: true))
    }

    @Test func `a record larger than a batch has one of its own`() {
        var bench = Bench()
        bench.append(10)
        #expect(bench.append(1000) == .added(isReady: true, isNew: true))
        #expect(text(bench.sent()) == "1@0")
    }

    @Test func `spare batches held as much memory again as buffer.memory`() {
        var bench = Bench {
            $0.isIdempotent = false
            $0.inFlightMax = 100
        }
        bench.accumulator.isClosing = true
        // Batches of one usual record each, of one large record each, and usual ones again.
        for (bytes, count) in [(100, 10), (800, 2), (100, 10), (1500, 1), (100, 10)] {
            var out: [ProducerBatch] = []
            for _ in 0..<count {
                bench.append(bytes)
                #expect(bench.accumulator.memoryUsed + bench.accumulator.spareBytes <= 2000)
            }
            while case let more = bench.sent(), !more.isEmpty { out += more }
            for batch in out {
                #expect(bench.answer(batch, .none) == "sent")
                #expect(bench.accumulator.memoryUsed + bench.accumulator.spareBytes <= 2000)
            }
            #expect(bench.accumulator.memoryUsed == 0)
        }
        #expect(bench.accumulator.spareBytes > 0)
    }

    @Test func `a topic that nobody sends to any more was asked about for ever`() {
        var bench = Bench { $0.topicIdleMax = .seconds(10) }
        let age = Duration.seconds(2)
        #expect(bench.accumulator.agedTopics(now: bench.now, age: age) == [])
        bench.pass(2000)
        #expect(bench.accumulator.agedTopics(now: bench.now, age: age) == ["t"])
        bench.pass(8000)
        // What waits for it still needs its leader.
        bench.append(10)
        #expect(bench.accumulator.topics(ledBy: 1, now: bench.now) == ["t"])
        bench.accumulator.isClosing = true
        #expect(bench.answer(bench.sent()[0], .none) == "sent")
        #expect(bench.accumulator.topics(ledBy: 1, now: bench.now) == [])
        #expect(!bench.topic.isForgotten)
        #expect(bench.accumulator.agedTopics(now: bench.now, age: age) == [])
        #expect(bench.topic.isForgotten)
        // The numbers go on when somebody sends again.
        bench.accumulator.learn("t", id: .zero, leaders: [(1, 0)], now: bench.now) {
            PartitionChooser(.sticky, ignoresKeys: false, isAdaptive: true, stickyBytes: 200, seed: 1)
        }
        bench.topic.used = bench.now
        #expect(bench.accumulator.isInUse("t", now: bench.now))
        bench.append(10)
        #expect(text(bench.sent()) == "1@1")
    }

    @Test func `a flush ends with what was appended before it`() {
        var bench = Bench()
        bench.append(10)
        let generation = bench.accumulator.beginFlush()
        let batch = bench.sent()[0]
        #expect(!bench.accumulator.isFlushed(generation))
        bench.append(10)
        #expect(bench.answer(batch, .none) == "sent")
        #expect(bench.accumulator.isFlushed(generation))
    }

    @Test func `no more than five batches of a partition are without an outcome`() {
        var bench = Bench()
        for _ in 0..<8 { bench.append() }
        var out: [ProducerBatch] = []
        while case let more = bench.sent(), !more.isEmpty { out += more }
        #expect(text(out) == "1@0 1@1 1@2 1@3 1@4")
        #expect(bench.answer(out[0], .none) == "sent")
        #expect(text(bench.sent()) == "1@5")
    }

    @Test func `the second of five fails: all behind it go again, in order, one at a time`() {
        var bench = Bench()
        for _ in 0..<6 { bench.append() }
        var out: [ProducerBatch] = []
        while case let more = bench.sent(), !more.isEmpty { out += more }
        #expect(bench.answer(out[0], .none) == "sent")
        #expect(bench.answer(out[1], .notLeaderOrFollower) == "retried")
        for batch in out[2...4] { #expect(bench.answer(batch, .outOfOrderSequenceNumber) == "retried") }
        bench.pass(200)
        for sequence in 1...4 {
            let next = bench.sent()
            #expect(text(next) == "1@\(sequence)")
            #expect(next[0].identity?.epoch == 0)
            // Behind the last that goes again comes what has not been sent before.
            #expect(text(bench.sent()) == (sequence < 4 ? "" : "1@5"))
            #expect(bench.answer(next[0], .none) == "sent")
        }
    }

    @Test func `a broker that lost the sequences is given new ones under another epoch`() {
        var bench = Bench()
        for _ in 0..<4 { bench.append() }
        var out: [ProducerBatch] = []
        while case let more = bench.sent(), !more.isEmpty { out += more }
        #expect(text(out) == "1@0 1@1 1@2")
        #expect(bench.answer(out[0], .none) == "sent")
        #expect(bench.answer(out[1], .outOfOrderSequenceNumber) == "retried")
        bench.pass(200)
        // The third is still on the wire.
        #expect(bench.sent().isEmpty)
        #expect(bench.answer(out[2], .outOfOrderSequenceNumber) == "retried")
        bench.pass(200)
        let next = bench.sent()
        #expect(text(next) == "1@0")
        #expect(next[0] === out[1])
        #expect(next[0].identity == ProducerIdentity(id: 7, epoch: 1))
        #expect(bench.answer(next[0], .none) == "sent")
        #expect(text(bench.sent()) == "1@1")
    }

    @Test func `what was stored already counts as sent`() {
        var bench = Bench()
        bench.append(10)
        bench.pass(5)
        #expect(bench.answer(bench.sent()[0], .duplicateSequenceNumber) == "sent")
    }

    @Test func `after a batch is lost the numbers begin anew, when those behind it are done`() {
        var bench = Bench()
        for _ in 0..<4 { bench.append() }
        var out: [ProducerBatch] = []
        while case let more = bench.sent(), !more.isEmpty { out += more }
        #expect(bench.answer(out[0], .invalidRecord) == "failed InvalidRecordException")
        bench.accumulator.isClosing = true
        // What has no number yet waits until it is known what became of the others.
        #expect(bench.sent().isEmpty)
        #expect(bench.answer(out[1], .none) == "sent")
        #expect(bench.answer(out[2], .none) == "sent")
        let next = bench.sent()
        #expect(text(next) == "1@0")
        #expect(next[0].identity == ProducerIdentity(id: 7, epoch: 1))
    }

    @Test func `retries wait longer each time and end`() {
        var bench = Bench {
            $0.retries = 2
            $0.isIdempotent = false
        }
        bench.append(10)
        bench.pass(5)
        let batch = bench.sent()[0]
        #expect(bench.answer(batch, .notEnoughReplicas) == "retried")
        bench.pass(79)
        #expect(bench.sent().isEmpty)
        bench.pass(42)
        #expect(bench.sent().count == 1)
        #expect(bench.answer(batch, .notEnoughReplicas) == "retried")
        bench.pass(159)
        #expect(bench.sent().isEmpty)
        bench.pass(82)
        #expect(bench.sent().count == 1)
        #expect(bench.answer(batch, .notEnoughReplicas) == "failed NotEnoughReplicasException")
    }

    @Test func `what cannot be delivered in time expires, on the wire too`() {
        var bench = Bench { $0.deliveryTimeout = .milliseconds(1000) }
        #expect(bench.accumulator.expire(now: bench.now) { _ in nil }.isEmpty)
        bench.append(10)
        bench.pass(5)
        let onWire = bench.sent()[0]
        bench.append(10)
        bench.pass(1100)
        let expired = bench.accumulator.expire(now: bench.now) { _ in "nobody there" }
        #expect(expired.count == 2)
        #expect(
            "\(expired[0].error)"
                == "Expiring 1 record(s) for t-0:1100 ms has passed since batch creation (nobody there)")
        #expect(!expired[0].isOnWire && expired[1].isOnWire)
        onWire.isReported = true
        bench.accumulator.settle(onWire)
        #expect(bench.answer(onWire, .networkException) == "over")
        #expect(bench.queue.hasLostSequence)
    }

    @Test func `with one request in flight and no idempotence the order holds`() {
        var bench = Bench {
            $0.isIdempotent = false
            $0.inFlightMax = 1
        }
        for _ in 0..<3 { bench.append() }
        let first = bench.sent()[0]
        #expect(bench.sent().isEmpty)
        #expect(bench.answer(first, .requestTimedOut) == "retried")
        bench.pass(200)
        #expect(bench.sent()[0] === first)
    }

    @Test func `nothing goes to a broker that takes nothing, or to nobody`() {
        var bench = Bench()
        bench.append(10)
        bench.pass(5)
        bench.takes = false
        #expect(bench.plan().waitingFor == [1])
        bench.takes = true
        bench.queue.leader = -1
        #expect(bench.plan().leaderless == ["t"])
    }

    @Test func `a batch that is too large goes in halves under its own numbers`() throws {
        var bench = Bench()
        for _ in 0..<3 { bench.append(5) }
        bench.pass(5)
        let batch = bench.sent()[0]
        #expect(text([batch]) == "3@0")
        #expect(bench.answer(batch, .messageTooLarge) == "split")
        let halves = [2, 1].map { count in
            let half = ProducerBatch(bench.queue, capacity: 200)
            for _ in 0..<count {
                half.records.append(timestamp: 1, key: nil, value: RawSpan(), headerCount: 0, headers: RawSpan())
            }
            return half
        }
        bench.accumulator.split(batch, into: halves, now: bench.now)
        // The second half held none of the memory, which was given up with the first.
        #expect(halves.map(\.reservedBytes) == [133, 67] && bench.accumulator.memoryUsed == 200)
        let first = bench.sent()
        #expect(text(first) == "2@0")
        #expect(bench.sent().isEmpty)
        #expect(bench.answer(first[0], .none) == "sent")
        let second = bench.sent()
        #expect(text(second) == "1@2")
        #expect(bench.answer(second[0], .messageTooLarge) == "failed RecordTooLargeException")
    }
}
