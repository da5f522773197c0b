import CommandLine
import KafkaClient
import KafkaModel

/// `skafka delete-records`.
enum DeleteRecords {
    static let declaration = Command(
        "delete-records", summary: "Delete the records in front of offsets",
        description: [
            "Deletes the records of partitions up to an offset, as a JSON file says: "
                + #"{"version":1,"partitions":[{"topic":"foo","partition":1,"offset":1}]}. "#
                + "The offset -1 stands for the high watermark, so that nothing is left that consumers could read.",
            "For each partition it prints where the partition begins now, or why nothing was deleted; then the exit code "
                + "is 1.",
        ],
        options: ClientOptions.all + [
            Option(
                "offset-json-file", .value("Offset json file path"),
                help:
                    #"The file with an offset per partition: {"partitions":[{"topic":"foo","partition":1,"offset":1}],"#
                    + #""version":1}"#,
                isRequired: true, completion: .files),
            OutputForm.option,
        ],
        examples: [
            Command.Example(
                "skafka delete-records --bootstrap-server localhost:9092 --offset-json-file offsets.json",
                does: "Delete what the file says.")
        ],
        isKafkaTool: true,
        classNames: ["org.apache.kafka.tools.DeleteRecordsCommand", "kafka.admin.DeleteRecordsCommand"])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        guard ClientOptions.nameCluster(arguments, environment) else {
            throw UsageError("Missing required argument \"[bootstrap-server]\"")
        }
        let offsets: [TopicPartition: Int64]
        do throws(JSONFile.Failure) {
            offsets = try Self.offsets(try JSONFile.read(arguments.value("offset-json-file") ?? ""))
        } catch {
            environment.console.tell(error.description)
            return .failed
        }
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "delete-records-tool", attempt: "delete records"
        ) { (admin) throws(ClientError) in
            if form == .text { environment.console.print("Executing records delete operation") }
            let report = DeletionReport(results: try admin.deleteRecords(before: offsets))
            if form == .text {
                environment.console.write("Records delete operation completed:\n" + report.text)
            } else {
                environment.print(report.rows, as: form)
            }
            return report.hasFailed ? .failed : .done
        }
    }

    /// What the file says.
    static func offsets(_ file: StructuredValue) throws(JSONFile.Failure) -> [TopicPartition: Int64] {
        guard file.isObject else {
            throw JSONFile.Failure(description: "Expected JSON object, received \(file.json)")
        }
        if let version = file["version"] {
            guard let number = version.integer else {
                throw JSONFile.Failure(description: "Expected `integer` for version, received \(version.json)")
            }
            guard number == 1 else {
                throw JSONFile.Failure(description: "Not supported version field value \(number)")
            }
        }
        guard let partitions = file["partitions"] else {
            throw JSONFile.Failure(description: "Missing partitions field")
        }
        guard let elements = partitions.elements else {
            throw JSONFile.Failure(description: "Expected JSON array, received \(partitions.json)")
        }
        var found: [(TopicPartition, Int64)] = []
        for element in elements {
            let partition = try JSONFile.partition(element)
            guard let offset = element["offset"]?.integer else { throw JSONFile.missing("offset", "integer", element) }
            found.append((partition, offset))
        }
        let duplicates = JSONFile.duplicates(found.map(\.0))
        guard duplicates.isEmpty else {
            throw JSONFile.Failure(
                description: "Offset json file contains duplicate topic partitions: "
                    + duplicates.map(\.description).joined(separator: ","))
        }
        return Dictionary(found, uniquingKeysWith: { first, _ in first })
    }
}

/// What became of each partition.
struct DeletionReport {
    let results: [TopicPartition: Result<Int64, ClientError>]

    private var sorted: [(key: TopicPartition, value: Result<Int64, ClientError>)] {
        results.sorted { $0.key < $1.key }
    }

    var hasFailed: Bool { results.values.contains { if case .failure = $0 { true } else { false } } }

    var text: String {
        sorted.map { partition, result in
            switch result {
            case .success(let offset): "partition: \(partition)\tlow_watermark: \(offset)\n"
            case .failure(let error): "partition: \(partition)\terror: \(error.cause)\n"
            }
        }.joined()
    }

    var rows: [StructuredValue] {
        sorted.map { partition, result in
            var low = StructuredValue.null
            var problem = StructuredValue.null
            switch result {
            case .success(let offset): low = .int(offset)
            case .failure(let error): problem = .string(error.cause)
            }
            return [
                "topic": .string(partition.topic), "partition": .int(partition.partition), "lowWatermark": low,
                "error": problem,
            ]
        }
    }
}
