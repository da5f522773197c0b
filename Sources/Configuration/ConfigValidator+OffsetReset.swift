/// Where a consumer begins that has no offset: a name, or a duration back from now (KIP-1106).
extension ConfigValidator {
    static func offsetResetProblem(_ text: String) -> String? {
        if ["earliest", "latest", "none"].contains(text) || isDurationBack(text) { return nil }
        return "Invalid value `\(text)` for configuration auto.offset.reset. The value must be either 'earliest', "
            + "'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'."
    }

    static func shareOffsetResetProblem(_ text: String) -> String? {
        if ["earliest", "latest"].contains(text) || isDurationBack(text) { return nil }
        return "Invalid value `\(text)` for configuration share.auto.offset.reset. The value must be either "
            + "'earliest', 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'."
    }

    private static func isDurationBack(_ text: String) -> Bool {
        let prefix = "by_duration:"
        return text.hasPrefix(prefix) && isDuration(text.dropFirst(prefix.count))
    }

    /// `PnDTnHnMn.nS`: each unit at most once and in this order, at least one of them.
    private static func isDuration(_ text: Substring) -> Bool {
        var rest = text.lowercased().utf8[...]
        guard rest.popFirst() == UInt8(ascii: "p") else { return false }
        var units = Array("dthms".utf8)[...]
        var isTime = false
        var count = 0
        while let next = rest.first {
            if next == UInt8(ascii: "t") {
                guard !isTime, rest.count > 1, let index = units.firstIndex(of: next) else { return false }
                units = units[(index + 1)...]
                isTime = true
                rest.removeFirst()
                continue
            }
            let digits = rest.prefix(while: isDigit)
            rest = rest[digits.endIndex...]
            let hasFraction = rest.first == UInt8(ascii: ".")
            if hasFraction { rest = rest.dropFirst().drop(while: isDigit) }
            guard !digits.isEmpty, let unit = rest.popFirst(), let index = units.firstIndex(of: unit),
                isTime == (unit != UInt8(ascii: "d")), !hasFraction || unit == UInt8(ascii: "s")
            else { return false }
            units = units[(index + 1)...]
            count += 1
        }
        return count > 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
