import CLinux
import CommandLine
import Glibc
import KafkaClient
import KafkaRecords
import Testing

@testable import Commands

struct ConsoleProducerTests {
    private static func arguments(_ words: [String]) throws -> Arguments {
        let all = ["--bootstrap-server", "localhost:1", "--topic", "t"] + words
        guard case .run(let arguments) = try Parser.parse(all, for: ConsoleProducer.declaration) else {
            throw UsageError("no arguments")
        }
        return arguments
    }

    private static func settings(_ words: [String], _ before: [String: String] = [:]) throws -> [String: String] {
        var properties = before
        ConsoleProducer.apply(try arguments(words), to: &properties)
        return properties
    }

    @Test func `options win over properties, and those over the defaults of the options`() throws {
        let plain = try Self.settings([])
        #expect(plain["linger.ms"] == "1000")
        #expect(plain["retries"] == "3")
        #expect(plain["acks"] == "-1")
        #expect(plain["request.timeout.ms"] == "1500")
        #expect(plain["compression.type"] == "none")
        #expect(try Self.settings([], ["linger.ms": "7"])["linger.ms"] == "7")
        #expect(try Self.settings(["--timeout", "9"], ["linger.ms": "7"])["linger.ms"] == "9")
        #expect(try Self.settings(["--compression-codec"])["compression.type"] == "gzip")
        #expect(try Self.settings(["--compression-codec", "zstd"])["compression.type"] == "zstd")
        #expect(try Self.settings(["--batch-size", "5"])["batch.size"] == "5")
        #expect(
            try Self.settings(["--batch-size", "5", "--max-partition-memory-bytes", "6"])["batch.size"] == "6")
    }

    private static func read(_ line: String, _ properties: [String: String]) throws -> String {
        let reader = try LineReader(try ReaderSettings(properties))
        var parts = RecordParts()
        let bytes = Array(line.utf8)
        do throws(LineError) {
            try reader.read(bytes.span.bytes, number: 3, into: &parts)
        } catch {
            return error.text
        }
        func text(_ range: Range<Int>?) -> String { range.map { String(decoding: bytes[$0], as: UTF8.self) } ?? "null" }
        return "\(text(parts.key))|\(text(parts.value))|\(parts.headers.count)"
    }

    @Test(
        arguments: [
            ("a b", [:], "null|a b|0"),
            ("", [:], "null||0"),
            ("k\tv\tw", ["parse.key": "true"], "k|v\tw|0"),
            ("k:=v", ["parse.key": "true", "key.separator": ":="], "k|v|0"),
            ("v", ["parse.key": "true"], "No key separator found on line number 3: 'v'"),
            ("v", ["parse.key": "true", "ignore.error": "true"], "null|v|0"),
            ("h1:v1,h2:v2\tk\tv", ["parse.key": "true", "parse.headers": "true"], "k|v|2"),
            ("h1:v1,h2:v2\tv", ["parse.headers": "true"], "null|v|2"),
            ("v", ["parse.headers": "true"], "No headers delimiter found on line number 3: 'v'"),
            (
                "h1\tv", ["parse.headers": "true"],
                "No header key separator found in pair 'h1' on line number 3"
            ),
            ("N\tN", ["parse.key": "true", "null.marker": "N"], "null|null|0"),
            ("N\tv", ["parse.headers": "true", "null.marker": "N"], "null|v|0"),
            (
                "N:v\tv", ["parse.headers": "true", "null.marker": "N"],
                "Header keys should not be equal to the null marker 'N' as they can't be null"
            ),
            ("a:1 ;  b:2\tv", ["parse.headers": "true", "headers.separator": " *; *"], "null|v|2"),
            ("a:1xxb:2xxx\tv", ["parse.headers": "true", "headers.separator": "x+"], "null|v|2"),
        ] as [(String, [String: String], String)])
    func `lines are taken apart as Kafka's reader does`(
        _ line: String, _ properties: [String: String], _ expected: String
    ) throws {
        #expect(try Self.read(line, properties) == expected)
    }

    @Test(
        arguments: [
            (["headers.delimiter": ","], "headers.delimiter and headers.separator may not be equal"),
            (["headers.delimiter": ":"], "headers.delimiter and headers.key.separator may not be equal"),
            (["headers.separator": ":"], "headers.separator and headers.key.separator may not be equal"),
            (["null.marker": "\t"], "null.marker and key.separator may not be equal"),
            (["null.marker": ","], "null.marker and headers.separator may not be equal"),
        ] as [([String: String], String)])
    func `separators have to differ`(_ properties: [String: String], _ message: String) throws {
        let error = try #require(throws: UsageError.self) { try ReaderSettings(properties) }
        #expect(error.message == message)
    }

    /// The pieces of a text that comes in blocks of some size.
    private static func pieces(_ text: String, separator: [UInt8] = [10], limit: Int = 100) throws -> [String] {
        var ends: [CInt] = [0, 0]
        try #require(linux_pipe(&ends) == 0)
        defer { close(ends[0]) }
        var bytes = Array(text.utf8)
        try #require(write(ends[1], &bytes, bytes.count) == bytes.count)
        close(ends[1])
        var blocks = LineBlocks(separator: separator, pieceBytesMax: limit)
        var found: [String] = []
        while true {
            let count = try blocks.read(ends[0])
            while true {
                var next = blocks.next()
                if case .none = next, count == 0 { next = blocks.last() }
                if case .piece(let range) = next {
                    found.append(LineReader.text(blocks.block.extracting(range)))
                } else if case .tooLong(let bytes) = next {
                    found.append("<\(bytes)>")
                } else {
                    break
                }
            }
            if count == 0 { return found }
        }
    }

    @Test func `lines end with a line feed, with or without a return, or with the input`() throws {
        #expect(try Self.pieces("a\nb\r\n\n\rc") == ["a", "b", "", "\rc"])
        #expect(try Self.pieces("a\n") == ["a"])
        #expect(try Self.pieces("") == [])
        #expect(try Self.pieces("a\0b\0\r\n\0", separator: [0]) == ["a", "b", "\r\n"])
        #expect(try Self.pieces("a--b-c---d", separator: Array("--".utf8)) == ["a", "b-c", "-d"])
    }

    @Test func `a piece longer than allowed is skipped whole, and those around it are not`() throws {
        let long = String(repeating: "x", count: 20_000)
        #expect(try Self.pieces("a\n\(long)\nb\n", limit: 100) == ["a", "<20000>", "b"])
        #expect(try Self.pieces(long, limit: 100) == ["<20000>"])
    }

    @Test func `hexadecimal digits and base64 are read, and nothing else`() {
        func hex(_ text: String) -> [UInt8]? { TextDecoding.hex(Array(text.utf8).span.bytes) }
        func base64(_ text: String) -> [UInt8]? { TextDecoding.base64(Array(text.utf8).span.bytes) }
        #expect(hex("00fF 1a") == [0, 255, 26])
        #expect(hex("0") == nil)
        #expect(hex("0 0") == nil)
        #expect(hex("zz") == nil)
        #expect(base64("/w==") == [255])
        #expect(base64("_w") == [255])
        #expect(base64("AAEC") == [0, 1, 2])
        #expect(base64("AAE=") == [0, 1])
        #expect(base64("A") == nil)
        #expect(base64("AA=A") == nil)
    }

    @Test func `records are read from JSON as they are printed`() throws {
        func record(_ text: String) throws -> JSONRecord { try JSONRecord(Array(text.utf8).span.bytes, number: 1) }
        let full = try record(
            #"{"topic":"x","offset":3,"timestamp":5,"key":"k","valueBase64":"/w==","headers":[{"key":"h","value":null}]}"#
        )
        #expect(full.key == [107])
        #expect(full.value == [255])
        #expect(full.timestamp == 5)
        #expect(full.headers.map(\.key) == ["h"])
        #expect(try record(#"{"value":null}"#).value == nil)
        #expect(throws: LineError(text: "No usable 'value' found on line number 1")) { try record(#"{"value":1}"#) }
        #expect(throws: LineError.self) { try record("{") }
        #expect(throws: LineError(text: "No JSON object found on line number 1")) { try record("[]") }
    }

    @Test func `what contradicts itself is refused`() throws {
        func problem(_ words: String...) -> String? {
            do {
                _ = try ConsoleProducer.Request(try Self.arguments(words))
                return nil
            } catch {
                return (error as? UsageError)?.message
            }
        }
        #expect(problem() == nil)
        #expect(problem("--input", "xml") == "'xml' is no form of input: text, hex, base64, binary or json")
        #expect(problem("--key", "k", "--tombstone") != nil)
        #expect(problem("--file", "x", "--input", "hex") != nil)
        #expect(problem("--line-reader", "a.B")?.hasPrefix("the reader 'a.B' cannot be loaded") == true)
        #expect(problem("--timestamp", "soon")?.hasPrefix("'soon' is no time") == true)
    }
}
