extension Timestamp {
    /// Reads milliseconds since 1970, or a time of ISO 8601 such as `2026-01-31`, `2026-01-31T23:59`,
    /// `2026-01-31T23:59:59.123Z` or `2026-01-31 23:59:59+02:00`. Without a zone it is UTC.
    public init?(text: String) {
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let milliseconds = Int64(text) {
            self.init(milliseconds: milliseconds)
            return
        }
        var rest = Array(text.utf8)[...]
        guard let year = rest.takeNumber(4), rest.take("-"), let month = rest.takeNumber(2), rest.take("-"),
            let day = rest.takeNumber(2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var milliseconds = Self.days(year, month, day) * 86_400_000
        // A day that the month does not have would come out as one of the next.
        let civil = CalendarTime(Timestamp(milliseconds: milliseconds))
        guard civil.day == day, civil.month == month else { return nil }
        if !rest.isEmpty {
            guard rest.take("T") || rest.take(" "), let hour = rest.takeNumber(2), rest.take(":"),
                let minute = rest.takeNumber(2), hour < 24, minute < 60
            else { return nil }
            milliseconds += Int64(hour * 3_600_000 + minute * 60_000)
            if rest.take(":") {
                guard let second = rest.takeNumber(2), second < 60 else { return nil }
                milliseconds += Int64(second * 1000)
                if rest.take(".") || rest.take(",") {
                    guard let fraction = rest.takeNumber(3) else { return nil }
                    milliseconds += Int64(fraction)
                }
            }
            if !rest.take("Z"), !rest.isEmpty {
                let isAhead = rest.take("+")
                guard isAhead || rest.take("-"), let hours = rest.takeNumber(2) else { return nil }
                _ = rest.take(":")
                guard let minutes = rest.takeNumber(2), hours < 24, minutes < 60 else { return nil }
                let shift = Int64(hours * 3_600_000 + minutes * 60_000)
                milliseconds += isAhead ? -shift : shift
            }
        }
        guard rest.isEmpty else { return nil }
        self.init(milliseconds: milliseconds)
    }

    /// Days since 1970, counted in eras of 400 years that begin on 1 March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard first == UInt8(ascii: character) else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func takeNumber(_ digits: Int) -> Int? {
        guard count >= digits, prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let number = prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        removeFirst(digits)
        return number
    }
}
