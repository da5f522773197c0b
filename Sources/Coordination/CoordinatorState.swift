public import KafkaModel

/// The state of one shard of a coordinator: what the records of one partition of its topic amount to, and what its clients
/// wait for. It is a value that decides; `CoordinatorShard` keeps it, and whoever owns the shard appends what it decided.
///
/// Between a decision and the word on its append the state remembers what it was before, so that `takeBack` can restore it.
public protocol CoordinatorState: Sendable {
    associatedtype Answer: Sendable
    associatedtype TimerName: Hashable & Sendable
    associatedtype Event: Sendable
    /// What a decision is given beside its request: the time, settings, metadata.
    associatedtype Context: Sendable

    typealias Effects = Coordination.Effects<Answer, TimerName, Event>

    init()

    /// Takes a record as the log has it, while the shard is loaded. What it does not know it steps over and tells.
    mutating func load(_ record: LoadedRecord) -> LoadOutcome
    /// The log is read to its end.
    mutating func loaded(_ context: Context, into effects: inout Effects)
    mutating func fired(_ timer: TimerName, _ context: Context, into effects: inout Effects)

    /// The records of the last decision are in the log.
    mutating func keep()
    /// They are not, and will never be: the state is as it was, but for the requests that the decision answered, which
    /// have been refused. What that entails writes nothing.
    mutating func takeBack(
        _ code: ErrorCode, refusing refused: Set<Owed>, _ context: Context, into effects: inout Effects)
}

/// What a log holds for a coordinator.
public enum LoadedRecord: Sendable {
    /// A record; with the id of its producer where it counts only once a transaction is committed.
    case record(CoordinatorRecord, producerID: Int64?)
    /// A transaction has ended.
    case transactionEnded(producerID: Int64, isCommitted: Bool)
}

public enum LoadOutcome: Equatable, Sendable {
    case taken
    /// Of a kind that a newer version writes.
    case unknownType(Int16)
    /// Bytes that do not mean what they should.
    case unreadable(String)
}
