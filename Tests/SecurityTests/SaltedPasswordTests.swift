import Testing

@testable import Security

@Suite struct SaltedPasswordTests {
    @Test func `salted passwords as the RFCs have them`() throws {
        func hex(_ bytes: [UInt8]) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        // RFC 7914, section 11, and the example of RFC 7677.
        #expect(
            hex(try SaltedPassword.derive("passwd", salt: Array("salt".utf8), iterations: 1, .sha256))
                == "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")
        #expect(
            hex(try SaltedPassword.derive("password", salt: Array("salt".utf8), iterations: 1, .sha512))
                == "867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
                + "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce")
        #expect(try SaltedPassword.derive("", salt: Array("salt".utf8), iterations: 1, .sha256).count == 32)
    }
}
