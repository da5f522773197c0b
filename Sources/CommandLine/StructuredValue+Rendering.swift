extension StructuredValue {
    /// The rows in a form for programs, with its line ends. One row is a line of JSON Lines, a row of CSV or of a table, an
    /// element of the array that JSON and YAML print. `text` is Kafka's own form and belongs to the commands; here it
    /// is taken for a table.
    public static func rendered(
        _ rows: [StructuredValue], as form: OutputForm, style: OutputStyle = .plain
    ) -> String {
        switch form {
        case .json:
            switch style {
            case .plain: StructuredValue.list(rows).json + "\n"
            case .aligned, .coloured: StructuredValue.list(rows).indentedJSON(style) + "\n"
            }
        case .jsonl: rows.map { $0.json + "\n" }.joined()
        case .yaml: StructuredValue.list(rows).yaml
        case .csv: StructuredRows(rows).csv
        case .text, .table: StructuredRows(rows).table.text(style)
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

    /// JSON for people: a member or an element a line.
    func indentedJSON(_ style: OutputStyle, indent: String = "") -> String {
        let inner = indent + "  "
        switch self {
        case .list(let elements) where !elements.isEmpty:
            let lines = elements.map { inner + $0.indentedJSON(style, indent: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            let lines = members.map { member in
                let key = style.paint(StructuredValue.string(member.name).json, .key)
                return "\(inner)\(key): " + member.value.indentedJSON(style, indent: inner)
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
        case .null, .bool, .int, .double, .string, .list, .object: return json
        }
    }
}
