import Bytes
import CommandLine
import KafkaClient
import KafkaModel

/// What brokers told of their log directories, and the forms in which it is printed.
struct LogDirsReport {
    private var brokers: [(id: Int32, directories: [LogDirectoryDescription])] = []
    private var topics: Set<String> = []

    mutating func add(_ broker: Int32, _ directories: [LogDirectoryDescription], topics: Set<String>) {
        brokers.append((broker, directories.sorted { $0.path < $1.path }))
        self.topics = topics
    }

    private func replicas(_ directory: LogDirectoryDescription) -> [LogDirectoryDescription.Replica] {
        directory.replicas.filter { topics.isEmpty || topics.contains($0.partition.topic) }
            .sorted { ($0.partition, $0.isFuture ? 1 : 0) < ($1.partition, $1.isFuture ? 1 : 0) }
    }

    /// The one line of Kafka's tool.
    var kafkaJSON: String {
        var text = JSONText()
        text.beginObject()
        text.key("version")
        text.value(1)
        text.key("brokers")
        text.beginArray()
        for (id, directories) in brokers {
            text.beginObject()
            text.key("broker")
            text.value(id)
            text.key("logDirs")
            text.beginArray()
            for directory in directories { write(directory, &text) }
            text.endArray()
            text.endObject()
        }
        text.endArray()
        text.endObject()
        return text.string
    }

    private func write(_ directory: LogDirectoryDescription, _ text: inout JSONText) {
        text.beginObject()
        text.key("partitions")
        text.beginArray()
        for replica in replicas(directory) {
            text.beginObject()
            text.key("partition")
            text.value(replica.partition.description)
            text.key("size")
            text.value(replica.size)
            text.key("offsetLag")
            text.value(replica.offsetLag)
            text.key("isFuture")
            text.value(replica.isFuture)
            text.endObject()
        }
        text.endArray()
        text.key("error")
        if directory.error == .none { text.null() } else { text.value(directory.error.exceptionClass) }
        text.key("logDir")
        text.value(directory.path)
        text.endObject()
    }

    /// A row for each replica, and one for a directory that has none to tell of.
    var rows: [StructuredValue] {
        brokers.flatMap { id, directories in
            directories.flatMap { directory in
                let place: [StructuredValue.Member] = [
                    .init("broker", .int(id)), .init("logDir", .string(directory.path)),
                    .init("error", directory.error == .none ? .null : .string(directory.error.name)),
                    .init("totalBytes", .optional(directory.totalBytes)),
                    .init("usableBytes", .optional(directory.usableBytes)),
                ]
                let replicas = replicas(directory)
                guard !replicas.isEmpty else { return [StructuredValue.object(place)] }
                return replicas.map { replica in
                    .object(
                        place + [
                            .init("topic", .string(replica.partition.topic)),
                            .init("partition", .int(replica.partition.partition)), .init("size", .int(replica.size)),
                            .init("offsetLag", .int(replica.offsetLag)), .init("isFuture", .bool(replica.isFuture)),
                        ])
                }
            }
        }
    }

    var table: Table {
        var table = Table([
            ("BROKER", .right), ("TOPIC", .left), ("PARTITION", .right), ("SIZE", .right), ("LAG", .right),
            ("STATE", .left), ("DIRECTORY", .left),
        ])
        for (id, directories) in brokers {
            for directory in directories {
                for replica in replicas(directory) {
                    table.add([
                        "\(id)", replica.partition.topic, "\(replica.partition.partition)", Progress.size(replica.size),
                        replica.offsetLag < 0 ? "" : "\(replica.offsetLag)",
                        replica.isFuture ? "on its way" : "there", directory.path,
                    ])
                }
                guard directory.error != .none else { continue }
                table.add(["\(id)", "", "", "", "", "offline (\(directory.error.name))", directory.path])
            }
        }
        return table
    }
}

extension ErrorCode {
    /// The class that stands for the error in Kafka's own client, which its tool prints.
    fileprivate var exceptionClass: String {
        let words = name.split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }
        let simple: String =
            switch self {
            case .kafkaStorageError: "KafkaStorage"
            case .unknownServerError: "UnknownServer"
            default: words.joined()
            }
        return "org.apache.kafka.common.errors.\(simple)Exception"
    }
}
