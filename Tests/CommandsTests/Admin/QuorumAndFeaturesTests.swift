import Bytes
import CommandLine
import Configuration
import KafkaClient
import KafkaModel
import Posix
import Storage
import TestSupport
import Testing

@testable import Commands

@Suite struct QuorumAndFeaturesTests {
    private let directoryID = UUID("MkU3OEVBNTcwNTJENDM2Qg")!

    private func quorum(leader: Int32 = 1) -> QuorumDescription {
        QuorumDescription(
            leaderID: leader, leaderEpoch: 5, highWatermark: 1234,
            voters: [
                .init(id: 1, directoryID: directoryID, logEndOffset: 1240, lastFetch: 9_000, lastCaughtUp: 9_000),
                .init(id: 2, directoryID: .zero, logEndOffset: 1230, lastFetch: 8_988, lastCaughtUp: 8_000),
            ],
            observers: [.init(id: 3, directoryID: .zero, logEndOffset: 1200)],
            endpoints: [
                1: [VoterEndpoint(listener: "CONTROLLER", address: HostPort(host: "localhost", port: 9093))]
            ])
    }

    @Test func `the status of a quorum`() throws {
        let report = try QuorumReport(quorum())
        #expect(
            report.status(clusterID: "MkU3OEVBNTcwNTJENDM2Qk") == """
                ClusterId:              MkU3OEVBNTcwNTJENDM2Qk
                LeaderId:               1
                LeaderEpoch:            5
                HighWatermark:          1234
                MaxFollowerLag:         10
                MaxFollowerLagTimeMs:   1000
                CurrentVoters:          [{"id": 1, "directoryId": "\(directoryID)", "endpoints": \
                ["CONTROLLER://localhost:9093"]}, {"id": 2}]
                CurrentObservers:       [{"id": 3}]

                """)
        #expect(throws: QuorumReport.Failure.self) { try QuorumReport(quorum(leader: 9)) }
    }

    @Test func `how far its replicas are`() throws {
        let report = try QuorumReport(quorum())
        let zero = UUID.zero.description
        #expect(
            try report.replication(.asTold) == """
                NodeId\tDirectoryId           \tLogEndOffset\tLag\tLastFetchTimestamp\tLastCaughtUpTimestamp\tStatus  \t
                1     \t\(directoryID)\t1240        \t0  \t9000              \t9000                 \tLeader  \t
                2     \t\(zero)\t1230        \t10 \t8988              \t8000                 \tFollower\t
                3     \t\(zero)\t1200        \t40 \t-1                \t-1                   \tObserver\t

                """)
        let ago = try report.replication(.ago(now: 9000)).split(separator: "\n")
        #expect(ago[2].contains("12 ms ago") && ago[2].contains("1000 ms ago"))
        do throws(QuorumReport.Failure) {
            _ = try report.replication(.ago(now: 8_999))
            Issue.record("the clocks differ")
        } catch {
            #expect(
                error.reason
                    == "Error while computing relative time, possible drift in system clock.\n"
                    + "Current timestamp is 8999, last fetch timestamp is 9000")
        }
    }

    @Test(arguments: [
        (
            ["describe", "--status", "--replication"],
            "Only one of --status or --replication should be specified with describe sub-command"
        ),
        (["describe"], "One of --status or --replication must be specified with describe sub-command"),
        (
            ["describe", "--status", "--human-readable"],
            "The option --human-readable is only supported along with --replication"
        ),
        (
            ["add-controller"],
            "You must supply the configuration file of the controller you are adding when using add-controller."
        ),
        (["remove-controller", "--controller-id=-1", "-d", "x"], "Invalid negative --controller-id: -1"),
        (
            ["remove-controller", "-i", "1", "-d", "x"],
            "Failed to parse --controller-directory-id: 'x' is not the 22 characters of a directory id"
        ),
    ])
    func `what metadata-quorum does not take`(_ words: [String], _ reason: String) {
        let session = Session()
        #expect(session.run(["metadata-quorum", "--bootstrap-server", "127.0.0.1:1"] + words) == 1)
        #expect(session.told.hasSuffix(reason + "\n"), "\(session.told)")
    }

    @Test func `a quorum needs a cluster`() {
        let session = Session()
        #expect(session.run(["metadata-quorum", "describe", "--status"]) == 1)
        #expect(
            session.told.hasSuffix(
                "error: one of the arguments --bootstrap-server --bootstrap-controller is required\n"))
    }

    @Test func `a new controller by its own file`() throws {
        let directory = TemporaryDirectory()
        try MetaProperties(clusterID: "c", nodeID: 3, directoryID: directoryID)
            .write(directory: directory.path, disk: .real)
        let good = [
            "node.id": "3", "process.roles": "broker,controller", "log.dirs": directory.path,
            "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093", "controller.listener.names": "CONTROLLER",
        ]
        #expect(
            try NewController(good).text
                == "controller 3 with directory id \(directoryID) and endpoints: CONTROLLER://localhost:9093")
        let advertised = good.merging(["advertised.listeners": "controller://[::1]:1"]) { $1 }
        #expect(try NewController(advertised).text.hasSuffix("CONTROLLER://[::1]:1"))
        func complaint(_ key: String, _ value: String?) -> String {
            var properties = good
            properties[key] = value
            do throws(NewController.Failure) {
                return try NewController(properties).text
            } catch {
                return error.description
            }
        }
        let hint = "Is this a valid controller configuration file?"
        #expect(complaint("node.id", nil) == "node.id not found in configuration file. \(hint)")
        #expect(complaint("node.id", "-3") == "node.id was negative in configuration file. \(hint)")
        #expect(
            complaint("process.roles", "broker")
                == "process.roles did not contain 'controller' in configuration file. \(hint)")
        #expect(
            complaint("controller.listener.names", nil) == "controller.listener.names was not found. \(hint)")
        #expect(
            complaint("controller.listener.names", "X")
                == "Cannot find information about controller listener name: X")
        #expect(complaint("log.dirs", nil) == "Neither metadata.log.dir nor log.dirs were found. \(hint)")
        #expect(complaint("log.dirs", "/nowhere") == "Unable to read meta.properties from /nowhere")
        let path = directory.file("server.properties")
        let text = good.map { "\($0)=\($1)\n" }.joined()
        try Disk.real.replaceContents(of: path, with: Array(text.utf8))
        // What cannot be done must not succeed when it is only tried.
        #expect(
            Session().transcript(
                "metadata-quorum", "--bootstrap-server", "127.0.0.1:1", "--command-config", path, "add-controller",
                "--dry-run")
                == "1\n! skafka: cannot add controller 3: cannot connect to 127.0.0.1:1: Connection refused\n")
        #expect(
            Session().transcript(
                "metadata-quorum", "--bootstrap-server", "127.0.0.1:1", "--command-config", "/nowhere",
                "add-controller") == "1\n! Properties file /nowhere does not exists!\n")
        #expect(
            Session().transcript(
                "metadata-quorum", "--bootstrap-server", "127.0.0.1:1", "remove-controller", "-i", "3", "-d",
                directoryID.description, "--dry-run")
                == "1\n! skafka: cannot remove controller 3: cannot connect to 127.0.0.1:1: Connection refused\n")
    }

    @Test func `the features of a cluster`() {
        let report = FeaturesReport(
            versions: NodeVersions(
                apis: [:], supportedFeatures: ["metadata.version": 7...30, "group.version": 0...1],
                finalizedFeatures: ["metadata.version": 30], finalizedEpoch: 12))
        #expect(
            report.text
                == "Feature: group.version                             SupportedMinVersion: 0                "
                + "SupportedMaxVersion: 1                FinalizedVersionLevel: 0                Epoch: 12\n"
                + "Feature: metadata.version                          SupportedMinVersion: 3.3-IV3          "
                + "SupportedMaxVersion: 4.3-IV0          FinalizedVersionLevel: 4.3-IV0          Epoch: 12\n")
        let strange = FeaturesReport(
            versions: NodeVersions(apis: [:], supportedFeatures: ["metadata.version": 1...99]))
        #expect(strange.text.contains("SupportedMinVersion: 3.0-IV1 ") && strange.text.contains("UNKNOWN 99"))
        #expect(strange.text.hasSuffix("Epoch: -\n"))
    }

    private func changes(_ words: String...) throws -> FeatureChanges {
        let all = ["--bootstrap-server", "a:1"] + words
        guard case .run(let arguments) = try Parser.parse(all, for: FeaturesTool.declaration) else {
            throw UsageError("help")
        }
        return try FeatureChanges(arguments)
    }

    private func complaint(_ words: String...) -> String {
        let session = Session()
        #expect(session.run(["features", "--bootstrap-server", "127.0.0.1:1"] + words) == 1)
        return session.told
    }

    @Test func `what is asked of features`() throws {
        let upgrade = try changes("upgrade", "--feature", "b=2", "--feature", "a=1", "--dry-run")
        #expect(upgrade.updates == [FeatureUpdate("a", 1, .upgrade), FeatureUpdate("b", 2, .upgrade)])
        #expect(upgrade.mode == .validate)
        let release = try changes("upgrade", "--release-version", "4.0").updates
        #expect(
            release.map(\.feature) == ["group.version", "kraft.version", "metadata.version", "transaction.version"])
        #expect(try changes("downgrade", "--release-version", "4.0").updates.count == 7)
        #expect(
            try changes("disable", "--feature", "a", "--unsafe").updates == [FeatureUpdate("a", 0, .unsafeDowngrade)])
        let old = try changes("downgrade", "--metadata", "3.9")
        #expect(old.updates == [FeatureUpdate("metadata.version", 21, .safeDowngrade)])
        #expect(old.notices == [" `metadata` flag is deprecated and may be removed in a future release."])
    }

    @Test func `what became of changes`() throws {
        let upgrade = try changes("upgrade", "--feature", "metadata.version=30")
        #expect(upgrade.line(("metadata.version", .none, nil)) == "metadata.version was upgraded to 30.")
        #expect(
            upgrade.line(("metadata.version", .invalidUpdateVersion, "No."))
                == "Could not upgrade metadata.version to 30. No.")
        let trial = try changes("upgrade", "--feature", "metadata.version=30", "--dry-run")
        #expect(trial.line(("metadata.version", .none, nil)) == "metadata.version can be upgraded to 30.")
        #expect(
            trial.line(("metadata.version", .invalidUpdateVersion, "No."))
                == "Can not upgrade metadata.version to 30. No.")
        let disabling = try changes("disable", "--feature", "group.version")
        #expect(disabling.line(("group.version", .none, nil)) == "group.version was disabled.")
        #expect(
            disabling.line(("group.version", .invalidUpdateVersion, "No."))
                == "Could not disable group.version. No.")
    }

    @Test func `what features does not take`() {
        #expect(complaint("upgrade") == "You must specify at least one feature to upgrade\n")
        #expect(
            complaint("upgrade", "--release-version", "4.0", "--feature", "a=1")
                == "Can not specify `release-version` with other feature flags.\n")
        #expect(
            complaint("upgrade", "--feature", "x") == "Can't parse feature=level string x: equals sign not found.\n")
        #expect(
            complaint("downgrade", "--feature", "x=1", "--feature", "x=2")
                == "Feature x was specified more than once.\n")
        #expect(
            complaint("disable", "--feature", "x", "--feature", "x") == "Feature x was specified more than once.\n")
        #expect(complaint("upgrade", "--metadata", "9.9").hasPrefix("Unknown metadata.version '9.9'."))
        #expect(complaint("describe", "--node-id=-1") == "Invalid node id -1: must be non-negative.\n")
        let session = Session()
        #expect(session.run(["features", "describe"]) == 1)
        #expect(
            session.told
                == "Command line error: You must specify either --bootstrap-controller or --bootstrap-server.. Type "
                + "--help for help.\n")
    }
}
