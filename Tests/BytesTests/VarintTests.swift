import Bytes
import Testing

@Suite struct VarintTests {
    @Test(
        arguments: [
            (0, [0]), (1, [1]), (127, [0x7f]), (128, [0x80, 1]), (300, [0xac, 2]), (16383, [0xff, 0x7f]),
            (16384, [0x80, 0x80, 1]), (.max, [0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] as [(UInt32, [UInt8])])
    func `unsigned integers take seven bits a byte`(_ value: UInt32, _ bytes: [UInt8]) throws {
        var writer = ByteWriter()
        writer.unsignedVarint(value)
        #expect(Array(writer.bytes) == bytes)
        #expect(unsignedVarintSize(value) == bytes.count)
        var reader = ByteReader(bytes.span.bytes)
        #expect(try reader.unsignedVarint() == value)
    }

    @Test(
        arguments: [
            (0, [0]), (-1, [1]), (1, [2]), (-64, [0x7f]), (64, [0x80, 1]), (-65, [0x81, 1]),
            (.max, [0xfe, 0xff, 0xff, 0xff, 0x0f]), (.min, [0xff, 0xff, 0xff, 0xff, 0x0f]),
        ] as [(Int32, [UInt8])])
    func `signed integers are folded first`(_ value: Int32, _ bytes: [UInt8]) throws {
        var writer = ByteWriter()
        writer.varint(value)
        #expect(Array(writer.bytes) == bytes)
        #expect(varintSize(value) == bytes.count)
        var reader = ByteReader(bytes.span.bytes)
        #expect(try reader.varint() == value)
    }

    @Test func `long ones go round at every power of two`() throws {
        var values: [Int64] = [.min, .max, 0]
        for shift in Int64(0)..<63 { values += [1 << shift, -(1 << shift), (1 << shift) - 1] }
        for value in values {
            var writer = ByteWriter()
            writer.varlong(value)
            writer.unsignedVarlong(UInt64(bitPattern: value))
            #expect(writer.count == varlongSize(value) + unsignedVarlongSize(UInt64(bitPattern: value)))
            var reader = ByteReader(writer.bytes)
            #expect(try reader.varlong() == value)
            #expect(try reader.unsignedVarlong() == UInt64(bitPattern: value))
        }
    }

    @Test func `more bytes or bits than the type has are malformed`() {
        for bytes: [UInt8] in [[0xff, 0xff, 0xff, 0xff, 0x10], [0x80, 0x80, 0x80, 0x80, 0x80, 0x01]] {
            var reader = ByteReader(bytes.span.bytes)
            #expect(throws: WireError.malformedVarint) { _ = try reader.unsignedVarint() }
        }
        for last: UInt8 in [0x02, 0x81] {
            let bytes = [UInt8](repeating: 0xff, count: 9) + [last, 0]
            var reader = ByteReader(bytes.span.bytes)
            #expect(throws: WireError.malformedVarint) { _ = try reader.unsignedVarlong() }
        }
    }

    @Test func `one that is cut off is truncated`() {
        var reader = ByteReader([UInt8]([0x80, 0x80]).span.bytes)
        #expect(throws: WireError.truncated) { _ = try reader.unsignedVarint() }
        var longer = ByteReader([UInt8](repeating: 0x80, count: 9).span.bytes)
        #expect(throws: WireError.truncated) { _ = try longer.unsignedVarlong() }
    }
}
