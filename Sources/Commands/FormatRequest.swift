import Bytes
import CommandLine
import Configuration
import KafkaModel
import Metadata

/// What `storage format` was asked to do, with everything that contradicts itself refused.
struct FormatRequest {
    let clusterID: String
    let nodeID: BrokerID
    let metadataDirectory: String
    let metadataKind: FormatPlan.Kind
    let ignoresFormatted: Bool
    let release: MetadataVersion
    /// The levels that the cluster starts with, by feature; `metadata.version` is the release.
    let features: [String: Int16]
    let credentials: [SCRAMCredential]

    /// Credentials came with 3.5-IV2.
    private static let firstWithSCRAM = MetadataVersion(rawValue: 11)

    init(_ arguments: Arguments, _ configuration: BrokerConfiguration) throws(FormatRefusal) {
        let clusterID = arguments.value("cluster-id") ?? ""
        // Kafka 4 takes any text. What could break a properties file or a log line is refused here.
        guard !clusterID.isEmpty, clusterID.utf8.allSatisfy(Self.isPlain) else {
            throw FormatRefusal("Cluster ID string \(clusterID) does not appear to be a valid UUID")
        }
        self.clusterID = clusterID
        nodeID = configuration.nodeID
        metadataDirectory = configuration.metadataLogDirectory
        ignoresFormatted = arguments.has("ignore-formatted")
        metadataKind = try Self.metadataKind(arguments, configuration)
        let levels = try Self.levels(arguments.values("feature"))
        release = try Self.release(arguments.value("release-version"), levels[MetadataVersion.featureName])
        features = try FeatureTool.effective(levels, release: release, isQuorumDynamic: !configuration.hasStaticVoters)
        var credentials: [SCRAMCredential] = []
        for word in arguments.values("add-scram") { credentials.append(try SCRAMCredential(word)) }
        guard credentials.isEmpty || release >= Self.firstWithSCRAM else {
            throw FormatRefusal("SCRAM is only supported in metadata.version \(Self.firstWithSCRAM) or later.")
        }
        self.credentials = credentials
    }

    private static func metadataKind(
        _ arguments: Arguments, _ configuration: BrokerConfiguration
    ) throws(FormatRefusal) -> FormatPlan.Kind {
        let isController = configuration.roles.contains(.controller)
        let initial = arguments.value("initial-controllers")
        if configuration.hasStaticVoters, initial != nil || arguments.has("standalone") {
            throw FormatRefusal(
                "You cannot specify controller.quorum.voters and format the node with --initial-controllers or "
                    + "--standalone. If you want to use dynamic quorum, please remove controller.quorum.voters and "
                    + "specify controller.quorum.bootstrap.servers instead.")
        }
        if arguments.has("standalone") {
            guard isController else { throw FormatRefusal("You can only use --standalone on a controller.") }
            return .dynamicVoter(directoryID: nil)
        }
        if let initial { return try voter(initial, nodeID: configuration.nodeID) }
        if arguments.has("no-initial-controllers") { return .metadata }
        guard configuration.hasStaticVoters || !isController else {
            throw FormatRefusal(
                "Because controller.quorum.voters is not set on this controller, you must specify one of the "
                    + "following: --standalone, --initial-controllers, or --no-initial-controllers.")
        }
        return .metadata
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// `id@host:port:directory-id`, which must be this node and nobody else.
    private static func voter(_ text: String, nodeID: BrokerID) throws(FormatRefusal) -> FormatPlan.Kind {
        let voters = text.split(separator: ",")
        guard voters.count == 1, let voter = voters.first else {
            throw FormatRefusal("a quorum of \(voters.count) voters is not served by this version")
        }
        guard let at = voter.firstIndex(of: "@"), let id = Int32(voter[..<at]),
            let colon = voter.lastIndex(of: ":"), colon > at,
            HostPort(String(voter[voter.index(after: at)..<colon])) != nil,
            let directoryID = UUID(String(voter[voter.index(after: colon)...]))
        else { throw FormatRefusal("'\(voter)' is not of the form id@host:port:directory-id") }
        guard id == nodeID.rawValue else {
            throw FormatRefusal(
                "the voter is node \(id), and this is node \(nodeID); this version serves a single node")
        }
        return .dynamicVoter(directoryID: directoryID)
    }

    private static func levels(_ words: [String]) throws(FormatRefusal) -> [String: Int16] {
        var levels: [String: Int16] = [:]
        for word in words {
            let (name, level) = try FeatureTool.nameAndLevel(word)
            levels[name] = level
        }
        return levels
    }

    private static func release(_ text: String?, _ level: Int16?) throws(FormatRefusal) -> MetadataVersion {
        if let text {
            guard level == nil else {
                throw FormatRefusal(
                    "Use --release-version instead of --feature metadata.version=X to avoid ambiguity.")
            }
            return try FeatureTool.release(text)
        }
        guard let level else { return .formatted }
        guard (FeatureTool.oldestRelease.rawValue...MetadataVersion.newest.rawValue).contains(level) else {
            throw FormatRefusal("Unknown metadata.version \(level)")
        }
        return MetadataVersion(rawValue: level)
    }
}
