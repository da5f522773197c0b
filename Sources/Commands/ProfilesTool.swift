import CommandLine

/// `skafka profiles`: which clusters have a name.
enum ProfilesTool {
    static let declaration = Command(
        "profiles", summary: "List the named clusters of the configuration file",
        description: [
            "Every tool that talks to a cluster takes --profile with the name of one, instead of --bootstrap-server and "
                + "--command-config. The names stand in ~/.config/skafka/profiles.conf, or below XDG_CONFIG_HOME where "
                + "that is set: a heading in brackets for each, and under it the settings of its client, as they would "
                + "stand in a file for --command-config, bootstrap.servers among them.",
            "The table marks the profile that SKAFKA_PROFILE names. Settings other than where the cluster is and how it is "
                + "talked to are not printed, for they may be secret.",
        ],
        options: [OutputForm.option(short: "o")],
        sections: [Command.Section("PRECEDENCE", ClientOptions.precedence)],
        examples: [
            Command.Example("skafka profiles", does: "List them."),
            Command.Example("skafka log-dirs --profile production --describe", does: "Use one."),
        ])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        do throws(Profiles.Failure) {
            let profiles = try Profiles.read(environment)
            if profiles.all.isEmpty { environment.console.tell("skafka: no profiles are in \(profiles.path)") }
            environment.print(rows(profiles, active: environment.variable("SKAFKA_PROFILE")), as: form)
            return .done
        } catch {
            environment.complain("cannot list profiles: \(error)")
            return .failed
        }
    }

    static func rows(_ profiles: Profiles, active: String?) -> [StructuredValue] {
        profiles.all.map { profile in
            [
                "profile": .string(profile.name),
                "bootstrapServers": .optional(profile.settings["bootstrap.servers"]),
                "securityProtocol": .optional(profile.settings["security.protocol"]),
                "settings": .int(profile.settings.count),
                "isActive": .bool(profile.name == active),
                "place": .string("\(profiles.path):\(profile.line)"),
            ]
        }
    }
}
