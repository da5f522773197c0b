/// Numbers with a fraction as Java prints them: plain from 10^-3 up to 10^7, otherwise with an exponent, and always with
/// a point.
enum JavaNumber {
    static func text(_ value: Double) -> String {
        value.isFinite ? text("\(value.magnitude)", isNegative: value.sign == .minus) : special("\(value)")
    }

    static func text(_ value: Float) -> String {
        value.isFinite ? text("\(value.magnitude)", isNegative: value.sign == .minus) : special("\(value)")
    }

    private static func special(_ text: String) -> String {
        switch text {
        case "inf": "Infinity"
        case "-inf": "-Infinity"
        default: "NaN"
        }
    }

    /// - Parameter plain: the shortest digits that mean the number, as Swift prints them: `123.45`, `1e-05`, `1.5e+16`.
    private static func text(_ plain: String, isNegative: Bool) -> String {
        let halves = plain.split(separator: "e")
        let parts = halves[0].split(separator: ".")
        var digits = String(parts[0]) + (parts.count > 1 ? String(parts[1]) : "")
        // The value is 0.DIGITS times ten to the power of `exponent`.
        var exponent = parts[0].count + (halves.count > 1 ? Int(halves[1]) ?? 0 : 0)
        while digits.hasPrefix("0"), digits.count > 1 {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
        let sign = isNegative ? "-" : ""
        if digits == "0" { return sign + "0.0" }
        if (-2...7).contains(exponent) { return sign + fixed(digits, exponent) }
        let fraction = digits.dropFirst()
        return "\(sign)\(digits.prefix(1)).\(fraction.isEmpty ? "0" : fraction)E\(exponent - 1)"
    }

    private static func fixed(_ digits: String, _ exponent: Int) -> String {
        if exponent <= 0 { return "0." + String(repeating: "0", count: -exponent) + digits }
        if digits.count <= exponent {
            return digits + String(repeating: "0", count: exponent - digits.count) + ".0"
        }
        return "\(digits.prefix(exponent)).\(digits.dropFirst(exponent))"
    }
}
