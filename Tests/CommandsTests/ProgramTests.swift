import CommandLine
import Testing

@testable import Commands

struct ProgramTests {
    @Test func `a script that would start a broker says its usage when it is called without a word`() {
        let session = Session()
        #expect(session.run([], as: "kafka-server-start.sh") == 1)
        #expect(
            session.told
                == "USAGE: kafka-server-start.sh [-daemon] server.properties [--override property=value]*\n")
    }

    @Test func `without a command the program shows them all`() {
        let session = Session()
        #expect(session.run([]) == 2)
        #expect(session.run(["help"]) == 0)
        let lines = session.printed.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first == "usage: skafka command [options]")
        #expect(lines.contains("Commands:") && lines.contains("Options:"))
        for command in Program.entries.map(\.declaration) {
            let line = lines.first { $0.hasPrefix("  \(command.name) ") && $0.hasSuffix(" \(command.summary).") }
            #expect((line == nil) == command.isHidden, "\(command.name)")
            #expect(line?.count ?? 0 <= 100, "\(command.name)")
        }
    }

    @Test func `versions are printed`() {
        #expect(Session().transcript("--version") == "0\nskafka 0.1.0 (Kafka 4.3.0)\n")
        #expect(Session().transcript("server-start", "--version") == "0\n4.3.0\n")
    }

    @Test func `what is no command gets the nearest`() {
        #expect(
            Session().transcript("sever-start")
                == "2\n! skafka: 'sever-start' is no command of skafka\n! Did you mean server-start?\n")
        #expect(
            Session().transcript("--nonsense")
                == "2\n! skafka: '--nonsense' is no option of skafka\n! 'skafka help' lists all commands.\n")
        #expect(Session().transcript("help", "nothing").hasPrefix("2\n"))
    }

    @Test func `what is no option gets the nearest`() {
        #expect(
            Session().transcript("server-start", "--overide", "a=b")
                == "2\n! skafka: server-start: overide is not a recognized option\n! Did you mean --override?\n")
        #expect(
            Session().transcript("storage", "info")
                == "1\n! usage: skafka storage info [-h] --config CONFIG [--output form]\n"
                + "! skafka storage: error: argument --config/-c is required\n")
    }

    @Test func `only the first of the words that are too many is named`() {
        let session = Session()
        #expect(session.run(["a", "b", "c"], as: "kafka-server-start.sh") == 2)
        #expect(session.told.hasPrefix("skafka: server-start: Found non argument parameters: b,c\n"))
    }

    @Test func `the help keeps --help-json a secret`() {
        for entry in Program.entries where entry.runsRaw == nil {
            #expect(entry.declaration.help().contains("--help-json"), "\(entry.declaration.name)")
        }
    }

    @Test(arguments: [
        "kafka-server-start.sh", "/opt/kafka/bin/kafka-server-start.sh", "kafka-server-start",
    ])
    func `under the name of a script it is that command`(_ name: String) {
        let session = Session()
        #expect(session.run(["--version"], as: name) == 0)
        #expect(session.printed == "4.3.0\n")
        #expect(session.run(["--help"], as: name) == 0)
        #expect(session.printed.hasPrefix("usage: kafka-server-start.sh "))
    }

    @Test func `a tool of the second dialect is named as the script names it`() {
        let session = Session()
        #expect(session.run(["fromat"], as: "kafka-storage.sh") == 1)
        #expect(
            session.told == """
                usage: kafka-storage [-h]
                                     {info,format,version-mapping,feature-dependencies,random-uuid}
                                     ...
                kafka-storage: error: invalid choice: 'fromat' (choose from 'info', 'format', 'version-mapping', \
                'feature-dependencies', 'random-uuid')
                Did you mean format?

                """)
        #expect(session.run(["-h"], as: "kafka-storage.sh") == 0)
        #expect(session.printed.hasPrefix("usage: kafka-storage [-h]\n"))
    }

    @Test func `a tool of the first dialect shows its table with what is wrong`() {
        let session = Session()
        #expect(session.run(["log-dirs", "--descrbe"]) == 1)
        #expect(
            session.told.hasPrefix(
                """
                descrbe is not a recognized option
                Did you mean --describe?
                Option                               Description
                ------                               -----------
                --alter                              Move replicas to another log directory of
                                                       their broker.
                """), "\(session.told)")
        #expect(session.printed == "")
    }

    @Test func `every command describes itself to programs`() {
        let session = Session()
        #expect(session.run(["--help-json"]) == 0)
        #expect(session.printed.hasPrefix("{\n  \"name\": \"skafka\","))
        for entry in Program.entries {
            #expect(session.run([entry.declaration.name, "--help-json"]) == 0)
            #expect(session.printed.hasPrefix("{\n  \"name\": \"skafka \(entry.declaration.name)\","))
        }
    }

    @Test func `every command has help that says the same by two ways`() {
        for entry in Program.entries {
            let session = Session()
            let isTool = entry.declaration.isKafkaTool && entry.declaration.dialect == .jopt
            #expect(session.run([entry.declaration.name, "--help"]) == (isTool ? 1 : 0))
            let help = isTool ? session.told : session.printed
            #expect(session.run(["help", entry.declaration.name]) == 0)
            #expect(session.printed == help)
        }
    }
}
