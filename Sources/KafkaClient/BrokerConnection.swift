public import Bytes
public import Configuration
import KafkaModel
public import KafkaProtocol
import Posix
public import Timing

/// A connection to one broker, of any age from Kafka 2.1 on: what it speaks is asked first. One request is under way at a
/// time. It belongs to one thread, and after an error it is of no more use.
public final class BrokerConnection {
    public let address: HostPort
    /// The versions of each API that the broker serves.
    public private(set) var versions: [Int16: ClosedRange<Int16>] = [:]

    let socket: ClientSocket
    let configuration: ClientConfiguration
    private let clock: Clock
    private var correlationID: Int32 = 0
    /// The number of the last request, after which one who takes the connection over goes on.
    var lastCorrelationID: Int32 { correlationID }
    private var buffer = ByteWriter()

    private static let softwareName = "skafka"
    private static let softwareVersion = "1"

    public init(
        _ address: HostPort, configuration: ClientConfiguration, until deadline: Instant, clock: Clock = .system,
        interruption: Interruption? = nil
    ) throws(ClientError) {
        self.address = address
        self.configuration = configuration
        self.clock = clock
        let start = clock.now
        let wait = WaitBoard.process.begin(address.description, .connect, at: start)
        do throws(ClientSocket.Failure) {
            defer { WaitBoard.process.end(wait) }
            socket = try ClientSocket.connect(
                address, timeout: configuration.connectTimeout, until: deadline, clock: clock,
                buffers: configuration.socketBuffers, interruption: interruption)
        } catch {
            if case .unknownHost(let reason) = error {
                throw ClientError(address.description, .resolve, .unknownHost(reason))
            }
            throw ClientError(
                address.description, .connect,
                Self.reason(error, min(configuration.connectTimeout, deadline - start)))
        }
        try negotiate(until: deadline)
    }

    /// Asks what the broker speaks, in the newest version of that question and, where that is not understood, in the one
    /// the broker names or the oldest.
    private func negotiate(until deadline: Instant) throws(ClientError) {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = Self.softwareName
        request.clientSoftwareVersion = Self.softwareVersion
        var response = try ask(request, version: ApiVersionsRequest.versions.upperBound, until: deadline)
        if ErrorCode(code: response.errorCode) == .unsupportedVersion {
            let known = response.apiKeys.first { $0.apiKey == APIKey.apiVersions.rawValue }
            let version = min(max(known?.maxVersion ?? 0, 0), ApiVersionsRequest.versions.upperBound - 1)
            response = try ask(request, version: version, until: deadline)
        }
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else { throw failure(.receive(.apiVersions), .refused(code, message: nil)) }
        for api in response.apiKeys where api.minVersion >= 0 && api.minVersion <= api.maxVersion {
            versions[api.apiKey] = api.minVersion...api.maxVersion
        }
    }

    /// The newest version of an API that both sides know; nil if there is none.
    public func version<Request: RequestMessage>(of request: Request.Type) -> Int16? {
        guard let offered = versions[Request.api.rawValue] else { return nil }
        let newest = min(offered.upperBound, Request.versions.upperBound)
        return newest >= max(offered.lowerBound, Request.versions.lowerBound) ? newest : nil
    }

    /// Sends a request, in no newer version than `newest`, and waits for its answer.
    ///
    /// - Parameter pause: how long the broker may wait by itself before it answers, on top of `request.timeout.ms`.
    public func request<Request: RequestMessage>(
        _ request: Request, atMost newest: Int16 = .max, until deadline: Instant, brokerWaits pause: Duration = .zero
    ) throws(ClientError) -> Request.Response {
        let version = try version(for: request, atMost: newest)
        return try ask(request, version: version, until: deadline, brokerWaits: pause)
    }

    /// As `request`, in no newer version than `newest`. The bytes of the answer, in which its ranges of records count,
    /// are left in `bytes`, whose memory is used for it; nothing is copied.
    public func request<Request: RequestMessage>(
        _ request: Request, atMost newest: Int16, until deadline: Instant, brokerWaits pause: Duration = .zero,
        into bytes: inout ByteWriter
    ) throws(ClientError) -> Request.Response {
        let version = try version(for: request, atMost: newest)
        swap(&buffer, &bytes)
        defer { swap(&buffer, &bytes) }
        return try ask(
            request, version: version, until: deadline, brokerWaits: pause, keepingAtMost: .max)
    }

    private func version<Request: RequestMessage>(
        for request: Request, atMost newest: Int16
    ) throws(ClientError) -> Int16 {
        let offered = versions[Request.api.rawValue]
        guard let version = version(of: Request.self),
            newest >= max(offered?.lowerBound ?? 0, Request.versions.lowerBound)
        else { throw failure(.send(Request.api), .unsupported(offered: offered)) }
        return min(version, newest)
    }

