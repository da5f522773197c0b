/// The first bytes of something unexpected as `47 45 54 20 "GET "`, for a log line.
public func hexPreview(_ bytes: RawSpan, atMost limit: Int = 16) -> String {
    let shown = Array(bytes.extracting(first: min(limit, bytes.byteCount)))
    let hex = shown.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    let text = shown.map { (0x20..<0x7f).contains($0) ? String(UnicodeScalar($0)) : "." }.joined()
    return "\(hex) \"\(text)\""
}
