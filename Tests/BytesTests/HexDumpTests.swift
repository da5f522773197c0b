import Bytes
import Testing

@Suite struct HexDumpTests {
    @Test func `a preview shows bytes and letters, and not too many`() {
        #expect(hexPreview(Array("GET /".utf8).span.bytes, atMost: 4) == "47 45 54 20 \"GET \"")
        #expect(hexPreview([UInt8]([0, 0x7f, 0xa0]).span.bytes) == "00 7f a0 \"...\"")
        #expect(hexPreview([UInt8]().span.bytes) == " \"\"")
    }
}
