import Timing

/// A pattern of Java's SimpleDateFormat for times: `yyyy-MM-dd HH:mm:ss:SSS`.
struct SimpleDateFormat: Equatable {
    private enum Piece: Equatable {
        case literal(String)
        case field(Character, width: Int)
    }

    private let pieces: [Piece]

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]

    /// Nil where the pattern has a letter that means nothing, or an open quote.
    init?(_ pattern: String) {
        var pieces: [Piece] = []
        var literal = ""
        var rest = Substring(pattern)
        while let character = rest.first {
            if character == "'" {
                guard let (text, length) = Self.quoted(rest) else { return nil }
                literal += text
                rest = rest.dropFirst(length)
            } else if character.isASCII, character.isLetter {
                guard "yMdEHhkKmsSaZXz".contains(character) else { return nil }
                let width = rest.prefix { $0 == character }.count
                if !literal.isEmpty { pieces.append(.literal(literal)) }
                literal = ""
                pieces.append(.field(character, width: width))
                rest = rest.dropFirst(width)
            } else {
                literal.append(character)
                rest = rest.dropFirst()
            }
        }
        if !literal.isEmpty { pieces.append(.literal(literal)) }
        self.pieces = pieces
    }

    /// The text between quotes, two of which are one, and how long it is with them.
    private static func quoted(_ rest: Substring) -> (String, Int)? {
        if rest.hasPrefix("''") { return ("'", 2) }
        var text = ""
        var length = 1
        var inner = rest.dropFirst()
        while let character = inner.first {
            length += 1
            inner = inner.dropFirst()
            guard character == "'" else {
                text.append(character)
                continue
            }
            guard inner.first == "'" else { return (text, length) }
            text.append("'")
            length += 1
            inner = inner.dropFirst()
        }
        return nil
    }

    func text(_ timestamp: Timestamp, in zone: TimeZoneChoice = .system) -> String {
        let time = zone.calendar(timestamp)
        return pieces.map { piece in
            switch piece {
            case .literal(let text): text
            case .field(let letter, let width): Self.field(letter, width, time, timestamp, zone)
            }
        }.joined()
    }

    private static func field(
        _ letter: Character, _ width: Int, _ time: CalendarTime, _ timestamp: Timestamp, _ zone: TimeZoneChoice
    ) -> String {
        func pad(_ number: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        switch letter {
        case "y": return width == 2 ? String(String(time.year).suffix(2)) : pad(time.year)
        case "M":
            if width >= 4 { return months[time.month - 1] }
            return width == 3 ? String(months[time.month - 1].prefix(3)) : pad(time.month)
        case "d": return pad(time.day)
        case "E":
            let local = timestamp.milliseconds + zone.shift(at: timestamp)
            // 1970 began on a Thursday.
            let day = days[Int(((local / 86_400_000) % 7 + 7) % 7)]
            return width >= 4 ? day : String(day.prefix(3))
        case "H": return pad(time.hour)
        case "k": return pad(time.hour == 0 ? 24 : time.hour)
        case "K": return pad(time.hour % 12)
        case "h": return pad(time.hour % 12 == 0 ? 12 : time.hour % 12)
        case "m": return pad(time.minute)
        case "s": return pad(time.second)
        case "S": return pad(time.millisecond)
        case "a": return time.hour < 12 ? "AM" : "PM"
        case "X": return zone.suffix(at: timestamp)
        case "z", "Z":
            let suffix = zone.suffix(at: timestamp)
            let shift = suffix == "Z" ? "+0000" : suffix.filter { $0 != ":" }
            return letter == "Z" ? shift : suffix == "Z" ? "UTC" : "GMT\(suffix)"
        default: return ""
        }
    }
}
