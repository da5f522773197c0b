public import Posix

/// Why a server could not start.
public enum NetworkError: Error, Sendable, CustomStringConvertible {
    case resolve(host: String, reason: String)
    case bind(listener: String, address: String, Errno)
    case system(SystemError)

    public var description: String {
        switch self {
        case .resolve(let host, let reason): "cannot resolve host \(host): \(reason)"
        case .bind(let listener, let address, let errno): "listener \(listener) cannot bind \(address): \(errno)"
        case .system(let error): error.description
        }
    }
}
