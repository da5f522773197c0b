import Bytes
import Glibc
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Testing
import Timing

@testable import Broker

/// A blocking client that says exactly what it is told to. Nothing it does takes longer than ten seconds.
final class TestClient {
    private var descriptor: CInt
    private var correlationID: Int32 = 0
    /// The last answer without its length; record ranges count in it.
    private(set) var frame: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0, "connect: \(Errno.last)")
    }

    deinit { hangUp() }

    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// Sends a request and waits for its answer; without a version, in the newest that is served.
    func call<Request: RequestMessage>(_ request: Request, version: Int16? = nil) throws -> Request.Response {
        let version = version ?? newest(Request.api)
        try send(request, version: version)
        return try receive(Request.self, version: version)
    }

    func newest(_ api: APIKey) -> Int16 {
        Dispatch.routes.first { $0.api == api }?.versions.upperBound ?? -1
    }

    func send<Request: RequestMessage>(_ request: Request, version: Int16? = nil) throws {
        try sendFrame(encode(request, version: version ?? newest(Request.api)))
    }

    func encode<Request: RequestMessage>(_ request: Request, version: Int16) -> [UInt8] {
        correlationID += 1
        var writer = ByteWriter()
        RequestHeader(
            apiKey: Request.api.rawValue, apiVersion: version, correlationId: correlationID, clientId: "test"
        ).encode(into: &writer)
        request.encode(into: &writer, version: version)
        return Array(writer.bytes)
    }

    func receive<Request: RequestMessage>(_: Request.Type, version: Int16? = nil) throws -> Request.Response {
        let version = version ?? newest(Request.api)
        try receiveFrame()
        let frame = frame
        var reader = ByteReader(frame.span.bytes)
        let number = try ResponseHeader.decode(&reader, api: Request.api, version: version)
        #expect(number == correlationID)
        let response = try Request.Response.decode(&reader, version: version)
        let isComplete = reader.isAtEnd
        #expect(isComplete, "an answer has bytes too many")
        return response
    }

    func sendFrame(_ payload: [UInt8]) throws {
        var writer = ByteWriter(capacity: payload.count + 4)
        writer.int32(Int32(payload.count))
        writer.append(payload)
        try sendBytes(Array(writer.bytes))
    }

    func sendBytes(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            try #require(count > 0, "send: \(Errno.last)")
            sent += count
        }
    }

    func receiveFrame() throws {
        let isThere = try receiveFrameIfAny()
        try #require(isThere, "closed before an answer came")
    }

    /// False when the server closed instead.
    func receiveFrameIfAny() throws -> Bool {
        let length = try receive(4)
        guard length.count == 4 else { return false }
        frame = try receive(length.reduce(0) { $0 << 8 | Int($1) })
        return true
    }

    private func receive(_ count: Int) throws -> [UInt8] {
        var received = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let came = received.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + done, count - done, 0) }
            if came == 0 || (came < 0 && errno == ECONNRESET) { break }
            try #require(came > 0, "receive: \(Errno.last)")
            done += came
        }
        return Array(received[..<done])
    }

    /// Reads to the end and tells whether that is where the connection is.
    var isClosedByServer: Bool {
        get throws {
            while true { if try receive(4096).count < 4096 { return true } }
        }
    }

    /// Nothing more is sent; what the server still answers can be read.
    func endSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// Whether an answer, or the end, is there to be read within the time.
    func hasNews(within milliseconds: CInt) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) > 0
    }
}

/// One record batch with a record for each value.
func batch(
    _ values: [String], timestamp: Int64 = Clock.system.timestamp.milliseconds,
    _ fields: RecordBatchBuilder.Fields = .init()
)
    throws -> [UInt8]
{
    var builder = RecordBatchBuilder(fields)
    for (index, value) in values.enumerated() {
        try builder.append(timestamp: timestamp + Int64(index), key: nil, value: Array(value.utf8))
    }
    return try builder.finish()
}

func batch(
    _ values: [String], producer: Int64, epoch: Int16, sequence: Int32, isTransactional: Bool = false
) throws -> [UInt8] {
    var fields = RecordBatchBuilder.Fields()
    fields.producerID = producer
    fields.producerEpoch = epoch
    fields.baseSequence = sequence
    fields.isTransactional = isTransactional
    return try batch(values, fields)
}

/// A record as a consumer sees it.
struct SeenRecord: Equatable {
    var offset: Int64
    var timestamp: Int64
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [RecordHeader] = []

    var text: String { String(decoding: value ?? [], as: UTF8.self) }
}

/// The records of whole batches, without those of control batches.
func records(in bytes: [UInt8], from offset: Int64 = 0) throws -> [SeenRecord] {
    var seen: [SeenRecord] = []
    var rest = bytes.span.bytes
    while rest.byteCount >= RecordBatchLayout.headerSize {
        let header = try BatchHeader(rest)
        guard rest.byteCount >= header.sizeInBytes else { break }
        var scratch = ByteWriter()
        var iterator = try RecordIterator(rest, scratch: &scratch)
        while let record = try iterator.next() {
            guard !header.isControl, record.offset >= offset else { continue }
            var one = SeenRecord(
                offset: record.offset, timestamp: record.timestamp, key: copy(record.key, of: iterator.bytes),
                value: copy(record.value, of: iterator.bytes))
            let headers = try iterator.headers(of: record)
            for header in headers {
                one.headers.append(
                    RecordHeader(
                        key: String(decoding: copy(header.key, of: iterator.bytes) ?? [], as: UTF8.self),
                        value: copy(header.value, of: iterator.bytes)))
            }
            seen.append(one)
        }
        rest = rest.extracting(droppingFirst: header.sizeInBytes)
    }
    return seen
}

