import KafkaModel

/// Why a request about a group is not granted, in Kafka's words.
struct GroupRefusal: Error, Equatable {
    let code: ErrorCode
    let message: String?

    init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }
}
