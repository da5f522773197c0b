import CommandLine
import KafkaModel
import Patterns

/// Which topics an option such as `--topic` or `--include` means: a regular expression for whole names, in which a comma
/// may stand for `|`, as in Kafka's tools.
struct TopicFilter {
    private let pattern: Pattern
    /// What was given, without the quotes and spaces that property files bring.
    let text: String

    init(_ raw: String) throws(UsageError) {
        var text = String(raw.filter { !" \t\n\r".contains($0) }.map { $0 == "," ? "|" : $0 })
        text = String(text.drop { Self.isQuote($0) })
        while let last = text.last, Self.isQuote(last) { text.removeLast() }
        self.text = text
        do throws(PatternError) {
            pattern = try Pattern(text)
        } catch {
            throw UsageError("\(text) is an invalid regex.", hint: error.description)
        }
    }

    private static func isQuote(_ character: Character) -> Bool { character == "\"" || character == "'" }

    func allows(_ topic: String, excludingInternal: Bool = false) -> Bool {
        !(excludingInternal && TopicName.isInternal(topic)) && pattern.matches(topic)
    }
}
