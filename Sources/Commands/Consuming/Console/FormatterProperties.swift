import CommandLine

/// What a formatter is told: the file, then single properties, then the options that stand for two of them.
enum FormatterProperties {
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
