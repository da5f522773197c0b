import Testing

@testable import CommandLine

struct ParserTests {
    private static let jopt = Command(
        "tool", summary: "A tool",
        options: [
            Option("daemon", help: "Leave.", hasSingleDash: true),
            Option("topic", .value("name"), help: "A topic."),
            Option("override", .repeated("k=v"), help: "A property."),
            Option("need", .value("x"), help: "Needed.", isRequired: true),
        ],
        operands: [Operand("file", help: "A file.")])

    private static let argparse = Command(
        "tool", summary: "A tool", dialect: .argparse,
        subcommands: [
            Command(
                "format", summary: "Format", dialect: .argparse,
                options: [
                    Option("config", short: "c", .value("FILE"), help: "A file.", isRequired: true),
                    Option("feature", short: "f", .repeated("F=L"), help: "A feature."),
                    Option("standalone", short: "s", help: "Alone.", group: "quorum"),
                    Option("initial", short: "I", .value("V"), help: "Voters.", group: "quorum"),
                ]),
            Command("info", summary: "Inform", dialect: .argparse),
        ])

    private func parse(_ line: String, _ command: Command) throws -> Arguments? {
        let words = line.split(separator: " ").map(String.init)
        guard case .run(let arguments) = try Parser.parse(words, for: command) else { return nil }
        return arguments
    }

    private func refusal(_ line: String, _ command: Command) -> UsageError? {
        #expect(throws: UsageError.self) { try parse(line, command) }
    }

    @Test func `a long option takes its value from the next word or after an equals sign`() throws {
        for line in ["--need x --topic a", "--need=x --topic=a", "-daemon --topic a --need x"] {
            let arguments = try #require(try parse(line, Self.jopt))
            #expect(arguments.value("topic") == "a")
            #expect(arguments.value("need") == "x")
            #expect(arguments.has("daemon") == line.hasPrefix("-daemon"))
        }
        #expect(try parse("--need=a=b=c", Self.jopt)?.value("need") == "a=b=c")
        #expect(try parse("--need=", Self.jopt)?.value("need") == "")
    }

    @Test func `a repeated option keeps all values`() throws {
        let arguments = try parse("--need x --override a=1 file --override=b=2", Self.jopt)
        #expect(arguments?.values("override") == ["a=1", "b=2"])
        #expect(arguments?.operands == ["file"])
    }

    @Test func `after two dashes all words are operands`() throws {
        #expect(try parse("--need x -- --file", Self.jopt)?.operands == ["--file"])
    }

    @Test(arguments: [
        ("--tpic a --need x", "tpic is not a recognized option", "Did you mean --topic?"),
        ("--need x --zzzzzz", "zzzzzz is not a recognized option", nil),
        ("--top a", "top is not a recognized option", nil),
        ("--need", "Option need requires an argument", nil),
        ("--need x --topic a --topic b", "Found multiple arguments for option topic, but you asked for only one", nil),
        ("--topic a", "Missing required argument \"[need]\"", nil),
        ("--need x one two", "Found non argument parameters: two", nil),
        ("-daemon=yes --need x", "option -daemon takes no value, but got 'yes'", nil),
        ("-demon --need x", "demon is not a recognized option", "Did you mean -daemon?"),
    ])
    func `the first dialect refuses in its own words`(_ line: String, _ message: String, _ hint: String?) {
        #expect(refusal(line, Self.jopt) == UsageError(message, hint: hint))
    }

    @Test func `help and version are asked for before anything is checked`() throws {
        #expect(try Parser.parse(["--help"], for: Self.jopt) == .help(path: []))
        #expect(try Parser.parse(["--version"], for: Self.jopt) == .version)
        #expect(try Parser.parse(["format", "-h"], for: Self.argparse) == .help(path: ["format"]))
    }

    @Test func `the second dialect has short letters and subcommands, and the last value counts`() throws {
        for line in ["format -c f", "format -cf", "format -c=f", "format --config f", "format -c e --config=f"] {
            let arguments = try #require(try parse(line, Self.argparse))
            #expect(arguments.path == ["format"])
            #expect(arguments.value("config") == "f", "\(line)")
        }
        #expect(try parse("format -c f -f a=1 -f b=2 -s", Self.argparse)?.values("feature") == ["a=1", "b=2"])
    }

    @Test(arguments: [
        ("", "too few arguments", nil),
        ("fromat", "invalid choice: 'fromat' (choose from 'format', 'info')", "Did you mean format?"),
        ("format", "argument --config/-c is required", nil),
        ("format --config", "argument --config/-c: expected one argument", nil),
        ("format --config --standalone", "argument --config/-c: expected one argument", nil),
        ("format -c f --standalon", "unrecognized arguments: '--standalon'", "Did you mean --standalone?"),
        ("format -c f more", "unrecognized arguments: 'more'", nil),
        ("format -c f -x", "unrecognized arguments: '-x'", nil),
        ("format -c f -s -I v", "argument --initial/-I: not allowed with argument --standalone/-s", nil),
    ])
    func `the second dialect refuses in its own words`(_ line: String, _ message: String, _ hint: String?) {
        #expect(refusal(line, Self.argparse) == UsageError(message, hint: hint))
    }

    @Test func `any words end in a result or a refusal`() {
        let words = ["--", "-", "-c", "--=", "-=", "=", "", "--config", "format", "--help=1", "-daemon", "\u{0}", "é"]
        for first in words {
            for second in words {
                for command in [Self.jopt, Self.argparse] {
                    do throws(UsageError) {
                        _ = try Parser.parse([first, second, "format"], for: command)
                    } catch {
                        #expect(!error.message.isEmpty)
                    }
                }
            }
        }
    }

    @Test(arguments: [
        ("storge", "storage"), ("sotrage", "storage"), ("STORAGE", "storage"), ("serverstart", "server-start"),
        ("stop", nil), ("", nil), ("x", nil),
    ])
    func `the nearest name is one that could be meant`(_ word: String, _ meant: String?) {
        #expect(nearest(to: word, among: ["server-start", "server-stop", "storage", "help"]) == meant)
    }
}
