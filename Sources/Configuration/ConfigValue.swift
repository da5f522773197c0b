/// A setting's value, read as its type says.
public enum ConfigValue: Equatable, Sendable {
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    case text(String)
    case list([String])

    /// As Kafka prints it: trimmed, lists joined by commas.
    public var canonicalText: String {
        switch self {
        case .boolean(let value): String(value)
        case .integer(let value): String(value)
        case .double(let value): javaText(value)
        case .text(let value): value
        case .list(let values): values.joined(separator: ",")
        }
    }
}

extension ConfigDefinition {
    /// Reads and checks a value that somebody set.
    public func parse(_ raw: String) throws(ConfigurationError) -> ConfigValue {
        let text = raw.trimmed
        guard let value = read(text) else {
            let reason =
                type == .boolean ? "Expected value to be either true or false" : "Not a number of type \(type.name)"
            throw refusal(of: text, reason)
        }
        if let reason = validator.problem(with: value) { throw refusal(of: text, reason) }
        return value
    }

    /// The default as a value. The table is ours, so it cannot be malformed.
    public var parsedDefault: ConfigValue? { defaultValue.flatMap(read) }

    func refusal(of text: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(key: name, value: isSensitive ? "[hidden]" : text, reason: reason)
    }

    private func read(_ text: String) -> ConfigValue? {
        switch type {
        case .boolean:
            switch text.lowercased() {
            case "true": .boolean(true)
            case "false": .boolean(false)
            default: nil
            }
        case .short: Int16(text).map { .integer(Int64($0)) }
        case .int: Int32(text).map { .integer(Int64($0)) }
        case .long: Int64(text).map { .integer($0) }
        case .double: Double(text).map { .double($0) }
        case .string, .class_, .password: .text(text)
        case .list: .list(text.listElements)
        }
    }
}

extension String {
    /// Without white space around it.
    var trimmed: String {
        let scalars = unicodeScalars.drop { $0.value <= 0x20 }
        guard let last = scalars.lastIndex(where: { $0.value > 0x20 }) else { return "" }
        return String(scalars[...last])
    }

    /// The elements between commas, each trimmed; nothing at all is no element.
    var listElements: [String] {
        isEmpty ? [] : split(separator: ",", omittingEmptySubsequences: false).map { String($0).trimmed }
    }
}

/// Java prints large and small doubles with a capital E and always a digit after the point.
private func javaText(_ value: Double) -> String {
    let text = "\(value)"
    guard let exponent = text.firstIndex(of: "e") else { return text }
    let mantissa = text[..<exponent]
    let power = text[text.index(after: exponent)...].drop { $0 == "+" }
    return mantissa + (mantissa.contains(".") ? "" : ".0") + "E" + power
}
