/// Values laid out in columns, for CSV and tables. The columns are all the names that occur, in the order in which they
/// do; the members of an object inside a row are columns of their own, `owner.name`. A row that is no object stands in a
/// column `value`.
struct StructuredRows {
    private var columns: [String] = []
    private var positions: [String: Int] = [:]
    private var rows: [[Int: StructuredValue]] = []

    init(_ values: [StructuredValue]) {
        for value in values {
            var row: [Int: StructuredValue] = [:]
            flatten(value, named: "", into: &row)
            rows.append(row)
        }
    }

    private mutating func flatten(_ value: StructuredValue, named name: String, into row: inout [Int: StructuredValue])
    {
        if case .object(let members) = value, !members.isEmpty {
            for member in members {
                flatten(member.value, named: name.isEmpty ? member.name : "\(name).\(member.name)", into: &row)
            }
            return
        }
        row[column(name.isEmpty ? "value" : name)] = value
    }

    private mutating func column(_ name: String) -> Int {
        if let position = positions[name] { return position }
        positions[name] = columns.count
        columns.append(name)
        return columns.count - 1
    }

    /// RFC 4180 with a row of names, except that a line ends as lines of text do. What is null or missing is empty; an
    /// empty text is `""`. Lists are JSON.
    var csv: String {
        guard !columns.isEmpty else { return "" }
        var text = columns.map(Self.field).joined(separator: ",") + "\n"
        for row in rows {
            text += columns.indices.map { row[$0].map(Self.field) ?? "" }.joined(separator: ",") + "\n"
        }
        return text
    }

    private static func field(_ value: StructuredValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): field(text)
        case .bool, .int, .double, .list, .object: field(value.json)
        }
    }

    private static func field(_ text: String) -> String {
        let isPlain = !text.isEmpty && !text.utf8.contains { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }
        guard !isPlain else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Headings in capitals; a column that has nothing but numbers stands right. Lists of single values are parted by
    /// commas, other ones are JSON.
    var table: Table {
        var table = Table(columns.indices.map { (Self.heading(columns[$0]), alignment($0)) })
        for row in rows { table.add(columns.indices.map { row[$0].map(Self.cell) ?? "" }) }
        return table
    }

    private func alignment(_ column: Int) -> Table.Alignment {
        var isEmpty = true
        for row in rows {
            switch row[column] {
            case nil, .null: continue
            case .int, .double: isEmpty = false
            case .bool, .string, .list, .object: return .left
            }
        }
        return isEmpty ? .left : .right
    }

    /// `logEndOffset` is `LOG-END-OFFSET`.
    static func heading(_ name: String) -> String {
        var heading = ""
        var wasLower = false
        for character in name {
            if character.isUppercase, wasLower { heading.append("-") }
            wasLower = character.isLowercase || character.isNumber
            heading += character.uppercased()
        }
        return heading
    }

    private static func cell(_ value: StructuredValue) -> String {
        switch value {
        case .null: return ""
        case .string(let text): return text
        case .bool, .int, .double, .object: return value.json
        case .list(let elements):
            var words: [String] = []
            for element in elements {
                switch element {
                case .null, .list, .object: return value.json
                case .bool, .int, .double, .string: words.append(cell(element))
                }
            }
            return words.joined(separator: ",")
        }
    }
}
