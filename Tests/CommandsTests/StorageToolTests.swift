import Bytes
import KafkaProtocol
import Posix
import Security
import Storage
import TestSupport
import Testing

@testable import Commands

struct StorageToolTests {
    private let directory = TemporaryDirectory()
    private static let clusterID = "MkU3OEVBNTcwNTJENDM2Qk"

    /// A properties file whose log directories are below the test's own.
    private func properties(_ names: [String] = ["a"], _ more: String = "") throws -> String {
        let dirs = names.map { directory.file($0) }.joined(separator: ",")
        let path = directory.file("server.properties")
        let text = "node.id=1\nlog.dirs=\(dirs)\n" + more
        try Disk.real.replaceContents(of: path, with: Array(text.utf8))
        return path
    }

    /// What the program says, with the test's directory and random ids written short.
    private func transcript(_ words: [String]) -> String {
        let session = Session()
        let code = session.run(["storage"] + words)
        var text = "\(code)\n" + session.printed
        text += session.told.split(separator: "\n").map { "! \($0)\n" }.joined()
        text = text.split(separator: directory.path, omittingEmptySubsequences: false).joined(separator: "DIR")
        guard let mark = text.firstRange(of: "directory.id=") else { return text }
        let end = text[mark.upperBound...].firstIndex(of: ",") ?? text.endIndex
        return text.replacingRange(mark.upperBound..<end, with: "ID")
    }

