import KafkaModel
import Posix
import Timing

/// One session behind its lock, shared by the table and the request that uses it.
final class SharedFetchSession: @unchecked Sendable {
    // Guarded by `lock`.
    private var session: FetchSession
    private let lock = Lock(rank: LockRank.fetchSession)

    init(_ session: FetchSession) { self.session = session }

    func withSession<Result>(_ body: (inout FetchSession) -> Result) -> Result {
        lock.withLock { body(&session) }
    }
}

/// The fetch sessions of all clients, at most `max.incremental.fetch.session.cache.slots`. When all slots are taken, one
/// that rested for two minutes gives way; otherwise the newcomer is served without a session.
final class FetchSessions: @unchecked Sendable {
    static let evictionAge = Duration.seconds(120)

    private let slots: Int
    // Guarded by `lock`.
    private var sessions: [Int32: SharedFetchSession] = [:]
    private let lock = Lock(rank: LockRank.fetchSessions)

    init(slots: Int) { self.slots = slots }

    var count: Int { lock.withLock { sessions.count } }

    func find(_ id: Int32) -> SharedFetchSession? { lock.withLock { sessions[id] } }

    func remove(_ id: Int32) { _ = lock.withLock { sessions.removeValue(forKey: id) } }

    /// Opens a session for these targets, or returns nil when there is no place.
    func open(usesTopicIDs: Bool, targets: [FetchTarget], now: Instant) -> SharedFetchSession? {
        lock.withLock {
            if sessions.count >= slots, !evictOldest(now: now) { return nil }
            var id: Int32
            repeat { id = Int32.random(in: 1...Int32.max) } while sessions[id] != nil
            let shared = SharedFetchSession(
                FetchSession(id: id, usesTopicIDs: usesTopicIDs, targets: targets, now: now))
            sessions[id] = shared
            return shared
        }
    }

    private func evictOldest(now: Instant) -> Bool {
        let ages = sessions.mapValues { $0.withSession { $0.lastUsed } }
        guard let oldest = ages.min(by: { $0.value < $1.value }), now - oldest.value >= Self.evictionAge else {
            return false
        }
        sessions[oldest.key] = nil
        return true
    }
}
