import Bytes

/// The uniform assignor where members subscribe to different topics. What nobody has goes to the subscriber with the
/// least; then, topic by topic, partitions move from the subscribers with the most to those with the least, until a
/// round over all topics has changed nothing.
///
/// When any two subscribers of a topic have the same subscriptions, one round is enough and the result is even. With
/// subscriptions that overlap, it comes close: each round about halves what is left, and the rounds are limited.
struct MixedUniformAssignor {
    private static let roundsMax = 16

    private let problem: AssignmentProblem
    /// Members by topic, in order.
    private var subscribers: [[Int]]
    /// By topic and partition, -1 for nobody.
    private var owners: [[Int32]]
    /// How many partitions each member has.
    private var loads: [Int]

    static func assign(_ problem: AssignmentProblem) -> AssignmentAnswer {
        var assignor = MixedUniformAssignor(problem)
        assignor.assignFree()
        assignor.balance()
        return assignor.answer
    }

    private init(_ problem: AssignmentProblem) {
        self.problem = problem
        subscribers = Array(repeating: [], count: problem.topics.count)
        owners = problem.topics.map { Array(repeating: -1, count: $0.partitionCount) }
        loads = Array(repeating: 0, count: problem.members.count)
        for (index, member) in problem.members.enumerated() {
            for topic in member.topics { subscribers[topic].append(index) }
            let isSubscribed = PartitionOwners.flags(member.topics, count: problem.topics.count)
            for (topic, partitions) in member.current where isSubscribed[topic] {
                for partition in partitions where owners[topic][Int(partition)] == -1 {
                    owners[topic][Int(partition)] = Int32(index)
                    loads[index] += 1
                }
            }
        }
    }

    private var answer: AssignmentAnswer {
        var answer: AssignmentAnswer = Array(repeating: [:], count: problem.members.count)
        for (topic, owners) in owners.enumerated() {
            for (partition, owner) in owners.enumerated() where owner >= 0 {
                answer[Int(owner)][topic, default: []].append(Int32(partition))
            }
        }
        return answer
    }

    /// Topics with many partitions a subscriber first, then those with few subscribers: what is left for the last ones
    /// is easy to even out.
    private func ordered(_ topics: [Int]) -> [Int] {
        topics.sorted { left, right in
            let (lefts, rights) = (subscribers[left].count, subscribers[right].count)
            let leftShare = Double(problem.topics[left].partitionCount) / Double(lefts)
            let rightShare = Double(problem.topics[right].partitionCount) / Double(rights)
            if leftShare != rightShare { return leftShare > rightShare }
            return (lefts, left) < (rights, right)
        }
    }

    private mutating func give(_ topic: Int, _ partition: Int, to member: Int) {
        let before = owners[topic][partition]
        if before >= 0 { loads[Int(before)] -= 1 }
        owners[topic][partition] = Int32(member)
        loads[member] += 1
    }

    private mutating func assignFree() {
        let topics = problem.topics.indices.filter { !subscribers[$0].isEmpty && owners[$0].contains(-1) }
        for topic in ordered(topics) {
            var levels = LoadLevels(subscribers[topic], loads)
            for partition in owners[topic].indices where owners[topic][partition] == -1 {
                give(topic, partition, to: levels.nextLeast(loads))
            }
        }
    }

    private mutating func balance() {
        let topics = ordered(problem.topics.indices.filter { subscribers[$0].count > 1 })
        var lastMoved: Int?
        for _ in 0..<Self.roundsMax {
            for (place, topic) in topics.enumerated() {
                if place == lastMoved { return }
                let moved = balance(topic)
                if moved || lastMoved == nil { lastMoved = place }
            }
        }
    }

    /// Moves partitions of one topic. Answers whether any did.
    private mutating func balance(_ topic: Int) -> Bool {
        var levels = LoadLevels(subscribers[topic], loads)
        guard levels.imbalance > 1 else { return false }
        // The partitions of each member, the last of which goes first.
        var partitions: [Int32: [Int]] = [:]
        for (partition, owner) in owners[topic].enumerated() { partitions[owner, default: []].append(partition) }
        var hasMoved = false
        while true {
            var giver = levels.nextMost(loads)
            while let member = giver, partitions[Int32(member)]?.isEmpty ?? true {
                levels.exclude()
                giver = levels.nextMost(loads)
            }
            guard let giver, let partition = partitions[Int32(giver)]?.popLast() else { return hasMoved }
            let taker = levels.nextLeast(loads)
            if levels.isBalanced { return hasMoved }
            give(topic, partition, to: taker)
            hasMoved = true
        }
    }
}

/// The subscribers of a topic by their loads, as two groups that grow towards each other: those with the least, filled
/// up step by step, and those with the most, taken from step by step.
private struct LoadLevels {
    private var members: [Int]
    let imbalance: Int

    /// The first `leastEnd` members have reached the least level; `nextLeast` is the next of them to get a partition.
    private var leastEnd = 0
    private var leastLevel: Int
    private var leastNext = 0
    /// Those from `mostStart` to `mostEnd` have come down to the most level. Behind them are those that have nothing to
    /// give of this topic.
    private var mostStart: Int
    private var mostEnd: Int
    private var mostLevel: Int
    private var mostNext: Int

    init(_ members: [Int], _ loads: [Int]) {
        self.members = members.sorted { (loads[$0], $0) < (loads[$1], $1) }
        let least = self.members.first.map { loads[$0] } ?? 0
        let most = self.members.last.map { loads[$0] } ?? 0
        imbalance = most - least
        leastLevel = least - 1
        mostStart = members.count
        mostEnd = members.count
        mostLevel = most + 1
        mostNext = members.count - 1
    }

    var isBalanced: Bool { mostLevel - leastLevel <= 1 }

    /// There is at least one member.
    mutating func nextLeast(_ loads: [Int]) -> Int {
        if leastNext >= leastEnd {
            leastLevel += 1
            while leastEnd < members.count, loads[members[leastEnd]] == leastLevel { leastEnd += 1 }
            leastNext = 0
        }
        leastNext += 1
        return members[leastNext - 1]
    }

    mutating func nextMost(_ loads: [Int]) -> Int? {
        if mostNext < mostStart {
            // When all of the group were excluded, it begins anew at the next load below.
            if mostEnd <= mostStart, mostStart > 0 {
                mostLevel = loads[members[mostStart - 1]]
            } else {
                mostLevel -= 1
            }
            while mostStart > 0, loads[members[mostStart - 1]] == mostLevel { mostStart -= 1 }
            mostNext = mostEnd - 1
        }
        guard mostNext >= 0 else { return nil }
        mostNext -= 1
        return members[mostNext + 1]
    }

    /// Leaves out the member that `nextMost` answered last.
    mutating func exclude() {
        members.swapAt(mostNext + 1, mostEnd - 1)
        mostEnd -= 1
    }
}
