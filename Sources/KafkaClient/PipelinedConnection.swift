import Bytes
import CLinux
import Configuration
import Glibc
import KafkaModel
import KafkaProtocol
import Posix
import Timing

/// A connection with several requests under way, for a thread that waits for many things at once: nothing in it waits. It
/// takes over a `BrokerConnection` that has learned what the broker speaks. `Payload` is what its owner wants back with the
/// answer. It belongs to one thread, and after an error it is of no more use.
final class PipelinedConnection<Payload> {
    /// A request that was handed over.
    struct Sent {
        let api: APIKey
        let version: Int16
        let correlationID: Int32
        let at: Instant
        let payload: Payload
    }

    /// A piece of what is to be sent.
    private struct Piece {
        /// Nil lies in `heads`, from `offset` on.
        var external: UnsafeRawPointer?
        var offset: Int
        var count: Int
    }

    let connection: BrokerConnection
    /// Waiting for their answers, oldest first.
    private(set) var awaited: [Sent] = []
    /// Requests without an answer, which are done when they are written.
    private var unanswered: [Payload] = []
    /// Since when the oldest of them waits to be written.
    private var unansweredSince: Instant?
    private(set) var bytesSent = 0
    private(set) var bytesReceived = 0

    private var heads = ByteWriter(capacity: 1024)
    private var pieces: [Piece] = []
    private var firstPiece = 0
    private var input = ByteWriter(capacity: 4096)
    private var rest = ByteWriter(capacity: 16)
    private var correlationID: Int32

    private static var readBytes: Int { 64 << 10 }
    private static var vectorsMax: Int { 64 }

    init(_ connection: BrokerConnection) {
        self.connection = connection
        correlationID = connection.lastCorrelationID
    }

    var descriptor: CInt { connection.socket.descriptor }
    var hasOutput: Bool { firstPiece < pieces.count }
    /// When the oldest request must have been answered.
    /// The same of a request without an answer: when it must have been written.
    var deadline: Instant? {
        let oldest = [awaited.first?.at, unansweredSince].compactMap { $0 }.min()
        return oldest.map { $0 + connection.configuration.requestTimeout }
    }

    /// Whether a request's answer is told.
    enum Answering { case answered, unanswered }

    /// Queues a request. The records that it leaves out are taken from where `records` says when they are written: they
    /// must stay there until the payload comes back.
    func enqueue<Request: RequestMessage>(
        _ request: Request, version: Int16, _ answering: Answering = .answered, records: [UnsafeRawBufferPointer] = [],
        now: Instant, _ payload: Payload
    ) {
        correlationID = correlationID == .max ? 0 : correlationID + 1
        let start = heads.count
        heads.int32(0)
        RequestHeader(
            apiKey: Request.api.rawValue, apiVersion: version, correlationId: correlationID,
            clientId: connection.configuration.clientID
        ).encode(into: &heads)
        var gaps: [WireGap] = []
        request.encode(into: &heads, version: version, gaps: &gaps)
        precondition(gaps.count == records.count, "records for \(gaps.count) places")
        let external = gaps.reduce(0) { $0 + $1.count }
        heads.set(Int32(heads.count - start - 4 + external), at: start)
        var position = start
        for (gap, bytes) in zip(gaps, records) {
            precondition(gap.count == bytes.count, "records of another size than was said")
            pieces.append(Piece(external: nil, offset: position, count: gap.position - position))
            pieces.append(Piece(external: bytes.baseAddress, offset: 0, count: gap.count))
            position = gap.position
        }
        if position < heads.count {
            pieces.append(Piece(external: nil, offset: position, count: heads.count - position))
        }
        switch answering {
        case .answered:
            awaited.append(
                Sent(api: Request.api, version: version, correlationID: correlationID, at: now, payload: payload))
        case .unanswered:
            unanswered.append(payload)
            unansweredSince = unansweredSince ?? now
        }
    }

