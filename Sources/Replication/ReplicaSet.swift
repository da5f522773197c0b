public import KafkaModel
public import Timing

/// The replicas of one partition as its leader sees them: how far each has come, who is in sync, and what is therefore
/// committed. It lives as long as the leader's epoch lasts and belongs to the partition's lock.
///
/// The high watermark is the smallest log end offset in the ISR, where of the leader's log only that part counts which
/// is as durable as the topic wants it: with `flush.messages=1` that is what is on the device, else the whole. It never
/// moves back and never passes the leader's log end offset. A follower joins the ISR when it has reached the high watermark and the start of
/// the leader's epoch, and leaves when it has not been at the
/// leader's end for `replica.lag.time.max.ms`. While a proposed ISR is on its way to the controller, the high watermark
/// waits for both the old ISR and the new one (KIP-497): either may turn out to be the truth.
public struct ReplicaSet: Sendable {
    public struct Follower: Sendable, Equatable {
        /// -1 until its first fetch.
        public internal(set) var logEndOffset: Int64 = -1
        public internal(set) var logStartOffset: Int64 = -1
        /// The last time it had all that the leader then had; nil when that never was in this epoch.
        var caughtUpAt: Instant?
        var lastFetchAt: Instant
        /// The leader's end at its last fetch: a later fetch from there proves that it was caught up then.
        var leaderEndAtLastFetch: Int64 = -1
        /// The broker's registration that fetched, which the controller compares (KIP-903).
        public internal(set) var brokerEpoch: Int64 = -1
    }

    /// What is to be done about the ISR. At most one proposal is out at a time.
    public enum Action: Sendable, Equatable {
        case nothing
        case expandISR([BrokerID])
        case shrinkISR([BrokerID])
    }

    public let leader: BrokerID
    public let leaderEpoch: Int32
    /// In the order of the assignment.
    public let replicas: [BrokerID]
    public private(set) var isr: [BrokerID]
    public private(set) var partitionEpoch: Int32
    public private(set) var followers: [BrokerID: Follower]
    /// Where the log ended when this leader began: what is before it came from earlier leaders.
    public let epochStartOffset: Int64
    public private(set) var logEndOffset: Int64
    public private(set) var highWatermark: Int64
    /// How far the leader's own log counts for the high watermark; what lies behind waits for a flush.
    public private(set) var committableEnd: Int64
    /// What was proposed to the controller and not answered yet.
    public private(set) var proposal: [BrokerID]?

    /// The leader begins its epoch with what the metadata says and what its log holds.
    public init(
        leader: BrokerID, leaderEpoch: Int32, partitionEpoch: Int32 = 0, replicas: [BrokerID], isr: [BrokerID],
        logEndOffset: Int64, highWatermark: Int64, now: Instant
    ) {
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.partitionEpoch = partitionEpoch
        self.replicas = replicas
        self.isr = isr
        epochStartOffset = logEndOffset
        self.logEndOffset = logEndOffset
        committableEnd = logEndOffset
        self.highWatermark = min(highWatermark, logEndOffset)
        followers = [:]
        for replica in replicas where replica != leader {
            // A member of the ISR gets the whole lag time to show itself to the new leader.
            followers[replica] = Follower(caughtUpAt: isr.contains(replica) ? now : nil, lastFetchAt: now)
        }
        advanceHighWatermark()
        checkInvariants()
    }

    /// The leader's log has grown (or, never below the high watermark, was cut). Without `committableEnd` all of it
    /// counts at once.
    public mutating func leaderAppended(logEndOffset end: Int64, committableEnd committable: Int64? = nil) {
        precondition(end >= highWatermark, "the leader's log ends at \(end), below the high watermark \(highWatermark)")
        logEndOffset = end
        committableEnd = min(committable ?? end, end)
        advanceHighWatermark()
        checkInvariants()
    }

    /// A flush of the leader's log has ended.
    public mutating func leaderFlushed(committableEnd committable: Int64) {
        committableEnd = min(committable, logEndOffset)
        advanceHighWatermark()
        checkInvariants()
    }

