import Bytes
import Glibc
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Testing
import Timing

@testable import KafkaClient

/// What a consumer makes of the answers of a broker, the impossible ones included.
@Suite struct ConsumerTests {
    private let partition = TopicPartition("t", 0)

    /// Reads values until there are so many or nothing comes any more; a failure is the last of them.
    private func read(_ consumer: Consumer, _ count: Int) -> [String] {
        var values: [String] = []
        let deadline = Clock.system.now + .seconds(8)
        do throws(ConsumerError) {
            while values.count < count, Clock.system.now < deadline {
                _ = try consumer.poll(until: deadline) { batch in
                    while values.count < count, let record = batch.next() {
                        values.append(
                            record.value.map { String(decoding: Array(batch.bytes($0)), as: UTF8.self) } ?? "null")
                    }
                    return values.count < count ? .goOn : .stop
                }
            }
        } catch {
            values.append("\(error)")
        }
        return values
    }

    private func reader(_ leader: FakeLeader, _ more: [String: String] = [:]) throws -> Consumer {
        Consumer(try leader.configuration(more))
    }

    private func texts(_ range: Range<Int>) -> [String] { range.map(String.init) }

    /// Serves a log of batches of ten records from any offset on.
    private static let tens: @Sendable (FetchRequest, Int) -> FakeLeader.Answer = { request, _ in
        let offset = request.topics[0].partitions[0].fetchOffset
        guard offset < 1000, let bytes = try? numbers(offset / 10 * 10..<offset / 10 * 10 + 10) else {
            return .records([])
        }
        return .records(bytes)
    }

