import Bytes
import Testing

@testable import GroupCoordinator

/// The assignors of the broker, by example and by what must hold of every answer.
@Suite struct ServerAssignorTests {
    /// A question in letters: topics with their numbers of partitions, members with what they subscribe to.
    struct Question {
        var topics: [(name: String, partitions: Int)]
        var members: [(id: String, instance: String?, topics: [String])]

        func problem(_ current: [String: [String: [Int32]]] = [:]) -> AssignmentProblem {
            let isHomogeneous = members.allSatisfy { Set($0.topics) == Set(members[0].topics) }
            let asked = Set(members.flatMap(\.topics))
            var problem = AssignmentProblem(
                topics: topics.filter { asked.contains($0.name) }
                    .map { .init(id: Self.id($0.name), partitionCount: $0.partitions) },
                isHomogeneous: isHomogeneous)
            for member in members.sorted(by: { $0.id < $1.id }) {
                var held: PartitionsByTopic = [:]
                for (topic, partitions) in current[member.id] ?? [:] { held[Self.id(topic)] = partitions }
                problem.add(
                    id: member.id, instanceID: member.instance,
                    topics: member.topics.compactMap { problem.index(of: Self.id($0)) }.sorted(), current: held)
            }
            return problem
        }

        func answer(
            _ assignor: ServerAssignor, _ current: [String: [String: [Int32]]] = [:]
        ) -> [String: [String: [Int32]]] {
            let problem = problem(current)
            let answer = assignor.assign(problem)
            var told: [String: [String: [Int32]]] = [:]
            for (index, member) in problem.members.enumerated() {
                told[member.id] = [:]
                for (id, partitions) in problem.partitions(answer[index]) {
                    guard let topic = topics.first(where: { Self.id($0.name) == id }) else { continue }
                    told[member.id]?[topic.name] = partitions
                }
            }
            return told
        }

        static func id(_ name: String) -> UUID { UUID(high: 0, low: name.utf8.reduce(0) { $0 << 8 | UInt64($1) }) }
    }

    private let two = Question(
        topics: [("t", 3), ("u", 3)], members: [("a", nil, ["t", "u"]), ("b", nil, ["t", "u"])])

    @Test func `uniform fills up one member after the other`() {
        #expect(two.answer(.uniform) == ["a": ["t": [0, 1, 2]], "b": ["u": [0, 1, 2]]])
    }

    @Test func `range cuts every topic in the same places`() {
        #expect(two.answer(.range) == ["a": ["t": [0, 1], "u": [0, 1]], "b": ["t": [2], "u": [2]]])
    }

    @Test func `uniform takes from a member no more than the newcomer needs`() {
        var three = two
        let before = two.answer(.uniform)
        three.members.append(("c", nil, ["t", "u"]))
        let after = three.answer(.uniform, before)
        #expect(after == ["a": ["t": [0, 1]], "b": ["u": [0, 1]], "c": ["t": [2], "u": [2]]])
        #expect(two.answer(.uniform, after) == ["a": ["t": [0, 1, 2]], "b": ["u": [0, 1, 2]]])
    }

    @Test func `who has one more already keeps it`() {
        let question = Question(topics: [("t", 3)], members: [("a", nil, ["t"]), ("b", nil, ["t"])])
        let before = ["a": ["t": [Int32(0)]], "b": ["t": [Int32(1), 2]]]
        #expect(question.answer(.uniform, before) == before)
    }

    @Test func `more members than partitions leave some without`() {
        let question = Question(
            topics: [("t", 1)], members: [("a", nil, ["t"]), ("b", nil, ["t"]), ("c", nil, ["t"])])
        #expect(question.answer(.range) == ["a": ["t": [0]], "b": [:], "c": [:]])
        #expect(question.answer(.uniform, ["b": ["t": [0]]]) == ["a": [:], "b": ["t": [0]], "c": [:]])
    }

    @Test func `range puts static members first, by their instance`() {
        let question = Question(
            topics: [("t", 3)], members: [("a", nil, ["t"]), ("z", "1", ["t"]), ("y", "2", ["t"])])
        #expect(question.answer(.range) == ["z": ["t": [0]], "y": ["t": [1]], "a": ["t": [2]]])
    }

    @Test func `range gives a topic to its subscribers only`() {
        let question = Question(
            topics: [("t", 4), ("u", 4)], members: [("a", nil, ["t", "u"]), ("b", nil, ["t"])])
        #expect(question.answer(.range) == ["a": ["t": [0, 1], "u": [0, 1, 2, 3]], "b": ["t": [2, 3]]])
    }

