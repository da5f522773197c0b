import CLinux
import CommandLine
import Configuration
import Glibc
import Posix
import Telemetry

/// A broker in this process: a thread starts it and later closes it, while the main thread listens to signals.
final class BrokerProcess: Sendable {
    private let configuration: BrokerConfiguration
    private let signals: SignalWatch
    private let readiness: Daemon.Readiness?
    private let environment: Environment
    private let launch: BrokerLaunch
    private let log: Log

    private let events = Guarded<[ServerLife.Event]>([])
    private let wakeUp: CInt
    private struct Stopping {
        var stop: (@Sendable () -> Void)?
    }

    private let stopping = Guarded(Stopping())

    init(
        _ configuration: BrokerConfiguration, signals: SignalWatch, readiness: Daemon.Readiness?,
        environment: Environment, launch: BrokerLaunch
    ) {
        self.configuration = configuration
        self.signals = signals
        self.readiness = readiness
        self.environment = environment
        self.launch = launch
        log = Log("KafkaServer", prefix: "[KafkaRaftServer nodeId=\(configuration.nodeID)]")
        wakeUp = eventfd(0, CInt(EFD_CLOEXEC))
    }

    /// Returns when the broker has ended, with the exit code.
    func run() -> ExitCode {
        var life = ServerLife()
        var work = Thread(name: "start", stackBytes: 8 << 20) { self.start() }
        while true {
            for event in nextEvents() {
                switch life.handle(event) {
                case .nothing: break
                case .announceReady:
                    log.info("Kafka Server started")
                    ServiceNotification.send("READY=1")
                    readiness?.announce()
                case .drain:
                    ServiceNotification.send("STOPPING=1")
                    work.join()
                    work = Thread(name: "shutdown", stackBytes: 8 << 20) { self.stop() }
                case .end(let code):
                    work.join()
                    return ExitCode(rawValue: code)
                case .endAtOnce(let code): _exit(code)
                }
            }
        }
    }

    private func start() {
        switch launch.start(configuration, fail) {
        case .success(let stop):
            stopping.withLock { $0.stop = stop }
            tell(.started)
        case .failure(let failure):
            // On stderr the line for people says it already.
            if LogSink.shared.hasFile { log.fatal("Exiting Kafka due to fatal exception: \(failure.reason)") }
            environment.complain("cannot start broker: \(failure.reason)")
            tell(.startFailed)
        }
    }

    private func fail(_ reason: String) {
        // On stderr the broker's own line says it already.
        if LogSink.shared.hasFile { environment.complain("the broker ends because \(reason)") }
        tell(.failed)
    }

    private func stop() {
        log.info("shutting down")
        stopping.withLock { $0 }.stop?()
        log.info("shut down completed")
        tell(.stopped)
    }

    private func tell(_ event: ServerLife.Event) {
        events.withLock { $0.append(event) }
        var one: UInt64 = 1
        _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
    }

    /// Sleeps until a signal comes or the broker's thread tells something.
    private func nextEvents() -> [ServerLife.Event] {
        var watched = [
            pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&watched, nfds_t(watched.count), -1) > 0 else { return [] }
        var found: [ServerLife.Event] = []
        if watched[0].revents != 0 {
            switch signals.next() {
            case .stop(let number): found.append(.stopRequested(interrupt: number == SIGINT))
            case .reopenLog: reopenLog()
            case nil: break
            }
        }
        if watched[1].revents != 0 {
            var count: UInt64 = 0
            _ = read(wakeUp, &count, MemoryLayout<UInt64>.size)
            found += events.withLock { waiting in
                defer { waiting = [] }
                return waiting
            }
        }
        return found
    }

    private func reopenLog() {
        if let code = LogSink.shared.reopen() { log.error("cannot open the log file again: \(Errno(code))") }
    }
}