    @Test func `a directory is formatted once`() throws {
        let file = try properties()
        let format = ["format", "-t", Self.clusterID, "-c", file, "--standalone"]
        #expect(
            transcript(["info", "-c", file]) == """
                1
                Found problem:
                  DIR/a does not exist


                """)
        #expect(
            transcript(format) == """
                0
                Formatting dynamic metadata voter directory DIR/a with metadata.version 3.9-IV0.

                """)
        #expect(
            transcript(["info", "-c", file]) == """
                0
                Found log directory:
                  DIR/a

                Found metadata: {cluster.id=\(Self.clusterID), directory.id=ID, node.id=1, version=1}


                """)
        #expect(
            transcript(format) == """
                1
                ! Log directory DIR/a is already formatted. Use \
                --ignore-formatted to ignore this directory and format the others.

                """)
        #expect(
            transcript(format + ["-g"]) == """
                0
                All of the log directories are already formatted.

                """)
    }

    @Test func `a directory that came later is formatted beside the others`() throws {
        _ = transcript(["format", "-t", Self.clusterID, "-c", try properties(["a"]), "-s"])
        let file = try properties(["b", "a"])
        #expect(
            transcript(["info", "-c", file]) == """
                1
                Found log directory:
                  DIR/a

                Found metadata: {cluster.id=\(Self.clusterID), directory.id=ID, node.id=1, version=1}

                Found problem:
                  DIR/b does not exist


                """)
        #expect(
            transcript(["format", "-t", Self.clusterID, "-c", file, "-g", "-N"]) == """
                0
                Formatting metadata directory DIR/b with metadata.version 3.9-IV0.

                """)
        let first = try MetaProperties.read(directory: directory.file("a"), disk: .real)
        let second = try MetaProperties.read(directory: directory.file("b"), disk: .real)
        #expect(first?.directoryID != second?.directoryID)
        #expect(first?.clusterID == second?.clusterID)
    }

    @Test func `directories that disagree are a problem`() throws {
        let file = try properties(["a", "b"])
        for (name, cluster) in [("a", "one"), ("b", "two")] {
            try Disk.real.makeDirectories(directory.file(name))
            try MetaProperties(clusterID: cluster, nodeID: 1, directoryID: .random())
                .write(directory: directory.file(name), disk: .real)
        }
        #expect(
            transcript(["info", "-c", file]).hasSuffix(
                "Found problem:\n  Mismatched cluster IDs between storage directories.\n\n"))
        #expect(
            transcript(["format", "-t", "one", "-c", file, "-s", "-g"]).hasPrefix(
                "1\n! Invalid cluster.id in: DIR/b/meta.properties. "
                    + "Expected one, but read two"))
    }

    @Test func `a directory of another node is refused`() throws {
        _ = transcript(["format", "-t", Self.clusterID, "-c", try properties(["a"]), "-s"])
        let file = try properties(["a"], "broker.id=2\n").description
        try Disk.real.replaceContents(
            of: file, with: Array("node.id=2\nlog.dirs=\(directory.file("a"))\n".utf8))
        #expect(
            transcript(["format", "-t", Self.clusterID, "-c", file, "-s", "-g"])
                .contains("Stored node id 1 doesn't match previous node id 2 in DIR/a/meta.properties."))
    }

    @Test(arguments: [
        (
            [], "",
            "Because controller.quorum.voters is not set on this controller, you must specify one of the following: "
                + "--standalone, --initial-controllers, or --no-initial-controllers."
        ),
        (["-s"], "process.roles=broker\n", "You can only use --standalone on a controller."),
        (
            ["-s"], "controller.quorum.voters=1@localhost:9093\n",
            "You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone."
        ),
        (
            ["-s", "-S", "SCRAM-SHA-256=[name=a,password=b]", "-r", "3.4"], "",
            "SCRAM is only supported in metadata.version 3.5-IV2 or later."
        ),
        (["-s", "-S", "SCRAM-SHA-1=[]"], "", "The add-scram mechanism SCRAM-SHA-1 is not supported."),
        (["-s", "-S", "SCRAM"], "", "Failed to find equals sign in SCRAM argument 'SCRAM'"),
        (["-s", "-S", "SCRAM-SHA-256=name=a"], "", "Expected configuration string to start with ["),
        (["-s", "-S", "SCRAM-SHA-256=[name=a"], "", "Expected configuration string to end with ]"),
        (["-s", "-S", "SCRAM-SHA-256=[x]"], "", "No equals sign found in SCRAM component: x"),
        (["-s", "-S", "SCRAM-SHA-256=[password=b]"], "", "You must supply 'name' to add-scram"),
        (
            ["-s", "-S", "SCRAM-SHA-256=[name=a]"], "",
            "You must supply one of 'password' or 'saltedpassword' to add-scram"
        ),
        (
            ["-s", "-S", "SCRAM-SHA-256=[name=a,saltedpassword=YQ==]"], "",
            "You must supply 'salt' with 'saltedpassword' to add-scram"
        ),
        (["-s", "-S", "SCRAM-SHA-256=[name=a,salt=!,password=b]"], "", "Failed to decode given salt: !"),
        (
            ["-s", "-S", "SCRAM-SHA-512=[name=a,password=b,iterations=1]"], "",
            "The 'iterations' value must be >= 4096 for add-scram using SCRAM-SHA-512"
        ),
        (["-s", "-S", "SCRAM-SHA-256=[name=a,password=b,x=1]"], "", "Unknown SCRAM configurations: x"),
        (["-s", "-r", "2.8"], "", "Unknown metadata.version '2.8'. Supported metadata.version are: 3.3-IV3, "),
        (["-s", "-r", "3.9", "-f", "metadata.version=20"], "", "Use --release-version instead of --feature"),
        (["-s", "-f", "metadata.version=99"], "", "Unknown metadata.version 99"),
        (["-s", "-f", "nothing=1"], "", "Unsupported feature: nothing. Supported features are: eligible"),
        (["-s", "-f", "group.version=9"], "", "Feature level 9 is not supported for feature group.version"),
        (["-s", "-f", "group.version"], "", "Can't parse feature=level string group.version: equals sign not found."),
        (["-s", "-f", "kraft.version=0"], "", "Cannot set kraft.version to 0 if controller.quorum.voters is empty"),
        (["-I", "2@h:1:MkU3OEVBNTcwNTJENDM2Qg"], "", "the voter is node 2, and this is node 1"),
        (["-I", "1@h:1:short"], "", "'1@h:1:short' is not of the form id@host:port:directory-id"),
        (["-I", "1@h:1:x,2@h:1:x"], "", "a quorum of 2 voters is not served by this version"),
    ])
    func `what cannot be formatted is refused before anything is written`(
        _ words: [String], _ settings: String, _ reason: String
    ) throws {
        let file = try properties(["a"], settings)
        let text = transcript(["format", "-t", Self.clusterID, "-c", file] + words)
        #expect(text.hasPrefix("1\n! \(reason)"), "\(text)")
        #expect(!Disk.real.exists(directory.file("a")))
    }

    @Test(arguments: ["", "a b", "a\nb", "a=b"])
    func `an id that could break a file is refused`(_ id: String) throws {
        let text = transcript(["format", "--cluster-id=\(id)", "-c", try properties(), "-s"])
        #expect(text.contains("does not appear to be a valid UUID"))
    }

    @Test func `the voters name the directory's id`() throws {
        let id = UUID.random()
        let text = transcript([
            "format", "-t", "c", "-c", try properties(), "-I", "1@localhost:9093:\(id)", "-r", "3.7",
        ])
        #expect(text == "0\nFormatting dynamic metadata voter directory DIR/a with metadata.version 3.7-IV4.\n")
        #expect(try MetaProperties.read(directory: directory.file("a"), disk: .real)?.directoryID == id)
    }

    @Test func `a credential is read and becomes a record`() throws {
        let text = #"SCRAM-SHA-512=[name=alice,iterations=8192,salt="N3E=",saltedpassword="YCE="]"#
        let credential = try SCRAMCredential(text)
        #expect(credential.name == "alice" && credential.iterations == 8192 && credential.mechanism == .sha512)
        #expect(credential.salt == Array("7q".utf8) && credential.secret == .salted(Array("`!".utf8)))
        let record = try credential.record()
        #expect(record.storedKey.count == 64 && record.serverKey.count == 64 && record.mechanism == 2)
        // The example of RFC 7677.
        let example = try SCRAMCredential(
            "SCRAM-SHA-256=[name=user,password=pencil,salt=W22ZaJ0SNY7soEsUEjb6gQ==,iterations=4096]"
        ).record()
        #expect(example.storedKey.prefix(4) == [0x58, 0x6e, 0x5d, 0xf2])
        #expect(example.serverKey.prefix(4) == [0xc1, 0xf3, 0xcb, 0xc1])
        let transcript = transcript([
            "format", "-t", Self.clusterID, "-c", try properties(), "-s", "-S",
            "SCRAM-SHA-256=[name=alice,password=secret]",
        ])
        #expect(transcript.hasPrefix("0\nFormatting dynamic metadata voter directory DIR/a"))
        let bytes = try Disk.real.stream(directory.file("a") + "/bootstrap.checkpoint", limit: 1 << 20)
        #expect(String(decoding: bytes, as: UTF8.self).contains("alice"))
    }

    @Test func `a release maps to the levels of its features`() {
        #expect(
            transcript(["version-mapping", "-r", "4.0"]) == """
                0
                metadata.version=25 (4.0)
                kraft.version=1
                transaction.version=2
                group.version=1
                eligible.leader.replicas.version=0
                share.version=0
                streams.version=0

                """)
        #expect(transcript(["version-mapping"]).hasPrefix("0\nmetadata.version=30 (4.3-IV0)\n"))
        #expect(transcript(["version-mapping", "-r", "5.0"]).hasPrefix("1\n! Unknown"))
    }

    @Test func `a level tells what it needs`() {
        #expect(
            transcript(["feature-dependencies", "-f", "eligible.leader.replicas.version=1", "-f", "group.version=1"])
                == """
                0
                eligible.leader.replicas.version=1 requires:
                    metadata.version=23 (4.0-IV1)
                group.version=1 has no dependencies.

                """)
        #expect(
            transcript(["feature-dependencies", "-f", "x=1"])
                == "1\n! Unknown feature: x\n")
    }

    @Test func `a random id has 22 characters and begins with no dash`() {
        let session = Session()
        #expect(session.run(["storage", "random-uuid"]) == 0)
        #expect(session.printed.count == 23)
        #expect(UUID(String(session.printed.dropLast())) != nil)
    }
}

extension String {
    fileprivate func replacingRange(_ range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
