import Glibc
import Testing

/// One recorded exchange with Kafka 3.9, see `Fixtures/README.md`.
struct GoldenFrame: CustomTestStringConvertible {
    let line: Int
    let api: Int16
    let version: Int16
    let client: String
    let request: [UInt8]
    let response: [UInt8]

    var testDescription: String { "line \(line): api \(api) v\(version) of \(client)" }

    static let all: [GoldenFrame] = {
        let path = #filePath.dropLast("GoldenFrames.swift".count)
        let text = contents(ofFile: path + "Fixtures/kafka-3.9-frames.jsonl") ?? ""
        return text.split(separator: "\n").enumerated().compactMap { index, line in
            guard case .object(let members)? = JSONValue(parsing: String(line)),
                let api = members["api"]?.integer, let version = members["version"]?.integer,
                let client = members["client"]?.string,
                let request = members["request"]?.string, let response = members["response"]?.string
            else { return nil }
            return GoldenFrame(
                line: index + 1, api: Int16(api), version: Int16(version), client: client,
                request: bytes(hex: request), response: bytes(hex: response))
        }
    }()
}

func contents(ofFile path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += chunk[..<count]
    }
}

func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { digit -> UInt8? in
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
