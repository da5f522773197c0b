import Bytes

/// The uniform assignor where all members subscribe to the same topics: the numbers of partitions differ by one at
/// most, and no partition moves that need not.
enum UniformAssignor {
    static func assign(_ problem: AssignmentProblem) -> AssignmentAnswer {
        guard let topics = problem.members.first?.topics, !topics.isEmpty else {
            return Array(repeating: [:], count: problem.members.count)
        }
        let owners = PartitionOwners(problem)
        let isSubscribed = PartitionOwners.flags(topics, count: problem.topics.count)
        let total = topics.reduce(0) { $0 + problem.topics[$1].partitionCount }
        let (least, remainder) = total.quotientAndRemainder(dividingBy: problem.members.count)
        var unassigned = topics.flatMap { owners.free(of: $0) }
        var answer: AssignmentAnswer = []
        var roomy: [(member: Int, room: Int)] = []

        // What each may keep. `extras` members get one more than the rest: the first that have it already, and the last
        // ones when there are no others left.
        var extras = remainder
        for (index, member) in problem.members.enumerated() {
            var room = extras > 0 ? least + 1 : least
            var mayHaveExtra = extras > 0
            var kept: [Int: [Int32]] = [:]
            for (topic, partitions) in member.current where isSubscribed[topic] {
                let own = partitions.filter { owners.owner(of: topic, $0) == index }
                let keeping = own.prefix(room)
                if !keeping.isEmpty { kept[topic] = Array(keeping) }
                room -= keeping.count
                for partition in own.dropFirst(keeping.count) { unassigned.append((topic, partition)) }
            }
            if room > 0, mayHaveExtra, problem.members.count - index > extras {
                room -= 1
                mayHaveExtra = false
            }
            if mayHaveExtra { extras -= 1 }
            if room > 0 { roomy.append((index, room)) }
            answer.append(kept)
        }

        var next = unassigned.makeIterator()
        for (member, room) in roomy {
            for _ in 0..<room {
                guard let (topic, partition) = next.next() else { return answer }
                answer[member][topic, default: []].append(partition)
            }
        }
        return answer
    }
}

/// Whose each partition was to be. Where two were told to have it, the first one had it.
struct PartitionOwners {
    /// By topic and partition, -1 for nobody.
    private var owners: [[Int32]]

    init(_ problem: AssignmentProblem) {
        owners = problem.topics.map { Array(repeating: -1, count: $0.partitionCount) }
        for (index, member) in problem.members.enumerated() {
            for (topic, partitions) in member.current {
                for partition in partitions where owners[topic][Int(partition)] == -1 {
                    owners[topic][Int(partition)] = Int32(index)
                }
            }
        }
    }

    func owner(of topic: Int, _ partition: Int32) -> Int { Int(owners[topic][Int(partition)]) }

    func free(of topic: Int) -> [(topic: Int, partition: Int32)] {
        owners[topic].indices.compactMap { owners[topic][$0] == -1 ? (topic, Int32($0)) : nil }
    }

    static func flags(_ topics: [Int], count: Int) -> [Bool] {
        var flags = Array(repeating: false, count: count)
        for topic in topics { flags[topic] = true }
        return flags
    }
}
