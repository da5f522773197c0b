import KafkaModel
import Testing

@testable import KafkaClient

/// Groups and shares as text: `a-0 a-1`.
private func shares(_ assignment: [String: [TopicPartition]]) -> [String: String] {
    assignment.mapValues { $0.map(\.description).joined(separator: " ") }
}

private func partitions(_ text: String) -> [TopicPartition] {
    text.split(separator: " ").map { word in
        let dash = word.lastIndex(of: "-") ?? word.startIndex
        return TopicPartition(String(word[..<dash]), Int32(word[word.index(after: dash)...]) ?? -1)
    }
}

/// Topics whose partitions have `replicas` replicas each, in racks that go on in turn from partition to partition.
private func topics(_ counts: [String: Int], replicas: Int, racks: Int) -> AssignableTopics {
    var first = 0
    var topics: [String: [Set<String>]] = [:]
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
        topics[name] = (0..<count).map { partition in
            Set((0..<replicas).map { rackNames[(first + partition + $0) % racks] })
        }
        first += count
    }
    return AssignableTopics(topics)
}

private let rackNames = ["a", "b", "c", "d"]

/// The results that Kafka's own assignors give for the same groups.
@Suite struct AssignorTests {
    @Test func `range gives the first members one more of each topic`() {
        let members = ["m1", "m2"].map { AssignableMember($0, topics: ["t1", "t2"]) }
        let found = Assignor.range.assign(members, AssignableTopics(counts: ["t1": 3, "t2": 3]))
        #expect(shares(found) == ["m1": "t1-0 t1-1 t2-0 t2-1", "m2": "t1-2 t2-2"])
    }

    @Test func `range gives only what a member wants, and nothing to who comes too late`() {
        let members = [
            AssignableMember("m1", topics: ["t1"]), AssignableMember("m2", topics: ["t1", "t2"]),
            AssignableMember("m3", topics: ["t1"]), AssignableMember("m4", topics: ["t1", "missing"]),
        ]
        let found = Assignor.range.assign(members, AssignableTopics(counts: ["t1": 3, "t2": 2, "other": 1]))
        #expect(shares(found) == ["m1": "t1-0", "m2": "t1-1 t2-0 t2-1", "m3": "t1-2", "m4": ""])
    }

    @Test func `members with a lasting name come first, by that name`() {
        let members = [
            AssignableMember("consumer-a", topics: ["t1"], instanceID: "instance2"),
            AssignableMember("consumer-b", topics: ["t1"], instanceID: "instance1"),
            AssignableMember("consumer-0", topics: ["t1"]),
        ]
        let topics = AssignableTopics(counts: ["t1": 4])
        let found = shares(Assignor.range.assign(members, topics))
        #expect(found == ["consumer-b": "t1-0 t1-1", "consumer-a": "t1-2", "consumer-0": "t1-3"])
        let turns = shares(Assignor.roundRobin.assign(members, topics))
        #expect(turns == ["consumer-b": "t1-0 t1-3", "consumer-a": "t1-1", "consumer-0": "t1-2"])
    }

