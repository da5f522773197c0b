import Bytes
import CLinux
import Configuration
import Glibc
import KafkaModel
import KafkaProtocol
import Posix
import Testing

@testable import KafkaClient

/// A server on the loopback interface that answers as a script says, one connection after another. It gives up after ten
/// seconds whatever happens.
final class ScriptedServer: Sendable {
    /// One end of a connection, for the script.
    struct Peer {
        let descriptor: CInt

        /// The next request: its header and its body; nil when the client has gone.
        func request() -> (header: RequestHeader, body: [UInt8])? {
            guard let length = receive(4) else { return nil }
            let count = length.reduce(0) { $0 << 8 | Int($1) }
            guard count < 1 << 20, let bytes = receive(count) else { return nil }
            var reader = ByteReader(bytes.span.bytes)
            guard let header = try? RequestHeader.decode(&reader) else { return nil }
            return (header, Array(bytes[reader.position...]))
        }

        func receive(_ count: Int) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: count)
            var done = 0
            while done < count {
                let came = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + done, count - done, 0) }
                guard came > 0 else { return nil }
                done += came
            }
            return bytes
        }

        func send(_ bytes: [UInt8]) {
            _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        }

        func answer<Response: WireMessage>(_ response: Response, to header: RequestHeader, version: Int16? = nil) {
            guard let api = APIKey(rawValue: header.apiKey) else { return }
            var writer = ByteWriter()
            writer.int32(0)
            ResponseHeader.encode(
                correlationId: header.correlationId, api: api, version: header.apiVersion, into: &writer)
            response.encode(into: &writer, version: version ?? header.apiVersion)
            writer.set(Int32(writer.count - 4), at: 0)
            send(Array(writer.bytes))
        }

        /// Answers the question for versions, as a broker that serves these.
        @discardableResult
        func introduce(_ versions: [APIKey: ClosedRange<Int16>] = ScriptedServer.allVersions) -> Bool {
            guard let (header, _) = request(), header.apiKey == APIKey.apiVersions.rawValue else { return false }
            var response = ApiVersionsResponse()
            response.apiKeys = ScriptedServer.rows(versions)
            answer(response, to: header)
            return true
        }

        /// The same connection, to be ended on its own.
        func duplicate() -> Peer { Peer(descriptor: dup(descriptor)) }

        func end() { close(descriptor) }

        /// Waits until the client says something more or hangs up.
        func waitForEnd() {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&entry, 1, 5000)
        }
    }

    static let allVersions: [APIKey: ClosedRange<Int16>] = [
        .apiVersions: 0...4, .metadata: 0...13, .describeCluster: 0...2, .describeLogDirs: 1...4,
        .alterReplicaLogDirs: 1...2,
    ]

    static func rows(_ versions: [APIKey: ClosedRange<Int16>]) -> [ApiVersionsResponse.ApiVersion] {
        versions.map { key, range in
            var row = ApiVersionsResponse.ApiVersion()
            row.apiKey = key.rawValue
            row.minVersion = range.lowerBound
            row.maxVersion = range.upperBound
            return row
        }
    }

    let port: UInt16
    private let listener: CInt
    private let thread: Thread

    /// - Parameter script: called for each connection, with its number from 0 on.
    init(connections: Int = 1, _ script: @escaping @Sendable (Peer, Int) -> Void) throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> CInt in
                guard bind(listener, address, length) == 0, listen(listener, 8) == 0 else { return -1 }
                return getsockname(listener, address, &length)
            }
        }
        try #require(result == 0, "bind: \(Errno.last)")
        port = UInt16(bigEndian: address.sin_port)
        self.listener = listener
        thread = Thread(name: "scripted") {
            for number in 0..<connections {
                var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                guard poll(&entry, 1, 10_000) > 0 else { break }
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                var timeout = timeval(tv_sec: 10, tv_usec: 0)
                setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
                script(Peer(descriptor: descriptor), number)
                close(descriptor)
            }
        }
    }

    deinit {
        // Wakes the accept of a script that expects more connections.
        shutdown(listener, CInt(SHUT_RDWR))
        thread.join()
        close(listener)
    }

    var address: String { "127.0.0.1:\(port)" }

    /// A client of this server, and of others in front of it.
    func configuration(_ more: [String: String] = [:], before: String = "") throws -> ClientConfiguration {
        var properties = [
            "bootstrap.servers": before + address, "request.timeout.ms": "400", "default.api.timeout.ms": "3000",
            "retries": "0",
        ]
        properties.merge(more) { $1 }
        return try ClientConfiguration(properties, defaultClientID: "test")
    }
}
