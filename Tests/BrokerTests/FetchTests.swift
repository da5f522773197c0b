import Bytes
import KafkaModel
import KafkaProtocol
import Testing

@testable import Broker

struct FetchTests {
    let server: TestBroker
    let client: TestClient
    let topicID: UUID

    init() throws {
        server = try TestBroker()
        client = try server.client()
        topicID = try client.createTopic("t", partitions: 3).topicId
    }

    private func call(_ request: FetchRequest, version: Int16 = 12) throws -> FetchResponse {
        try client.call(request, version: version)
    }

    @Test func `every version reads the same records`() throws {
        try client.produce("t", "a", "b")
        try client.produce("t", "c")
        for version in 4...18 as ClosedRange<Int16> {
            let answer = try call(client.fetchRequest("t", [(0, 0)], topicID: topicID), version: version)
            #expect(answer.errorCode == 0)
            let data = answer.responses[0].partitions[0]
            #expect(try client.seen(data).map(\.text) == ["a", "b", "c"])
            #expect(data.highWatermark == 3)
            #expect(data.lastStableOffset == 3)
            #expect(data.abortedTransactions == nil)
            if version >= 13 { #expect(answer.responses[0].topicId == topicID) }
        }
    }

    @Test func `read committed tells aborted transactions, of which there are none`() throws {
        try client.produce("t", "a")
        var request = client.fetchRequest("t", [(0, 0)])
        request.isolationLevel = 1
        let data = try call(request).responses[0].partitions[0]
        #expect(data.abortedTransactions?.isEmpty == true)
        #expect(try client.seen(data).map(\.text) == ["a"])
    }

    @Test func `offsets outside of the log are out of range, the end itself is not`() throws {
        try client.produce("t", "a")
        #expect(try client.fetch("t", from: 1).errorCode == 0)
        for offset in [2, -1, .max, .min] as [Int64] {
            let data = try client.fetch("t", from: offset)
            #expect(code(data.errorCode) == .offsetOutOfRange)
            #expect(data.records.count == 0)
        }
    }

    @Test func `an answer without the partition's offsets says -1`() throws {
        for (topic, offset) in [("t", 9), ("missing", 0)] as [(String, Int64)] {
            let data = try client.fetch(topic, from: offset)
            #expect(data.errorCode != 0)
            #expect((data.highWatermark, data.lastStableOffset, data.logStartOffset) == (-1, -1, -1))
        }
    }

    @Test func `the leader epoch that a client claims is compared`() throws {
        try client.produce("t", "a")
        let current = try client.metadata(["t"]).topics[0].partitions[0].leaderEpoch
        func fetch(_ epoch: Int32) throws -> ErrorCode {
            var request = client.fetchRequest("t", [(0, 0)])
            request.topics[0].partitions[0].currentLeaderEpoch = epoch
            return code(try call(request).responses[0].partitions[0].errorCode)
        }
        #expect(try fetch(current) == .none)
        #expect(try fetch(-1) == .none)
        #expect(try fetch(current + 1) == .unknownLeaderEpoch)
        if current > 0 { #expect(try fetch(current - 1) == .fencedLeaderEpoch) }
    }

    @Test func `a reader whose last epoch is unknown starts anew, instead of asking for ever`() throws {
        try client.produce("t", "a")
        var request = client.fetchRequest("t", [(0, 0)])
        request.topics[0].partitions[0].lastFetchedEpoch = 1000
        #expect(try code(call(request).responses[0].partitions[0].errorCode) == .offsetOutOfRange)
    }

    @Test func `the first batch comes whole, however small the limits`() throws {
        let big = String(repeating: "x", count: 5000)
        try client.produce("t", big)
        try client.produce("t", big, partition: 1)
        var request = client.fetchRequest("t", [(0, 0), (1, 0)], maxBytes: 10)
        request.topics[0].partitions[0].partitionMaxBytes = 1
        let partitions = try call(request).responses[0].partitions
        #expect(try client.seen(partitions[0]).count == 1)
        #expect(partitions[1].records.count == 0)
        #expect(partitions[1].highWatermark == 1)
    }

    @Test func `of a batch that does not fit behind others nothing is sent, instead of its beginning`() throws {
        let big = String(repeating: "x", count: 5000)
        try client.produce("t", "a")
        try client.produce("t", big, partition: 1)
        let partitions = try call(client.fetchRequest("t", [(0, 0), (1, 0)], maxBytes: 1000)).responses[0].partitions
        #expect(try client.seen(partitions[0]).count == 1)
        #expect(partitions[1].records.count == 0)
        #expect(partitions[1].errorCode == 0)
    }

    @Test func `limits that make no sense are answered`() throws {
        try client.produce("t", "a")
        for limit in [0, -1, .min] as [Int32] {
            var request = client.fetchRequest("t", [(0, 0)], maxWait: 0, minBytes: limit, maxBytes: limit)
            request.topics[0].partitions[0].partitionMaxBytes = limit
            #expect(try call(request).responses[0].partitions[0].errorCode == 0)
        }
    }

    @Test func `a fetch is full at fetch.max.bytes, even when it wanted more before it is answered`() throws {
        try client.produce("t", "a")
        // Waits for more than it may get: what it may get is enough.
        let request = client.fetchRequest("t", [(0, 0)], maxWait: 600_000, minBytes: .max, maxBytes: 50)
        #expect(try client.seen(call(request).responses[0].partitions[0]).map(\.text) == ["a"])
    }

    @Test func `one that claims to be a replica and is none gets nothing`() throws {
        try client.produce("t", "a")
        for replica in [1, 2, 77] as [Int32] {
            var old = client.fetchRequest("t", [(0, 0)], maxWait: 1000)
            old.replicaId = replica
            #expect(try code(call(old).responses[0].partitions[0].errorCode) == .notLeaderOrFollower)
            var new = client.fetchRequest("t", [(0, 0)], maxWait: 1000, topicID: topicID)
            new.replicaState.replicaId = replica
            #expect(try code(call(new, version: 17).responses[0].partitions[0].errorCode) == .notLeaderOrFollower)
        }
    }

    @Test func `an unknown topic id is told, the others are served`() throws {
        try client.produce("t", "a")
        var request = client.fetchRequest("", [(0, 0)], maxWait: 10_000, minBytes: 1000, topicID: UUID(high: 9, low: 9))
        request.topics += client.fetchRequest("", [(0, 0), (9, 0)], topicID: topicID).topics
        request.topics += client.fetchRequest("", [(0, 0)], topicID: .zero).topics
        let answer = try call(request, version: 16)
        #expect(code(answer.responses[0].partitions[0].errorCode) == .unknownTopicID)
        #expect(try client.seen(answer.responses[1].partitions[0]).map(\.text) == ["a"])
        #expect(code(answer.responses[1].partitions[1].errorCode) == .unknownTopicOrPartition)
        #expect(code(answer.responses[2].partitions[0].errorCode) == .unknownTopicID)
    }

    @Test func `a partition named twice is answered twice`() throws {
        try client.produce("t", "a")
        let answer = try call(client.fetchRequest("t", [(0, 0), (0, 1), (0, 0)])).responses[0].partitions
        #expect(answer.map(\.partitionIndex) == [0, 0, 0])
    }
}

struct FetchSessionsOnTheWireTests {
    let server: TestBroker
    let client: TestClient
    let topicID: UUID

    init() throws {
        server = try TestBroker()
        client = try server.client()
        topicID = try client.createTopic("t", partitions: 3).topicId
    }

    private func fetch(
        _ partitions: [(Int32, Int64)], session: Int32, epoch: Int32, forgotten: [Int32] = [], version: Int16 = 12
    ) throws -> FetchResponse {
        var request = client.fetchRequest("t", partitions, topicID: topicID)
        request.minBytes = 0
        if partitions.isEmpty { request.topics = [] }
        request.sessionId = session
        request.sessionEpoch = epoch
        if !forgotten.isEmpty {
            var topic = FetchRequest.ForgottenTopic()
            topic.topic = "t"
            topic.topicId = topicID
            topic.partitions = forgotten
            request.forgottenTopicsData = [topic]
        }
        return try client.call(request, version: version)
    }

    private func indexes(_ answer: FetchResponse) -> [Int32] {
        answer.responses.flatMap(\.partitions).map(\.partitionIndex)
    }

    @Test func `an incremental answer holds what changed, and nothing else`() throws {
        for version in [7, 12, 13, 17] as [Int16] {
            try client.produce("t", "a", partition: 1)
            let end = try client.offset("t", at: -1, partition: 1).offset
            let opened = try fetch([(0, 0), (1, end), (2, 0)], session: 0, epoch: 0, version: version)
            let id = opened.sessionId
            #expect(id > 0)
            #expect(indexes(opened) == [0, 1, 2])
            #expect(try indexes(fetch([], session: id, epoch: 1, version: version)).isEmpty)
            try client.produce("t", "b", partition: 1)
            let news = try fetch([], session: id, epoch: 2, version: version)
            #expect(news.sessionId == id)
            #expect(indexes(news) == [1])
            #expect(try client.seen(news.responses[0].partitions[0]).map(\.text) == ["b"])
            // Not moved on, it comes again; moved on, it is silent.
            #expect(try indexes(fetch([], session: id, epoch: 3, version: version)) == [1])
            #expect(try indexes(fetch([(1, end + 1)], session: id, epoch: 4, version: version)).isEmpty)
            #expect(try indexes(fetch([], session: id, epoch: 5, forgotten: [1], version: version)).isEmpty)
            try client.produce("t", "c", partition: 1)
            #expect(try indexes(fetch([], session: id, epoch: 6, version: version)).isEmpty)
            #expect(try indexes(fetch([(1, 0)], session: id, epoch: 7, version: version)) == [1])
            // The end of the session, which is answered in full.
            let last = try fetch([(0, 0)], session: id, epoch: -1, version: version)
            #expect(last.sessionId == 0)
            #expect(indexes(last) == [0])
            #expect(try code(fetch([], session: id, epoch: 8, version: version).errorCode) == .fetchSessionIDNotFound)
        }
        #expect(server.broker.fetchSessions.count == 0)
    }

    @Test func `a wrong epoch is refused and the right one goes on`() throws {
        let id = try fetch([(0, 0)], session: 0, epoch: 0).sessionId
        #expect(try code(fetch([], session: id, epoch: 2).errorCode) == .invalidFetchSessionEpoch)
        #expect(try fetch([], session: id, epoch: 1).errorCode == 0)
        #expect(try code(fetch([], session: id, epoch: 2, version: 13).errorCode) == .fetchSessionTopicIDError)
        #expect(try code(fetch([], session: id ^ 1, epoch: 2).errorCode) == .fetchSessionIDNotFound)
    }

    @Test func `a new session takes the place of the one it names`() throws {
        let first = try fetch([(0, 0)], session: 0, epoch: 0).sessionId
        let second = try fetch([(0, 0)], session: first, epoch: 0).sessionId
        #expect(second != first)
        #expect(server.broker.fetchSessions.count == 1)
    }

    @Test func `a topic that is deleted is told to the session, and its files are let go of`() throws {
        weak let partition = try server.partition("t", 1)
        #expect(partition != nil)
        let byName = try fetch([(0, 0), (1, 0)], session: 0, epoch: 0).sessionId
        let byID = try fetch([(0, 0)], session: 0, epoch: 0, version: 13).sessionId
        var deletion = DeleteTopicsRequest()
        deletion.topicNames = ["t"]
        #expect(try client.call(deletion, version: 5).responses[0].errorCode == 0)
        eventually("the partition of a deleted topic lives on in an idle session") { partition == nil }
        let named = try fetch([], session: byName, epoch: 1).responses[0].partitions
        #expect(named.map { code($0.errorCode) } == [.unknownTopicOrPartition, .unknownTopicOrPartition])
        let identified = try fetch([], session: byID, epoch: 1, version: 13).responses[0].partitions
        #expect(identified.map { code($0.errorCode) } == [.unknownTopicID])
    }

    @Test func `without a slot the newcomer is served without a session`() throws {
        let server = try TestBroker(["max.incremental.fetch.session.cache.slots": "1"])
        let client = try server.client()
        try client.createTopic("t")
        func open() throws -> FetchResponse {
            var request = client.fetchRequest("t", [(0, 0)])
            request.sessionEpoch = 0
            return try client.call(request, version: 12)
        }
        #expect(try open().sessionId != 0)
        let second = try open()
        #expect(second.sessionId == 0)
        #expect(second.errorCode == 0)
        #expect(second.responses.count == 1)
    }
}
