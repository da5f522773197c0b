import Glibc
import Timing

/// In which zone times are read and printed: `UTC`, `local`, `+02:00`, or a name such as `Europe/Berlin`.
enum TimeZoneChoice: Equatable, Sendable {
    /// So many milliseconds to the east of UTC.
    case fixed(Int64)
    /// What the system has, by the variable `TZ` or its settings.
    case system

    static let utc = TimeZoneChoice.fixed(0)

    private static let database = "/usr/share/zoneinfo/"

    /// A name of the database becomes the zone of this process. Nil for what is no zone.
    init?(_ text: String) {
        switch text {
        case "UTC", "utc", "Z", "GMT": self = .utc
        case "local": self = .system
        default:
            if let shift = Self.shift(text) {
                self = .fixed(shift)
                return
            }
            let isName = text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || [0x2f, 0x5f, 0x2d, 0x2b].contains(byte)
            }
            guard isName, !text.isEmpty, access(Self.database + text, R_OK) == 0 else { return nil }
            setenv("TZ", text, 1)
            tzset()
            self = .system
        }
    }

    private static func shift(_ text: String) -> Int64? {
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let digits = text.dropFirst().filter { $0 != ":" }
        guard digits.count == 2 || digits.count == 4, let number = Int64(digits.count == 2 ? digits + "00" : digits),
            number / 100 <= 18, number % 100 < 60
        else { return nil }
        let minutes = number / 100 * 60 + number % 100
        return (sign == "-" ? -minutes : minutes) * 60_000
    }

    /// How far the zone lies to the east of UTC at a time.
    func shift(at timestamp: Timestamp) -> Int64 {
        switch self {
        case .fixed(let shift): return shift
        case .system:
            var seconds = time_t(timestamp.milliseconds / 1000)
            var parts = tm()
            guard localtime_r(&seconds, &parts) != nil else { return 0 }
            return Int64(parts.tm_gmtoff) * 1000
        }
    }

    /// The time as a clock in the zone shows it.
    func calendar(_ timestamp: Timestamp) -> CalendarTime {
        CalendarTime(Timestamp(milliseconds: timestamp.milliseconds + shift(at: timestamp)))
    }

    /// `+02:00`, or `Z`.
    func suffix(at timestamp: Timestamp) -> String {
        let minutes = shift(at: timestamp) / 60_000
        guard minutes != 0 else { return "Z" }
        func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return (minutes < 0 ? "-" : "+") + pad(minutes.magnitude.signed / 60) + ":" + pad(minutes.magnitude.signed % 60)
    }

    /// `2026-01-31T23:59:59.123+02:00`.
    func iso8601(_ timestamp: Timestamp) -> String {
        let shifted = Timestamp(milliseconds: timestamp.milliseconds + shift(at: timestamp))
        return String(shifted.iso8601.dropLast()) + suffix(at: timestamp)
    }
}

extension UInt64 {
    fileprivate var signed: Int64 { Int64(clamping: self) }
}
