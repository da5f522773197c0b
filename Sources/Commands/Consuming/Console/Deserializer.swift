import Bytes

/// What the bytes of a key, a value or a header are, by the class that Kafka's tool is given for them. Each prints what
/// the Java object would print.
enum Deserializer: Equatable {
    case bytes
    case string, boolean, short, integer, long, float, double, uuid, void
    /// `Bytes`, which prints what is no visible ASCII as `\x00`.
    case escaped

    /// Why bytes are not what they should be.
    struct Failure: Error, Equatable {
        let reason: String
    }

    static let names = [
        "bytes", "string", "boolean", "short", "integer", "long", "float", "double", "uuid", "void",
    ]

    private static let package = "org.apache.kafka.common.serialization."
    private static let suffix = "Deserializer"

    /// The classes of Kafka, in full or without their package, and short names.
    init?(name: String) {
        var name = Substring(name)
        if name.hasPrefix(Self.package) { name.removeFirst(Self.package.count) }
        if name.hasSuffix(Self.suffix) { name.removeLast(Self.suffix.count) }
        switch name.lowercased() {
        case "bytearray", "bytebuffer": self = .bytes
        case "bytes": self = name.first == "B" ? .escaped : .bytes
        case "string": self = .string
        case "boolean": self = .boolean
        case "short": self = .short
        case "integer", "int": self = .integer
        case "long": self = .long
        case "float": self = .float
        case "double": self = .double
        case "uuid": self = .uuid
        case "void": self = .void
        default: return nil
        }
    }

    func append(_ content: RawSpan, to text: inout ByteWriter) throws(Failure) {
        switch self {
        case .bytes: text.append(content)
        case .string: Self.append(utf8: content, to: &text)
        case .escaped: Self.append(escaping: content, to: &text)
        case .short: text.append(decimal: try number(content, Int16.self))
        case .integer: text.append(decimal: try number(content, Int32.self))
        case .long: text.append(decimal: try number(content, Int64.self))
        case .float: text.append(utf8: JavaNumber.text(Float(bitPattern: try number(content, UInt32.self))))
        case .double: text.append(utf8: JavaNumber.text(Double(bitPattern: try number(content, UInt64.self))))
        case .boolean: text.append(try boolean(content))
        case .uuid: try append(uuid: content, to: &text)
        case .void: throw Failure(reason: "Data should be null for a VoidDeserializer.")
        }
    }

    private func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ content: RawSpan, _: Number.Type
    ) throws(Failure) -> Number {
        guard content.byteCount == MemoryLayout<Number>.size else {
            throw Failure(reason: "Size of data received by \(className) is not \(MemoryLayout<Number>.size)")
        }
        return Number(bigEndian: content.unsafeLoadUnaligned(fromByteOffset: 0, as: Number.self))
    }

    private func boolean(_ content: RawSpan) throws(Failure) -> Bool {
        guard content.byteCount == 1 else {
            throw Failure(reason: "Size of data received by \(className) is not 1")
        }
        switch content.unsafeLoad(fromByteOffset: 0, as: UInt8.self) {
        case 0: return false
        case 1: return true
        case let byte: throw Failure(reason: "Unexpected byte received by \(className): \(Int8(bitPattern: byte))")
        }
    }

    /// The text of a UUID, as its serializer writes it.
    private func append(uuid content: RawSpan, to text: inout ByteWriter) throws(Failure) {
        let word = String(decoding: Array(content), as: UTF8.self)
        let groups = word.split(separator: "-", omittingEmptySubsequences: false)
        let isHexadecimal = groups.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
        guard groups.count == 5, isHexadecimal else {
            throw Failure(reason: "Error parsing data into UUID: Invalid UUID string: \(word)")
        }
        for (index, (group, width)) in zip(groups, [8, 4, 4, 4, 12]).enumerated() {
            if index > 0 { text.integer(UInt8(ascii: "-")) }
            let digits = group.lowercased().suffix(width)
            for _ in digits.count..<width { text.integer(UInt8(ascii: "0")) }
            text.append(utf8: String(digits))
        }
    }

    private var className: String {
        switch self {
        case .bytes: "ByteArrayDeserializer"
        case .string: "StringDeserializer"
        case .boolean: "BooleanDeserializer"
        case .short: "ShortDeserializer"
        case .integer: "IntegerDeserializer"
        case .long: "LongDeserializer"
        case .float: "FloatDeserializer"
        case .double: "DoubleDeserializer"
        case .uuid: "UUIDDeserializer"
        case .void: "VoidDeserializer"
        case .escaped: "BytesDeserializer"
        }
    }

    /// What is no UTF-8 becomes U+FFFD, as in a Java string.
    private static func append(utf8 content: RawSpan, to text: inout ByteWriter) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: content._unsafeView(as: UInt8.self))
            text.append(content)
        } catch {
            text.append(utf8: String(decoding: Array(content), as: UTF8.self))
        }
    }

    private static func append(escaping content: RawSpan, to text: inout ByteWriter) {
        let digits: StaticString = "0123456789ABCDEF"
        for position in 0..<content.byteCount {
            let byte = content.unsafeLoad(fromByteOffset: position, as: UInt8.self)
            if (0x20...0x7e).contains(byte), byte != UInt8(ascii: "\\") {
                text.integer(byte)
            } else {
                text.append(literal: "\\x")
                text.integer(digits.utf8Start[Int(byte >> 4)])
                text.integer(digits.utf8Start[Int(byte & 15)])
            }
        }
    }
}
