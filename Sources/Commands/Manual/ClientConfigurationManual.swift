import CommandLine
import Configuration

/// The manual page of a client's properties file, from the tables of settings.
enum ClientConfigurationManual {
    static var page: String {
        var roff = ManualPage.header("skafka-client.conf", section: 5)
        roff += ManualPage.section("name", "skafka\\-client.conf \\- settings of the tools that talk to a cluster\n")
        roff += ManualPage.section(
            "description",
            ManualPage.paragraphs([
                "The tools take the properties files of Kafka's clients with --command-config, and single settings with "
                    + "--command-property where they have it: one key=value a line, # and ! begin comments, a backslash "
                    + "at the end of a line continues it. A tool that produces has the settings of producers, one that "
                    + "consumes those of consumers, every other those of the admin client.",
                "All settings of the clients of Kafka 4.3 are understood, and those that only Kafka 3.9 has. A setting "
                    + "below that has a note is accepted but has no effect, for the reason in the note; the tool says "
                    + "so when it is set.",
            ]))
        let shared = names(.admin).intersection(names(.producer)).intersection(names(.consumer))
        roff += chapter("Settings of all clients", .admin) { shared.contains($0.name) && isSame($0) }
        for (title, client) in kinds {
            roff += chapter(title, client) { !shared.contains($0.name) || !isSame($0) }
        }
        roff += "\n.SH \"SEE ALSO\"\n.BR skafka (1),\n.BR skafka.conf (5)\n"
        return roff
    }

    private static let kinds: [(String, ClientConfigTable.Client)] = [
        ("The admin client", .admin), ("Producers", .producer), ("Consumers", .consumer),
    ]

    private static func names(_ client: ClientConfigTable.Client) -> Set<String> {
        Set(ClientConfigTable.definitions(of: client).map(\.name))
    }

    /// Whether each client has it with the same default and the same note.
    private static func isSame(_ definition: ConfigDefinition) -> Bool {
        ClientConfigTable.Client.allCases.allSatisfy { client in
            guard let other = ClientConfigTable.find(definition.name, of: client) else { return false }
            return other.defaultValue == definition.defaultValue && other.serving == definition.serving
                && other.documentation == definition.documentation
        }
    }

    private static func chapter(
        _ title: String, _ client: ClientConfigTable.Client, _ belongs: (ConfigDefinition) -> Bool
    ) -> String {
        var roff = "\n.SH \"\(title.uppercased())\"\n"
        for definition in ClientConfigTable.definitions(of: client) where !definition.isInternal && belongs(definition)
        {
            roff += ConfigurationManual.entry(definition)
        }
        return roff
    }
}
