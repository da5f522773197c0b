import Bytes
import Testing

@Suite struct ByteReaderTests {
    @Test func `integers are big-endian`() throws {
        let bytes: [UInt8] = [0xff, 0x01, 0x02, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0xfe, 0xdc, 1, 2, 3, 4]
        var reader = ByteReader(bytes.span.bytes)
        #expect(try reader.int8() == -1)
        #expect(try reader.int16() == 0x102)
        #expect(try reader.int32() == -0x7fff_ffff)
        #expect(try reader.int64() == 0x102)
        #expect(try reader.uint16() == 0xfedc)
        #expect(try reader.uint32() == 0x0102_0304)
        let (position, isAtEnd) = (reader.position, reader.isAtEnd)
        #expect(position == bytes.count && isAtEnd)
    }

    @Test func `doubles travel by their bits`() throws {
        var writer = ByteWriter()
        for value in [0, -1.5, .infinity, .greatestFiniteMagnitude] { writer.double(value) }
        var reader = ByteReader(writer.bytes)
        #expect(try reader.double() == 0)
        #expect(try reader.double() == -1.5)
        #expect(try reader.double() == .infinity)
        #expect(try reader.double() == .greatestFiniteMagnitude)
    }

    @Test func `nothing is read beyond the end, and a failed read does not move`() {
        var reader = ByteReader([UInt8]([1, 2, 3]).span.bytes)
        #expect(throws: WireError.truncated) { _ = try reader.int32() }
        #expect(throws: WireError.truncated) { _ = try reader.int64() }
        #expect(throws: WireError.truncated) { _ = try reader.range(4) }
        #expect(throws: WireError.truncated) { _ = try reader.string(.max) }
        #expect(throws: WireError.truncated) { _ = try reader.array(.max) }
        #expect(throws: WireError.invalidLength) { _ = try reader.range(-1) }
        #expect(throws: WireError.invalidLength) { _ = try reader.skip(.min) }
        let position = reader.position
        #expect(position == 0)
    }

    @Test func `an empty span has nothing`() {
        var reader = ByteReader([UInt8]().span.bytes)
        let isAtEnd = reader.isAtEnd
        #expect(isAtEnd)
        #expect(throws: WireError.truncated) { _ = try reader.int8() }
        #expect(throws: WireError.truncated) { _ = try reader.unsignedVarint() }
        #expect(throws: Never.self) { _ = try reader.string(0) }
    }

    @Test func `the cursor moves inside the span only`() throws {
        var reader = ByteReader([UInt8]([1, 2, 3]).span.bytes)
        try reader.move(to: 3)
        #expect(throws: WireError.truncated) { _ = try reader.int8() }
        try reader.move(to: 1)
        #expect(try reader.int8() == 2)
        #expect(throws: WireError.truncated) { try reader.move(to: 4) }
        #expect(throws: WireError.truncated) { try reader.move(to: -1) }
    }

    @Test func `strings are checked for UTF-8`() throws {
        var reader = ByteReader(Array("häß".utf8).span.bytes)
        #expect(try reader.string(5) == "häß")
        try reader.move(to: 0)
        #expect(throws: WireError.invalidUTF8) { _ = try reader.string(2) }
    }

    @Test func `bytes are lent as a span and copied as an array`() throws {
        let bytes: [UInt8] = [1, 2, 3, 4]
        var reader = ByteReader(bytes.span.bytes)
        let lent = Array(try reader.bytes(2))
        #expect(lent == [1, 2])
        #expect(try reader.array(2) == [3, 4])
        let again = Array(reader.bytes(in: 1..<3))
        #expect(again == [2, 3])
    }
}
