import Glibc
import Posix
import Synchronization
import Timing

/// The broker's log: one line an event, on stderr or in a file, in the layout that Kafka's users grep for:
///
///     [2026-01-31 23:59:59,123] INFO [Broker id=1] Awaiting socket connections on 0.0.0.0:9092. (skafka.Network)
///
/// Each line leaves in one `write`, so lines of several threads never mix and a crash loses none. Control
/// characters of what outsiders sent are escaped, so nobody can forge a line.
public struct Log: Sendable {
    public enum Level: UInt8, Comparable, CaseIterable, Sendable {
        case trace, debug, info, warn, error, fatal

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

        public var name: String {
            switch self {
            case .trace: "TRACE"
            case .debug: "DEBUG"
            case .info: "INFO"
            case .warn: "WARN"
            case .error: "ERROR"
            case .fatal: "FATAL"
            }
        }
    }

    /// The part of the program that speaks, shown at the end of the line.
    public let category: String
    /// A prefix in brackets, such as `[Broker id=1]`.
    public var prefix: String

    public init(_ category: String, prefix: String = "") {
        self.category = category
        self.prefix = prefix.isEmpty ? "" : prefix + " "
    }

    public func debug(_ message: @autoclosure () -> String) { write(.debug, message) }
    public func info(_ message: @autoclosure () -> String) { write(.info, message) }
    public func warn(_ message: @autoclosure () -> String) { write(.warn, message) }
    public func error(_ message: @autoclosure () -> String) { write(.error, message) }
    public func fatal(_ message: @autoclosure () -> String) { write(.fatal, message) }

    private func write(_ level: Level, _ message: () -> String) {
        guard LogSink.shared.admits(level) else { return }
        let time = CalendarTime(Clock.system.timestamp).logForm
        LogSink.shared.write("[\(time)] \(level.name) \(prefix)\(escapingControls(message())) (skafka.\(category))\n")
    }
}

/// Where lines go: stderr until a file is named. `reopen` opens the same name again, after a log rotator moved it.
public final class LogSink: Sendable {
    public static let shared = LogSink()

    private struct State {
        var descriptor: CInt = 2
        var path: String?
    }

    private let threshold = Atomic<UInt8>(Log.Level.info.rawValue)
    private let state = Guarded(State())

    public var level: Log.Level {
        get { Log.Level(rawValue: threshold.load(ordering: .relaxed)) ?? .info }
        set { threshold.store(newValue.rawValue, ordering: .relaxed) }
    }

    func admits(_ level: Log.Level) -> Bool { level.rawValue >= threshold.load(ordering: .relaxed) }

    /// Sends lines to a file from now on; returns errno when it cannot be opened, and stays where it was.
    public func open(path: String) -> CInt? {
        let descriptor = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return errno }
        state.withLock { state in
            if state.descriptor != 2 { close(state.descriptor) }
            state = State(descriptor: descriptor, path: path)
        }
        return nil
    }

    /// Whether lines go to a file.
    public var hasFile: Bool { state.withLock { $0.path != nil } }

    public func reopen() -> CInt? {
        guard let path = state.withLock({ $0.path }) else { return nil }
        return open(path: path)
    }

    func write(_ line: String) {
        var line = line
        state.withLock { state in
            line.withUTF8 { utf8 in
                var rest = UnsafeRawBufferPointer(utf8)
                while rest.count > 0 {
                    let written = Glibc.write(state.descriptor, rest.baseAddress, rest.count)
                    if written < 0 && errno == EINTR { continue }
                    guard written > 0 else { return }
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                }
            }
        }
    }
}

/// Makes text from outside safe for a line: control characters become `\xNN`.
public func escapingControls(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return text }
    var safe = ""
    for scalar in text.unicodeScalars {
        if scalar.value < 0x20 || scalar.value == 0x7f {
            safe += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        } else {
            safe.unicodeScalars.append(scalar)
        }
    }
    return safe
}
