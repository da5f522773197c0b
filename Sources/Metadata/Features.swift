/// The features that this program can live with, and in which levels.
public enum Features {
    public static let supported: [String: ClosedRange<Int16>] = [
        "kraft.version": 0...1,
        MetadataVersion.featureName: MetadataVersion.oldest.rawValue...MetadataVersion.newest.rawValue,
        "transaction.version": 0...2,
        "group.version": 0...1,
        "eligible.leader.replicas.version": 0...1,
        "share.version": 0...1,
        "streams.version": 0...1,
    ]
}
