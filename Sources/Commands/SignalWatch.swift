import CLinux
import Glibc

/// The signals that speak to a broker, read from a descriptor instead of interrupting it. They are blocked when this is
/// made, which must come before the first thread, since threads inherit it.
struct SignalWatch {
    enum Message: Equatable {
        case stop(CInt)
        case reopenLog
    }

    let descriptor: CInt

    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        descriptor = signalfd(-1, &signals, CInt(SFD_CLOEXEC))
    }

    func next() -> Message? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &info, size) == size else { return nil }
        let number = CInt(info.ssi_signo)
        return number == SIGHUP ? .reopenLog : .stop(number)
    }
}
