/// Columns with headings. Numbers stand right, the last column is not padded.
public struct Table: Sendable {
    public enum Alignment: Sendable { case left, right }

    private let alignments: [Alignment]
    private var rows: [[String]]

    public init(_ columns: [(String, Alignment)]) {
        alignments = columns.map(\.1)
        rows = [columns.map(\.0)]
    }

    /// One cell a column; an empty one is shown as a dash. What would break the line or command the terminal is shown
    /// as a question mark.
    public mutating func add(_ row: [String]) { rows.append(row.map { $0.isEmpty ? "-" : Self.harmless($0) }) }

    private static func harmless(_ cell: String) -> String {
        guard cell.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return cell }
        return String(
            String.UnicodeScalarView(cell.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    public var lines: [String] { lines(.aligned) }

    public var text: String { text(.aligned) }

    public func text(_ style: OutputStyle) -> String {
        alignments.isEmpty ? "" : lines(style).map { $0 + "\n" }.joined()
    }

    private func lines(_ style: OutputStyle) -> [String] {
        if case .plain = style { return rows.map { $0.joined(separator: "\t") } }
        let widths = alignments.indices.map { column in rows.map { terminalWidth($0[column]) }.max() ?? 0 }
        return rows.indices.map { position in
            let line = line(rows[position], widths)
            return position == 0 ? style.paint(line, .heading) : line
        }
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        var line = ""
        for (column, cell) in row.enumerated() {
            let gap = String(repeating: " ", count: widths[column] - terminalWidth(cell))
            let isLast = column == row.count - 1
            switch alignments[column] {
            case .left: line += isLast ? cell : cell + gap + "  "
            case .right: line += gap + cell + (isLast ? "" : "  ")
            }
        }
        return line
    }
}

/// The columns that text takes on a terminal: East Asian letters and pictures take two.
func terminalWidth(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + ($1.unicodeScalars.first.map(isWide) == true ? 2 : 1) }
}

private func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
        0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
        true
    default: false
    }
}
