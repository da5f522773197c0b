import CommandLine
import KafkaClient
import KafkaModel

/// The settings of resources, and the forms in which they are printed.
struct ConfigsReport {
    let kind: ConfigEntity.Kind
    let showsAll: Bool
    private var resources: [(name: String, entries: [DescribedConfig])] = []

    init(kind: ConfigEntity.Kind, showsAll: Bool) {
        self.kind = kind
        self.showsAll = showsAll
    }

    mutating func add(_ description: ConfigDescription) {
        let name = description.resource.name
        let own = kind.ownSource(isDefault: name.isEmpty)
        let entries = description.entries.filter { showsAll || $0.source == own }.sorted { $0.name < $1.name }
        resources.append((name, entries))
    }

    /// As Kafka's tool prints it.
    var text: String {
        var text = ""
        for (name, entries) in resources {
            if name.isEmpty {
                text += "Default configs for \(kind.rawValue) in the cluster are:\n"
            } else {
                text += "\(showsAll ? "All" : "Dynamic") configs for \(kind.singular) \(name) are:\n"
            }
            for entry in entries {
                let synonyms = entry.synonyms.map { "\($0.source.name):\($0.name)=\($0.value ?? "null")" }
                text += "  \(entry.name)=\(entry.value ?? "null") sensitive=\(entry.isSensitive) "
                text += "synonyms={\(synonyms.joined(separator: ", "))}\n"
            }
        }
        return text
    }

    /// A row a setting.
    var rows: [StructuredValue] {
        resources.flatMap { name, entries in entries.map { row($0, of: name) } }
    }

    private func row(_ entry: DescribedConfig, of name: String) -> StructuredValue {
        var members: [StructuredValue.Member] = [
            .init("entityType", .string(kind.rawValue)), .init("entityName", name.isEmpty ? .null : .string(name)),
            .init("name", .string(entry.name)), .init("value", .optional(entry.value)),
            .init("source", .string(entry.source.name)), .init("isSensitive", .bool(entry.isSensitive)),
            .init("isReadOnly", .bool(entry.isReadOnly)), .init("type", .optional(entry.type)),
        ]
        if !entry.synonyms.isEmpty {
            members.append(
                .init(
                    "synonyms",
                    .list(
                        entry.synonyms.map {
                            [
                                "source": .string($0.source.name), "name": .string($0.name),
                                "value": .optional($0.value),
                            ]
                        })))
        }
        if let documentation = entry.documentation { members.append(.init("documentation", .string(documentation))) }
        return .object(members)
    }
}
