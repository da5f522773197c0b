/// The table that several of Kafka's tools print: each column as wide as its longest cell, and a tab behind every one,
/// the last included.
public struct TabbedTable: Sendable {
    private var rows: [[String]]

    public init(_ headings: [String]) { rows = [headings] }

    /// One cell a column.
    public mutating func add(_ row: [String]) { rows.append(row) }

    public var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count) + "\t"
            }.joined() + "\n"
        }.joined()
    }
}
