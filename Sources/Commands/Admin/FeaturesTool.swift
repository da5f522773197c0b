import CommandLine
import KafkaClient
import KafkaModel
import Metadata

/// `skafka features`.
enum FeaturesTool {
    private static let connection = ClientOptions.endpoints()
    private static let dryRun = Option("dry-run", help: "Only tell whether it could be done.")
    private static let unsafe = Option("unsafe", help: "Do it even where metadata is lost for good.")

    private static func changes(_ verb: String) -> [Option] {
        [
            Option(
                "metadata", .value("METADATA"),
                help: "The release to \(verb) the metadata to, such as 3.3-IV3. Deprecated; use --feature or "
                    + "--release-version."),
            Option(
                "release-version", .value("RELEASE_VERSION"),
                help: "The release to \(verb) all features to, such as 3.9-IV0."),
            Option("feature", .repeated("FEATURE"), help: "A feature and its level, such as metadata.version=5."),
        ]
    }

    static let declaration = Command(
        "features", summary: "Show and change the features of a cluster", dialect: .argparse,
        description: [
            "Shows which levels of its features a cluster could serve and has agreed on, and moves them up or down."
        ],
        options: connection,
        subcommands: [
            Command(
                "describe", summary: "Show the features", dialect: .argparse,
                options: connection + [
                    Option("node-id", .value("NODE_ID"), help: "The node to ask. Without it any."), OutputForm.option,
                ]),
            Command(
                "upgrade", summary: "Raise the levels of features", dialect: .argparse,
                options: connection + changes("upgrade") + [dryRun]),
            Command(
                "downgrade", summary: "Lower the levels of features", dialect: .argparse,
                options: connection + changes("downgrade") + [unsafe, dryRun]),
            Command(
                "disable", summary: "Set features to level 0", dialect: .argparse,
                options: connection + [
                    Option("feature", .repeated("FEATURE"), help: "The feature to disable."), unsafe, dryRun,
                ]),
            Command(
                "version-mapping", summary: "Show the features of a release", dialect: .argparse,
                options: [
                    Option(
                        "release-version", .value("RELEASE_VERSION"),
                        help: "The release; without one, the newest that is known."), OutputForm.option,
                ]),
            Command(
                "feature-dependencies", summary: "Show what the level of a feature needs", dialect: .argparse,
                options: [
                    Option(
                        "feature", .repeated("FEATURE"), help: "A feature and its level, such as metadata.version=5.",
                        isRequired: true)
                ]),
        ],
        examples: [
            Command.Example(
                "skafka features --bootstrap-server localhost:9092 describe", does: "Show the features of a cluster."),
            Command.Example(
                "skafka features --bootstrap-server localhost:9092 upgrade --feature metadata.version=25 --dry-run",
                does: "Ask whether a cluster could be upgraded."),
        ],
        isKafkaTool: true,
        classNames: ["org.apache.kafka.tools.FeatureCommand", "kafka.admin.FeatureCommand"])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        switch arguments.path.first {
        case "version-mapping": return try FeatureTool.mapping(arguments, environment)
        case "feature-dependencies":
            return FeatureTool.dependencies(arguments, environment, read: FeatureTool.nameAndLevel)
        default: break
        }
        guard ClientOptions.nameCluster(arguments, environment) else {
            environment.console.tell(
                "Command line error: You must specify either --bootstrap-controller or --bootstrap-server.. "
                    + "Type --help for help.")
            return .failed
        }
        guard arguments.path.first == "describe" else {
            let changes: FeatureChanges
            do throws(FeatureChanges.Failure) {
                changes = try FeatureChanges(arguments)
            } catch {
                environment.console.tell(error.description)
                return .failed
            }
            for notice in changes.notices { environment.console.tell(notice) }
            return try update(changes, arguments, environment)
        }
        return try describe(arguments, environment)
    }

    private static func describe(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        let node = try arguments.int32("node-id")
        if let node, node < 0 {
            environment.console.tell("Invalid node id \(node): must be non-negative.")
            return .failed
        }
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "admin-1", attempt: "describe features"
        ) { (admin) throws(ClientError) in
            let report = FeaturesReport(versions: try admin.versions(of: node))
            if form == .text {
                environment.console.write(report.text)
            } else {
                environment.print(report.rows, as: form)
            }
            return .done
        }
    }

    /// Why the quorum cannot take the level that a release asks of it. Kafka before 4.1 says yes to such a change and
    /// leaves it undone; a cluster that says no must not lose the rest of the release for it.
    private static func fixedQuorum(_ updates: [FeatureUpdate], _ admin: Admin) throws(ClientError) -> String? {
        guard let quorum = updates.first(where: { $0.feature == Features.quorum && $0.direction == .upgrade }) else {
            return nil
        }
        let answer = try admin.updateFeatures([quorum], .validate).first
        guard let answer, answer.error != .none else { return nil }
        return answer.message ?? answer.error.message
    }

    private static func update(
        _ changes: FeatureChanges, _ arguments: Arguments, _ environment: Environment
    ) throws(UsageError) -> ExitCode {
        try ClientOptions.withAdmin(
            arguments, environment, clientID: "admin-1", attempt: "\(changes.verb) features"
        ) { (admin) throws(ClientError) in
            var updates = changes.updates
            if changes.isOfRelease, let reason = try fixedQuorum(updates, admin) {
                updates.removeAll { $0.feature == Features.quorum }
                environment.complain("\(Features.quorum) stays as it is: \(reason)")
            }
            let results = try admin.updateFeatures(updates, changes.mode)
            let failures = results.count { $0.error != .none }
            for result in results {
                let line = changes.line(result)
                if result.error == .none { environment.console.print(line) } else { environment.console.tell(line) }
            }
            guard failures == 0 else {
                environment.console.tell("\(failures) out of \(results.count) operation(s) failed.")
                return .failed
            }
            return .done
        }
    }
}

