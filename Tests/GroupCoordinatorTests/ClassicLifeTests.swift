import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import GroupCoordinator

@Suite struct ClassicLifeTests {
    private func value(of stage: ClassicStage) throws -> GroupMetadataValue {
        let bytes = try #require(stage.lastRecord?.value)
        return try GroupMetadataValue.decodeVersioned(bytes.span.bytes).value
    }

    @Test func `heartbeats are answered by the state of the group`() {
        var stage = ClassicStage()
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: UNKNOWN_MEMBER_ID"])
        _ = stage.join("a", version: 3)
        _ = stage.pass(.seconds(3))
        #expect(stage.heartbeat("a#1", generation: 0) == ["heartbeat a#1: ILLEGAL_GENERATION"])
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: NONE"])
        _ = stage.sync("a#1", [("a#1", "A")])
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: NONE"])
        #expect(stage.heartbeat("b#2") == ["heartbeat b#2: UNKNOWN_MEMBER_ID"])
        _ = stage.join("b", version: 3)
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: REBALANCE_IN_PROGRESS"])
    }

    @Test func `a heartbeat puts the end of the session off`() {
        var stage = ClassicStage.stablePair()
        _ = stage.pass(.seconds(9))
        _ = stage.heartbeat("a#1")
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 1 s"])
        #expect(stage.pass(.seconds(1)) == [])
        #expect(stage.notes.contains("Member b#2 in group g has failed, removing it from the group."))
        #expect(stage.group.state == .preparingRebalance)
        #expect(stage.schedule == ["join in 60 s", "session a#1 in 9 s"])
    }

    @Test func `a group whose members all fail is empty`() {
        var stage = ClassicStage.stablePair()
        #expect(stage.pass(.seconds(20)) == ["record: v3 generation 2 consumer - leader -"])
        #expect(stage.schedule == [])
    }

    @Test func `who may commit`() {
        var stage = ClassicStage()
        #expect(stage.commit("", generation: -1) == .admitted)
        #expect(stage.commit("a#1", generation: 1) == .refused(.unknownMemberID))
        _ = stage.join("a", version: 3)
        #expect(stage.commit("a#1", generation: 0) == .admitted)
        _ = stage.pass(.seconds(3))
        #expect(stage.commit("a#1", generation: 1) == .refused(.rebalanceInProgress))
        #expect(stage.commit("a#1", generation: 1, isTransactional: true) == .admitted)
        _ = stage.sync("a#1", [("a#1", "A")])
        #expect(stage.commit("a#1", generation: 1) == .admitted)
        #expect(stage.commit("a#1", generation: 0) == .refused(.illegalGeneration))
        #expect(stage.commit("b#2", generation: 1) == .refused(.unknownMemberID))
        #expect(stage.commit("", generation: -1) == .refused(.unknownMemberID))
        #expect(stage.commit("", generation: -1, isTransactional: true) == .admitted)
        #expect(stage.commit("a#1", generation: -1) == .refused(.illegalGeneration))
        _ = stage.join("b", version: 3)
        #expect(stage.commit("a#1", generation: 1) == .admitted)
    }

    @Test func `a commit is a sign of life`() {
        var stage = ClassicStage.stablePair()
        _ = stage.pass(.seconds(9))
        let claim = CommitClaim(memberID: ClassicStage.long("a#1"), generation: 1, version: 9)
        _ = stage.perform(nil) { group, _, context, effects in group.committed(by: claim, context, into: &effects) }
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 1 s"])
    }

    @Test func `what may be deleted`() {
        var stage = ClassicStage()
        #expect(stage.group.refusalOfDelete() == nil)
        #expect(stage.group.refusalOfOffsetDelete() == nil)
        _ = stage.join("a", type: "connect", version: 3)
        #expect(stage.group.refusalOfDelete() == .nonEmptyGroup)
        #expect(stage.group.refusalOfOffsetDelete() == .nonEmptyGroup)
        let consumers = ClassicStage.stablePair()
        #expect(consumers.group.refusalOfDelete() == .nonEmptyGroup)
        #expect(consumers.group.refusalOfOffsetDelete() == nil)
    }

    @Test func `offsets expire since the group is empty, or since their commit where nobody was ever a member`() {
        var stage = ClassicStage()
        #expect(stage.group.offsetRetention == .sinceCommit)
        _ = stage.join("a", version: 3)
        #expect(stage.group.offsetRetention == .forever)
        _ = stage.pass(.seconds(3))
        _ = stage.leave(("a#1", nil))
        #expect(stage.group.offsetRetention == .since(.init(milliseconds: 4000)))
    }

    @Test func `a description has metadata only while the group is stable`() {
        var stage = ClassicStage.stablePair([("range", "t")])
        var told = stage.group.described()
        #expect(told.groupState == "Stable")
        #expect(told.protocolType == "consumer")
        #expect(told.protocolData == "range")
        #expect(told.members.map { ClassicStage.short($0.memberId) } == ["a#1", "b#2"])
        #expect(told.members.map(\.clientHost) == ["/127.0.0.1", "/127.0.0.1"])
        #expect(told.members.map { ClassicStage.text($0.memberMetadata) } == ["t", "t"])
        #expect(told.members.map { ClassicStage.text($0.memberAssignment) } == ["A", "B"])
        _ = stage.join("c", [("range", "t")], version: 3)
        told = stage.group.described()
        #expect(told.groupState == "PreparingRebalance")
        #expect(told.protocolData == "")
        #expect(told.members.map { ClassicStage.text($0.memberMetadata) } == ["", "", ""])
    }

