import CommandLine
import Glibc
import KafkaClient

/// What a line says: where key and value lie in it, and its headers.
struct RecordParts: ~Copyable {
    /// Nil is null.
    var key: Range<Int>?
    var value: Range<Int>?
    var headers = EncodedHeaders()
}

/// Why a line is no record, in Kafka's words.
struct LineError: Error, Equatable {
    let text: String
}

/// Takes a line apart: `headers⇥key⇥value`, as the reader's properties say.
struct LineReader {
    let settings: ReaderSettings
    private let splitter: HeaderSplitter

    init(_ settings: ReaderSettings) throws(UsageError) {
        self.settings = settings
        splitter = try HeaderSplitter(settings.headersSeparator)
    }

    /// - Parameter number: of the line, for errors.
    func read(_ line: RawSpan, number: Int, into parts: inout RecordParts) throws(LineError) {
        parts.headers.clear()
        var start = 0
        var headers: Range<Int>?
        var key: Range<Int>?
        if settings.parsesHeaders {
            headers = try part(line, start, settings.headersDelimiter, "headers delimiter", number)
            if let headers { start = headers.upperBound + settings.headersDelimiter.count }
        }
        if settings.parsesKey {
            key = try part(line, start, settings.keySeparator, "key separator", number)
            if let key { start = key.upperBound + settings.keySeparator.count }
        }
        let value = start..<line.byteCount
        parts.key = key.flatMap { isNull(line, $0) ? nil : $0 }
        parts.value = isNull(line, value) ? nil : value
        if let headers, !isNull(line, headers) { try readHeaders(line, headers, number, into: &parts) }
    }

    private func part(
        _ line: RawSpan, _ start: Int, _ separator: [UInt8], _ name: String, _ number: Int
    ) throws(LineError) -> Range<Int>? {
        if let end = Self.find(separator, in: line, from: start) { return start..<end }
        if settings.ignoresErrors { return nil }
        throw LineError(text: "No \(name) found on line number \(number): '\(Self.text(line))'")
    }

    private func isNull(_ line: RawSpan, _ range: Range<Int>) -> Bool {
        guard let marker = settings.nullMarker, marker.count == range.count else { return false }
        return line.extracting(range).withUnsafeBytes { $0.elementsEqual(marker) }
    }

    private func readHeaders(
        _ line: RawSpan, _ range: Range<Int>, _ number: Int, into parts: inout RecordParts
    ) throws(LineError) {
        let headers = line.extracting(range)
        for pair in splitter.split(headers) {
            let bytes = headers.extracting(pair)
            guard let separator = Self.find(settings.headerKeySeparator, in: bytes, from: 0) else {
                guard settings.ignoresErrors else {
                    throw LineError(
                        text: "No header key separator found in pair '\(Self.text(bytes))' on line number \(number)")
                }
                parts.headers.append(key: bytes, value: nil)
                continue
            }
            if isNull(bytes, 0..<separator) {
                let marker = String(decoding: settings.nullMarker ?? [], as: UTF8.self)
                throw LineError(
                    text: "Header keys should not be equal to the null marker '\(marker)' as they can't be null")
            }
            let value = separator + settings.headerKeySeparator.count..<bytes.byteCount
            if isNull(bytes, value) {
                parts.headers.append(key: bytes.extracting(0..<separator), value: nil)
            } else {
                parts.headers.append(key: bytes.extracting(0..<separator), value: bytes.extracting(value))
            }
        }
    }

    /// Where a text begins next; nil where it does not come.
    static func find(_ text: [UInt8], in bytes: RawSpan, from start: Int) -> Int? {
        guard bytes.byteCount - start >= text.count else { return nil }
        return bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var start = start
            while start + text.count <= buffer.count {
                guard let found = memchr(base + start, CInt(text[0]), buffer.count - text.count + 1 - start) else {
                    return nil
                }
                let place = UnsafeRawPointer(found) - base
                if UnsafeRawBufferPointer(start: found, count: text.count).elementsEqual(text) { return place }
                start = place + 1
            }
            return nil
        }
    }

    static func text(_ bytes: RawSpan) -> String { bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
