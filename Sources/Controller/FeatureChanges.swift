public import KafkaModel
import KafkaProtocol
public import Metadata

/// What to write when the finalized level of a feature changes. All updates of a request are done, or none.
public enum FeatureChanges {
    /// The raw values are those of UpdateFeatures; any other number is refused.
    public enum Kind: Int8, Sendable {
        case upgrade = 1
        /// Only where no metadata can be lost.
        case safeDowngrade = 2
        case unsafeDowngrade = 3
    }

    public struct Update: Sendable {
        public var feature: String
        /// 0 disables the feature.
        public var level: Int16
        /// See `Kind`, as it came.
        public var kind: Int8

        public init(_ feature: String, level: Int16, kind: Int8) {
            self.feature = feature
            self.level = level
            self.kind = kind
        }

        public init(_ feature: String, level: Int16, _ kind: Kind = .upgrade) {
            self.init(feature, level: level, kind: kind.rawValue)
        }
    }

    /// The records that make the updates so; with `.validateOnly` none, once they could be made.
    ///
    /// - Parameters:
    ///   - node: the controller that decides, which tells what it supports by its number.
    ///   - minInSyncReplicas: what the configuration files say; it becomes the cluster's own setting when eligible
    ///     leader replicas begin, because from then on it must be the same everywhere (KIP-966).
    public static func update(
        _ updates: [Update], in image: ClusterImage, node: BrokerID, minInSyncReplicas: Int, intent: Intent = .change
    ) throws(Refusal) -> [MetadataRecord] {
        var latest: [String: Update] = [:]
        var names: [String] = []
        for update in updates where latest.updateValue(update, forKey: update.feature) == nil {
            names.append(update.feature)
        }
        var proposed = image.features
        proposed[MetadataVersion.featureName] = image.metadataVersion.rawValue
        for update in latest.values { proposed[update.feature] = update.level }

        var records: [MetadataRecord] = []
        for update in names.compactMap({ latest[$0] }) {
            let current = level(of: update.feature, in: image)
            try check(update, current: current, proposed: proposed, in: image, node: node)
            // The quorum's own level stands in control records, not here.
            guard update.feature != Features.quorum else { continue }
            var record = FeatureLevelRecord()
            record.name = update.feature
            record.featureLevel = update.level
            records.append(.featureLevel(record))
        }
        guard intent == .change else { return [] }
        if let update = latest[Features.eligibleLeaders], update.level > 0 {
            records = settleMinInSyncReplicas(minInSyncReplicas, in: image) + records
        }
        return records
    }

    private static func level(of feature: String, in image: ClusterImage) -> Int16 {
        switch feature {
        case MetadataVersion.featureName: image.metadataVersion.rawValue
        case Features.quorum: image.quorumVersion
        default: image.features[feature] ?? 0
        }
    }

    private static func check(
        _ update: Update, current: Int16, proposed: [String: Int16], in image: ClusterImage, node: BrokerID
    ) throws(Refusal) {
        guard let kind = Kind(rawValue: update.kind) else {
            throw update.refused("The controller does not support the given upgrade type.")
        }
        if update.level < 0 { throw update.refused("A feature version cannot be less than 0.") }
        if let reason = reasonNotSupported(update, in: image, node: node) { throw update.refused(reason) }
        if update.level < current, kind == .upgrade {
            throw update.refused(
                "Can't downgrade the version of this feature without setting the upgrade type to either safe or "
                    + "unsafe downgrade.")
        }
        if update.level > current, kind != .upgrade { throw update.refused("Can't downgrade to a newer version.") }
        switch update.feature {
        case MetadataVersion.featureName: try checkMetadataVersion(update, kind, in: image)
        case Features.quorum:
            guard update.level != current else { return }
            throw update.refused(
                kind == .upgrade
                    ? "The quorum of node \(node) was formatted with a fixed set of controllers and keeps it."
                    : "Can't downgrade the version of this feature.")
        default: try checkDependencies(update, proposed)
        }
    }

    private static func reasonNotSupported(_ update: Update, in image: ClusterImage, node: BrokerID) -> String? {
        func reason(_ what: String, _ range: ClosedRange<Int16>) -> String? {
            if range.contains(update.level) { return nil }
            if range.upperBound == 0 { return "\(what) does not support this feature." }
            let versions =
                range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
            return "\(what) only supports versions \(versions)"
        }
        if let reason = reason("Local controller \(node)", Features.supported[update.feature] ?? 0...0) {
            return reason
        }
        for (id, broker) in image.brokers.sorted(by: { $0.key < $1.key }) {
            if let reason = reason("Broker \(id)", broker.features[update.feature] ?? 0...0) { return reason }
        }
        return nil
    }

    private static func checkMetadataVersion(
        _ update: Update, _ kind: Kind, in image: ClusterImage
    ) throws(Refusal) {
        let (current, wanted) = (image.metadataVersion, MetadataVersion(rawValue: update.level))
        guard wanted < current, wanted.differsInRecords(from: current) else { return }
        let reason =
            kind == .unsafeDowngrade
            ? "Unsafe metadata downgrade is not supported in this version."
            : "Refusing to perform the requested downgrade because it might delete metadata information."
        throw Refusal(
            .invalidUpdateVersion,
            "Unsupported metadata.version downgrade from \(current.rawValue) to \(wanted.rawValue). \(reason)")
    }

    private static func checkDependencies(_ update: Update, _ proposed: [String: Int16]) throws(Refusal) {
        guard Features.supported[update.feature] != nil else {
            throw update.refused("Feature \(update.feature) not found.")
        }
        let metadata = proposed[MetadataVersion.featureName] ?? 0
        let least = MetadataVersion.oldestWithFeatures
        if update.level >= 1, metadata < least.rawValue {
            throw update.refused(
                "\(update.feature) could not be set to \(update.level) because it depends on "
                    + "metadata.version=\(least.rawValue) (\(least))")
        }
        for (name, needed) in Features.dependencies(of: update.feature, level: update.level)
        where (proposed[name] ?? 0) < needed {
            throw update.refused(
                "\(update.feature) could not be set to \(update.level) because it depends on \(name) level \(needed)")
        }
    }

    /// `min.insync.replicas` of all brokers, and none of single brokers.
    private static func settleMinInSyncReplicas(_ configured: Int, in image: ClusterImage) -> [MetadataRecord] {
        let name = "min.insync.replicas"
        var records: [MetadataRecord] = []
        if image.config(.allBrokers)[name] == nil {
            records.append(.config(ConfigRecord(.allBrokers, name, String(configured))))
        }
        for resource in image.configs.keys.sorted() where resource.kind == .broker && !resource.name.isEmpty {
            guard image.config(resource)[name] != nil else { continue }
            records.append(.config(ConfigRecord(resource, name, nil)))
        }
        return records
    }
}

extension FeatureChanges.Update {
    fileprivate func refused(_ reason: String) -> Refusal {
        Refusal(.invalidUpdateVersion, "Invalid update version \(level) for feature \(feature). \(reason)")
    }
}
