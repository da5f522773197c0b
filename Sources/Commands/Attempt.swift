/// What a tool is about to do, for the line that says that it failed: in our words, as in "skafka: cannot describe
/// features: …", or with the beginning that its users know from Kafka's tool.
struct Attempt: ExpressibleByStringInterpolation {
    private let head: String

    init(stringLiteral deed: String) { head = "skafka: cannot \(deed): " }

    init(head: String) { self.head = head }

    func failed(_ reason: String) -> String { head + reason }
}