    @Test func `range looks at racks where replicas are not everywhere`() {
        let counts = ["t1": 6, "t2": 7, "t3": 2]
        let members = (0..<3).map { AssignableMember("m\($0)", topics: ["t1", "t2", "t3"], rack: rackNames[$0]) }
        let one = shares(Assignor.range.assign(members, topics(counts, replicas: 1, racks: 3)))
        #expect(
            one == [
                "m0": "t1-0 t1-3 t2-0 t2-3 t2-6", "m1": "t1-1 t1-4 t2-1 t2-4 t3-0", "m2": "t1-2 t1-5 t2-2 t2-5 t3-1",
            ])
        let two = shares(Assignor.range.assign(members, topics(counts, replicas: 2, racks: 3)))
        #expect(
            two == [
                "m0": "t1-0 t1-2 t2-0 t2-2 t2-3 t3-1", "m1": "t1-1 t1-3 t2-1 t2-4 t3-0", "m2": "t1-4 t1-5 t2-5 t2-6",
            ])
        let everywhere = shares(Assignor.range.assign(members, topics(counts, replicas: 3, racks: 3)))
        #expect(
            everywhere == [
                "m0": "t1-0 t1-1 t2-0 t2-1 t2-2 t3-0", "m1": "t1-2 t1-3 t2-3 t2-4 t3-1", "m2": "t1-4 t1-5 t2-5 t2-6",
            ])
    }

    @Test func `range looks at racks of members that want different things`() {
        let counts = ["t1": 6, "t2": 7, "t3": 2]
        let members = [
            AssignableMember("m0", topics: ["t1", "t2", "t3"], rack: "a"),
            AssignableMember("m1", topics: ["t1", "t2", "t3"], rack: "b"),
            AssignableMember("m2", topics: ["t1", "t3"], rack: "c"),
        ]
        let one = shares(Assignor.range.assign(members, topics(counts, replicas: 1, racks: 3)))
        #expect(
            one == [
                "m0": "t1-0 t1-3 t2-0 t2-2 t2-3 t2-6", "m1": "t1-1 t1-4 t2-1 t2-4 t2-5 t3-0", "m2": "t1-2 t1-5 t3-1",
            ])
        let two = shares(Assignor.range.assign(members, topics(counts, replicas: 2, racks: 3)))
        #expect(
            two == [
                "m0": "t1-0 t1-2 t2-0 t2-2 t2-3 t2-5 t3-1", "m1": "t1-1 t1-3 t2-1 t2-4 t2-6 t3-0", "m2": "t1-4 t1-5",
            ])
    }

    @Test func `range keeps topics with as many partitions together, also where that goes against racks`() {
        let five = ["t1": 5, "t2": 5, "t3": 5]
        let together = (0..<3).map { AssignableMember("m\($0)", topics: ["t1", "t2", "t3"], rack: rackNames[$0]) }
        for replicas in 1...2 {
            let found = shares(Assignor.range.assign(together, topics(five, replicas: replicas, racks: 3)))
            #expect(
                found == [
                    "m0": "t1-0 t1-1 t2-0 t2-1 t3-0 t3-1", "m1": "t1-2 t1-3 t2-2 t2-3 t3-2 t3-3",
                    "m2": "t1-4 t2-4 t3-4",
                ])
        }
        let different = [
            AssignableMember("m0", topics: ["t1", "t2", "t3"], rack: "a"),
            AssignableMember("m1", topics: ["t1", "t2", "t3"], rack: "b"),
            AssignableMember("m2", topics: ["t1", "t3"], rack: "c"),
        ]
        #expect(
            shares(Assignor.range.assign(different, topics(five, replicas: 1, racks: 3))) == [
                "m0": "t1-0 t1-1 t2-0 t2-1 t2-4 t3-0 t3-1", "m1": "t1-2 t1-3 t2-2 t2-3 t3-2 t3-3", "m2": "t1-4 t3-4",
            ])
        #expect(
            shares(Assignor.range.assign(different, topics(five, replicas: 2, racks: 3))) == [
                "m0": "t1-2 t2-0 t2-1 t2-3 t3-2", "m1": "t1-0 t1-3 t2-2 t2-4 t3-0 t3-3", "m2": "t1-1 t1-4 t3-1 t3-4",
            ])
    }

    @Test func `round robin deals all partitions in turn`() {
        let members = [
            AssignableMember("m1", topics: ["t1"]), AssignableMember("m2", topics: ["t1", "t2"]),
            AssignableMember("m3", topics: ["t1"]),
        ]
        let found = Assignor.roundRobin.assign(members, AssignableTopics(counts: ["t1": 3, "t2": 2]))
        #expect(shares(found) == ["m1": "t1-0", "m2": "t1-1 t2-0 t2-1", "m3": "t1-2"])
    }

    @Test func `round robin goes on where the topic before ended`() {
        let members = ["m1", "m2"].map { AssignableMember($0, topics: ["t1", "t2"]) }
        let found = Assignor.roundRobin.assign(members, AssignableTopics(counts: ["t1": 3, "t2": 3]))
        #expect(shares(found) == ["m1": "t1-0 t1-2 t2-1", "m2": "t1-1 t2-0 t2-2"])
    }

    @Test func `class names of Kafka are known`() {
        #expect(Assignor(className: "org.apache.kafka.clients.consumer.RangeAssignor") == .range)
        #expect(Assignor(className: "CooperativeStickyAssignor") == .cooperativeSticky)
        #expect(Assignor(className: "com.example.Mine") == nil)
        #expect(Assignor.rebalancing([.range, .cooperativeSticky]) == .eager)
        #expect(Assignor.rebalancing([.cooperativeSticky]) == .cooperative)
    }
}

