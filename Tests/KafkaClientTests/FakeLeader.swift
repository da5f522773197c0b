import Bytes
import Glibc
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Testing
import Timing

@testable import KafkaClient

/// A broker that leads the only partition of topic `t`; a test says what it answers to Fetch.
final class FakeLeader: Sendable {
    enum Answer {
        /// Records, and how far the log goes.
        case records([UInt8], highWatermark: Int64 = 1000)
        case error(ErrorCode)
        case response(FetchResponse)
        /// Whatever bytes, instead of a frame.
        case bytes([UInt8])
        /// The answer to another question.
        case wrongCorrelation
        case hangUp
        case silence
    }

    /// What the partition is like.
    struct Log {
        var earliest: Int64 = 0
        var latest: Int64 = 1000
        var epoch: Int32 = 3
        /// Where each older epoch ended.
        var epochEnds: [Int32: Int64] = [:]
    }

    static let id = UUID(high: 7, low: 7)
    private static let versions: [APIKey: ClosedRange<Int16>] = [
        .apiVersions: 0...4, .metadata: 0...13, .fetch: 4...18, .listOffsets: 1...10, .offsetForLeaderEpoch: 2...4,
    ]

    private let log: Guarded<Log>
    private let server: Guarded<ScriptedServer?> = Guarded(nil)
    private let fetches = Guarded<[FetchRequest]>([])
    private let asked = Monitor(0)

    convenience init(_ answer: @escaping @Sendable (FetchRequest, Int) -> Answer) throws {
        try self.init(Log(), answer)
    }

    /// - Parameter group: what it says as a coordinator; nil knows no groups.
    init(_ log: Log, group: FakeGroup? = nil, _ answer: @escaping @Sendable (FetchRequest, Int) -> Answer) throws {
        self.log = Guarded(log)
        let port = Guarded<UInt16>(0)
        let state = self.log
        let fetches = fetches
        let asked = asked
        let server = try ScriptedServer(connections: 24) { peer, _ in
            let copy = peer.duplicate()
            Thread(name: "fake-leader") {
                FakeLeader.serve(copy, port, state, fetches, asked, group, answer)
                copy.end()
            }.leave()
        }
        port.withLock { $0 = server.port }
        self.server.withLock { $0 = server }
    }

    func change(_ body: (inout Log) -> Void) { log.withLock { body(&$0) } }

    /// The fetches that came so far.
    var requests: [FetchRequest] { fetches.withLock { $0 } }

    /// Waits until such a fetch has come.
    func waitForFetches(where matches: (FetchRequest) -> Bool) -> Bool {
        asked.wait(milliseconds: 5000) { _ in requests.contains(where: matches) ? true : nil } ?? false
    }

    /// Waits until so many fetches have come.
    func waitForFetches(_ count: Int) -> Bool {
        asked.wait(milliseconds: 5000) { $0 >= count ? true : nil } ?? false
    }

    func configuration(_ more: [String: String] = [:]) throws -> ConsumerConfiguration {
        let address = server.withLock { $0?.address ?? "" }
        var properties = [
            "bootstrap.servers": address, "request.timeout.ms": "2000", "default.api.timeout.ms": "3000",
            "retry.backoff.ms": "1", "retry.backoff.max.ms": "5", "auto.offset.reset": "earliest",
            "fetch.max.wait.ms": "10",
        ]
        properties.merge(more) { $1 }
        return try ConsumerConfiguration(properties, defaultClientID: "test")
    }

    private static func serve(
        _ peer: ScriptedServer.Peer, _ port: Guarded<UInt16>, _ state: Guarded<Log>,
        _ fetches: Guarded<[FetchRequest]>, _ asked: Monitor<Int>, _ group: FakeGroup?,
        _ answer: @Sendable (FetchRequest, Int) -> Answer
    ) {
        while let (header, body) = peer.request() {
            let log = state.withLock { $0 }
            switch APIKey(rawValue: header.apiKey) {
            case .apiVersions:
                var response = ApiVersionsResponse()
                let groups = group.map { _ in FakeGroup.versions } ?? [:]
                response.apiKeys = ScriptedServer.rows(versions.merging(groups) { $1 })
                peer.answer(response, to: header)
            case .metadata: peer.answer(metadata(port.withLock { $0 }, log), to: header)
            case .listOffsets:
                guard let request = try? ListOffsetsRequest.decode(body.span.bytes, version: header.apiVersion) else {
                    return
                }
                peer.answer(offsets(request, log), to: header)
            case .offsetForLeaderEpoch:
                guard
                    let request = try? OffsetForLeaderEpochRequest.decode(body.span.bytes, version: header.apiVersion)
                else { return }
                peer.answer(epochs(request, log), to: header)
            case .fetch:
                guard let request = try? FetchRequest.decode(body.span.bytes, version: header.apiVersion) else {
                    return
                }
                let number = fetches.withLock { fetches in
                    fetches.append(request)
                    return fetches.count - 1
                }
                asked.update { $0 += 1 }
                guard reply(answer(request, number), to: header, peer) else { return }
            default:
                guard let group, group.answer(header, body, peer, port.withLock { $0 }) else { return }
            }
        }
    }

