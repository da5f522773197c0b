import Bytes
import Posix

/// The values that the performance test sends.
enum PerfPayload {
    /// Random letters, for each record others.
    case random(Letters)
    /// One of the lines of a file, at random.
    case lines([[UInt8]])
    /// The number of the record.
    case monotonic

    /// A stretch of random capital letters from which each record takes a piece at another place, so that making a record
    /// costs nothing and yet no two that share a batch are alike.
    struct Letters {
        let bytes: [UInt8]
        let size: Int

        private static let variety = 1 << 20

        init(size: Int, seed: UInt64) {
            var state = seed | 1
            bytes = (0..<size + Self.variety).map { _ in
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return 65 + UInt8(truncatingIfNeeded: (state >> 33) % 26)
            }
            self.size = size
        }

        /// A step that is prime to the variety comes by every place.
        func start(of record: Int) -> Int { record &* 611_953 & (Self.variety - 1) }
    }

    /// Calls `body` with the value of a record.
    func with<Failure: Error>(_ record: Int, _ body: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        switch self {
        case .random(let letters):
            let start = letters.start(of: record)
            try body(letters.bytes.span.bytes.extracting(start..<start + letters.size))
        case .lines(let lines):
            let scattered = (UInt64(truncatingIfNeeded: record) &* 0x9e37_79b9_7f4a_7c15) >> 33
            let line = lines[Int(truncatingIfNeeded: scattered) % lines.count]
            try body(line.span.bytes)
        case .monotonic:
            let number = Array(String(record).utf8)
            try body(number.span.bytes)
        }
    }

    /// The values in a file.
    static func lines(_ path: String, delimiter: String) throws(PayloadFailure) -> [[UInt8]] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Disk.real.stream(path, limit: 1 << 30)
        } catch {
            throw PayloadFailure(text: "File does not exist or empty file provided. (\(error))")
        }
        guard !bytes.isEmpty else { throw PayloadFailure(text: "File does not exist or empty file provided.") }
        return split(bytes, at: Array(delimiter.utf8))
    }

    private static func split(_ bytes: [UInt8], at separator: [UInt8]) -> [[UInt8]] {
        guard !separator.isEmpty else { return [bytes] }
        var lines: [[UInt8]] = []
        var start = 0
        var position = 0
        while position + separator.count <= bytes.count {
            if bytes[position..<position + separator.count].elementsEqual(separator) {
                lines.append(Array(bytes[start..<position]))
                position += separator.count
                start = position
            } else {
                position += 1
            }
        }
        if start < bytes.count { lines.append(Array(bytes[start...])) }
        return lines
    }

    struct PayloadFailure: Error {
        let text: String
    }
}
