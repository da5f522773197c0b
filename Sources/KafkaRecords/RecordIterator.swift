public import Bytes
internal import Compression

/// The records of one batch, in any of the three formats, compressed or not.
///
/// A record comes out as places in `bytes`: in the batch itself, or in the scratch writer that holds what it unpacked
/// to. Nothing is copied. The structure of each record is checked when it is reached; the checksum is not looked at.
public struct RecordIterator: ~Escapable {
    /// How much one batch may unpack to, unless the caller says otherwise.
    public static let outputLimitDefault = 256 << 20

    public let header: BatchHeader
    /// What the ranges of the views count in.
    public let bytes: RawSpan

    private var position: Int
    private var index = 0
    private var remaining: Int
    /// What is added to the offsets of messages inside a wrapper of magic 1, which count from 0.
    private var legacyBaseOffset: Int64 = 0

    /// - Parameters:
    ///   - batch: begins with one whole batch.
    ///   - scratch: is overwritten if the batch is compressed, and kept by this iterator as long as it lives.
    @_lifetime(copy batch, &scratch)
    public init(
        _ batch: RawSpan, scratch: inout ByteWriter, outputLimit: Int = RecordIterator.outputLimitDefault
    ) throws(RecordError) {
        let header = try BatchHeader(batch)
        guard batch.byteCount >= header.sizeInBytes else { throw .truncated }
        let batch = batch.extracting(first: header.sizeInBytes)
        if header.isCompressed {
            let packed =
                header.magic >= 2
                ? batch.extracting(droppingFirst: RecordBatchLayout.headerSize) : try Self.wrapped(batch, header)
            try Self.unpack(packed, header, outputLimit, &scratch)
            // The signature ties this iterator to both; inside, the compiler follows only one.
            let unpacked = RawSpan(_unsafeBytes: scratch.bytes.withUnsafeBytes { $0 })
            self.init(header, _overrideLifetime(unpacked, copying: batch), from: 0)
        } else {
            self.init(header, batch, from: header.magic >= 2 ? RecordBatchLayout.headerSize : 0)
        }
        try begin()
    }

    @_lifetime(copy bytes)
    private init(_ header: BatchHeader, _ bytes: RawSpan, from position: Int) {
        self.header = header
        self.bytes = bytes
        self.position = position
        remaining = Int(header.recordCount)
    }

    @_lifetime(self: copy self)
    private mutating func begin() throws(RecordError) {
        if header.magic < 2 && header.isCompressed {
            (remaining, legacyBaseOffset) = try Self.countWrapped(bytes, header)
        }
        guard remaining >= 0 else { throw .invalidCount(header.recordCount) }
        guard remaining > 0 || position == bytes.byteCount else {
            throw .invalidRecord(index: 0, reason: .trailingBytes)
        }
    }

    /// The next record, or nil behind the last.
    @_lifetime(self: copy self)
    public mutating func next() throws(RecordError) -> RecordView? {
        guard remaining > 0 else { return nil }
        do throws(RecordFault) {
            let view = header.magic >= 2 ? try nextRecord() : try nextMessage()
            remaining -= 1
            index += 1
            if remaining == 0 && position != bytes.byteCount { throw .trailingBytes }
            return view
        } catch {
            throw .invalidRecord(index: index, reason: error)
        }
    }

    @_lifetime(copy self)
    public func bytes(_ range: Range<Int>) -> RawSpan { bytes.extracting(range) }

    public func headers(of record: RecordView) throws(RecordError) -> [RecordHeaderView] {
        let scanner = RecordScanner(bytes, from: record.headers.lowerBound)
        var cursor = record.headers.lowerBound
        var headers: [RecordHeaderView] = []
        headers.reserveCapacity(min(record.headerCount, record.headers.count))
        do throws(RecordFault) {
            for _ in 0..<record.headerCount {
                headers.append(try scanner.header(&cursor, record.headers.upperBound))
            }
        } catch {
            throw .invalidRecord(index: record.index, reason: error)
        }
        return headers
    }