    /// Whether the connection goes on.
    private static func reply(_ answer: Answer, to header: RequestHeader, _ peer: ScriptedServer.Peer) -> Bool {
        switch answer {
        case .records(let bytes, let highWatermark):
            peer.answer(response(bytes, highWatermark: highWatermark, .none), to: header)
        case .error(let code): peer.answer(response([], highWatermark: -1, code), to: header)
        case .response(let response): peer.answer(response, to: header)
        case .bytes(let bytes):
            peer.send(bytes)
            peer.waitForEnd()
            return false
        case .wrongCorrelation:
            var other = header
            other.correlationId += 1
            peer.answer(FetchResponse(), to: other)
        case .hangUp: return false
        case .silence:
            peer.waitForEnd()
            return false
        }
        return true
    }

    static func response(_ records: [UInt8], highWatermark: Int64, _ code: ErrorCode) -> FetchResponse {
        var partition = FetchResponse.PartitionData()
        partition.errorCode = code.rawValue
        partition.highWatermark = highWatermark
        partition.lastStableOffset = highWatermark
        partition.logStartOffset = 0
        partition.records = .bytes(records)
        var topic = FetchResponse.FetchableTopicResponse()
        topic.topic = "t"
        topic.topicId = id
        topic.partitions = [partition]
        var response = FetchResponse()
        response.responses = [topic]
        return response
    }

    private static func metadata(_ port: UInt16, _ log: Log) -> MetadataResponse {
        var node = MetadataResponse.MetadataResponseBroker()
        node.nodeId = 1
        node.host = "127.0.0.1"
        node.port = Int32(port)
        var partition = MetadataResponse.MetadataResponsePartition()
        partition.leaderId = 1
        partition.leaderEpoch = log.epoch
        var topic = MetadataResponse.MetadataResponseTopic()
        topic.name = "t"
        topic.topicId = id
        topic.partitions = [partition]
        var response = MetadataResponse()
        response.brokers = [node]
        response.topics = [topic]
        return response
    }

    private static func offsets(_ request: ListOffsetsRequest, _ log: Log) -> ListOffsetsResponse {
        var response = ListOffsetsResponse()
        response.topics = request.topics.map { topic in
            var answer = ListOffsetsResponse.ListOffsetsTopicResponse()
            answer.name = topic.name
            answer.partitions = topic.partitions.map { partition in
                var one = ListOffsetsResponse.ListOffsetsPartitionResponse()
                one.partitionIndex = partition.partitionIndex
                switch partition.timestamp {
                case -2: one.offset = log.earliest
                case -1: one.offset = log.latest
                default: one.offset = -1
                }
                return one
            }
            return answer
        }
        return response
    }

    private static func epochs(_ request: OffsetForLeaderEpochRequest, _ log: Log) -> OffsetForLeaderEpochResponse {
        var response = OffsetForLeaderEpochResponse()
        response.topics = request.topics.map { topic in
            var answer = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult()
            answer.topic = topic.topic
            answer.partitions = topic.partitions.map { partition in
                var one = OffsetForLeaderEpochResponse.EpochEndOffset()
                one.partition = partition.partition
                one.leaderEpoch = partition.leaderEpoch
                one.endOffset = log.epochEnds[partition.leaderEpoch] ?? log.latest
                return one
            }
            return answer
        }
        return response
    }
}

/// A batch of records whose values are their offsets.
func numbers(
    _ offsets: Range<Int64>, epoch: Int32 = 3, producerID: Int64 = -1
) throws(RecordError) -> [UInt8] {
    var fields = RecordBatchBuilder.Fields()
    fields.baseOffset = offsets.lowerBound
    fields.leaderEpoch = epoch
    if producerID >= 0 {
        fields.producerID = producerID
        fields.producerEpoch = 0
        fields.isTransactional = true
        fields.baseSequence = 0
    }
    var builder = RecordBatchBuilder(fields)
    for offset in offsets { try builder.append(timestamp: 1000 + offset, key: nil, value: Array("\(offset)".utf8)) }
    return try builder.finish()
}
