import Glibc

/// A hash that SCRAM works with (RFC 5802, RFC 7677). The raw values are those of Kafka's protocol and records.
public enum SCRAMHash: Int8, CaseIterable, Sendable {
    case sha256 = 1
    case sha512 = 2

    /// How many rounds a password must be salted with at least.
    public static let iterationsMin: Int32 = 4096
    public static let iterationsMax: Int32 = 16384

    /// Kafka's name of the way to authenticate.
    public var mechanism: String {
        switch self {
        case .sha256: "SCRAM-SHA-256"
        case .sha512: "SCRAM-SHA-512"
        }
    }

    var digestName: String {
        switch self {
        case .sha256: "EVP_sha256"
        case .sha512: "EVP_sha512"
        }
    }

    var bytes: Int {
        switch self {
        case .sha256: 32
        case .sha512: 64
        }
    }
}

/// What a server keeps of a password: enough to check one, not enough to log in with.
public struct SCRAMKeys: Sendable, Equatable {
    public let storedKey: [UInt8]
    public let serverKey: [UInt8]

    private typealias Digest = @convention(c) () -> OpaquePointer?
    private typealias KeyedHash =
        @convention(c) (
            OpaquePointer?, UnsafeRawPointer?, CInt, UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?,
            UnsafeMutablePointer<CUnsignedInt>?
        ) -> UnsafeMutablePointer<UInt8>?
    private typealias Hash =
        @convention(c) (
            UnsafeRawPointer?, Int, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<CUnsignedInt>?, OpaquePointer?,
            OpaquePointer?
        ) -> CInt

    /// From the salted password, which is what a client sends.
    public init(saltedPassword: [UInt8], _ hash: SCRAMHash) throws(CryptoError) {
        let digest = try CryptoLibrary.function(hash.digestName, as: Digest.self)()
        let keyedHash = try CryptoLibrary.function("HMAC", as: KeyedHash.self)
        let plainHash = try CryptoLibrary.function("EVP_Digest", as: Hash.self)
        func authenticated(_ text: String) throws(CryptoError) -> [UInt8] {
            var code = [UInt8](repeating: 0, count: hash.bytes)
            let bytes = Array(text.utf8)
            guard
                keyedHash(digest, saltedPassword, CInt(saltedPassword.count), bytes, bytes.count, &code, nil) != nil
            else { throw CryptoError(description: "libcrypto refused to compute an HMAC") }
            return code
        }
        let clientKey = try authenticated("Client Key")
        var stored = [UInt8](repeating: 0, count: hash.bytes)
        guard plainHash(clientKey, clientKey.count, &stored, nil, digest, nil) == 1 else {
            throw CryptoError(description: "libcrypto refused to compute a hash")
        }
        storedKey = stored
        serverKey = try authenticated("Server Key")
    }
}
