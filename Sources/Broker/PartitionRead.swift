import KafkaModel
import Posix
import Storage
import Timing

/// How far a reader may see.
enum Isolation {
    case readUncommitted
    case readCommitted
    /// Followers and debugging consumers read what is not committed yet.
    case logEnd

    init(level: Int8, replicaID: Int32) {
        if replicaID >= 0 || replicaID == -2 {
            self = .logEnd
        } else {
            self = level == 1 ? .readCommitted : .readUncommitted
        }
    }
}

/// What one partition contributes to a fetch.
struct PartitionRead {
    var error = ErrorCode.none
    var offsets: Partition.Offsets?
    var region: FileRegion?
    var abortedTransactions: [AbortedTransaction] = []
    var divergence: (epoch: Int32, endOffset: Int64)?

    init(offsets: Partition.Offsets) { self.offsets = offsets }
    init(error: ErrorCode) { self.error = error }

    var count: Int { region?.count ?? 0 }
}

/// What ListOffsets asks for.
enum OffsetQuery {
    case earliest
    case latest
    case maxTimestamp
    case atOrAfter(Timestamp)
}

struct FoundOffset {
    var offset: Int64
    var timestamp: Timestamp
    var leaderEpoch: Int32

    static let nothing = FoundOffset(offset: -1, timestamp: .none, leaderEpoch: -1)

    init(offset: Int64, timestamp: Timestamp, leaderEpoch: Int32) {
        self.offset = offset
        self.timestamp = timestamp
        self.leaderEpoch = leaderEpoch
    }

    init?(_ found: TimestampOffset?) {
        guard let found else { return nil }
        self.init(
            offset: found.offset, timestamp: Timestamp(milliseconds: found.timestamp), leaderEpoch: found.leaderEpoch)
    }
}

extension AppendRefusal {
    init(_ code: ErrorCode, _ message: String? = nil) {
        self = .refused(code, message: message ?? code.message, recordIndex: nil)
    }
}
