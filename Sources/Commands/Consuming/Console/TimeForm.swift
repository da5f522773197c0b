import Bytes
import Timing

/// How the times of records are printed.
enum TimeForm: Equatable {
    case milliseconds
    case iso(TimeZoneChoice)
    /// How long before the start of the program.
    case relative(Timestamp)

    func append(_ milliseconds: Int64, to text: inout ByteWriter) {
        switch self {
        case .milliseconds: text.append(decimal: milliseconds)
        // What lies beyond the year 9999 has no such form.
        case .iso(let zone) where (0..<253_402_300_800_000).contains(milliseconds):
            text.append(utf8: zone.iso8601(Timestamp(milliseconds: milliseconds)))
        case .iso: text.append(decimal: milliseconds)
        case .relative(let now):
            guard milliseconds >= 0 else { return text.append(decimal: milliseconds) }
            text.append(utf8: Self.span(now.milliseconds.subtractingClamped(milliseconds)))
        }
    }

    /// `3 min 20 s ago`, with two units at most.
    static func span(_ milliseconds: Int64) -> String {
        let seconds = Int64(clamping: milliseconds.magnitude / 1000)
        let text: String
        switch seconds {
        case ..<1: return "just now"
        case ..<60: text = "\(seconds) s"
        case ..<3600: text = "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: text = "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: text = "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
        }
        return milliseconds < 0 ? "in \(text)" : "\(text) ago"
    }
}

extension Int64 {
    fileprivate func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }
}
