/// Aligned columns for people. Numbers stand right, the last column is not padded.
public struct Table: Sendable {
    public enum Alignment: Sendable { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]]

    public init(_ columns: [(String, Alignment)]) {
        alignments = columns.map(\.1)
        rows = [columns.map(\.0)]
    }

    /// One cell a column; an empty one is shown as a dash.
    public mutating func add(_ row: [String]) { rows.append(row.map { $0.isEmpty ? "-" : $0 }) }

    public var lines: [String] {
        let widths = alignments.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let gap = String(repeating: " ", count: widths[column] - cell.count)
                let isLast = column == row.count - 1
                switch alignments[column] {
                case .left: line += isLast ? cell : cell + gap + "  "
                case .right: line += gap + cell + (isLast ? "" : "  ")
                }
            }
            return line
        }
    }

    public var text: String { lines.map { $0 + "\n" }.joined() }
}
