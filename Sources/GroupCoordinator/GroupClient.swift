/// Who sends a request: what a group remembers of it and shows in its description.
public struct GroupClient: Hashable, Sendable {
    public var id: String
    /// With a slash in front, as Kafka writes addresses.
    public var host: String

    public init(id: String, host: String) {
        self.id = id
        self.host = host
    }
}
