import CommandLine
import KafkaClient
import KafkaModel
import Posix
import TestSupport
import Testing

@testable import Commands

/// The files of delete-records and leader-election, and what both print.
@Suite struct JSONFileTests {
    private let directory = TemporaryDirectory()

    private func complaint(_ text: String, _ words: [String], _ option: String) throws -> String {
        let path = directory.file("f.json")
        try Disk.real.replaceContents(of: path, with: Array(text.utf8))
        let session = Session(variables: ["SKAFKA_BOOTSTRAP_SERVER": "127.0.0.1:1"])
        #expect(session.run(words + [option, path]) == 1)
        #expect(session.printed == "")
        return session.told.split(separator: directory.path + "/", omittingEmptySubsequences: false).joined()
    }

    @Test(arguments: [
        ("{\n  \"partitions\": [1,]\n}", "f.json is not a valid JSON: this is no value at line 2, column 20"),
        ("[]", "Expected JSON object, received []"),
        ("{}", "Missing partitions field"),
        (#"{"version":2,"partitions":[]}"#, "Not supported version field value 2"),
        (#"{"version":"1"}"#, "Expected `integer` for version, received \"1\""),
        (#"{"partitions":{}}"#, "Expected JSON array, received {}"),
        (
            #"{"partitions":[{"topic":"t","partition":0}]}"#,
            "No such integer field exists: `offset` in {\"topic\":\"t\",\"partition\":0}"
        ),
        (
            #"{"partitions":[{"topic":"t","partition":4294967296,"offset":1}]}"#,
            "No such integer field exists: `partition` in {\"topic\":\"t\",\"partition\":4294967296,\"offset\":1}"
        ),
        (
            #"{"partitions":[{"topic":"t","partition":0,"offset":1},{"topic":"t","partition":0,"offset":2}]}"#,
            "Offset json file contains duplicate topic partitions: t-0"
        ),
    ])
    func `what delete-records does not take`(_ text: String, _ reason: String) throws {
        #expect(try complaint(text, ["delete-records"], "--offset-json-file") == reason + "\n")
    }

    @Test func `what delete-records takes`() throws {
        let text = #"{"version":1,"partitions":[{"topic":"foo","partition":1,"offset":-1}]}"#
        #expect(try DeleteRecords.offsets(JSONParser.parse(Array(text.utf8))) == [TopicPartition("foo", 1): -1])
        let session = Session()
        #expect(session.run(["delete-records", "--bootstrap-server", "a:1"]) == 1)
        #expect(session.told.hasPrefix("Missing required argument \"[offset-json-file]\"\n"))
        #expect(session.run(["delete-records", "--offset-json-file", "/nowhere"]) == 1)
        #expect(session.told.hasPrefix("Missing required argument \"[bootstrap-server]\"\n"))
        #expect(session.run(["delete-records", "--bootstrap-server", "a:1", "--offset-json-file", "/nowhere"]) == 1)
        #expect(session.told == "cannot open /nowhere: No such file or directory\n")
    }

    @Test func `what became of a deletion`() {
        let report = DeletionReport(results: [
            TopicPartition("foo", 2): .failure(
                ClientError("h:1", .receive(.deleteRecords), .refused(.offsetOutOfRange, message: "too far"))),
            TopicPartition("foo", 1): .success(1),
        ])
        #expect(
            report.text
                == "partition: foo-1\tlow_watermark: 1\npartition: foo-2\terror: too far (OFFSET_OUT_OF_RANGE)\n")
        #expect(report.hasFailed)
        #expect(
            StructuredValue.rendered(report.rows, as: .csv)
                == "topic,partition,lowWatermark,error\nfoo,1,1,\nfoo,2,,too far (OFFSET_OUT_OF_RANGE)\n")
    }

    @Test(arguments: [
        ([], "Missing required option(s): election-type"),
        (["--election-type", "clean"], "Cannot parse argument 'clean' of option election-type"),
        (
            ["--election-type", "preferred"],
            "One and only one of the following options is required: topic, all-topic-partitions, path-to-json-file"
        ),
        (
            ["--election-type", "preferred", "--all-topic-partitions", "--topic", "t"],
            "One and only one of the following options is required: topic, all-topic-partitions, path-to-json-file"
        ),
        (["--election-type", "preferred", "--topic", "t"], "Missing required option(s): partition"),
        (
            ["--election-type", "UNCLEAN", "--all-topic-partitions", "--partition", "1"],
            "Option partition is only allowed if topic is used"
        ),
        (
            ["--election-type", "preferred", "--topic", "t", "--partition", "x"],
            "Cannot parse argument 'x' of option partition"
        ),
    ])
    func `what leader-election lacks`(_ words: [String], _ reason: String) {
        let session = Session(variables: ["SKAFKA_BOOTSTRAP_SERVER": "127.0.0.1:1"])
        #expect(session.run(["leader-election", "--output", "text"] + words) == 1)
        #expect(session.told.hasPrefix(reason + "\n") && session.printed == "")
        let nowhere = Session()
        #expect(nowhere.run(["leader-election", "--topic", "t"]) == 1)
        #expect(nowhere.told == "Missing required option(s): bootstrap-server, election-type\n")
    }

    @Test(arguments: [
        ("{}", "Replica election data is missing \"partitions\" field"),
        (
            #"{"partitions":[{"topic":"t","partition":1},{"topic":"t","partition":1}]}"#,
            "Replica election data contains duplicate partitions: [t-1]"
        ),
        (#"{"partitions":[{"partition":1}]}"#, "No such string field exists: `topic` in {\"partition\":1}"),
    ])
    func `what leader-election does not take`(_ text: String, _ reason: String) throws {
        let told = try complaint(text, ["leader-election", "--election-type", "preferred"], "--path-to-json-file")
        #expect(told == reason + "\n")
    }

    @Test func `what became of elections`() {
        let report = ElectionReport(
            type: .preferred,
            results: [
                (TopicPartition("foo", 0), .none, nil), (TopicPartition("foo", 1), .none, nil),
                (TopicPartition("bar", 0), .electionNotNeeded, nil),
                (TopicPartition("bar", 1), .preferredLeaderNotAvailable, "it is behind"),
            ])
        #expect(
            report.text == """
                Successfully completed leader election (PREFERRED) for partitions foo-0, foo-1
                Valid replica already elected for partitions bar-0

                """)
        #expect(
            report.complaints
                == "Error completing leader election (PREFERRED) for partition: bar-1: it is behind "
                + "(PREFERRED_LEADER_NOT_AVAILABLE)\n")
        #expect(
            StructuredValue.rendered(report.rows, as: .csv) == """
                topic,partition,outcome,error
                foo,0,elected,
                foo,1,elected,
                bar,0,alreadyElected,
                bar,1,failed,it is behind (PREFERRED_LEADER_NOT_AVAILABLE)

                """)
    }
}
