import Bytes
import Testing

@Suite struct UUIDTests {
    @Test func `the text is Kafka's, 22 characters of URL-safe base64`() {
        #expect(UUID.zero.description == "AAAAAAAAAAAAAAAAAAAAAA")
        #expect(UUID.metadataTopic.description == "AAAAAAAAAAAAAAAAAAAAAQ")
        #expect(UUID(high: .max, low: .max).description == "_____________________w")
    }

    @Test func `text and back`() {
        for _ in 0..<1000 {
            let id = UUID.random()
            #expect(UUID(id.description) == id)
            #expect(UUID(id.description + "==") == id)
            #expect(id.description.utf8.count == 22 && id.description.first != "-")
        }
    }

    @Test func `other text is no id`() {
        for text in [
            "", "A", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA+A",
            "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAAA=A",
        ] {
            #expect(UUID(text) == nil, "\(text)")
        }
    }

    @Test func `random ids are of version 4`() {
        let id = UUID.random()
        #expect(id.high >> 12 & 0xf == 4 && id.low >> 62 == 2)
    }

    @Test func `ids are ordered by their bits`() {
        #expect(UUID(high: 0, low: .max) < UUID(high: 1, low: 0))
        #expect(UUID(high: 1, low: 0) < UUID(high: 1, low: 1))
    }
}
