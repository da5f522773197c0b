import CLinux
import CommandLine
import Glibc

/// Splits the headers of a line at a regular expression. Most are plain text, which takes no expression.
final class HeaderSplitter {
    private let plain: [UInt8]?
    private var expression = regex_t()

    init(_ pattern: String) throws(UsageError) {
        let special = Set("\\^$.|?*+()[]{}".utf8)
        guard pattern.utf8.contains(where: special.contains) else {
            plain = Array(pattern.utf8)
            return
        }
        let result = regcomp(&expression, pattern, REG_EXTENDED)
        guard result == 0 else {
            var text = [CChar](repeating: 0, count: 256)
            regerror(result, &expression, &text, text.count)
            plain = []
            let reason = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw UsageError("headers.separator is no regular expression: \(reason)")
        }
        plain = nil
    }

    deinit { if plain == nil { regfree(&expression) } }

    /// The pieces between separators, those at the end left out that are empty.
    func split(_ bytes: RawSpan) -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        var start = 0
        var from = 0
        while let match = match(bytes, from: from) {
            // What matches nothing separates nothing.
            if match.isEmpty {
                from = match.upperBound + 1
                if from > bytes.byteCount { break }
                continue
            }
            pieces.append(start..<match.lowerBound)
            start = match.upperBound
            from = start
        }
        pieces.append(start..<bytes.byteCount)
        while pieces.count > 1, pieces.last?.isEmpty == true { pieces.removeLast() }
        return pieces
    }

    private func match(_ bytes: RawSpan, from: Int) -> Range<Int>? {
        guard from < bytes.byteCount else { return nil }
        if let plain { return LineReader.find(plain, in: bytes, from: from).map { $0..<$0 + plain.count } }
        return bytes.withUnsafeBytes { buffer in
            var place = regmatch_t(rm_so: regoff_t(from), rm_eo: regoff_t(buffer.count))
            let text = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let flags = REG_STARTEND | (from > 0 ? REG_NOTBOL : 0)
            guard let text, regexec(&expression, text, 1, &place, flags) == 0 else { return nil }
            return Int(place.rm_so)..<Int(place.rm_eo)
        }
    }
}
