import CLinux
import CommandLine
import Configuration
import Glibc
import Posix

/// Watches over the broker and the command until it is time to end both. One thread whenever it forks.
struct DevRun {
    private let request: DevRequest
    private let environment: Environment
    private let directory: String
    private let logPath: String
    private let signals: ChildSignals
    private var broker: DevBroker
    private var topics: DevTopics?
    private var command: pid_t?
    private var life: DevLife

    init(
        _ request: DevRequest, _ configuration: BrokerConfiguration, in directory: String, environment: Environment
    ) throws(SystemError) {
        self.request = request
        self.environment = environment
        self.directory = directory
        life = DevLife(hasCommand: !request.command.isEmpty, hasTopics: !request.topics.isEmpty)
        logPath = request.logFile ?? directory + "/broker.log"
        let log = linux_open(logPath, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        guard log >= 0 else { throw SystemError("open", logPath) }
        defer { close(log) }
        signals = ChildSignals()
        broker = try DevBroker.start(
            configuration, in: directory, log: log, keepsDirectory: request.keepsDirectory, environment: environment)
    }

    /// Returns the exit code, when neither the command nor the broker runs any more.
    mutating func run() -> Int32 {
        var address = ""
        var code: Int32?
        while code == nil {
            for (event, place) in nextEvents() where code == nil {
                address = place ?? address
                switch life.handle(event) {
                case .nothing: break
                case .createTopics: topics = DevTopics(request.topics, at: address)
                case .begin: code = begin(address)
                case .passOn(let number): if let command { kill(command, number) }
                case .tellBrokerIsLost: code = brokerIsLost()
                case .end(let number): code = number
                }
            }
        }
        topics = nil
        broker.end(keepsDirectory: request.keepsDirectory)
        return code ?? DevLife.failed
    }

    /// The broker serves and has the topics: starts the command. A code when that failed.
    private mutating func begin(_ address: String) -> Int32? {
        guard let program = request.command.first else {
            environment.console.print(address)
            environment.complain("a broker serves \(address) until Ctrl-C, from \(directory)")
            return nil
        }
        for (name, value) in Dev.variables(address, directory) {
            if let value { setenv(name, value, 1) } else { unsetenv(name) }
        }
        guard let child = signals.start(request.command, farewell: SIGHUP) else {
            let reason = Errno.last
            environment.complain("dev: cannot run \(program): \(reason)")
            return reason == .noSuchFile ? 127 : 126
        }
        command = child
        return nil
    }

    /// Says so with the end of its log, which is about to be removed. A code when there is nobody left to wait for.
    private func brokerIsLost() -> Int32? {
        environment.complain("dev: the broker is gone; the end of its log:")
        do throws(SystemError) {
            let text = String(decoding: try Disk.real.contents(of: logPath), as: UTF8.self)
            for line in text.split(separator: "\n").suffix(Self.lastLines) { environment.console.tell("  \(line)") }
        } catch {
            environment.complain("dev: \(error)")
        }
        return command == nil ? DevLife.failed : nil
    }

    private static let lastLines = 15

    /// Sleeps until something happens. With the news that the broker serves comes its address.
    private mutating func nextEvents() -> [(DevLife.Event, address: String?)] {
        var watched = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: broker.pipe, events: Int16(POLLIN), revents: 0),
            pollfd(fd: topics?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&watched, nfds_t(watched.count), -1) > 0 else { return [] }
        var found: [(DevLife.Event, address: String?)] = []
        if watched[1].revents != 0 {
            for word in broker.hear() ?? [] {
                switch word {
                case .serves(let address): found.append((.brokerServes, address))
                case .talk(let line): environment.console.tell(line)
                }
            }
        }
        if watched[2].revents != 0, let topics {
            let problem = topics.end()
            self.topics = nil
            if let problem { environment.complain("dev: \(problem)") }
            found.append((problem == nil ? .topicsCreated : .topicsFailed, nil))
        }
        guard watched[0].revents != 0, let signal = signals.next() else { return found }
        guard signal.number == SIGCHLD else {
            return found + [(.signal(signal.number, isFromTerminal: signal.isFromTerminal), nil)]
        }
        while let (child, ending) = ChildSignals.ended() {
            if child == broker.process {
                // What it said last comes before the news of its end.
                while let words = broker.hear() {
                    for case .talk(let line) in words { environment.console.tell(line) }
                }
                broker.hasEndedByItself()
                found.append((.brokerEnded, nil))
            } else if child == command {
                found.append((.commandEnded(ending), nil))
            }
        }
        return found
    }
}