@Suite struct StickyAssignorTests {
    private func member(_ id: String, _ topics: [String], _ owned: String = "", _ generation: Int32 = 1)
        -> AssignableMember
    {
        AssignableMember(
            id, topics: topics, owned: partitions(owned), generation: generation,
            userData: StickyClaim(partitions(owned), generation: generation).data)
    }

    private func sticky(_ members: [AssignableMember], _ counts: [String: Int]) -> [String: String] {
        shares(Assignor.sticky.assign(members, AssignableTopics(counts: counts)))
    }

    @Test func `without a past it deals in turn`() {
        let both = ["t1", "t2"]
        let members = [AssignableMember("m1", topics: both), AssignableMember("m2", topics: both)]
        #expect(sticky(members, ["t1": 3, "t2": 3]) == ["m1": "t1-0 t1-2 t2-1", "m2": "t1-1 t2-0 t2-2"])
    }

    @Test func `members that want different things get as much as they can`() {
        let members = [
            AssignableMember("consumer1", topics: ["t1"]), AssignableMember("consumer2", topics: ["t1", "t2"]),
            AssignableMember("consumer3", topics: ["t1"]),
        ]
        #expect(
            sticky(members, ["t1": 3, "t2": 2])
                == ["consumer1": "t1-0 t1-2", "consumer2": "t2-0 t2-1", "consumer3": "t1-1"])
    }

    @Test func `who has its share keeps it and gets the odd one`() {
        let both = ["t1", "t2"]
        let members = [member("consumer1", both, "t1-0 t2-1"), member("consumer2", both, "t1-1 t2-2")]
        #expect(
            sticky(members, ["t1": 2, "t2": 3]) == ["consumer1": "t1-0 t2-1 t2-0", "consumer2": "t1-1 t2-2"])
    }

    @Test func `of two that have too much one gives up, and which is decided as in Kafka`() {
        let both = ["t1", "t2"]
        let members = [
            member("consumer1", both, "t1-0 t2-0"), member("consumer2", both, "t1-1 t2-1"), member("consumer3", both),
        ]
        #expect(
            sticky(members, ["t1": 2, "t2": 2]) == ["consumer1": "t1-0", "consumer2": "t1-1 t2-1", "consumer3": "t2-0"])
    }

    @Test func `all have too little`() {
        let both = ["t1", "t2"]
        let members = [member("consumer1", both, "t1-0"), member("consumer2", both, "t1-1"), member("consumer3", both)]
        #expect(
            sticky(members, ["t1": 2, "t2": 3])
                == ["consumer1": "t1-0 t2-1", "consumer2": "t1-1 t2-2", "consumer3": "t2-0"])
    }

    @Test func `two members come, then two go`() {
        let both = ["topic1", "topic2"]
        let counts = ["topic1": 3, "topic2": 4]
        let first = sticky(
            [AssignableMember("consumer1", topics: both), AssignableMember("consumer2", topics: both)], counts)
        #expect(
            first == ["consumer1": "topic1-0 topic1-2 topic2-1 topic2-3", "consumer2": "topic1-1 topic2-0 topic2-2"])
        let four = [
            member("consumer1", both, first["consumer1"] ?? ""), member("consumer2", both, first["consumer2"] ?? ""),
            member("consumer3", both), member("consumer4", both),
        ]
        let second = sticky(four, counts)
        #expect(
            second == [
                "consumer1": "topic1-0 topic2-1", "consumer2": "topic2-0 topic1-1", "consumer3": "topic1-2 topic2-3",
                "consumer4": "topic2-2",
            ])
        let two = ["consumer3", "consumer4"].map { member($0, both, second[$0] ?? "") }
        #expect(
            sticky(two, counts) == [
                "consumer3": "topic1-2 topic2-3 topic1-0 topic2-1", "consumer4": "topic2-2 topic1-1 topic2-0",
            ])
    }

    @Test func `the cooperative one first lets go what another gets`() {
        let both = ["t1", "t2"]
        let members = [
            member("consumer1", both, "t1-0 t2-0"), member("consumer2", both, "t1-1 t2-1"), member("consumer3", both),
        ]
        let topics = AssignableTopics(counts: ["t1": 2, "t2": 2])
        let first = shares(Assignor.cooperativeSticky.assign(members, topics))
        #expect(first == ["consumer1": "t1-0", "consumer2": "t1-1 t2-1", "consumer3": ""])
        let later = ["consumer1", "consumer2", "consumer3"].map { member($0, both, first[$0] ?? "", 2) }
        #expect(
            shares(Assignor.cooperativeSticky.assign(later, topics))
                == ["consumer1": "t1-0", "consumer2": "t1-1 t2-1", "consumer3": "t2-0"])
    }

    @Test func `of two that say they have the same one the newer generation is believed`() {
        let members = [member("consumer1", ["t"], "t-0 t-1", 1), member("consumer2", ["t"], "t-0", 2)]
        #expect(sticky(members, ["t": 2]) == ["consumer1": "t-1", "consumer2": "t-0"])
    }

    @Test func `nobody is believed who claims the same in the same generation`() {
        let members = [member("consumer1", ["t"], "t-0 t-1", 1), member("consumer2", ["t"], "t-0 t-2", 1)]
        let topics = AssignableTopics(counts: ["t": 3])
        let found = Assignor.cooperativeSticky.assign(members, topics)
        #expect(Set(found["consumer1"] ?? []).isSuperset(of: partitions("t-1")))
        #expect(Set(found["consumer2"] ?? []).isSuperset(of: partitions("t-2")))
        // It moves to neither as long as either may have it.
        #expect(!found.values.joined().contains(TopicPartition("t", 0)))
    }

    @Test func `user data has Kafka's bytes, and that without a generation is understood`() {
        let claim = StickyClaim(partitions("t-1 t-0"), generation: 7)
        #expect(
            claim.data == [0, 0, 0, 1, 0, 1, 0x74, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7])
        var member = AssignableMember("m", topics: ["t"], userData: claim.data)
        #expect(StickyClaim(eager: member) == claim)
        member.userData = claim.data.dropLast(4)
        #expect(StickyClaim(eager: member) == StickyClaim(claim.partitions, generation: nil))
        for count in 1..<claim.data.count - 4 {
            member.userData = Array(claim.data.prefix(count))
            #expect(StickyClaim(eager: member) == StickyClaim([], generation: -1))
        }
        #expect(StickyClaim.cooperativeData(generation: 3) == [0, 0, 0, 3])
    }

    @Test func `who wants nothing gets nothing`() {
        let members = [member("a", []), member("b", ["t"]), member("c", ["t"])]
        #expect(sticky(members, ["t": 3]) == ["a": "", "b": "t-0 t-2", "c": "t-1"])
    }

    @Test func `a partition that is gone is not waited for`() {
        let members = [member("consumer1", ["a", "b"], "a-0 a-9"), member("consumer2", ["a", "b"], "b-0")]
        #expect(sticky(members, ["a": 2, "b": 2]) == ["consumer1": "a-0 a-1", "consumer2": "b-0 b-1"])
    }
}

