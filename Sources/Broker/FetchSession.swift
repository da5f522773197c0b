import Bytes
import KafkaModel
import Timing

/// What a client asked for in an incremental fetch session (KIP-227): the partitions in the order in which they are
/// served. The client sends only what changes; the answer holds only what changed.
struct FetchSession {
    let id: Int32
    let usesTopicIDs: Bool
    /// The epoch that the next request must carry.
    private(set) var epoch: Int32
    private(set) var targets: [FetchTarget]
    private(set) var lastUsed: Instant
    private var positions: [FetchTargetKey: Int]

    init(id: Int32, usesTopicIDs: Bool, targets: [FetchTarget], now: Instant, epoch: Int32 = 1) {
        self.id = id
        self.usesTopicIDs = usesTopicIDs
        self.targets = []
        self.epoch = epoch
        lastUsed = now
        positions = [:]
        for target in targets { add(target) }
    }

    /// The request with `epoch` arrived: takes in what it adds and forgets.
    mutating func continued(
        epoch requestEpoch: Int32, usesTopicIDs: Bool, added: [FetchTarget], forgotten: [FetchTargetKey], now: Instant
    ) -> ErrorCode {
        guard usesTopicIDs == self.usesTopicIDs else { return .fetchSessionTopicIDError }
        guard requestEpoch == epoch else { return .invalidFetchSessionEpoch }
        epoch = epoch == .max ? 1 : epoch + 1
        lastUsed = now
        for target in added { add(target) }
        if !forgotten.isEmpty {
            let gone = Set(forgotten)
            targets.removeAll { gone.contains($0.key) }
            indexTargets()
        }
        return .none
    }

    /// The answer left: remembers what it told, and moves partitions that gave records to the end, so that the first
    /// ones of a long list do not starve the rest.
    mutating func answered(told: [FetchTargetKey: (highWatermark: Int64, logStart: Int64, hadRecords: Bool)]) {
        guard !told.isEmpty else { return }
        var resting: [FetchTarget] = []
        var served: [FetchTarget] = []
        for var target in targets {
            guard let news = told[target.key] else {
                resting.append(target)
                continue
            }
            target.toldHighWatermark = news.highWatermark
            target.toldLogStart = news.logStart
            if news.hadRecords { served.append(target) } else { resting.append(target) }
        }
        targets = resting + served
        if !served.isEmpty { indexTargets() }
    }

    /// A partition that is there already changes, and stays where it is. The session keeps its name only: held by a
    /// session that nobody uses any more, the files of a deleted partition would never go.
    private mutating func add(_ target: FetchTarget) {
        var target = target
        target.partition = nil
        if let position = positions[target.key] {
            target.toldHighWatermark = targets[position].toldHighWatermark
            target.toldLogStart = targets[position].toldLogStart
            targets[position] = target
        } else {
            positions[target.key] = targets.count
            targets.append(target)
        }
    }

    private mutating func indexTargets() {
        positions = Dictionary(
            targets.enumerated().map { ($0.element.key, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }
}
