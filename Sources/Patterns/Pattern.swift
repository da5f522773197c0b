/// A regular expression of the kind in which Kafka's tools take names of topics, `java.util.regex`, as far as a machine
/// without memory can follow it. It takes time in proportion to the text, whatever the pattern, so that a pattern from
/// anywhere may be tried on a text from anywhere.
public struct Pattern: Sendable {
    private let program: PatternProgram
    /// The only text that matches, if there is just one.
    private let literal: String?

    public init(_ text: String) throws(PatternError) {
        let node = try PatternParser.parse(text)
        program = try PatternProgram(node)
        literal = Self.literal(node)
    }

    /// The pattern of exactly this text.
    public init(literal text: String) throws(PatternError) {
        try self.init(
            text.unicodeScalars.reduce(into: "") { pattern, scalar in
                if scalar.isASCII, !ScalarSet.wordCharacters.contains(scalar.value) { pattern.append("\\") }
                pattern.unicodeScalars.append(scalar)
            })
    }

    private static func literal(_ node: PatternNode) -> String? {
        let parts: [PatternNode]
        if case .sequence(let sequence) = node { parts = sequence } else { parts = [node] }
        var text = ""
        for part in parts {
            guard case .one(let set) = part, set.ranges.count == 1, set.ranges[0].count == 1,
                let scalar = Unicode.Scalar(set.ranges[0].lowerBound)
            else { return nil }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    /// Whether the whole text is what the pattern describes.
    public func matches(_ text: String) -> Bool {
        var effort = 0
        return matches(text, effort: &effort)
    }

    /// The same for whoever has but so much time: adds to the effort about as many steps as it took.
    public func matches(_ text: String, effort: inout Int) -> Bool {
        // Two texts are the same here when their bytes are; for String they are when they look the same.
        if let literal {
            effort += 1
            return literal.utf8.elementsEqual(text.utf8)
        }
        return run(text, isAnchored: true, &effort)
    }

    /// Whether some part of the text is.
    public func isFound(in text: String) -> Bool {
        var effort = 0
        return run(text, isAnchored: false, &effort)
    }

    private func run(_ text: String, isAnchored: Bool, _ effort: inout Int) -> Bool {
        let scalars = text.unicodeScalars.map(\.value)
        effort += scalars.count + program.steps.count / 8
        var now = Places(count: program.steps.count)
        var later = Places(count: program.steps.count)
        var stack: [Int] = []
        for position in 0...scalars.count {
            if position == 0 || !isAnchored { reach(0, &now, &stack, scalars, position, &effort) }
            if now.isDone, !isAnchored || position == scalars.count { return true }
            guard position < scalars.count, !now.list.isEmpty || !isAnchored else { return false }
            effort += now.list.count
            for place in now.list {
                guard case .take(let set) = program.steps[place], program.sets[set].contains(scalars[position]) else {
                    continue
                }
                reach(place + 1, &later, &stack, scalars, position + 1, &effort)
            }
            swap(&now, &later)
            later.removeAll()
        }
        return false
    }

    /// The steps at which the machine is, each once.
    private struct Places {
        var list: [Int] = []
        var isDone = false
        private var seen: [UInt32]
        private var round: UInt32 = 1

        init(count: Int) { seen = Array(repeating: 0, count: count) }

        mutating func isNew(_ step: Int) -> Bool {
            guard seen[step] != round else { return false }
            seen[step] = round
            return true
        }

        mutating func removeAll() {
            list.removeAll(keepingCapacity: true)
            isDone = false
            round &+= 1
            if round == 0 {
                seen = Array(repeating: 0, count: seen.count)
                round = 1
            }
        }
    }

    /// Adds a step, and what can be reached from it without taking a character.
    private func reach(
        _ start: Int, _ places: inout Places, _ stack: inout [Int], _ scalars: [UInt32], _ position: Int,
        _ effort: inout Int
    ) {
        stack.append(start)
        while let step = stack.popLast() {
            effort += 1
            guard places.isNew(step) else { continue }
            switch program.steps[step] {
            case .take: places.list.append(step)
            case .done: places.isDone = true
            case .jump(let target): stack.append(target)
            case .split(let one, let other):
                stack.append(other)
                stack.append(one)
            case .assert(let assertion):
                if Self.holds(assertion, scalars, position) { stack.append(step + 1) }
            }
        }
    }

    private static func holds(_ assertion: PatternNode.Assertion, _ scalars: [UInt32], _ position: Int) -> Bool {
        switch assertion {
        case .start: position == 0
        case .end: position == scalars.count
        case .lineEnd: isAtLineEnd(scalars, position)
        case .wordBoundary: isAtWordBoundary(scalars, position)
        case .noWordBoundary: !isAtWordBoundary(scalars, position)
        }
    }

    private static func isAtLineEnd(_ scalars: [UInt32], _ position: Int) -> Bool {
        let left = scalars.count - position
        guard left > 0 else { return true }
        let isCarriageReturn = scalars[position] == 0x0d
        if left == 2 { return isCarriageReturn && scalars[position + 1] == 0x0a }
        guard left == 1, ScalarSet.lineTerminators.contains(scalars[position]) else { return false }
        return !(scalars[position] == 0x0a && position > 0 && scalars[position - 1] == 0x0d)
    }

    private static func isAtWordBoundary(_ scalars: [UInt32], _ position: Int) -> Bool {
        let before = position > 0 && ScalarSet.wordCharacters.contains(scalars[position - 1])
        let behind = position < scalars.count && ScalarSet.wordCharacters.contains(scalars[position])
        return before != behind
    }
}
