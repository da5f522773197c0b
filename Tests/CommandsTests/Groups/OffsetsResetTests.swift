import CommandLine
import KafkaClient
import KafkaModel
import Testing

@testable import Commands

/// Where groups are moved to.
@Suite struct OffsetsResetTests {
    private let p0 = TopicPartition("t", 0)
    private let p1 = TopicPartition("t", 1)

    /// Partition 0 holds 5 to 20, of which 8 are committed; partition 1 holds 0 to 3 and nothing is committed.
    private var facts: OffsetsReset.Facts {
        var facts = OffsetsReset.Facts()
        facts.starts = [p0: 5, p1: 0]
        facts.ends = [p0: 20, p1: 3]
        facts.times = [p0: 11]
        facts.committed = [p0: CommittedOffset(8)]
        return facts
    }

    private func plan(_ words: String..., from facts: OffsetsReset.Facts? = nil) throws -> OffsetsReset.Plan {
        let all = ["--reset-offsets", "--group", "g", "--topic", "t", "--dry-run"] + words
        guard case .run(let arguments) = try Parser.parse(all, for: ConsumerGroups.declaration),
            case .reset(let reset) = try ConsumerGroupsRequest(arguments).action
        else { throw UsageError("it is no reset") }
        return try reset.plan(for: "g", [p1, p0], facts ?? self.facts)
    }

    private func offsets(_ words: String...) throws -> [TopicPartition: Int64] {
        let all = ["--reset-offsets", "--group", "g", "--topic", "t", "--dry-run"] + words
        guard case .run(let arguments) = try Parser.parse(all, for: ConsumerGroups.declaration),
            case .reset(let reset) = try ConsumerGroupsRequest(arguments).action
        else { throw UsageError("it is no reset") }
        return try reset.plan(for: "g", [p1, p0], facts).offsets
    }

    @Test func `each way leads somewhere`() throws {
        #expect(try offsets("--to-earliest") == [p0: 5, p1: 0])
        #expect(try offsets("--to-latest") == [p0: 20, p1: 3])
        #expect(try offsets("--to-current") == [p0: 8, p1: 3])
        #expect(try offsets("--to-datetime", "2026-01-31T12:00:00.000") == [p0: 11, p1: 3])
        #expect(try offsets("--by-duration", "PT1H") == [p0: 11, p1: 3])
        #expect(
            try plan("--to-datetime", "2026-01-31T12:00:00Z").remarks
                == ["Warn: Partition 1 from topic t is empty. Falling back to latest known offset."])
    }

    @Test func `what lies outside is moved inside, and told`() throws {
        let plan = try plan("--to-offset", "4")
        #expect(plan.offsets == [p0: 5, p1: 3])
        #expect(
            plan.warnings == [
                "New offset (4) is lower than earliest offset for topic partition t-0. Value will be set to 5",
                "New offset (4) is higher than latest offset for topic partition t-1. Value will be set to 3",
            ])
        #expect(try offsets("--to-offset", "9223372036854775807") == [p0: 20, p1: 3])
    }

    @Test func `a shift goes from what is committed, and as far as there are records`() throws {
        var facts = facts
        facts.committed[p1] = CommittedOffset(1)
        #expect(try plan("--shift-by", "1", from: facts).offsets == [p0: 9, p1: 2])
        #expect(try plan("--shift-by", "-2", from: facts).offsets == [p0: 6, p1: 0])
        #expect(try plan("--shift-by", "9223372036854775807", from: facts).offsets == [p0: 20, p1: 3])
        #expect(try plan("--shift-by", "-9223372036854775808", from: facts).offsets == [p0: 5, p1: 0])
        #expect(
            throws: OffsetsReset.Obstacle(
                message: "Cannot shift offset for partition t-1 since there is no current committed offset")
        ) { try plan("--shift-by", "1") }
    }

    @Test func `a partition that nobody can tell of stays`() {
        #expect(
            throws: OffsetsReset.Obstacle(message: "Error getting starting offset of topic partition: t-0")
        ) { try plan("--to-earliest", from: OffsetsReset.Facts()) }
        #expect(throws: OffsetsReset.Obstacle(message: "Error getting ending offset of topic partition: t-0")) {
            try plan("--to-latest", from: OffsetsReset.Facts())
        }
    }

    @Test func `a plan that was printed can be read`() throws {
        var report = ResetReport()
        report.add("g", [p0: 3, TopicPartition("a-topic-with-a-name-of-length", 0): 1])
        #expect(report.csv(naming: false) == "\"a-topic-with-a-name-of-length\",0,1\nt,0,3\n\n")
        #expect(report.csv(naming: true) == "g,\"a-topic-with-a-name-of-length\",0,1\ng,t,0,3\n\n")
        let one = try ResetPlanFile(report.csv(naming: false), path: "f", groups: ["g"])
        let many = try ResetPlanFile(report.csv(naming: true), path: "f", groups: [])
        #expect(one == many)
        #expect(one.offsets == ["g": [p0: 3, TopicPartition("a-topic-with-a-name-of-length", 0): 1]])
        report = ResetReport()
        report.add("a \"group\"", [p0: 3])
        #expect(report.csv(naming: true) == "\"a \"\"group\"\"\",t,0,3\n\n")
        #expect(try ResetPlanFile(report.csv(naming: true), path: "f", groups: []).offsets == ["a \"group\"": [p0: 3]])
        #expect(try ResetPlanFile("t,0,3\r\nt,1,4\r\n", path: "f", groups: ["g"]).offsets == ["g": [p0: 3, p1: 4]])
    }

    @Test(arguments: [
        ("t,0", "f:1: it is neither topic,partition,offset nor group,topic,partition,offset"),
        ("t,0,1\nt,x,1", "f:2: 'x' is no partition"), ("t,0,y", "f:1: 'y' is no offset"),
        ("\"t,0,1", "f:1: a quotation mark is missing"),
    ])
    func `a plan that is none says where`(_ text: String, _ reason: String) {
        #expect(throws: ResetPlanFile.Failure(description: reason)) {
            try ResetPlanFile(text, path: "f", groups: ["g"])
        }
    }

    @Test func `lines without a group are for one group`() {
        #expect(
            throws: ResetPlanFile.Failure(
                description: "f:1: a line without a group is for a plan of one group: group,topic,partition,offset")
        ) { try ResetPlanFile("t,0,1", path: "f", groups: ["a", "b"]) }
    }

    @Test func `the table of a plan`() {
        var report = ResetReport()
        report.add("g", [p1: 12, p0: 3])
        report.add("busy", [:])
        #expect(
            report.text == """

                GROUP           TOPIC           PARTITION  NEW-OFFSET
                g               t               0          3
                g               t               1          12

                """)
        #expect(ResetReport().text == "\n")
    }
}
