import Bytes

/// What the bytes of a key or a value are.
enum PlainDecoder: String, Sendable {
    case string, bytes, integer, long

    /// The short names, and the classes that Kafka has had for them.
    init?(name: String) {
        if let decoder = PlainDecoder(rawValue: name) {
            self = decoder
            return
        }
        for package in ["org.apache.kafka.tools.api.", "kafka.serializer."] where name.hasPrefix(package) {
            switch name.dropFirst(package.count) {
            case "StringDecoder": self = .string
            case "DefaultDecoder": self = .bytes
            case "IntegerDecoder": self = .integer
            case "LongDecoder": self = .long
            default: return nil
            }
            return
        }
        return nil
    }

    func append(_ content: RawSpan, to text: inout ByteWriter) {
        switch self {
        case .string: Self.append(utf8: content, to: &text)
        case .bytes: text.append(base64: content)
        case .integer, .long:
            if let number = number(content) {
                text.append(decimal: number)
            } else {
                // Kafka's decoder would end the whole dump here.
                text.append(literal: "0x")
                Self.append(hexadecimal: content, to: &text)
            }
        }
    }

    func text(_ content: RawSpan) -> String {
        var writer = ByteWriter()
        append(content, to: &writer)
        return String(decoding: Array(writer.bytes), as: UTF8.self)
    }

    /// The number that the first bytes are, as Kafka's decoders read it; nil where there are too few, or for text.
    func number(_ content: RawSpan) -> Int64? {
        switch self {
        case .string, .bytes: nil
        case .integer:
            content.byteCount < 4
                ? nil : Int64(Int32(bigEndian: content.unsafeLoadUnaligned(fromByteOffset: 0, as: Int32.self)))
        case .long:
            content.byteCount < 8
                ? nil : Int64(bigEndian: content.unsafeLoadUnaligned(fromByteOffset: 0, as: Int64.self))
        }
    }

    private static func append(utf8 content: RawSpan, to text: inout ByteWriter) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: content._unsafeView(as: UInt8.self))
            text.append(content)
        } catch {
            text.append(utf8: String(decoding: Array(content), as: UTF8.self))
        }
    }

    private static func append(hexadecimal content: RawSpan, to text: inout ByteWriter) {
        let digits: StaticString = "0123456789abcdef"
        for position in 0..<content.byteCount {
            let byte = content.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            text.integer(digits.utf8Start[Int(byte >> 4)])
            text.integer(digits.utf8Start[Int(byte & 15)])
        }
    }
}
