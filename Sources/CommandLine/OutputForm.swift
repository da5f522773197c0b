/// How `--output` prints data: `text` is Kafka's own, the others are for programs.
public enum OutputForm: String, CaseIterable, Sendable {
    case text, table, json, jsonl, yaml, csv

    /// The option of every command that lists or describes.
    public static let option = Option(
        "output", .value("form"),
        help: "text (as Kafka's tool prints it, the default), table, json, jsonl, yaml or csv.",
        completion: .words(allCases.map(\.rawValue)))

    /// The same for commands that Kafka has not, whose text is a table.
    public static func option(short: Character) -> Option {
        Option(
            "output", short: short, .value("form"), help: "table (the default), json, jsonl, yaml or csv.",
            completion: .words(allCases.map(\.rawValue)))
    }

    public init(_ arguments: Arguments) throws(UsageError) {
        guard let word = arguments.value("output") else {
            self = .text
            return
        }
        guard let form = OutputForm(rawValue: word) else {
            throw UsageError(
                "'\(word)' is no form of output: text, table, json, jsonl, yaml or csv",
                hint: nearest(to: word, among: Self.allCases.map(\.rawValue)).map { "Did you mean \($0)?" })
        }
        self = form
    }
}
