import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Synchronization
import Telemetry
import Testing
import Timing

@testable import Broker

/// A shard where it meets its log, its clients and the clock.
@Suite struct CoordinatorTests {
    // MARK: An append that fails

    @Test(arguments: [3, 5] as [Int16])
    func `a join that is parked is answered when the record of its group cannot be written`(version: Int16) throws {
        let server = try TestBroker(["offsets.topic.num.partitions": "1", "message.max.bytes": "20"])
        let client = try server.client()
        var find = FindCoordinatorRequest()
        (find.key, find.coordinatorKeys) = ("g", ["g"])
        _ = try client.call(find)
        var join = JoinGroupRequest()
        (join.groupId, join.protocolType) = ("g", "consumer")
        (join.sessionTimeoutMs, join.rebalanceTimeoutMs) = (10_000, 60_000)
        if version >= 5 { join.groupInstanceId = "i" }
        join.protocols = [JoinGroupRequest.JoinGroupRequestProtocol()]
        join.protocols[0].name = "range"
        var answer = try client.call(join, version: version)
        for _ in 0..<1000 where code(answer.errorCode) == .coordinatorLoadInProgress {
            answer = try client.call(join, version: version)
        }
        #expect(code(answer.errorCode) == .unknownServerError)
        #expect(try client.call(ListGroupsRequest()).groups.isEmpty)
    }

    // MARK: Timers

    /// A shard whose only timer sets itself again, at once or not at all.
    private struct Clockwork: CoordinatorState {
        enum TimerName { case tick }
        struct Context: Sendable {
            let isRestless: Bool
            let ticks: Ticks
        }

        mutating func load(_ record: LoadedRecord) -> LoadOutcome { .taken }
        mutating func loaded(_ context: Context, into effects: inout Coordination.Effects<Int, TimerName, Int>) {
            effects.schedule(.tick, at: Instant(nanoseconds: 0))
        }
        mutating func fired(
            _ timer: TimerName, _ context: Context, into effects: inout Coordination.Effects<Int, TimerName, Int>
        ) {
            if context.isRestless { effects.schedule(.tick, at: Instant(nanoseconds: 0)) }
            context.ticks.count.add(1, ordering: .relaxed)
        }
        mutating func keep() {}
        mutating func takeBack(
            _ code: ErrorCode, refusing refused: Set<Owed>, _ context: Context,
            into effects: inout Coordination.Effects<Int, TimerName, Int>
        ) {}
    }

    private final class Ticks: Sendable {
        let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
    }

    @Test func `a timer that sets itself again at once lets other shards have their turn`() throws {
        let server = try TestBroker()
        try server.client().createTopic("t", partitions: 2)
        let schedule = CoordinatorSchedule(clock: .system)
        schedule.begin()
        defer { schedule.stop() }
        func shard(_ index: Int32, isRestless: Bool) throws -> (Coordinator<Clockwork>, Ticks) {
            let ticks = Ticks()
            let partition = try server.partition("t", index)
            let shard = Coordinator<Clockwork>(
                partition.name,
                .init(
                    clock: .system, log: Log("test"), schedule: schedule, compression: CompressionTarget(codecID: 0),
                    context: { Clockwork.Context(isRestless: isRestless, ticks: ticks) }, happened: { _ in },
                    loaded: { _ in }))
            shard.load(partition, chunkBytes: 1000, shard.beginLoading(partition))
            return (shard, ticks)
        }
        let restless = try shard(0, isRestless: true)
        eventually("it does not tick") { restless.1.value > 10 }
        let other = try shard(1, isRestless: false)
        eventually("the other one has to wait") { other.1.value == 1 }
        let before = restless.1.value
        eventually("it does not go on") { restless.1.value > before }
        restless.0.unload()
    }
}
