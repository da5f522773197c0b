import KafkaModel
import Posix

/// Gives out producer ids from the current block and reserves the next block when it is used up.
final class ProducerIDs: Sendable {
    private let rest = Guarded<Range<Int64>>(0..<0)
    private let reserve: @Sendable () -> Result<Range<Int64>, ErrorCode>

    init(reserve: @escaping @Sendable () -> Result<Range<Int64>, ErrorCode>) { self.reserve = reserve }

    func next() -> Result<Int64, ErrorCode> {
        while true {
            if let id = rest.withLock({ $0.popFirst() }) { return .success(id) }
            // Reserved outside the lock: it writes the metadata log. Of two blocks reserved at once one is lost, and
            // there are 2^63 ids.
            switch reserve() {
            case .success(let block): rest.withLock { if $0.isEmpty { $0 = block } }
            case .failure(let code): return .failure(code)
            }
        }
    }
}

extension Range<Int64> {
    fileprivate mutating func popFirst() -> Int64? {
        guard !isEmpty else { return nil }
        defer { self = lowerBound + 1..<upperBound }
        return lowerBound
    }
}
