import Bytes
import KafkaModel
import Timing

/// Where a consumer is in one partition: what was handed out, what is to be fetched next, and what stands in the way.
///
///     lookup --(ListOffsets)--> fetching --(new leader)--> validating --(OffsetForLeaderEpoch)--> fetching
///        ^                          |                          |
///        +----(out of range, reset)-+----(log was truncated)---+
struct PartitionSlot {
    enum Phase: Equatable {
        /// The offset that the group has committed is to be asked for, which its own thread does.
        case committed
        /// The offset to begin with is to be asked for.
        case lookup(OffsetTarget)
        /// A new leader may have a shorter log: where the epoch of the last record ends is to be asked for (KIP-320).
        case validating
        case fetching
    }

    let partition: TopicPartition
    var phase: Phase
    /// Counts seeks: what was fetched before one is dropped.
    var generation = 0
    /// Counts requests: the answer to another than the last is dropped.
    var ticket = 0
    /// The request of this ticket is under way.
    var isBusy = false
    var isAssigned = true
    var isPaused = false
    /// Fetched records of a partition that is paused, which wait for it to be resumed.
    var aside: [FetchedStretch] = []
    /// The application is going through records at this moment: how far it comes is known when it is done.
    var isInHand = false
    var topicID = UUID.zero
    /// -1 while it has to be asked for.
    var leader: Int32 = -1
    var leaderEpoch: Int32 = -1
    /// A replica nearer than the leader, as the leader told (KIP-392), and how long to believe it.
    var preferredReplica: (id: Int32, until: Instant)?
    /// The offset that the next fetch asks for; -1 in a lookup.
    var fetchOffset: Int64 = -1
    /// The leader epoch of the last batch that was fetched; -1 where it is not known.
    var fetchedEpoch: Int32 = -1
    /// The next offset that the application gets; -1 in a lookup.
    var position: Int64 = -1
    /// The leader epoch of the batch in front of it; -1 where it is not known.
    var positionEpoch: Int32 = -1
    /// Fetched bytes that the application has not yet taken, those aside included.
    var queuedBytes = 0
    /// Nothing more is to be fetched before the application has taken everything.
    var waitsForQueue = false
    var highWatermark: Int64 = -1
    var lastStableOffset: Int64 = -1
    var logStartOffset: Int64 = -1

    init(_ partition: TopicPartition, _ target: OffsetTarget) {
        self.partition = partition
        phase = .lookup(target)
        seek(to: target)
    }

    /// Where to fetch from: the preferred replica as long as it is believed, else the leader.
    func source(now: Instant) -> Int32 {
        if let preferredReplica, preferredReplica.until > now, phase == .fetching, leader >= 0 {
            return preferredReplica.id
        }
        return leader
    }

    mutating func seek(to target: OffsetTarget) {
        generation += 1
        drop()
        aside = []
        queuedBytes = 0
        waitsForQueue = false
        fetchedEpoch = -1
        positionEpoch = -1
        guard case .offset(let offset) = target else {
            phase = .lookup(target)
            fetchOffset = -1
            position = -1
            return
        }
        phase = .fetching
        fetchOffset = offset
        position = offset
    }

    /// Where the lookup led to. What was handed out before a reset stays handed out.
    mutating func found(offset: Int64, epoch: Int32) {
        phase = .fetching
        fetchOffset = offset
        fetchedEpoch = epoch
        position = offset
        positionEpoch = epoch
    }

    /// Nothing is known of where to begin until the group tells.
    mutating func awaitCommitted() {
        seek(to: .latest)
        phase = .committed
    }

    /// What the group has committed. If another leader came since, its log may be shorter.
    mutating func resume(at offset: Int64, epoch: Int32) {
        found(offset: offset, epoch: epoch)
        if epoch >= 0, leaderEpoch > epoch { phase = .validating }
    }

    /// The cluster told who leads it. An older epoch than one that is known is no news.
    mutating func learned(leader newLeader: Int32, epoch: Int32, topicID newID: UUID) {
        if newID != topicID {
            // Another topic of the same name: its epochs begin anew.
            topicID = newID
            leaderEpoch = -1
            fetchedEpoch = -1
        }
        guard epoch < 0 || epoch >= leaderEpoch else { return }
        let isNewer = epoch > leaderEpoch && leaderEpoch >= 0
        if newLeader != leader { drop() }
        leader = newLeader
        leaderEpoch = epoch
        if newLeader < 0 { preferredReplica = nil }
        if isNewer, phase == .fetching, fetchedEpoch >= 0 { phase = .validating }
    }

    /// What is under way does not count any more.
    private mutating func drop() {
        ticket += 1
        isBusy = false
    }

    mutating func beginRequest() -> Int {
        ticket += 1
        isBusy = true
        return ticket
    }

    /// What is known of the leader turned out wrong.
    mutating func lostLeader() {
        drop()
        leader = -1
        preferredReplica = nil
    }
}
