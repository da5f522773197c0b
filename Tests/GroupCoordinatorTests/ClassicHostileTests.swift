import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import GroupCoordinator

@Suite struct ClassicHostileTests {
    @Test func `ten thousand protocols are only a long list`() {
        var stage = ClassicStage()
        let many = (0..<10_000).map { ("p\($0)", "") }
        _ = stage.join("a", many, version: 3)
        _ = stage.join("b", many.reversed(), version: 3)
        _ = stage.pass(.seconds(6))
        #expect(stage.group.protocolName == "p0")
    }

    @Test func `names may be empty`() {
        var stage = ClassicStage("")
        _ = stage.join("", [("", "")], instance: "", version: 5)
        #expect(stage.pass(.seconds(3)).count == 1)
        #expect(stage.group.staticMembers.count == 1)
        _ = stage.leave(("", ""))
        #expect(stage.group.members.isEmpty)
    }

    @Test func `timeouts may be anything`() {
        for timeout in [Int32.min, -1, 0, .max] {
            var stage = ClassicStage()
            _ = stage.join("a", session: timeout, rebalance: timeout, version: 3)
            _ = stage.join("b", session: timeout, rebalance: timeout, version: 0)
            _ = stage.pass(.seconds(10))
            _ = stage.pass(.seconds(4_000_000))
            _ = stage.pass(.seconds(4_000_000))
            #expect(stage.group.members.isEmpty)
            #expect(stage.waiting.isEmpty)
        }
    }

    @Test func `an assignment for strangers is nobody's`() {
        var stage = ClassicStage()
        _ = stage.join("a", version: 3)
        _ = stage.pass(.seconds(3))
        #expect(
            stage.sync("a#1", [("z#9", "Z"), ("a#1", "1"), ("a#1", "2")]).first
                == "record: v3 generation 1 consumer range leader a#1 a#1=[2]")
    }

    @Test func `a generation that is the last number is followed by another`() {
        var value = GroupMetadataValue()
        value.generation = .max
        value.protocolType = "consumer"
        var stage = ClassicStage(loading: value)
        _ = stage.join("a", version: 3)
        _ = stage.pass(.seconds(3))
        #expect(stage.group.generation == .min)
        #expect(stage.sync("a#1", [("a#1", "A")]).count == 2)
    }

    @Test func `metadata that lies about its lengths is only bytes`() {
        for bytes in [[], [0], [0, 1], [0, 0, 0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0, 0, 0, 1, 0, 9, 1]] as [[UInt8]] {
            #expect(ConsumerProtocolSubscription(leading: bytes) == nil)
        }
    }

    /// Joins of one group cost the same however many members it has, heartbeats and commits do not even copy it.
    @Test func `a thousand members join, sync and are heard of in time`() {
        var stage = ClassicStage()
        let clock = ContinuousClock()
        let time = clock.measure {
            for number in 0..<1000 { _ = stage.join("m\(number)", version: 3) }
            _ = stage.pass(.seconds(6))
            let ids = stage.group.membersInOrder.map(\.id)
            for id in ids.dropFirst() { _ = stage.sync(ClassicStage.short(id)) }
            _ = stage.sync(ClassicStage.short(ids[0]), ids.map { (ClassicStage.short($0), "A") })
        }
        #expect(stage.group.state == .stable)
        #expect(stage.group.members.count == 1000)
        #expect(time < .seconds(60), "\(time)")
    }
}
