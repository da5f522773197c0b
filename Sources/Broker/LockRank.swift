/// The order in which locks may be taken, outermost first; `Lock` checks it in debug builds. No lock is held across
/// an fsync of the data path, a network wait or a call back into a client's connection.
enum LockRank {
    /// `Broker.moveRequests`: one request to move a partition at a time.
    static let moveRequest = 0
    /// `ClusterState`: one metadata change at a time, from decision to the last partition that learnt of it.
    static let metadataChange = 1
    /// `FetchSessions`: the table of sessions.
    static let fetchSessions = 2
    /// `FetchSession`: one session's partitions.
    static let fetchSession = 3
    /// `Coordinator`: one shard of a coordinator, from a decision to its records in the log.
    static let coordinator = 4
    /// `Partition`: its log, replica set and waiting fetches.
    static let partition = 5
    /// `Move`: the copy of a partition in another directory.
    static let move = 6
}
