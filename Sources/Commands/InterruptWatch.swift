import CLinux
import Glibc

/// Holds Ctrl-C and its like back and tells when one came, so that a terminal can be left in order. Made before the
/// threads that must not be interrupted, which inherit it.
struct InterruptWatch {
    private var signals = sigset_t()
    private var before = sigset_t()

    init() {
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, &before)
    }

    var isPending: Bool {
        var pending = sigset_t()
        guard sigpending(&pending) == 0 else { return false }
        return [SIGINT, SIGTERM, SIGHUP].contains { sigismember(&pending, $0) == 1 }
    }

    func end() {
        var mask = before
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
}
