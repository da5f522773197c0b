import Bytes
import CommandLine

/// Where a dump goes: lines of text, or rows of JSON, which stand in lines or in one array.
struct DumpSink: ~Copyable {
    enum Format: String, CaseIterable, Sendable { case text, json, jsonl }

    let format: Format
    var output: Output
    /// The row that is being written.
    var json = JSONText()
    private var hasRows = false

    init(_ format: Format, _ console: Console) {
        self.format = format
        output = Output(console)
    }

    var isText: Bool { format == .text }
    var isOpen: Bool { output.isOpen }

    mutating func beginRow(_ type: StaticString) {
        json.beginObject()
        json.key("type")
        json.value(type)
    }

    mutating func endRow() {
        json.endObject()
        if format == .json { output.text.append(literal: hasRows ? ",\n" : "[\n") }
        hasRows = true
        json.copy(into: &output.text)
        json.clear()
        if format == .jsonl { output.endLine() } else { output.sendIfLarge() }
    }

    /// A line that only the text has.
    mutating func line(_ text: @autoclosure () -> String) {
        if isText { output.print(text()) }
    }

    mutating func finish() {
        if format == .json { output.text.append(literal: hasRows ? "\n]\n" : "[]\n") }
        output.flush()
    }
}
