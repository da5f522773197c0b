import CommandLine
import Glibc
import KafkaRecords
import Posix
import Storage
import TestSupport
import Testing

@testable import Commands

/// What `dump-log` has beyond Kafka's tool.
@Suite struct DumpBeyondTests {
    let fixtures: DumpFixtures
    let session = Session()

    init() throws { fixtures = try DumpFixtures() }

    private func dump(_ name: String, _ options: String...) -> Int32 {
        session.run(["dump-log", "--files", fixtures.path(name)] + options)
    }

    private var lines: [String] { session.printed.split(separator: "\n").map(String.init) }

    @Test func `a dump in lines of JSON has a row for each thing`() throws {
        #expect(
            dump("orders-0/00000000000000000000.log", "--print-data-log", "--output", "jsonl", "--to-offset", "0") == 0)
        #expect(
            lines == [
                #"{"type":"file","file":"\#(fixtures.path("orders-0/00000000000000000000.log"))"}"#,
                #"{"type":"batch","baseOffset":0,"lastOffset":0,"count":1,"baseSequence":0,"lastSequence":0,"#
                    + #""producerId":0,"producerEpoch":0,"partitionLeaderEpoch":0,"isTransactional":false,"#
                    + #""isControl":false,"deleteHorizonMs":null,"position":0,"timestampType":"CreateTime","#
                    + #""maxTimestamp":1750010000000,"size":117,"magic":2,"compression":"none","crc":3109317722,"#
                    + #""isValid":true}"#,
                #"{"type":"record","offset":0,"timestampType":"CreateTime","timestamp":1750010000000,"keySize":-1,"#
                    + #""valueSize":26,"sequence":0,"headers":[{"key":"trace","value":"\u0000\u00010"},{"key":"empty","#
                    + #""value":""},{"key":"null","value":null}],"key":null,"value":"{\"n\": 0, \"amount\": 140891}"}"#,
            ])
    }

    @Test func `a dump in one JSON array has the same rows`() throws {
        #expect(dump("payments-0/00000000000000000000.txnindex", "--output", "json") == 0)
        #expect(
            session.printed == """
                [
                {"type":"file","file":"\(fixtures.path("payments-0/00000000000000000000.txnindex"))"},
                {"type":"transaction","version":0,"producerId":11,"firstOffset":36,"lastOffset":47,"lastStableOffset":48},
                {"type":"transaction","version":0,"producerId":11,"firstOffset":96,"lastOffset":107,"lastStableOffset":108}
                ]

                """)
        #expect(
            dump(
                "payments-0/00000000000000000000.log", "--output", "jsonl", "--deep-iteration", "--from-offset=11",
                "--to-offset=11") == 0)
        #expect(lines.last?.hasSuffix(#""headers":[],"control":{"type":"COMMIT","coordinatorEpoch":0}}"#) == true)
        #expect(dump("payments-0/00000000000000000000.log", "--output", "xml") == 1)
    }

    /// Offset 600, segments 0 and 522: relative offset 78, whose entry is relative offset 65, which is 587, at position
    /// 6410. (The example goes on to position 6415, which is nearer than any batch could be; here the next one counts.)
    @Test func `an offset is found by segment, index entry and scan`() throws {
        let base = 522
        try Disk.real.makeDirectory(fixtures.path("example-0"))
        try fixtures.write(try batch(offsets: 0...521, bytes: 6000), to: "example-0/00000000000000000000.log")
        var log = try batch(offsets: Int64(base)...Int64(580), bytes: 6410)
        let indexed = try batch(offsets: 581...587, bytes: 300)
        log += indexed
        log += try batch(offsets: 588...602, bytes: 400)
        try fixtures.write(log, to: "example-0/00000000000000000522.log")
        var index = OffsetIndex(baseOffset: Int64(base))
        index.append(587, position: 6410)
        index.append(602, position: 6710)
        try fixtures.write(index.encode(), to: "example-0/00000000000000000522.index")
        #expect(dump("example-0", "--explain", "600") == 0)
        #expect(
            lines.prefix(5) == [
                "Looking for offset 600 in \(fixtures.path("example-0"))",
                "Segments: 2, from 0 to 522; compared 522",
                "Segment: 00000000000000000522.log, base offset 522",
                "Index: relative offset 78 -> entry 1 of 2: relative offset 65 (offset 587) at position 6410",
                "Scan: from position 6410 over 2 batches to position 6710",
            ])
        #expect(lines[6].hasPrefix("baseOffset: 588 lastOffset: 602 "))
        #expect(lines[7] == "Record, number 13 of the batch:")
        #expect(lines[8].hasPrefix("| offset: 600 "))
        #expect(dump("example-0/00000000000000000522.index", "--explain", "600", "--output", "jsonl") == 0)
        #expect(
            lines.first == #"{"type":"explanation","offset":600,"directory":"\#(fixtures.path("example-0"))","#
                + #""compared":[522],"segments":2,"segment":522,"indexEntries":2,"indexEntry":0,"indexOffset":587,"#
                + #""indexPosition":6410,"scanPosition":6410,"scannedBatches":2,"batchPosition":6710}"#)
        #expect(dump("example-0", "--explain", "603") == 1)
        #expect(lines.last == "Scan: from position 6710 over 1 batches, none of which reaches the offset")
    }

    @Test func `where an offset is not, the way to it says so`() throws {
        #expect(dump("orders-0", "--explain", "-1") == 1)
        #expect(lines.last == "All segments begin behind the offset.")
        try Disk.real.remove(fixtures.path("orders-0/00000000000000000350.index"))
        #expect(dump("orders-0", "--explain", "400") == 0)
        #expect(lines[3] == "Index: there is none")
        #expect(lines[4] == "Scan: from position 0 over 5 batches to position 2716")
        try Disk.real.makeDirectory(fixtures.path("empty-0"))
        #expect(dump("empty-0", "--explain", "0") == 1)
        #expect(lines.last == "The directory holds no segment.")
        #expect(dump("empty-0", "--summary") == 1)
    }

    /// One batch, made as large as wanted by its first value.
    private func batch(offsets: ClosedRange<Int64>, bytes: Int) throws -> [UInt8] {
        func build(_ filling: Int) throws -> [UInt8] {
            var fields = RecordBatchBuilder.Fields()
            fields.baseOffset = offsets.lowerBound
            var builder = RecordBatchBuilder(fields)
            for offset in offsets {
                let value = offset == offsets.lowerBound ? [UInt8](repeating: 0x78, count: filling) : []
                try builder.append(timestamp: 1000 + offset, key: nil, value: value)
            }
            return try builder.finish()
        }
        var filling = max(0, bytes - (try build(0)).count)
        var made = try build(filling)
        while made.count > bytes, filling > 0 {
            filling -= 1
            made = try build(filling)
        }
        #expect(made.count == bytes)
        return made
    }

    @Test func `filters by offset and time begin near what they want`() throws {
        #expect(dump("orders-0", "--from-offset", "340", "--to-offset", "365", "--deep-iteration") == 0)
        let offsets = lines.filter { $0.hasPrefix("| offset: ") }.compactMap { Int($0.split(separator: " ")[2]) }
        #expect(offsets == Array(340...365))
        #expect(!session.printed.contains("position: 0 CreateTime: 1750010000000 "))
        #expect(session.told == "")

        #expect(
            dump(
                "orders-0", "--from-time", "1750020005000", "--to-time", "2025-06-15T20:40:05.500Z", "--print-data-log")
                == 0)
        let times = lines.filter { $0.hasPrefix("| offset: ") }.compactMap { Int64($0.split(separator: " ")[4]) }
        #expect(!times.isEmpty)
        #expect(times.allSatisfy { $0 >= 1_750_020_005_000 && $0 <= 1_750_020_005_500 })
        #expect(dump("orders-0", "--from-time", "1750020006000", "--deep-iteration") == 0)
        #expect(!session.printed.contains("00000000000000000000.log"))
        #expect(lines.count > 250)
        #expect(dump("orders-0", "--from-time", "yesterday") == 1)
        #expect(session.told.hasPrefix("Cannot parse argument 'yesterday' of option from-time\n"))
    }

    @Test func `a filter by key leaves batches out that have none of it`() throws {
        #expect(dump("orders-0/00000000000000000000.log", "--key", "order-9", "--print-data-log") == 0)
        #expect(lines.count == 8)
        #expect(lines[3].contains(" key: order-9 payload: "))
        #expect(lines[2].hasPrefix("baseOffset: 1 "))
    }

    @Test func `an index that lies does not hide records from a filter`() throws {
        try fixtures.change("orders-0/00000000000000000000.index") {
            $0 = Array($0.prefix(8)); $0[3] = 1
        }
        #expect(
            dump("orders-0/00000000000000000000.log", "--from-offset", "20", "--to-offset", "20", "--deep-iteration")
                == 0)
        #expect(lines.last?.hasPrefix("| offset: 20 ") == true)
    }

    @Test func `a summary is made of headers, and of records when asked`() throws {
        #expect(dump("orders-0", "--summary") == 0)
        #expect(lines[1...5] == ["segments: 2", "batches: 52", "records: 600", "bytes: 33469", "offsets: 0 to 599"])
        #expect(session.printed.contains("\ntimestamps: 1750010000000 to 1750020033189\n"))
        #expect(session.printed.contains("\ntimes: 2025-06-15T17:53:20.000Z to 2025-06-15T20:40:33.189Z\n"))
        #expect(dump("mix-0/00000000000000000000.log", "--summary", "--deep-iteration") == 0)
        #expect(session.printed.contains("\ncompression ratio: "))
        #expect(session.printed.contains("\ncodec zstd: "))
        #expect(dump("mix-0/00000000000000000000.log", "--summary", "--output", "jsonl") == 0)
        #expect(lines.last?.hasPrefix(#"{"type":"summary","segments":1,"batches":"#) == true)
    }

    @Test func `following goes on with what is appended, and over a roll`() throws {
        try Disk.real.makeDirectory(fixtures.path("grow-0"))
        let first = try batch(offsets: 0...1, bytes: 90)
        let second = try batch(offsets: 2...3, bytes: 90)
        try fixtures.write(first + second.prefix(30), to: "grow-0/00000000000000000000.log")
        let heard = Guarded("")
        let console = Console { _, bytes in
            heard.withLock {
                $0 += String(decoding: bytes, as: UTF8.self)
                return $0.contains("| offset: 5 ") ? .closed : .written
            }
        }
        let path = fixtures.path("grow-0")
        let thread = Thread(name: "follow") {
            var request = DumpRequest(files: [path])
            request.follows = true
            request.isDeep = true
            var run = DumpRun(request, disk: .real, console: console)
            run.dumpFiles()
            _ = run.finish()
        }
        waitUntil { heard.withLock { $0.contains("| offset: 1 ") } }
        #expect(heard.withLock { !$0.contains("offset: 2 ") })
        let log = try Disk.real.open(fixtures.path("grow-0/00000000000000000000.log"), .readWrite)
        try log.write(second, at: Int64(first.count))
        waitUntil { heard.withLock { $0.contains("| offset: 3 ") } }
        try fixtures.write(try batch(offsets: 4...5, bytes: 90), to: "grow-0/00000000000000000004.log")
        thread.join()
        #expect(heard.withLock { $0 }.contains("Dumping \(path)/00000000000000000004.log\nLog starting offset: 4\n"))
        #expect(!heard.withLock { $0 }.contains("damaged"))
    }

    private func waitUntil(_ condition: () -> Bool) {
        for _ in 0..<1000 where !condition() { usleep(10_000) }
        #expect(condition())
    }
}
