/// Durations as ISO 8601 writes them, in the part that settings use: `P1DT2H3M4.5S`, with a sign in front if need be.
public enum IsoDuration {
    /// Nil where the text is none.
    public static func milliseconds(_ text: String) -> Int64? {
        var rest = Substring(text.uppercased())
        var sign: Int64 = 1
        if rest.hasPrefix("-") { sign = -1 }
        if rest.hasPrefix("-") || rest.hasPrefix("+") { rest.removeFirst() }
        guard rest.popFirst() == "P", !rest.isEmpty else { return nil }
        var total: Int64 = 0
        if let days = take("D", from: &rest) { guard add(days, 86_400_000, to: &total) else { return nil } }
        if rest.isEmpty { return sign * total }
        guard rest.popFirst() == "T", !rest.isEmpty else { return nil }
        for (unit, milliseconds) in [("H", 3_600_000), ("M", 60_000), ("S", 1000)] as [(Character, Double)] {
            guard let number = take(unit, from: &rest) else { continue }
            guard add(number, milliseconds, to: &total) else { return nil }
        }
        return rest.isEmpty ? sign * total : nil
    }

    /// The number in front of a unit, if it is the next one.
    private static func take(_ unit: Character, from rest: inout Substring) -> Double? {
        let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "-" }
        guard !digits.isEmpty, digits.endIndex < rest.endIndex, rest[digits.endIndex] == unit,
            let number = Double(digits)
        else { return nil }
        rest = rest[rest.index(after: digits.endIndex)...]
        return number
    }

    private static func add(_ number: Double, _ milliseconds: Double, to total: inout Int64) -> Bool {
        let amount = (number * milliseconds).rounded()
        guard amount.magnitude < 1e17 else { return false }
        total += Int64(amount)
        return true
    }
}
