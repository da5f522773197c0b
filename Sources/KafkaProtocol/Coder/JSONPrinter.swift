import Bytes

/// Prints a message as one line of JSON, in the form of Kafka's request log and dump tool: names in lower camel case,
/// byte strings in base64, ids as 22 characters, tagged fields only when they differ from the default.
struct JSONPrinter: WireCoder {
    typealias Failure = Never

    let version: Int16
    private(set) var text = ""
    private var needsComma = false
    private let style: JSONStyle?
    private var member = ""
    private var depth = 0
    /// The members of the message itself, cut apart only where a style gives them places.
    private var parts: [(member: String, start: String.Index)] = []

    init(version: Int16, style: JSONStyle? = nil) {
        self.version = version
        self.style = style
    }

    mutating func field<V: WireValue>(_ name: StaticString, _ value: inout V, _ versions: Versions) {
        guard versions.contains(version) else { return }
        key(name)
        value.code(&self)
    }

    mutating func field<V: WireNullable>(
        _ name: StaticString, _ value: inout V?, _ versions: Versions, nullable: Versions
    ) {
        guard versions.contains(version) else { return }
        key(name)
        if nullable.contains(version) { return value.code(&self) }
        var present = value ?? V()
        present.code(&self)
    }

    /// Of records only the size is told.
    mutating func field(
        _ name: StaticString, _ value: inout RecordsField, _ versions: Versions, nullable: Versions
    ) {
        guard versions.contains(version) else { return }
        key(name, suffix: "SizeInBytes")
        text += value == .null ? "null" : String(value.count)
    }

    mutating func tag<V: WireValue>(
        _ id: UInt32, _ name: StaticString, _ value: inout V, _ versions: Versions, nullable: Versions, isDefault: Bool
    ) {
        guard !isDefault, versions.contains(version) else { return }
        key(name)
        value.code(&self)
    }

    mutating func int8(_ value: inout Int8) { text += style?.replacing(member, .int8(value)) ?? String(value) }
    mutating func int16(_ value: inout Int16) { text += String(value) }
    mutating func int32(_ value: inout Int32) { text += String(value) }
    mutating func int64(_ value: inout Int64) { text += String(value) }
    mutating func uint16(_ value: inout UInt16) { text += String(value) }
    mutating func uint32(_ value: inout UInt32) { text += String(value) }
    mutating func double(_ value: inout Double) { text += value.isFinite ? String(value) : "\"\(value)\"" }
    mutating func bool(_ value: inout Bool) { text += value ? "true" : "false" }
    mutating func uuid(_ value: inout UUID) { text += "\"\(value)\"" }
    mutating func string(_ value: inout String) { quote(value) }
    mutating func bytes(_ value: inout [UInt8]) {
        text += style?.replacing(member, .bytes(value)) ?? "\"\(base64(value))\""
    }

    mutating func string(_ value: inout String?) {
        if let value { quote(value) } else { text += "null" }
    }

    mutating func bytes(_ value: inout [UInt8]?) {
        if var present = value { bytes(&present) } else { text += "null" }
    }

    mutating func list<E: WireValue>(_ values: inout [E]) {
        text += "["
        var isFirst = true
        for var element in values {
            if !isFirst { text += "," }
            isFirst = false
            element.code(&self)
        }
        text += "]"
    }

    mutating func list<E: WireValue>(_ values: inout [E]?) {
        if var present = values { list(&present) } else { text += "null" }
    }

    mutating func structure<S: WireStruct>(_ value: inout S) {
        text += "{"
        needsComma = false
        depth += 1
        value.fields(&self)
        value.taggedFields(&self)
        depth -= 1
        if depth == 0, let style, !style.order.isEmpty { arrange(style.order) }
        text += "}"
        needsComma = true
    }

    mutating func structure<S: WireStruct>(_ value: inout S?) {
        if var present = value { structure(&present) } else { text += "null" }
    }

    private mutating func key(_ name: StaticString, suffix: String = "") {
        if needsComma { text += "," }
        needsComma = true
        let key = lowerCamelCase(name) + suffix
        if let style {
            member = key
            if depth == 1, !style.order.isEmpty { parts.append((key, text.endIndex)) }
        }
        text += "\"\(key)\":"
    }

    /// Puts the members of the message in an order; one it does not name comes last.
    private mutating func arrange(_ order: [String]) {
        var members: [(place: Int, json: Substring)] = []
        for (index, part) in parts.enumerated() {
            let end = index + 1 < parts.count ? text.index(before: parts[index + 1].start) : text.endIndex
            members.append((order.firstIndex(of: part.member) ?? order.count, text[part.start..<end]))
        }
        members.sort { $0.place < $1.place }
        text = "{" + members.map(\.json).joined(separator: ",")
    }

    private mutating func quote(_ string: String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{8}": text += "\\b"
            case "\u{c}": text += "\\f"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

/// `TopicId` as `topicId`.
func lowerCamelCase(_ name: StaticString) -> String {
    let name = String(describing: name)
    return name.prefix(1).lowercased() + name.dropFirst()
}

private func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var digits: [UInt8] = []
    digits.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
        for index in 0..<4 {
            digits.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
        }
    }
    return String(decoding: digits, as: UTF8.self)
}

extension WireMessage {
    /// The message as JSON, for logs and dumps; it is never specialised, to keep the module small.
    @_semantics("optimize.sil.specialize.generic.never")
    @inline(never)
    public func jsonDescription(version: Int16, style: JSONStyle? = nil) -> String {
        var message = self
        var printer = JSONPrinter(version: version, style: style)
        printer.structure(&message)
        return printer.text
    }
}
