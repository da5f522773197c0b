extension Command {
    /// The table of options that tools of the first dialect print, under the line that says what the tool is for.
    var joptHelp: String { sentence(summary) + "\n" + joptTable }

    /// The layout of jopt-simple: two columns in 80, the left one at most 39 wide; what does not fit goes on below,
    /// indented by two. Options that are required carry a star.
    var joptTable: String {
        let hasRequired = options.contains(where: \.isRequired)
        var rows = [
            (hasRequired ? "Option (* = required)" : "Option", "Description"),
            (hasRequired ? "---------------------" : "------", "-----------"),
        ]
        for option in allOptions.sorted(by: { $0.name < $1.name }) {
            rows.append((option.joptCell, option.helpWithDefault))
        }

        let overall = 80
        let separator = 2
        func widths(_ rows: [(String, String)]) -> (left: Int, right: Int) {
            let left = min((overall - separator) / 2, rows.map { terminalWidth($0.0) }.max() ?? 0)
            return (left, min(overall - separator - left, rows.map { terminalWidth($0.1) }.max() ?? 0))
        }
        let (left, right) = widths(rows)
        var fitted: [(String, String)] = []
        for row in rows {
            let lefts = joptPieces(row.0, width: left)
            let rights = joptPieces(row.1, width: right)
            for line in 0..<max(lefts.count, rights.count) {
                fitted.append((line < lefts.count ? lefts[line] : "", line < rights.count ? rights[line] : ""))
            }
        }
        let column = widths(fitted).left + separator
        return fitted.map { row in
            let gap = String(repeating: " ", count: max(0, column - terminalWidth(row.0)))
            return (row.1.isEmpty ? row.0 : row.0 + gap + row.1) + "\n"
        }.joined()
    }
}

extension Option {
    /// `--partitions <Integer: # of partitions>`; the type is put in front where the placeholder has none.
    fileprivate var joptCell: String {
        let head = (isRequired ? "* " : "") + spelling
        guard let placeholder else { return head }
        let isTyped = ["String", "Integer", "Long", "Double", "Float"].contains {
            placeholder == $0 || placeholder.hasPrefix($0 + ":")
        }
        let type: String =
            switch kind {
            case .text: "String"
            case .integer: "Integer"
            case .long: "Long"
            case .double: "Double"
            }
        let inside = isTyped ? placeholder : placeholder.isEmpty ? type : "\(type): \(placeholder)"
        if case .optional = argument { return "\(head) [\(inside)]" }
        return "\(head) <\(inside)>"
    }
}

/// Breaks text behind spaces and behind hyphens between letters. A word counts with the space behind it.
private func joptPieces(_ text: String, width: Int) -> [String] {
    var pieces: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        var piece = ""
        for word in breakableWords(line) {
            if terminalWidth(piece) + terminalWidth(word) > width {
                pieces.append(withoutTrailingSpaces(piece))
                piece = "  " + word
            } else {
                piece += word
            }
        }
        if !piece.isEmpty { pieces.append(withoutTrailingSpaces(piece)) }
    }
    return pieces
}

private func breakableWords(_ line: Substring) -> [String] {
    var words: [String] = []
    var word = ""
    var beforeLast: Character = " "
    var last: Character = " "
    for character in line {
        let isBehindHyphen = last == "-" && beforeLast.isLetter && character.isLetter
        if !word.isEmpty, character != " ", last == " " || isBehindHyphen {
            words.append(word)
            word = ""
        }
        word.append(character)
        beforeLast = last
        last = character
    }
    if !word.isEmpty { words.append(word) }
    return words
}

private func withoutTrailingSpaces(_ text: String) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return text
}
