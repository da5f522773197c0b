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
            for directory in directories { write(directory, isKafkas: true, &text) }
            text.endArray()
            text.endObject()
        }
        text.endArray()
        text.endObject()
        return text.string
    }

    /// The same with what newer brokers tell besides.
    var json: String {
        var text = JSONText()
        text.beginObject()
        text.key("brokers")
        text.beginArray()
        for (id, directories) in brokers {
            text.beginObject()
            text.key("broker")
            text.value(id)
            text.key("logDirs")
            text.beginArray()
            for directory in directories { write(directory, isKafkas: false, &text) }
            text.endArray()
            text.endObject()
        }
        text.endArray()
        text.endObject()
        return text.string
    }

    private func write(_ directory: LogDirectoryDescription, isKafkas: Bool, _ text: inout JSONText) {
        text.beginObject()
        text.key("partitions")
        text.beginArray()
        for replica in replicas(directory) {
            text.beginObject()
            text.key("partition")
            text.value(replica.partition.description)
            if !isKafkas { writeName(replica.partition, &text) }
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
        if directory.error == .none {
            text.null()
        } else {
            text.value(isKafkas ? directory.error.exceptionClass : directory.error.name)
        }
        text.key("logDir")
        text.value(directory.path)
        if !isKafkas { writeSpace(directory, &text) }
        text.endObject()
    }

    private func writeName(_ partition: TopicPartition, _ text: inout JSONText) {
        text.key("topic")
        text.value(partition.topic)
        text.key("index")
        text.value(partition.partition)
    }

    private func writeSpace(_ directory: LogDirectoryDescription, _ text: inout JSONText) {
        text.key("totalBytes")
        if let bytes = directory.totalBytes { text.value(bytes) } else { text.null() }
        text.key("usableBytes")
        if let bytes = directory.usableBytes { text.value(bytes) } else { text.null() }
    }

    /// An object a replica, and one for a directory that has none to tell of.
    var jsonLines: String {
        var text = JSONText()
        for (id, directories) in brokers {
            for directory in directories {
                let replicas = replicas(directory)
                for replica in replicas { writeLine(id, directory, replica, &text) }
                if replicas.isEmpty { writeLine(id, directory, nil, &text) }
            }
        }
        return text.string
    }

    private func writeLine(
        _ broker: Int32, _ directory: LogDirectoryDescription, _ replica: LogDirectoryDescription.Replica?,
        _ text: inout JSONText
    ) {
        text.beginObject()
        text.key("broker")
        text.value(broker)
        text.key("logDir")
        text.value(directory.path)
        text.key("error")
        if directory.error == .none { text.null() } else { text.value(directory.error.name) }
        writeSpace(directory, &text)
        if let replica {
            writeName(replica.partition, &text)
            text.key("size")
            text.value(replica.size)
            text.key("offsetLag")
            text.value(replica.offsetLag)
            text.key("isFuture")
            text.value(replica.isFuture)
        }
        text.endObject()
        text.endLine()
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