    /// A follower fetches from `offset`: it has everything before.
    public mutating func followerFetched(
        _ id: BrokerID, from offset: Int64, logStartOffset: Int64, brokerEpoch: Int64 = -1, now: Instant
    ) -> Action {
        guard var follower = followers[id] else { return .nothing }
        if offset >= logEndOffset {
            follower.caughtUpAt = now
        } else if offset >= follower.leaderEndAtLastFetch, follower.leaderEndAtLastFetch >= 0 {
            // It has now what the leader had at its previous fetch, so at that time it was only as far behind as the
            // network is.
            follower.caughtUpAt = max(follower.caughtUpAt ?? follower.lastFetchAt, follower.lastFetchAt)
        }
        follower.logEndOffset = offset
        follower.logStartOffset = logStartOffset
        follower.brokerEpoch = brokerEpoch
        follower.leaderEndAtLastFetch = logEndOffset
        follower.lastFetchAt = now
        followers[id] = follower
        advanceHighWatermark()
        checkInvariants()
        return expansion(with: id)
    }

    /// Looks, now and then, whether a member of the ISR has fallen behind.
    public mutating func lagChecked(now: Instant, lagTimeMax: Duration) -> Action {
        guard proposal == nil else { return .nothing }
        let kept = isr.filter { $0 == leader || !isLagging($0, now: now, lagTimeMax: lagTimeMax) }
        guard kept.count < isr.count else { return .nothing }
        proposal = kept
        checkInvariants()
        return .shrinkISR(kept)
    }

    /// The controller has taken a proposal, or has changed the ISR by itself.
    public mutating func isrChanged(to newISR: [BrokerID], partitionEpoch epoch: Int32) {
        // An answer that was overtaken by a newer one.
        guard epoch >= partitionEpoch else { return }
        isr = newISR
        partitionEpoch = epoch
        proposal = nil
        advanceHighWatermark()
        checkInvariants()
    }

    /// The controller has refused a proposal; the ISR is what it was.
    public mutating func proposalRefused() {
        proposal = nil
        advanceHighWatermark()
        checkInvariants()
    }

    private func isLagging(_ id: BrokerID, now: Instant, lagTimeMax: Duration) -> Bool {
        guard let follower = followers[id] else { return true }
        if follower.logEndOffset == logEndOffset { return false }
        guard let caughtUpAt = follower.caughtUpAt else { return true }
        return now - caughtUpAt > lagTimeMax
    }

    private mutating func expansion(with id: BrokerID) -> Action {
        guard proposal == nil, !isr.contains(id), let follower = followers[id] else { return .nothing }
        // Below the start of the epoch it may still have to cut off what an earlier leader gave it.
        guard follower.logEndOffset >= max(highWatermark, epochStartOffset) else { return .nothing }
        let wanted = isr + [id]
        proposal = wanted
        checkInvariants()
        return .expandISR(wanted)
    }

    private mutating func advanceHighWatermark() {
        var lowest = committableEnd
        for replica in Set(isr).union(proposal ?? []) where replica != leader {
            lowest = min(lowest, followers[replica]?.logEndOffset ?? -1)
        }
        highWatermark = max(highWatermark, lowest)
    }

    private func checkInvariants() {
        assert(highWatermark <= logEndOffset, "the high watermark \(highWatermark) passed the end \(logEndOffset)")
        assert(isr.contains(leader) || isr.isEmpty, "the leader \(leader) is not in its ISR \(isr)")
        assert(Set(isr).isSubset(of: replicas), "the ISR \(isr) has members that are no replicas of \(replicas)")
        assert(followers[leader] == nil, "the leader follows itself")
    }
}

extension ReplicaSet {
    /// Whether a write with acks=all may be taken (before the append) or has what it was promised (after it).
    public enum Sufficiency: Sendable, Equatable {
        case enough
        case notEnough(inSync: Int, required: Int)
    }

    /// `min.insync.replicas` above the number of replicas counts as that number.
    public func sufficiency(minInSync: Int) -> Sufficiency {
        let required = min(minInSync, replicas.count)
        return isr.count >= required ? .enough : .notEnough(inSync: isr.count, required: required)
    }

    public var isUnderReplicated: Bool { isr.count < replicas.count }

    /// Whether everything below `offset` is on all replicas that count.
    public func isCommitted(upTo offset: Int64) -> Bool { highWatermark >= offset }
}
