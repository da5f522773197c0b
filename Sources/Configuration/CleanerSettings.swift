/// How logs are compacted, by which means.
public struct CleanerSettings: Sendable, Equatable {
    public let isEnabled: Bool
    public let threads: Int
    public let backoff: Duration
    /// The memory of all threads for the map of keys, and how full a map may be.
    public let mapBytes: Int64
    public let mapLoadFactor: Double
    /// The memory of all threads for reading and writing.
    public let bufferBytes: Int
    /// What all threads may read and write.
    public let bytesPerSecondMax: Double

    /// Less than this makes no map worth having.
    public static let mapBytesMin: Int64 = 1 << 20

    init(_ reader: ConfigReader) throws(ConfigurationError) {
        isEnabled = try reader.flag("log.cleaner.enable")
        threads = try reader.count("log.cleaner.threads")
        backoff = try reader.milliseconds("log.cleaner.backoff.ms")
        mapBytes = try reader.integer("log.cleaner.dedupe.buffer.size")
        mapLoadFactor = try reader.double("log.cleaner.io.buffer.load.factor")
        bufferBytes = try reader.count("log.cleaner.io.buffer.size")
        bytesPerSecondMax = try reader.double("log.cleaner.io.max.bytes.per.second")
        guard !isEnabled || threads == 0 || mapBytes / Int64(threads) > Self.mapBytesMin else {
            throw reader.refusal(
                "log.cleaner.dedupe.buffer.size",
                "it must be more than \(Self.mapBytesMin) bytes for each of the \(threads) threads of "
                    + "log.cleaner.threads")
        }
    }
}
