import CommandLine
import Testing

@testable import Commands

struct RunClassTests {
    @Test func `a class stands for the command that does the same`() {
        for name in ["org.apache.kafka.tools.DumpLogSegments", "kafka.tools.DumpLogSegments"] {
            #expect(Session().transcript("run-class", name, "--version") == "0\n4.3.0\n")
        }
        let session = Session()
        #expect(session.run(["-name", "x", "-loggc", "kafka.tools.StorageTool", "-h"], as: "kafka-run-class.sh") == 0)
        #expect(session.printed.hasPrefix("usage: skafka storage [-h]"))
        #expect(
            RunClass.Request(["-daemon", "kafka.Kafka", "a.properties"])?.arguments == ["-daemon", "a.properties"])
    }

    @Test func `what is no class of a tool is refused`() {
        #expect(
            Session().transcript("run-class", "kafka.tools.DumpLogSegment")
                == "1\n! skafka: no command does what the class "
                + "'kafka.tools.DumpLogSegment' does\n! Did you mean kafka.tools.DumpLogSegments?\n")
        #expect(
            Session().transcript("run-class") == "2\n! skafka: run-class: it takes the name of a class\n"
                + "! 'skafka run-class --help' shows what it takes.\n")
        #expect(Session().transcript("run-class", "--help").hasPrefix("0\nusage: skafka run-class "))
    }

    @Test(arguments: [
        ["connect-distributed"], ["trogdor"], ["jmx"], ["zookeeper-shell"],
        ["run-class", "org.apache.kafka.connect.cli.ConnectDistributed"],
    ])
    func `what skafka does not stand for is one line`(_ words: [String]) {
        let session = Session()
        #expect(session.run(words) == 1)
        #expect(session.printed == "")
        #expect(session.told.hasPrefix("skafka: ") && session.told.split(separator: "\n").count == 1)
        #expect(session.run([], as: "/opt/kafka/bin/connect-standalone.sh") == 1)
        #expect(session.told.hasPrefix("skafka: connect-standalone: Kafka Connect is not part of skafka"))
    }

    @Test func `no two commands have the name of a script or a class`() {
        let scripts = Program.entries.compactMap(\.declaration.scriptName)
        let classes = Program.entries.flatMap(\.declaration.classNames)
        #expect(Set(scripts).count == scripts.count)
        #expect(Set(classes).count == classes.count)
    }
}
