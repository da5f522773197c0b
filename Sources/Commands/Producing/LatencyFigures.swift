import Timing

/// How long records took, in whole milliseconds as Kafka's tools count.
struct LatencyFigures {
    private(set) var count = 0
    private(set) var bytes = 0
    private(set) var totalMs = 0
    private(set) var maxMs = 0
    /// How many took so many milliseconds.
    private var counts: [Int] = []
    /// What took longer counts as so long.
    private static let longestMs = 3_600_000

    mutating func add(_ milliseconds: Int, bytes: Int) {
        let milliseconds = min(max(0, milliseconds), Self.longestMs)
        count += 1
        self.bytes += bytes
        totalMs += milliseconds
        maxMs = max(maxMs, milliseconds)
        if milliseconds >= counts.count {
            counts += [Int](repeating: 0, count: max(64, milliseconds * 2) + 1 - counts.count)
        }
        counts[milliseconds] += 1
    }

    var averageMs: Double { count == 0 ? 0 : Double(totalMs) / Double(count) }

    /// What that share of the records did not exceed.
    func percentile(_ share: Double) -> Int {
        var left = Int(share * Double(count))
        for (milliseconds, count) in counts.enumerated() {
            if left < count { return milliseconds }
            left -= count
        }
        return maxMs
    }
}
