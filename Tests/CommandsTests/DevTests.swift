import CommandLine
import Glibc
import Testing
import Timing

@testable import Commands

struct DevTests {
    private func life(hasCommand: Bool = true, _ events: DevLife.Event...) -> [DevLife.Action] {
        var life = DevLife(hasCommand: hasCommand)
        return events.map { life.handle($0) }
    }

    @Test func `the command starts when the broker serves, and its exit code is the end`() {
        #expect(life(.brokerServes, .commandEnded(.exited(7))) == [.begin, .end(code: 7)])
        #expect(life(.brokerServes, .commandEnded(.signalled(SIGKILL))) == [.begin, .end(code: 137)])
    }

    @Test func `a signal of the terminal has reached the command, another is passed on`() {
        #expect(
            life(
                .brokerServes, .signal(SIGINT, isFromTerminal: true), .signal(SIGTERM, isFromTerminal: false),
                .commandEnded(.exited(0))) == [.begin, .nothing, .passOn(SIGTERM), .end(code: 0)])
    }

    @Test func `a signal before the command is the end`() {
        #expect(life(.signal(SIGINT, isFromTerminal: true)) == [.end(code: 130)])
        #expect(life(.signal(SIGTERM, isFromTerminal: false)) == [.end(code: 143)])
    }

    @Test func `a signal while the topics were created was not heard`() {
        var life = DevLife(hasCommand: true, hasTopics: true)
        #expect(life.handle(.brokerServes) == .createTopics)
        #expect(life.handle(.signal(SIGINT, isFromTerminal: true)) == .end(code: 130))
        life = DevLife(hasCommand: true, hasTopics: true)
        #expect(life.handle(.brokerServes) == .createTopics)
        #expect(life.handle(.topicsCreated) == .begin)
        #expect(life.handle(.signal(SIGINT, isFromTerminal: true)) == .nothing)
        life = DevLife(hasCommand: true, hasTopics: true)
        #expect(life.handle(.brokerServes) == .createTopics)
        #expect(life.handle(.topicsFailed) == .end(code: 125))
        life = DevLife(hasCommand: true, hasTopics: true)
        #expect(life.handle(.brokerServes) == .createTopics)
        #expect(life.handle(.brokerEnded) == .tellBrokerIsLost)
    }

    @Test func `topics that a silent broker does not create are given up at once`() throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        try #require(isBound && listen(listener, 5) == 0)
        let topics = DevTopics(
            [.init(name: "a", partitions: 1)], at: "127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
        // It is connected, and asks.
        var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        try #require(poll(&waiting, 1, 5000) == 1)
        let start = Clock.system.now
        #expect(topics.end()?.hasPrefix("cannot create the topics: ") == true)
        #expect(Clock.system.now - start < .seconds(3))
    }

    @Test func `a broker that does not start is a failure of its own`() {
        #expect(life(.brokerEnded) == [.end(code: 125)])
    }

    @Test func `a success without the broker is none`() {
        #expect(
            life(.brokerServes, .brokerEnded, .signal(SIGTERM, isFromTerminal: false), .commandEnded(.exited(0)))
                == [.begin, .tellBrokerIsLost, .passOn(SIGTERM), .end(code: 125)])
        #expect(
            life(.brokerServes, .brokerEnded, .commandEnded(.exited(3)))
                == [.begin, .tellBrokerIsLost, .end(code: 3)])
    }

    @Test func `without a command a signal is the orderly end`() {
        #expect(
            life(hasCommand: false, .brokerServes, .signal(SIGINT, isFromTerminal: true)) == [.begin, .end(code: 130)])
        #expect(
            life(hasCommand: false, .brokerServes, .signal(SIGTERM, isFromTerminal: false)) == [.begin, .end(code: 0)])
    }

    private func request(_ words: String...) throws -> DevRequest {
        guard case .run(let arguments) = try Parser.parse(words, for: Dev.declaration) else {
            throw UsageError("no run")
        }
        return try DevRequest(arguments)
    }

    @Test func `topics have a number of partitions or the broker's default`() throws {
        let request = try request("--topic", "a", "--topic=b:12", "--port", "9092", "--", "true")
        #expect(request.topics == [.init(name: "a", partitions: -1), .init(name: "b", partitions: 12)])
        #expect(request.overrides(in: "/x").first == "listeners=PLAINTEXT://127.0.0.1:9092")
        #expect(request.command == ["true"])
    }

    @Test func `the first word that is no option begins the command, whose options are its own`() throws {
        #expect(try request("ls", "-l", "--", "--help").command == ["ls", "-l", "--", "--help"])
        #expect(try request("--keep", "--", "--odd", "--keep").command == ["--odd", "--keep"])
    }

    @Test(arguments: [
        (["--topic", "a:0"], "'0' is no number of partitions for topic 'a'"),
        (["--topic", "a:"], "'' is no number of partitions for topic 'a'"),
        (["--topic", "a:2", "--topic", "a"], "topic 'a' is named twice"),
        (["--port", "70000"], "Cannot parse argument '70000' of option port"),
    ])
    func `what cannot be set up is told before anything is`(_ words: [String], _ message: String) {
        let session = Session()
        #expect(session.run(["dev"] + words) == 125)
        #expect(session.told == "skafka: dev: \(message)\n'skafka dev --help' shows what it takes.\n")
    }
}
