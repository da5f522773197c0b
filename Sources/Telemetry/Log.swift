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
        LogSink.shared.register(category)
        self.prefix = prefix.isEmpty ? "" : prefix + " "
    }

    public func debug(_ message: @autoclosure () -> String) { write(.debug, message) }
    public func info(_ message: @autoclosure () -> String) { write(.info, message) }
    public func warn(_ message: @autoclosure () -> String) { write(.warn, message) }
    public func error(_ message: @autoclosure () -> String) { write(.error, message) }
    public func fatal(_ message: @autoclosure () -> String) { write(.fatal, message) }

    private func write(_ level: Level, _ message: () -> String) {
        guard LogSink.shared.admits(level, category) else { return }
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

    private struct Thresholds {
        var root = Log.Level.info
        /// Of the categories that have a level of their own; the others follow the root.
        var own: [String: Log.Level] = [:]
        var categories: Set<String> = []

        func level(of category: String) -> Log.Level { own[category] ?? root }
        var lowest: Log.Level { own.values.reduce(root, min) }
    }

    /// Of all categories: most lines that nobody wants are stopped here, without a lock.
    private let lowest = Atomic<UInt8>(Log.Level.info.rawValue)
    private let thresholds = Guarded(Thresholds())
    private let state = Guarded(State())

    /// The name of the level that holds for every category without one of its own.
    public static let rootName = "root"
    private static let namePrefix = "skafka."

    /// Every category under the name its lines end with, and the root, each with the level from which on it is heard.
    public var levels: [(name: String, level: Log.Level)] {
        thresholds.withLock { thresholds in
            [(Self.rootName, thresholds.root)]
                + thresholds.categories.sorted().map { (Self.namePrefix + $0, thresholds.level(of: $0)) }
        }
    }

    /// Gives a category a level of its own, or with nil that of the root again, which always keeps one.
    public func setLevel(_ level: Log.Level?, of name: String) {
        thresholds.withLock { thresholds in
            if name == Self.rootName {
                thresholds.root = level ?? thresholds.root
            } else if name.hasPrefix(Self.namePrefix) {
                thresholds.own[String(name.dropFirst(Self.namePrefix.count))] = level
            }
            lowest.store(thresholds.lowest.rawValue, ordering: .relaxed)
        }
    }

    func register(_ category: String) { thresholds.withLock { _ = $0.categories.insert(category) } }

    func admits(_ level: Log.Level, _ category: String) -> Bool {
        guard level.rawValue >= lowest.load(ordering: .relaxed) else { return false }
        return thresholds.withLock { level >= $0.level(of: category) }
    }

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
