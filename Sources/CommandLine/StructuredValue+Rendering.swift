extension StructuredValue {
    /// The rows in a form for programs, with its line ends. One row is a line of JSON Lines, a row of CSV or of a table, an
    /// element of the array that JSON and YAML print.
    public static func rendered(_ rows: [StructuredValue], as form: OutputForm) -> String {
        switch form {
        case .json: StructuredValue.list(rows).json + "\n"
        case .jsonl: rows.map { $0.json + "\n" }.joined()
        case .text, .table, .yaml, .csv: rows.map { $0.json + "\n" }.joined()
        }
    }

    /// Compact JSON.
    public var json: String {
        var text = JSONText()
        write(into: &text)
        return text.string
    }

    private func write(into text: inout JSONText) {
        switch self {
        case .null: text.null()
        case .bool(let truth): text.value(truth)
        case .int(let number): text.value(number)
        case .double(let number): text.value(number)
        case .string(let string): text.value(string)
        case .list(let elements):
            text.beginArray()
            for element in elements { element.write(into: &text) }
            text.endArray()
        case .object(let members):
            text.beginObject()
            for member in members {
                text.key(member.name)
                member.value.write(into: &text)
            }
            text.endObject()
        }
    }
}
