import Glibc
import Testing

@testable import Network

@Suite struct TextEndpointTests {
    private func ask(_ request: String) throws -> String {
        let endpoint = try TextEndpoint(host: "127.0.0.1", port: 0) { ("text/plain; version=0.0.4", "up 1\n") }
        endpoint.start()
        defer { endpoint.stop() }
        let client = try TestClient(port: endpoint.address.port)
        try client.send(Array(request.utf8))
        return String(decoding: try client.receiveAll(), as: UTF8.self)
    }

    @Test func `GET tells the text`() throws {
        let answer = try ask("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(
            answer
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: 5\r\n"
                + "Connection: close\r\n\r\nup 1\n")
    }

    @Test func `HEAD tells the length only`() throws {
        let answer = try ask("HEAD / HTTP/1.0\r\n\r\n")
        #expect(answer.contains("Content-Length: 5\r\n") && answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `everything else is refused`() throws {
        #expect(try ask("POST /metrics HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 405 "))
        #expect(try ask("GET /other HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
        #expect(try ask("nonsense\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
        #expect(try ask("GET /" + String(repeating: "a", count: 9000)).hasPrefix("HTTP/1.1 431 "))
    }

    @Test func `a slow asker does not stop others`() throws {
        let endpoint = try TextEndpoint(host: "127.0.0.1", port: 0) { ("text/plain", "x") }
        endpoint.start()
        defer { endpoint.stop() }
        let slow = try TestClient(port: endpoint.address.port)
        try slow.send(Array("GET /".utf8))
        let quick = try TestClient(port: endpoint.address.port)
        try quick.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(try quick.receiveAll().last == UInt8(ascii: "x"))
        try slow.send(Array(" HTTP/1.1\r\n\r\n".utf8))
        #expect(try slow.receiveAll().last == UInt8(ascii: "x"))
    }
}