    @Test func `uniform evens out what subscriptions allow`() {
        let question = Question(
            topics: [("t", 4), ("u", 4)], members: [("a", nil, ["t", "u"]), ("b", nil, ["t"])])
        #expect(question.answer(.uniform) == ["a": ["u": [0, 1, 2, 3]], "b": ["t": [0, 1, 2, 3]]])
        let lopsided = ["a": ["t": [Int32(0), 1, 2, 3], "u": [0, 1, 2, 3]], "b": [:]]
        #expect(question.answer(.uniform, lopsided) == ["a": ["u": [0, 1, 2, 3]], "b": ["t": [0, 1, 2, 3]]])
    }

    @Test func `a target that two share or that is not there does no harm`() {
        let question = Question(topics: [("t", 2)], members: [("a", nil, ["t"]), ("b", nil, ["t"])])
        let odd = ["a": ["t": [Int32(0), 1, 7]], "b": ["t": [0, -1, Int32.max], "gone": [1]]]
        for assignor in ServerAssignor.allCases {
            let answer = question.answer(assignor, odd)
            #expect(Set(answer.values.flatMap { $0["t"] ?? [] }) == [0, 1])
            #expect(answer.values.allSatisfy { $0["t"]?.count == 1 })
        }
    }

    @Test func `nobody and nothing is assigned to nobody`() {
        for assignor in ServerAssignor.allCases {
            #expect(Question(topics: [("t", 2)], members: []).answer(assignor) == [:])
            #expect(Question(topics: [], members: [("a", nil, ["t"])]).answer(assignor) == ["a": [:]])
        }
    }

    @Test(arguments: 0..<60)
    func `whatever is asked, each partition has one owner, loads are even and nothing moves without need`(seed: Int) {
        var random = SplitMix(UInt64(seed))
        var question = Question(topics: [], members: [])
        for index in 0..<Int.random(in: 1...6, using: &random) {
            question.topics.append(("t\(index)", Int.random(in: 0...20, using: &random)))
        }
        let names = question.topics.map(\.name)
        let isHomogeneous = seed % 2 == 0
        func subscription() -> [String] {
            isHomogeneous ? names : names.filter { _ in Bool.random(using: &random) }
        }
        for index in 0..<Int.random(in: 1...12, using: &random) {
            question.members.append(("m\(index)", nil, subscription()))
        }
        var current: [String: [String: [Int32]]] = [:]
        for _ in 0..<8 {
            for assignor in ServerAssignor.allCases {
                let answer = question.answer(assignor, current)
                check(question, answer)
                #expect(question.answer(assignor, answer) == answer, "the same question has the same answer")
            }
            let answer = question.answer(.uniform, current)
            if isHomogeneous {
                let loads = answer.values.map { $0.values.reduce(0) { $0 + $1.count } }
                #expect((loads.max() ?? 0) - (loads.min() ?? 0) <= 1)
                checkMoves(question, from: current, to: answer)
            }
            current = answer
            if Bool.random(using: &random), question.members.count > 1 {
                question.members.remove(at: Int.random(in: question.members.indices, using: &random))
            } else {
                question.members.append(("n\(UInt32.random(in: 0...9999, using: &random))", nil, subscription()))
            }
        }
    }

    private func check(_ question: Question, _ answer: [String: [String: [Int32]]]) {
        for topic in question.topics {
            let subscribers = question.members.filter { $0.topics.contains(topic.name) }.map(\.id)
            let owned = answer.flatMap { member, topics in (topics[topic.name] ?? []).map { (member, $0) } }
            #expect(owned.allSatisfy { subscribers.contains($0.0) })
            let expected = subscribers.isEmpty ? [] : (0..<topic.partitions).map(Int32.init)
            #expect(owned.map(\.1).sorted() == expected)
        }
    }

    /// A member may lose only what is above the share of the others.
    private func checkMoves(
        _ question: Question, from before: [String: [String: [Int32]]], to after: [String: [String: [Int32]]]
    ) {
        let total = question.topics.reduce(0) { $0 + $1.partitions }
        let least = total / question.members.count
        for (member, topics) in after {
            let had = before[member] ?? [:]
            let count = had.values.reduce(0) { $0 + $1.count }
            let kept = topics.reduce(0) { $0 + Set($1.value).intersection(had[$1.key] ?? []).count }
            #expect(kept >= min(count, least))
        }
    }
}

/// Random numbers that are the same every time.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
