import Bytes
import Posix
import TestSupport
import Testing

@testable import Storage

@Suite struct SegmentInspectionTests {
    let directory: TemporaryDirectory

    init() throws { directory = try copyOfKafkaDirectory() }

    private func inspect(
        _ name: String = "orders-0/00000000000000000000", _ depth: SegmentInspection.Depth = .records
    ) throws -> SegmentInspection {
        try SegmentInspection.inspect(directory.file(name + ".log"), depth: depth, disk: .real)
    }

    private func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        let path = directory.file(name)
        var bytes = try Disk.real.contents(of: path)
        body(&bytes)
        try Disk.real.open(path, .replace).write(bytes, at: 0)
    }

    private func problems(_ inspection: SegmentInspection) -> [SegmentFinding.Problem] {
        inspection.findings.map(\.problem)
    }

    @Test(arguments: [
        "orders-0/00000000000000000000", "orders-0/00000000000000000350", "payments-0/00000000000000000000",
        "mix-0/00000000000000000000", "audit-0/00000000000000000000", "users-0/00000000000000000986",
    ])
    func `nothing is wrong with what Kafka wrote`(name: String) throws {
        let inspection = try inspect(name)
        #expect(inspection.isClean, "\(inspection.findings)")
        #expect(inspection.validBytes == inspection.size)
        #expect(try inspect(name, .headers).isClean)
        #expect(try inspect(name, .checksums).isClean)
    }

    @Test func `it tells what a segment holds`() throws {
        let inspection = try inspect()
        #expect(inspection.startOffset == 0)
        #expect(inspection.endOffset == 350)
        #expect(inspection.recordCount == 350)
        #expect(inspection.maxTimestamp == 1_750_020_005_439)
    }

    @Test func `offsets that are missing between batches are told, and are no damage`() throws {
        try change("orders-0/00000000000000000000.log") { $0.removeSubrange(117..<759) }
        for index in ["index", "timeindex"] { try change("orders-0/00000000000000000000.\(index)") { $0 = [] } }
        let inspection = try inspect()
        #expect(problems(inspection) == [.nonConsecutive(previous: 0, next: 13)])
        #expect(inspection.isClean)
    }

    @Test func `a flipped bit in the records is a wrong checksum`() throws {
        try change("orders-0/00000000000000000000.log") { $0[200] ^= 4 }
        let inspection = try inspect()
        #expect(inspection.findings.count == 1)
        #expect(inspection.findings.first?.position == 117)
        guard case .wrongChecksum(baseOffset: 1, _, _) = problems(inspection).first else {
            Issue.record("\(inspection.findings)")
            return
        }
        #expect(try inspect("orders-0/00000000000000000000", .headers).isClean)
    }

    @Test func `garbage ends the batches, and index entries behind it have nothing to name`() throws {
        try change("orders-0/00000000000000000000.log") {
            $0.replaceSubrange(5504..., with: [UInt8](repeating: 7, count: 100))
        }
        let inspection = try inspect()
        #expect(inspection.validBytes == 5504)
        #expect(inspection.findings.first?.position == 5504)
        guard case .invalidBytes(count: 100, _) = problems(inspection).first else {
            Issue.record("\(inspection.findings)")
            return
        }
        #expect(problems(inspection).contains(.wrongOffset(indexed: 111, position: 5504, found: nil)))
        #expect(problems(inspection).contains(.offsetNotFound(indexed: 349, found: -1)))
    }

    @Test func `an index that lies is found out, entry by entry`() throws {
        try change("orders-0/00000000000000000000.index") {
            $0[3] = 38  // The first entry names offset 38 instead of 37.
            $0[15] ^= 1  // The second names a position in the middle of a batch.
            $0 += [1, 2, 3]
        }
        let inspection = try inspect()
        #expect(
            problems(inspection) == [
                .wrongOffset(indexed: 38, position: 1407, found: 37),
                .wrongOffset(indexed: 61, position: 2784, found: nil),
                .brokenEntry(bytes: 3),
            ])
        #expect(inspection.findings.map(\.position) == [0, 8, 104])
    }

    @Test func `a time index that lies is found out`() throws {
        try change("orders-0/00000000000000000000.timeindex") {
            $0[7] ^= 1  // Another timestamp.
            $0[23] = 60  // An offset in the middle of a batch.
        }
        let inspection = try inspect()
        #expect(
            problems(inspection) == [
                .wrongTimestamp(indexed: 1_750_010_004_106, found: 1_750_010_004_107),
                .offsetNotFound(indexed: 60, found: 61),
            ])
    }

    @Test func `a transaction index must name abort markers`() throws {
        try change("payments-0/00000000000000000000.txnindex") { $0[25] = 46 }
        #expect(
            problems(try inspect("payments-0/00000000000000000000")) == [.noAbortMarker(producerID: 11, lastOffset: 46)]
        )
    }

    @Test func `a missing index is told, zeros behind the entries are not`() throws {
        try Disk.real.remove(directory.file("orders-0/00000000000000000000.timeindex"))
        try change("orders-0/00000000000000000000.index") { $0 += [UInt8](repeating: 0, count: 800) }
        #expect(problems(try inspect()) == [.missingFile])
    }

    @Test func `no cut and no flipped byte makes it fail`() throws {
        let names = ["log", "index", "timeindex", "txnindex"]
        for name in names {
            let path = "payments-0/00000000000000000000." + name
            let whole = try Disk.real.contents(of: directory.file(path))
            for cut in stride(from: 0, to: whole.count, by: 7) {
                try change(path) { $0 = Array(whole.prefix(cut)) }
                _ = try inspect("payments-0/00000000000000000000")
            }
            for place in stride(from: 0, to: whole.count, by: 5) {
                try change(path) {
                    $0 = whole
                    $0[place] = ~$0[place]
                }
                _ = try inspect("payments-0/00000000000000000000")
            }
            try change(path) { $0 = whole }
        }
        #expect(try inspect("payments-0/00000000000000000000").isClean)
    }
}
