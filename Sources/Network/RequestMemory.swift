import Posix
import Synchronization

/// The memory that frames hold which came in part, or which wait behind an answer, over all loops of a server.
///
/// When it is used up, a connection that needs more is read no further until memory is given back. One connection
/// at a time may overdraw, so that a crowd of half frames cannot stop each other for ever; what is held in all is at
/// most the limit and one frame. Bytes that were already read are always kept: refusing them would lose them.
final class RequestMemory: Sendable {
    private struct State {
        var used = 0
        /// The connection that may overdraw; 0 is nobody.
        var overdrawer: UInt64 = 0
        var waiting: [EventLoop] = []
    }

    private let limit: Int?
    private let state = Guarded(State())
    private let shortage = Atomic(false)

    init(limit: Int?) { self.limit = limit }

    /// Whether loops should read little at a time, because what they cannot handle at once must be kept.
    var isShort: Bool { limit != nil && shortage.load(ordering: .relaxed) }

    var used: Int { state.withLock { $0.used } }

    /// Takes memory, or enters the loop among those that hear when some is given back.
    func reserve(_ bytes: Int, for connection: UInt64, waking loop: EventLoop) -> Bool {
        guard let limit else { return true }
        return state.withLock { state in
            if state.used > limit - bytes && state.overdrawer != connection {
                guard state.overdrawer == 0 else {
                    if !state.waiting.contains(where: { $0 === loop }) { state.waiting.append(loop) }
                    return false
                }
                state.overdrawer = connection
            }
            state.used += bytes
            shortage.store(state.used >= limit, ordering: .relaxed)
            return true
        }
    }

    /// Takes memory for bytes that are already there.
    func keep(_ bytes: Int) {
        guard let limit else { return }
        state.withLock { state in
            state.used += bytes
            shortage.store(state.used >= limit, ordering: .relaxed)
        }
    }

    func release(_ bytes: Int, of connection: UInt64) {
        guard let limit else { return }
        let waiting = state.withLock { state -> [EventLoop] in
            state.used -= bytes
            if state.overdrawer == connection { state.overdrawer = 0 }
            shortage.store(state.used >= limit, ordering: .relaxed)
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        for loop in waiting { loop.execute { loop.retryStarved() } }
    }

    var hasWaiting: Bool { limit != nil && state.withLock { !$0.waiting.isEmpty } }
}
