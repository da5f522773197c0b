import CommandLine
import Configuration
import Glibc
import Posix
import Testing

@testable import Commands

struct BrokerProcessTests {
    /// What happened, in order.
    private final class Events: Sendable {
        let list = Guarded<[String]>([])
        let mainThread = Guarded<UInt?>(nil)

        func add(_ event: String) { list.withLock { $0.append(event) } }
        var all: [String] { list.withLock { $0 } }

        /// False when it did not come within ten seconds.
        func wait(for event: String) -> Bool {
            for _ in 0..<10_000 {
                if all.contains(event) { return true }
                usleep(1000)
            }
            return false
        }
    }

    /// Runs a broker's process on a thread of its own, to which signals can be sent without hitting the tests.
    private func run(_ launch: BrokerLaunch, _ events: Events, signal number: CInt) throws {
        let configuration = try BrokerConfiguration(properties: [:])
        let thread = Thread(name: "process") {
            let signals = SignalWatch()
            defer { close(signals.descriptor) }
            events.mainThread.withLock { $0 = UInt(pthread_self()) }
            let process = BrokerProcess(
                configuration, signals: signals, readiness: nil, environment: .real, launch: launch)
            events.add("exit \(process.run().rawValue)")
        }
        if events.wait(for: "started"), let target = events.mainThread.withLock({ $0 }) {
            pthread_kill(pthread_t(target), number)
        }
        thread.join()
    }

    @Test(arguments: [(SIGTERM, Int32(0)), (SIGINT, Int32(130))])
    func `a signal drains the broker and the exit code tells which`(_ number: CInt, _ code: Int32) throws {
        let events = Events()
        let launch = BrokerLaunch { [events] _, _ in
            events.add("started")
            return .success { events.add("stopped") }
        }
        try run(launch, events, signal: number)
        #expect(events.all == ["started", "stopped", "exit \(code)"])
    }
}