/// Racks and the sticky assignors (KIP-881), with Kafka's results.
@Suite struct StickyRackTests {
    private let counts = ["t1": 6, "t2": 7, "t3": 2]
    private let all = ["t1", "t2", "t3"]
    private let misplaced = [
        "t1-0 t1-1 t1-2 t1-3 t1-4", "t1-5 t2-0 t2-1 t2-2 t2-3", "t2-4 t2-5 t2-6 t3-0 t3-1",
    ]

    private func assign(
        _ assignor: Assignor, _ wishes: [[String]], owned: [String] = ["", "", ""], replicas: Int, racks: Int
    ) -> [String] {
        let members = wishes.indices.map {
            AssignableMember("consumer\($0)", topics: wishes[$0], owned: partitions(owned[$0]), rack: rackNames[$0])
        }
        let found = assignor.assign(members, topics(counts, replicas: replicas, racks: racks))
        return members.map { (found[$0.id] ?? []).sorted().map(\.description).joined(separator: " ") }
    }

    @Test func `all want the same`() {
        let expected = ["t1-0 t1-3 t2-0 t2-3 t2-6", "t1-1 t1-4 t2-1 t2-4 t3-0", "t1-2 t1-5 t2-2 t2-5 t3-1"]
        for assignor in [Assignor.sticky, .cooperativeSticky] {
            for (replicas, racks) in [(1, 3), (2, 3), (3, 2), (3, 3), (4, 4)] {
                #expect(assign(assignor, [all, all, all], replicas: replicas, racks: racks) == expected)
            }
        }
    }

