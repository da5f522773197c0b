import Coordination
import GroupCoordinator
import Testing
import Timing

@Suite struct GroupEffectsTests {
    @Test func `the last word on a timer holds`() {
        var effects = GroupEffects()
        effects.schedule(.join(group: "g"), at: Instant(nanoseconds: 1))
        effects.schedule(.join(group: "g"), at: Instant(nanoseconds: 2))
        effects.schedule(.sync(group: "g"), at: Instant(nanoseconds: 1))
        effects.cancel(.sync(group: "g"))
        #expect(effects.timers[.join(group: "g")] == .some(Instant(nanoseconds: 2)))
        #expect(effects.timers[.sync(group: "g")] == .some(nil))
    }
}
