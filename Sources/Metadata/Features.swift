/// The features that this program can live with, and in which levels.
public enum Features {
    /// The level of the quorum of controllers itself (KIP-853).
    public static let quorum = "kraft.version"
    /// Whether partitions know replicas that may lead outside the ISR (KIP-966).
    public static let eligibleLeaders = "eligible.leader.replicas.version"

    public static let supported: [String: ClosedRange<Int16>] = [
        quorum: 0...1,
        MetadataVersion.featureName: MetadataVersion.oldest.rawValue...MetadataVersion.newest.rawValue,
        "transaction.version": 0...2,
        "group.version": 0...1,
        eligibleLeaders: 0...1,
        "share.version": 0...1,
        "streams.version": 0...1,
    ]

    /// The least level of other features that a level of one needs.
    public static func dependencies(of feature: String, level: Int16) -> [(feature: String, level: Int16)] {
        guard feature == eligibleLeaders, level > 0 else { return [] }
        return [(MetadataVersion.featureName, MetadataVersion.eligibleLeaders.rawValue)]
    }
}
