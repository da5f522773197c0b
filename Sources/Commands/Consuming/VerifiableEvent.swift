import CommandLine
import KafkaClient
import KafkaModel

/// A line of JSON by which a verifiable consumer tells what happened.
enum VerifiableEvent {
    case startupComplete
    case partitionsRevoked([TopicPartition])
    case partitionsAssigned([TopicPartition])
    case recordsConsumed([Consumed])
    case recordData(key: String?, value: String?, TopicPartition, offset: Int64)
    case offsetsCommitted([TopicPartition: CommittedOffset], error: String?)
    case shutdownRequested
    case shutdownComplete

    /// What came of one partition.
    struct Consumed: Equatable {
        let partition: TopicPartition
        var count: Int64
        let minOffset: Int64
        var maxOffset: Int64
    }

    private var name: StaticString {
        switch self {
        case .startupComplete: "startup_complete"
        case .partitionsRevoked: "partitions_revoked"
        case .partitionsAssigned: "partitions_assigned"
        case .recordsConsumed: "records_consumed"
        case .recordData: "record_data"
        case .offsetsCommitted: "offsets_committed"
        case .shutdownRequested: "shutdown_requested"
        case .shutdownComplete: "shutdown_complete"
        }
    }

    /// - Parameter timestamp: milliseconds.
    func json(at timestamp: Int64) -> String {
        var json = JSONText()
        json.beginObject()
        json.key("timestamp")
        json.value(timestamp)
        json.key("name")
        json.value(name)
        switch self {
        case .startupComplete, .shutdownRequested, .shutdownComplete: break
        case .partitionsAssigned(let partitions), .partitionsRevoked(let partitions):
            json.key("partitions")
            json.beginArray()
            for partition in partitions {
                json.beginObject()
                Self.write(partition, into: &json)
                json.endObject()
            }
            json.endArray()
        case .recordsConsumed(let consumed): Self.write(consumed, into: &json)
        case .offsetsCommitted(let offsets, let error): Self.write(offsets, error, into: &json)
        case .recordData(let key, let value, let partition, let offset):
            for (name, text) in [("key", key), ("value", value)] {
                json.key(name)
                if let text { json.value(text) } else { json.null() }
            }
            Self.write(partition, into: &json)
            json.key("offset")
            json.value(offset)
        }
        json.endObject()
        return json.string
    }

    private static func write(_ consumed: [Consumed], into json: inout JSONText) {
        json.key("count")
        json.value(consumed.reduce(Int64(0)) { $0 + $1.count })
        json.key("partitions")
        json.beginArray()
        for one in consumed {
            json.beginObject()
            write(one.partition, into: &json)
            json.key("count")
            json.value(one.count)
            json.key("minOffset")
            json.value(one.minOffset)
            json.key("maxOffset")
            json.value(one.maxOffset)
            json.endObject()
        }
        json.endArray()
    }

    private static func write(
        _ offsets: [TopicPartition: CommittedOffset], _ error: String?, into json: inout JSONText
    ) {
        json.key("offsets")
        json.beginArray()
        for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            write(partition, into: &json)
            json.key("offset")
            json.value(offset.offset)
            json.endObject()
        }
        json.endArray()
        if let error {
            json.key("error")
            json.value(error)
        }
        json.key("success")
        json.value(error == nil)
    }

    private static func write(_ partition: TopicPartition, into json: inout JSONText) {
        json.key("topic")
        json.value(partition.topic)
        json.key("partition")
        json.value(partition.partition)
    }
}
