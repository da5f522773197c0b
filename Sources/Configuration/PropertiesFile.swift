/// The syntax of Java's `.properties` files, in which brokers and tools are configured: one `key=value` a line, where `=`
/// may also be `:` or white space; `#` and `!` begin a comment line; a backslash at the end continues the line, and
/// elsewhere escapes what follows (`\t`, `\n`, `\r`, `\f`, `\uXXXX`, or the character itself).
public enum PropertiesFile {
    public struct Property: Equatable, Sendable {
        public let key: String
        public let value: String
        /// Where the setting begins, counted from 1.
        public let line: Int
    }

    /// All settings in the order of the file. A key that comes twice counts with its last value.
    public static func parse(_ text: String) throws(ConfigurationError) -> [Property] {
        var lines = LogicalLines(text)
        var properties: [Property] = []
        while let line = lines.next() {
            properties.append(try split(line))
        }
        return properties
    }

    /// The bytes of a file: UTF-8, or Latin-1 as Java reads it when they are no UTF-8.
    public static func parse(bytes: [UInt8]) throws(ConfigurationError) -> [Property] {
        if let text = String(validating: bytes, as: UTF8.self) { return try parse(text) }
        return try parse(String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })))
    }

    private static func split(_ line: LogicalLines.Line) throws(ConfigurationError) -> Property {
        let units = line.units
        var end = 0
        while end < units.count, !units[end].isSpace, !units[end].isSeparator {
            end += units[end] == .backslash ? 2 : 1
        }
        end = min(end, units.count)
        var start = end
        while start < units.count, units[start].isSpace { start += 1 }
        if start < units.count, units[start].isSeparator {
            start += 1
            while start < units.count, units[start].isSpace { start += 1 }
        }
        return Property(
            key: try unescape(units[..<end], line: line.number),
            value: try unescape(units[start...], line: line.number),
            line: line.number)
    }

    private static func unescape(_ units: ArraySlice<UInt16>, line: Int) throws(ConfigurationError) -> String {
        var plain: [UInt16] = []
        plain.reserveCapacity(units.count)
        var index = units.startIndex
        while index < units.endIndex {
            let unit = units[index]
            index += 1
            guard unit == .backslash, index < units.endIndex else {
                if unit != .backslash { plain.append(unit) }
                continue
            }
            let escaped = units[index]
            index += 1
            switch escaped {
            case UInt16(ascii: "t"): plain.append(0x09)
            case UInt16(ascii: "n"): plain.append(0x0a)
            case UInt16(ascii: "r"): plain.append(0x0d)
            case UInt16(ascii: "f"): plain.append(0x0c)
            case UInt16(ascii: "u"):
                let digits = String(decoding: units[index..<min(index + 4, units.endIndex)], as: UTF16.self)
                guard digits.utf16.count == 4, digits.allSatisfy(\.isHexDigit), let code = UInt16(digits, radix: 16)
                else { throw ConfigurationError(line: line, reason: "malformed \\uxxxx escape '\\u\(digits)'") }
                plain.append(code)
                index += 4
            default: plain.append(escaped)
            }
        }
        return String(decoding: plain, as: UTF16.self)
    }
}

/// Lines of the file joined where a backslash continues them, without comments and blank lines.
private struct LogicalLines {
    struct Line {
        var units: [UInt16]
        var number: Int
    }

    private let units: [UInt16]
    private var position = 0
    private var number = 0

    init(_ text: String) { units = Array(text.utf16) }

    mutating func next() -> Line? {
        while let first = natural() {
            let begin = number
            var line = first.drop { $0.isSpace }
            guard let mark = line.first, mark != UInt16(ascii: "#"), mark != UInt16(ascii: "!") else { continue }
            var joined: [UInt16] = []
            while line.reversed().prefix(while: { $0 == .backslash }).count % 2 == 1 {
                joined += line.dropLast()
                line = (natural() ?? []).drop { $0.isSpace }
            }
            joined += line
            return Line(units: joined, number: begin)
        }
        return nil
    }

    /// One line of the file without its terminator: a line feed, a carriage return, or both.
    private mutating func natural() -> ArraySlice<UInt16>? {
        guard position < units.count else { return nil }
        number += 1
        let start = position
        while position < units.count, units[position] != 0x0a, units[position] != 0x0d { position += 1 }
        let line = units[start..<position]
        if position + 1 < units.count, units[position] == 0x0d, units[position + 1] == 0x0a { position += 1 }
        position += 1
        return line
    }
}

extension UInt16 {
    fileprivate init(ascii: Unicode.Scalar) { self = UInt16(UInt8(ascii: ascii)) }
    fileprivate static let backslash = UInt16(0x5c)
    fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0c }
    fileprivate var isSeparator: Bool { self == 0x3d || self == 0x3a }
}
