/// How a message is printed where its table alone would not give the text of Kafka's tools.
public struct JSONStyle: Sendable {
    /// A value that may be printed otherwise.
    public enum Leaf: Sendable {
        case bytes([UInt8])
        case int8(Int8)
    }

    /// JSON to print instead of the value of a member, or nil to leave it.
    public var replacing: @Sendable (_ member: String, _ leaf: Leaf) -> String?
    /// For tagged members of the message itself: the member behind which they stand. Others come last.
    public var places: [String: String]

    public init(
        places: [String: String] = [:],
        replacing: @escaping @Sendable (_ member: String, _ leaf: Leaf) -> String? = { _, _ in nil }
    ) {
        self.places = places
        self.replacing = replacing
    }
}
