import Bytes
import CommandLine
import KafkaRecords
import Posix
import TestSupport
import Testing

@testable import Commands

/// What `dump-log` prints, against what Kafka's own tool printed of the same files.
@Suite struct DumpLogTests {
    let fixtures: DumpFixtures
    let session = Session()

    init() throws { fixtures = try DumpFixtures() }

    private func dump(_ name: String, _ options: String...) -> Int32 {
        session.run(["dump-log", "--files", fixtures.path(name)] + options)
    }

    @Test(arguments: [
        (
            "orders-0/00000000000000000000.log", ["--deep-iteration", "--print-data-log"],
            "KafkaRecordsTests/Fixtures/orders.txt"
        ),
        ("orders-0/00000000000000000350.log", [], "CommandsTests/Fixtures/dump/orders-batches.txt"),
        ("orders-0/00000000000000000000.index", [], "CommandsTests/Fixtures/dump/orders-index.txt"),
        ("orders-0/00000000000000000000.timeindex", [], "CommandsTests/Fixtures/dump/orders-timeindex.txt"),
        ("orders-0/00000000000000000600.snapshot", [], "CommandsTests/Fixtures/dump/orders-snapshot.txt"),
        ("mix-0/00000000000000000000.log", ["--print-data-log"], "KafkaRecordsTests/Fixtures/mix.txt"),
        ("payments-0/00000000000000000000.log", ["--deep-iteration"], "KafkaRecordsTests/Fixtures/payments.txt"),
        ("payments-0/00000000000000000000.txnindex", [], "CommandsTests/Fixtures/dump/payments-txnindex.txt"),
        (
            "__consumer_offsets-1/00000000000000000000.log", ["--offsets-decoder"],
            "CommandsTests/Fixtures/dump/offsets.txt"
        ),
    ])
    func `files of Kafka are dumped to its own text`(name: String, options: [String], expected: String) throws {
        #expect(session.run(["dump-log", "--files", fixtures.path(name)] + options) == 0)
        #expect(session.printed == "Dumping \(fixtures.path(name))\n" + (try DumpFixtures.text(expected)))
        #expect(session.told == "")
    }

    @Test func `the metadata log is dumped to Kafka's text, where 4 says more of a control record`() throws {
        #expect(dump("__cluster_metadata-0/00000000000000000000.log", "--cluster-metadata-decoder") == 0)
        let expected = try DumpFixtures.text("CommandsTests/Fixtures/dump/metadata-head.txt")
            .replacing(
                " controlType: LEADER_CHANGE(2)",
                with:
                    #" LeaderChange: {"version":0,"leaderId":1,"voters":[{"voterId":1}],"grantingVoters":[{"voterId":1}]}"#
            )
        let printed = session.printed.split(separator: "\n").dropFirst()
        let lines = expected.split(separator: "\n")
        #expect(printed.prefix(lines.count).map(String.init) == lines.map(String.init))
        #expect(printed.count == 311)
    }

