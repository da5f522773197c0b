/// Columns as the printf of Java's lays them out: each filled up with spaces to its width and parted by one more, and what
/// is longer pushes the rest away. Widths are units of UTF-16, as Java counts.
struct PaddedColumns {
    /// Nil for one that is not filled up.
    let widths: [Int?]

    init(_ widths: [Int?]) { self.widths = widths }

    func line(_ cells: [String]) -> String {
        zip(cells, widths).map { cell, width in
            let cell = Self.harmless(cell)
            return cell + String(repeating: " ", count: max(0, (width ?? 0) - cell.utf16.count))
        }.joined(separator: " ")
    }

    /// A width for what is to stand in a column.
    static func width(_ least: Int, _ cells: some Sequence<String>) -> Int {
        cells.reduce(least) { max($0, $1.utf16.count) }
    }

    /// A group may be called anything; what would command the terminal is shown as a question mark.
    private static func harmless(_ cell: String) -> String {
        guard cell.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return cell }
        return String(
            String.UnicodeScalarView(cell.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}

extension Optional {
    /// What stands in a column of Kafka's where there is nothing.
    func orDash() -> String where Wrapped: CustomStringConvertible { map(\.description) ?? "-" }
}
