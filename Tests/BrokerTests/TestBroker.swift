import Bytes
import Configuration
import Glibc
import KafkaModel
import KafkaProtocol
import Posix
import TestSupport
import Testing
import Timing

@testable import Broker

/// A whole broker on a free port of the loopback interface, in a directory of its own. It is shut down with the test.
final class TestBroker {
    let directory: TemporaryDirectory
    let broker: Broker
    let port: UInt16
    private var isRunning = true

    init(
        _ properties: [String: String] = [:], in directory: TemporaryDirectory = TemporaryDirectory(),
        clock: Clock = .system, unformatted: UnformattedDirectories = .format, disk: Disk = .real
    ) throws {
        self.directory = directory
        broker = try Broker(
            configuration: Self.configuration(directory, properties), clock: clock, unformatted: unformatted,
            disk: disk)
        try broker.start()
        port = broker.boundAddresses[0].port
    }

    static func configuration(
        _ directory: TemporaryDirectory, _ properties: [String: String] = [:]
    ) throws -> BrokerConfiguration {
        let defaults = [
            "node.id": "1", "listeners": "PLAINTEXT://127.0.0.1:0", "log.dirs": directory.file("data"),
            "num.network.threads": "2", "num.io.threads": "2",
        ]
        return try BrokerConfiguration(properties: defaults.merging(properties) { $1 })
    }

    deinit { stop() }

    func stop() {
        guard isRunning else { return }
        isRunning = false
        broker.shutDown()
    }

    func client() throws -> TestClient { try TestClient(port: port) }

    func partition(_ topic: String, _ index: Int32 = 0) throws -> Partition {
        try #require(broker.topics.snapshot.topic(named: topic)?.partition(index))
    }
}

/// Waits, not for ever, for something that other threads bring about.
func eventually(_ what: Comment, _ condition: () throws -> Bool) rethrows {
    for _ in 0..<15_000 {
        if try condition() { return }
        usleep(2000)
    }
    Issue.record(what)
}

/// Runs a program of the system and waits for its end.
func run(_ program: String, _ arguments: String...) throws {
    let words = [program] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    var child = pid_t()
    try #require(posix_spawnp(&child, program, nil, nil, pointers, environ) == 0, "\(program) does not start")
    var status: CInt = 0
    try #require(waitpid(child, &status, 0) == child)
    try #require(status == 0, "\(words) ended with \(status)")
}

/// What a crash would leave: a copy of the directory while the broker runs.
func copy(_ path: String, to target: String) throws { try run("cp", "-a", path, target) }

func entries(of path: String) throws -> [String] { try Disk.real.list(path).map(\.name).sorted() }
