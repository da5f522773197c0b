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
                  --help-json             Print what the command takes, as JSON.

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
                --help-json                              Print what the command takes, as JSON.
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
                --help-json            Print what the command takes, as JSON.
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
                  --help-json            Print what the command takes, as JSON.

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
                  --help-json            Print what the command takes, as JSON.

                """)
    }

    @Test func `the manual page escapes what troff would take for its own`() {
        #expect(ManualPage.escaped(".a -b \\n") == "\\&.a \\-b \\en")
        var shared = ManualPage.Shared()
        shared.output = ["Rows."]
        shared.environment = [("POST", "Where.")]
        shared.files = [("~/.post", "Letters.")]
        #expect(
            ManualPage.page(Self.command, program: "post", shared: shared, seeAlso: ["post(1)"]) == #"""
                .TH POST\-SEND 1 "" "skafka" "skafka manual"
                .nh
                .ad l

                .SH NAME
                post\-send \- send letters

                .SH SYNOPSIS
                .B post\ send
                \fB\-\-to\fR\ \fIaddress\fR
                [\fB\-\-a\-very\-long\-option\-name\fR\ \fIvalue\fR]...
                [\fB\-\-how\fR\ \fIway\fR]
                [\fIletter\fR]

                .SH DESCRIPTION
                Sends letters. A letter\-box must exist.

                .SH OPTIONS
                .TP
                .I letter
                A file's name.
                .TP
                \fB\-t\fR, \fB\-\-to\fR \fIaddress\fR
                Where the letters go.
                .TP
                \fB\-\-a\-very\-long\-option\-name\fR \fIvalue\fR
                Something that takes so many words that they cannot all stand on one line of the help.
                .TP
                \fB\-\-how\fR \fIway\fR
                Which way.
                .TP
                \fB\-h\fR, \fB\-\-help\fR
                Print this help.
                .TP
                \fB\-\-version\fR
                Print the version.
                .TP
                \fB\-\-help\-json\fR
                Print what the command takes, as JSON.

                .SH OUTPUT
                Rows.

                .SH "EXIT STATUS"
                .TP
                .B 0
                Done.
                .TP
                .B 1
                It failed; stderr says why.
                .TP
                .B 2
                The command line was wrong.
                .TP
                .B 130
                Interrupted from the keyboard.

                .SH ENVIRONMENT
                .TP
                .B POST
                Where.

                .SH FILES
                .TP
                .B ~/.post
                Letters.

                .SH EXAMPLES
                .TP
                .B post send \-t home
                Send a letter home.

                .SH "SEE ALSO"
                .BR post (1)

                """#)
    }

    @Test func `the manual page tells defaults, choices and former names, and types only in the help`() {
        let command = Command(
            "t", summary: "T",
            options: [
                Option("n", .value("Integer: # of x"), help: "How many.", formerly: ["m"], default: "3"),
                Option("k", .optional("String: kind"), help: "Which.", choices: ["a", "b"]),
            ], isKafkaTool: true)
        let page = ManualPage.page(command, seeAlso: [])
        #expect(page.contains("[\\fB\\-\\-n\\fR\\ \\fI#\\ of\\ x\\fR]\n"))
        #expect(page.contains("How many. (default: 3) Its former name \\-\\-m is still taken.\n"))
        #expect(page.contains("\\fB\\-\\-k\\fR [\\fIkind\\fR]\nWhich. One of a, b.\n"))
        #expect(page.contains("Scripts know it as kafka\\-t.sh.\n"))
        #expect(!page.contains(".B 2\n"))
    }
}
