import KafkaModel

/// The sticky assignment of a group whose members all want the same topics.
///
/// Each member gets at least `least` partitions and `extras` of them one more. First everyone keeps what it had, up to
/// that; then, where racks matter, what is left goes to members that are near; then the rest goes round.
struct EvenStickyPlan {
    private let problem: StickyProblem
    private(set) var shares: [[Int]]
    /// Partitions that a member gets and another still has.
    private(set) var moving: [Int: Int] = [:]
    private var assigned: [Bool]
    private let least: Int
    private let most: Int
    private let extras: Int
    private var extrasGiven = 0
    /// Who had to give a partition up.
    private var formerOwner: [Int: Int] = [:]
    /// Members with fewer than `least`, and those with exactly so many that may get one more.
    private var hungry: [Int] = []
    private var content: [Int] = []

    init(_ problem: StickyProblem) {
        self.problem = problem
        shares = Array(repeating: [], count: problem.members.count)
        assigned = Array(repeating: false, count: problem.partitions.count)
        (least, extras) = problem.partitions.count.quotientAndRemainder(dividingBy: problem.members.count)
        most = extras > 0 ? least + 1 : least
    }

    mutating func run() {
        for member in problem.members.indices { keep(member) }
        hungry.sort { problem.ranks[$0] < problem.ranks[$1] }
        content.sort { problem.ranks[$0] < problem.ranks[$1] }
        var left = problem.partitions.indices.filter { !assigned[$0] }
        if problem.mindsRacks {
            left = sortedByNearMembers(left)
            left = dealNear(left)
        }
        dealRound(left)
        assert(hungry.allSatisfy { shares[$0].count == least }, "a member has less than its share")
    }

    private mutating func keep(_ member: Int) {
        var own: [Int] = []
        for partition in problem.owned[member] {
            if problem.isFar(member, partition) {
                formerOwner[partition] = member
            } else if !problem.disputed.contains(partition) {
                own.append(partition)
            }
        }
        let names = problem.partitions
        own.sort { (names[$0].partition, names[$0].topic) < (names[$1].partition, names[$1].topic) }
        if own.count < least {
            take(own[...], member)
            hungry.append(member)
            return
        }
        let hasExtra = own.count >= most && extrasGiven < extras
        let count = hasExtra ? most : least
        if hasExtra {
            extrasGiven += 1
            if extrasGiven == extras { content = [] }
        }
        take(own.prefix(count), member)
        for partition in own.dropFirst(count) { formerOwner[partition] = member }
        if !hasExtra, extrasGiven < extras { content.append(member) }
    }

    private mutating func take(_ partitions: ArraySlice<Int>, _ member: Int) {
        shares[member] += partitions
        for partition in partitions { assigned[partition] = true }
    }

    /// Those come first that few members are near to.
    private func sortedByNearMembers(_ partitions: [Int]) -> [Int] {
        var counts: [String: Int] = [:]
        for case let rack? in problem.memberRacks { counts[rack, default: 0] += 1 }
        let near = partitions.map { partition in
            problem.partitionRacks[partition].reduce(0) { $0 + counts[$1, default: 0] }
        }
        return partitions.indices.sorted { (near[$0], $0) < (near[$1], $1) }.map { partitions[$0] }
    }

    private mutating func dealNear(_ partitions: [Int]) -> [Int] {
        var left: [Int] = []
        var turn = 0
        for partition in partitions {
            if let found = firstNear(partition, hungry, from: turn) {
                let member = hungry[found]
                var next = found
                let count = shares[member].count + 1
                if count >= least {
                    hungry.remove(at: found)
                    if count < most, extrasGiven < extras { content.append(member) }
                } else {
                    next += 1
                }
                turn = hungry.isEmpty ? 0 : next % hungry.count
                give(partition, member)
            } else if let found = firstNear(partition, content, from: 0) {
                let member = content[found]
                if shares[member].count + 1 == most {
                    content.remove(at: found)
                    extrasGiven += 1
                    if extrasGiven == extras { content = [] }
                }
                give(partition, member)
            } else {
                left.append(partition)
            }
        }
        return left
    }

    private func firstNear(_ partition: Int, _ members: [Int], from start: Int) -> Int? {
        members.indices.lazy.map { (start + $0) % members.count }.first { place in
            problem.memberRacks[members[place]].map(problem.partitionRacks[partition].contains) ?? false
        }
    }

    private mutating func dealRound(_ partitions: [Int]) {
        var turn = 0
        for partition in partitions {
            let member: Int
            if hungry.isEmpty {
                guard !content.isEmpty else { return assertionFailure("partitions are left, and nobody may have them") }
                member = content.removeFirst()
            } else {
                if turn >= hungry.count { turn = 0 }
                member = hungry[turn]
                turn += 1
            }
            give(partition, member)
            if shares[member].count == least, turn > 0 {
                turn -= 1
                hungry.remove(at: turn)
                content.append(member)
            } else if shares[member].count == most {
                extrasGiven += 1
            }
        }
    }

    private mutating func give(_ partition: Int, _ member: Int) {
        shares[member].append(partition)
        let isTaken = formerOwner[partition].map { $0 != member } ?? false
        if isTaken || problem.disputed.contains(partition) { moving[partition] = member }
    }
}
