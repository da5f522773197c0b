import Glibc

/// Where a command talks: data goes to stdout, talk to stderr. A test gives a console that remembers instead.
public struct Console: Sendable {
    public enum Stream: Sendable { case output, errors }

    private let sink: @Sendable (Stream, String) -> Void

    public init(_ sink: @escaping @Sendable (Stream, String) -> Void) { self.sink = sink }

    public static let standard = Console { stream, text in
        writeAll(stream == .output ? 1 : 2, text)
    }

    /// A line of data.
    public func print(_ line: String) { sink(.output, line + "\n") }

    /// Text that has its line ends.
    public func write(_ text: String) { sink(.output, text) }

    /// A line of talk.
    public func tell(_ line: String) { sink(.errors, line + "\n") }

    public func tellText(_ text: String) { sink(.errors, text) }
}

private func writeAll(_ descriptor: CInt, _ text: String) {
    var text = text
    text.withUTF8 { utf8 in
        var rest = UnsafeRawBufferPointer(utf8)
        while rest.count > 0 {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }
}

/// What a command ends with.
public struct ExitCode: RawRepresentable, Equatable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let done = ExitCode(rawValue: 0)
    public static let failed = ExitCode(rawValue: 1)
    public static let usage = ExitCode(rawValue: 2)
    public static let interrupted = ExitCode(rawValue: 130)
}
