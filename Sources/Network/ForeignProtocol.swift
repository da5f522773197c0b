import Bytes

/// What somebody speaks who does not speak ours, guessed from the first bytes, for the line that tells why a
/// connection was closed.
enum ForeignProtocol {
    static func name(of bytes: RawSpan) -> String? {
        let first = Array(bytes.extracting(first: min(4, bytes.byteCount)))
        guard first.count >= 2 else { return nil }
        if first[0] == 0x16 && first[1] == 0x03 { return "a TLS handshake" }
        let text = String(decoding: first, as: UTF8.self)
        switch text {
        case "GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI ": return "an HTTP request"
        case "HTTP": return "an HTTP response"
        case "SSH-": return "an SSH client"
        default: return nil
        }
    }

    static func describe(_ bytes: RawSpan) -> String {
        let kind = name(of: bytes).map { "looks like \($0)" } ?? "begins with"
        return "\(kind): \(hexPreview(bytes))"
    }
}
