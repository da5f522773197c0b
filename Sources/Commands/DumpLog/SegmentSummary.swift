import Compression
import KafkaRecords

/// What batch headers say about segments, added up.
struct SegmentSummary {
    /// More producers than these are counted as this many.
    static let producersMax = 100_000

    struct Codec {
        var batches: Int64 = 0
        var bytes: Int64 = 0
    }

    var segments: Int64 = 0
    var batches: Int64 = 0
    var records: Int64 = 0
    var bytes: Int64 = 0
    var invalidBytes: Int64 = 0
    var controlBatches: Int64 = 0
    var transactionalBatches: Int64 = 0
    var firstOffset: Int64?
    var lastOffset: Int64?
    var minTimestamp: Int64?
    var maxTimestamp: Int64?
    var largestBatch = 0
    /// By the number in the attributes.
    var codecs = [Codec](repeating: Codec(), count: 8)
    var magics: [Int64] = [0, 0, 0]
    var epochs: ClosedRange<Int32>?
    private(set) var producers: Set<Int64> = []
    private var lastProducer: Int64 = -1
    /// What the batches unpack to, headers included; only where they were unpacked.
    var unpackedBytes: Int64?

    mutating func add(_ header: BatchHeader) {
        batches += 1
        bytes += Int64(header.sizeInBytes)
        records &+= header.magic < 2 && header.isCompressed ? 0 : Int64(max(0, header.recordCount))
        largestBatch = max(largestBatch, header.sizeInBytes)
        if firstOffset == nil { firstOffset = header.baseOffset }
        lastOffset = max(lastOffset ?? .min, header.lastOffset)
        if header.isControl { controlBatches += 1 }
        if header.isTransactional { transactionalBatches += 1 }
        codecs[Int(header.compressionID & 7)].batches += 1
        codecs[Int(header.compressionID & 7)].bytes += Int64(header.sizeInBytes)
        if (0...2).contains(header.magic) { magics[Int(header.magic)] += 1 }
        if header.maxTimestamp >= 0 {
            maxTimestamp = max(maxTimestamp ?? .min, header.maxTimestamp)
            // The first record's time stands for the batch, unless the header has a horizon there.
            let first =
                header.deleteHorizon == nil && header.timestampType == .createTime
                ? header.baseTimestamp : header.maxTimestamp
            if first >= 0 { minTimestamp = min(minTimestamp ?? .max, first) }
        }
        if header.magic >= 2, header.partitionLeaderEpoch >= 0 {
            let epoch = header.partitionLeaderEpoch
            epochs = min(epochs?.lowerBound ?? epoch, epoch)...max(epochs?.upperBound ?? epoch, epoch)
        }
        if header.producerID >= 0, header.producerID != lastProducer {
            lastProducer = header.producerID
            if producers.count < Self.producersMax { producers.insert(header.producerID) }
        }
    }

    /// Whether the number of records is not known from headers alone.
    var hasUncountedRecords: Bool { magics[0] + magics[1] > 0 && codecs[1...].contains { $0.batches > 0 } }

    var ratio: Double? {
        guard let unpackedBytes, bytes > 0 else { return nil }
        return Double(unpackedBytes) / Double(bytes)
    }
}
