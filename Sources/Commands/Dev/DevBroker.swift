import Broker
import CLinux
import CommandLine
import Configuration
import Glibc
import Posix

/// The throw-away broker: a child of this process in a session of its own, so that Ctrl-C is the command's alone, which
/// ends when its parent does and then removes what it was there for. What it has to say comes through a pipe.
struct DevBroker {
    enum Word: Equatable {
        /// It serves clients at this address.
        case serves(String)
        /// A line for people.
        case talk(String)
    }

    let process: pid_t
    private var hasEnded = false
    /// Where it can be heard; -1 when it says nothing more.
    private(set) var pipe: CInt
    private var unfinished: [UInt8] = []

    private init(process: pid_t, pipe: CInt) {
        self.process = process
        self.pipe = pipe
    }

    /// Forks; the caller has no other threads. The child never returns.
    static func start(
        _ configuration: BrokerConfiguration, in directory: String, log: CInt, keepsDirectory: Bool,
        environment: Environment
    ) throws(SystemError) -> DevBroker {
        var ends: [CInt] = [-1, -1]
        guard linux_pipe(&ends) == 0 else { throw SystemError("make a pipe in", directory) }
        let parent = getpid()
        let child = linux_fork_into_background(log)
        if child == 0 {
            close(ends[0])
            let code = serve(configuration, parent: parent, pipe: ends[1], environment: environment)
            if getppid() != parent, !keepsDirectory { Dev.remove(directory) }
            _exit(code)
        }
        let failure = Errno.last
        close(ends[1])
        guard child > 0 else {
            close(ends[0])
            throw SystemError("fork a broker for", directory, failure)
        }
        return DevBroker(process: child, pipe: ends[0])
    }

    /// The child's life.
    private static func serve(
        _ configuration: BrokerConfiguration, parent: pid_t, pipe: CInt, environment: Environment
    ) -> Int32 {
        let signals = SignalWatch()
        guard linux_end_with_parent(parent, SIGTERM) != 0 else { return DevLife.failed }
        let console = Console { _, text in
            say(text, 2)
            say(text, pipe)
        }
        let launch = BrokerLaunch.real(.format) { address in say("\(Self.mark)\(address)\n", pipe) }
        let inner = Environment(
            console: console, variable: environment.variable, processes: environment.processes, terminal: nil)
        return BrokerProcess(configuration, signals: signals, readiness: nil, environment: inner, launch: launch)
            .run().rawValue
    }

    /// Before the address, so that no line for people is taken for one.
    private static let mark = "\u{1}"

    private static func say(_ text: String, _ descriptor: CInt) {
        var text = text
        _ = text.withUTF8 { write(descriptor, $0.baseAddress, $0.count) }
    }

    /// What it has said; nil when it says nothing more.
    mutating func hear() -> [Word]? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(pipe, &buffer, buffer.count)
        guard count > 0 else {
            if count < 0, errno == EINTR { return [] }
            if pipe >= 0 { close(pipe) }
            pipe = -1
            return nil
        }
        unfinished += buffer[..<count]
        var words: [Word] = []
        while let end = unfinished.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: unfinished[..<end], as: UTF8.self)
            unfinished.removeSubrange(...end)
            words.append(line.hasPrefix(Self.mark) ? .serves(String(line.dropFirst())) : .talk(line))
        }
        return words
    }

    /// The system told that it has ended: from now on its number may be somebody else's.
    mutating func hasEndedByItself() { hasEnded = true }

    /// Ends it, if it has not ended by itself. What nobody wants to keep needs no orderly end.
    func end(keepsDirectory: Bool) {
        guard !hasEnded else { return }
        kill(process, keepsDirectory ? SIGTERM : SIGKILL)
        var status: CInt = 0
        var waitedMs = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            if waitedMs == Self.patienceMs { kill(process, SIGKILL) }
            usleep(1000)
            waitedMs += 1
        }
    }

    private static let patienceMs = 10_000
}
