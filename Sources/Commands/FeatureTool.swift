import CommandLine
import Metadata

/// The features of a cluster, the levels they start with, and what these need.
enum FeatureTool {
    /// From this `metadata.version` on, a feature starts with a level.
    private struct Start {
        let feature: String
        let level: Int16
        let since: Int16
    }

    /// The oldest release that Kafka 4 formats.
    static let oldestRelease = MetadataVersion(rawValue: 7)

    // In the order in which Kafka lists them.
    // swift-format-ignore
    private static let starts = [
        Start(feature: "kraft.version",                    level: 1, since: 21),
        Start(feature: "transaction.version",              level: 2, since: 24),
        Start(feature: "group.version",                    level: 1, since: 22),
        Start(feature: "eligible.leader.replicas.version", level: 1, since: 26),
        Start(feature: "share.version",                    level: 1, since: 28),
        Start(feature: "streams.version",                  level: 1, since: 29),
    ]

    static func defaultLevel(_ feature: String, _ release: MetadataVersion) -> Int16 {
        guard let start = starts.first(where: { $0.feature == feature }) else { return 0 }
        return release.rawValue >= start.since ? start.level : 0
    }

    /// All levels a new cluster starts with: those asked for, the defaults of the release for the rest.
    static func effective(
        _ asked: [String: Int16], release: MetadataVersion, isQuorumDynamic: Bool
    ) throws(FormatRefusal) -> [String: Int16] {
        var levels: [String: Int16] = [:]
        for start in starts { levels[start.feature] = defaultLevel(start.feature, release) }
        levels["kraft.version"] = isQuorumDynamic ? 1 : 0
        for (name, level) in asked.sorted(by: { $0.key < $1.key }) where name != MetadataVersion.featureName {
            guard let range = Features.supported[name] else {
                throw FormatRefusal(
                    "Unsupported feature: \(name). Supported features are: "
                        + starts.map(\.feature).sorted().joined(separator: ", "))
            }
            guard range.contains(level) else {
                throw FormatRefusal("Feature level \(level) is not supported for feature \(name)")
            }
            if name == "kraft.version", (level == 0) == isQuorumDynamic {
                throw FormatRefusal(
                    isQuorumDynamic
                        ? "Cannot set kraft.version to 0 if controller.quorum.voters is empty and one of the flags "
                            + "--standalone, --initial-controllers, or --no-initial-controllers is used. For dynamic "
                            + "controllers support, try removing the --feature flag for kraft.version."
                        : "Cannot set kraft.version to \(level) unless controller.quorum.voters is empty and one of the "
                            + "flags --standalone, --initial-controllers, or --no-initial-controllers is used.")
            }
            levels[name] = level
        }
        levels[MetadataVersion.featureName] = release.rawValue
        return levels
    }

    static func release(_ text: String) throws(FormatRefusal) -> MetadataVersion {
        if let version = MetadataVersion(release: text), version >= oldestRelease { return version }
        let known = (oldestRelease.rawValue...MetadataVersion.newest.rawValue)
            .map { MetadataVersion(rawValue: $0).description }
        throw FormatRefusal(
            "Unknown metadata.version '\(text)'. Supported metadata.version are: " + known.joined(separator: ", "))
    }

    static func nameAndLevel(_ word: String) throws(FormatRefusal) -> (String, Int16) {
        guard let equals = word.firstIndex(of: "=") else {
            throw FormatRefusal("Can't parse feature=level string \(word): equals sign not found.")
        }
        let name = word[..<equals].filter { $0 != " " }
        let text = word[word.index(after: equals)...].filter { $0 != " " }
        guard let level = Int16(text) else {
            throw FormatRefusal("Can't parse feature=level string \(word): unable to parse \(text) as a short.")
        }
        return (name, level)
    }

    /// The same with the complaints of `storage feature-dependencies`.
    static func storageNameAndLevel(_ word: String) throws(FormatRefusal) -> (String, Int16) {
        guard let equals = word.firstIndex(of: "=") else {
            throw FormatRefusal(
                "Invalid feature format: \(word). Expected format: 'feature=version' (e.g. 'group.version=1')")
        }
        let name = word[..<equals].filter { $0 != " " }
        let text = word[word.index(after: equals)...].filter { $0 != " " }
        guard let level = Int16(text) else {
            throw FormatRefusal("Invalid version format: \(text) for feature \(name)")
        }
        return (name, level)
    }

    /// The features beside `metadata.version` with the levels they start with, in the order in which Kafka lists them.
    static func defaultLevels(_ release: MetadataVersion) -> [(feature: String, level: Int16)] {
        starts.map { ($0.feature, defaultLevel($0.feature, release)) }
    }

    /// `version-mapping` of `skafka storage` and `skafka features`.
    static func mapping(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        let text = arguments.value("release-version") ?? MetadataVersion.newest.description
        let release: MetadataVersion
        do throws(FormatRefusal) {
            release = try Self.release(text)
        } catch {
            environment.console.tell(error.description)
            return .failed
        }
        let levels = defaultLevels(release)
        guard form == .text else {
            environment.print(
                ([(MetadataVersion.featureName, release.rawValue)] + levels).map { feature, level in
                    [
                        "feature": .string(feature), "level": .int(level),
                        "release": feature == MetadataVersion.featureName ? .string(release.description) : .null,
                    ]
                }, as: form)
            return .done
        }
        environment.console.print("\(MetadataVersion.featureName)=\(release.rawValue) (\(text))")
        for (feature, level) in levels { environment.console.print("\(feature)=\(level)") }
        return .done
    }

    /// `feature-dependencies` of `skafka storage` and `skafka features`.
    ///
    /// - Parameter read: takes a feature and its level apart, with the complaints of the tool.
    static func dependencies(
        _ arguments: Arguments, _ environment: Environment,
        read: (String) throws(FormatRefusal) -> (String, Int16)
    ) -> ExitCode {
        do throws(FormatRefusal) {
            for word in arguments.values("feature") {
                let (name, level) = try read(word)
                for line in try dependencies(of: name, level) { environment.console.print(line) }
            }
            return .done
        } catch {
            environment.console.tell(error.description)
            return .failed
        }
    }

    private static func dependencies(of name: String, _ level: Int16) throws(FormatRefusal) -> [String] {
        if name == MetadataVersion.featureName {
            guard level >= oldestRelease.rawValue, level <= MetadataVersion.newest.rawValue else {
                throw FormatRefusal("Unknown metadata.version \(level)")
            }
            return ["\(name)=\(level) (\(MetadataVersion(rawValue: level))) has no dependencies."]
        }
        guard let range = Features.supported[name] else { throw FormatRefusal("Unknown feature: \(name)") }
        guard range.contains(level) else {
            throw FormatRefusal("Feature level \(level) is not supported for feature \(name)")
        }
        guard name == "eligible.leader.replicas.version", level > 0 else {
            return ["\(name)=\(level) has no dependencies."]
        }
        let needed = MetadataVersion(rawValue: 23)
        return ["\(name)=\(level) requires:", "    \(MetadataVersion.featureName)=\(needed.rawValue) (\(needed))"]
    }
}
