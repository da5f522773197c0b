import Bytes
import Compression
import KafkaRecords
import Posix
import Testing
import Timing

@testable import Storage

/// Segments that brokers before 0.11 wrote: messages of magic 0 and 1, alone and in wrappers. Made by hand from the
/// description of the format.
struct LegacySegmentTests {
    let bench = Bench()
    private static let name = "00000000000000000000.log"

    /// Every kind of message that lies in such segments, one behind the other, and the offsets and times inside.
    private static let pieces: [(bytes: [UInt8], records: [(offset: Int64, timestamp: Int64)])] = [
        (message(0, 0, value: [1]), [(0, -1)]),
        (message(0, 1, key: [7], value: nil), [(1, -1)]),
        // Magic 0: offsets inside are absolute.
        (
            message(0, 4, value: packed([2, 3, 4].flatMap { message(0, $0, value: [9]) }, .gzip), codec: .gzip),
            [(2, -1), (3, -1), (4, -1)]
        ),
        (
            message(0, 5, value: brokenChecksum(packed(message(0, 5, value: [9]), .lz4)), codec: .lz4),
            [(5, -1)]
        ),
        (message(1, 6, 1000, value: [1]), [(6, 1000)]),
        // Magic 1: offsets inside count from 0, and the wrapper has that of the last.
        (
            message(
                1, 9, 1300, value: packed([0, 1, 2].flatMap { message(1, $0, 1300 - 100 * $0, value: [9]) }, .snappy),
                codec: .snappy),
            [(7, 1300), (8, 1200), (9, 1100)]
        ),
        // The same with absolute offsets, as some brokers left them.
        (
            message(
                1, 11, 1500, value: packed([10, 11].flatMap { message(1, $0, 140 * $0, value: [9]) }, .lz4), codec: .lz4
            ),
            [(10, 1400), (11, 1540)]
        ),
        // Stamped by the broker: what the messages say does not count.
        (
            message(
                1, 13, 2000, value: packed([0, 1].flatMap { message(1, $0, 5, value: [9]) }, .gzip), codec: .gzip,
                isStamped: true),
            [(12, 2000), (13, 2000)]
        ),
    ]
    private static var segment: [UInt8] { pieces.flatMap(\.bytes) }

    private func written(_ bytes: [UInt8] = segment) throws {
        try Disk.real.makeDirectory(bench.path)
        try bench.write(Self.name, bytes)
    }

    private func records(_ log: PartitionLog) throws -> [(offset: Int64, timestamp: Int64)] {
        var found: [(Int64, Int64)] = []
        var next = log.logStartOffset
        while next < log.logEndOffset {
            let read = try log.read(from: next, maxBytes: 1, minOneBatch: true, upTo: log.logEndOffset)
            let region = try #require(read.region)
            let bytes = try region.file.read(count: region.count, at: region.offset)
            var scratch = ByteWriter()
            var iterator = try RecordIterator(bytes.span.bytes, scratch: &scratch)
            while let record = try iterator.next() {
                found.append((record.offset, record.timestamp))
                next = record.offset + 1
            }
        }
        return found
    }

    @Test(arguments: [nil, 14 as Int64]) func `all of them are recovered and read, as bytes and as records`(
        recoveryPoint: Int64?
    ) throws {
        try written()
        let log = try bench.open(recoveryPoint: recoveryPoint)
        let first = try log.read(from: 0, maxBytes: 1 << 20, minOneBatch: true, upTo: .max)
        #expect(log.logEndOffset == 14)
        let region = try #require(first.region)
        #expect(try region.file.read(count: region.count, at: region.offset) == Self.segment)
        let found = try records(log)
        let expected = Self.pieces.flatMap(\.records)
        #expect(found.map(\.offset) == expected.map(\.offset))
        #expect(found.map(\.timestamp) == expected.map(\.timestamp))
    }

    @Test func `a read in the middle of a wrapper begins with the wrapper`() throws {
        try written()
        let log = try bench.open()
        for (start, piece) in zip(starts, Self.pieces) {
            for record in piece.records {
                let read = try log.read(from: record.offset, maxBytes: 10, minOneBatch: true, upTo: .max)
                #expect(read.region?.offset == Int64(start))
                #expect(read.region?.count == piece.bytes.count)
            }
        }
        let limited = try log.read(from: 2, maxBytes: 1 << 20, minOneBatch: true, upTo: 8)
        #expect(limited.region.map { Int($0.offset) + $0.count } == starts[5])
    }

    private var starts: [Int] {
        var starts = [0]
        for piece in Self.pieces { starts.append(starts[starts.count - 1] + piece.bytes.count) }
        return starts
    }

    @Test func `offsets are found by the times inside wrappers`() throws {
        try written()
        let log = try bench.open()
        for (time, expected) in [
            (0, 6), (1000, 6), (1001, 7), (1250, 7), (1301, 10), (1401, 11), (1501, 12), (2000, 12),
        ] {
            #expect(try log.offset(forTimestamp: Int64(time))?.offset == Int64(expected), "at \(time)")
        }
        #expect(try log.offset(forTimestamp: 2001) == nil)
        #expect(try log.maxTimestampOffset() == TimestampOffset(timestamp: 2000, offset: 12, leaderEpoch: -1))
        try log.advanceLogStart(to: 8)
        #expect(try log.offset(forTimestamp: 0)?.offset == 8)
    }

