import Security
import Testing

struct SCRAMKeysTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { offset in
            let start = hex.index(hex.startIndex, offsetBy: offset)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16)
        }
    }

    // The password "pencil" with the salt of RFC 7677, 4096 times; computed by Python's hashlib and hmac.
    @Test func `keys of the example in RFC 7677`() throws {
        let keys = try SCRAMKeys(
            saltedPassword: Self.bytes("c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d"), .sha256)
        #expect(keys.storedKey == Self.bytes("586e5df283e6dceb5c3e791d8b8528ec191e664045ce971792e2e6b5bb13e2a6"))
        #expect(keys.serverKey == Self.bytes("c1f3cbc1c13a9d35a14c0990eed97629ea225863e566a4314ab99f3f00e5d9d5"))
    }

    @Test func `keys of the same password with the longer hash`() throws {
        let keys = try SCRAMKeys(
            saltedPassword: Self.bytes(
                "f16efe1be67f1d09502ebd5ed9262fddffba5a377ab4f0b687e5ed5ba0f50686"
                    + "b8a4ae166476da8ab3b951d2fa9238b63998f45461bc33a464814949cec9631d"), .sha512)
        #expect(
            keys.storedKey
                == Self.bytes(
                    "e8002e6f7d3ae446119b216933644dc2a2be7869eb918b8459b5e7d7d2ec1260"
                        + "6aceef106825cd735170a675fd3611f684affad1dce3f43a0ee43bd590e1dbbe"))
        #expect(
            keys.serverKey
                == Self.bytes(
                    "8d91db6230b5687874fe129bc7206e1858c3ae08e02934f57ac03b6b05a229c4"
                        + "59d28ff46f5c9611e6c179256490215ec1ff759cb0df285db89af0f99e613aac"))
    }

    @Test func `an empty password has keys too`() throws {
        #expect(try SCRAMKeys(saltedPassword: [], .sha256).storedKey.count == 32)
    }
}