    @_lifetime(self: copy self)
    private mutating func nextRecord() throws(RecordFault) -> RecordView {
        var scanner = RecordScanner(bytes, from: position)
        let record = try scanner.next()
        position = record.end
        let isStamped = header.timestampType == .logAppendTime
        let sequence =
            header.baseSequence < 0
            ? -1 : BatchHeader.sequence(header.baseSequence, advancedBy: record.offsetDelta)
        return RecordView(
            index: index,
            offset: header.baseOffset &+ Int64(record.offsetDelta),
            timestamp: isStamped ? header.maxTimestamp : header.baseTimestamp &+ record.timestampDelta,
            sequence: sequence,
            range: record.start..<record.end,
            key: record.keyLength < 0 ? nil : record.keyStart..<record.keyStart + Int(record.keyLength),
            value: record.valueLength < 0 ? nil : record.valueStart..<record.valueStart + Int(record.valueLength),
            headerCount: Int(record.headerCount),
            headers: record.headersStart..<record.end)
    }

    @_lifetime(self: copy self)
    private mutating func nextMessage() throws(RecordFault) -> RecordView {
        let rest = bytes.extracting(droppingFirst: position)
        let message = try LegacyMessage(rest)
        let start = position
        position += message.header.sizeInBytes
        var timestamp = message.header.baseTimestamp
        if header.isCompressed && header.timestampType == .logAppendTime { timestamp = header.maxTimestamp }
        return RecordView(
            index: index,
            offset: header.isCompressed ? legacyBaseOffset &+ message.header.baseOffset : header.baseOffset,
            timestamp: timestamp,
            sequence: -1,
            range: start..<position,
            key: message.key.map { $0.lowerBound + start..<$0.upperBound + start },
            value: message.value.map { $0.lowerBound + start..<$0.upperBound + start },
            headerCount: 0,
            headers: position..<position)
    }

    private static func unpack(
        _ packed: RawSpan, _ header: BatchHeader, _ limit: Int, _ scratch: inout ByteWriter
    ) throws(RecordError) {
        guard let type = header.compression else { throw .unsupportedCompression(header.compressionID) }
        scratch.clear()
        do throws(CompressionError) {
            if header.magic == 0 && type == .lz4 {
                try Compression.decompressLegacyLZ4(packed, outputLimit: limit, into: &scratch)
            } else {
                try Compression.decompress(packed, type, outputLimit: limit, into: &scratch)
            }
        } catch {
            throw .compression(error)
        }
    }

    /// The value of a wrapper: its messages, packed.
    @_lifetime(copy batch)
    private static func wrapped(_ batch: RawSpan, _ header: BatchHeader) throws(RecordError) -> RawSpan {
        if header.compression == .zstd { throw .unsupportedCompression(header.compressionID) }
        let range: Range<Int>
        do throws(RecordFault) {
            guard let value = try LegacyMessage(batch).value else { throw .missingValue }
            range = value
        } catch {
            throw .invalidRecord(index: 0, reason: error)
        }
        return batch.extracting(range)
    }

    /// How many messages a wrapper holds and what to add to their offsets. Offsets inside magic 0 are absolute. Inside
    /// magic 1 they count from 0, and the wrapper has the offset of the last; some clients left it 0.
    private static func countWrapped(
        _ bytes: RawSpan, _ wrapper: BatchHeader
    ) throws(RecordError) -> (count: Int, baseOffset: Int64) {
        var position = 0
        var count = 0
        var lastOffset: Int64 = 0
        do throws(RecordFault) {
            while position < bytes.byteCount {
                let message = try LegacyMessage(bytes.extracting(droppingFirst: position)).header
                guard message.magic == wrapper.magic else { throw .magicMismatch }
                guard !message.isCompressed else { throw .nestedCompression }
                lastOffset = message.baseOffset
                position += message.sizeInBytes
                count += 1
            }
            guard count > 0 else { throw .noRecords }
            if wrapper.magic == 0 || wrapper.baseOffset == 0 { return (count, 0) }
            guard lastOffset >= 0, wrapper.baseOffset >= lastOffset else { throw .offsetOutOfOrder }
            return (count, wrapper.baseOffset - lastOffset)
        } catch {
            throw .invalidRecord(index: count, reason: error)
        }
    }
}
