public import Bytes

/// The data of a command on its way to the console, collected into large writes. On a terminal it goes out line by
/// line. What is told on stderr comes behind the data that was written before it. Whoever is done calls `flush`.
public struct Output: ~Copyable {
    public static let pieceBytes = 128 << 10

    /// What was not sent yet. A caller in a hurry appends here and ends its lines with `endLine`.
    public var text: ByteWriter
    /// Not `.written` when no more data can be sent; then the work may end.
    public private(set) var outcome = Console.Outcome.written
    private let console: Console

    public init(_ console: Console) {
        self.console = console
        text = ByteWriter(capacity: Self.pieceBytes + 4096)
    }

    public var isOpen: Bool { outcome == .written }

    @inline(__always)
    public mutating func endLine() {
        text.integer(UInt8(ascii: "\n"))
        if text.count >= Self.pieceBytes || console.isInteractive { flush() }
    }

    /// Sends what has come together, between lines or in the middle of one.
    public mutating func sendIfLarge() { if text.count >= Self.pieceBytes { flush() } }

    public mutating func print(_ line: String) {
        text.append(utf8: line)
        endLine()
    }

    public mutating func flush() {
        guard text.count > 0 else { return }
        if isOpen {
            let console = console
            outcome = text.bytes.withUnsafeBytes { console.write($0) }
        }
        text.clear(keepingAtMost: 1 << 20)
    }

    /// Nobody reads any more, as was found out without writing.
    public mutating func close() { outcome = .closed }

    /// A line of talk.
    public mutating func tell(_ line: String) {
        flush()
        console.tell(line)
    }
}