    @Test func `a group that is loaded is as it was, and its members have a session each`() throws {
        var stage = ClassicStage()
        _ = stage.join("a", [("range", "t")], version: 3)
        _ = stage.join("b", [("range", "t")], instance: "two")
        _ = stage.pass(.seconds(6))
        _ = stage.sync("a#1", [("a#1", "A"), ("two#2", "B")])
        var loaded = ClassicStage(loading: try value(of: stage))
        #expect(loaded.load() == [])
        #expect(loaded.notes == ["Loaded classic group g with 2 members."])
        #expect(loaded.schedule == ["session a#1 in 10 s", "session two#2 in 10 s"])
        #expect(loaded.group.record == stage.group.record || loaded.group.record == stage.lastRecord)
        #expect(loaded.heartbeat("two#2", instance: "two") == ["heartbeat two#2: NONE"])
        #expect(loaded.sync("two#2", instance: "two") == ["sync two#2: range [B]"])
        // Its metadata is what it had said.
        #expect(loaded.join("two#2", [("range", "t")], instance: "two").count == 1)
        #expect(loaded.group.state == .stable)
    }

    @Test func `a group that is loaded empty is empty`() throws {
        var stage = ClassicStage.stablePair()
        _ = stage.leave(("a#1", nil), ("b#2", nil))
        let loaded = ClassicStage(loading: try value(of: stage))
        #expect(loaded.group.state == .empty)
        #expect(loaded.group.generation == 2)
        #expect(loaded.group.protocolType == "consumer")
        #expect(loaded.group.offsetRetention == .since(.init(milliseconds: 7000)))
    }

    @Test func `a record of old has no time of its state`() {
        var value = GroupMetadataValue()
        value.protocolType = "consumer"
        value.generation = 4
        let group = ClassicGroup(id: "g", loading: value, version: 1)
        #expect(group.offsetRetention == .sinceCommit)
    }

    @Test func `a group that is loaded over its size rebalances`() throws {
        let stage = ClassicStage.stablePair()
        var settings = GroupSettings()
        settings.membersMax = 1
        var loaded = ClassicStage(loading: try value(of: stage), settings: settings)
        #expect(loaded.load() == [])
        #expect(loaded.group.state == .preparingRebalance)
        #expect(
            loaded.notes.last
                == """
                Preparing to rebalance group g in state PreparingRebalance with old generation 1 (reason: \
                Freshly-loaded group g (size 2) is over capacity 1. Rebalancing in order to give a chance for \
                consumers to commit offsets).
                """)
        #expect(loaded.join("b#2") == [])
        #expect(
            loaded.join("a#1") == [
                "join a#1: GROUP_MAX_SIZE_REACHED", "join b#2: generation 2 as b#2, range, leader b#2 of b#2",
            ])
    }

    @Test func `members of a record that say the same id twice are one`() {
        var value = GroupMetadataValue()
        value.leader = "gone"
        for instance in ["i", "i", nil] as [String?] {
            var member = GroupMetadataValue.MemberMetadata()
            member.memberId = instance == nil ? "m" : "m\(value.members.count)"
            member.groupInstanceId = instance
            value.members += instance == nil ? [member, member] : [member]
        }
        let group = ClassicGroup(id: "g", loading: value, version: 3)
        #expect(group.members.keys.sorted() == ["m", "m0"])
        #expect(group.violation == nil)
    }

    @Test func `whoever waits is told when another broker leads the group`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("a#1")
        _ = stage.join("c", version: 3)
        #expect(stage.unload() == ["join a#1: NOT_COORDINATOR a#1", "join c: NOT_COORDINATOR c#3"])
        #expect(stage.schedule == [])
        #expect(stage.join("a#1") == ["join a#1: COORDINATOR_NOT_AVAILABLE a#1"])
        #expect(stage.sync("a#1") == ["sync a#1: COORDINATOR_NOT_AVAILABLE"])
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: COORDINATOR_NOT_AVAILABLE"])
        #expect(stage.leave(("a#1", nil)) == ["leave: COORDINATOR_NOT_AVAILABLE"])
        #expect(stage.commit("a#1") == .refused(.coordinatorNotAvailable))
    }

    @Test func `a group that only commits is simple until somebody joins`() {
        var stage = ClassicStage()
        #expect(stage.group.isSimple)
        _ = stage.join("a")
        #expect(!stage.group.isSimple)
        #expect(stage.group.protocolType == "")
    }

    @Test func `ids look like those of Kafka`() {
        #expect(
            UUID(high: 0x0123_4567_89ab_4def, low: 0x8123_4567_89ab_cdef).hyphenated
                == "01234567-89ab-4def-8123-456789abcdef")
        #expect(UUID(high: 1, low: 2).hyphenated == "00000000-0000-0001-0000-000000000002")
    }

    @Test func `an answer fits its version`() {
        let refusal = JoinGroupResponse.refusing(.unknownMemberID, memberID: "m")
        #expect(refusal.fitted(to: 6).protocolName == "")
        #expect(refusal.fitted(to: 7).protocolName == nil)
        var empty = refusal
        empty.protocolName = ""
        #expect(empty.fitted(to: 9).protocolName == nil)
    }
}
