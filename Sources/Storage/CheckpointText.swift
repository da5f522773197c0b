/// The form that Kafka's checkpoint files share: a line with the version 0, a line with the count, and so many lines.
enum CheckpointText {
    static func encode(_ lines: [String]) -> String {
        var text = "0\n\(lines.count)\n"
        for line in lines { text += line + "\n" }
        return text
    }

    /// The lines, or nil when version or count are wrong.
    static func decode(_ text: String) -> [Substring]? {
        // An empty file is what Kafka creates before its first write.
        if text.isEmpty { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.count >= 2, lines[0] == "0", let count = Int(lines[1]), lines.count == count + 2 else { return nil }
        return Array(lines.dropFirst(2))
    }
}
