import CommandLine
import KafkaModel
import Posix

/// A JSON file that a person hands to a tool.
enum JSONFile {
    /// Why it cannot be used: one line that names the file.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let bytesMax = 64 << 20

    static func read(_ path: String) throws(Failure) -> StructuredValue {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Disk.real.stream(path, limit: bytesMax)
        } catch {
            throw Failure(description: error.description)
        }
        do throws(JSONError) {
            return try JSONParser.parse(bytes)
        } catch {
            throw Failure(description: "\(path) is not a valid JSON: \(error)")
        }
    }

    /// The topic and partition of an element of a `partitions` list.
    static func partition(_ element: StructuredValue) throws(Failure) -> TopicPartition {
        guard let topic = element["topic"]?.text else { throw missing("topic", "string", element) }
        guard let index = element["partition"]?.integer.flatMap({ Int32(exactly: $0) }) else {
            throw missing("partition", "integer", element)
        }
        return TopicPartition(topic, index)
    }

    static func missing(_ name: String, _ type: String, _ element: StructuredValue) -> Failure {
        Failure(description: "No such \(type) field exists: `\(name)` in \(element.json)")
    }

    /// The partitions that are named more than once, in order.
    static func duplicates(_ partitions: [TopicPartition]) -> [TopicPartition] {
        var seen: Set<TopicPartition> = []
        var twice: Set<TopicPartition> = []
        for partition in partitions where !seen.insert(partition).inserted { twice.insert(partition) }
        return twice.sorted()
    }
}
