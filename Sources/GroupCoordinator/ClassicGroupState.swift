/// Where a classic group stands; the raw value is Kafka's name, as ListGroups and DescribeGroups say it.
public enum ClassicGroupState: String, Sendable, CaseIterable {
    /// Without members. It stays for its offsets; a group that only commits is never anything else.
    case empty = "Empty"
    /// Waits until its members have joined; their requests are parked.
    case preparingRebalance = "PreparingRebalance"
    /// Every member knows the generation; its leader owes the assignment.
    case completingRebalance = "CompletingRebalance"
    case stable = "Stable"
    /// No longer led by this broker. Nothing leaves this state.
    case dead = "Dead"
}
