/// What SCRAM sends and keeps in place of a password: PBKDF2 with HMAC (RFC 5802).
public enum SaltedPassword {
    private static let saltBytes = 26

    private typealias Digest = @convention(c) () -> OpaquePointer?
    private typealias Derive =
        @convention(c) (
            UnsafePointer<CChar>?, CInt, UnsafePointer<UInt8>?, CInt, CInt, OpaquePointer?, CInt,
            UnsafeMutablePointer<UInt8>?
        ) -> CInt

    public static func salt() -> [UInt8] { (0..<saltBytes).map { _ in UInt8.random(in: .min ... .max) } }

    public static func derive(
        _ password: String, salt: [UInt8], iterations: Int32, _ hash: SCRAMHash
    ) throws(CryptoError) -> [UInt8] {
        let digest = try CryptoLibrary.function(hash.digestName, as: Digest.self)()
        let derive = try CryptoLibrary.function("PKCS5_PBKDF2_HMAC", as: Derive.self)
        var key = [UInt8](repeating: 0, count: hash.bytes)
        let characters = password.utf8.map { CChar(bitPattern: $0) }
        guard
            derive(
                characters, CInt(characters.count), salt, CInt(salt.count), iterations, digest, CInt(key.count), &key)
                == 1
        else { throw CryptoError(description: "libcrypto refused to derive a key from the password") }
        return key
    }
}
