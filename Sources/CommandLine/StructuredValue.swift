/// What a command found, as a tree for programs to read: whatever lists or describes builds one and prints it in the
/// form that `--output` names.
public indirect enum StructuredValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case list([StructuredValue])
    /// Members in the order in which they are printed.
    case object([Member])

    public struct Member: Equatable, Sendable {
        public let name: String
        public let value: StructuredValue

        public init(_ name: String, _ value: StructuredValue) {
            self.name = name
            self.value = value
        }
    }

    public static func int(_ number: some BinaryInteger) -> StructuredValue { .int(Int64(clamping: number)) }

    public static func optional(_ number: (some BinaryInteger)?) -> StructuredValue {
        number.map { .int($0) } ?? .null
    }

    public static func optional(_ text: String?) -> StructuredValue { text.map { .string($0) } ?? .null }
}

extension StructuredValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    public init(dictionaryLiteral members: (String, StructuredValue)...) {
        self = .object(members.map { Member($0.0, $0.1) })
    }

    public init(arrayLiteral elements: StructuredValue...) { self = .list(elements) }

    public init(stringLiteral text: String) { self = .string(text) }
}
