import Bytes
import Compression
import Glibc
import KafkaRecords
import Testing

/// SplitMix64, so that a failing run can be repeated from its seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

struct MissingFixture: Error { var name: String }

/// A file of `Fixtures`; see ORIGIN there.
func fixture(_ name: String, here: String = #filePath) throws -> [UInt8] {
    let directory = here.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    guard let file = fopen("\(directory)/Fixtures/\(name)", "rb") else { throw MissingFixture(name: name) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
}

/// A record with its bytes taken out.
struct PlainRecord: Equatable {
    var offset: Int64
    var timestamp: Int64
    var sequence: Int32 = -1
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [RecordHeader] = []
}

func plainRecords(_ batch: RawSpan, outputLimit: Int = 1 << 26) throws(RecordError) -> [PlainRecord] {
    var scratch = ByteWriter()
    var iterator = try RecordIterator(batch, scratch: &scratch, outputLimit: outputLimit)
    var records: [PlainRecord] = []
    while let record = try iterator.next() {
        var plain = PlainRecord(offset: record.offset, timestamp: record.timestamp, sequence: record.sequence)
        if let key = record.key { plain.key = Array(iterator.bytes(key)) }
        if let value = record.value { plain.value = Array(iterator.bytes(value)) }
        for header in try iterator.headers(of: record) {
            var value: [UInt8]?
            if let range = header.value { value = Array(iterator.bytes(range)) }
            let key = String(decoding: Array(iterator.bytes(header.key)), as: UTF8.self)
            plain.headers.append(RecordHeader(key: key, value: value))
        }
        records.append(plain)
    }
    return records
}

func plainRecords(_ batch: [UInt8], outputLimit: Int = 1 << 26) throws(RecordError) -> [PlainRecord] {
    try plainRecords(batch.span.bytes, outputLimit: outputLimit)
}

func locatedBatches(_ bytes: [UInt8]) throws -> [LocatedBatch] {
    var cursor = BatchCursor(bytes.span.bytes)
    var batches: [LocatedBatch] = []
    while let batch = try cursor.next() { batches.append(batch) }
    let remaining = cursor.remaining
    #expect(remaining == 0)
    return batches
}

/// The batch with the checksum that belongs to its bytes.
func signed(_ batch: [UInt8]) -> [UInt8] {
    var batch = batch
    let crc = BatchChecksum.compute(batch.span.bytes)
    batch.replace(crc, at: RecordBatchLayout.crc)
    return batch
}

extension [UInt8] {
    mutating func replace<T: FixedWidthInteger>(_ value: T, at position: Int) {
        for index in 0..<T.bitWidth / 8 {
            self[position + index] = UInt8(truncatingIfNeeded: value >> T((T.bitWidth / 8 - 1 - index) * 8))
        }
    }
}

/// A producer's batch: `count` records a millisecond apart, every third without a key and with headers.
func sampleBatch(
    _ count: Int = 5, timestamp: Int64 = 1_700_000_000_000,
    _ change: (inout RecordBatchBuilder.Fields) -> Void = { _ in }
) throws -> [UInt8] {
    var fields = RecordBatchBuilder.Fields()
    change(&fields)
    var builder = RecordBatchBuilder(fields)
    for index in 0..<count {
        let isThird = index % 3 == 2
        let headers = [RecordHeader(key: "trace", value: [1, 2]), RecordHeader(key: "", value: nil)]
        try builder.append(
            timestamp: timestamp + Int64(index), key: isThird ? nil : Array("key-\(index)".utf8),
            value: index % 4 == 3 ? nil : Array("value \(index)".utf8), headers: isThird ? headers : [])
    }
    return try builder.finish()
}
