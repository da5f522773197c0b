public import Timing

/// A request that waits for its answer. A decision knows no connection; whoever runs it knows whose number this is.
public struct Owed: Hashable, Sendable {
    public let number: UInt64

    public init(number: UInt64) { self.number = number }
}

/// What a decision of a coordinator asks of the world. The records are appended together, as one batch; only then are
/// timers set and answers sent, and these not before the records, and all records before them, are committed. When the
/// append fails, nothing of the decision holds: the state before it is restored, and every answer becomes a refusal.
public struct Effects<Answer: Sendable, TimerName: Hashable & Sendable, Event: Sendable>: Sendable {
    public private(set) var records: [CoordinatorRecord] = []
    public private(set) var answers: [(owed: Owed, answer: Answer)] = []
    /// The last word on each timer: when it fires, or nil where it is taken back. A timer has one deadline.
    public private(set) var timers: [TimerName: Instant?] = [:]
    /// What people should read in the log of the broker, if the decision holds.
    public private(set) var notes: [Note] = []
    /// What the metrics count, if it holds.
    public private(set) var events: [Event] = []

    public init() {}

    public mutating func append(_ record: CoordinatorRecord) { records.append(record) }

    public mutating func answer(_ owed: Owed, _ answer: Answer) { answers.append((owed, answer)) }

    public mutating func schedule(_ timer: TimerName, at deadline: Instant) { timers[timer] = .some(deadline) }

    public mutating func cancel(_ timer: TimerName) { timers[timer] = .some(nil) }

    public mutating func note(_ level: Note.Level, _ text: String) { notes.append(Note(level: level, text: text)) }

    public mutating func happened(_ event: Event) { events.append(event) }
}

/// A line of the log that a decision has to say.
public struct Note: Hashable, Sendable {
    public enum Level: Sendable { case info, warn, error }

    public let level: Level
    public let text: String
}
