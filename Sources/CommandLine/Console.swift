import Glibc

/// Where a command talks: data goes to stdout, talk to stderr. A test gives a console that remembers instead.
public struct Console: Sendable {
    public enum Stream: Sendable { case output, errors }

    /// What became of bytes that were to be written.
    public enum Outcome: Sendable, Equatable {
        case written
        /// Nobody reads any more: the other end of the pipe is closed. No reason for talk.
        case closed
        case failed(reason: String)
    }

    private let sink: @Sendable (Stream, UnsafeRawBufferPointer) -> Outcome
    /// Whether somebody looks on while data is written, so that it should come line by line.
    public let isInteractive: Bool

    public init(
        isInteractive: Bool = false, bytes sink: @escaping @Sendable (Stream, UnsafeRawBufferPointer) -> Outcome
    ) {
        self.sink = sink
        self.isInteractive = isInteractive
    }

    public init(_ sink: @escaping @Sendable (Stream, String) -> Void) {
        self.init { stream, bytes in
            sink(stream, String(decoding: bytes, as: UTF8.self))
            return .written
        }
    }

    public static let standard = Console(isInteractive: isatty(1) == 1) { stream, bytes in
        writeAll(stream == .output ? 1 : 2, bytes)
    }

    /// A line of data.
    public func print(_ line: String) { write(line + "\n") }

    /// Text that has its line ends.
    public func write(_ text: String) { send(text, to: .output) }

    @discardableResult
    public func write(_ bytes: UnsafeRawBufferPointer) -> Outcome { sink(.output, bytes) }

    /// A line of talk.
    public func tell(_ line: String) { tellText(line + "\n") }

    public func tellText(_ text: String) { send(text, to: .errors) }

    private func send(_ text: String, to stream: Stream) {
        var text = text
        _ = text.withUTF8 { sink(stream, UnsafeRawBufferPointer($0)) }
    }
}

private func writeAll(_ descriptor: CInt, _ bytes: UnsafeRawBufferPointer) -> Console.Outcome {
    var rest = bytes
    while rest.count > 0 {
        let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if written < 0 {
            if errno == EINTR { continue }
            return errno == EPIPE ? .closed : .failed(reason: String(cString: strerror(errno)))
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[written...])
    }
    return .written
}

/// What a command ends with.
public struct ExitCode: RawRepresentable, Equatable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let done = ExitCode(rawValue: 0)
    public static let failed = ExitCode(rawValue: 1)
    public static let usage = ExitCode(rawValue: 2)
    public static let interrupted = ExitCode(rawValue: 130)
    /// What a shell sees of a program that wrote into a closed pipe and was ended by the signal for it.
    public static let brokenPipe = ExitCode(rawValue: 141)
}
