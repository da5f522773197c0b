/// What a producer did since it was made.
public struct ProducerFigures: Sendable {
    public internal(set) var records = 0
    public internal(set) var recordsSent = 0
    public internal(set) var recordsFailed = 0
    public internal(set) var retries = 0
    public internal(set) var splits = 0
    public internal(set) var batches = 0
    public internal(set) var batchBytes = 0
    public internal(set) var plainBytes = 0
    public internal(set) var requests = 0
    public internal(set) var responses = 0
    public internal(set) var bytesOut = 0
    public internal(set) var bytesIn = 0
    public internal(set) var largestRecordBatch = 0
    public internal(set) var connections = 0
    public internal(set) var connectionsClosed = 0
    /// From a batch's first record to its first sending.
    public internal(set) var queueTime = Duration.zero
    public internal(set) var queueTimeMax = Duration.zero
    /// From a request to its answer.
    public internal(set) var requestTime = Duration.zero
    public internal(set) var requestTimeMax = Duration.zero
    public internal(set) var throttleTime = Duration.zero
    public internal(set) var throttleTimeMax = Duration.zero
    /// How long callers waited for memory.
    public internal(set) var memoryWait = Duration.zero
    public internal(set) var memoryUsed = 0
    public internal(set) var waitingBatches = 0
}
