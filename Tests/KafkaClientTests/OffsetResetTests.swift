import Testing
import Timing

@testable import KafkaClient

@Suite struct OffsetResetTests {
    @Test func `auto.offset.reset in all its forms`() {
        #expect(OffsetReset("earliest") == .earliest)
        #expect(OffsetReset("LATEST") == .latest)
        #expect(OffsetReset("none") == OffsetReset.none)
        #expect(OffsetReset("by_duration:P1DT2H3M4.5S") == .ago(milliseconds: 93_784_500))
        #expect(OffsetReset("by_duration:PT5M") == .ago(milliseconds: 300_000))
        for wrong in ["", "smallest", "by_duration:", "by_duration:-PT1S", "by_duration:1h", "by_duration:PT"] {
            #expect(OffsetReset(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `a time so long ago is not before 1970`() {
        let reset = OffsetReset.ago(milliseconds: 1_000_000)
        #expect(reset.target(now: Timestamp(milliseconds: 5000)) == .time(Timestamp(milliseconds: 0)))
        #expect(OffsetReset.none.target(now: Timestamp(milliseconds: 0)) == nil)
    }
}
