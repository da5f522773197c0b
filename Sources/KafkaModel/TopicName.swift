/// The rules for topic names. A name is also a directory name, hence the narrow alphabet and the limit.
public enum TopicName {
    public static let lengthMax = 249

    /// What is wrong with a name, or nil when it is legal.
    public static func problem(with name: String) -> String? {
        if name.isEmpty { return "the empty string is not allowed" }
        if name == "." || name == ".." { return "'\(name)' is not allowed" }
        if name.utf8.count > lengthMax {
            return "the length of '\(name)' is longer than the max allowed length \(lengthMax)"
        }
        if !name.utf8.allSatisfy(isLegal) {
            return "'\(name)' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
        }
        return nil
    }

    /// Metric names turn dots into underscores, so `a.b` and `a_b` would fall together.
    public static func collides(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && zip(one.utf8, other.utf8).allSatisfy { undotted($0) == undotted($1) }
    }

    public static let internalTopics: Set<String> = [
        "__consumer_offsets", "__transaction_state", "__share_group_state",
    ]
    public static func isInternal(_ name: String) -> Bool { internalTopics.contains(name) }

    private static func isLegal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func undotted(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: ".") ? UInt8(ascii: "_") : byte }
}
