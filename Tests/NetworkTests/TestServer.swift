import Bytes
import Network
import Posix
import Telemetry
import Testing
import Timing

/// A server on a free loopback port, stopped when the test lets go of it.
final class TestServer {
    let server: Server
    let metrics = Metrics()
    let port: UInt16

    init(
        clock: Clock = .system, host: String = "127.0.0.1", sendBufferBytes: Int? = nil,
        adjust: (inout ServerConfiguration) -> Void = { _ in },
        handler: @escaping FrameHandler
    ) throws {
        var configuration = ServerConfiguration(listeners: [
            ListenerConfiguration(name: "PLAINTEXT", host: host, port: 0, sendBufferBytes: sendBufferBytes)
        ])
        configuration.loopsPerServer = 1
        adjust(&configuration)
        server = Server(configuration: configuration, clock: clock, metrics: metrics, handler: handler)
        port = try #require(try server.start().first).port
    }

    /// One that sends every frame back.
    convenience init(host: String = "127.0.0.1", adjust: (inout ServerConfiguration) -> Void = { _ in }) throws {
        try self.init(host: host, adjust: adjust) { echo(&$0, $1) }
    }

    convenience init(clock: Clock) throws { try self.init(clock: clock) { echo(&$0, $1) } }

    deinit { server.stop() }

    func client() throws -> TestClient { try TestClient(port: port) }

    /// The sum of a metric over its series.
    func value(_ name: String) -> Int {
        metrics.prometheusText().split(separator: "\n").reduce(0) { sum, line in
            guard line.hasPrefix(name + "{") || line.hasPrefix(name + " ") else { return sum }
            return sum + (Int(line.split(separator: " ").last ?? "") ?? 0)
        }
    }
}

/// Sends every frame back.
@Sendable func echo(_ frame: inout MutableRawSpan, _ connection: Connection) -> FrameOutcome {
    connection.output.writer.int32(Int32(frame.byteCount))
    connection.output.writer.append(frame.bytes)
    return .answered
}

/// Tickets on their way from a handler to a test.
final class TicketBox: Sendable {
    private let tickets = Guarded<[ReplyTicket]>([])

    func put(_ ticket: ReplyTicket) { tickets.withLock { $0.append(ticket) } }
    var count: Int { tickets.withLock { $0.count } }

    func take() throws -> ReplyTicket {
        eventually("a frame is parked") { count > 0 }
        return try #require(tickets.withLock { $0.isEmpty ? nil : $0.removeFirst() })
    }
}

/// Writes a frame of one text.
func answer(_ text: String, to connection: Connection) {
    connection.output.writer.int32(Int32(text.utf8.count))
    connection.output.writer.append(utf8: text)
}
