import Posix

/// A disk whose flushes of partitions a test holds back, lets go and fails. The metadata log is left alone, unless it is
/// named.
final class ScriptedDisk: Sendable {
    private struct State {
        var isHeld = false
        var started: [String] = []
        var ended = 0
        var failing: [String: Errno] = [:]
        var failingWrites: [String: Errno] = [:]
    }

    private let state = Monitor(State())

    /// Flushes wait from now on.
    func hold() { state.update { $0.isHeld = true } }
    func release() { state.update { $0.isHeld = false } }

    /// Flushes of files with this in their path fail from now on, or work again.
    func failFlushes(of part: String, _ errno: Errno? = .io) { state.update { $0.failing[part] = errno } }
    func failWrites(to part: String, _ errno: Errno?) { state.update { $0.failingWrites[part] = errno } }

    /// The log files whose flush began, in that order.
    var flushes: [String] { state.withLock { $0.started } }

    /// Flushes that ended well.
    var ended: Int { state.withLock { $0.ended } }

    var disk: Disk {
        Disk { (operation) throws(SystemError) in
            switch operation {
            case .synchronize(let path):
                if let errno = self.flush(path) { throw SystemError("flush", path, errno) }
            case .write(let path, _, _):
                let errno = self.state.withLock { state in
                    state.failingWrites.first { path.contains($0.key) }?.value
                }
                if let errno { throw SystemError("write to", path, errno) }
            default: break
            }
        }
    }

    private func flush(_ path: String) -> Errno? {
        let isLog = path.hasSuffix(".log") && !path.contains("__cluster_metadata")
        if isLog { state.update { $0.started.append(path) } }
        return state.wait { state -> Errno?? in
            guard !isLog || !state.isHeld else { return nil }
            if let failure = state.failing.first(where: { path.contains($0.key) }) { return .some(failure.value) }
            if isLog { state.ended += 1 }
            return .some(nil)
        }
    }
}