    @Test func `new batches go behind them, and a clean start finds both`() throws {
        try written()
        let log = try bench.open()
        #expect(try log.append(batch(timestamp: noon)).baseOffset == 14)
        try log.close(now: noon)
        let again = try bench.open(recoveryPoint: 17, wasClean: true)
        #expect(try records(again).map(\.offset) == Array(0..<17))
        #expect(try again.offset(forTimestamp: 1301)?.offset == 10)
        #expect(try again.leaderEpochs.epoch(at: 14) == 0)
    }

    @Test func `a closed segment of them is found by its new indexes`() throws {
        try written()
        try bench.write("00000000000000000014.log", [])
        let log = try bench.open(recoveryPoint: 14)
        #expect(try records(log).map(\.offset) == Array(0..<14))
        #expect(try log.offset(forTimestamp: 1301)?.offset == 10)
    }

    @Test func `a tail cut at any byte loses just the message that is cut`() throws {
        let starts = starts
        for count in stride(from: 0, to: Self.segment.count, by: 1) {
            let bench = Bench()
            try Disk.real.makeDirectory(bench.path)
            try bench.write(Self.name, Array(Self.segment.prefix(count)))
            let log = try bench.open()
            let whole = starts.lastIndex { $0 <= count } ?? 0
            #expect(try log.size == Int64(starts[whole]), "cut at \(count)")
            #expect(log.logEndOffset == Self.pieces.prefix(whole).last?.records.last.map { $0.offset + 1 } ?? 0)
        }
    }

    @Test func `a message that was changed, or states another size, ends the log there`() throws {
        let starts = starts
        for (index, start) in starts.dropLast().enumerated() {
            for (position, byte) in [(8, 0xff), (8, 0x7f), (11, 0), (11, 13), (12, 0x55), (20, 0x55)] as [(Int, UInt8)]
            {
                let bench = Bench()
                var bytes = Self.segment
                guard bytes[start + position] != byte else { continue }
                bytes[start + position] = byte
                try Disk.real.makeDirectory(bench.path)
                try bench.write(Self.name, bytes)
                let log = try bench.open()
                #expect(try log.size == Int64(start), "message \(index), byte \(position)")
            }
        }
    }

    /// Followers and cleaners of brokers up to 3.9 wrote several batches at once and noted the place of the first with
    /// the offset of the last.
    @Test func `index entries for several batches at once are believed`() throws {
        let batches = try (0..<6).map { try batch(count: 10, baseOffset: Int64($0) * 10, leaderEpoch: 0) }
        let sizes = batches.map(\.count)
        try Disk.real.makeDirectory(bench.path)
        try bench.write(Self.name, batches.flatMap { $0 })
        try bench.write("00000000000000000060.log", batch(count: 10, baseOffset: 60, leaderEpoch: 0))
        let index = bigEndian(Int32(39)) + bigEndian(Int32(sizes[0] + sizes[1]))
        try bench.write("00000000000000000000.index", index)
        let times = bigEndian(noon.milliseconds + 9) + bigEndian(Int32(9))
        try bench.write("00000000000000000000.timeindex", times)
        let log = try bench.open(recoveryPoint: 70, wasClean: true)
        for offset in 0..<Int64(70) {
            let read = try log.read(from: offset, maxBytes: 1, minOneBatch: true, upTo: .max)
            #expect(read.firstOffset == offset / 10 * 10)
        }
        #expect(try bench.contents("00000000000000000000.index") == index)
        #expect(try bench.contents("00000000000000000000.timeindex") == times)
    }

    /// The checksum of a wrapper says nothing about what its writer put into it.
    @Test func `a wrapper that holds nonsense is served as it is and told where records are needed`() throws {
        let inner = message(1, 0, 3000, value: [9])
        for nonsense in [[], [1, 2, 3], Array(inner.dropLast()), inner + [0]] as [[UInt8]] {
            for value in [nonsense, packed(nonsense, .gzip)] {
                let bench = Bench()
                let wrapper = message(1, 14, 3000, value: value, codec: .gzip)
                try Disk.real.makeDirectory(bench.path)
                try bench.write(Self.name, Self.segment + wrapper)
                let log = try bench.open()
                #expect(try log.size == Int64(Self.segment.count + wrapper.count))
                #expect(log.logEndOffset == 15)
                #expect(try log.offset(forTimestamp: 1301)?.offset == 10)
                #expect(throws: StorageError.self) { try log.offset(forTimestamp: 2500) }
            }
        }
    }
}

private func packed(_ bytes: [UInt8], _ type: CompressionType) -> [UInt8] {
    var writer = ByteWriter()
    do { try Compression.compress(bytes.span.bytes, type, into: &writer) } catch { Issue.record(error) }
    return Array(writer.bytes)
}

/// KAFKA-3160: the byte behind the frame's flags was computed over the wrong bytes.
private func brokenChecksum(_ frame: [UInt8]) -> [UInt8] {
    var frame = frame
    frame[6] ^= 0x5a
    return frame
}

private func message(
    _ magic: UInt8, _ offset: Int64, _ timestamp: Int64 = -1, key: [UInt8]? = nil, value: [UInt8]?,
    codec: CompressionType = .none, isStamped: Bool = false
) -> [UInt8] {
    var body: [UInt8] = [magic, UInt8(codec.rawValue) | (isStamped ? 8 : 0)]
    if magic == 1 { body += bigEndian(timestamp) }
    for field in [key, value] { body += bigEndian(Int32(field?.count ?? -1)) + (field ?? []) }
    return bigEndian(offset) + bigEndian(Int32(body.count + 4)) + bigEndian(crc32(body)) + body
}

private func bigEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    stride(from: T.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> T($0)) }
}

/// Bit by bit, so that it shares nothing with what it checks.
private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
}
