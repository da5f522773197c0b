import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

@Suite struct IndexTests {
    @Test func `the worked example: offset 600 in segments 0 and 522`() {
        // Offset 600 lies in segment 522, whose index says 65 -> 6410: offset 587 starts there, and 600 lies behind.
        var index = OffsetIndex(baseOffset: 522)
        index.append(522 + 30, position: 3000)
        index.append(522 + 65, position: 6410)
        index.append(522 + 110, position: 9900)
        #expect(index.encode()[8..<16] == [0, 0, 0, 65, 0, 0, 0x19, 0x0a])
        #expect(index.lookup(600) == OffsetIndex.Entry(offset: 587, position: 6410))
        #expect(index.lookup(587) == OffsetIndex.Entry(offset: 587, position: 6410))
        #expect(index.lookup(586).position == 3000)
        #expect(index.lookup(522) == OffsetIndex.Entry(offset: 522, position: 0))
        #expect(index.lookup(.max).position == 9900)
        let names = [Int64(0), 522].map { LogFileName.make($0, LogFileName.log) }
        #expect(names == ["00000000000000000000.log", "00000000000000000522.log"])
    }

    @Test func `zeros behind the entries of a preallocated index are no entries`() throws {
        var index = OffsetIndex(baseOffset: 100)
        for entry in 1...20 { index.append(100 + Int64(entry) * 7, position: entry * 300) }
        let padded = index.encode() + [UInt8](repeating: 0, count: 8000)
        let read = OffsetIndex(padded.span.bytes, baseOffset: 100)
        #expect(read == index)
        var times = TimeIndex(baseOffset: 100)
        for entry in 1...20 { times.appendIfLater(Int64(entry) * 10, offset: 100 + Int64(entry)) }
        let paddedTimes = times.encode() + [UInt8](repeating: 0, count: 8004)
        let readTimes = TimeIndex(paddedTimes.span.bytes, baseOffset: 100)
        #expect(readTimes == times)

        let directory = TemporaryDirectory()
        let file = try Disk.real.open(directory.file("i"), .replace)
        try file.write(padded, at: 0)
        let onDisk = try IndexFile(file, entrySize: 8)
        #expect(onDisk.count == 20)
        for key in Int32(0)...150 {
            let expected = index.entries.filter { $0.offset - 100 <= Int64(key) }.count
            #expect(try onDisk.countOfEntries(upTo: key) == expected)
        }
    }

    @Test func `a large index is searched on the disk as in memory`() throws {
        var index = OffsetIndex(baseOffset: 0)
        for entry in 1...5000 { index.append(Int64(entry) * 3, position: entry * 5) }
        let directory = TemporaryDirectory()
        let file = try Disk.real.open(directory.file("i"), .replace)
        try file.write(index.encode(), at: 0)
        let onDisk = try IndexFile(file, entrySize: 8)
        for key in stride(from: Int32(0), to: 15010, by: 13) {
            let slot = try onDisk.countOfEntries(upTo: key) - 1
            #expect(slot < 0 ? index.lookup(Int64(key)).position == 0 : index.entry(slot) == index.lookup(Int64(key)))
        }
    }

    @Test func `an index is truncated in front of an offset`() {
        var index = OffsetIndex(baseOffset: 10)
        index.append(20, position: 100)
        index.append(30, position: 200)
        var times = TimeIndex(baseOffset: 10)
        times.appendIfLater(1, offset: 20)
        times.appendIfLater(2, offset: 30)
        index.truncate(to: 31)
        times.truncate(to: 31)
        #expect(index.count == 2 && times.count == 2)
        index.truncate(to: 30)
        times.truncate(to: 30)
        #expect(index.last?.offset == 20 && times.last?.offset == 20)
        index.truncate(to: 0)
        times.truncate(to: 0)
        #expect(index.count == 0 && times.count == 0)
    }

    @Test func `names are taken apart and unknown ones left alone`() {
        #expect(LogFileName.parse("00000000000000000350.timeindex")?.offset == 350)
        #expect(LogFileName.parse("00000000000000000350.log.deleted")?.kind == "log.deleted")
        #expect(LogFileName.parse("00000000000000000112-0000000001.checkpoint") == nil)
        #expect(LogFileName.parse("99999999999999999999.log") == nil)
        #expect(LogFileName.parse("notes.txt") == nil)
        #expect(LogFileName.parse(".log") == nil)
        #expect(LogFileName.parse("") == nil)
    }
}