private func copy(_ range: Range<Int>?, of bytes: RawSpan) -> [UInt8]? {
    guard let range else { return nil }
    return bytes.extracting(range).withUnsafeBytes { Array($0) }
}

// What most tests do first.
extension TestClient {
    @discardableResult
    func createTopic(
        _ name: String, partitions: Int32 = 1, configs: [String: String] = [:]
    ) throws -> CreateTopicsResponse.CreatableTopicResult {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = partitions
        topic.replicationFactor = 1
        topic.configs = configs.map { name, value in
            var config = CreateTopicsRequest.CreatableTopicConfig()
            config.name = name
            config.value = value
            return config
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        return try call(request).topics[0]
    }

    func produceRequest(
        _ topic: String, _ bytes: [UInt8]?, partition: Int32 = 0, acks: Int16 = -1, topicID: UUID = .zero
    ) -> ProduceRequest {
        var data = ProduceRequest.PartitionProduceData()
        data.index = partition
        data.records = bytes.map { .bytes($0) } ?? .null
        var topicData = ProduceRequest.TopicProduceData()
        topicData.name = topic
        topicData.topicId = topicID
        topicData.partitionData = [data]
        var request = ProduceRequest()
        request.acks = acks
        request.timeoutMs = 1000
        request.topicData = [topicData]
        return request
    }

    @discardableResult
    func produce(
        _ topic: String, _ bytes: [UInt8]?, partition: Int32 = 0, acks: Int16 = -1, version: Int16 = 12
    ) throws -> ProduceResponse.PartitionProduceResponse {
        try call(produceRequest(topic, bytes, partition: partition, acks: acks), version: version)
            .responses[0].partitionResponses[0]
    }

    @discardableResult
    func produce(
        _ topic: String, _ values: String..., partition: Int32 = 0
    ) throws -> ProduceResponse.PartitionProduceResponse {
        try produce(topic, batch(values), partition: partition)
    }

    func fetchRequest(
        _ topic: String, _ partitions: [(index: Int32, offset: Int64)], maxWait: Int32 = 0, minBytes: Int32 = 1,
        maxBytes: Int32 = .max, topicID: UUID = .zero
    ) -> FetchRequest {
        var wanted = FetchRequest.FetchTopic()
        wanted.topic = topic
        wanted.topicId = topicID
        wanted.partitions = partitions.map { index, offset in
            var partition = FetchRequest.FetchPartition()
            partition.partition = index
            partition.fetchOffset = offset
            partition.partitionMaxBytes = 1 << 20
            return partition
        }
        var request = FetchRequest()
        request.maxWaitMs = maxWait
        request.minBytes = minBytes
        request.maxBytes = maxBytes
        request.topics = [wanted]
        return request
    }

    func fetch(
        _ topic: String, from offset: Int64 = 0, partition: Int32 = 0, maxWait: Int32 = 0, version: Int16 = 12
    ) throws -> FetchResponse.PartitionData {
        try call(fetchRequest(topic, [(partition, offset)], maxWait: maxWait), version: version)
            .responses[0].partitions[0]
    }

    /// The records of one partition of the last answer.
    func seen(_ data: FetchResponse.PartitionData, from offset: Int64 = 0) throws -> [SeenRecord] {
        switch data.records {
        case .range(let range): try records(in: Array(frame[range]), from: offset)
        case .bytes(let bytes): try records(in: bytes, from: offset)
        case .null, .external: []
        }
    }

    func values(_ topic: String, from offset: Int64 = 0, partition: Int32 = 0) throws -> [String] {
        try seen(fetch(topic, from: offset, partition: partition), from: offset).map(\.text)
    }

    func offset(
        _ topic: String, at time: Int64, partition: Int32 = 0, version: Int16? = nil
    ) throws -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        var asked = ListOffsetsRequest.ListOffsetsPartition()
        asked.partitionIndex = partition
        asked.timestamp = time
        var wanted = ListOffsetsRequest.ListOffsetsTopic()
        wanted.name = topic
        wanted.partitions = [asked]
        var request = ListOffsetsRequest()
        request.replicaId = -1
        request.topics = [wanted]
        return try call(request, version: version).topics[0].partitions[0]
    }

    func metadata(_ names: [String]?, version: Int16? = nil, autoCreate: Bool = false) throws -> MetadataResponse {
        var request = MetadataRequest()
        request.topics = names?.map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        request.allowAutoTopicCreation = autoCreate
        return try call(request, version: version)
    }
}

func code(_ raw: Int16) -> ErrorCode { ErrorCode(rawValue: raw) ?? .unknownServerError }
