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

    private static let program = Command("skafka", summary: "A post office")

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

    @Test func `the manual page escapes what troff would take for its own`() {
        #expect(ManualPage.escaped(".a -b \\n") == "\\&.a \\-b \\en")
        let page = ManualPage.page(Self.command, program: "post", seeAlso: ["post(1)"])
        #expect(page.hasPrefix(".TH POST\\-SEND 1 "))
        #expect(page.contains(".SH OPTIONS\n.TP\n.I letter\nA file's name.\n.TP\n\\fB\\-t\\fR, \\fB\\-\\-to\\fR"))
        #expect(page.contains(".SH \"SEE ALSO\"\n.BR post (1)\n"))
    }

    @Test func `every option is offered to every shell`() {
        let bash = ShellCompletion.bash(Self.program, commands: [Self.command])
        let zsh = ShellCompletion.zsh(Self.program, commands: [Self.command])
        let fish = ShellCompletion.fish(Self.program, commands: [Self.command])
        #expect(bash.contains("compgen -W '--to --a-very-long-option-name --how --help --version'"))
        #expect(bash.contains("--how) COMPREPLY=($(compgen -W 'air sea' -- \"$word\")); return ;;"))
        #expect(zsh.contains("'--how[Which way.]:way:(air sea)'"))
        #expect(zsh.contains("'::letter:_files'"))
        #expect(fish.contains("-l to -s t -x -d 'Where the letters go.'"))
        for script in [bash, zsh, fish] { #expect(!script.contains("\t")) }
    }
}
