import Synchronization

/// Whether a log directory has failed since this process began to use it. It never recovers: what the system could not
/// write it forgets, and a later flush that succeeds says nothing about what an earlier one lost.
///
/// Shared by everything that uses the directory, so that all of it stops at the moment of the first failure, before
/// the consequences are drawn partition by partition.
public final class DirectoryHealth: Sendable {
    private let failed = Atomic(false)

    public init() {}

    public var hasFailed: Bool { failed.load(ordering: .acquiring) }

    public func fail() { failed.store(true, ordering: .releasing) }
}
