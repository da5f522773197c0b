import Glibc
import Posix
import TestSupport
import Testing

@testable import Commands

struct ServerStopTests {
    /// A directory that looks like /proc with the given command lines.
    private func processes(_ lines: [Int32: [String]], in directory: TemporaryDirectory) throws -> String {
        let root = directory.file("proc")
        for (id, words) in lines {
            try Disk.real.makeDirectories("\(root)/\(id)")
            let text = words.map { $0 + "\0" }.joined()
            try Disk.real.replaceContents(of: "\(root)/\(id)/cmdline", with: Array(text.utf8))
            symlink(directory.path, "\(root)/\(id)/cwd")
        }
        try Disk.real.makeDirectories(root + "/self")
        return root
    }

    @Test func `brokers are found by how they were started`() throws {
        let directory = TemporaryDirectory()
        let root = try processes(
            [
                5_900_001: ["/usr/bin/skafka", "server-start", "a.properties"],
                5_900_002: ["bash", "-c", "skafka server-start"],
                5_900_003: ["skafka", "server-stop"],
                5_900_004: ["/opt/bin/kafka-server-start.sh", "-daemon", "/b.properties"],
                5_900_005: [],
                5_900_006: ["skafka"],
            ], in: directory)
        let found = RunningBrokers.find(in: root)
        #expect(found.map(\.id) == [5_900_001, 5_900_004])
        #expect(found.map(\.words) == [["a.properties"], ["-daemon", "/b.properties"]])
        #expect(found.map(\.workingDirectory) == [directory.path, directory.path])
    }

    @Test func `a node is known by its file and its overrides`() throws {
        let directory = TemporaryDirectory()
        try Disk.real.replaceContents(of: directory.file("a.properties"), with: Array("node.id=3\n".utf8))
        let root = try processes(
            [
                5_900_001: ["skafka", "server-start", "a.properties"],
                5_900_002: ["skafka", "server-start", "a.properties", "--override", "node.id=4"],
                5_900_003: ["skafka", "server-start", "--override=node.id=5"],
                5_900_004: ["skafka", "server-start", "gone.properties"],
            ], in: directory)
        let found = RunningBrokers.find(in: root)
        func ids(node: Int32? = nil, role: String? = nil) -> [Int32] {
            found.filter { $0.matches(node: node, role: role) }.map(\.id)
        }
        #expect(ids() == [5_900_001, 5_900_002, 5_900_003, 5_900_004])
        #expect(ids(node: 3) == [5_900_001])
        #expect(ids(node: 4) == [5_900_002])
        #expect(ids(node: 5) == [5_900_003])
        #expect(ids(node: 6) == [])
        #expect(ids(role: "broker") == [5_900_001, 5_900_002, 5_900_003])
    }

    @Test func `when nothing runs it says so`() throws {
        let directory = TemporaryDirectory()
        let root = try processes([5_900_001: ["skafka", "server-start"]], in: directory)
        #expect(Session().transcript("server-stop") == "1\n! No kafka server to stop\n")
        #expect(
            Session(processes: root).transcript("server-stop", "--node-id", "77", "--process-role=broker")
                == "1\n! When both node-id and process-role are provided, the value for node-id will take precedence\n"
                + "! No kafka server to stop\n")
    }

    @Test func `a process that cannot be signalled is named`() throws {
        let directory = TemporaryDirectory()
        // Beyond the largest process id of Linux, so that nobody is hit.
        let root = try processes([5_000_001: ["skafka", "server-start"]], in: directory)
        #expect(
            Session(processes: root).transcript("server-stop")
                == "1\n! skafka: cannot stop process 5000001: No such process\n")
    }

    @Test(arguments: [
        ("TERM", SIGTERM), ("SIGKILL", SIGKILL), ("int", SIGINT), ("9", 9), ("0", nil), ("x", nil), ("65", nil),
    ])
    func `a signal has a name or a number`(_ name: String, _ number: CInt?) {
        #expect(ServerStop.signalNumber(name) == number)
    }

    @Test func `a signal that is none stops nobody`() throws {
        let session = Session(variables: ["SIGNAL": "NONE"])
        #expect(
            session.transcript("server-stop") == "1\n! skafka: cannot stop brokers: 'NONE' in SIGNAL is no signal\n")
    }
}
