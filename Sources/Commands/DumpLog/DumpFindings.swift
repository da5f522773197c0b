/// What a dump found wrong between files, listed at the end as Kafka's tool lists it.
struct DumpFindings {
    enum Kind: Int, CaseIterable {
        case offsetMismatch, timestampMismatch, timestampOutOfOrder, offsetNotFound, nonConsecutive

        /// Compaction leaves holes between offsets, so these alone are no failure.
        var isFailure: Bool { self != .nonConsecutive }

        fileprivate var heading: String {
            switch self {
            case .offsetMismatch: "Mismatches in :"
            case .timestampMismatch: "Found timestamp mismatch in :"
            case .timestampOutOfOrder: "Found out of order timestamp in :"
            case .offsetNotFound: "The following indexed offsets are not found in :"
            case .nonConsecutive: "Non-consecutive offsets in "
            }
        }

        fileprivate func line(_ pair: Pair) -> String {
            switch self {
            case .offsetMismatch: "  Index offset: \(pair.first), log offset: \(pair.second)"
            case .timestampMismatch: "  Index timestamp: \(pair.first), log timestamp: \(pair.second)"
            case .timestampOutOfOrder: "  Index timestamp: \(pair.first), Previously indexed timestamp: \(pair.second)"
            case .offsetNotFound: "Indexed offset: \(pair.first), found log offset: \(pair.second)"
            case .nonConsecutive: "  \(pair.first) is followed by \(pair.second)"
            }
        }
    }

    fileprivate struct Pair {
        var first: Int64
        var second: Int64
    }

    private struct List {
        var kind: Kind
        var file: String
        var pairs: [Pair] = []
        var omitted = 0
    }

    /// A garbled file has one for each batch; so many of a list are shown.
    static let shownMax = 1000

    private var lists: [List] = []
    private(set) var hasFailures = false

    /// - Parameter file: its absolute path.
    mutating func add(_ kind: Kind, _ file: @autoclosure () -> String, _ first: Int64, _ second: Int64) {
        if kind.isFailure || second <= first && kind == .nonConsecutive { hasFailures = true }
        let file = file()
        let known = lists.lastIndex { $0.kind == kind && $0.file == file }
        if known == nil { lists.append(List(kind: kind, file: file)) }
        let index = known ?? lists.count - 1
        if lists[index].pairs.count < Self.shownMax {
            lists[index].pairs.append(Pair(first: first, second: second))
        } else {
            lists[index].omitted += 1
        }
    }

    var lines: [String] {
        var lines: [String] = []
        for kind in Kind.allCases {
            for list in lists where list.kind == kind {
                lines.append(kind.heading + list.file)
                // Kafka lists the last mismatch of an offset index first.
                let pairs = kind == .offsetMismatch ? list.pairs.reversed() : list.pairs
                lines += pairs.map(kind.line)
                if list.omitted > 0 { lines.append("  and \(list.omitted) more") }
            }
        }
        return lines
    }
}
