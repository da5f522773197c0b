import Bytes
import KafkaModel
import KafkaProtocol
import Posix
import Storage

/// A fetch request after its session and its partitions were found: it can be read any number of times, and answered
/// once.
struct PendingFetch {
    let version: Int16
    let minBytes: Int
    let maxBytes: Int
    let maxWaitMs: Int32
    let replicaID: Int32
    let isolation: Isolation
    let targets: [FetchTarget]
    /// The session, when there is one, and whether the answer is incremental: then it tells only what changed.
    let session: SharedFetchSession?
    let sessionID: Int32
    let isIncremental: Bool

    struct Found {
        var reads: [PartitionRead]
        var isEnough: Bool
    }

    struct Answer {
        var response: FetchResponse
        var regions: [FileRegion]
    }

    func register(_ wait: FetchWait) {
        for target in targets { target.partition?.register(wait) }
    }

    func deregister(_ wait: FetchWait) {
        for target in targets { target.partition?.deregister(wait) }
    }

    /// Reads every partition in turn until the answer is full. The first partition that has records gives at least one
    /// batch, however large, so that a reader with small limits still moves on (KIP-74).
    func read() -> Found {
        var found = Found(reads: [], isEnough: maxWaitMs <= 0 || targets.isEmpty)
        found.reads.reserveCapacity(targets.count)
        var total = 0
        for target in targets {
            guard let partition = target.partition else {
                found.reads.append(PartitionRead(error: target.unknown))
                found.isEnough = true
                continue
            }
            // Nobody follows this broker, so who says that it does would learn what no consumer may.
            guard replicaID < 0 else {
                found.reads.append(PartitionRead(error: .notLeaderOrFollower))
                found.isEnough = true
                continue
            }
            let read = partition.read(
                from: target.fetchOffset, maxBytes: max(0, min(Int(target.maxBytes), maxBytes - total)),
                minOneBatch: total == 0, isolation: isolation, claimedEpoch: target.currentLeaderEpoch,
                lastFetchedEpoch: target.lastFetchedEpoch)
            total += read.count
            if read.error != .none || read.divergence != nil { found.isEnough = true }
            found.reads.append(read)
        }
        if total >= minBytes { found.isEnough = true }
        return found
    }

    func answer(_ found: Found, _ broker: Broker) -> Answer {
        var response = FetchResponse()
        response.sessionId = sessionID
        var regions: [FileRegion] = []
        var told: [FetchTargetKey: (highWatermark: Int64, logStart: Int64, hadRecords: Bool)] = [:]
        for (target, read) in zip(targets, found.reads) {
            let data = partitionData(target, read)
            let hadRecords = read.count > 0
            if session != nil {
                let isNews =
                    hadRecords || read.error != .none || read.divergence != nil
                    || data.highWatermark != target.toldHighWatermark || data.logStartOffset != target.toldLogStart
                if isIncremental && !isNews { continue }
                told[target.key] = (data.highWatermark, data.logStartOffset, hadRecords)
            }
            if let region = read.region { regions.append(region) }
            response.append(data, to: target)
        }
        session?.withSession { $0.answered(told: told) }
        return Answer(response: response, regions: regions)
    }

    private func partitionData(_ target: FetchTarget, _ read: PartitionRead) -> FetchResponse.PartitionData {
        var data = FetchResponse.PartitionData()
        data.partitionIndex = target.index
        data.errorCode = read.error.rawValue
        data.records = .external(read.count)
        data.highWatermark = -1
        if let offsets = read.offsets, read.error == .none {
            data.highWatermark = offsets.highWatermark
            data.lastStableOffset = offsets.lastStable
            data.logStartOffset = offsets.logStart
        }
        if isolation == .readCommitted {
            data.abortedTransactions = read.abortedTransactions.map { transaction in
                var wire = FetchResponse.AbortedTransaction()
                wire.producerId = transaction.producerID
                wire.firstOffset = transaction.firstOffset
                return wire
            }
        } else {
            data.abortedTransactions = nil
        }
        if let divergence = read.divergence {
            data.divergingEpoch.epoch = divergence.epoch
            data.divergingEpoch.endOffset = divergence.endOffset
        }
        return data
    }
}

extension FetchResponse {
    /// Partitions of one topic that follow each other share an entry.
    fileprivate mutating func append(_ data: PartitionData, to target: FetchTarget) {
        if let last = responses.last, last.topic == target.topic, last.topicId == target.topicID {
            responses[responses.count - 1].partitions.append(data)
            return
        }
        var topic = FetchableTopicResponse()
        topic.topic = target.topic
        topic.topicId = target.topicID
        topic.partitions = [data]
        responses.append(topic)
    }
}
