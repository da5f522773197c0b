/// Reads a pattern of Java's kind. What Java knows and this does not, looking around, remembering what a group matched and
/// refusing to give back, is an error that says so.
struct PatternParser {
    private let text: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var ignoresCase = false
    private var dotTakesAll = false

    static let depthMax = 100
    static let repeatsMax = 1000

    static func parse(_ pattern: String) throws(PatternError) -> PatternNode {
        var parser = PatternParser(text: Array(pattern.unicodeScalars))
        let node = try parser.choice()
        guard parser.next == nil else { throw parser.error("Unmatched closing ')'") }
        return node
    }

    private init(text: [Unicode.Scalar]) { self.text = text }

    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private func next(_ distance: Int) -> Unicode.Scalar? {
        position + distance < text.count ? text[position + distance] : nil
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private func error(_ reason: String) -> PatternError { PatternError(reason: reason, position: position) }

    private mutating func choice() throws(PatternError) -> PatternNode {
        depth += 1
        guard depth <= Self.depthMax else { throw error("More than \(Self.depthMax) groups within each other") }
        defer { depth -= 1 }
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var parts: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if scalar == "\\", next(1) == "Q" {
                position += 1
                parts += quoted()
            } else {
                let atom = try atom(scalar)
                parts.append(try repetition(of: atom))
            }
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    /// `Q…\E`, what is behind a backslash, or to the end.
    private mutating func quoted() -> [PatternNode] {
        position += 1
        var parts: [PatternNode] = []
        while let scalar = next {
            if scalar == "\\", next(1) == "E" {
                position += 2
                break
            }
            parts.append(literal(scalar))
            position += 1
        }
        return parts
    }

    private func literal(_ scalar: Unicode.Scalar) -> PatternNode { one(of: ScalarSet(scalar)) }

    private func one(of set: ScalarSet) -> PatternNode { .one(of: ignoresCase ? set.ignoringCase : set) }

    private mutating func atom(_ scalar: Unicode.Scalar) throws(PatternError) -> PatternNode {
        switch scalar {
        case "*", "+", "?": throw error("Dangling meta character '\(scalar)'")
        case "{": throw error("Illegal repetition")
        case "(":
            position += 1
            return try group()
        case "[":
            position += 1
            return one(of: try characterClass())
        case "\\":
            position += 1
            return try escape()
        default: break
        }
        position += 1
        switch scalar {
        case ".": return .one(of: dotTakesAll ? .all : ScalarSet.lineTerminators.inverted)
        case "^": return .assertion(.start)
        case "$": return .assertion(.lineEnd)
        default: return literal(scalar)
        }
    }

    private mutating func repetition(of atom: PatternNode) throws(PatternError) -> PatternNode {
        var node = atom
        var isRepeated = false
        while let scalar = next {
            switch scalar {
            case "*", "+", "?":
                guard !isRepeated else { throw error("Dangling meta character '\(scalar)'") }
                position += 1
                node = .repeated(node, least: scalar == "+" ? 1 : 0, most: scalar == "?" ? 1 : nil)
            case "{":
                guard !isRepeated else { throw error("Illegal repetition") }
                position += 1
                node = try counted(node)
            default: return node
            }
            isRepeated = true
            // Whether as much or as little as possible is taken first makes no difference to whether it matches.
            if take("?") { continue }
            if next == "+" { throw error("Possessive repetition is not supported") }
        }
        return node
    }

    private mutating func counted(_ node: PatternNode) throws(PatternError) -> PatternNode {
        guard let least = try number() else { throw error("Illegal repetition") }
        var most: Int? = least
        if take(",") { most = try number() }
        guard take("}") else { throw error("Unclosed counted closure") }
        if let most, most < least { throw error("Illegal repetition range") }
        return .repeated(node, least: least, most: most)
    }

    private mutating func number() throws(PatternError) -> Int? {
        var number: Int?
        while let digit = next.flatMap({ ScalarSet.digits.contains($0.value) ? Int($0.value) - 0x30 : nil }) {
            number = (number ?? 0) * 10 + digit
            position += 1
            if let number, number > Self.repeatsMax { throw error("More than \(Self.repeatsMax) repetitions") }
        }
        return number
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        let flags = (ignoresCase, dotTakesAll)
        if take("?"), try !groupHead() { return .empty }
        let node = try choice()
        guard take(")") else { throw error("Unclosed group") }
        (ignoresCase, dotTakesAll) = flags
        return node
    }

    /// What is behind `(?`; false if it was flags for what follows, and so no group.
    private mutating func groupHead() throws(PatternError) -> Bool {
        switch next {
        case "=", "!": throw error("Looking ahead is not supported")
        case ">": throw error("Independent groups are not supported")
        case "<":
            if next(1) == "=" || next(1) == "!" { throw error("Looking behind is not supported") }
            position += 1
            let start = position
            while let scalar = next, ScalarSet.wordCharacters.contains(scalar.value), scalar != "_" { position += 1 }
            guard position > start, take(">") else { throw error("named capturing group is missing trailing '>'") }
            return true
        default: break
        }
        var isOn = true
        while let scalar = next {
            position += 1
            switch scalar {
            case ":": return true
            case ")": return false
            case "-": isOn = false
            case "i": ignoresCase = isOn
            case "s": dotTakesAll = isOn
            case "d", "m", "u", "x", "U":
                throw error("The flag '\(scalar)' is not supported")
            default: throw error("Unknown inline modifier")
            }
        }
        throw error("Unknown group type")
    }
}

/// Escapes and classes.
extension PatternParser {
    private mutating func escape() throws(PatternError) -> PatternNode {
        guard let scalar = next else { throw error("Unexpected internal error") }
        if let set = try setEscape() { return one(of: set) }
        switch scalar {
        case "1"..."9", "k": throw error("Referring back to a group is not supported")
        case "A":
            position += 1
            return .assertion(.start)
        case "Z":
            position += 1
            return .assertion(.lineEnd)
        case "z":
            position += 1
            return .assertion(.end)
        case "b":
            position += 1
            return .assertion(.wordBoundary)
        case "B":
            position += 1
            return .assertion(.noWordBoundary)
        case "R":
            position += 1
            return .choice([
                .sequence([.one(of: ScalarSet("\r")), .one(of: ScalarSet("\n"))]), .one(of: .verticalWhitespace),
            ])
        default: return literal(try scalarEscape())
        }
    }

    /// An escape that stands for several characters; nil if it is none.
    private mutating func setEscape() throws(PatternError) -> ScalarSet? {
        let set: ScalarSet
        switch next {
        case "d": set = .digits
        case "D": set = ScalarSet.digits.inverted
        case "w": set = .wordCharacters
        case "W": set = ScalarSet.wordCharacters.inverted
        case "s": set = .whitespace
        case "S": set = ScalarSet.whitespace.inverted
        case "h": set = .horizontalWhitespace
        case "H": set = ScalarSet.horizontalWhitespace.inverted
        case "v": set = .verticalWhitespace
        case "V": set = ScalarSet.verticalWhitespace.inverted
        case "p", "P":
            let isInverted = next == "P"
            position += 1
            let named = try property()
            return isInverted ? named.inverted : named
        default: return nil
        }
        position += 1
        return set
    }

    private mutating func property() throws(PatternError) -> ScalarSet {
        var name = ""
        if take("{") {
            while let scalar = next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}") else { throw error("Unclosed character family") }
        } else if let scalar = next {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard let set = ScalarSet.named(name) else { throw error("Unknown character property name {\(name)}") }
        return set
    }

    /// An escape that stands for one character.
    private mutating func scalarEscape() throws(PatternError) -> Unicode.Scalar {
        guard let scalar = next else { throw error("Illegal escape") }
        position += 1
        switch scalar {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{c}"
        case "a": return "\u{7}"
        case "e": return "\u{1b}"
        case "0": return try code(digits: 1...3, radix: 8)
        case "u": return try code(digits: 4...4, radix: 16)
        case "x":
            guard take("{") else { return try code(digits: 2...2, radix: 16) }
            let scalar = try code(digits: 1...6, radix: 16)
            guard take("}") else { throw error("Unclosed hexadecimal escape sequence") }
            return scalar
        case "c":
            guard let control = next, let code = Unicode.Scalar(control.value ^ 64) else {
                throw error("Illegal control escape sequence")
            }
            position += 1
            return code
        default:
            // Java keeps letters without a meaning for later.
            guard !ScalarSet.named("Alnum")!.contains(scalar.value) else {
                throw error("Illegal/unsupported escape sequence")
            }
            return scalar
        }
    }

    private mutating func code(digits: ClosedRange<Int>, radix: UInt32) throws(PatternError) -> Unicode.Scalar {
        var value: UInt32 = 0
        var count = 0
        while count < digits.upperBound, let digit = next.flatMap({ Character($0).hexDigitValue }), digit < radix {
            value = value * radix + UInt32(digit)
            count += 1
            position += 1
        }
        guard digits.contains(count), let scalar = Unicode.Scalar(value) else {
            throw error("Illegal escape of a character's code")
        }
        return scalar
    }

    /// What is behind `[`, up to its `]`. Classes within a class are added, `&&` keeps what both sides have.
    private mutating func characterClass() throws(PatternError) -> ScalarSet {
        depth += 1
        guard depth <= Self.depthMax else { throw error("More than \(Self.depthMax) classes within each other") }
        defer { depth -= 1 }
        let isInverted = take("^")
        var set = ScalarSet()
        var left: ScalarSet?
        var isEmpty = true
        while let scalar = next {
            if scalar == "]", !isEmpty {
                position += 1
                let whole = left.map { $0.intersection(set) } ?? set
                // With case ignored a letter outside the class must have its other case outside too.
                return isInverted ? (ignoresCase ? whole.ignoringCase : whole).inverted : whole
            }
            isEmpty = false
            if scalar == "&", next(1) == "&" {
                position += 2
                left = left.map { $0.intersection(set) } ?? set
                set = ScalarSet()
            } else if take("[") {
                set = set.union(try characterClass())
            } else {
                set = set.union(try classMember(scalar))
            }
        }
        throw error("Unclosed character class")
    }

    /// A character, an escape or a range.
    private mutating func classMember(_ scalar: Unicode.Scalar) throws(PatternError) -> ScalarSet {
        var first = scalar
        position += 1
        if scalar == "\\" {
            if next == "Q" {
                let quoted = quoted()
                return quoted.reduce(ScalarSet()) { if case .one(let set) = $1 { $0.union(set) } else { $0 } }
            }
            if let set = try setEscape() { return set }
            first = try scalarEscape()
        }
        guard next == "-", let end = next(1), end != "]", end != "[" else { return ScalarSet(first) }
        position += 1
        var last = end
        position += 1
        if end == "\\" { last = try scalarEscape() }
        guard first.value <= last.value else { throw error("Illegal character range") }
        return ScalarSet([first.value...last.value])
    }
}
