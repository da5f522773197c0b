import Testing

@testable import CommandLine

struct DescriptionTests {
    private static let command = Command(
        "send", summary: "Send letters",
        description: ["Sends letters. A letter-box must exist."],
        options: [
            Option("to", short: "t", .value("address"), help: "Where the letters go.", isRequired: true),
            Option(
                "a-very-long-option-name", .repeated("value"),
                help: "Something that takes so many words that they cannot all stand on one line of the help."),
            Option("how", .value("way"), help: "Which way.", completion: .words(["air", "sea"])),
        ],
        operands: [Operand("letter", help: "A file's name.", completion: .files)],
        examples: [Command.Example("post send -t home", does: "Send a letter home.")])

    @Test func `the help shows everything in 80 columns`() {
        let help = Self.command.help(program: "post")
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
        #expect(
            help == """
                usage: post send --to address [--a-very-long-option-name value]... [--how way]
                                 [--help] [--version] [letter]

                Send letters.

                Arguments:
                  [letter]                A file's name.

                Options:
                  -t, --to address        Where the letters go.
                  --a-very-long-option-name value
                                          Something that takes so many words that they cannot
                                          all stand on one line of the help.
                  --how way               Which way.
                  -h, --help              Print this help.
                  --version               Print the version.

                Examples:
                  post send -t home
                      Send a letter home.

                """)
    }

    @Test func `a tool of the first dialect has a table of options`() {
        let command = Command(
            "topics", summary: "Create, list, describe, alter and delete topics",
            options: [
                Option(
                    "partitions", .value("Integer: # of partitions"),
                    help: "The number of partitions for the topic that is created or altered; the kafka-configs tool "
                        + "changes the rest.", default: "1"),
                Option("bootstrap-server", .value("String: server to connect to"), help: "REQUIRED: where."),
                Option("state", .optional("String"), help: "Which."),
                Option("list", help: "List them."),
                Option("plain", .value("text"), help: ""),
            ], isKafkaTool: true)
        #expect(
            command.help() == """
                Create, list, describe, alter and delete topics.
                Option                                   Description
                ------                                   -----------
                --bootstrap-server <String: server to    REQUIRED: where.
                  connect to>
                --help                                   Print this help.
                --list                                   List them.
                --partitions <Integer: # of partitions>  The number of partitions for the topic
                                                           that is created or altered; the
                                                           kafka-configs tool changes the rest.
                                                           (default: 1)
                --plain <String: text>
                --state [String]                         Which.
                --version                                Print the version.

                """)
    }

    @Test func `a required option of the first dialect has a star`() {
        let command = Command(
            "t", summary: "T", options: [Option("need", .value("Long: n"), help: "Needed.", isRequired: true)],
            isKafkaTool: true)
        #expect(
            command.help() == """
                T.
                Option (* = required)  Description
                ---------------------  -----------
                --help                 Print this help.
                * --need <Long: n>     Needed.
                --version              Print the version.

                """)
    }

    @Test func `a tool of the second dialect has usage and two columns`() {
        let command = Command(
            "quorum", summary: "Look at the quorum", dialect: .argparse,
            options: [
                Option("bootstrap-server", .value("BOOTSTRAP_SERVER"), help: "Where.", group: "where"),
                Option("bootstrap-controller", .value("BOOTSTRAP_CONTROLLER"), help: "Where else.", group: "where"),
            ],
            subcommands: [
                Command(
                    "describe", summary: "Describe it", dialect: .argparse,
                    options: [
                        Option(
                            "output", short: "o", .value("FORM"), help: "How.", default: "json",
                            choices: ["json", "csv"]),
                        Option("settings", .several("K=V"), help: "What."),
                        Option("status", help: "Short.", group: "view"),
                        Option("replication", help: "Long.", group: "view"),
                    ], operands: [Operand("name", help: "Which one.", isRepeatable: true)])
            ], isKafkaTool: true, requiredGroups: ["where"])
        #expect(
            command.help(name: "kafka-quorum") == """
                usage: kafka-quorum [-h] (--bootstrap-server BOOTSTRAP_SERVER |
                                    --bootstrap-controller BOOTSTRAP_CONTROLLER) {describe}
                                    ...

                Look at the quorum.

                positional arguments:
                  {describe}
                    describe             Describe it.

                optional arguments:
                  -h, --help             Print this help.
                  --bootstrap-server BOOTSTRAP_SERVER
                                         Where.
                  --bootstrap-controller BOOTSTRAP_CONTROLLER
                                         Where else.

                """)
        #expect(
            command.help(path: ["describe"], name: "kafka-quorum") == """
                usage: kafka-quorum (--bootstrap-server BOOTSTRAP_SERVER |
                                    --bootstrap-controller BOOTSTRAP_CONTROLLER) describe
                                    [-h] [--output {json,csv}] [--settings K=V [K=V ...]]
                                    [--status | --replication] [name [name ...]]

                Describe it.

                positional arguments:
                  name                   Which one.

                optional arguments:
                  -h, --help             Print this help.
                  --output {json,csv}, -o {json,csv}
                                         How. (default: json)
                  --settings K=V [K=V ...]
                                         What.
                  --status               Short.
                  --replication          Long.

                """)
    }

    @Test func `the manual page escapes what troff would take for its own`() {
        #expect(ManualPage.escaped(".a -b \\n") == "\\&.a \\-b \\en")
        let page = ManualPage.page(Self.command, program: "post", seeAlso: ["post(1)"])
        #expect(page.hasPrefix(".TH POST\\-SEND 1 "))
        #expect(page.contains(".SH OPTIONS\n.TP\n.I letter\nA file's name.\n.TP\n\\fB\\-t\\fR, \\fB\\-\\-to\\fR"))
        #expect(page.contains(".SH \"SEE ALSO\"\n.BR post (1)\n"))
    }
}
