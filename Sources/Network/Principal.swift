/// Who is at the other end, as `Type:Name`.
public struct Principal: Hashable, Sendable, CustomStringConvertible {
    public let type: String
    public let name: String

    public init(type: String = "User", name: String) {
        self.type = type
        self.name = name
    }

    public static let anonymous = Principal(name: "ANONYMOUS")

    public var description: String { "\(type):\(name)" }
}
