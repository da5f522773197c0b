import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Metadata
import Testing
import Timing

@testable import GroupCoordinator

@Suite struct GroupShardTests {
    // MARK: Commits

    @Test func `who is no member commits and makes a group that only commits`() {
        var bench = ShardBench()
        #expect(bench.commit("g", "t", 0, 7) == ErrorCode.none)
        #expect(bench.offset("g", "t", 0) == 7)
        #expect(bench.log.count == 1)
        #expect(bench.groups["g"]?.stateName == "Empty")
        #expect(bench.groups["g"]?.protocolType == "")
        #expect(
            bench.notes.map(\.text) == ["[GroupId g] Creating a simple consumer group via manual offset commit."])
    }

    @Test func `a member of a group that is gone is told so by its version`() {
        var bench = ShardBench()
        #expect(bench.commit("g", "t", 0, 7, version: 8) { $0.generationIdOrMemberEpoch = 3 } == .illegalGeneration)
        #expect(bench.commit("g", "t", 0, 7, version: 9) { $0.generationIdOrMemberEpoch = 3 } == .groupIDNotFound)
        #expect(bench.log.isEmpty && bench.groups.isEmpty)
    }

    @Test func `text that is too long is refused for its partition only`() {
        var settings = GroupSettings()
        settings.offsetMetadataBytesMax = 3
        var bench = ShardBench(settings)
        #expect(bench.commit("g", "t", 0, 1) { $0.topics[0].partitions[0].committedMetadata = "abc" } == ErrorCode.none)
        #expect(
            bench.commit("g", "t", 0, 2) { $0.topics[0].partitions[0].committedMetadata = "abcd" }
                == .offsetMetadataTooLarge)
        #expect(bench.offset("g", "t", 0) == 1)
        #expect(bench.commit("g", "t", 1, 3) { $0.topics[0].partitions[0].committedMetadata = nil } == ErrorCode.none)
        #expect(bench.shard.state.offsets.offset("g", "t", 1)?.metadata == "")
    }

    @Test func `commits are written in the version that says what they say`() throws {
        var bench = ShardBench()
        _ = bench.commit("g", "t", 0, 7) { $0.topics[0].partitions[0].committedLeaderEpoch = 4 }
        _ = bench.commit("g", "t", 0, 8, version: 2) { $0.retentionTimeMs = 1000 }
        #expect(
            bench.log[0].key == [0, 1, 0, 1, 0x67, 0, 1, 0x74, 0, 0, 0, 0])
        let now = bench.context.wall.milliseconds
        let stamp = withUnsafeBytes(of: now.bigEndian) { Array($0) }
        #expect(bench.log[0].value == [0, 3] + [0, 0, 0, 0, 0, 0, 0, 7] + [0, 0, 0, 4] + [0, 0] + stamp)
        let expiry = withUnsafeBytes(of: (now + 1000).bigEndian) { Array($0) }
        #expect(bench.log[1].value == [0, 1] + [0, 0, 0, 0, 0, 0, 0, 8] + [0, 0] + stamp + expiry)
    }

    @Test func `topic ids are kept once every broker of the cluster can read them`() throws {
        var bench = ShardBench(topics: ["t": 1])
        _ = bench.commit("g", "t", 0, 7)
        #expect(bench.log[0].value?.prefix(2) == [0, 3])
        var feature = FeatureLevelRecord()
        feature.name = "metadata.version"
        feature.featureLevel = 26
        try bench.context.image.apply(.featureLevel(feature))
        _ = bench.commit("g", "t", 0, 8)
        #expect(bench.log[1].value?.prefix(2) == [0, 4])
        let id = try #require(bench.context.image.topicID("t"))
        #expect(bench.shard.state.offsets.offset("g", "t", 0)?.topicID == id)

        var asked = OffsetFetchRequest.OffsetFetchRequestTopics()
        asked.name = "t"
        asked.topicId = .random()
        asked.partitionIndexes = [0]
        var request = OffsetFetchRequest.OffsetFetchRequestGroup()
        request.groupId = "g"
        request.topics = [asked]
        func found() -> Int64? {
            bench.shard.state.fetch(request, requireStable: false).topics.first?.partitions.first?.committedOffset
        }
        #expect(found() == -1, "an offset of an earlier topic of that name is none of this one")
        request.topics?[0].topicId = id
        #expect(found() == 8)
    }

    @Test func `a commit that cannot be written is as if it had never been`() {
        var bench = ShardBench()
        bench.appendFailure = .notEnoughReplicas
        #expect(bench.commit("g", "t", 0, 7) == nil)
        #expect(bench.groups.isEmpty)
        #expect(bench.offset("g", "t", 0) == nil)
        #expect(bench.commit("g", "t", 0, 8) == ErrorCode.none)
        #expect(bench.offset("g", "t", 0) == 8)
    }

    // MARK: Reading

    private func fetch(
        _ bench: ShardBench, _ group: String, _ partitions: [String: [Int32]]?, stable: Bool = false
    ) -> OffsetFetchResponse.OffsetFetchResponseGroup {
        var request = OffsetFetchRequest.OffsetFetchRequestGroup()
        request.groupId = group
        request.topics = partitions?.sorted { $0.key < $1.key }.map { name, indexes in
            var topic = OffsetFetchRequest.OffsetFetchRequestTopics()
            topic.name = name
            topic.partitionIndexes = indexes
            return topic
        }
        return bench.shard.state.fetch(request, requireStable: stable)
    }

    @Test func `what was never committed is minus one, of any group`() {
        var bench = ShardBench()
        _ = bench.commit("g", "t", 0, 7)
        let answer = fetch(bench, "g", ["t": [0, 1], "u": [0]])
        #expect(answer.topics.map { $0.partitions.map(\.committedOffset) } == [[7, -1], [-1]])
        #expect(fetch(bench, "h", ["t": [0]]).topics[0].partitions[0].committedOffset == -1)
        #expect(fetch(bench, "h", nil).topics.isEmpty)
        #expect(fetch(bench, "g", nil).topics.map(\.name) == ["t"])
    }

    @Test func `who wants stable offsets is told of those that a transaction holds`() {
        var bench = ShardBench()
        _ = bench.commit("g", "t", 0, 7)
        bench.shard.beginLoading()
        for record in bench.log { _ = bench.shard.load(.record(record, producerID: nil)) }
        _ = bench.shard.load(.record(bench.log[0], producerID: 5))
        bench.shard.keep(bench.shard.finishLoading(bench.context))
        #expect(fetch(bench, "g", ["t": [0]]).topics[0].partitions[0].committedOffset == 7)
        let told = fetch(bench, "g", ["t": [0]], stable: true).topics[0].partitions[0]
        #expect(told.errorCode == ErrorCode.unstableOffsetCommit.rawValue)
        #expect(told.committedOffset == -1)
    }

    // MARK: Deleting

    private func deleteOffsets(
        _ bench: inout ShardBench, _ group: String, _ topic: String, _ partitions: [Int32]
    ) -> OffsetDeleteResponse? {
        var request = OffsetDeleteRequest()
        request.groupId = group
        var named = OffsetDeleteRequest.OffsetDeleteRequestTopic()
        named.name = topic
        named.partitions = partitions.map { index in
            var partition = OffsetDeleteRequest.OffsetDeleteRequestPartition()
            partition.partitionIndex = index
            return partition
        }
        request.topics = [named]
        let answer = bench.run { shard, owed, context, effects in
            shard.deleteOffsets(request, owed: owed, context, into: &effects)
        }
        if case .offsetDelete(let response) = answer { return response }
        return nil
    }

    @Test func `offsets of a topic that the group reads stay`() throws {
        var bench = ShardBench()
        let member = try bench.joined("g", topics: ["t"])
        _ = bench.sync("g", member.memberId, generation: member.generationId)
        for topic in ["t", "u"] {
            let code = bench.commit("g", topic, 0, 1) {
                $0.memberId = member.memberId
                $0.generationIdOrMemberEpoch = member.generationId
            }
            #expect(code == ErrorCode.none)
        }
        let inUse = deleteOffsets(&bench, "g", "t", [0])
        #expect(inUse?.topics[0].partitions[0].errorCode == ErrorCode.groupSubscribedToTopic.rawValue)
        let unused = deleteOffsets(&bench, "g", "u", [0, 1])
        #expect(unused?.topics[0].partitions.map(\.errorCode) == [0, 0])
        #expect(bench.offset("g", "t", 0) == 1)
        #expect(bench.offset("g", "u", 0) == nil)
        #expect(bench.log.last?.value == nil)
        #expect(deleteOffsets(&bench, "h", "t", [0])?.errorCode == ErrorCode.groupIDNotFound.rawValue)
    }

    private func delete(_ bench: inout ShardBench, _ group: String) -> ErrorCode? {
        let answer = bench.run { shard, owed, context, effects in
            effects.answer(owed, .deleteGroup(shard.delete(group, context, into: &effects)))
        }
        if case .deleteGroup(let code) = answer { return code }
        return nil
    }

    @Test func `a group goes with its offsets, but not while it has members`() throws {
        var bench = ShardBench()
        let member = try bench.joined("g")
        _ = bench.sync("g", member.memberId, generation: member.generationId)
        _ = bench.commit("h", "t", 0, 1)
        _ = bench.commit("h", "t", 1, 1)
        #expect(delete(&bench, "g") == .nonEmptyGroup)
        #expect(delete(&bench, "nobody") == .groupIDNotFound)
        let before = bench.log.count
        #expect(delete(&bench, "h") == ErrorCode.none)
        #expect(bench.log.dropFirst(before).map(\.value) == [nil, nil, nil])
        #expect(bench.groups["h"] == nil)
        #expect(
            bench.notes.last?.text == "The following groups were deleted: h. A total of 2 offsets were removed.")
        #expect(ShardBench(reading: bench.log, like: bench).groups.keys.sorted() == ["g"])
    }

    // MARK: Listing and describing

    @Test func `groups are listed by state and type, whatever the case`() throws {
        var bench = ShardBench()
        let member = try bench.joined("busy")
        _ = bench.sync("busy", member.memberId, generation: member.generationId)
        _ = bench.commit("idle", "t", 0, 1)
        func listed(_ states: [String], _ types: [String] = []) -> [String] {
            var request = ListGroupsRequest()
            request.statesFilter = states
            request.typesFilter = types
            return bench.shard.state.list(request).map(\.groupId).sorted()
        }
        #expect(listed([]) == ["busy", "idle"])
        #expect(listed(["STABLE"]) == ["busy"])
        #expect(listed(["empty", "stable"]) == ["busy", "idle"])
        #expect(listed(["Dead"]) == [])
        #expect(listed([], ["Classic"]) == ["busy", "idle"])
        #expect(listed([], ["consumer"]) == [])
        #expect(listed([], ["nonsense"]) == [])
    }

    @Test func `a group that is not there is a dead one, or from version 6 on an error`() {
        let bench = ShardBench()
        let old = bench.shard.state.describe("g", version: 5)
        #expect(old.groupState == "Dead" && old.errorCode == 0)
        let new = bench.shard.state.describe("g", version: 6)
        #expect(new.errorCode == ErrorCode.groupIDNotFound.rawValue)
        #expect(new.errorMessage == "Group g not found.")
    }

    // MARK: Expiry

    private static let week = Duration.seconds(7 * 86_400)

    @Test func `offsets of nobody expire a week after their commit, and the group with the last of them`() {
        var bench = ShardBench()
        _ = bench.commit("g", "t", 0, 1)
        bench.pass(.seconds(86_400))
        _ = bench.commit("g", "t", 1, 1)
        bench.pass(Self.week - .seconds(86_400) - .milliseconds(1))
        bench.expire()
        #expect(bench.offset("g", "t", 0) == 1)
        bench.pass(.milliseconds(1))
        bench.expire()
        #expect(bench.offset("g", "t", 0) == nil)
        #expect(bench.offset("g", "t", 1) == 1)
        bench.pass(.seconds(86_400))
        bench.expire()
        #expect(bench.groups.isEmpty)
        let later = ShardBench(reading: bench.log, like: bench)
        #expect(later.groups.isEmpty && later.shard.state.offsets.count == 0)
    }

    @Test func `offsets of a group of consumers expire a week after the last one left`() throws {
        var bench = ShardBench()
        let member = try bench.joined("g", topics: ["t"])
        _ = bench.sync("g", member.memberId, generation: member.generationId)
        _ = bench.commit("g", "t", 0, 1) {
            $0.memberId = member.memberId
            $0.generationIdOrMemberEpoch = member.generationId
        }
        // The session ends after ten seconds, and a rebalance of nobody follows.
        bench.pass(.seconds(100))
        #expect(bench.groups["g"]?.stateName == "Empty")
        bench.pass(Self.week - .seconds(100))
        bench.expire()
        #expect(bench.offset("g", "t", 0) == 1)
        bench.pass(.seconds(100))
        bench.expire()
        #expect(bench.groups.isEmpty)
    }

    @Test func `while a topic is read its offsets stay, those of others go`() throws {
        var bench = ShardBench()
        let member = try bench.joined("g", topics: ["t"])
        _ = bench.sync("g", member.memberId, generation: member.generationId)
        for topic in ["t", "old"] {
            _ = bench.commit("g", topic, 0, 1) {
                $0.memberId = member.memberId
                $0.generationIdOrMemberEpoch = member.generationId
            }
        }
        bench.context.wall.milliseconds += Self.week.wholeMilliseconds
        bench.expire()
        #expect(bench.offset("g", "t", 0) == 1)
        #expect(bench.offset("g", "old", 0) == nil)
        #expect(bench.groups["g"]?.memberCount == 1)
    }

    @Test func `a time of expiry that a client of old gave holds`() {
        var bench = ShardBench()
        _ = bench.commit("g", "t", 0, 1, version: 2) { $0.retentionTimeMs = 60_000 }
        bench.pass(.seconds(59))
        bench.expire()
        #expect(bench.offset("g", "t", 0) == 1)
        bench.pass(.seconds(1))
        bench.expire()
        #expect(bench.groups.isEmpty)
    }

    @Test func `more that has expired than fits into a batch goes in several`() {
        var bench = ShardBench()
        for partition in 0..<Int32(2500) { _ = bench.commit("g", "t", partition, 1) }
        bench.pass(Self.week)
        let before = bench.log.count
        var rounds = 0
        while !bench.groups.isEmpty, rounds < 10 {
            let written = bench.log.count
            bench.run { shard, _, context, effects in _ = shard.expire(["g"], context, into: &effects) }
            #expect(bench.log.count - written <= GroupShard.tombstonesMax + 1)
            rounds += 1
        }
        #expect(rounds == 3)
        #expect(bench.log.count - before == 2501)
    }

    @Test func `offsets of a topic that is deleted go, the group stays`() {
        var bench = ShardBench()
        _ = bench.commit("g", "t", 0, 1)
        _ = bench.commit("g", "u", 0, 1)
        bench.run { shard, _, context, effects in
            #expect(shard.topicsDeleted(["t"], context, into: &effects))
        }
        #expect(bench.offset("g", "t", 0) == nil)
        #expect(bench.offset("g", "u", 0) == 1)
        #expect(bench.groups["g"] != nil)
    }

    // MARK: Loading

    @Test func `records of kinds that are not known, or cannot be read, are stepped over`() {
        var shard = CoordinatorShard<GroupShard>()
        shard.beginLoading()
        func load(_ key: [UInt8], _ value: [UInt8]? = []) -> LoadOutcome {
            shard.load(.record(CoordinatorRecord(key: key, value: value), producerID: nil))
        }
        #expect(load([0, 99]) == .unknownType(99))
        // A share group, which is not served, is of a known kind.
        #expect(load(ShareGroupMetadataKey().framed, nil) == .taken)
        for damaged: [UInt8] in [[], [0], [0, 1], [0, 1, 0], [0, 2, 0x7f, 0xff], [0xff, 0xff]] {
            if case .taken = load(damaged) { Issue.record("\(damaged) was taken") }
        }
        #expect(shard.state.groups.isEmpty)
    }

    @Test func `a record that is cut off anywhere is not taken and does not trap`() throws {
        var bench = ShardBench(topics: ["t": 2])
        let member = try bench.joined("g")
        _ = bench.sync("g", member.memberId, generation: member.generationId)
        _ = bench.commit("h", "t", 0, 5) { $0.topics[0].partitions[0].committedMetadata = "text" }
        var random = SystemRandomNumberGenerator()
        for record in bench.log {
            guard let value = record.value else { continue }
            for length in 0..<record.key.count { load(Array(record.key.prefix(length)), value) }
            for length in 0..<value.count { load(record.key, Array(value.prefix(length))) }
            for _ in 0..<500 {
                var (key, value) = (record.key, value)
                key[Int.random(in: 2..<key.count, using: &random)] = .random(in: 0...255, using: &random)
                value[Int.random(in: 0..<value.count, using: &random)] = .random(in: 0...255, using: &random)
                load(key, value)
            }
        }
        func load(_ key: [UInt8], _ value: [UInt8]) {
            var shard = CoordinatorShard<GroupShard>()
            shard.beginLoading()
            _ = shard.load(.record(CoordinatorRecord(key: key, value: value), producerID: nil))
            _ = shard.finishLoading(bench.context)
        }
    }
}
