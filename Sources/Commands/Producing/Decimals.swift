/// A number with so many digits behind the point, as `%.2f` prints it.
func decimals(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
    var scale: UInt64 = 1
    for _ in 0..<places { scale *= 10 }
    let magnitude = (abs(value) * Double(scale)).rounded(.toNearestOrAwayFromZero)
    guard magnitude < 1e18 else { return "\(value)" }
    let (whole, rest) = UInt64(magnitude).quotientAndRemainder(dividingBy: scale)
    let sign = value < 0 && magnitude > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(whole)" }
    let digits = String(rest)
    return "\(sign)\(whole)." + String(repeating: "0", count: places - digits.count) + digits
}
