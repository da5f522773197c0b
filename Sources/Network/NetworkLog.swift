import Posix
import Telemetry
import Timing

let log = Log("Network")

/// Lets one line a second through, so that a crowd of bad clients cannot fill a disk, and remembers how many it held
/// back.
final class LineLimiter: Sendable {
    private struct State {
        var next = Instant(nanoseconds: .min)
        var heldBack = 0
    }

    private let state = Guarded(State())

    /// Runs `body` when a line may be written, with a remark about the lines before it.
    func admit(_ now: Instant, _ body: (_ remark: String) -> Void) {
        let heldBack = state.withLock { state -> Int? in
            guard now >= state.next else {
                state.heldBack += 1
                return nil
            }
            state.next = now + .seconds(1)
            defer { state.heldBack = 0 }
            return state.heldBack
        }
        guard let heldBack else { return }
        body(heldBack > 0 ? " (\(heldBack) similar lines not shown)" : "")
    }
}
