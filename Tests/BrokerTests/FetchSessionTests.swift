import Bytes
import KafkaModel
import Testing
import Timing

@testable import Broker

/// Each test is the transcript of a session: what the client sends, and what the session then holds.
struct FetchSessionTests {
    private let start = Instant(nanoseconds: 0)

    private func target(_ index: Int32, from offset: Int64 = 0, topic: String = "t") -> FetchTarget {
        FetchTarget(
            topic: topic, topicID: .zero, usesTopicIDs: false, index: index, partition: nil, unknown: .none,
            fetchOffset: offset,
            maxBytes: 1000, currentLeaderEpoch: -1, lastFetchedEpoch: -1, logStartOffset: -1)
    }

    private func key(_ index: Int32) -> FetchTargetKey { FetchTargetKey(topic: "t", topicID: .zero, index: index) }

    private func session(_ indexes: Int32...) -> FetchSession {
        FetchSession(id: 7, usesTopicIDs: false, targets: indexes.map { target($0) }, now: start)
    }

    private func goOn(
        _ session: inout FetchSession, _ epoch: Int32, added: [FetchTarget] = [], forgotten: [FetchTargetKey] = []
    ) -> ErrorCode {
        session.continued(epoch: epoch, usesTopicIDs: false, added: added, forgotten: forgotten, now: start)
    }

    private func order(_ session: FetchSession) -> [Int32] { session.targets.map(\.index) }

    @Test func `the first request after the opening carries epoch 1, and so on`() {
        var session = session(0)
        #expect(session.epoch == 1)
        #expect(goOn(&session, 1) == .none)
        #expect(goOn(&session, 2) == .none)
        #expect(goOn(&session, 2) == .invalidFetchSessionEpoch)
        #expect(goOn(&session, 4) == .invalidFetchSessionEpoch)
        #expect(goOn(&session, 3) == .none)
    }

    @Test func `a request with the wrong epoch changes nothing`() {
        var session = session(0)
        #expect(goOn(&session, 5, added: [target(1)], forgotten: [key(0)]) == .invalidFetchSessionEpoch)
        #expect(order(session) == [0])
        #expect(session.epoch == 1)
    }

    @Test func `after the largest epoch comes 1, because 0 would open a new session`() {
        var session = FetchSession(id: 7, usesTopicIDs: false, targets: [], now: start, epoch: .max)
        #expect(goOn(&session, .max) == .none)
        #expect(session.epoch == 1)
        #expect(goOn(&session, 1) == .none)
    }

    @Test func `partitions come, change and go`() {
        var session = session(0, 1, 2)
        #expect(goOn(&session, 1, added: [target(3), target(1, from: 55)]) == .none)
        #expect(order(session) == [0, 1, 2, 3])
        #expect(session.targets[1].fetchOffset == 55)
        #expect(goOn(&session, 2, forgotten: [key(0), key(2), key(99)]) == .none)
        #expect(order(session) == [1, 3])
        #expect(goOn(&session, 3, added: [target(3, from: 9), target(0)]) == .none)
        #expect(order(session) == [1, 3, 0])
        #expect(session.targets[1].fetchOffset == 9)
    }

    @Test func `a partition that is added and forgotten in one request is gone`() {
        var session = session(0)
        #expect(goOn(&session, 1, added: [target(1)], forgotten: [key(1)]) == .none)
        #expect(order(session) == [0])
    }

    @Test func `a partition named twice at the opening is held once, as it was named last`() {
        let session = FetchSession(
            id: 7, usesTopicIDs: false, targets: [target(0), target(1), target(0, from: 5)], now: start)
        #expect(order(session) == [0, 1])
        #expect(session.targets[0].fetchOffset == 5)
    }

    @Test func `a session of names is not continued with ids`() {
        var session = session(0)
        let code = session.continued(epoch: 1, usesTopicIDs: true, added: [], forgotten: [], now: start)
        #expect(code == .fetchSessionTopicIDError)
        #expect(goOn(&session, 1) == .none)
    }

    @Test func `partitions that gave records go behind the others`() {
        var session = session(0, 1, 2, 3)
        session.answered(told: [key(0): (10, 0, true), key(2): (20, 0, true), key(3): (0, 0, false)])
        #expect(order(session) == [1, 3, 0, 2])
        session.answered(told: [key(1): (5, 0, true)])
        #expect(order(session) == [3, 0, 2, 1])
        // The order of positions was kept in step.
        #expect(goOn(&session, 1, added: [target(2, from: 77)]) == .none)
        #expect(session.targets[2].fetchOffset == 77)
        #expect(session.targets.filter { $0.fetchOffset == 77 }.count == 1)
    }

    @Test func `what was told survives a change of the position`() {
        var session = session(0)
        session.answered(told: [key(0): (10, 3, true)])
        #expect(goOn(&session, 1, added: [target(0, from: 10)]) == .none)
        #expect(session.targets[0].toldHighWatermark == 10)
        #expect(session.targets[0].toldLogStart == 3)
    }
}

struct FetchSessionsTests {
    private func second(_ number: Int64) -> Instant { Instant(nanoseconds: number * 1_000_000_000) }

    private func open(_ sessions: FetchSessions, at time: Int64) -> Int32? {
        sessions.open(usesTopicIDs: false, targets: [], now: second(time))?.withSession { $0.id }
    }

    @Test func `a full table takes nobody in until one has rested for two minutes`() throws {
        let sessions = FetchSessions(slots: 2)
        let first = try #require(open(sessions, at: 0))
        let second = try #require(open(sessions, at: 10))
        #expect(open(sessions, at: 119) == nil)
        let third = try #require(open(sessions, at: 120))
        #expect(sessions.find(first) == nil)
        #expect(sessions.find(second) != nil)
        #expect(sessions.find(third) != nil)
        #expect(sessions.count == 2)
    }

    @Test func `using a session keeps it`() throws {
        let sessions = FetchSessions(slots: 1)
        let id = try #require(open(sessions, at: 0))
        let code = sessions.find(id)?.withSession {
            $0.continued(epoch: 1, usesTopicIDs: false, added: [], forgotten: [], now: second(100))
        }
        #expect(code == ErrorCode.none)
        #expect(open(sessions, at: 150) == nil)
        #expect(open(sessions, at: 220) != nil)
    }

    @Test func `without slots there are no sessions`() {
        #expect(open(FetchSessions(slots: 0), at: 1000) == nil)
    }

    @Test func `a session that is closed makes room`() throws {
        let sessions = FetchSessions(slots: 1)
        let id = try #require(open(sessions, at: 0))
        sessions.remove(id)
        sessions.remove(id)
        #expect(open(sessions, at: 1) != nil)
    }
}