/// The features of a node, as `features describe` prints them.
struct FeaturesReport {
    let versions: NodeVersions

    private static func level(_ feature: String, _ level: Int16) -> String {
        guard feature == MetadataVersion.featureName else { return "\(level)" }
        guard (MetadataVersion.oldest...MetadataVersion.newest).contains(MetadataVersion(rawValue: level)) else {
            return "UNKNOWN \(level)"
        }
        return MetadataVersion(rawValue: level).description
    }

    private var lines: [(feature: String, range: ClosedRange<Int16>, finalized: Int16)] {
        versions.supportedFeatures.sorted { $0.key < $1.key }.map {
            ($0.key, $0.value, versions.finalizedFeatures[$0.key] ?? 0)
        }
    }

    var text: String {
        func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return lines.map { feature, range, finalized in
            "Feature: \(pad(feature, 40))  SupportedMinVersion: \(pad(Self.level(feature, range.lowerBound), 15))  "
                + "SupportedMaxVersion: \(pad(Self.level(feature, range.upperBound), 15))  FinalizedVersionLevel: "
                + "\(pad(Self.level(feature, finalized), 15))  Epoch: \(versions.finalizedEpoch.map { "\($0)" } ?? "-")\n"
        }.joined()
    }

    var rows: [StructuredValue] {
        lines.map { feature, range, finalized in
            [
                "feature": .string(feature), "supportedMinVersion": .string(Self.level(feature, range.lowerBound)),
                "supportedMaxVersion": .string(Self.level(feature, range.upperBound)),
                "finalizedVersionLevel": .string(Self.level(feature, finalized)),
                "epoch": versions.finalizedEpoch.map { .int($0) } ?? .null,
            ]
        }
    }
}

/// What `features upgrade`, `downgrade` or `disable` was asked to do.
struct FeatureChanges {
    let verb: String
    let mode: Admin.UpdateMode
    let notices: [String]
    /// Whether a release was named instead of features.
    let isOfRelease: Bool
    /// In the order of their names.
    let updates: [FeatureUpdate]

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: Arguments) throws(Failure) {
        verb = arguments.path.first ?? ""
        isOfRelease = verb != "disable" && arguments.has("release-version")
        mode = arguments.has("dry-run") ? .validate : .perform
        let direction: FeatureUpdate.Direction =
            verb == "upgrade" ? .upgrade : arguments.has("unsafe") ? .unsafeDowngrade : .safeDowngrade
        var levels: [String: Int16] = [:]
        var notices: [String] = []
        let features = arguments.values("feature")
        do throws(FormatRefusal) {
            if verb == "disable" {
                for feature in features { try Self.add(feature, 0, to: &levels) }
            } else if let release = arguments.value("release-version") {
                guard !arguments.has("metadata"), features.isEmpty else {
                    throw FormatRefusal("Can not specify `release-version` with other feature flags.")
                }
                levels = Self.levels(try FeatureTool.release(release), direction)
            } else {
                if let metadata = arguments.value("metadata") {
                    notices = [" `metadata` flag is deprecated and may be removed in a future release."]
                    levels[MetadataVersion.featureName] = try FeatureTool.release(metadata).rawValue
                }
                for word in features {
                    let (name, level) = try FeatureTool.nameAndLevel(word)
                    try Self.add(name, level, to: &levels)
                }
            }
        } catch {
            throw Failure(description: error.description)
        }
        guard !levels.isEmpty else {
            throw Failure(description: "You must specify at least one feature to \(verb)")
        }
        self.notices = notices
        updates = levels.sorted { $0.key < $1.key }.map { FeatureUpdate($0.key, $0.value, direction) }
    }

    private static func add(
        _ feature: String, _ level: Int16, to levels: inout [String: Int16]
    ) throws(FormatRefusal) {
        guard levels.updateValue(level, forKey: feature) == nil else {
            throw FormatRefusal("Feature \(feature) was specified more than once.")
        }
    }

    /// The levels of a release. An upgrade leaves features alone that the release has not.
    private static func levels(
        _ release: MetadataVersion, _ direction: FeatureUpdate.Direction
    ) -> [String: Int16] {
        var levels = [MetadataVersion.featureName: release.rawValue]
        for (feature, level) in FeatureTool.defaultLevels(release) where direction != .upgrade || level > 0 {
            levels[feature] = level
        }
        return levels
    }

    func line(_ result: (feature: String, error: ErrorCode, message: String?)) -> String {
        let level = updates.first { $0.feature == result.feature }?.level ?? 0
        guard result.error == .none else {
            let what = verb == "disable" ? "disable \(result.feature)" : "\(verb) \(result.feature) to \(level)"
            let message = result.message.flatMap { $0.isEmpty ? nil : $0 } ?? result.error.message
            return "\(mode == .validate ? "Can not" : "Could not") \(what). \(message)"
        }
        return "\(result.feature) \(mode == .validate ? "can be" : "was") "
            + (verb == "disable" ? "disabled." : "\(verb)d to \(level).")
    }
}
