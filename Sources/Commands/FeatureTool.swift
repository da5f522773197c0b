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

    /// `skafka storage version-mapping`.
    static func mapping(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        let text = arguments.value("release-version") ?? MetadataVersion.newest.description
        do throws(FormatRefusal) {
            let release = try release(text)
            environment.console.print("\(MetadataVersion.featureName)=\(release.rawValue) (\(text))")
            for start in starts {
                environment.console.print("\(start.feature)=\(defaultLevel(start.feature, release))")
            }
            return .done
        } catch {
            environment.complain("cannot map release: \(error)")
            return .failed
        }
    }

    /// `skafka storage feature-dependencies`.
    static func dependencies(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        do throws(FormatRefusal) {
            for word in arguments.values("feature") {
                for line in try dependencies(of: word) { environment.console.print(line) }
            }
            return .done
        } catch {
            environment.complain("cannot show dependencies: \(error)")
            return .failed
        }
    }

    private static func dependencies(of word: String) throws(FormatRefusal) -> [String] {
        let (name, level) = try nameAndLevel(word)
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
