extension StructuredValue {
    /// A document of YAML that version 1.1 and 1.2 read alike, with its line ends. Text that either might take for
    /// something else stands in quotes.
    var yaml: String {
        var text = ""
        writeYAML(into: &text, indent: "", isAfterDash: true)
        return text
    }

    /// - Parameter isAfterDash: the first line needs no indent and no line end in front of it.
    private func writeYAML(into text: inout String, indent: String, isAfterDash: Bool) {
        switch self {
        case .list(let elements) where !elements.isEmpty:
            if !isAfterDash { text += "\n" }
            for (position, element) in elements.enumerated() {
                text += (isAfterDash && position == 0 ? "" : indent) + "- "
                element.writeYAML(into: &text, indent: indent + "  ", isAfterDash: true)
            }
        case .object(let members) where !members.isEmpty:
            if !isAfterDash { text += "\n" }
            for (position, member) in members.enumerated() {
                text += (isAfterDash && position == 0 ? "" : indent) + Self.yamlText(member.name) + ":"
                if !member.value.isCompound { text += " " }
                member.value.writeYAML(into: &text, indent: indent + "  ", isAfterDash: false)
            }
        case .string(let string): text += Self.yamlText(string) + "\n"
        case .double(let number) where number.isFinite: text += Self.yamlNumber(number) + "\n"
        case .null, .bool, .int, .double, .list, .object: text += json + "\n"
        }
    }

    private var isCompound: Bool {
        switch self {
        case .list(let elements): !elements.isEmpty
        case .object(let members): !members.isEmpty
        case .null, .bool, .int, .double, .string: false
        }
    }

    /// Version 1.1 takes `1e-07` for text: it wants a point.
    private static func yamlNumber(_ number: Double) -> String {
        let digits = "\(number)"
        guard let exponent = digits.firstIndex(of: "e"), !digits.contains(".") else { return digits }
        return digits[..<exponent] + ".0" + digits[exponent...]
    }

    /// Words that some version takes for a truth or for nothing.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func yamlText(_ text: String) -> String {
        let isWord =
            text.utf8.first.map(isLetter) == true
            && text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || [0x2d, 0x2e, 0x2f].contains($0) }
        guard isWord, !reserved.contains(text.lowercased()) else { return yamlQuoted(text) }
        return text
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
    }

    private static func yamlQuoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default:
                if isPrintable(scalar) {
                    quoted.unicodeScalars.append(scalar)
                } else {
                    let digits = String(scalar.value, radix: 16)
                    let width = scalar.value > 0xffff ? 8 : 4
                    quoted +=
                        (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count) + digits
                }
            }
        }
        return quoted + "\""
    }

    /// What a reader of YAML must take as it stands; line ends of Unicode are left out, since readers fold them.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...0x10ffff: true
        default: false
        }
    }
}
