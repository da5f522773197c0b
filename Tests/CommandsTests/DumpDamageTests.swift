import CommandLine
import Posix
import TestSupport
import Testing

@testable import Commands

/// Files that are not what they should be: a place, a reason, exit code 1, and never a hang.
@Suite struct DumpDamageTests {
    let fixtures: DumpFixtures
    let session = Session()

    init() throws { fixtures = try DumpFixtures() }

    private func dump(_ name: String, _ options: String...) -> Int32 {
        session.run(["dump-log", "--files", fixtures.path(name)] + options)
    }

    @Test func `a torn tail is counted and placed`() throws {
        try fixtures.change("orders-0/00000000000000000350.log") { $0.removeLast(100) }
        #expect(dump("orders-0/00000000000000000350.log") == 1)
        #expect(session.printed.hasSuffix("\nFound 118 invalid bytes at the end of 00000000000000000350.log\n"))
        #expect(
            session.told == "skafka: \(fixtures.path("orders-0/00000000000000000350.log")) is damaged at byte 13730: "
                + "a batch of 218 bytes reaches beyond the end of the file\n")
    }

    @Test func `a batch with a wrong checksum is told, and the next ones follow`() throws {
        try fixtures.change("orders-0/00000000000000000000.log") { $0[300] ^= 1 }
        #expect(dump("orders-0/00000000000000000000.log", "--print-data-log") == 1)
        #expect(session.printed.contains("crc: 3630968032 isvalid: false\n"))
        #expect(
            session.told.contains(" is damaged at byte 117: the batch at offset 1 is corrupt (stored crc = 3630968032"))
        #expect(session.printed.contains("| offset: 349 "))
    }

    @Test func `an index that does not fit its log is listed as Kafka's tool lists it`() throws {
        try fixtures.change("orders-0/00000000000000000000.index") {
            $0[3] = 38
            $0[15] ^= 1
        }
        let path = fixtures.path("orders-0/00000000000000000000.index")
        #expect(dump("orders-0/00000000000000000000.index", "--verify-index-only") == 1)
        #expect(session.printed == "Dumping \(path)\n")
        #expect(
            session.told == """
                Mismatches in :\(path)
                  Index offset: 61, log offset: -1
                  Index offset: 38, log offset: 37

                """)
        #expect(dump("orders-0/00000000000000000000.index", "--max-message-size", "100") == 1)
        #expect(session.told.contains("  Index offset: 337, log offset: -1\n"))
    }

    @Test func `a time index that does not fit its log is listed as Kafka's tool lists it`() throws {
        try fixtures.change("orders-0/00000000000000000000.timeindex") {
            $0[7] ^= 1
            $0[23] = 60
            $0[31] = 0
        }
        let path = fixtures.path("orders-0/00000000000000000000.timeindex")
        #expect(dump("orders-0/00000000000000000000.timeindex", "--verify-index-only") == 1)
        #expect(
            session.told == """
                Found timestamp mismatch in :\(path)
                  Index timestamp: 1750010004106, log timestamp: 1750010004107
                  Index timestamp: 1750010009344, log timestamp: 1750010009546
                The following indexed offsets are not found in :\(path)
                Indexed offset: 60, found log offset: 61

                """)
    }

    @Test func `sanity is what a broker looks at when it starts`() throws {
        for name in ["orders-0/00000000000000000000.index", "orders-0/00000000000000000000.timeindex"] {
            #expect(dump(name, "--index-sanity-check") == 0)
            #expect(session.printed.hasSuffix("\n\(fixtures.path(name)) passed sanity check.\n"))
            try fixtures.change(name) { $0.append(1) }
            #expect(dump(name, "--index-sanity-check") == 1)
            #expect(session.told.contains("1 bytes at the end are no whole entry"))
        }
        #expect(dump("payments-0/00000000000000000000.index") == 0)
        #expect(session.printed.hasSuffix("\n\(fixtures.path("payments-0/00000000000000000000.index")) is empty.\n"))
    }

    @Test func `an index without its log is printed, and cannot be compared`() throws {
        try Disk.real.remove(fixtures.path("orders-0/00000000000000000000.log"))
        #expect(dump("orders-0/00000000000000000000.index") == 1)
        #expect(session.printed.contains("\noffset: 37 position: 1407\n"))
        #expect(session.told.contains("00000000000000000000.log: No such file or directory"))
    }

    @Test func `offsets that do not follow are listed, and holes alone are no failure`() throws {
        try fixtures.change("orders-0/00000000000000000000.log") { $0.removeSubrange(117..<759) }
        #expect(dump("orders-0/00000000000000000000.log", "--deep-iteration") == 0)
        #expect(
            session.told == "Non-consecutive offsets in \(fixtures.path("orders-0/00000000000000000000.log"))\n"
                + "  0 is followed by 13\n")
    }

    @Test func `a producer snapshot tells why it is none`() throws {
        let name = "orders-0/00000000000000000600.snapshot"
        try fixtures.change(name) { $0[20] ^= 1 }
        #expect(dump(name) == 1)
        #expect(session.told.contains(" is damaged at byte 2: the snapshot is corrupt (stored crc = "))
        try fixtures.change(name) { $0 = [0, 9] + $0.dropFirst(2) }
        #expect(dump(name) == 1)
        #expect(session.told.contains(" is damaged at byte 0: the snapshot has the unknown version 9"))
        try fixtures.change(name) { $0 = [0, 1, 2] }
        #expect(dump(name) == 1)
        #expect(session.told.contains(" is damaged at byte 3: the snapshot ends early"))
    }

    @Test func `garbled checkpoints tell the line that is wrong`() throws {
        try fixtures.write(Array("0\n2\norders 0 5\n".utf8), to: "recovery-point-offset-checkpoint")
        #expect(dump("recovery-point-offset-checkpoint") == 1)
        #expect(session.told.contains("it states 2 entries and has 1"))
        try fixtures.write(Array("0\n1\norders five 5\n".utf8), to: "recovery-point-offset-checkpoint")
        #expect(dump("recovery-point-offset-checkpoint") == 1)
        #expect(session.told.contains(" is damaged at byte 4: 'orders five 5' is no entry"))
        try fixtures.write([0xff, 0xfe], to: "recovery-point-offset-checkpoint")
        #expect(dump("recovery-point-offset-checkpoint") == 1)
    }

    static let victims: [(name: String, options: [String])] = [
        ("__consumer_offsets-1/00000000000000000000.log", ["--offsets-decoder"]),
        ("payments-0/00000000000000000000.txnindex", []),
        ("orders-0/00000000000000000000.index", []),
        ("orders-0/00000000000000000000.timeindex", ["--output", "json"]),
        ("orders-0/00000000000000000600.snapshot", []),
        ("orders-0/leader-epoch-checkpoint", []),
        ("recovery-point-offset-checkpoint", ["--output", "jsonl"]),
        ("meta.properties", []),
        ("bootstrap.checkpoint", ["--cluster-metadata-decoder"]),
        ("payments-0/00000000000000000000.log", ["--summary", "--deep-iteration"]),
    ]

    @Test(arguments: victims.indices)
    func `no cut and no flipped byte does more than be told`(victim: Int) throws {
        let (name, options) = Self.victims[victim]
        let whole = try fixtures.contents(name)
        let step = whole.count > 1500 ? 5 : 1
        for cut in stride(from: 0, to: whole.count, by: step) {
            try fixtures.write(Array(whole.prefix(cut)), to: name)
            let code = session.run(["dump-log", "--files", fixtures.path(name)] + options)
            #expect(code == 0 || code == 1 && session.told != "", "cut at \(cut)")
        }
        for place in stride(from: 0, to: whole.count, by: step) {
            var bytes = whole
            bytes[place] = ~bytes[place]
            try fixtures.write(bytes, to: name)
            let code = session.run(["dump-log", "--files", fixtures.path(name)] + options)
            #expect(code == 0 || code == 1 && session.told != "", "byte \(place)")
        }
    }

    @Test func `a codec that does not exist and packed bytes that are none are told`() throws {
        // The first batch of the mixed segment that is packed lies at byte 96.
        try fixtures.change("mix-0/00000000000000000000.log") { $0[96 + 22] |= 7 }
        #expect(dump("mix-0/00000000000000000000.log", "--deep-iteration") == 1)
        #expect(session.printed.contains("compresscodec: unknown(7) "))
        #expect(session.printed.contains("| offset: 599 "))
    }
}
