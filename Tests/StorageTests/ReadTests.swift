import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

@Suite struct ReadTests {
    private let bench = Bench()

    private func filled(_ count: Int) throws -> PartitionLog {
        let log = try bench.create()
        for index in 0..<count { try log.append(try batch(tag: UInt8(truncatingIfNeeded: index))) }
        return log
    }

    @Test func `a read stops at its limit, wherever that lies`() throws {
        let log = try filled(60)
        for start in stride(from: Int64(0), to: 180, by: 11) {
            for limit in stride(from: start, through: 180, by: 7) {
                let read = try log.read(from: start, maxBytes: 1 << 20, minOneBatch: true, upTo: limit)
                guard let region = read.region else {
                    // Nothing below the limit but, at most, a part of the batch that holds the offset.
                    #expect(limit < start / 3 * 3 + 3)
                    continue
                }
                let bytes = try region.file.read(count: region.count, at: region.offset)
                var cursor = BatchCursor(bytes.span.bytes)
                var last: BatchHeader?
                while let batch = try cursor.next() { last = batch.header }
                #expect(cursor.remaining == 0)
                #expect(try #require(last).nextOffset <= max(limit, start / 3 * 3 + 3))
                #expect(read.firstOffset == start / 3 * 3)
            }
        }
    }

    @Test func `the size is kept, but the first batch comes whole or not at all`() throws {
        let log = try filled(10)
        let size = try log.everything()[0].sizeInBytes
        #expect(try log.read(from: 0, maxBytes: 1, minOneBatch: true, upTo: 30).region?.count == size)
        #expect(try log.read(from: 0, maxBytes: size - 1, minOneBatch: false, upTo: 30).region == nil)
        #expect(try log.read(from: 0, maxBytes: size + 1, minOneBatch: false, upTo: 30).region?.count == size + 1)
        #expect(try log.read(from: 0, maxBytes: 0, minOneBatch: false, upTo: 30).region == nil)
        #expect(try log.read(from: 0, maxBytes: size + 7, minOneBatch: true, upTo: 30).region?.count == size + 7)
    }

    @Test func `the end is no error, what lies beyond is`() throws {
        let log = try filled(2)
        #expect(try log.read(from: 6, maxBytes: 100, minOneBatch: true, upTo: 6).region == nil)
        #expect(try log.read(from: 4, maxBytes: 100, minOneBatch: true, upTo: 3).region == nil)
        for offset in [Int64(7), -1, .max] {
            #expect(throws: StorageError.self) {
                try log.read(from: offset, maxBytes: 100, minOneBatch: true, upTo: 6)
            }
        }
    }

    @Test func `a reader at the end needs no file`() throws {
        let log = try filled(30)
        let offsets = log.active.baseOffset..<90
        let regions = try offsets.map {
            try log.read(from: $0, maxBytes: 1, minOneBatch: true, upTo: 90).region?.offset
        }
        let found = try offsets.map { Int64(try log.active.find($0)?.position ?? -1) }
        #expect(regions == found)
    }

    @Test func `few files are open, however many segments are read`() throws {
        let log = try filled(80)
        #expect(log.segmentBaseOffsets.count > 5)
        _ = try log.everything()
        #expect(log.segments.filter { $0.openLog != nil }.count <= 2 || log.hasUnflushedSegments)
        try log.flush(now: noon)
        _ = try log.everything()
        #expect(log.segments.filter { $0.openLog != nil }.count <= 2)
        log.releaseFiles()
        #expect(log.segments.allSatisfy { $0.openLog == nil })
        #expect(try log.everything().count == 80)
    }
}
