import CommandLine
import KafkaClient
import KafkaModel
import Testing
import Timing

@testable import Commands

@Suite struct GetOffsetsTests {
    private func complaint(_ words: String...) -> String {
        let session = Session(variables: ["SKAFKA_BOOTSTRAP_SERVER": "127.0.0.1:1"])
        #expect(session.run(["get-offsets"] + words) == 1)
        #expect(session.printed == "")
        return session.told
    }

    @Test func `what makes no sense is told as Kafka tells it`() {
        #expect(
            complaint("--topic-partitions", "a", "--topic", "b")
                == "Error occurred: --topic-partitions cannot be used with --topic or --partitions\n")
        #expect(
            complaint("--time", "x")
                == "Error occurred: Malformed time argument x. Please use -1 or latest / -2 or earliest / -3 or "
                + "max-timestamp / -4 or earliest-local / -5 or latest-tiered / -6 or earliest-pending-upload, or a "
                + "specified long format timestamp\n")
        #expect(
            complaint("--partitions", "0,x")
                == "Error occurred: --partitions expects a comma separated list of numeric partition ids, but received: "
                + "0,x\n")
        #expect(
            complaint("--topic-partitions", "t:1,u:x") == "Error occurred: Invalid rule specification: u:x\n")
        #expect(complaint("--topic-partitions", "t:1:2") == "Error occurred: Invalid rule specification: t:1:2\n")
        #expect(complaint("--topic", "[").hasPrefix("Error occurred: [ is an invalid regex.\n"))
        let session = Session()
        #expect(session.run(["get-offsets", "--topic", "a"]) == 1)
        #expect(session.told.hasPrefix("Missing required argument \"[bootstrap-server]\"\n"))
    }

    @Test(arguments: [
        ("latest", OffsetSpec.latest), ("-1", .latest), ("earliest", .earliest), ("-2", .earliest),
        ("max-timestamp", .maxTimestamp), ("-3", .maxTimestamp), ("earliest-local", .earliestLocal),
        ("-4", .earliestLocal), ("latest-tiered", .latestTiered), ("-5", .latestTiered),
        ("earliest-pending-upload", .earliestPendingUpload), ("-6", .earliestPendingUpload),
        ("0", .at(Timestamp(milliseconds: 0))), ("1700000000000", .at(Timestamp(milliseconds: 1_700_000_000_000))),
    ])
    func `every time has its name and its number`(_ text: String, _ spec: OffsetSpec) throws {
        #expect(try OffsetSpec(text) == spec)
    }

    private static let partitions = ["t1", "t2", "t3", "t4", "t5"].flatMap { topic in
        (0..<7).map { TopicPartition(topic, $0) }
    }

    @Test func `rules with partitions`() throws {
        let filter = try PartitionFilter(rules: "t1:1,t2:0-3,t3,t4:5-,t5:-3")
        let allowed = Self.partitions.filter(filter.allows).map(\.description)
        #expect(
            allowed == [
                "t1-1", "t2-0", "t2-1", "t2-2", "t3-0", "t3-1", "t3-2", "t3-3", "t3-4", "t3-5", "t3-6", "t4-5", "t4-6",
                "t5-0", "t5-1", "t5-2",
            ])
        let every = try PartitionFilter(rules: ":2,t1:")
        #expect(Self.partitions.filter(every.allows).count == 4 + 7)
        let none = try PartitionFilter(rules: "t.*:3-3")
        #expect(!Self.partitions.contains(where: none.allows))
    }

    @Test func `topics and partitions`() throws {
        let filter = try PartitionFilter(topic: "t[12]", partitions: "0,6")
        #expect(Self.partitions.filter(filter.allows).map(\.description) == ["t1-0", "t1-6", "t2-0", "t2-6"])
        #expect(Self.partitions.filter(try PartitionFilter(topic: nil, partitions: "").allows).count == 35)
    }

    @Test func `the lines and the rows`() {
        var report = OffsetsReport()
        report.add(TopicPartition("t", 10), 5)
        report.add(TopicPartition("t", 2), 0)
        #expect(report.text == "t:10:5\nt:2:0\n")
        #expect(
            StructuredValue.rendered(report.rows, as: .jsonl)
                == #"{"topic":"t","partition":10,"offset":5}"# + "\n" + #"{"topic":"t","partition":2,"offset":0}"#
                + "\n")
    }
}