    /// Writes as much as the socket takes. Returns the requests without an answer that are out.
    func write() throws(ClientError) -> [Payload] {
        while hasOutput {
            let (count, problem) = writeVector()
            if count >= 0 {
                bytesSent += count
                advance(count)
            } else if problem == EAGAIN {
                return []
            } else if problem != EINTR {
                throw failure(.send(awaited.first?.api ?? .produce), problem)
            }
        }
        pieces.removeAll(keepingCapacity: true)
        firstPiece = 0
        heads.clear(keepingAtMost: 64 << 10)
        defer {
            unanswered = []
            unansweredSince = nil
        }
        return unanswered
    }

    private func writeVector() -> (count: Int, problem: CInt) {
        let descriptor = descriptor
        let vectors = pieces[firstPiece...].prefix(Self.vectorsMax)
        return heads.withUnsafeBytes { heads in
            withUnsafeTemporaryAllocation(of: iovec.self, capacity: vectors.count) { room in
                for (index, piece) in vectors.enumerated() {
                    let start = piece.external ?? heads.baseAddress
                    room[index] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: start.map { $0 + piece.offset }),
                        iov_len: piece.count)
                }
                var message = msghdr()
                message.msg_iov = room.baseAddress
                message.msg_iovlen = vectors.count
                let count = sendmsg(descriptor, &message, CInt(MSG_NOSIGNAL))
                return (count, errno)
            }
        }
    }

    private func advance(_ count: Int) {
        var left = count
        while left > 0 {
            let piece = pieces[firstPiece].count
            if left < piece {
                pieces[firstPiece].offset += left
                pieces[firstPiece].count -= left
                return
            }
            left -= piece
            firstPiece += 1
        }
    }

    /// Reads what has come and gives each answer, in order, to `body`: the request and the bytes behind the header.
    func read(
        _ body: (Sent, inout ByteReader) throws(WireError) -> Void
    ) throws(ClientError) {
        while true {
            var problem: CInt = 0
            let descriptor = descriptor
            let came = input.appendUninitialized(upTo: Self.readBytes) { room -> Int in
                let count = recv(descriptor, room.baseAddress, room.count, 0)
                problem = count < 0 ? errno : 0
                if count == 0 { problem = ECONNRESET }
                return max(0, count)
            }
            bytesReceived += came
            if came > 0 { try takeFrames(body) }
            switch problem {
            case 0: if came < Self.readBytes { return }
            case EAGAIN: return
            case EINTR: continue
            default: throw failure(.receive(awaited.first?.api ?? .produce), problem)
            }
        }
    }

    private func takeFrames(
        _ body: (Sent, inout ByteReader) throws(WireError) -> Void
    ) throws(ClientError) {
        var position = 0
        while input.count - position >= 4 {
            let step = ClientError.Step.receive(awaited.first?.api ?? .produce)
            let head = input.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self).bigEndian
            let count = try connection.frameLength(head, step)
            guard !awaited.isEmpty else { throw connection.failure(step, .foreign("it answers what nobody asked")) }
            guard input.count - position - 4 >= count else { break }
            let sent = awaited.removeFirst()
            do throws(WireError) {
                var reader = ByteReader(input.bytes.extracting(position + 4..<position + 4 + count))
                let number = try ResponseHeader.decode(&reader, api: sent.api, version: sent.version)
                guard number == sent.correlationID else {
                    awaited.insert(sent, at: 0)
                    throw WireError.invalidLength
                }
                try body(sent, &reader)
            } catch {
                // Its owner gets it back with the others.
                if awaited.first?.correlationID != sent.correlationID { awaited.insert(sent, at: 0) }
                throw connection.failure(step, .malformed(error))
            }
            position += 4 + count
        }
        guard position > 0 else { return }
        if position < input.count {
            rest.append(input.bytes.extracting(droppingFirst: position))
            swap(&input, &rest)
            rest.clear(keepingAtMost: 256 << 10)
        } else {
            input.clear(keepingAtMost: 256 << 10)
        }
    }

    /// Everything that was handed over and will not be answered.
    func abandon() -> [Payload] {
        defer {
            awaited = []
            unanswered = []
            unansweredSince = nil
            pieces = []
            firstPiece = 0
        }
        return awaited.map(\.payload) + unanswered
    }

    private func failure(_ step: ClientError.Step, _ problem: CInt) -> ClientError {
        let isClosed = problem == EPIPE || problem == ECONNRESET
        return connection.failure(step, isClosed ? .closed : .system(Errno(problem)))
    }
}
