import Bytes
import Compression
import KafkaRecords
import Testing

@Test func `smoke`() throws {
    var fields = RecordBatchBuilder.Fields()
    fields.compression = .zstd
    var builder = RecordBatchBuilder(fields)
    try builder.append(timestamp: 5, key: nil, value: [1, 2, 3])
    try builder.append(timestamp: 6, key: [7], value: nil, headers: [RecordHeader(key: "a", value: nil)])
    let batch = try builder.finish()
    var scratch = ByteWriter()
    var records = try RecordIterator(batch.span.bytes, scratch: &scratch)
    let first = try records.next()
    #expect(first?.timestamp == 5)
    let second = try records.next()
    #expect(second?.key != nil)
    if let second {
        let headers = try records.headers(of: second)
        #expect(headers.count == 1)
    }
    let end = try records.next()
    #expect(end == nil)
    let isValid = BatchChecksum.isValid(batch.span.bytes)
    #expect(isValid)
}