    @Test func `the transaction log is decoded in the form of Kafka 4`() throws {
        #expect(dump("__transaction_state-0/00000000000000000000.log", "--transaction-log-decoder") == 0)
        let lines = session.printed.split(separator: "\n").filter { $0.hasPrefix("| ") }
        #expect(lines.count == 16)
        #expect(
            lines[1].hasSuffix(
                #"headerKeys: [] key: {"type":"0","data":{"transactionalId":"pay-1"}} payload: {"version":"0","data":"#
                    + #"{"producerId":11,"producerEpoch":0,"transactionTimeoutMs":60000,"transactionStatus":"Ongoing","#
                    + #""transactionPartitions":[{"topic":"payments","partitionIds":[0]}],"#
                    + #""transactionLastUpdateTimestampMs":1795170342916,"transactionStartTimestampMs":1795170342916}}"#
            ))
    }

    @Test func `a bootstrap snapshot shows its control records`() throws {
        #expect(dump("bootstrap.checkpoint", "--cluster-metadata-decoder") == 0)
        let lines = session.printed.split(separator: "\n")
        #expect(lines[1] == "KRaft bootstrap snapshot")
        #expect(
            session.printed.contains(
                #"{"type":"FEATURE_LEVEL_RECORD","version":0,"data":{"name":"metadata.version","featureLevel":21}}"#))
    }

    @Test func `a snapshot of the metadata log is named by its offset and epoch`() throws {
        try fixtures.write(
            try fixtures.contents("bootstrap.checkpoint"), to: "00000000000000000112-0000000002.checkpoint")
        #expect(dump("00000000000000000112-0000000002.checkpoint", "--deep-iteration") == 0)
        #expect(session.printed.split(separator: "\n")[1] == "Snapshot end offset: 112, epoch: 2")
        try fixtures.write([], to: "nonsense.checkpoint")
        #expect(dump("nonsense.checkpoint") == 1)
    }

    @Test func `many files, unknown ones and missing ones each have their word`() throws {
        let files = [
            "orders-0/leader-epoch-checkpoint", "nothing.txt", "nothing", "gone.log", "orders-0",
            "orders-0/partition.metadata",
        ]
        let paths = files.map(fixtures.path)
        #expect(session.run(["dump-log", "--files", paths.joined(separator: ",")]) == 1)
        #expect(
            session.printed == """
                Dumping \(paths[0])
                version: 0
                entries: 2
                epoch: 0 startOffset: 0
                epoch: 2 startOffset: 300
                Dumping \(paths[1])
                Dumping \(paths[2])
                Dumping \(paths[3])
                Dumping \(paths[4])
                Dumping \(paths[5])
                version: 0
                topic_id: WUj65dGUSH-2ltNh1Mu9tA

                """)
        #expect(
            session.told == """
                skafka: cannot open \(paths[1]): No such file or directory
                skafka: cannot open \(paths[2]): No such file or directory
                skafka: cannot open \(paths[3]): No such file or directory
                Ignoring unknown file \(paths[4])

                """)
    }

    @Test func `a directory with a name like a segment is refused`() throws {
        try Disk.real.makeDirectory(fixtures.path("7.log"))
        #expect(dump("7.log") == 1)
        #expect(session.told == "skafka: cannot dump \(fixtures.path("7.log")): Is a directory\n")
    }

    @Test func `the small files of a directory are told in plain lines`() throws {
        #expect(dump("meta.properties") == 0)
        #expect(session.printed.contains("\ncluster.id: nN3yxgcsTxG7M25tCxwp3A\n"))
        #expect(dump("recovery-point-offset-checkpoint") == 0)
        #expect(session.printed.contains("\ntopic: orders partition: 0 offset: 600\n"))
        try fixtures.write(Array(#"{"leaderId":1,"leaderEpoch":2,"data_version":0}"#.utf8), to: "quorum-state")
        #expect(dump("quorum-state") == 0)
        #expect(session.printed.hasSuffix("\n{\"leaderId\":1,\"leaderEpoch\":2,\"data_version\":0}\n"))
        #expect(dump("quorum-state", "--output", "jsonl") == 0)
        #expect(
            session.printed.hasSuffix(
                "{\"type\":\"entry\",\"state\":{\"leaderId\":1,\"leaderEpoch\":2,\"data_version\":0}}\n"))
    }

    @Test func `old formats are read, and their messages have checksums of their own`() throws {
        var inner: [UInt8] = []
        for index in 0..<2 {
            inner += DumpFixtures.legacyMessage(
                offset: Int64(index), magic: 1, timestamp: 1000 + Int64(index), key: nil, value: Array("v\(index)".utf8)
            )
        }
        let old = DumpFixtures.legacyMessage(offset: 0, magic: 0, key: Array("k".utf8), value: Array("v".utf8))
        let single = DumpFixtures.legacyMessage(offset: 1, magic: 1, timestamp: 5, key: nil, value: nil)
        try fixtures.write(old + single, to: "00000000000000000000.log")
        #expect(dump("00000000000000000000.log", "--print-data-log") == 0)
        let lines = session.printed.split(separator: "\n").dropFirst(2).map(String.init)
        #expect(lines.count == 4)
        #expect(
            lines[0].hasPrefix("offset: 0 position: 0 NoTimestampType: -1 size: 28 magic: 0 compresscodec: none crc: "))
        #expect(lines[1].hasPrefix("| offset: 0 NoTimestampType: -1 keySize: 1 valueSize: 1 isValid: true crc: "))
        #expect(lines[1].hasSuffix(" key: k payload: v"))
        #expect(lines[2].hasPrefix("offset: 1 position: 28 CreateTime: 5 size: 34 magic: 1 compresscodec: none crc: "))
        #expect(lines[3].hasPrefix("| offset: 1 CreateTime: 5 keySize: -1 valueSize: -1 isValid: true crc: "))
    }

    @Test func `decoders have short names and the names of Kafka's classes`() throws {
        var builder = RecordBatchBuilder(RecordBatchBuilder.Fields())
        try builder.append(timestamp: 1, key: [0, 0, 0, 7], value: [0, 0, 0, 0, 0, 0, 1, 0])
        try builder.append(timestamp: 1, key: [1], value: [0xff])
        try fixtures.write(try builder.finish(), to: "00000000000000000000.log")
        #expect(dump("00000000000000000000.log", "--key-decoder-class", "integer", "--value-decoder-class=long") == 0)
        #expect(session.printed.contains("headerKeys: [] key: 7 payload: 256\n"))
        #expect(session.printed.contains("headerKeys: [] key: 0x01 payload: 0xff\n"))
        #expect(
            dump(
                "00000000000000000000.log", "--value-decoder-class", "kafka.serializer.DefaultDecoder",
                "--key-decoder-class")
                == 0)
        #expect(session.printed.contains("payload: AAAAAAAAAQA=\n"))
        #expect(dump("00000000000000000000.log", "--value-decoder-class", "com.example.Mine") == 1)
        #expect(session.told.hasPrefix("Failed to load decoder class com.example.Mine\n"))
    }

    @Test func `without the metadata of records only keys and values are left`() throws {
        #expect(dump("payments-0/00000000000000000000.log", "--print-data-log", "--skip-record-metadata") == 0)
        let lines = session.printed.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[3].hasPrefix("| key: "))
        #expect(lines.contains(""))
        #expect(!session.printed.contains("endTxnMarker"))
    }

    @Test func `it stops after so many bytes, without taking the rest for damage`() throws {
        #expect(dump("orders-0/00000000000000000350.log", "--max-bytes", "700") == 0)
        #expect(session.printed.split(separator: "\n").count == 3)
        #expect(dump("orders-0/00000000000000000350.log", "--max-bytes", "many") == 1)
        #expect(session.told.hasPrefix("Cannot parse argument 'many' of option max-bytes\n"))
    }

    @Test func `help and wrong words are those of Kafka's tools`() {
        for words in [[], ["--help"]] as [[String]] {
            #expect(session.run(["dump-log"] + words) == 1)
            #expect(session.printed == "")
            #expect(session.told.hasPrefix("Print what the files of a log hold.\nOption (* = required) "))
            #expect(session.told.contains("--skip-record-metadata"))
        }
        #expect(session.run(["--help"], as: "/opt/kafka/bin/kafka-dump-log.sh") == 1)
        #expect(session.run(["dump-log", "--version"]) == 0)
        #expect(session.run(["dump-log", "--deep-iteration"]) == 1)
        #expect(session.told.hasPrefix("Missing required argument \"[files]\"\n"))
        #expect(session.run(["dump-log", "--file", "x"]) == 1)
        #expect(session.told.hasPrefix("file is not a recognized option\nDid you mean --files?\n"))
        #expect(session.run(["dump-log", "--files", "x", "--files", "y"]) == 1)
        #expect(session.told.hasPrefix("Found multiple arguments for option files, but you asked for only one\n"))
    }

    @Test func `a closed pipe ends it at once and quietly`() throws {
        let writes = Guarded(0)
        let talk = Guarded("")
        let console = Console { stream, bytes in
            if stream == .errors {
                talk.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
                return .written
            }
            writes.withLock { $0 += 1 }
            return .closed
        }
        let path = fixtures.path("mix-0/00000000000000000000.log")
        var request = DumpRequest(files: [path, path, path, path])
        request.isDeep = true
        request.printsContents = true
        var run = DumpRun(request, disk: .real, console: console)
        run.dumpFiles()
        #expect(run.finish() == .brokenPipe)
        #expect(writes.withLock { $0 } == 1)
        #expect(talk.withLock { $0 } == "")
    }
}
