public import Bytes

/// JSON as it is written, front to back: compact, members in the order they are given, nothing built in between.
/// Whoever writes keeps the order of calls right; commas are put by themselves.
public struct JSONText: ~Copyable {
    public private(set) var bytes: ByteWriter
    private var needsComma = false

    public init(capacity: Int = 1024) { bytes = ByteWriter(capacity: capacity) }

    public var string: String { String(decoding: Array(bytes.bytes), as: UTF8.self) }

    public borrowing func copy(into writer: inout ByteWriter) { writer.append(bytes.bytes) }

    /// Forgets what was written and keeps the memory.
    public mutating func clear() {
        bytes.clear(keepingAtMost: 1 << 20)
        needsComma = false
    }

    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A line end behind a whole document, as between the lines of JSON Lines. A new document may follow.
    public mutating func endLine() {
        bytes.integer(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// The name of a member; its value must be written next.
    public mutating func key(_ name: StaticString) {
        separate()
        bytes.integer(UInt8(ascii: "\""))
        bytes.append(literal: name)
        bytes.append(literal: "\":")
        needsComma = false
    }

    @_disfavoredOverload
    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.integer(UInt8(ascii: ":"))
        needsComma = false
    }

    @_disfavoredOverload
    public mutating func value(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    public mutating func value(_ text: StaticString) {
        separate()
        bytes.integer(UInt8(ascii: "\""))
        bytes.append(literal: text)
        bytes.integer(UInt8(ascii: "\""))
        needsComma = true
    }

    public mutating func value(_ number: Int64) {
        separate()
        bytes.append(decimal: number)
        needsComma = true
    }

    public mutating func value(_ number: some FixedWidthInteger & SignedInteger) { value(Int64(number)) }

    public mutating func value(_ number: UInt64) {
        separate()
        bytes.append(decimal: number)
        needsComma = true
    }

    public mutating func value(_ number: some FixedWidthInteger & UnsignedInteger) { value(UInt64(number)) }

    /// What is no number in JSON becomes null.
    public mutating func value(_ number: Double) {
        guard number.isFinite else { return null() }
        separate()
        bytes.append(utf8: String(number))
        needsComma = true
    }

    public mutating func value(_ truth: Bool) {
        separate()
        bytes.append(truth)
        needsComma = true
    }

    public mutating func null() {
        separate()
        bytes.append(literal: "null")
        needsComma = true
    }

    /// A value that is JSON already.
    public mutating func value(json text: String) {
        separate()
        bytes.append(utf8: text)
        needsComma = true
    }

    public mutating func value(base64 content: RawSpan) {
        separate()
        bytes.integer(UInt8(ascii: "\""))
        bytes.append(base64: content)
        bytes.integer(UInt8(ascii: "\""))
        needsComma = true
    }

    /// Bytes that ought to be UTF-8; what is not becomes U+FFFD.
    public mutating func value(utf8 content: RawSpan) {
        separate()
        if isUTF8(content) { quote(content) } else { quote(String(decoding: Array(content), as: UTF8.self)) }
        needsComma = true
    }

    /// A member that holds bytes of anybody's making: `"key":"text"` where they are UTF-8, else `"keyBase64":"/w=="`.
    public mutating func member(_ name: StaticString, _ content: RawSpan) {
        separate()
        bytes.integer(UInt8(ascii: "\""))
        bytes.append(literal: name)
        if isUTF8(content) {
            bytes.append(literal: "\":")
            quote(content)
        } else {
            bytes.append(literal: "Base64\":\"")
            bytes.append(base64: content)
            bytes.integer(UInt8(ascii: "\""))
        }
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.integer(UInt8(ascii: ",")) }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.integer(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.integer(bracket)
        needsComma = true
    }

    private mutating func quote(_ text: String) {
        var text = text
        text.withUTF8 { quote(UnsafeRawBufferPointer($0).bytes) }
    }

    /// Stretches that need no escape are copied whole.
    private mutating func quote(_ utf8: RawSpan) {
        bytes.integer(UInt8(ascii: "\""))
        var start = 0
        for position in 0..<utf8.byteCount {
            let byte = utf8.unsafeLoad(fromUncheckedByteOffset: position, as: UInt8.self)
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(utf8.extracting(start..<position))
            escape(byte)
            start = position + 1
        }
        bytes.append(utf8.extracting(start..<utf8.byteCount))
        bytes.integer(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): bytes.append(literal: "\\\"")
        case UInt8(ascii: "\\"): bytes.append(literal: "\\\\")
        case 0x08: bytes.append(literal: "\\b")
        case 0x09: bytes.append(literal: "\\t")
        case 0x0a: bytes.append(literal: "\\n")
        case 0x0c: bytes.append(literal: "\\f")
        case 0x0d: bytes.append(literal: "\\r")
        default:
            let hex: StaticString = "0123456789ABCDEF"
            bytes.append(literal: "\\u00")
            bytes.integer(hex.utf8Start[Int(byte >> 4)])
            bytes.integer(hex.utf8Start[Int(byte & 15)])
        }
    }
}

/// Whether bytes are UTF-8 from front to end.
private func isUTF8(_ content: RawSpan) -> Bool {
    do throws(UTF8.ValidationError) {
        _ = try UTF8Span(validating: content._unsafeView(as: UInt8.self))
        return true
    } catch {
        return false
    }
}
