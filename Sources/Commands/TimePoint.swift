import KafkaClient
import Timing

/// A point in time as people name it on a command line.
enum TimePoint {
    /// Milliseconds since 1970; ISO 8601, without a zone in the one that is given; or relative to now: `-1h`, `-1d12h`,
    /// `2 hours ago`, `now`, `today`, `yesterday`, `-PT5M`. Nil for anything else.
    static func parse(_ text: String, now: Timestamp, zone: TimeZoneChoice) -> Timestamp? {
        let text = text.trimmed
        switch text {
        case "": return nil
        case "now": return now
        case "today": return midnight(now, zone)
        case "yesterday":
            return midnight(now, zone).map { midnight(Timestamp(milliseconds: $0.milliseconds - 1), zone) ?? $0 }
        default: break
        }
        if let time = absolute(text, zone) { return time }
        if text.hasPrefix("-P") || text.hasPrefix("P") {
            guard let span = IsoDuration.milliseconds(text) else { return nil }
            return Timestamp(milliseconds: now.milliseconds.addingClamped(text.hasPrefix("-") ? span : -span))
        }
        if text.hasPrefix("-") || text.hasPrefix("+") {
            guard let span = span(text.dropFirst()) else { return nil }
            return Timestamp(milliseconds: now.milliseconds.addingClamped(text.hasPrefix("-") ? -span : span))
        }
        if text.hasSuffix("ago"), let span = span(text.dropLast(3)) {
            return Timestamp(milliseconds: now.milliseconds.addingClamped(-span))
        }
        return nil
    }

    private static func absolute(_ text: String, _ zone: TimeZoneChoice) -> Timestamp? {
        guard let time = Timestamp(iso8601: text) ?? Timestamp(text: text) else { return nil }
        let isPlainNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        // A zone at the end is `Z`, or a sign behind the time of day.
        let timeOfDay = text.drop { $0 != "T" && $0 != " " }
        let hasZone = text.hasSuffix("Z") || timeOfDay.contains("+") || timeOfDay.contains("-")
        if isPlainNumber || hasZone { return time }
        return Timestamp(milliseconds: time.milliseconds - zone.shift(at: time))
    }

    private static func midnight(_ time: Timestamp, _ zone: TimeZoneChoice) -> Timestamp? {
        let day = zone.calendar(time).isoForm.prefix(10)
        return absolute(String(day), zone)
    }

    /// `1h`, `1d12h`, `90 minutes`, in milliseconds.
    static func span(_ text: some StringProtocol) -> Int64? {
        var rest = Substring(text).drop { $0 == " " }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int64(digits) else { return nil }
            rest = rest.dropFirst(digits.count).drop { $0 == " " }
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            guard let milliseconds = Self.unit(String(unit)) else { return nil }
            rest = rest.dropFirst(unit.count).drop { $0 == " " }
            total = total.addingClamped(number.multipliedClamped(by: milliseconds))
        }
        return total
    }

    private static func unit(_ word: String) -> Int64? {
        switch word {
        case "ms", "millis", "milliseconds", "millisecond": 1
        case "s", "sec", "secs", "second", "seconds": 1000
        case "m", "min", "mins", "minute", "minutes": 60_000
        case "h", "hour", "hours": 3_600_000
        case "d", "day", "days": 86_400_000
        case "w", "week", "weeks": 604_800_000
        default: nil
        }
    }
}
