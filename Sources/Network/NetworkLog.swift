import Posix
import Telemetry
import Timing

let log = Log("Network")

/// Lets a few lines a second through, so that a crowd of bad clients cannot fill a disk, and remembers how many it held
/// back. It takes a few because what comes together need not be alike: a port scan tries one protocol after the other.
final class LineLimiter: Sendable {
    static let linesPerSecond = 10

    private struct State {
        var start = Instant(nanoseconds: .min)
        var lines = 0
        var heldBack = 0
    }

    private let state = Guarded(State())

    /// Runs `body` when a line may be written, with a remark about the lines before it.
    func admit(_ now: Instant, _ body: (_ remark: String) -> Void) {
        let heldBack = state.withLock { state -> Int? in
            if state.lines == 0 || now >= state.start + .seconds(1) {
                state.start = now
                state.lines = 0
            }
            guard state.lines < Self.linesPerSecond else {
                state.heldBack += 1
                return nil
            }
            state.lines += 1
            defer { state.heldBack = 0 }
            return state.heldBack
        }
        guard let heldBack else { return }
        body(heldBack > 0 ? " (\(heldBack) more such lines were not shown)" : "")
    }
}
