import KafkaProtocol

/// What became of the records of one produce request: the answer so far, and the partitions whose device it still has
/// to wait for.
struct AppendedRecords {
    struct Pending {
        let partition: Partition
        let milestone: Partition.Milestone
        let place: ProduceWait.Place
    }

    var response = ProduceResponse()
    var pending: [Pending] = []
}
