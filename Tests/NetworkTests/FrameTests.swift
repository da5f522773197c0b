import Bytes
import Glibc
import Network
import Synchronization
import Testing
import Timing

@Suite struct FrameTests {
    @Test func `pipelined frames are answered in order`() throws {
        let server = try TestServer()
        let client = try server.client()
        let payloads = (0..<2000).map { number in [UInt8](repeating: UInt8(number & 255), count: number % 300) }
        try client.send(payloads.flatMap { framed($0) })
        for payload in payloads { #expect(try client.receiveFrame() == payload) }
        eventually("all frames are counted") { server.value("skafka_network_requests_total") == 2000 }
        #expect(server.value("skafka_network_connections_accepted_total") == 1)
    }

    @Test func `a frame may be split at every byte`() throws {
        let server = try TestServer()
        let client = try server.client()
        let bytes = framed([1, 2, 3, 4, 5]) + framed([]) + framed([6])
        for cut in 1..<bytes.count {
            try client.send(Array(bytes[..<cut]))
            usleep(500)
            try client.send(Array(bytes[cut...]))
            #expect(try client.receiveFrame() == [1, 2, 3, 4, 5])
            #expect(try client.receiveFrame() == [])
            #expect(try client.receiveFrame() == [6])
        }
        for byte in bytes { try client.send([byte]) }
        #expect(try client.receive(bytes.count) == bytes)
    }

    @Test(arguments: [1000, 4096, 70_000, 131_068, 131_069, 1_000_000, 9_000_000])
    func `frames of every size come back whole`(size: Int) throws {
        let server = try TestServer()
        let client = try server.client()
        let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        let bytes = framed(payload)
        for _ in 0..<3 {
            let sender = SendingThread(client, bytes + framed([7]))
            #expect(try client.receiveFrame() == payload)
            #expect(try client.receiveFrame() == [7])
            sender.join()
        }
    }

    @Test(arguments: [Int32(-1), .min, .max, 100_001])
    func `a frame of impossible size closes the connection`(size: Int32) throws {
        let server = try TestServer(adjust: { $0.frameBytesMax = 100_000 })
        let client = try server.client()
        try client.send(framed([1]) + withUnsafeBytes(of: size.bigEndian) { Array($0) } + [1, 2, 3])
        #expect(try client.receive(5) == framed([1]))
        #expect(try client.isClosedByServer)
        eventually("it is gone") { server.server.connectionCount == 0 }
    }

    @Test func `the impossible size is seen in a large frame's memory too`() throws {
        let server = try TestServer(adjust: { $0.frameBytesMax = 300_000 })
        let client = try server.client()
        // The second large frame is read header first, into memory of the connection's own.
        let payload = [UInt8](repeating: 5, count: 300_000)
        let sender = SendingThread(client, framed(payload) + framed(payload) + [0x7f, 0, 0, 0])
        #expect(try client.receiveFrame() == payload)
        #expect(try client.receiveFrame() == payload)
        #expect(try client.isClosedByServer)
        sender.join()
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n\r\n", "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}", "SSH-2.0-OpenSSH_9.2\r\n"])
    func `somebody who speaks another protocol is closed`(greeting: String) throws {
        let server = try TestServer()
        let client = try server.client()
        try client.send(Array(greeting.utf8))
        #expect(try client.isClosedByServer)
    }

    @Test func `half a frame and a hang-up leave nothing behind`() throws {
        let server = try TestServer(adjust: { $0.requestMemoryBytesMax = 1 << 20 })
        for size in [3, 4, 100, 50_000, 200_000] {
            let client = try server.client()
            try client.send(Array(framed([UInt8](repeating: 1, count: 400_000))[..<size]))
            client.hangUp()
            eventually("it is gone") { server.server.connectionCount == 0 }
        }
        let client = try server.client()
        try client.send(framed([9]))
        #expect(try client.receiveFrame() == [9])
    }

    @Test func `a client that ends its side still gets its answers`() throws {
        let server = try TestServer()
        let client = try server.client()
        try client.send(framed([1]) + framed([2]))
        shutdown(client.descriptor, CInt(SHUT_WR))
        #expect(try client.receiveAll() == framed([1]) + framed([2]))
    }

    @Test func `a refused frame closes after the answers before it`() throws {
        let server = try TestServer { frame, connection in
            frame.byteCount == 0 ? .refuse("empty \u{1b}[2J") : echo(&frame, connection)
        }
        let client = try server.client()
        try client.send(framed([1]) + framed([]) + framed([2]))
        #expect(try client.receiveAll() == framed([1]))
    }

    @Test func `a reader that does not read is read no further`() throws {
        let payload = [UInt8](repeating: 3, count: 64 * 1024)
        let count = HandledFrames()
        let server = try TestServer(sendBufferBytes: 64 * 1024) { frame, connection in
            count.number.add(1, ordering: .relaxed)
            return echo(&frame, connection)
        }
        let client = try TestClient(port: server.port, receiveBufferBytes: 32 * 1024)
        let bytes = framed(payload)
        var sent = 0
        var refusals = 0
        // Everything that fits into the buffers of both kernels and of the server goes in, then it stops.
        while refusals < 200, sent < 200 * bytes.count {
            let offset = sent % bytes.count
            let more = client.sendWhatFits(Array(bytes[offset...]))
            sent += more
            if more == 0 {
                refusals += 1
                usleep(1000)
            } else {
                refusals = 0
            }
        }
        #expect(sent < 200 * bytes.count)
        let answered = count.number.load(ordering: .relaxed)
        #expect(answered * bytes.count < 8 * 1024 * 1024)
        let whole = sent / bytes.count
        for _ in 0..<whole { #expect(try client.receiveFrame().count == payload.count) }
    }
}

final class HandledFrames: Sendable {
    let number = Atomic<Int>(0)
}