    private func ask<Request: RequestMessage>(
        _ request: Request, version: Int16, until deadline: Instant, brokerWaits pause: Duration = .zero,
        keepingAtMost bytesKept: Int = 1 << 20
    ) throws(ClientError) -> Request.Response {
        let start = clock.now
        let deadline = min(deadline, start + configuration.requestTimeout + pause)
        // That a broker waits itself is no news.
        let wait = WaitBoard.process.begin(address.description, .receive(Request.api), at: start + pause)
        defer { WaitBoard.process.end(wait) }
        correlationID = correlationID == .max ? 0 : correlationID + 1
        buffer.clear(keepingAtMost: bytesKept)
        buffer.int32(0)
        RequestHeader(
            apiKey: Request.api.rawValue, apiVersion: version, correlationId: correlationID,
            clientId: configuration.clientID
        ).encode(into: &buffer)
        request.encode(into: &buffer, version: version)
        buffer.set(Int32(buffer.count - 4), at: 0)
        do throws(ClientSocket.Failure) {
            try socket.send(buffer.bytes, until: deadline)
        } catch {
            throw failure(.send(Request.api), Self.reason(error, deadline - start))
        }
        return try receive(Request.self, version: version, since: start, until: deadline)
    }

    private func receive<Request: RequestMessage>(
        _: Request.Type, version: Int16, since start: Instant, until deadline: Instant
    ) throws(ClientError) -> Request.Response {
        let step = ClientError.Step.receive(Request.api)
        do throws(ClientSocket.Failure) {
            buffer.clear()
            try socket.receive(4, into: &buffer, until: deadline)
        } catch {
            throw failure(step, Self.reason(error, deadline - start))
        }
        let count = try frameLength(step)
        do throws(ClientSocket.Failure) {
            buffer.clear()
            try socket.receive(count, into: &buffer, until: deadline)
        } catch {
            throw failure(step, Self.reason(error, deadline - start))
        }
        let answer: (number: Int32, response: Request.Response?)
        do throws(WireError) {
            answer = try Self.decode(
                Request.self, buffer.bytes, version: version, correlationID: correlationID)
        } catch {
            throw failure(step, .malformed(error))
        }
        guard let response = answer.response else {
            throw failure(step, .wrongCorrelation(expected: correlationID, found: answer.number))
        }
        return response
    }

    /// The length in front of an answer, after a look at whether it is one at all.
    private func frameLength(_ step: ClientError.Step) throws(ClientError) -> Int {
        try frameLength(buffer.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self).bigEndian, step)
    }

    func frameLength(_ head: UInt32, _ step: ClientError.Step) throws(ClientError) -> Int {
        switch head {
        case 0x1503_0000...0x1503_04ff, 0x1603_0000...0x1603_04ff:
            throw failure(step, .foreign("it speaks TLS, and this connection is PLAINTEXT"))
        case 0x4854_5450: throw failure(step, .foreign("it speaks HTTP"))
        case 0x5353_482d: throw failure(step, .foreign("it speaks SSH"))
        default: break
        }
        let count = Int(Int32(bitPattern: head))
        guard count >= 4 else { throw failure(step, .frameTooShort(count)) }
        guard count <= configuration.frameBytesMax else {
            throw failure(step, .frameTooLarge(count, limit: configuration.frameBytesMax))
        }
        return count
    }

    /// The correlation id and, if it is the right one, the answer.
    static func decode<Request: RequestMessage>(
        _: Request.Type, _ bytes: RawSpan, version: Int16, correlationID: Int32
    ) throws(WireError) -> (Int32, Request.Response?) {
        var reader = ByteReader(bytes)
        let number = try ResponseHeader.decode(&reader, api: Request.api, version: version)
        guard number == correlationID else { return (number, nil) }
        // A broker that does not know this version of the question answers in the oldest.
        let isRefused = Request.api == .apiVersions ? try isRefusal(bytes) : false
        return (number, try Request.Response.decode(&reader, version: isRefused ? 0 : version))
    }

    private static func isRefusal(_ bytes: RawSpan) throws(WireError) -> Bool {
        var reader = ByteReader(bytes)
        _ = try reader.int32()
        return try reader.int16() == ErrorCode.unsupportedVersion.rawValue
    }

    func failure(_ step: ClientError.Step, _ reason: ClientError.Reason) -> ClientError {
        ClientError(address.description, step, reason)
    }

    static func reason(_ failure: ClientSocket.Failure, _ timeout: Duration) -> ClientError.Reason {
        switch failure {
        case .system(let errno): .system(errno)
        case .timedOut: .timedOut(milliseconds: timeout.wholeMilliseconds)
        case .closed: .closed
        case .unknownHost(let reason): .unknownHost(reason)
        case .interrupted: .interrupted
        }
    }
}
