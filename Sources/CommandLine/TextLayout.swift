/// Breaks text between words so that no line is longer than `width`, where words allow it.
func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
        var line = ""
        for word in paragraph.split(separator: " ") {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
        }
        lines.append(line)
    }
    return lines
}

/// Rows of a left and a right column. A left cell that does not leave `gap` free in its column stands on a line of its own.
func twoColumns(
    _ rows: [(left: String, right: String)], indent: Int, left: Int, gap: Int = 1, width: Int
) -> String {
    var text = ""
    let margin = String(repeating: " ", count: indent)
    let gutter = String(repeating: " ", count: indent + left)
    for row in rows {
        var right = wrapped(row.right, width: width - indent - left)[...]
        if row.left.count + gap <= left, let first = right.popFirst() {
            let padding = String(repeating: " ", count: left - row.left.count)
            text += first.isEmpty ? margin + row.left + "\n" : margin + row.left + padding + first + "\n"
        } else {
            text += margin + row.left + "\n"
        }
        for line in right where !line.isEmpty { text += gutter + line + "\n" }
    }
    return text
}
