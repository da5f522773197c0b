/// A pattern as steps of a machine that can be at many of them at once: its time is bounded by the length of the text
/// times the number of steps, whatever the pattern.
struct PatternProgram: Sendable {
    enum Step: Equatable, Sendable {
        /// Takes a character that is in the set with this number.
        case take(set: Int)
        case assert(PatternNode.Assertion)
        case jump(Int)
        case split(Int, Int)
        case done
    }

    private(set) var steps: [Step] = []
    private(set) var sets: [ScalarSet] = []
    /// The numbers of the sets.
    private var numbers: [ScalarSet: Int] = [:]
    /// Rounds of compiling, which also bounds what repeats of nothing cost.
    private var effort = 0

    static let effortMax = 20_000

    init(_ node: PatternNode) throws(PatternError) {
        try add(node)
        steps.append(.done)
        numbers = [:]
    }

    private mutating func add(_ node: PatternNode) throws(PatternError) {
        effort += 1
        guard effort <= Self.effortMax else { throw PatternError(reason: "The pattern repeats too much", position: 0) }
        switch node {
        case .empty: break
        case .one(let set):
            let number = numbers[set] ?? sets.count
            if number == sets.count {
                sets.append(set)
                numbers[set] = number
            }
            steps.append(.take(set: number))
        case .assertion(let assertion): steps.append(.assert(assertion))
        case .sequence(let parts): for part in parts { try add(part) }
        case .choice(let choices): try add(choices: choices)
        case .repeated(let node, let least, let most):
            for _ in 0..<least { try add(node) }
            if let most {
                try add(node, upTo: most - least)
            } else {
                let split = steps.count
                steps.append(.split(split + 1, 0))
                try add(node)
                steps.append(.jump(split))
                steps[split] = .split(split + 1, steps.count)
            }
        }
    }

    private mutating func add(choices: [PatternNode]) throws(PatternError) {
        var ends: [Int] = []
        for (index, choice) in choices.enumerated() {
            let split = steps.count
            let isLast = index == choices.count - 1
            if !isLast { steps.append(.split(split + 1, 0)) }
            try add(choice)
            guard !isLast else { continue }
            ends.append(steps.count)
            steps.append(.jump(0))
            steps[split] = .split(split + 1, steps.count)
        }
        for end in ends { steps[end] = .jump(steps.count) }
    }

    /// The node so often or less: each round may be the end.
    private mutating func add(_ node: PatternNode, upTo count: Int) throws(PatternError) {
        var splits: [Int] = []
        for _ in 0..<count {
            splits.append(steps.count)
            steps.append(.split(0, 0))
            try add(node)
        }
        for split in splits { steps[split] = .split(split + 1, steps.count) }
    }
}
