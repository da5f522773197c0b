import Glibc

/// An `errno`, with the text of the C library.
public struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: CInt

    public init(_ code: CInt) { self.code = code }

    /// The error of the call that just failed on this thread.
    public static var last: Errno { Errno(errno) }

    public static let noSuchFile = Errno(ENOENT)
    public static let exists = Errno(EEXIST)
    public static let wouldBlock = Errno(EAGAIN)
    public static let interrupted = Errno(EINTR)
    public static let noSpace = Errno(ENOSPC)
    public static let io = Errno(EIO)
    public static let readOnly = Errno(EROFS)
    public static let noPermission = Errno(EACCES)
    public static let tooManyOpenFiles = Errno(EMFILE)

    /// No room on the device, in a quota or below the limit of a file's size.
    public var isNoSpace: Bool { [ENOSPC, EDQUOT, EFBIG].contains(code) }

    /// The process or the system has no more of what an open file takes.
    public var isNoDescriptor: Bool { [EMFILE, ENFILE, ENOMEM].contains(code) }

    /// This path may not be used, whatever the state of the device.
    public var isForbidden: Bool { [EACCES, EPERM, ELOOP].contains(code) }

    public var description: String { String(cString: strerror(code)) }
}

/// A system call that failed: what was attempted, on what, and why.
public struct SystemError: Error, Sendable, CustomStringConvertible {
    public let operation: String
    public let subject: String
    public let errno: Errno

    public init(_ operation: String, _ subject: String, _ errno: Errno = .last) {
        self.operation = operation
        self.subject = subject
        self.errno = errno
    }

    public var description: String { "cannot \(operation) \(subject): \(errno)" }
}