    @Test func `all records come once, in order, from the beginning`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader)
        consumer.subscribe(to: ["t"])
        #expect(read(consumer, 1000) == texts(0..<1000))
        #expect(consumer.position(of: partition) == 1000)
        #expect(consumer.lag(of: partition) == 0)
    }

    @Test func `a batch that begins before the offset gives only what was asked for`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader)
        consumer.assign(partition, at: .offset(7))
        #expect(read(consumer, 15) == texts(7..<22))
        #expect(consumer.position(of: partition) == 22)
    }

    @Test func `what was not taken comes with the next poll`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 3) == texts(0..<3))
        #expect(consumer.position(of: partition) == 3)
        #expect(read(consumer, 9) == texts(3..<12))
    }

    @Test func `a seek forgets what was fetched`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 5) == texts(0..<5))
        consumer.seek(partition, to: .offset(501))
        #expect(read(consumer, 3) == texts(501..<504))
        consumer.seek(partition, to: .earliest)
        #expect(read(consumer, 2) == texts(0..<2))
    }

    @Test func `a paused partition gives nothing until it is resumed`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 5) == texts(0..<5))
        consumer.pause(partition)
        let polled = try consumer.poll(until: Clock.system.now + .milliseconds(30)) { _ in .goOn }
        #expect(polled == .nothing)
        consumer.resume(partition)
        #expect(read(consumer, 5) == texts(5..<10))
    }

    @Test func `the next answer is fetched while this one is worked on`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 1) == ["0"])
        #expect(leader.waitForFetches(5))
    }

    @Test func `fetched bytes that nobody takes stop the fetching`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader, ["max.partition.fetch.bytes": "400"])
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 1) == ["0"])
        #expect(leader.waitForFetches(5))
        // Five batches of 180 bytes are more than twice 400.
        #expect(read(consumer, 999) == texts(1..<1000))
    }

    @Test func `reading begins at the end, or where a setting says`() throws {
        var log = FakeLeader.Log()
        log.latest = 990
        let leader = try FakeLeader(log, Self.tens)
        let latest = try reader(leader, ["auto.offset.reset": "latest"])
        latest.subscribe(to: ["t"])
        #expect(read(latest, 2) == texts(990..<992))
        let none = try reader(leader, ["auto.offset.reset": "none"])
        none.subscribe(to: ["t"])
        #expect(read(none, 1) == ["Undefined offset with no reset policy for partitions: [t-0]"])
        // A time that no record has reached means the end.
        let time = try reader(leader, ["auto.offset.reset": "by_duration:PT1H"])
        time.subscribe(to: ["t"])
        #expect(read(time, 1) == ["990"])
    }

    @Test func `an offset that the log has no more is reset, or told`() throws {
        let answer: @Sendable (FetchRequest, Int) -> FakeLeader.Answer = { request, number in
            request.topics[0].partitions[0].fetchOffset < 500 ? .error(.offsetOutOfRange) : Self.tens(request, number)
        }
        var log = FakeLeader.Log()
        log.earliest = 500
        let leader = try FakeLeader(log, answer)
        let reset = try reader(leader)
        reset.assign(partition, at: .offset(12))
        #expect(read(reset, 2) == texts(500..<502))
        #expect(reset.takeNotices() == [.positionReset(partition, offset: 12)])
        let none = try reader(leader, ["auto.offset.reset": "none"])
        none.assign(partition, at: .offset(12))
        #expect(
            read(none, 1) == ["Fetch position 12 is out of range for partition t-0, and auto.offset.reset is none"])
    }

    @Test func `a broker that hangs up, or does not lead any more, is asked again`() throws {
        let leader = try FakeLeader { request, number in
            switch number {
            case 1: .hangUp
            case 2: .error(.notLeaderOrFollower)
            case 3: .error(.fencedLeaderEpoch)
            case 4: .error(.unknownTopicID)
            case 5: .error(.kafkaStorageError)
            default: Self.tens(request, number)
            }
        }
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 100) == texts(0..<100))
    }

    @Test func `a new leader with a shorter log is noticed`() throws {
        let isMoved = Guarded(false)
        let leader = try FakeLeader { request, number in
            let offset = request.topics[0].partitions[0].fetchOffset
            guard isMoved.withLock({ $0 }) else {
                return offset < 20 ? Self.tens(request, number) : .records([], highWatermark: 20)
            }
            guard request.topics[0].partitions[0].currentLeaderEpoch == 4 else { return .error(.fencedLeaderEpoch) }
            guard let bytes = try? numbers(offset..<offset + 1, epoch: 4) else { return .hangUp }
            return .records(bytes)
        }
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 20) == texts(0..<20))
        leader.change {
            $0.epoch = 4
            $0.epochEnds = [3: 15]
        }
        isMoved.withLock { $0 = true }
        #expect(read(consumer, 2) == texts(15..<17))
        #expect(consumer.takeNotices() == [.logTruncated(partition, offset: 20, logEnd: 15)])
    }

    @Test func `what was begun came twice after a new leader had a shorter log`() throws {
        let isMoved = Guarded(false)
        let leader = try FakeLeader { request, number in
            let offset = request.topics[0].partitions[0].fetchOffset
            guard isMoved.withLock({ $0 }) else {
                return offset < 20 ? Self.tens(request, number) : .records([], highWatermark: 20)
            }
            guard request.topics[0].partitions[0].currentLeaderEpoch == 4 else { return .error(.fencedLeaderEpoch) }
            guard let bytes = try? numbers(offset..<offset + 1, epoch: 4) else { return .hangUp }
            return .records(bytes)
        }
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 5) == texts(0..<5))
        leader.change {
            $0.epoch = 4
            $0.epochEnds = [3: 7]
        }
        isMoved.withLock { $0 = true }
        #expect(leader.waitForFetches { $0.topics[0].partitions[0].currentLeaderEpoch == 4 })
        #expect(read(consumer, 10) == texts(5..<15))
        #expect(consumer.takeNotices().isEmpty)
    }

    @Test func `asking for the position, or seeking, while records are handed out was a crash`() throws {
        let leader = try FakeLeader(Self.tens)
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        var positions: [Int64?] = []
        let deadline = Clock.system.now + .seconds(8)
        while positions.isEmpty, Clock.system.now < deadline {
            _ = try consumer.poll(until: deadline) { batch in
                positions.append(consumer.position(of: partition))
                _ = batch.next()
                consumer.seek(partition, to: .offset(501))
                return .stop
            }
        }
        #expect(positions == [0])
        #expect(read(consumer, 2) == texts(501..<503))
    }

    @Test func `a fetch for which the broker waits longer than request.timeout.ms was given up`() throws {
        let leader = try FakeLeader { request, number in
            // The broker takes all the time it is given.
            poll(nil, 0, request.maxWaitMs)
            return Self.tens(request, number)
        }
        let consumer = try reader(leader, ["request.timeout.ms": "150", "fetch.max.wait.ms": "200"])
        consumer.assign(partition, at: .offset(0))
        #expect(read(consumer, 10) == texts(0..<10))
        #expect(consumer.takeNotices().isEmpty)
    }

    @Test func `aborted transactions and markers are left out for readers of committed records`() throws {
        let aborted = try numbers(0..<5, producerID: 1)
        let committed = try numbers(5..<10, producerID: 2)
        var marker = ByteWriter()
        try EndTransactionMarker(type: .abort, coordinatorEpoch: 0)
            .writeBatch(baseOffset: 10, timestamp: 0, leaderEpoch: 3, producerID: 1, producerEpoch: 0, into: &marker)
        let later = try numbers(11..<15, producerID: 1)
        let bytes = aborted + committed + Array(marker.bytes) + later
        let leader = try FakeLeader { request, _ in
            guard request.topics[0].partitions[0].fetchOffset < 15 else { return .records([]) }
            var response = FakeLeader.response(bytes, highWatermark: 15, .none)
            var transaction = FetchResponse.AbortedTransaction()
            transaction.producerId = 1
            transaction.firstOffset = 0
            response.responses[0].partitions[0].abortedTransactions = [transaction]
            return .response(response)
        }
        let committedOnly = try reader(leader, ["isolation.level": "read_committed"])
        committedOnly.assign(partition, at: .earliest)
        #expect(read(committedOnly, 9) == texts(5..<10) + texts(11..<15))
        let everything = try reader(leader)
        everything.assign(partition, at: .earliest)
        #expect(read(everything, 14) == texts(0..<10) + texts(11..<15))
    }

    @Test func `a wrong checksum is told with its place, unless nobody wants to know`() throws {
        let answer: @Sendable (FetchRequest, Int) -> FakeLeader.Answer = { request, number in
            guard request.topics[0].partitions[0].fetchOffset == 20, var bytes = try? numbers(20..<30) else {
                return Self.tens(request, number)
            }
            bytes[bytes.count - 2] ^= 1
            return .records(bytes)
        }
        let leader = try FakeLeader(answer)
        let careful = try reader(leader)
        careful.assign(partition, at: .earliest)
        let values = read(careful, 100)
        #expect(values.dropLast() == texts(0..<20)[...])
        #expect(
            values.last?.hasPrefix(
                "Record batch for partition t-0 at offset 20 is invalid, cause: the batch is corrupt (stored crc = ")
                == true)
        let careless = try reader(leader, ["check.crcs": "false"])
        careless.assign(partition, at: .earliest)
        #expect(read(careless, 100).count == 100)
    }

    @Test func `a count of records that is forged ends the reading at its place`() throws {
        let leader = try FakeLeader { request, number in
            guard request.topics[0].partitions[0].fetchOffset == 20, var bytes = try? numbers(20..<30) else {
                return Self.tens(request, number)
            }
            bytes[RecordBatchLayout.recordCount] = 0x7f
            return .records(bytes)
        }
        let consumer = try reader(leader, ["check.crcs": "false"])
        consumer.assign(partition, at: .earliest)
        let values = read(consumer, 100)
        #expect(values.dropLast() == texts(0..<30)[...])
        #expect(
            values.last == "Record batch for partition t-0 at offset 30 is invalid, cause: record 10 is invalid: "
                + "it reaches beyond the end of its batch")
    }

    @Test(arguments: [
        ("no batch at all", [UInt8](repeating: 0xff, count: 300), "the unknown format -1"),
        ("a size of nothing", [UInt8](repeating: 0, count: 300), "cannot have the size 0"),
        ("half a batch", Array((try? numbers(0..<10))?.prefix(80) ?? []), "no complete records were found"),
        ("what was read before", (try? numbers(0..<3)) ?? [], "no complete records were found"),
    ])
    func `bytes that are no records end the reading, by name`(_ what: String, _ bytes: [UInt8], _ reason: String)
        throws
    {
        let leader = try FakeLeader { _, _ in .records(bytes) }
        let consumer = try reader(leader)
        consumer.assign(partition, at: .offset(what == "half a batch" ? 0 : 3))
        let values = read(consumer, 1)
        #expect(values.count == 1)
        #expect(values[0].contains("t-0") && values[0].contains(reason), "\(values)")
    }

    @Test(arguments: [
        ("a frame of two gigabytes", [0x7f, 0xff, 0xff, 0xff], "announces 2147483647 bytes"),
        ("a frame of nothing", [0, 0, 0, 0], "too few for an answer"),
        ("a frame cut short in its fields", [0, 0, 0, 8, 0, 0, 0, 0, 1, 2, 3, 4], ""),
    ])
    func `frames that are none end the reading`(_ what: String, _ bytes: [UInt8], _ reason: String) throws {
        let leader = try FakeLeader { _, _ in .bytes(bytes) }
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        let values = read(consumer, 1)
        #expect(values.count == 1 && values[0].contains(reason), "\(values)")
    }

    @Test func `the answer to another question ends the reading`() throws {
        let leader = try FakeLeader { _, _ in .wrongCorrelation }
        let consumer = try reader(leader)
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 1).first?.contains("it answers the request") == true)
    }

    @Test func `a broker that never answers is told, and does not hold up the end`() throws {
        let leader = try FakeLeader { _, _ in .silence }
        let consumer = try reader(leader, ["request.timeout.ms": "30000"])
        consumer.assign(partition, at: .earliest)
        _ = try consumer.poll(until: Clock.system.now + .milliseconds(1)) { _ in .goOn }
        #expect(leader.waitForFetches(1))
        let start = Clock.system.now
        consumer.close()
        #expect(Clock.system.now - start < .seconds(2))
    }

    @Test func `the same broker, after its patience, is asked again`() throws {
        let leader = try FakeLeader { request, number in number == 0 ? .silence : Self.tens(request, number) }
        let consumer = try reader(leader, ["request.timeout.ms": "100"])
        consumer.assign(partition, at: .earliest)
        #expect(read(consumer, 20) == texts(0..<20))
        #expect(consumer.takeNotices().count == 1)
    }

    @Test func `what a broker will not change its mind about ends the reading`() throws {
        let leader = try FakeLeader { _, _ in .error(.topicAuthorizationFailed) }
        let consumer = try reader(leader)
        consumer.assign(partition, at: .offset(4))
        #expect(
            read(consumer, 1).first
                == "cannot read t-0 from offset 4: \(ErrorCode.topicAuthorizationFailed.message) "
                + "(TOPIC_AUTHORIZATION_FAILED)")
    }
}
