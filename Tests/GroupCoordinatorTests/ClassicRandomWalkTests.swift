import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Testing

@testable import GroupCoordinator

/// SplitMix64, so that a failing walk can be taken again from its seed.
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &self) }
}

@Suite struct ClassicRandomWalkTests {
    /// Clients that do anything in any order. After every step the group's invariants hold, nobody is answered twice,
    /// every member is either waited for or has a timer, and the last record rebuilds what it says. In the end all
    /// fall silent, and nothing is left over.
    @Test(arguments: 0..<40) func `whatever clients do, nothing leaks and nobody is forgotten`(block: UInt64) throws {
        for seed in block * 50..<(block + 1) * 50 {
            try walk(seed)
        }
    }

    private func walk(_ seed: UInt64) throws {
        var dice = Dice(state: seed)
        var stage = ClassicStage()
        stage.settings.initialRebalanceDelay = [.zero, .seconds(3)].randomElement(using: &dice)!
        stage.settings.membersMax = [2, 4, Int(Int32.max)].randomElement(using: &dice)!
        for step in 0..<60 {
            take(&stage, &dice)
            check(stage, "seed \(seed), step \(step)")
        }
        stage.appendError = nil
        // Longer than any timeout, one after another: members go, the group is empty, nobody waits.
        _ = stage.pass(.seconds(3600))
        #expect(stage.waiting.isEmpty, "seed \(seed): \(stage.waiting.values)")
        #expect(stage.group.members.isEmpty, "seed \(seed)")
        #expect(stage.schedule == [], "seed \(seed)")
        if let bytes = stage.lastRecord?.value {
            let value = try GroupMetadataValue.decodeVersioned(bytes.span.bytes).value
            #expect(value.members.isEmpty, "seed \(seed)")
        }
    }

    private func take(_ stage: inout ClassicStage, _ dice: inout Dice) {
        stage.appendError = dice.roll(20) == 0 ? .coordinatorNotAvailable : nil
        let instance = ["one", "two", nil, nil, nil].randomElement(using: &dice)!
        let known = (Array(stage.group.members.keys) + Array(stage.group.pendingMembers)).sorted().map(
            ClassicStage.short)
        let who = known.randomElement(using: &dice) ?? "z#99"
        let itsInstance = stage.group.members[ClassicStage.long(who)]?.instanceID
        let protocols = [
            [("range", "x")], [("range", "x"), ("sticky", "y")], [("sticky", "z"), ("range", "x")],
        ].randomElement(using: &dice)!
        switch dice.roll(12) {
        case 0, 1: _ = stage.join("c", protocols, instance: instance, version: Int16(dice.roll(10)))
        case 2, 3, 4:
            _ = stage.join(who, protocols, instance: dice.roll(8) == 0 ? instance : itsInstance)
        case 5, 6:
            let all = stage.group.members.keys.sorted().map { (ClassicStage.short($0), "A") }
            let generation = dice.roll(10) == 0 ? stage.group.generation - 1 : nil
            _ = stage.sync(who, all, generation: generation, instance: itsInstance, name: nil)
        case 7, 8: _ = stage.heartbeat(who, instance: itsInstance)
        case 9: _ = stage.leave((who, nil), ("", instance))
        default: _ = stage.pass(.seconds(dice.roll(12)))
        }
    }

    private func check(_ stage: ClassicStage, _ where: String) {
        let group = stage.group
        // Requests that wait are those that the group holds, each once.
        let parked = group.members.values.flatMap { [$0.parkedJoin, $0.parkedSync].compactMap(\.self) }
        #expect(Set(parked) == Set(stage.waiting.keys), "\(`where`)")
        #expect(Set(parked).count == parked.count, "\(`where`)")
        for member in group.members.values where !member.isExcused {
            #expect(stage.timers[.session(group: "g", member: member.id)] != nil, "\(`where`): \(member.id)")
        }
        for member in group.pendingMembers {
            #expect(stage.timers[.session(group: "g", member: member)] != nil, "\(`where`): \(member)")
        }
        for timer in stage.timers.keys where !stage.retried.contains(timer) {
            switch timer {
            case .session(_, let member):
                #expect(group.members[member] != nil || group.pendingMembers.contains(member), "\(`where`)")
            case .join: #expect(group.state == .preparingRebalance, "\(`where`)")
            case .sync: #expect(group.state == .completingRebalance || group.state == .stable, "\(`where`)")
            case .rebalance, .classicJoin, .classicSync: Issue.record("\(`where`): a classic group has no such timer")
            }
        }
        if group.state == .preparingRebalance { #expect(stage.timers[.join(group: "g")] != nil, "\(`where`)") }
        if group.owedSyncs > 0 { #expect(stage.timers[.sync(group: "g")] != nil, "\(`where`)") }
        rebuilds(stage, `where`)
    }

    /// What is in the log is what a stable or empty group is.
    private func rebuilds(_ stage: ClassicStage, _ where: String) {
        guard stage.group.state == .stable || stage.group.state == .empty, let record = stage.lastRecord,
            let bytes = record.value, let value = try? GroupMetadataValue.decodeVersioned(bytes.span.bytes).value
        else { return }
        let rebuilt = ClassicGroup(id: "g", loading: value, version: 3)
        #expect(rebuilt.violation == nil, "\(`where`)")
        #expect(rebuilt.record == record, "\(`where`)")
        #expect(rebuilt.state == stage.group.state, "\(`where`)")
        #expect(rebuilt.generation == stage.group.generation, "\(`where`)")
        #expect(rebuilt.leaderID == stage.group.leaderID, "\(`where`)")
        #expect(rebuilt.staticMembers == stage.group.staticMembers, "\(`where`)")
        #expect(rebuilt.subscribedTopics == stage.group.subscribedTopics, "\(`where`)")
        #expect(
            rebuilt.members.mapValues(\.assignment) == stage.group.members.mapValues(\.assignment), "\(`where`)")
    }
}
