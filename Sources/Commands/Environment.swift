import CommandLine
import Glibc

/// What a command knows of the world around it. A test gives its own.
struct Environment: Sendable {
    var console: Console
    let variable: @Sendable (String) -> String?
    /// Where the kernel shows processes.
    let processes: String
    /// Nil where nobody sits in front of it.
    var terminal: Terminal?
    /// Whether the process is the command's alone, and with it the signals that come.
    var ownsProcess = false
    /// Who sits with the command that runs; nil where nobody does.
    var attendant: Attendant?

    static let real = Environment(
        console: .standard,
        variable: { name in getenv(name).map { String(cString: $0) } },
        processes: "/proc",
        terminal: .standard, ownsProcess: true)

    /// The name of this machine.
    var hostName: String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The same for a command that begins now.
    func attended() -> Environment {
        guard ownsProcess, attendant == nil else { return self }
        var environment = self
        environment.attendant = Attendant(console, terminal)
        return environment
    }

    /// For whom stdout is.
    var outputStyle: OutputStyle { OutputStyle(isTerminal: console.isInteractive, variable: variable) }

    /// Data in the form that `--output` names, dressed for whoever reads it.
    func print(_ rows: [StructuredValue], as form: OutputForm) {
        console.write(StructuredValue.rendered(rows, as: form, style: outputStyle))
    }

    /// `skafka: cannot format /data: …`, and what to do about it when there is one thing to do.
    func complain(_ message: String, hint: String? = nil) {
        tell("skafka: \(message)", hint: hint)
    }

    /// The same for a line that is complete.
    func tell(_ line: String, hint: String? = nil) {
        console.tell(line)
        if let hint { console.tell(hint) }
    }
}
