import Testing

@testable import CommandLine

struct LineCompletionTests {
    private static let program = Command("skafka", summary: "A broker")

    private static let commands = [
        Command(
            "topics", summary: "Topics",
            options: [
                Option("bootstrap-server", .value("server"), help: "Where."),
                Option("topic", .repeated("name"), help: "Which.", completion: .topics, formerly: ["old-topic"]),
                Option("list", help: "List.", group: "what"),
                Option("describe", help: "Describe.", group: "what"),
                Option("output", .value("form"), help: "How.", completion: .words(["json", "jsonl", "csv"])),
                Option("command-config", .value("file"), help: "A file.", completion: .files),
                Option("state", .optional("states"), help: "States."),
            ], isKafkaTool: true),
        Command(
            "storage", summary: "Storage", dialect: .argparse,
            options: [Option("broker", short: "b", .value("B"), help: "Where.")],
            subcommands: [
                Command(
                    "info", summary: "Inform", dialect: .argparse,
                    options: [Option("config", short: "c", .value("CONFIG"), help: "A file.", completion: .files)],
                    operands: [Operand("path", help: "A path.", completion: .files)]),
                Command("format", summary: "Format", dialect: .argparse),
            ], isKafkaTool: true),
        Command("secret", summary: "Hidden", isHidden: true),
    ]

    /// The candidates in one line, then what else is wanted.
    private func offer(_ line: String) -> String {
        let completion = LineCompletion(shellWords(line), program: Self.program, commands: Self.commands)
        var words = completion.candidates.map(\.text)
        if let names = completion.names { words.append("<\(names.rawValue)>") }
        if completion.takesFiles { words.append("<files>") }
        return words.joined(separator: " ")
    }

    @Test(arguments: [
        ("skafka ", "topics storage"),
        ("skafka t", "topics"),
        ("skafka --v", "--version"),
        ("skafka nothing ", ""),
        (
            "skafka topics --",
            "--bootstrap-server --topic --list --describe --output --command-config --state --help "
                + "--version --help-json"
        ),
        (
            "skafka topics ",
            "--bootstrap-server --topic --list --describe --output --command-config --state --help "
                + "--version --help-json"
        ),
        ("skafka topics --l", "--list"),
        ("skafka topics --list --d", ""),
        ("skafka topics --bootstrap-server x --b", ""),
        ("skafka topics --topic a --t", "--topic"),
        ("skafka topics --topic ", "<topics>"),
        ("skafka topics --old-topic a", "<topics>"),
        ("skafka topics --topic=", "<topics>"),
        ("skafka topics --output j", "json jsonl"),
        ("skafka topics --output=j", "--output=json --output=jsonl"),
        ("skafka topics --command-config ", "<files>"),
        ("skafka topics --state --l", "--list"),
        ("A=1 ./build/kafka-topics.sh --li", "--list"),
        ("kafka-topics --output c", "csv"),
        ("skafka storage ", "info format"),
        ("skafka storage -b x i", "info"),
        ("kafka-storage.sh info -", "--config --help --help-json"),
        ("skafka storage info -c ", "<files>"),
        ("skafka storage info ", "<files>"),
        ("skafka storage info x ", "--config --help --help-json"),
        ("skafka", ""), ("", ""), ("'", ""),
    ])
    func `what may stand at the cursor`(_ line: String, _ offered: String) {
        #expect(offer(line) == offered, "\(line)")
    }

    @Test func `what the line says of the cluster is found`() {
        let words = shellWords("skafka topics --list --bootstrap-server=a:1,b:2 --command-config 'my file' --topic or")
        var completion = LineCompletion(words, program: Self.program, commands: Self.commands)
        #expect(completion.arguments.value("bootstrap-server") == "a:1,b:2")
        #expect(completion.arguments.value("command-config") == "my file")
        completion.add(names: ["orders", "org.x", "payments", "or der", "or$x"])
        #expect(completion.candidates.map(\.text) == ["orders", "org.x"])
        var list = LineCompletion(
            ["skafka", "topics", "--topic=a,or"], program: Self.program, commands: Self.commands)
        list.add(names: ["orders", "a"])
        #expect(list.candidates.map(\.text) == ["--topic=a,orders"])
    }

    @Test func `a line is split as a shell splits it`() {
        #expect(shellWords("a  'b c'\\ d \"e\\\"f\" ") == ["a", "b c d", "e\"f", ""])
        #expect(shellWords("a \"b c") == ["a", "b c"])
        #expect(shellWords("") == [""])
    }

    @Test func `every script knows every name`() {
        for shell in ShellCompletion.Shell.allCases {
            let script = ShellCompletion.script(shell, commands: Self.commands)
            #expect(script.contains("skafka kafka-topics.sh kafka-topics kafka-storage.sh kafka-storage"))
            #expect(script.contains("complete \(shell.rawValue) "))
        }
    }

    @Test func `no line is a trap`() {
        let words = [
            "--", "-", "=", "--topic", "--topic=", "info", "skafka", "topics", "kafka-storage.sh", "", "é", "-c", "--=",
            "'",
        ]
        for _ in 0..<5000 {
            let line = (0..<Int.random(in: 0...6)).map { _ in words.randomElement() ?? "" }
            _ = LineCompletion(line, program: Self.program, commands: Self.commands)
            _ = shellWords(line.joined(separator: " "))
        }
    }
}
