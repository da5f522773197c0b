import CLinux
import Glibc
import Timing

/// What a browser or a scraper asked for.
enum HTTPRequest: Equatable {
    case get(path: String, wantsBody: Bool)
    case otherMethod
    case tooLarge
    case malformed

    static let bytesMax = 8192

    /// nil while the header is not complete.
    static func parse(_ bytes: [UInt8]) -> HTTPRequest? {
        guard let end = headerEnd(bytes) else { return bytes.count >= bytesMax ? .tooLarge : nil }
        let line = bytes[..<end].prefix { $0 != 0x0d && $0 != 0x0a }
        let words = line.split(separator: 0x20, omittingEmptySubsequences: false)
        guard words.count == 3, words[2].starts(with: Array("HTTP/1.".utf8)) else { return .malformed }
        let target = String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self)
        guard target.hasPrefix("/") else { return .malformed }
        switch String(decoding: words[0], as: UTF8.self) {
        case "GET": return .get(path: target, wantsBody: true)
        case "HEAD": return .get(path: target, wantsBody: false)
        default: return .otherMethod
        }
    }

    /// Behind the empty line; a bare line feed ends a line too.
    private static func headerEnd(_ bytes: [UInt8]) -> Int? {
        var lineLength = 0
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0a {
                if lineLength == 0 && index > 1 { return index + 1 }
                lineLength = 0
            } else if byte != 0x0d {
                lineLength += 1
            }
        }
        return nil
    }
}

/// One connection of the text endpoint: a request comes in, an answer goes out, and it is over.
struct HTTPExchange {
    let descriptor: CInt
    let deadline: Instant
    private(set) var isAnswering = false
    private(set) var isOver = false
    private var received: [UInt8] = []
    private var answer: [UInt8] = []
    private var sent = 0

    init(descriptor: CInt, deadline: Instant) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    mutating func advance(_ respond: (HTTPRequest) -> [UInt8]) {
        if !isAnswering { receive(respond) }
        if isAnswering { send() }
    }

    private mutating func receive(_ respond: (HTTPRequest) -> [UInt8]) {
        let count = withUnsafeTemporaryAllocation(byteCount: 2048, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { received.append(contentsOf: buffer[..<count]) }
            return count
        }
        guard count > 0 else {
            isOver = count == 0 || (errno != EAGAIN && errno != EINTR)
            return
        }
        guard let request = HTTPRequest.parse(received) else { return }
        answer = respond(request)
        isAnswering = true
    }

    private mutating func send() {
        let count = answer.withUnsafeBytes { bytes in
            Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
        }
        if count < 0 {
            isOver = errno != EAGAIN && errno != EINTR
        } else {
            sent += count
            // Ends our side first: a close with the rest of a request unread would take the answer back.
            if sent == answer.count {
                shutdown(descriptor, CInt(SHUT_WR))
                isOver = true
            }
        }
    }
}
