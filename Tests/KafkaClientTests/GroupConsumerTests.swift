import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Testing
import Timing

@testable import KafkaClient

/// A consumer in a group, against a coordinator that does as it is told.
@Suite struct GroupConsumerTests {
    private let partition = TopicPartition("t", 0)

    /// Batches of ten records up to offset 100.
    private static let tens: @Sendable (FetchRequest, Int) -> FakeLeader.Answer = { request, _ in
        let offset = request.topics[0].partitions[0].fetchOffset
        guard offset < 100, let bytes = try? numbers(offset / 10 * 10..<offset / 10 * 10 + 10) else {
            return .records([])
        }
        return .records(bytes, highWatermark: 100)
    }

    /// What the application is told.
    private final class Diary {
        var lines: [String] = []

        var listener: RebalanceListener {
            RebalanceListener(
                revoked: { [self] in lines.append("revoked \($0.map(\.description).joined(separator: " "))") },
                assigned: { [self] in lines.append("assigned \($0.map(\.description).joined(separator: " "))") },
                lost: { [self] in lines.append("lost \($0.map(\.description).joined(separator: " "))") })
        }
    }

    private func consumer(_ leader: FakeLeader, _ more: [String: String] = [:]) throws -> Consumer {
        var properties = ["group.id": "g", "heartbeat.interval.ms": "20", "auto.commit.interval.ms": "100000"]
        if more["group.protocol"] == "consumer" { properties["heartbeat.interval.ms"] = nil }
        properties.merge(more) { $1 }
        return Consumer(try leader.configuration(properties))
    }

    /// Reads until so many came, or until `done`.
    private func read(
        _ consumer: Consumer, _ count: Int = .max, until done: () -> Bool = { false }
    ) throws -> [Int64] {
        var offsets: [Int64] = []
        let deadline = Clock.system.now + .seconds(8)
        while offsets.count < count, !done(), Clock.system.now < deadline {
            _ = try consumer.poll(until: Clock.system.now + .milliseconds(20)) { batch in
                while offsets.count < count, let record = batch.next() { offsets.append(record.offset) }
                return offsets.count < count ? .goOn : .stop
            }
        }
        return offsets
    }

