import Bytes
import Glibc
import Network
import Posix
import Telemetry
import Testing
import Timing

@Suite struct ServerTests {
    @Test func `an address may have so many connections and no more`() throws {
        let server = try TestServer(adjust: { $0.connectionsPerAddressMax = 2 })
        var clients = [try server.client(), try server.client()]
        for client in clients {
            try client.send(framed([1]))
            #expect(try client.receiveFrame() == [1])
        }
        let third = try server.client()
        #expect(try third.isClosedByServer)
        #expect(server.value("skafka_network_connections_refused_total") == 1)
        clients.removeLast()
        eventually("one is gone") { server.server.connectionCount == 1 }
        let fourth = try server.client()
        try fourth.send(framed([4]))
        #expect(try fourth.receiveFrame() == [4])
    }

    @Test func `an override counts for its host, given by name or address`() throws {
        for host in ["127.0.0.1", "localhost"] {
            let server = try TestServer(adjust: {
                $0.connectionsPerAddressMax = 5
                $0.perAddressOverrides = [host: 0]
            })
            #expect(try server.client().isClosedByServer)
        }
    }

    @Test func `the whole server may have so many connections, and that can change`() throws {
        let server = try TestServer(adjust: { $0.connectionsMax = 1 })
        let first = try server.client()
        try first.send(framed([1]))
        #expect(try first.receiveFrame() == [1])
        #expect(try server.client().isClosedByServer)
        server.server.resize(connectionsMax: 2, perAddressMax: .max, perAddressOverrides: [:])
        let second = try server.client()
        try second.send(framed([2]))
        #expect(try second.receiveFrame() == [2])
    }

    @Test func `every address of the machine is served when no host is given`() throws {
        let server = try TestServer(host: "")
        let old = try TestClient(port: server.port)
        try old.send(framed([4]))
        #expect(try old.receiveFrame() == [4])
        guard let new = try? TestClient(port: server.port, family: AF_INET6) else { return }
        try new.send(framed([6]))
        #expect(try new.receiveFrame() == [6])
    }

    @Test func `peers are shown as they are, IPv4 as IPv4`() throws {
        let text = SharedText()
        let server = try TestServer(host: "") { frame, connection in
            text.set("\(connection.peer.host) \(connection.listenerName) \(connection.principal)")
            return echo(&frame, connection)
        }
        let client = try server.client()
        try client.send(framed([1]))
        _ = try client.receiveFrame()
        #expect(text.value == "127.0.0.1 PLAINTEXT User:ANONYMOUS")
    }

    @Test func `a taken port and an unknown host are told`() throws {
        let server = try TestServer()
        for (host, port, part) in [("127.0.0.1", server.port, "in use"), ("no.such.host.invalid", 0, "resolve")] {
            let configuration = ServerConfiguration(listeners: [
                ListenerConfiguration(name: "A", host: "127.0.0.1", port: 0),
                ListenerConfiguration(name: "B", host: host, port: port),
            ])
            let other = Server(configuration: configuration, clock: .system, metrics: Metrics()) { echo(&$0, $1) }
            let error = #expect(throws: NetworkError.self) { try other.start() }
            #expect("\(try #require(error))".contains(part))
        }
    }

    @Test func `draining lets parked answers leave and handles nothing new`() throws {
        let tickets = TicketBox()
        let server = try TestServer { frame, connection in
            guard frame.byteCount == 0 else { return echo(&frame, connection) }
            tickets.put(connection.ticket())
            return .parked
        }
        let waiting = try server.client()
        let quiet = try server.client()
        try quiet.send(framed([1]))
        #expect(try quiet.receiveFrame() == [1])
        try waiting.send(framed([]) + framed([2]))
        let ticket = try tickets.take()
        server.server.stopAccepting()
        #expect(!server.server.drain(within: .milliseconds(20)))
        #expect(try quiet.isClosedByServer)
        ticket.complete { answer("last", to: $0) }
        #expect(server.server.drain(within: .seconds(10)))
        #expect(try waiting.receiveAll() == framed(Array("last".utf8)))
        server.server.stop()
        ticket.complete { answer("never", to: $0) }
    }

    @Test func `stopping closes what is open, from any state`() throws {
        let tickets = TicketBox()
        let server = try TestServer(adjust: { $0.loopsPerServer = 3 }) { frame, connection in
            guard frame.byteCount == 0 else { return echo(&frame, connection) }
            tickets.put(connection.ticket())
            return .parked
        }
        let clients = try (0..<9).map { _ in try server.client() }
        try clients[0].send(framed([]))
        _ = try tickets.take()
        try clients[1].send([0, 0, 1])
        eventually("all are there") { server.server.connectionCount == 9 }
        server.server.stop()
        #expect(server.server.connectionCount == 0)
        for client in clients { #expect(try client.isClosedByServer) }
    }

    @Test func `more loops take their share of new connections`() throws {
        let server = try TestServer()
        try server.server.resize(loops: 3)
        let clients = try (0..<6).map { _ in try server.client() }
        eventually("all are there") { server.server.loops.allSatisfy { $0.connectionCount == 2 } }
        for client in clients {
            try client.send(framed([1]))
            #expect(try client.receiveFrame() == [1])
        }
    }

    @Test func `large frames share a small budget and all come through`() throws {
        let server = try TestServer(adjust: {
            $0.requestMemoryBytesMax = 400_000
            $0.loopsPerServer = 2
        })
        let payload = [UInt8](repeating: 6, count: 300_000)
        let clients = try (0..<8).map { _ in try server.client() }
        let senders = clients.map { SendingThread($0, framed(payload) + framed(payload)) }
        for client in clients {
            for _ in 0..<2 { #expect(try client.receiveFrame() == payload) }
        }
        for sender in senders { sender.join() }
    }

    @Test func `half frames that hold the budget give it back when they hang up`() throws {
        let server = try TestServer(adjust: { $0.requestMemoryBytesMax = 200_000 })
        let bytes = framed([UInt8](repeating: 6, count: 300_000))
        let halves = try (0..<4).map { _ in try server.client() }
        for client in halves { _ = client.sendWhatFits(Array(bytes[..<150_000])) }
        let small = try server.client()
        try small.send(framed([1]))
        #expect(try small.receiveFrame() == [1])
        let late = try server.client()
        let sender = SendingThread(late, bytes)
        for client in halves { client.hangUp() }
        #expect(try late.receiveFrame().count == 300_000)
        sender.join()
    }
}

final class SharedText: Sendable {
    private let text = Guarded("")
    func set(_ value: String) { text.withLock { $0 = value } }
    var value: String { text.withLock { $0 } }
}
