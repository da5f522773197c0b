/// How a message is printed where its table alone would not give the text of Kafka's tools.
public struct JSONStyle: Sendable {
    /// A value that may be printed otherwise.
    public enum Leaf: Sendable {
        case bytes([UInt8])
        case int8(Int8)
    }

    /// JSON to print instead of the value of a member, or nil to leave it.
    public var replacing: @Sendable (_ member: String, _ leaf: Leaf) -> String?
    /// All members of the message itself in the order in which they are printed; empty leaves them as they come, the
    /// tagged ones last.
    public var order: [String]

    public init(
        order: [String] = [],
        replacing: @escaping @Sendable (_ member: String, _ leaf: Leaf) -> String? = { _, _ in nil }
    ) {
        self.order = order
        self.replacing = replacing
    }
}
