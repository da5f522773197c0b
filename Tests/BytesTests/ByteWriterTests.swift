import Bytes
import Testing

@Suite struct ByteWriterTests {
    @Test func `what is written is read again`() throws {
        var writer = ByteWriter(capacity: 1)
        writer.int8(-2)
        writer.int16(-3)
        writer.int32(-4)
        writer.int64(-5)
        writer.uint16(60000)
        writer.uint32(4_000_000_000)
        writer.uuid(UUID(high: 1, low: 2))
        writer.append(utf8: "grün")
        writer.append([9, 8])
        writer.appendZeros(3)
        var reader = ByteReader(writer.bytes)
        #expect(try reader.int8() == -2)
        #expect(try reader.int16() == -3)
        #expect(try reader.int32() == -4)
        #expect(try reader.int64() == -5)
        #expect(try reader.uint16() == 60000)
        #expect(try reader.uint32() == 4_000_000_000)
        #expect(try reader.uuid() == UUID(high: 1, low: 2))
        #expect(try reader.string(5) == "grün")
        #expect(try reader.array(5) == [9, 8, 0, 0, 0])
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
    }

    @Test func `it grows and keeps what it holds`() {
        var writer = ByteWriter(capacity: 16)
        for value in Int32(0)..<10_000 { writer.int32(value) }
        #expect(writer.count == 40_000)
        var reader = ByteReader(writer.bytes)
        for value in Int32(0)..<10_000 where (try? reader.int32()) != value {
            Issue.record("lost \(value)")
            return
        }
    }

    @Test func `clearing keeps the memory up to a limit`() {
        var writer = ByteWriter(capacity: 100)
        writer.appendZeros(5000)
        let grown = writer.reservedBytes
        writer.clear()
        #expect(writer.count == 0 && writer.reservedBytes == grown)
        writer.clear(keepingAtMost: 1000)
        #expect(writer.reservedBytes == 1000)
        writer.int8(1)
        #expect(Array(writer.bytes) == [1])
    }

    @Test func `lengths are patched and tails are taken back`() {
        var writer = ByteWriter()
        writer.int32(0)
        writer.append([1, 2, 3])
        writer.set(Int32(3), at: 0)
        writer.truncate(to: 6)
        #expect(Array(writer.bytes) == [0, 0, 0, 3, 1, 2])
    }

    @Test func `a length is inserted in front of what it measures`() {
        for count in [0, 1, 127, 128, 20_000] {
            var writer = ByteWriter(capacity: 16)
            writer.append([7, 7])
            let body = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            writer.append(body)
            writer.insertVarint(UInt32(count), at: 2)
            var expected = ByteWriter()
            expected.append([7, 7])
            expected.unsignedVarint(UInt32(count))
            expected.append(body)
            #expect(Array(writer.bytes) == Array(expected.bytes), "\(count)")
        }
    }

    @Test func `a body fills what it needs of its room`() {
        var writer = ByteWriter(capacity: 16)
        let filled = writer.appendUninitialized(upTo: 1000) { room in
            room.storeBytes(of: 0x0201, as: UInt16.self)
            return 2
        }
        #expect(filled == 2 && Array(writer.bytes) == [1, 2])
    }

    @Test func `bytes can be changed in place`() {
        var writer = ByteWriter()
        writer.append([1, 2, 3])
        var span = writer.mutableBytes
        span.storeBytes(of: 9, toByteOffset: 1, as: UInt8.self)
        #expect(Array(writer.bytes) == [1, 9, 3])
    }
}
