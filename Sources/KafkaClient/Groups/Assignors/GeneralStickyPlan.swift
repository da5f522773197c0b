import KafkaModel

/// The sticky assignment of a group whose members want different topics.
///
/// Everyone keeps what it had and still wants; what is left goes, topic by topic, those with few takers first, to the
/// member with the least; then partitions are moved from those with more to those with less, as long as that evens it out.
struct GeneralStickyPlan {
    private let problem: StickyProblem
    private(set) var shares: [[Int]]
    private var owner: [Int?]
    /// The members that want each topic.
    private let takers: [[Int]]
    /// All partitions that may be moved, those of topics with few takers first.
    private var order: [Int]
    /// Members by how much they have, then by id.
    private var ranking: [Int] = []
    private var movements = PartitionMovements()
    private var mustRevoke = false

    init(_ problem: StickyProblem) {
        self.problem = problem
        shares = problem.owned
        var owner = [Int?](repeating: nil, count: problem.partitions.count)
        for (member, own) in problem.owned.enumerated() { for partition in own { owner[partition] = member } }
        self.owner = owner
        let takers = problem.topicNames.indices.map { topic in
            problem.members.indices.filter { problem.wishes[$0].contains(topic) }
        }
        self.takers = takers
        order = problem.topicNames.indices.sorted { (takers[$0].count, $0) < (takers[$1].count, $1) }
            .flatMap { problem.ranges[$0] }
    }

    mutating func run() {
        var isKept = [Bool](repeating: false, count: problem.partitions.count)
        for member in shares.indices {
            let own = shares[member]
            shares[member] = own.filter { wants(member, $0) && !problem.isFar(member, $0) }
            if shares[member].count < own.count { mustRevoke = true }
            for partition in shares[member] { isKept[partition] = true }
        }
        ranking = Array(shares.indices)
        ranking.sort(by: isLess)
        balance(order.filter { !isKept[$0] })
    }

    private func wants(_ member: Int, _ partition: Int) -> Bool {
        problem.wishes[member].contains(problem.topicOf[partition])
    }

    private func isLess(_ left: Int, _ right: Int) -> Bool {
        (shares[left].count, problem.ranks[left]) < (shares[right].count, problem.ranks[right])
    }

    private mutating func balance(_ unassigned: [Int]) {
        let isFirst = ranking.last.map { shares[$0].isEmpty } ?? true
        var left = unassigned
        if problem.mindsRacks { left = left.filter { !give($0, .near) } }
        for partition in left { _ = give(partition, .any) }
        order.removeAll { takers[problem.topicOf[$0]].count < 2 }
        let new = unassigned.filter { takers[problem.topicOf[$0]].count >= 2 }
        let fixed = shares.indices.filter { !canTakePart($0) }
        ranking.removeAll(where: fixed.contains)
        let before = (shares: shares, owner: owner)
        // What comes new is moved first: what somebody has is left where it is if that is enough.
        if !mustRevoke { _ = move(new) }
        if move(order), !isFirst, score(shares) >= score(before.shares) { (shares, owner) = before }
    }

    private enum Choice { case any, near }

    /// Gives a partition to the first in the ranking that wants it.
    private mutating func give(_ partition: Int, _ choice: Choice) -> Bool {
        let place = ranking.firstIndex { wants($0, partition) && (choice == .any || !problem.isFar($0, partition)) }
        guard let place else { return false }
        let member = ranking.remove(at: place)
        shares[member].append(partition)
        owner[partition] = member
        rank(member)
        return true
    }

    /// Puts a member where it belongs now.
    private mutating func rank(_ member: Int) {
        var low = 0
        var high = ranking.count
        while low < high {
            let middle = (low + high) / 2
            if isLess(ranking[middle], member) { low = middle + 1 } else { high = middle }
        }
        ranking.insert(member, at: low)
    }

    private func maximum(of member: Int) -> Int { problem.wishes[member].reduce(0) { $0 + problem.ranges[$1].count } }

    /// A member that has all it wants, and nothing that another wants, is left alone.
    private func canTakePart(_ member: Int) -> Bool {
        shares[member].count < maximum(of: member)
            || shares[member].contains { takers[problem.topicOf[$0]].count >= 2 }
    }

    private var isBalanced: Bool {
        guard let first = ranking.first, let last = ranking.last else { return true }
        if shares[first].count >= shares[last].count - 1 { return true }
        // How much those have at most from whom a partition of a topic could be had.
        var most = [Int](repeating: 0, count: problem.topicNames.count)
        for member in ranking {
            for partition in shares[member] {
                let topic = problem.topicOf[partition]
                most[topic] = max(most[topic], shares[member].count)
            }
        }
        return ranking.allSatisfy { member in
            shares[member].count == maximum(of: member)
                || problem.wishes[member].allSatisfy { shares[member].count + 1 >= most[$0] }
        }
    }

    /// Moves partitions until that evens nothing out any more. Returns whether any was moved.
    private mutating func move(_ partitions: [Int]) -> Bool {
        var hasMoved = false
        while true {
            var isModified = false
            for partition in partitions {
                if isBalanced { break }
                if moveOne(partition) { isModified = true }
            }
            guard isModified else { return hasMoved }
            hasMoved = true
        }
    }

    private mutating func moveOne(_ partition: Int) -> Bool {
        guard let member = owner[partition] else { return false }
        if let former = problem.former[partition], wants(former, partition), ranking.contains(former),
            shares[member].count > shares[former].count + 1
        {
            move(partition, to: former)
            return true
        }
        // Whether there is a better one is all that counts here; it goes to the one with the least.
        let isBetter = takers[problem.topicOf[partition]].contains { shares[member].count > shares[$0].count + 1 }
        guard isBetter, let least = ranking.first(where: { wants($0, partition) }) else { return false }
        move(partition, to: least)
        return true
    }

    private mutating func move(_ partition: Int, to member: Int) {
        guard let from = owner[partition] else { return }
        let actual = movements.actual(problem.partitions[partition], from: from, to: member)
        let topic = problem.topicOf[partition]
        let moved = problem.ranges[topic].lowerBound + Int(actual.partition)
        guard let old = owner[moved] else { return }
        movements.move(actual, from: old, to: member)
        ranking.removeAll { $0 == old || $0 == member }
        shares[old].removeAll { $0 == moved }
        shares[member].append(moved)
        owner[moved] = member
        rank(member)
        if old != member { rank(old) }
    }

    /// How uneven it is: the differences of all pairs.
    private func score(_ shares: [[Int]]) -> Int {
        let counts = ranking.map { shares[$0].count }
        return counts.indices.reduce(0) { sum, first in
            counts[(first + 1)...].reduce(sum) { $0 + abs(counts[first] - $1) }
        }
    }
}
