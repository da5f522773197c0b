import Bytes
import Glibc
import Network
import Posix
import Synchronization
import Testing
import Timing

@Suite struct ParkingTests {
    /// Frames that begin with `p` are parked, all others come back.
    private func parkingServer(_ tickets: TicketBox, clock: Clock = .system) throws -> TestServer {
        try TestServer(clock: clock) { frame, connection in
            guard frame.byteCount > 0, frame.bytes.unsafeLoad(as: UInt8.self) == UInt8(ascii: "p") else {
                return echo(&frame, connection)
            }
            tickets.put(connection.ticket())
            return .parked
        }
    }

    @Test func `a parked frame is answered from another thread and those behind it wait`() throws {
        let tickets = TicketBox()
        let server = try parkingServer(tickets)
        let client = try server.client()
        try client.send(framed([1]) + framed(Array("p".utf8)) + framed([2]) + framed(Array("p".utf8)) + framed([3]))
        #expect(try client.receiveFrame() == [1])
        let first = try tickets.take()
        #expect(tickets.count == 0)
        first.complete { answer("late", to: $0) }
        #expect(try client.receiveFrame() == Array("late".utf8))
        #expect(try client.receiveFrame() == [2])
        let second = try tickets.take()
        // Bytes that come while it is parked wait too.
        try client.send(framed([4]))
        usleep(5000)
        try client.send(framed([5]))
        second.complete { answer("later", to: $0) }
        #expect(try client.receiveFrame() == Array("later".utf8))
        for expected in [[3], [4], [5]] as [[UInt8]] { #expect(try client.receiveFrame() == expected) }
    }

    @Test func `a ticket works once`() throws {
        let tickets = TicketBox()
        let server = try parkingServer(tickets)
        let client = try server.client()
        try client.send(framed(Array("p".utf8)))
        let ticket = try tickets.take()
        ticket.complete { answer("a", to: $0) }
        ticket.complete { answer("b", to: $0) }
        try client.send(framed([1]) + framed(Array("p".utf8)))
        _ = try tickets.take()
        ticket.complete { answer("c", to: $0) }
        shutdown(client.descriptor, CInt(SHUT_WR))
        #expect(try client.receiveAll() == framed(Array("a".utf8)) + framed([1]))
    }

    @Test func `half a frame behind a parked one is completed afterwards`() throws {
        let tickets = TicketBox()
        let server = try parkingServer(tickets)
        let client = try server.client()
        let payload = [UInt8](repeating: 8, count: 60_000)
        let bytes = framed(payload)
        try client.send(framed(Array("p".utf8)) + bytes[..<20_000])
        let ticket = try tickets.take()
        ticket.complete { answer("x", to: $0) }
        #expect(try client.receiveFrame() == Array("x".utf8))
        try client.send(Array(bytes[20_000...]))
        #expect(try client.receiveFrame() == payload)
    }

    /// Frames that begin with `d` are deferred, with `n` they wait for those, with `p` they are parked; all others are
    /// taken without an answer.
    private func deferringServer(_ tickets: TicketBox, _ seen: Guarded<[UInt8]>) throws -> TestServer {
        try TestServer { frame, connection in
            let kind = frame.byteCount > 0 ? frame.bytes.unsafeLoad(as: UInt8.self) : 0
            if kind == UInt8(ascii: "n") {
                if connection.hasDeferred { return .notYet }
                return echo(&frame, connection)
            }
            seen.withLock { $0.append(kind) }
            guard kind == UInt8(ascii: "d") || kind == UInt8(ascii: "p") else { return .answered }
            tickets.put(connection.ticket())
            return kind == UInt8(ascii: "d") ? .deferred : .parked
        }
    }

    @Test func `deferred frames are handled at once and answered in their order`() throws {
        let (tickets, seen) = (TicketBox(), Guarded<[UInt8]>([]))
        let server = try deferringServer(tickets, seen)
        let client = try server.client()
        let frames = ["d", "d", "x", "d", "n"].map { framed(Array($0.utf8)) }
        try client.send(frames.reduce([], +))
        let first = try tickets.take()
        let second = try tickets.take()
        let third = try tickets.take()
        #expect(seen.withLock { $0 } == Array("ddxd".utf8))
        third.complete { answer("3", to: $0) }
        second.complete { answer("2", to: $0) }
        second.complete { answer("again", to: $0) }
        first.complete { answer("1", to: $0) }
        for expected in ["1", "2", "3", "n"] { #expect(try client.receiveFrame() == Array(expected.utf8)) }
        try client.send(framed(Array("d".utf8)) + framed(Array("p".utf8)) + framed(Array("n".utf8)))
        let fourth = try tickets.take()
        try tickets.take().complete { answer("5", to: $0) }
        fourth.complete { answer("4", to: $0) }
        for expected in ["4", "5", "n"] { #expect(try client.receiveFrame() == Array(expected.utf8)) }
    }

    @Test func `no more than a limit of answers is owed, and the frames behind wait`() throws {
        let (tickets, seen) = (TicketBox(), Guarded<[UInt8]>([]))
        let server = try deferringServer(tickets, seen)
        let client = try server.client()
        let many = 300
        for _ in 0..<many { try client.send(framed(Array("d".utf8))) }
        try client.send(framed(Array("n".utf8)))
        for number in 0..<many {
            try tickets.take().complete { answer("\(number)", to: $0) }
            #expect(seen.withLock { $0.count } <= number + 256)
        }
        for number in 0..<many { #expect(try client.receiveFrame() == Array("\(number)".utf8)) }
        #expect(try client.receiveFrame() == Array("n".utf8))
    }

    @Test func `a peer that hangs up loses deferred answers only`() throws {
        let (tickets, seen) = (TicketBox(), Guarded<[UInt8]>([]))
        let server = try deferringServer(tickets, seen)
        let client = try server.client()
        try client.send(framed(Array("d".utf8)))
        let ticket = try tickets.take()
        client.hangUp()
        ticket.complete { answer("lost", to: $0) }
        let other = try server.client()
        try other.send(framed(Array("d".utf8)) + framed(Array("d".utf8)))
        _ = try tickets.take()
        try tickets.take().abandon(closing: "enough")
        #expect(try other.receiveAll().isEmpty)
    }

    @Test func `a ticket completed while its frame is handled works`() throws {
        let server = try TestServer { _, connection in
            connection.ticket().complete { answer("now", to: $0) }
            return .parked
        }
        let client = try server.client()
        try client.send(framed([1]) + framed([2]))
        #expect(try client.receiveFrame() == Array("now".utf8))
        #expect(try client.receiveFrame() == Array("now".utf8))
    }

    @Test func `a hang-up while parked closes at once and drops the answer`() throws {
        let tickets = TicketBox()
        let server = try parkingServer(tickets)
        let client = try server.client()
        try client.send(framed(Array("p".utf8)))
        let ticket = try tickets.take()
        client.hangUp()
        eventually("it is gone") { server.server.connectionCount == 0 }
        let ran = Flag()
        ticket.complete { _ in ran.raise() }
        let done = Flag()
        ticket.loop.execute { done.raise() }
        eventually("the loop went on") { done.isUp }
        #expect(!ran.isUp)
    }

    @Test func `a hang-up with bytes behind the parked frame is seen too`() throws {
        let tickets = TicketBox()
        let server = try parkingServer(tickets)
        let client = try server.client()
        try client.send(framed(Array("p".utf8)))
        _ = try tickets.take()
        try client.send(framed([1]))
        client.hangUp()
        eventually("it is gone") { server.server.connectionCount == 0 }
    }

    @Test func `an abandoned ticket closes the connection`() throws {
        let tickets = TicketBox()
        let server = try parkingServer(tickets)
        let client = try server.client()
        try client.send(framed(Array("p".utf8)))
        try tickets.take().abandon(closing: "tested")
        #expect(try client.isClosedByServer)
    }

    @Test func `the closing of a connection is told once`() throws {
        let closed = HandledFrames()
        let server = try TestServer { frame, connection in
            connection.onClose = { closed.number.add(1, ordering: .relaxed) }
            return echo(&frame, connection)
        }
        let client = try server.client()
        try client.send(framed([1]))
        _ = try client.receiveFrame()
        client.hangUp()
        eventually("it is told") { closed.number.load(ordering: .relaxed) == 1 }
        server.server.stop()
        #expect(closed.number.load(ordering: .relaxed) == 1)
    }

    @Test func `idle connections close and parked ones stay`() throws {
        let time = ManualTime()
        let tickets = TicketBox()
        let server = try TestServer(clock: .manual(time), adjust: { $0.idleTimeout = .seconds(100) }) {
            frame, connection in
            guard frame.byteCount == 1 else { return echo(&frame, connection) }
            tickets.put(connection.ticket())
            return .parked
        }
        let idle = try server.client()
        let parked = try server.client()
        try idle.send(framed([]))
        _ = try idle.receiveFrame()
        try parked.send(framed([1]))
        let ticket = try tickets.take()
        time.advance(by: .seconds(99))
        server.turn()
        #expect(server.server.connectionCount == 2)
        time.advance(by: .seconds(2))
        server.turn()
        #expect(try idle.isClosedByServer)
        eventually("one is left") { server.server.connectionCount == 1 }
        ticket.complete { answer("still here", to: $0) }
        #expect(try parked.receiveFrame() == Array("still here".utf8))
        for _ in 0..<3 {
            time.advance(by: .seconds(60))
            server.turn()
        }
        #expect(try parked.isClosedByServer)
    }
}

final class Flag: Sendable {
    private let up = Atomic(false)
    func raise() { up.store(true, ordering: .releasing) }
    var isUp: Bool { up.load(ordering: .acquiring) }
}

extension TestServer {
    /// Lets every loop go round once, so that it sees the time.
    func turn() {
        for loop in server.loops {
            for _ in 0..<2 {
                let done = Flag()
                loop.execute { done.raise() }
                eventually("the loop turns") { done.isUp }
            }
        }
    }
}
