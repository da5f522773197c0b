import CommandLine

/// What a formatter is told: the file, then single properties, then the options that stand for two of them.
enum FormatterProperties {
    private static let known: Set<String> = [
        "print.timestamp", "print.partition", "print.offset", "print.delivery", "print.epoch", "print.headers",
        "print.key", "print.value", "key.separator", "line.separator", "headers.separator", "null.literal",
        "key.deserializer", "value.deserializer", "headers.deserializer",
    ]

    /// Those that no formatter looks at. What begins as the name of a deserializer is for that one.
    static func unknown(_ properties: [String: String]) -> [String] {
        let deserializers = ["key.deserializer.", "value.deserializer.", "headers.deserializer."]
        return properties.keys.filter { key in
            !known.contains(key) && !deserializers.contains { key.hasPrefix($0) }
        }.sorted()
    }

    static func read(_ arguments: Arguments) throws(UsageError) -> [String: String] {
        var properties: [String: String] = [:]
        if let file = arguments.value("formatter-config") {
            do throws(ConfigurationFile.Failure) {
                properties = try ConfigurationFile.read(file)
            } catch {
                throw UsageError("\(error)")
            }
        }
        for pair in arguments.values("formatter-property") {
            let (key, value) = ClientOptions.keyAndValue(pair)
            properties[key] = value
        }
        for part in ["key", "value"] {
            if let name = arguments.value("\(part)-deserializer") { properties["\(part).deserializer"] = name }
        }
        return properties
    }
}
