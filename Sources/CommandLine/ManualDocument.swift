/// A manual page that is no command's: prose, lists and tables under headings.
public struct ManualDocument: Sendable {
    public enum Block: Sendable {
        case text(String)
        /// A word and what it means.
        case term(String, String)
        /// Lines that keep their places, such as a drawing or a session in a shell.
        case literal([String])
        /// Columns as wide as their widest cell, under heads.
        case table([String], [[String]])
    }

    public struct Chapter: Sendable {
        public let title: String
        public let blocks: [Block]

        public init(_ title: String, _ blocks: [Block]) {
            self.title = title
            self.blocks = blocks
        }
    }

    public let name: String
    public let section: Int
    /// One line, without a full stop.
    public let summary: String
    public let chapters: [Chapter]
    public let seeAlso: [String]

    public init(_ name: String, section: Int, summary: String, chapters: [Chapter], seeAlso: [String]) {
        self.name = name
        self.section = section
        self.summary = summary
        self.chapters = chapters
        self.seeAlso = seeAlso
    }

    public var roff: String {
        // Names of settings and files are not broken at hyphens that they do not have.
        var roff = ManualPage.header(name, section: section) + ".nh\n"
        roff += ManualPage.section(
            "name", "\(ManualPage.escaped(name)) \\- \(ManualPage.escaped(summary))\n")
        for chapter in chapters {
            roff += "\n.SH \"\(ManualPage.escaped(chapter.title.uppercased()))\"\n"
            roff += chapter.blocks.map(Self.roff).joined()
        }
        roff += "\n.SH \"SEE ALSO\"\n" + seeAlso.map(ManualPage.reference).joined(separator: ",\n") + "\n"
        return roff
    }

    private static func roff(_ block: Block) -> String {
        switch block {
        case .text(let text): ".PP\n" + ManualPage.escaped(text) + "\n"
        case .term(let word, let meaning):
            ".TP\n.B \(ManualPage.escaped(word))\n" + ManualPage.escaped(meaning) + "\n"
        case .literal(let lines): literal(lines)
        case .table(let heads, let rows): literal(columns(heads, rows))
        }
    }

    private static func literal(_ lines: [String]) -> String {
        ".PP\n.in +2\n.nf\n" + lines.map { ManualPage.escaped($0) + "\n" }.joined() + ".fi\n.in\n"
    }

    private static func columns(_ heads: [String], _ rows: [[String]]) -> [String] {
        let all = [heads] + rows
        let widths = heads.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column + 1 < row.count else { continue }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
