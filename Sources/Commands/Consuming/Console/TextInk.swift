import Bytes

/// Colours around parts of a record, for a terminal.
enum TextInk: Equatable {
    case none
    case terminal

    enum Part { case key, header }

    func begin(_ part: Part, _ text: inout ByteWriter) {
        guard self == .terminal else { return }
        switch part {
        case .key: text.append(literal: "\u{1B}[36m")
        case .header: text.append(literal: "\u{1B}[2m")
        }
    }

    func end(_ text: inout ByteWriter) { if self == .terminal { text.append(literal: "\u{1B}[0m") } }
}
