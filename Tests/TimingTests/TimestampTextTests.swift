import Testing
import Timing

struct TimestampTextTests {
    @Test(arguments: [
        ("0", Int64(0)), ("1750010000000", 1_750_010_000_000), ("1970-01-01", 0),
        ("2025-06-15T17:53:20.000Z", 1_750_010_000_000),
        ("2025-06-15 17:53:20", 1_750_010_000_000), ("2025-06-15T19:53:20+02:00", 1_750_010_000_000),
        ("2025-06-15T12:23:20-0530", 1_750_010_000_000), ("2025-06-15T17:53", 1_750_009_980_000),
        ("2024-02-29", 1_709_164_800_000), ("1969-12-31T23:59:59.999Z", -1),
    ])
    func `times are read`(text: String, milliseconds: Int64) {
        #expect(Timestamp(text: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "-1", "now", "2025-13-01", "2025-02-30", "2025-06-15T", "2025-06-15T25:00", "2025-06-15T17:53:20.1Z",
        "2025-06-15T17:53:20ZZ", "99999999999999999999",
    ])
    func `what is no time is refused`(text: String) { #expect(Timestamp(text: text) == nil) }

    @Test func `what is printed is read again`() {
        for milliseconds in [Int64(0), 951_782_400_123, 1_750_010_000_001, -62_135_596_800_000, 253_402_300_799_999] {
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(text: CalendarTime(time).isoForm) == time)
        }
    }
}
