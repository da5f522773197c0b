import Bytes
import CommandLine
import KafkaClient
import KafkaModel
import Posix
import TestSupport
import Testing
import Timing

@testable import Commands

@Suite struct ConsoleConsumerTests {
    private func complaint(_ words: String...) -> String {
        let session = Session()
        #expect(session.run(["console-consumer", "--bootstrap-server", "127.0.0.1:1"] + words) == 1)
        #expect(session.printed.isEmpty)
        return String(session.told.split(separator: "\n").first ?? "")
    }

    @Test func `what the command line lacks or says wrong, in Kafka's words`() {
        #expect(complaint() == "Exactly one of the following arguments is required: [topic], [include]")
        #expect(
            complaint("--topic", "t", "--include", "x")
                == "Exactly one of the following arguments is required: [topic], [include]")
        #expect(
            complaint("--include", "x", "--partition", "0") == "The topic is required when partition is specified.")
        #expect(
            complaint("--topic", "t", "--partition", "0", "--from-beginning", "--offset", "1")
                == "Options from-beginning and offset cannot be specified together.")
        #expect(
            complaint("--topic", "t", "--offset", "1") == "The partition is required when offset is specified.")
        #expect(
            complaint("--topic", "t", "--partition", "0", "--group", "g")
                == "Options group and partition cannot be specified together.")
        #expect(
            complaint("--topic", "t", "--partition", "0", "--offset", "-1")
                == "The provided offset value '-1' is incorrect. Valid values are 'earliest', 'latest', or a non-negative "
                + "long.")
        #expect(
            complaint("--topic", "t", "--max-messages", "x") == "Cannot parse argument 'x' of option max-messages")
        #expect(
            complaint("--topic", "t", "--from-beginning", "--command-property", "auto.offset.reset=latest")
                == "Can't simultaneously specify --from-beginning and 'auto.offset.reset=latest', please remove one option"
        )
        #expect(
            complaint("--topic", "t", "--group", "a", "--command-property", "group.id=b")
                == "The group ids provided in different places (directly using '--group', via '--consumer-property', or "
                + "via '--consumer.config') do not match. Detected group ids: 'a', 'b'")
        #expect(
            complaint("--topic", "t", "--group", " ")
                == "The configured group.id should not be an empty string or whitespace.")
        #expect(
            complaint("--topic", "t", "--group", "a", "--tail", "3")
                == "Options group and tail cannot be specified together.")
        #expect(
            complaint("--topic", "t", "--command-property", "group.id=a", "--key", "k")
                == "Options group and key cannot be specified together.")
        #expect(complaint("--include", "(").contains("is an invalid regex."))
        #expect(
            complaint("--topic", "t", "--value-deserializer", "com.example.Avro")
                == "value.deserializer: 'com.example.Avro' is no deserializer this program knows")
        #expect(complaint("--topic", "t", "--formatter", "X") == "'X' is no formatter this program knows")
        #expect(
            complaint("--topic", "t", "--from-time", "soon") == "Cannot parse argument 'soon' of option from-time")
        #expect(
            complaint("--topic", "t", "--from-time", "-1h", "--tail", "3")
                == "Options from-time and tail cannot be specified together.")
        #expect(complaint("--topic", "t", "--tz", "Mars/Olympus") == "'Mars/Olympus' is no time zone")
    }

    @Test func `a group in the file is a place as well, though the property wins over it`() throws {
        let directory = TemporaryDirectory()
        let path = directory.file("client.properties")
        let file = try Disk.real.open(path, .replace)
        try file.write(Array("group.id=c\n".utf8), at: 0)
        #expect(
            complaint("--topic", "t", "--command-config", path, "--command-property", "group.id=b")
                .hasSuffix("Detected group ids: 'b', 'c'"))
    }

    @Test func `the old names still work, with a warning`() {
        let session = Session()
        _ = session.run([
            "console-consumer", "--bootstrap-server", "127.0.0.1:1", "--topic", "t", "--whitelist", "x", "--property",
            "print.key=true", "--consumer-property", "a=b",
        ])
        for (old, new) in [
            ("whitelist", "include"), ("property", "formatter-property"), ("consumer-property", "command-property"),
        ] {
            #expect(
                session.told.contains(
                    "Option --\(old) is deprecated and will be removed in a future version. Use --\(new) instead.\n"))
        }
    }

    @Test func `deserializers print what Java objects would`() throws {
        func text(_ name: String, _ bytes: [UInt8]) -> String {
            var writer = ByteWriter()
            do throws(Deserializer.Failure) {
                try Deserializer(name: name)?.append(bytes.span.bytes, to: &writer)
            } catch {
                return "! \(error.reason)"
            }
            return String(decoding: Array(writer.bytes), as: UTF8.self)
        }
        let package = "org.apache.kafka.common.serialization."
        #expect(text(package + "StringDeserializer", [0x61, 0xff]) == "a\u{FFFD}")
        #expect(text(package + "IntegerDeserializer", [0xff, 0xff, 0xff, 0xfe]) == "-2")
        #expect(text("IntegerDeserializer", [1]) == "! Size of data received by IntegerDeserializer is not 4")
        #expect(text("long", [0, 0, 0, 0, 0, 0, 1, 0]) == "256")
        #expect(text("short", [0x80, 0]) == "-32768")
        #expect(text("double", [0x40, 0x09, 0x21, 0xfb, 0x54, 0x44, 0x2d, 0x18]) == "3.141592653589793")
        #expect(text("float", [0x3f, 0xc0, 0, 0]) == "1.5")
        #expect(text("boolean", [1]) == "true")
        #expect(text("boolean", [7]) == "! Unexpected byte received by BooleanDeserializer: 7")
        #expect(text("uuid", Array("1B-2-3-4-5".utf8)) == "0000001b-0002-0003-0004-000000000005")
        #expect(text("uuid", Array("x".utf8)) == "! Error parsing data into UUID: Invalid UUID string: x")
        #expect(text(package + "BytesDeserializer", [0x61, 0x5c, 0]) == "a\\x5C\\x00")
        #expect(text(package + "VoidDeserializer", []) == "! Data should be null for a VoidDeserializer.")
        #expect(Deserializer(name: "org.example.StringDeserializer") == nil)
        #expect(Deserializer(name: package + "ListDeserializer") == nil)
    }

    @Test func `numbers with a fraction are Java's`() {
        let numbers: [(Double, String)] = [
            (0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (100, "100.0"), (0.001, "0.001"), (0.0001, "1.0E-4"),
            (9_999_999, "9999999.0"), (10_000_000, "1.0E7"), (1.5e300, "1.5E300"), (123.456, "123.456"),
            (-1e-10, "-1.0E-10"), (.infinity, "Infinity"), (-.infinity, "-Infinity"), (.nan, "NaN"),
        ]
        for (number, text) in numbers { #expect(JavaNumber.text(number) == text) }
        #expect(JavaNumber.text(Float(0.1)) == "0.1")
        #expect(JavaNumber.text(Float(1e10)) == "1.0E10")
    }

    @Test func `times as people name them`() {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        func time(_ text: String, _ zone: TimeZoneChoice = .utc) -> Int64? {
            TimePoint.parse(text, now: now, zone: zone)?.milliseconds
        }
        #expect(time("1699999999999") == 1_699_999_999_999)
        #expect(time("2023-11-14T22:13:20") == 1_700_000_000_000)
        #expect(time("2023-11-14T22:13:20", .fixed(3_600_000)) == 1_699_996_400_000)
        #expect(time("2023-11-14T22:13:20Z", .fixed(3_600_000)) == 1_700_000_000_000)
        #expect(time("2023-11-14T23:13:20+01:00") == 1_700_000_000_000)
        #expect(time("-1h") == 1_699_996_400_000)
        #expect(time("-1d12h") == 1_699_870_400_000)
        #expect(time("2 hours ago") == 1_699_992_800_000)
        #expect(time("90 minutes ago") == 1_699_994_600_000)
        #expect(time("-PT5M") == 1_699_999_700_000)
        #expect(time("now") == 1_700_000_000_000)
        #expect(time("today") == 1_699_920_000_000)
        #expect(time("yesterday") == 1_699_833_600_000)
        for wrong in ["", "soon", "-", "-1", "-1x", "ago", "2023-13-01", "1h"] {
            #expect(time(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `zones and how times are printed`() {
        let time: Int64 = 1_700_000_000_123
        func text(_ form: TimeForm) -> String {
            var writer = ByteWriter()
            form.append(time, to: &writer)
            return String(decoding: Array(writer.bytes), as: UTF8.self)
        }
        #expect(text(.milliseconds) == "1700000000123")
        #expect(text(.iso(.utc)) == "2023-11-14T22:13:20.123Z")
        #expect(TimeZoneChoice("-08:00") == .fixed(-28_800_000))
        #expect(text(.iso(.fixed(-28_800_000))) == "2023-11-14T14:13:20.123-08:00")
        #expect(text(.relative(Timestamp(milliseconds: time + 200_000))) == "3 min 20 s ago")
        #expect(TimeZoneChoice("../etc") == nil)
    }

    @Test func `the newest records come in the order of their times`() {
        var tail = ConsoleTail(count: 3)
        for time in [1, 4, 9] as [Int64] { tail.add(timestamp: time, slot: 0, Array("\(time) ".utf8)) }
        // A partition keeps the order of its offsets, whatever their times.
        for time in [5, 2, 8] as [Int64] { tail.add(timestamp: time, slot: 1, Array("\(time) ".utf8)) }
        #expect(tail.newest.map { String(decoding: $0, as: UTF8.self) }.joined() == "2 8 9 ")
    }

    @Test func `dates of the performance tests are those of SimpleDateFormat`() {
        let time = Timestamp(milliseconds: 1_700_000_000_123)
        func text(_ pattern: String) -> String? { SimpleDateFormat(pattern)?.text(time, in: .utc) }
        #expect(text("yyyy-MM-dd HH:mm:ss:SSS") == "2023-11-14 22:13:20:123")
        #expect(text("EEE d MMM yy hh:mm a 'o''clock' Z") == "Tue 14 Nov 23 10:13 PM o'clock +0000")
        #expect(text("EEEE, MMMM") == "Tuesday, November")
        #expect(text("Q") == nil)
        #expect(text("'open") == nil)
    }

    @Test func `the rows of consumer-perf-test`() throws {
        let format = try #require(SimpleDateFormat("yyyy-MM-dd HH:mm:ss:SSS"))
        let report = ConsumerPerfReport(format: format, zone: .utc)
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        let end = Timestamp(milliseconds: 1_700_000_005_000)
        #expect(
            report.total(from: start, to: end, bytes: 100_000_000, records: 100_000)
                == "2023-11-14 22:13:20:000, 2023-11-14 22:13:25:000, 95.3674, 19.0735, 100000, 20000.0000, 0, 5000, "
                + "19.0735, 20000.0000")
        #expect(
            report.interval(
                at: end, since: start, bytes: 100_000_000, records: 100_000, newBytes: 50_000_000, newRecords: 50_000)
                == "2023-11-14 22:13:25:000, 0, 95.3674, 9.5367, 100000, 10000.0000, 0, 5000, 9.5367, 10000.0000")
    }

    @Test func `whoever says how to be a member is one, of a group of its own`() throws {
        func settings(_ words: String...) throws -> [String: String] {
            let all = ["--bootstrap-server", "x:1"] + words
            guard case .run(let arguments) = try Parser.parse(all, for: ConsoleConsumer.declaration) else { return [:] }
            let environment = Environment(
                console: Console { _, _ in }, variable: { _ in nil }, processes: "/nonexistent")
            let request = try ConsoleRequest(arguments, environment, now: Timestamp(milliseconds: 0))
            var properties: [String: String] = [:]
            for setting in arguments.values("command-property") {
                let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
                properties[parts[0]] = parts[1]
            }
            try ConsoleConsumer.complete(&properties, request)
            return properties
        }
        #expect(try settings("--topic", "t")["group.id"] == nil)
        #expect(try settings("--topic", "t", "--group", "g") == ["group.id": "g"])
        let own = try settings("--topic", "t", "--command-property", "group.protocol=consumer")
        #expect(own["group.id"]?.hasPrefix("console-consumer-") == true)
        #expect(own["enable.auto.commit"] == "false")
        let keeping = try settings("--topic", "t", "--command-property", "enable.auto.commit=true")
        #expect(keeping["group.id"]?.hasPrefix("console-consumer-") == true)
        #expect(keeping["enable.auto.commit"] == "true")
    }

    @Test func `the time of rebalances counts while there is nothing to fetch`() {
        func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }
        let time = RebalanceTime(at(1000))
        time.assigned([TopicPartition("t", 0), TopicPartition("t", 1)], at: at(1100))
        time.revoked([TopicPartition("t", 1)], at: at(2000))
        time.assigned([TopicPartition("t", 2)], at: at(2500))
        #expect(time.total == 100)
        #expect(time.takeRound() == 100)
        time.revoked([TopicPartition("t", 0), TopicPartition("t", 2)], at: at(3000))
        time.assigned([], at: at(3050))
        #expect((time.total, time.takeRound()) == (150, 50))
        let format = SimpleDateFormat("HH:mm:ss")
        let report = format.map { ConsumerPerfReport(format: $0, zone: .utc) }
        #expect(
            report?.total(from: at(0), to: at(1000), bytes: 1_048_576, records: 100, rebalancing: 500)
                == "00:00:00, 00:00:01, 1.0000, 1.0000, 100, 100.0000, 500, 500, 2.0000, 200.0000")
    }

    @Test func `the events of verifiable-consumer`() {
        let partition = TopicPartition("t", 3)
        #expect(
            VerifiableEvent.partitionsRevoked([]).json(at: 5)
                == #"{"timestamp":5,"name":"partitions_revoked","partitions":[]}"#)
        let offsets = [partition: CommittedOffset(9)]
        #expect(
            VerifiableEvent.offsetsCommitted(offsets, error: nil).json(at: 5)
                == #"{"timestamp":5,"name":"offsets_committed","offsets":[{"topic":"t","partition":3,"offset":9}],"success":true}"#
        )
        #expect(
            VerifiableEvent.offsetsCommitted([:], error: "no").json(at: 5)
                == #"{"timestamp":5,"name":"offsets_committed","offsets":[],"error":"no","success":false}"#)
        #expect(VerifiableEvent.startupComplete.json(at: 5) == #"{"timestamp":5,"name":"startup_complete"}"#)
        #expect(
            VerifiableEvent.partitionsAssigned([partition]).json(at: 5)
                == #"{"timestamp":5,"name":"partitions_assigned","partitions":[{"topic":"t","partition":3}]}"#)
        #expect(
            VerifiableEvent.recordsConsumed([.init(partition: partition, count: 2, minOffset: 7, maxOffset: 8)])
                .json(at: 5)
                == #"{"timestamp":5,"name":"records_consumed","count":2,"partitions":[{"topic":"t","partition":3,"#
                + #""count":2,"minOffset":7,"maxOffset":8}]}"#)
        #expect(
            VerifiableEvent.recordData(key: nil, value: "v\n", partition, offset: 7).json(at: 5)
                == #"{"timestamp":5,"name":"record_data","key":null,"value":"v\n","topic":"t","partition":3,"offset":7}"#
        )
    }

    @Test func `the last lines of e2e-latency`() {
        let latencies = (1...1000).map { Int64($0) * 1_000_000 }
        #expect(
            EndToEndRun.summary(latencies)
                == ["Avg latency: 500.5000 ms", "Percentiles: 50th = 501, 99th = 991, 99.9th = 1000"])
    }

    @Test func `a format may name its pieces`() throws {
        let format = try RecordFormat("{topic}@%o {\"k\":{key}}{nothing}")
        #expect(
            format.pieces == [
                .topic, .literal(Array("@".utf8)), .offset, .literal(Array(" {\"k\":".utf8)), .key,
                .literal(Array("}{nothing}".utf8)),
            ])
    }
}
