import Compression
import KafkaRecords
import Testing
import Timing

@testable import KafkaClient

/// When the first record was written that a group has not read.
@Suite struct RecordTimesTests {
    /// Records of consecutive offsets, with these times.
    private func batch(
        _ offset: Int64, _ times: [Int64], _ compression: CompressionType = .none, isControl: Bool = false
    ) throws -> [UInt8] {
        var fields = RecordBatchBuilder.Fields()
        fields.baseOffset = offset
        fields.compression = compression
        fields.isControl = isControl
        var builder = RecordBatchBuilder(fields)
        for time in times { try builder.append(timestamp: time, key: [0, 0, 0, 0], value: [1]) }
        return try builder.finish()
    }

    private func time(_ offset: Int64, _ bytes: [UInt8]) -> Int64? { Admin.time(of: offset, in: bytes)?.milliseconds }

    @Test(arguments: [CompressionType.none, .gzip, .zstd, .lz4, .snappy])
    func `it is found inside a batch, packed or not, and in the next one`(_ compression: CompressionType) throws {
        let bytes = try batch(10, [100, 101, 102], compression) + batch(20, [200], compression)
        #expect(time(10, bytes) == 100)
        #expect(time(12, bytes) == 102)
        // Records 13 to 19 were compacted away.
        #expect(time(13, bytes) == 200)
        #expect(time(21, bytes) == nil)
    }

    @Test func `a marker of a transaction is no record`() throws {
        let bytes = try batch(5, [100], isControl: true) + batch(6, [200])
        #expect(time(5, bytes) == 200)
        #expect(time(5, try batch(5, [100], isControl: true)) == nil)
    }

    @Test func `records without a time, cut off bytes and nonsense give none`() throws {
        #expect(time(0, try batch(0, [-1])) == nil)
        let whole = try batch(0, [100, 101])
        for count in 0..<whole.count { #expect(time(0, Array(whole.prefix(count))) == nil, "\(count)") }
        #expect(time(0, [UInt8](repeating: 0xff, count: 200)) == nil)
        #expect(time(0, [UInt8](repeating: 0, count: 200)) == nil)
    }
}
