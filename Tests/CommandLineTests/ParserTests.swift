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
            Option("count", .value("Integer: how many"), help: "A number."),
            Option("size", .value("Long: bytes"), help: "A number.", default: "1000"),
            Option("rate", .value("Double"), help: "A number."),
            Option("new", .repeated("k=v"), help: "A property.", formerly: ["old.one"]),
            Option("left", help: "One.", group: "side"),
            Option("right", help: "The other.", group: "side"),
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
                    Option("insist", help: "Do."),
                    Option("properties", .several("K=V"), help: "Properties."),
                    Option("level", short: "l", .value("LEVEL"), help: "A number.", default: "3", type: .integer),
                    Option("kind", .value("KIND"), help: "Which.", choices: ["json", "java"]),
                ]),
            Command(
                "move", summary: "Move", dialect: .argparse,
                options: [
                    Option("from", short: "b", .value("A"), help: "A.", group: "end"),
                    Option("to", .value("B"), help: "B.", group: "end", formerly: ["into"]),
                ], requiredGroups: ["end"], deprecation: .hasBeenDeprecated),
            Command("info", summary: "Inform", dialect: .argparse),
        ])

    private func parse(_ line: String, _ command: Command) throws -> Arguments? {
        let words = line.split(separator: " ").map(String.init)
        guard case .run(let arguments) = try Parser.parse(words, for: command) else { return nil }
        return arguments
    }

    private func refusal(_ line: String, _ command: Command) -> UsageError? {
        var error = #expect(throws: UsageError.self) { try parse(line, command) }
        error?.path = []
        return error
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
        ("--need x --count 1x", "Cannot parse argument '1x' of option count", nil),
        ("--need x --count 3000000000", "Cannot parse argument '3000000000' of option count", nil),
        ("--need x --size=", "Cannot parse argument '' of option size", nil),
        ("--need x --rate fast", "Cannot parse argument 'fast' of option rate", nil),
        ("--need x --new a=1 --old.one b=2", "Options --new and --old.one cannot be specified together.", nil),
        ("--need x --right --left", "Option \"[right]\" can't be used with option \"[left]\"", nil),
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
        ("fromat", "invalid choice: 'fromat' (choose from 'format', 'move', 'info')", "Did you mean format?"),
        ("format", "argument --config/-c is required", nil),
        ("format --config", "argument --config/-c: expected one argument", nil),
        ("format --config --standalone", "argument --config/-c: expected one argument", nil),
        ("format -c f --standalnoe", "unrecognized arguments: '--standalnoe'", "Did you mean --standalone?"),
        ("format -c f more", "unrecognized arguments: 'more'", nil),
        ("format -c f -x", "unrecognized arguments: '-x'", nil),
        ("format -c f -l x", "argument --level/-l: could not convert 'x' to Integer (32 bit)", nil),
        (
            "format -c f --kind jso", "argument --kind: invalid choice: 'jso' (choose from {json,java})",
            "Did you mean json?"
        ),
        ("format --i w", "ambiguous option: --i could match --initial, --insist", nil),
        ("format --standalone=1", "argument --standalone/-s: ignore implicit argument '1'", nil),
        ("move", "one of the arguments --from/-b --to is required", nil),
        ("move --to a --into b", "--to and --into cannot be specified together.", nil),
        ("format -c f -s -I v", "argument --initial/-I: not allowed with argument --standalone/-s", nil),
    ])
    func `the second dialect refuses in its own words`(_ line: String, _ message: String, _ hint: String?) {
        #expect(refusal(line, Self.argparse) == UsageError(message, hint: hint))
    }

    @Test func `numbers are numbers, and defaults count when nothing is given`() throws {
        let given = try #require(try parse("--need x --count -5 --size +7 --rate 1e3", Self.jopt))
        #expect(given.int("count") == -5)
        #expect(given.long("size") == 7)
        #expect(given.double("rate") == 1000)
        let silent = try #require(try parse("--need x", Self.jopt))
        #expect(silent.int("count") == nil)
        #expect(silent.long("size") == 1000)
        #expect(!silent.has("size"))
        #expect(try parse("format -c f --level -2", Self.argparse)?.int("level") == -2)
        #expect(try parse("format -c f", Self.argparse)?.int("level") == 3)
    }

    @Test func `the first dialect takes one dash for two, the second the beginning of a name for the whole`() throws {
        #expect(try parse("-need x -topic=a", Self.jopt)?.value("topic") == "a")
        #expect(try parse("format --conf f --stand", Self.argparse)?.has("standalone") == true)
        #expect(try parse("format -sc f", Self.argparse)?.value("config") == "f")
    }

    @Test func `several values end with the next option`() throws {
        let arguments = try parse("format --properties a=1 b=2 -c f --properties=c=3", Self.argparse)
        #expect(arguments?.values("properties") == ["a=1", "b=2", "c=3"])
    }

    @Test func `a former name is taken with a warning in the tool's words`() throws {
        #expect(
            try parse("--need x --old.one a=1", Self.jopt)?.warnings == [
                "Option --old.one is deprecated and will be removed in a future version. Use --new instead."
            ])
        let root = Command(
            "tool", summary: "A tool",
            options: [Option("new", .value("x"), help: "New.", formerly: ["old"])], deprecation: .warning)
        #expect(
            try parse("--old a", root)?.warnings == [
                "Warning: --old is deprecated and will be removed in a future version. Use --new instead."
            ])
    }

    @Test func `what Kafka's tools check is told in their words`() throws {
        let arguments = try #require(try parse("--need x --topic a --left", Self.jopt))
        func message(_ check: (Arguments) throws(UsageError) -> Void) -> String {
            do throws(UsageError) {
                try check(arguments)
                return ""
            } catch {
                return error.message
            }
        }
        #expect(
            message { a throws(UsageError) in try a.require("need", "rate") } == "Missing required argument \"[rate]\"")
        #expect(message { a throws(UsageError) in try a.requireOneAction(["left", "right"]) } == "")
        #expect(
            message { a throws(UsageError) in try a.requireOneAction(["left", "need"]) }
                == "Command must include exactly one action: --left, --need")
        #expect(
            message { a throws(UsageError) in try a.requireOneAction(["right"], saying: "--right. ") }
                == "Command must include exactly one action: --right. ")
        #expect(
            message { a throws(UsageError) in try a.requireOne(of: ["topic", "left"]) }
                == "Exactly one of the following arguments is required: [topic], [left]")
        #expect(
            message { a throws(UsageError) in try a.refuse("topic", with: "right", "left") }
                == "Option \"[topic]\" can't be used with option \"[left]\"")
        #expect(
            message { a throws(UsageError) in
                try a.refuse(combination: ["topic", "need"], with: ["left"], remark: " (no)")
            } == "Option combination \"[[topic], [need]]\" can't be used with option \"[left]\" (no)")
    }

    @Test func `any words end in a result or a refusal`() {
        let words = [
            "--", "-", "-c", "--=", "-=", "=", "", "--config", "format", "--help=1", "-daemon", "\u{0}", "é", "-é",
            "--é=",
            "-sé", "-ss", "-I", "--level", "--properties", "99999999999999999999", "-1", "--size", "-need",
            "--help-json",
            "move", "-\u{1f600}", "--new", "--old.one", "a=b", "--i", String(repeating: "-", count: 300),
            "-" + String(repeating: "s", count: 300),
        ]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            let line = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                words.randomElement(using: &generator) ?? ""
            }
            for command in [Self.jopt, Self.argparse] {
                do throws(UsageError) {
                    switch try Parser.parse(line, for: command) {
                    case .run(let arguments):
                        _ = (
                            arguments.int("count"), arguments.long("size"), arguments.double("rate"),
                            arguments.int("level")
                        )
                    case .help(let path): #expect(!command.help(path: path).isEmpty)
                    case .helpJSON(let path): #expect(!command.helpJSON(path: path).isEmpty)
                    case .version: break
                    }
                } catch {
                    #expect(!error.message.isEmpty, "\(line)")
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