    @Test func `what is far from its owner moves`() {
        #expect(
            assign(.cooperativeSticky, [all, all, all], owned: misplaced, replicas: 1, racks: 3)
                == ["t1-0 t1-3", "t2-1", "t2-5 t3-1"])
    }

    @Test func `some want less`() {
        let wishes = [all, all, ["t1", "t3"]]
        for assignor in [Assignor.sticky, .cooperativeSticky] {
            #expect(
                assign(assignor, wishes, replicas: 3, racks: 3)
                    == ["t1-5 t2-0 t2-2 t2-4 t2-6", "t1-3 t2-1 t2-3 t2-5 t3-0", "t1-0 t1-1 t1-2 t1-4 t3-1"])
            #expect(
                assign(assignor, wishes, replicas: 1, racks: 3)
                    == ["t1-3 t2-0 t2-2 t2-3 t2-6", "t1-4 t2-1 t2-4 t2-5 t3-0", "t1-0 t1-1 t1-2 t1-5 t3-1"])
            #expect(
                assign(assignor, wishes, replicas: 2, racks: 3)
                    == ["t1-3 t2-0 t2-2 t2-5 t2-6", "t1-0 t2-1 t2-3 t2-4 t3-0", "t1-1 t1-2 t1-4 t1-5 t3-1"])
            #expect(
                assign(assignor, wishes, replicas: 3, racks: 2)
                    == ["t1-5 t2-0 t2-2 t2-4 t2-6", "t1-3 t2-1 t2-3 t2-5 t3-0", "t1-0 t1-1 t1-2 t1-4 t3-1"])
        }
    }

    @Test func `some want less, and what they have is far`() {
        let wishes = [all, all, ["t1", "t3"]]
        let first = assign(.cooperativeSticky, wishes, owned: misplaced, replicas: 1, racks: 3)
        #expect(first == ["t1-3", "t2-1", "t3-1"])
        #expect(
            assign(.cooperativeSticky, wishes, owned: first, replicas: 1, racks: 3)
                == ["t1-3 t2-0 t2-2 t2-3 t2-6", "t1-4 t2-1 t2-4 t2-5 t3-0", "t1-0 t1-1 t1-2 t1-5 t3-1"])
    }

    @Test func `some want less, and racks do not matter`() {
        let wishes = [all, all, ["t1", "t3"]]
        let first = assign(.cooperativeSticky, wishes, owned: misplaced, replicas: 3, racks: 3)
        #expect(first == ["t1-2 t1-3 t1-4", "t2-0 t2-1 t2-2 t2-3", "t3-0 t3-1"])
        #expect(
            assign(.cooperativeSticky, wishes, owned: first, replicas: 3, racks: 3)
                == ["t1-2 t1-3 t1-4 t2-4 t2-5", "t2-0 t2-1 t2-2 t2-3 t2-6", "t1-0 t1-1 t1-5 t3-0 t3-1"])
    }
}

/// What must hold for any group.
@Suite struct AssignorPropertyTests {
    private struct Case {
        var members: [AssignableMember] = []
        var counts: [String: Int] = [:]
    }

    private func group(_ random: inout SeededRandom, equal: Bool) -> Case {
        var group = Case()
        let names = (0..<Int.random(in: 1...5, using: &random)).map { "topic-\($0)" }
        for name in names { group.counts[name] = Int.random(in: 0...9, using: &random) }
        for number in 0..<Int.random(in: 1...7, using: &random) {
            let wishes = equal ? names : names.filter { _ in Bool.random(using: &random) }
            var member = AssignableMember("member-\(number)-\(random.next() % 1000)", topics: wishes)
            if Bool.random(using: &random) { member.rack = rackNames[number % 3] }
            group.members.append(member)
        }
        return group
    }

    private func check(_ group: Case, _ found: [String: [TopicPartition]], all: Bool = true) {
        var seen: Set<TopicPartition> = []
        #expect(Set(found.keys) == Set(group.members.map(\.id)))
        for member in group.members {
            for partition in found[member.id] ?? [] {
                #expect(seen.insert(partition).inserted, "\(partition) is given twice")
                #expect(member.topics.contains(partition.topic))
                #expect(Int(partition.partition) < group.counts[partition.topic] ?? 0)
            }
        }
        guard all else { return }
        let wanted = Set(group.members.flatMap(\.topics))
        let expected = group.counts.filter { wanted.contains($0.key) }.values.reduce(0, +)
        #expect(seen.count == expected, "not all partitions are given")
    }

