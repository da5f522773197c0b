import CommandLine
import Configuration

/// The manual page of the properties file, from the tables of settings.
enum ConfigurationManual {
    static var page: String {
        var roff = ManualPage.header("skafka.conf", section: 5)
        roff += ManualPage.section("name", "skafka.conf \\- settings of a skafka broker and its topics\n")
        roff += ManualPage.section(
            "description",
            ManualPage.paragraphs([
                "A broker reads its settings from a properties file in Java's syntax, the server.properties of Kafka: "
                    + "one key=value a line, # and ! begin comments, a backslash at the end of a line continues it.",
                "All settings of Kafka 4.3 are understood, and those that only Kafka 3.9 has. A setting below that has "
                    + "a note is accepted but has no effect, for the reason in the note; if a file sets it to "
                    + "anything but its default, the broker logs so when it starts. An unknown setting is logged "
                    + "too.",
                "Listed are the type, the allowed values and the default. A dynamic setting can be altered while the "
                    + "broker runs: per broker, or cluster-wide.",
            ]))
        for group in BrokerConfigTable.groups {
            roff += "\n.SH \(title(group.title))\n"
            for definition in group.definitions where !definition.isInternal {
                roff += entry(definition, dynamicText(definition))
            }
        }
        roff += "\n.SH \(title("Settings of topics"))\n"
        roff += "A topic may override the settings of its broker.\n"
        for definition in TopicConfigTable.definitions where !definition.isInternal {
            roff += entry(definition, definition.synonyms.first.map { "broker: \($0)" })
        }
        roff += "\n.SH \"SEE ALSO\"\n.BR skafka (1),\n.BR skafka\\-server\\-start (1)\n"
        return roff
    }

    private static func title(_ text: String) -> String { "\"\(text.uppercased())\"" }

    private static func dynamicText(_ definition: ConfigDefinition) -> String? {
        switch definition.dynamic {
        case .readOnly: nil
        case .perBroker: "dynamic per broker"
        case .clusterWide: "dynamic cluster-wide"
        }
    }

    /// A setting with its type, its values, its default and, behind them, what else is to be said.
    static func entry(_ definition: ConfigDefinition, _ more: String? = nil) -> String {
        var text = ".TP\n.B \(ManualPage.escaped(definition.name))\n"
        text += ManualPage.escaped(definition.documentation) + "\n.br\n"
        var facts = [definition.type.name.lowercased()]
        if let rule = definition.validator.rule { facts.append(rule) }
        facts.append(defaultText(definition))
        if let more { facts.append(more) }
        text += "(" + ManualPage.escaped(facts.joined(separator: "; ")) + ")\n"
        if let reason = definition.serving.reason {
            text += ".br\n" + ManualPage.escaped("Note: \(reason).") + "\n"
        }
        return text
    }

    private static func defaultText(_ definition: ConfigDefinition) -> String {
        guard let value = definition.defaultValue else { return "no default" }
        return value.isEmpty ? "default empty" : "default \(value)"
    }
}