    @Test(arguments: ["classic", "consumer"])
    func `a member reads its share, commits and leaves`(_ flavour: String) throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let first = try consumer(leader, ["group.protocol": flavour])
        first.join(.topics(["t"]), listener: diary.listener)
        #expect(try read(first, 25) == Array(0..<25))
        #expect(diary.lines == ["assigned t-0"])
        first.close()
        #expect(group.committed == [partition: 25])
        #expect(diary.lines == ["assigned t-0", "revoked t-0"])
        #expect(group.log.last == (flavour == "classic" ? "leave m" : "leave -1"))
        let second = try consumer(leader, ["group.protocol": flavour])
        second.join(.topics(["t"]))
        #expect(try read(second, 10) == Array(25..<35))
        second.close()
    }

    @Test func `before a rebalance everything that was read is committed`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let consumer = try consumer(leader)
        consumer.join(.topics(["t"]), listener: diary.listener)
        #expect(try read(consumer, 10) == Array(0..<10))
        group.change { $0.heartbeats = [.rebalanceInProgress] }
        _ = try read(consumer, 100, until: { group.log.contains("join 2") && diary.lines.count >= 3 })
        #expect(diary.lines.prefix(3) == ["assigned t-0", "revoked t-0", "assigned t-0"])
        let commit = try #require(group.log.first { $0.hasPrefix("commit") })
        #expect(commit.hasSuffix("in 1"))
        #expect(try #require(group.log.firstIndex(of: commit)) < #require(group.log.firstIndex(of: "join 2")))
        consumer.close()
    }

    @Test func `a member that was given up joins again and reads on from what was committed`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let consumer = try consumer(leader)
        consumer.join(.topics(["t"]), listener: diary.listener)
        #expect(try read(consumer, 10) == Array(0..<10))
        try consumer.commit()
        #expect(try read(consumer, 10) == Array(10..<20))
        group.change { $0.heartbeats = [.unknownMemberID] }
        let again = try read(consumer, until: { diary.lines.count >= 3 }) + read(consumer, 1)
        #expect(diary.lines.prefix(3) == ["assigned t-0", "lost t-0", "assigned t-0"])
        #expect(again.contains(10))
        consumer.close()
    }

    @Test func `a commit that may come right is tried again, another is not`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader, ["enable.auto.commit": "false"])
        consumer.join(.topics(["t"]))
        #expect(try read(consumer, 10) == Array(0..<10))
        group.change { $0.commits = [.coordinatorLoadInProgress, .notCoordinator] }
        try consumer.commit()
        #expect(group.committed == [partition: 10])
        group.change { $0.commits = [.offsetMetadataTooLarge] }
        #expect(throws: GroupError.self) { try consumer.commit([partition: CommittedOffset(11)]) }
        // One without waiting is tried once, and told with a later poll.
        group.change { $0.commits = [.coordinatorLoadInProgress] }
        var told: [String] = []
        consumer.commitLater([partition: CommittedOffset(12)]) { told.append($1 == nil ? "done" : "refused") }
        _ = try read(consumer, until: { !told.isEmpty })
        consumer.commitLater([partition: CommittedOffset(13)]) { told.append($1 == nil ? "done" : "refused") }
        _ = try read(consumer, until: { told.count == 2 })
        #expect(told == ["refused", "done"])
        #expect(try consumer.committed([partition]) == [partition: CommittedOffset(13)])
        consumer.close()
        #expect(group.committed == [partition: 13])
    }

    @Test func `what was read is committed though nothing follows it and poll waits on`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader, ["auto.commit.interval.ms": "30"])
        consumer.join(.topics(["t"]))
        #expect(try read(consumer, 100).count == 100)
        // The last of these polls waits to its end in one piece.
        while try consumer.poll(until: Clock.system.now + .milliseconds(1500), { _ in .goOn }) != .nothing {}
        #expect(group.committed == [partition: 100])
        consumer.close()
    }

    @Test func `offsets are committed by themselves`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader, ["auto.commit.interval.ms": "10"])
        consumer.join(.topics(["t"]))
        #expect(try read(consumer, 30) == Array(0..<30))
        _ = try read(consumer, 0)
        let deadline = Clock.system.now + .seconds(5)
        while group.committed[partition] != 30, Clock.system.now < deadline {
            _ = try consumer.poll(until: Clock.system.now + .milliseconds(5)) { _ in .stop }
        }
        #expect(group.committed == [partition: 30])
        consumer.close()
    }

    @Test func `an open transaction on the offset is waited for`() throws {
        let group = FakeGroup()
        group.change {
            $0.unstable = 3
            $0.committed[TopicPartition("t", 0)] = 40
        }
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader)
        consumer.join(.topics(["t"]))
        #expect(try read(consumer, 5) == Array(40..<45))
        consumer.close()
    }

    @Test(arguments: ["classic", "consumer"])
    func `a transaction that stays open does not cost the membership`(_ flavour: String) throws {
        let group = FakeGroup()
        group.change { $0.unstable = .max }
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let consumer = try consumer(leader, ["group.protocol": flavour])
        consumer.join(.topics(["t"]), listener: diary.listener)
        _ = try read(consumer, until: { !diary.lines.isEmpty })
        #expect(group.waitForBeats(5))
        // Nor does a commit have to wait for it.
        try consumer.commit([TopicPartition("t", 1): CommittedOffset(3)])
        #expect(group.committed == [TopicPartition("t", 1): 3])
        consumer.close()
    }

    @Test func `a commit that is refused for a minute does not cost the membership`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader, ["enable.auto.commit": "false"])
        consumer.join(.topics(["t"]))
        #expect(try read(consumer, 10) == Array(0..<10))
        group.change {
            $0.beats = 0
            $0.commits = Array(repeating: .unknownTopicOrPartition, count: 10_000)
        }
        #expect(throws: GroupError.self) { try consumer.commit(until: Clock.system.now + .milliseconds(500)) }
        #expect(group.waitForBeats(5))
        consumer.close()
    }

    @Test func `a commit without an answer ends at its deadline and does not cost the membership`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader, ["enable.auto.commit": "false"])
        consumer.join(.topics(["t"]))
        #expect(try read(consumer, 10) == Array(0..<10))
        group.change {
            $0.beats = 0
            $0.parked = [.offsetCommit]
        }
        let start = Clock.system.now
        #expect(throws: GroupError.self) { try consumer.commit(until: start + .milliseconds(300)) }
        #expect(Clock.system.now - start < .milliseconds(1500))
        #expect(group.waitForBeats(3))
        group.change { $0.parked = [] }
        consumer.close()
    }

    @Test func `while the group waits for its other members a commit is refused at once and offsets are told`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let consumer = try consumer(
            leader, ["enable.auto.commit": "false", "partition.assignment.strategy": "CooperativeStickyAssignor"])
        consumer.join(.topics(["t"]), listener: diary.listener)
        #expect(try read(consumer, 10) == Array(0..<10))
        try consumer.commit()
        group.change {
            $0.parked = [.joinGroup]
            $0.heartbeats = [.rebalanceInProgress]
        }
        #expect(group.waitFor("parked JoinGroup"))
        let start = Clock.system.now
        let refusal = #expect(throws: GroupError.self) { try consumer.commit() }
        #expect(refusal?.isRetriable == true)
        #expect(try consumer.committed([partition]) == [partition: CommittedOffset(10)])
        #expect(Clock.system.now - start < .seconds(3))
        group.change { $0.parked = [] }
        #expect(try read(consumer, 10) == Array(10..<20))
        _ = try read(consumer, until: { diary.lines.count >= 2 })
        try consumer.commit([partition: CommittedOffset(20)])
        #expect(group.committed == [partition: 20])
        consumer.close()
    }

    @Test func `without an offset and a reset there is no beginning`() throws {
        let leader = try FakeLeader(FakeLeader.Log(), group: FakeGroup(), Self.tens)
        let consumer = try consumer(leader, ["auto.offset.reset": "none"])
        consumer.join(.topics(["t"]))
        #expect(throws: ConsumerError.self) { try read(consumer, 1) }
        consumer.close()
    }

    @Test func `a listener can have reading begin elsewhere`() throws {
        let leader = try FakeLeader(FakeLeader.Log(), group: FakeGroup(), Self.tens)
        let consumer = try consumer(leader)
        consumer.join(
            .topics(["t"]),
            listener: RebalanceListener(assigned: { [unowned consumer] partitions in
                for partition in partitions { consumer.seek(partition, to: .offset(77)) }
            }))
        #expect(try read(consumer, 3) == [77, 78, 79])
        consumer.close()
    }

    @Test func `an application that is slow keeps its place, until max.poll.interval.ms`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let consumer = try consumer(leader, ["max.poll.interval.ms": "300", "session.timeout.ms": "250"])
        consumer.join(.topics(["t"]), listener: diary.listener)
        #expect(try read(consumer, 10) == Array(0..<10))
        // Nobody polls; the thread of the group finds that out.
        #expect(group.waitFor("leave m"))
        _ = try read(consumer, until: { diary.lines.count >= 3 })
        #expect(diary.lines.prefix(3) == ["assigned t-0", "lost t-0", "assigned t-0"])
        consumer.close()
    }

    @Test func `with the newer protocol what is taken away is given back first`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let consumer = try consumer(leader, ["group.protocol": "consumer"])
        consumer.join(.topics(["t"]), listener: diary.listener)
        #expect(try read(consumer, 10) == Array(0..<10))
        group.change { $0.target = [] }
        _ = try read(consumer, until: { group.log.contains("has [] in 1") })
        #expect(diary.lines.prefix(3) == ["assigned t-0", "revoked t-0", "assigned "])
        #expect(group.committed[partition] != nil)
        group.change { $0.heartbeats = [.fencedMemberEpoch] }
        _ = try read(consumer, until: { diary.lines.count >= 4 })
        #expect(diary.lines.last == "assigned t-0")
        consumer.close()
    }

    @Test func `whoever is closed while the group gathers leaves it all the same`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader)
        consumer.join(.topics(["t"]))
        #expect(try read(consumer, 10) == Array(0..<10))
        group.change {
            $0.holdsJoins = true
            $0.heartbeats = [.rebalanceInProgress]
        }
        _ = try read(consumer, until: { group.log.contains("join held") })
        let start = Clock.system.now
        consumer.close()
        #expect(Clock.system.now - start < .seconds(4))
        #expect(group.log.last == "leave m")
    }

    @Test func `what the group has already is not committed at the end`() throws {
        let group = FakeGroup()
        group.change { $0.committed[TopicPartition("t", 0)] = 40 }
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let first = try consumer(leader)
        let diary = Diary()
        first.join(.topics(["t"]), listener: diary.listener)
        let deadline = Clock.system.now + .seconds(5)
        while first.position(of: partition) != 40, Clock.system.now < deadline {
            _ = try first.poll(until: Clock.system.now + .milliseconds(20)) { _ in .stop }
        }
        first.close()
        #expect(!group.log.contains { $0.hasPrefix("commit") })
        let second = try consumer(leader)
        second.join(.topics(["t"]))
        #expect(try read(second, 10) == Array(40..<50))
        try second.commit()
        second.close()
        #expect(group.log.filter { $0.hasPrefix("commit") }.count == 1)
    }

    @Test func `a consumer that shares nothing keeps offsets in a group`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let consumer = try consumer(leader)
        consumer.assign(partition, at: .offset(50))
        #expect(try read(consumer, 10) == Array(50..<60))
        consumer.close()
        #expect(group.log == ["commit 60 in -1"])
    }

    @Test func `who leaves a group for another subscription comes back`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        let diary = Diary()
        let consumer = try consumer(leader)
        consumer.join(.topics(["t"]), listener: diary.listener)
        #expect(try read(consumer, 10) == Array(0..<10))
        try consumer.commit()
        consumer.unsubscribe()
        #expect(diary.lines == ["assigned t-0", "revoked t-0"])
        consumer.join(.matching { name, _ in name.hasPrefix("t") }, listener: diary.listener)
        #expect(try read(consumer, 10) == Array(10..<20))
        #expect(group.log.filter { $0.hasPrefix("leave") } == ["leave m"])
        consumer.close()
    }

    @Test func `a group that refuses is told, with its reason`() throws {
        let group = FakeGroup()
        let leader = try FakeLeader(FakeLeader.Log(), group: group, Self.tens)
        group.change { $0.heartbeats = [.groupAuthorizationFailed] }
        let consumer = try consumer(leader, ["group.protocol": "consumer"])
        consumer.join(.topics(["t"]))
        let found = #expect(throws: ConsumerError.self) { try read(consumer, 1) }
        #expect("\(found.map { "\($0)" } ?? "")".contains("GROUP_AUTHORIZATION_FAILED"))
        consumer.close()
    }
}
