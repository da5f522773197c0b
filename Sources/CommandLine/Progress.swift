/// How far a long piece of work has come, as one line for a terminal. A value: it knows no clock and no terminal.
///
///     Checking  42 % ███████▌          1.2 GB of 2.8 GB  812 MB/s  2 s left
public struct Progress: Sendable {
    /// What is being done, in one word.
    public let label: String
    /// Bytes.
    public let total: Int64

    /// Work that ends sooner shows nothing.
    public static let silence = Duration.seconds(1)
    private static let barWidthMax = 30
    /// Back to the first column, and the line emptied.
    public static let clearing = "\r\u{1B}[K"

    public init(_ label: String, total: Int64) {
        self.label = label
        self.total = total
    }

    /// The line, never wider than `width`; nil as long as there is nothing to show.
    public func line(done: Int64, elapsed: Duration, width: Int) -> String? {
        guard elapsed >= Self.silence, total > 0, width > 0 else { return nil }
        let done = min(max(done, 0), total)
        let percent = Int(Double(done) / Double(total) * 100)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        let rate = Double(done) / seconds
        var tail = "\(Self.size(done)) of \(Self.size(total))  \(Self.size(Int64(rate)))/s"
        if done > 0, done < total { tail += "  \(Self.time(Double(total - done) / rate)) left" }
        let head = label + " " + pad("\(percent)", 3) + " %"
        let room = min(Self.barWidthMax, width - 1 - head.count - tail.count - 3)
        let line = room >= 5 ? "\(head) \(bar(done, room))  \(tail)" : "\(head)  \(tail)"
        return String(line.prefix(max(0, width - 1)))
    }

    private func bar(_ done: Int64, _ width: Int) -> String {
        let eighths = Int(Double(done) / Double(total) * Double(width * 8))
        let parts: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        var bar = String(repeating: "█", count: eighths / 8)
        if eighths % 8 > 0 { bar.append(parts[eighths % 8 - 1]) }
        return bar + String(repeating: " ", count: width - bar.count)
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Bytes for people: three digits and a decimal unit.
    public static func size(_ bytes: Int64) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var value = Double(bytes)
        for unit in ["kB", "MB", "GB", "TB", "PB", "EB"] {
            value /= 1000
            guard value >= 999.5, unit != "EB" else {
                let tenths = Int((value * 10).rounded())
                return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(Int(value.rounded())) \(unit)"
            }
        }
        return "\(bytes) B"
    }

    /// A time that is left, rounded up, with at most two units.
    static func time(_ seconds: Double) -> String {
        let whole = seconds < 1e9 ? Int(seconds.rounded(.up)) : 1_000_000_000
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
