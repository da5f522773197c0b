import Glibc

/// A way of SCRAM, by its hash (RFC 5802, RFC 7677).
public enum SCRAMMechanism: Int8, Sendable, CaseIterable {
    case sha256 = 1
    case sha512 = 2

    public var name: String {
        switch self {
        case .sha256: "SCRAM-SHA-256"
        case .sha512: "SCRAM-SHA-512"
        }
    }

    public static let iterationsMin: Int32 = 4096
    public static let iterationsMax: Int32 = 16384
}

/// What SCRAM keeps in place of a password: PBKDF2 with HMAC, by the crypto library of the system. That is opened when a
/// password is set and not before, because every tool would otherwise pay for it at its start.
public enum SaltedPassword {
    /// Why there is none.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private static let libraries = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"]
    private static let saltBytes = 26

    private typealias Digest = @convention(c) () -> OpaquePointer?
    private typealias Derive =
        @convention(c) (
            UnsafePointer<CChar>?, CInt, UnsafePointer<UInt8>?, CInt, CInt, OpaquePointer?, CInt,
            UnsafeMutablePointer<UInt8>?
        ) -> CInt

    public static func salt() -> [UInt8] { (0..<saltBytes).map { _ in UInt8.random(in: .min ... .max) } }

    public static func derive(
        _ password: String, salt: [UInt8], iterations: Int32, _ mechanism: SCRAMMechanism
    ) throws(Failure) -> [UInt8] {
        guard let library = libraries.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
            throw Failure(description: "a password needs the library libcrypto of OpenSSL, which is not installed")
        }
        // The library stays loaded: it does not take well to being unloaded.
        let isLong = mechanism == .sha512
        guard let digestSymbol = dlsym(library, isLong ? "EVP_sha512" : "EVP_sha256"),
            let deriveSymbol = dlsym(library, "PKCS5_PBKDF2_HMAC")
        else { throw Failure(description: "libcrypto is too old to derive a key from a password") }
        let digest = unsafeBitCast(digestSymbol, to: Digest.self)
        let derive = unsafeBitCast(deriveSymbol, to: Derive.self)
        var key = [UInt8](repeating: 0, count: isLong ? 64 : 32)
        let characters = password.utf8.map { CChar(bitPattern: $0) }
        guard
            derive(
                characters, CInt(characters.count), salt, CInt(salt.count), iterations, digest(), CInt(key.count), &key)
                == 1
        else { throw Failure(description: "libcrypto refused to derive a key from the password") }
        return key
    }
}
