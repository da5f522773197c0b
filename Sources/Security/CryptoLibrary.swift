import Glibc

/// The crypto library of the system, OpenSSL's libcrypto. It is opened when something needs it and not before, because
/// every start of the executable would otherwise pay for it; once opened it stays.
enum CryptoLibrary {
    private static let names = ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"]

    static func function<Function>(_ name: String, as _: Function.Type) throws(CryptoError) -> Function {
        guard let library = names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
            throw CryptoError(description: "the library libcrypto of OpenSSL is not installed")
        }
        guard let symbol = dlsym(library, name) else {
            throw CryptoError(description: "the installed libcrypto has no \(name)")
        }
        return unsafeBitCast(symbol, to: Function.self)
    }
}

/// Why a key cannot be computed on this machine.
public struct CryptoError: Error, Sendable, CustomStringConvertible {
    public let description: String
}
