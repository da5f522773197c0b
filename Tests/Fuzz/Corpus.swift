import Glibc

/// One input before it is mutated, with what tells how to read it.
struct Seed: Sendable {
    var api: Int16
    var version: Int16
    var bytes: [UInt8]
}

/// A recorded exchange, both sides without their length.
struct RecordedExchange: Sendable {
    var request: Seed
    var response: Seed
}

/// The recorded frames: a JSON object a line, of which four members are wanted.
enum Corpus {
    static var standard: String {
        let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return here.joined(separator: "/") + "/KafkaProtocolTests/Fixtures/kafka-3.9-frames.jsonl"
    }

    static func load(_ path: String?) -> [RecordedExchange] {
        let path = path ?? standard
        guard let text = contents(path) else { end("cannot read \(path): errno \(errno)", 2) }
        return text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let api = number("api", in: line), let version = number("version", in: line),
                let request = hex("request", in: line), let response = hex("response", in: line)
            else { return nil }
            return RecordedExchange(
                request: Seed(api: api, version: version, bytes: request),
                response: Seed(api: api, version: version, bytes: response))
        }
    }

    private static func contents(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(file, &part, part.count)
            guard count > 0 else { return count == 0 ? all : nil }
            all += part[..<count]
        }
    }

    private static func number(_ name: String, in line: ArraySlice<UInt8>) -> Int16? {
        value(name, in: line).flatMap { rest in
            Int16(String(decoding: rest.prefix { $0 == UInt8(ascii: "-") || ($0 >= 48 && $0 <= 57) }, as: UTF8.self))
        }
    }

    private static func hex(_ name: String, in line: ArraySlice<UInt8>) -> [UInt8]? {
        guard let rest = value(name, in: line), rest.first == UInt8(ascii: "\"") else { return nil }
        let digits = Array(rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") })
        return stride(from: 0, to: digits.count - 1, by: 2).map { nibble(digits[$0]) << 4 | nibble(digits[$0 + 1]) }
    }

    private static func nibble(_ digit: UInt8) -> UInt8 { digit <= 57 ? digit &- 48 : (digit | 0x20) &- 87 }

    /// What follows `"name":` and its blanks.
    private static func value(_ name: String, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let key = Array("\"\(name)\":".utf8)
        var start = line.startIndex
        while start + key.count <= line.endIndex {
            if line[start..<start + key.count].elementsEqual(key) {
                return line[(start + key.count)...].drop { $0 == UInt8(ascii: " ") }
            }
            start += 1
        }
        return nil
    }
}
