import Testing
import Timing

@Suite struct ISO8601Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", 0), ("2026-01-31T23:59:59.123Z", 1_769_903_999_123),
        ("2024-02-29T00:00Z", 1_709_164_800_000), ("2024-03-01", 1_709_251_200_000),
        ("1969-12-31T23:59:59.999", -1), ("2026-01-31T23:59:59.1+02:00", 1_769_896_799_100),
        ("2026-01-31T12:00:00-0830", 1_769_891_400_000), ("0001-01-01T00:00:00", -62_135_596_800_000),
    ])
    func `a time is read in each of its lengths`(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-13-01", "2026-02-29", "2026-01-31T", "2026-01-31T24:00", "2026-01-31T10:60",
        "2026-01-31 10:00",
        "2026-01-31T10:00:00.", "2026-01-31T10:00:00+2", "2026-01-31T10:00Zulu", "２026-01-31",
    ])
    func `what is no time is none`(text: String) { #expect(Timestamp(iso8601: text) == nil) }

    @Test func `a time is written as it is read`() {
        for milliseconds in [0, 1_769_903_999_123, -1, 951_782_400_000] as [Int64] {
            let text = Timestamp(milliseconds: milliseconds).iso8601
            #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds, "\(text)")
        }
    }
}
