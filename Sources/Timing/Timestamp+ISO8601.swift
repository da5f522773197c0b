extension Timestamp {
    /// `2026-01-31T23:59:59.123Z`.
    public var iso8601: String {
        let time = CalendarTime(self)
        func pad(_ value: Int, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(pad(time.year, 4))-\(pad(time.month))-\(pad(time.day))T\(pad(time.hour)):\(pad(time.minute)):"
            + "\(pad(time.second)).\(pad(time.millisecond, 3))Z"
    }

    /// Reads `2026-01-31T23:59:59.123`, with the fraction, the seconds and the whole time left out at will, and with
    /// `Z`, `+02:00` or nothing behind it; without a zone it is UTC, as Kafka's tools take it.
    public init?(iso8601 text: String) {
        var rest = Substring(text)
        guard let year = Self.number(&rest, 4), Self.drop("-", &rest), let month = Self.number(&rest, 2),
            Self.drop("-", &rest), let day = Self.number(&rest, 2), (1...12).contains(month),
            (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        var milliseconds = Int64(Self.daysSince1970(year, month, day)) * 86_400_000
        if !rest.isEmpty {
            guard Self.drop("T", &rest), let time = Self.timeOfDay(&rest), let zone = Self.zone(&rest), rest.isEmpty
            else { return nil }
            milliseconds += time - zone
        }
        self.init(milliseconds: milliseconds)
    }

    private static func timeOfDay(_ rest: inout Substring) -> Int64? {
        guard let hour = number(&rest, 2), hour < 24, drop(":", &rest), let minute = number(&rest, 2), minute < 60
        else { return nil }
        var milliseconds = Int64(hour * 3600 + minute * 60) * 1000
        guard drop(":", &rest) else { return milliseconds }
        guard let second = number(&rest, 2), second < 60 else { return nil }
        milliseconds += Int64(second) * 1000
        guard drop(".", &rest) else { return milliseconds }
        let digits = rest.prefix { $0.isASCII && $0.isWholeNumber }
        guard (1...9).contains(digits.count), let value = Int64((digits + "00").prefix(3)) else { return nil }
        rest.removeFirst(digits.count)
        return milliseconds + value
    }

    /// Milliseconds to the east of UTC.
    private static func zone(_ rest: inout Substring) -> Int64? {
        if rest.isEmpty || drop("Z", &rest) { return 0 }
        let sign: Int64
        if drop("+", &rest) { sign = 1 } else if drop("-", &rest) { sign = -1 } else { return nil }
        guard let hours = number(&rest, 2), hours <= 18 else { return nil }
        _ = drop(":", &rest)
        guard let minutes = number(&rest, 2), minutes < 60 else { return nil }
        return sign * Int64(hours * 60 + minutes) * 60_000
    }

    private static func number(_ rest: inout Substring, _ count: Int) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ $0.isASCII && $0.isWholeNumber }) else { return nil }
        rest.removeFirst(count)
        return Int(digits)
    }

    private static func drop(_ character: Character, _ rest: inout Substring) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Years begin on 1 March here, so that the day that may be missing is the last.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
