import CommandLine
import KafkaModel

/// A line of JSON by which a verifiable consumer tells what happened.
enum VerifiableEvent {
    case startupComplete
    case partitionsAssigned([TopicPartition])
    case recordsConsumed([Consumed])
    case recordData(key: String?, value: String?, TopicPartition, offset: Int64)
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
        case .partitionsAssigned: "partitions_assigned"
        case .recordsConsumed: "records_consumed"
        case .recordData: "record_data"
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
        case .startupComplete, .shutdownComplete: break
        case .partitionsAssigned(let partitions):
            json.key("partitions")
            json.beginArray()
            for partition in partitions {
                json.beginObject()
                Self.write(partition, into: &json)
                json.endObject()
            }
            json.endArray()
        case .recordsConsumed(let consumed): Self.write(consumed, into: &json)
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

    private static func write(_ partition: TopicPartition, into json: inout JSONText) {
        json.key("topic")
        json.value(partition.topic)
        json.key("partition")
        json.value(partition.partition)
    }
}