    /// Nobody has two more than somebody who could have one of them.
    private func checkBalance(_ group: Case, _ found: [String: [TopicPartition]]) {
        for member in group.members {
            let own = found[member.id]?.count ?? 0
            for other in group.members where (found[other.id]?.count ?? 0) > own + 1 {
                let movable = (found[other.id] ?? []).contains { member.topics.contains($0.topic) }
                #expect(!movable, "\(other.id) has more than \(member.id)")
            }
        }
    }

    private func topics(_ group: Case, _ random: inout SeededRandom) -> AssignableTopics {
        let replicas = Int.random(in: 1...3, using: &random)
        return AssignableTopics(
            group.counts.mapValues { count in
                (0..<count).map { partition in Set((0..<replicas).map { rackNames[(partition + $0) % 3] }) }
            })
    }

    @Test func `each partition goes to exactly one who wants it`() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<1500 {
            let group = group(&random, equal: Bool.random(using: &random))
            let topics = topics(group, &random)
            for assignor in Assignor.allCases { check(group, assignor.assign(group.members, topics)) }
        }
    }

    @Test func `the sticky ones are balanced, and stay so while members come and go`() {
        var random = SeededRandom(seed: 2)
        for round in 0..<700 {
            let equal = round % 2 == 0
            var group = group(&random, equal: equal)
            for index in group.members.indices { group.members[index].rack = nil }
            var found = Assignor.sticky.assign(group.members, AssignableTopics(counts: group.counts))
            for generation in Int32(1)...3 {
                check(group, found)
                checkBalance(group, found)
                let before = found
                if group.members.count > 1, Bool.random(using: &random) { group.members.removeLast() }
                for index in group.members.indices {
                    let share = found[group.members[index].id] ?? []
                    group.members[index].userData = StickyClaim(share, generation: generation).data
                }
                if Bool.random(using: &random), let wishes = group.members.first?.topics {
                    group.members.append(AssignableMember("new-\(round)-\(generation)", topics: wishes))
                }
                found = Assignor.sticky.assign(group.members, AssignableTopics(counts: group.counts))
                if equal { checkStickiness(group, before, found) }
            }
        }
    }

    /// With equal wishes, who keeps fewer than before has at least its share now.
    private func checkStickiness(
        _ group: Case, _ before: [String: [TopicPartition]], _ found: [String: [TopicPartition]]
    ) {
        let total = group.counts.values.reduce(0, +)
        let least = total / group.members.count
        for member in group.members {
            let old = Set(before[member.id] ?? [])
            let kept = old.intersection(found[member.id] ?? []).count
            #expect(kept >= min(old.count, least), "\(member.id) lost what it could have kept")
        }
    }

    @Test func `a cooperative group comes to rest, and never takes what another has`() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<700 {
            var group = group(&random, equal: Bool.random(using: &random))
            let topics = AssignableTopics(counts: group.counts)
            for index in group.members.indices { group.members[index].rack = nil }
            // A past in which the first half had everything.
            let half = Array(group.members.prefix((group.members.count + 1) / 2))
            let past = Assignor.sticky.assign(half, topics)
            for index in group.members.indices {
                group.members[index].owned = past[group.members[index].id] ?? []
                group.members[index].generation = 1
            }
            // Two rebalances are enough where all want the same; otherwise the second may find a better balance.
            let isEqual = group.members.allSatisfy { $0.topics == group.members.first?.topics }
            for round in 0..<(isEqual ? 3 : 6) {
                let found = Assignor.cooperativeSticky.assign(group.members, topics)
                check(group, found, all: false)
                for member in group.members {
                    let others = group.members.filter { $0.id != member.id }.flatMap(\.owned)
                    #expect(Set(found[member.id] ?? []).subtracting(member.owned).isDisjoint(with: others))
                }
                for index in group.members.indices {
                    group.members[index].owned = found[group.members[index].id] ?? []
                    group.members[index].generation = Int32(round + 2)
                }
            }
            let last = Assignor.cooperativeSticky.assign(group.members, topics)
            check(group, last)
            #expect(group.members.allSatisfy { Set(last[$0.id] ?? []) == Set($0.owned) }, "it does not come to rest")
        }
    }
}

/// Random numbers that are the same in every run.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
