import CommandLine
import KafkaModel
import Testing

@testable import Commands

struct ManualTests {
    /// Behind the indent of the text and that of the lines.
    private static let columnsMax = 80 - 7 - 2

    @Test(arguments: ["skafka-storage.7", "skafka-protocol.7"])
    func `lines that keep their places fit into eighty columns`(_ name: String) throws {
        let page = try #require(Generate.files("man")?.first { $0.name == name })
        var isLiteral = false
        for line in page.text.split(separator: "\n") {
            if line == ".nf" { isLiteral = true }
            if line == ".fi" { isLiteral = false }
            let shown = line.replacing("\\-", with: "-").replacing("\\&", with: "")
            #expect(!isLiteral || shown.count <= Self.columnsMax, "\(shown)")
        }
    }

    @Test func `the page of the protocol has every request and every error code`() {
        let page = ProtocolManual.page.roff
        for api in APIKey.allCases { #expect(page.contains(" \(api.name) "), "\(api.name)") }
        for code in ErrorCode.allCases { #expect(page.contains(" \(code.name)\n"), "\(code.name)") }
    }
}
