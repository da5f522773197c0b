import CommandLine
import KafkaRecords

/// A record as an object of JSON: `key`, `value` and `headers`, each text or, under a name that ends with `Base64`, bytes;
/// and `timestamp`. What else is there, such as an offset, is left alone.
struct JSONRecord: Equatable {
    private(set) var key: [UInt8]?
    private(set) var value: [UInt8]?
    private(set) var headers: [RecordHeader] = []
    private(set) var timestamp: Int64?

    /// - Parameter number: of the line, for errors.
    init(_ line: RawSpan, number: Int) throws(LineError) {
        let tree: StructuredValue
        do throws(JSONError) {
            tree = try JSONParser.parse(line.withUnsafeBytes { Array($0) })
        } catch {
            throw LineError(text: "No JSON found on line number \(number): \(error.reason), column \(error.column)")
        }
        guard case .object(let members) = tree else {
            throw LineError(text: "No JSON object found on line number \(number)")
        }
        func fail(_ name: String) -> LineError {
            LineError(text: "No usable '\(name)' found on line number \(number)")
        }
        for member in members {
            switch (member.name, member.value) {
            case ("key", let content), ("keyBase64", let content):
                guard let bytes = Self.bytes(member.name, content) else { throw fail(member.name) }
                key = bytes.content
            case ("value", let content), ("valueBase64", let content):
                guard let bytes = Self.bytes(member.name, content) else { throw fail(member.name) }
                value = bytes.content
            case ("timestamp", .int(let time)): timestamp = time < 0 ? nil : time
            case ("timestamp", .null): continue
            case ("timestamp", _): throw fail("timestamp")
            case ("headers", .list(let list)):
                for element in list {
                    guard let header = Self.header(element) else { throw fail("headers") }
                    headers.append(header)
                }
            case ("headers", .null): continue
            case ("headers", _): throw fail("headers")
            default: continue
            }
        }
    }

    private static func header(_ value: StructuredValue) -> RecordHeader? {
        guard case .object(let members) = value else { return nil }
        var header = RecordHeader(key: "", value: nil)
        var isNamed = false
        for member in members {
            switch (member.name, member.value) {
            case ("key", .string(let key)):
                header.key = key
                isNamed = true
            case ("value", let content), ("valueBase64", let content):
                guard let bytes = bytes(member.name, content) else { return nil }
                header.value = bytes.content
            default: continue
            }
        }
        return isNamed ? header : nil
    }

    /// Nil when it is neither text nor null; an object, a list or a number is sent as it is written.
    private static func bytes(_ name: String, _ value: StructuredValue) -> (content: [UInt8]?, Void)? {
        switch value {
        case .null: return (nil, ())
        case .string(let text):
            guard name.hasSuffix("Base64") else { return (Array(text.utf8), ()) }
            let bytes = Array(text.utf8)
            guard let decoded = TextDecoding.base64(bytes.span.bytes) else { return nil }
            return (decoded, ())
        default: return nil
        }
    }
}

/// Bytes that are written in letters.
enum TextDecoding {
    /// Two digits a byte; white space between bytes is left out.
    static func hex(_ text: RawSpan) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.byteCount / 2)
        var high: UInt8?
        for index in 0..<text.byteCount {
            let byte = text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            guard let digit = digit(byte) else {
                guard byte == 0x20 || byte == 0x09, high == nil else { return nil }
                continue
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? bytes : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Of either alphabet, with or without the padding.
    static func base64(_ text: RawSpan) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.byteCount / 4 * 3 + 2)
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for index in 0..<text.byteCount {
            let byte = text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            if byte == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let digit = digit64(byte) else { return nil }
            bits = bits << 6 | UInt32(digit)
            count += 1
            if count == 4 {
                bytes += [
                    UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
                    UInt8(truncatingIfNeeded: bits),
                ]
                bits = 0
                count = 0
            }
        }
        switch count {
        case 0: return padding == 0 ? bytes : nil
        case 2: return padding == 0 || padding == 2 ? bytes + [UInt8(truncatingIfNeeded: bits >> 4)] : nil
        case 3:
            guard padding <= 1 else { return nil }
            return bytes + [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
        default: return nil
        }
    }

    private static func digit64(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
