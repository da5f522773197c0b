/// A set of Unicode scalars: ranges in their order, none touching the next.
struct ScalarSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    static let last: UInt32 = 0x10ffff
    static let all = ScalarSet([0...last])

    init(_ ranges: [ClosedRange<UInt32>] = []) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let before = self.ranges.last,
                range.lowerBound <= before.upperBound || range.lowerBound == before.upperBound + 1
            {
                self.ranges[self.ranges.count - 1] = before.lowerBound...max(before.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    init(_ scalars: Unicode.Scalar...) { self.init(scalars.map { $0.value...$0.value }) }

    func contains(_ scalar: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= scalar
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= Self.last { gaps.append(next...Self.last) }
        return ScalarSet(gaps)
    }

    func intersection(_ other: ScalarSet) -> ScalarSet { inverted.union(other.inverted).inverted }

    /// With the other case of each ASCII letter, which is what Java's flag `i` means.
    var ignoringCase: ScalarSet {
        var more = ranges
        for range in ranges {
            let upper = range.clamped(to: 0x41...0x5a)
            if range.overlaps(0x41...0x5a) { more.append((upper.lowerBound + 32)...(upper.upperBound + 32)) }
            let lower = range.clamped(to: 0x61...0x7a)
            if range.overlaps(0x61...0x7a) { more.append((lower.lowerBound - 32)...(lower.upperBound - 32)) }
        }
        return ScalarSet(more)
    }
}

/// The sets that have a name in a pattern.
extension ScalarSet {
    static let digits = ScalarSet([0x30...0x39])
    static let wordCharacters = ScalarSet([0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
    static let whitespace = ScalarSet([0x09...0x0d, 0x20...0x20])
    static let horizontalWhitespace = ScalarSet([
        0x09...0x09, 0x20...0x20, 0xa0...0xa0, 0x1680...0x1680, 0x180e...0x180e, 0x2000...0x200a, 0x202f...0x202f,
        0x205f...0x205f, 0x3000...0x3000,
    ])
    static let verticalWhitespace = ScalarSet([0x0a...0x0d, 0x85...0x85, 0x2028...0x2029])
    static let lineTerminators = ScalarSet([0x0a...0x0a, 0x0d...0x0d, 0x85...0x85, 0x2028...0x2029])

    /// What `\p{name}` stands for; nil if the name is none.
    static func named(_ name: String) -> ScalarSet? {
        switch name {
        case "Lower": ScalarSet([0x61...0x7a])
        case "Upper": ScalarSet([0x41...0x5a])
        case "ASCII": ScalarSet([0...0x7f])
        case "Alpha": ScalarSet([0x41...0x5a, 0x61...0x7a])
        case "Digit": digits
        case "Alnum": ScalarSet([0x30...0x39, 0x41...0x5a, 0x61...0x7a])
        case "Punct": ScalarSet([0x21...0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e])
        case "Graph": ScalarSet([0x21...0x7e])
        case "Print": ScalarSet([0x20...0x7e])
        case "Blank": ScalarSet("\t", " ")
        case "Cntrl": ScalarSet([0...0x1f, 0x7f...0x7f])
        case "XDigit": ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
        case "Space": whitespace
        default: category(name.hasPrefix("Is") ? String(name.dropFirst(2)) : name)
        }
    }

    /// A general category of Unicode, `Lu`, or all that begin with a letter, `L`.
    private static func category(_ name: String) -> ScalarSet? {
        guard (1...2).contains(name.utf8.count), categories.contains(where: { $0.value.hasPrefix(name) }) else {
            return nil
        }
        var found: [ClosedRange<UInt32>] = []
        for value in 0...last {
            guard let scalar = Unicode.Scalar(value), let word = categories[scalar.properties.generalCategory],
                word.hasPrefix(name)
            else { continue }
            if let before = found.last, before.upperBound + 1 == value {
                found[found.count - 1] = before.lowerBound...value
            } else {
                found.append(value...value)
            }
        }
        return ScalarSet(found)
    }

    private static let categories: [Unicode.GeneralCategory: String] = [
        .uppercaseLetter: "Lu", .lowercaseLetter: "Ll", .titlecaseLetter: "Lt", .modifierLetter: "Lm",
        .otherLetter: "Lo", .nonspacingMark: "Mn", .spacingMark: "Mc", .enclosingMark: "Me", .decimalNumber: "Nd",
        .letterNumber: "Nl", .otherNumber: "No", .connectorPunctuation: "Pc", .dashPunctuation: "Pd",
        .openPunctuation: "Ps", .closePunctuation: "Pe", .initialPunctuation: "Pi", .finalPunctuation: "Pf",
        .otherPunctuation: "Po", .mathSymbol: "Sm", .currencySymbol: "Sc", .modifierSymbol: "Sk", .otherSymbol: "So",
        .spaceSeparator: "Zs", .lineSeparator: "Zl", .paragraphSeparator: "Zp", .control: "Cc", .format: "Cf",
    ]
}
