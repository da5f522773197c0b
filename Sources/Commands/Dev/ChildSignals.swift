import CLinux
import Glibc

/// The signals of a process that watches over children, read from a descriptor. The children have the mask that was there
/// before.
struct ChildSignals {
    struct Signal {
        let number: CInt
        /// The kernel sent it to everybody in front of the terminal, not a process to this one.
        let isFromTerminal: Bool
    }

    let descriptor: CInt
    private var before = sigset_t()

    /// Those that ask a process for something, and the news of a child.
    private static let watched = [SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2]

    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in Self.watched { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, &before)
        descriptor = signalfd(-1, &signals, CInt(SFD_CLOEXEC))
    }

    func next() -> Signal? {
        var info = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &info, size) == size else { return nil }
        return Signal(number: CInt(info.ssi_signo), isFromTerminal: info.ssi_code == Self.sentByKernel)
    }

    /// SI_KERNEL, which the Glibc module does not have.
    private static let sentByKernel: Int32 = 0x80

    /// Starts a program found in PATH, which gets `farewell` when this process ends; nil with errno.
    func start(_ words: [String], farewell: CInt) -> pid_t? {
        var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var mask = before
        let child = linux_start_command(pointers, &mask, farewell)
        return child > 0 ? child : nil
    }

    /// A child that has ended, if there is one.
    static func ended() -> (child: pid_t, DevLife.Ending)? {
        var status: CInt = 0
        let child = waitpid(-1, &status, WNOHANG)
        guard child > 0 else { return nil }
        let signal = status & 0x7f
        return (child, signal == 0 ? .exited(status >> 8 & 0xff) : .signalled(signal))
    }
}
