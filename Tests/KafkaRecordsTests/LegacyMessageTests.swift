import Bytes
import Compression
import KafkaRecords
import Testing

/// Message sets of magic 0 and 1, made by hand: nobody writes them any more, old segments hold them.
@Suite struct LegacyMessageTests {
    /// One message; `packedWith` marks a wrapper whose value is other messages, packed.
    private func message(
        magic: Int8, offset: Int64, timestamp: Int64 = -1, key: [UInt8]? = nil, value: [UInt8]?,
        packedWith type: CompressionType = .none, logAppendTime: Bool = false
    ) -> [UInt8] {
        var body = ByteWriter()
        body.int8(magic)
        body.int8(type.rawValue | (logAppendTime ? 8 : 0))
        if magic == 1 { body.int64(timestamp) }
        for field in [key, value] {
            body.int32(field.map { Int32($0.count) } ?? -1)
            if let field { body.append(field) }
        }
        var writer = ByteWriter()
        writer.int64(offset)
        writer.int32(Int32(body.count + 4))
        writer.uint32(CRC32.checksum(body.bytes))
        writer.append(body.bytes)
        return Array(writer.bytes)
    }

    private func packed(_ bytes: [UInt8], _ type: CompressionType) throws -> [UInt8] {
        var writer = ByteWriter()
        try Compression.compress(bytes.span.bytes, type, into: &writer)
        return Array(writer.bytes)
    }

    @Test func `plain messages are batches of one record`() throws {
        let zero = message(magic: 0, offset: 41, key: [1], value: [2, 3])
        let one = message(magic: 1, offset: 42, timestamp: 1234, value: [])
        #expect(try plainRecords(zero) == [PlainRecord(offset: 41, timestamp: -1, key: [1], value: [2, 3])])
        #expect(try plainRecords(one) == [PlainRecord(offset: 42, timestamp: 1234, key: nil, value: [])])
        let batches = try locatedBatches(zero + one)
        #expect(batches.map(\.header.magic) == [0, 1])
        #expect(batches.map(\.header.lastOffset) == [41, 42])
        #expect(batches.map(\.header.recordCount) == [1, 1])
        #expect(batches.map(\.header.maxTimestamp) == [-1, 1234])
        for bytes in [zero, one] {
            let isValid = BatchChecksum.isValid(bytes.span.bytes)
            #expect(isValid)
        }
    }

    @Test(arguments: [CompressionType.gzip, .snappy, .lz4])
    func `offsets in a wrapper of magic 1 are relative to its last`(type: CompressionType) throws {
        let inner = (0..<3).flatMap { message(magic: 1, offset: Int64($0), timestamp: 100 + Int64($0), value: [7]) }
        let wrapper = message(magic: 1, offset: 52, timestamp: 102, value: try packed(inner, type), packedWith: type)
        let records = try plainRecords(wrapper)
        #expect(records.map(\.offset) == [50, 51, 52])
        #expect(records.map(\.timestamp) == [100, 101, 102])
        let header = try BatchHeader(wrapper.span.bytes)
        #expect(header.recordCount == -1)
        #expect(header.compression == type)
    }

    @Test(arguments: [CompressionType.gzip, .snappy, .lz4])
    func `offsets in a wrapper of magic 0 are absolute`(type: CompressionType) throws {
        let inner = [50, 60].flatMap { message(magic: 0, offset: Int64($0), key: [UInt8($0)], value: nil) }
        let wrapper = message(magic: 0, offset: 60, value: try packed(inner, type), packedWith: type)
        #expect(try plainRecords(wrapper).map(\.offset) == [50, 60])
        #expect(try plainRecords(wrapper).map(\.timestamp) == [-1, -1])
    }

    @Test func `a wrapper of magic 0 with the wrong LZ4 header checksum is read`() throws {
        var frame = try packed(message(magic: 0, offset: 5, value: [9]), .lz4)
        frame[6] ^= 0xff
        #expect(try plainRecords(message(magic: 0, offset: 5, value: frame, packedWith: .lz4)).map(\.offset) == [5])
    }

    @Test func `a wrapper stamped by the broker gives all its time, and one with offset 0 is taken as it is`() throws {
        let inner = (0..<2).flatMap { message(magic: 1, offset: Int64($0), timestamp: 1, value: []) }
        let bytes = try packed(inner, .gzip)
        let stamped = message(
            magic: 1, offset: 9, timestamp: 777, value: bytes, packedWith: .gzip, logAppendTime: true)
        #expect(try plainRecords(stamped).map(\.timestamp) == [777, 777])
        let zero = message(magic: 1, offset: 0, timestamp: 1, value: bytes, packedWith: .gzip)
        #expect(try plainRecords(zero).map(\.offset) == [0, 1])
    }

    @Test func `malformed wrappers are refused`() throws {
        let inner = message(magic: 1, offset: 4, timestamp: 1, value: [])
        let nested = message(magic: 1, offset: 4, value: try packed(inner, .gzip), packedWith: .gzip)
        func fault(_ bytes: [UInt8]) -> RecordFault? {
            do throws(RecordError) { _ = try plainRecords(bytes) } catch {
                if case .invalidRecord(_, let reason) = error { return reason }
            }
            return nil
        }
        func wrapper(_ inner: [UInt8]?, offset: Int64 = 4) -> [UInt8] {
            message(magic: 1, offset: offset, value: inner, packedWith: .gzip)
        }
        #expect(fault(wrapper(nil)) == .missingValue)
        #expect(fault(wrapper(try packed([], .gzip))) == .noRecords)
        #expect(fault(wrapper(try packed(nested, .gzip))) == .nestedCompression)
        #expect(fault(wrapper(try packed(message(magic: 0, offset: 4, value: []), .gzip))) == .magicMismatch)
        #expect(fault(wrapper(try packed(Array(inner.dropLast()), .gzip))) == .truncated)
        #expect(fault(wrapper(try packed(inner, .gzip), offset: 3)) == .offsetOutOfOrder)
        #expect(throws: RecordError.unsupportedCompression(4)) {
            try plainRecords(message(magic: 1, offset: 4, value: [1], packedWith: .zstd))
        }
    }

    @Test func `a message cut at any byte or changed in any bit is noticed`() throws {
        let whole = message(magic: 1, offset: 3, timestamp: 5, key: [1, 2], value: [3, 4, 5])
        for count in 0..<whole.count {
            #expect(throws: RecordError.self) { try plainRecords(Array(whole.prefix(count))) }
        }
        // The offset is not covered by the checksum.
        for bit in 64..<whole.count * 8 {
            var changed = whole
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let isValid = BatchChecksum.isValid(changed.span.bytes)
            #expect(!isValid, "bit \(bit)")
        }
    }
}
