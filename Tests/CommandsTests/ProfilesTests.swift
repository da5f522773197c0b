import CommandLine
import Posix
import TestSupport
import Testing

@testable import Commands

@Suite struct ProfilesTests {
    private let directory = TemporaryDirectory()

    private func session(_ file: String, _ variables: [String: String] = [:]) throws -> Session {
        try Disk.real.makeDirectories(directory.file("skafka"))
        try Disk.real.replaceContents(of: directory.file("skafka/profiles.conf"), with: Array(file.utf8))
        return Session(variables: variables.merging(["XDG_CONFIG_HOME": directory.file("")]) { $1 })
    }

    private static let two = """
        # clusters
        [near]
        bootstrap.servers=127.0.0.1:1
        retries=0

        [far]
        bootstrap.servers: kafka1:9093,\\
           kafka2:9093
        security.protocol=PLAINTEXT
        ssl.keystore.password=secret

        """

    @Test func `they are listed without secrets`() throws {
        let path = directory.file("") + "/skafka/profiles.conf"
        let session = try self.session(Self.two, ["SKAFKA_PROFILE": "far"])
        #expect(
            session.transcript("profiles", "--output", "jsonl") == """
                0
                {"profile":"near","bootstrapServers":"127.0.0.1:1","securityProtocol":null,"settings":2,"isActive":false,\
                "place":"\(path):2"}
                {"profile":"far","bootstrapServers":"kafka1:9093,kafka2:9093","securityProtocol":"PLAINTEXT","settings":3,\
                "isActive":true,"place":"\(path):6"}

                """)
        #expect(session.transcript("complete", "profiles") == "0\nfar\nnear\n")
        #expect(session.transcript("complete", "bash", "skafka log-dirs --profile ne") == "0\n\nnear\t\n")
    }

    @Test func `what is wrong with the file is told with its line`() throws {
        let path = directory.file("") + "/skafka/profiles.conf"
        func complaint(_ file: String) throws -> String { try self.session(file).transcript("profiles") }
        #expect(
            try complaint("a=b\n")
                == "1\n! skafka: cannot list profiles: \(path):1: 'a' stands before the first [heading]\n")
        #expect(
            try complaint("\n[a]\n[my cluster]\n")
                == "1\n! skafka: cannot list profiles: \(path):3: a heading is a name "
                + "without spaces in brackets: [name]\n")
        #expect(
            try complaint("[a]\nx=1\n[a]\n")
                == "1\n! skafka: cannot list profiles: \(path):3: the profile 'a' begins in line 1 already\n")
        #expect(
            try complaint("[a]\nx=\\u12\n").hasPrefix("1\n! skafka: cannot list profiles: \(path):2: malformed"))
        let session = Session(variables: ["XDG_CONFIG_HOME": directory.file("nowhere")])
        #expect(session.run(["profiles"]) == 0)
        #expect(session.told == "skafka: no profiles are in \(directory.file("nowhere"))/skafka/profiles.conf\n")
    }

    @Test func `what is said nearer counts`() throws {
        let far = "127.0.0.1:2"
        let file = directory.file("c.properties")
        try Disk.real.replaceContents(of: file, with: Array("bootstrap.servers=127.0.0.1:3\nretries=0\n".utf8))
        func asked(_ variables: [String: String], _ words: String...) throws -> String {
            let session = try self.session(Self.two, variables)
            _ = session.run(["log-dirs", "--describe"] + words)
            let told = session.told
            return told.split(separator: " ").first { $0.hasPrefix("127.0.0.1:") }.map(String.init) ?? told
        }
        let near = ["SKAFKA_PROFILE": "near"]
        #expect(try asked(near) == "127.0.0.1:1:")
        #expect(try asked([:], "--profile", "near") == "127.0.0.1:1:")
        #expect(try asked(["SKAFKA_BOOTSTRAP_SERVER": far], "--profile", "near") == "127.0.0.1:1:")
        #expect(try asked(near.merging(["SKAFKA_BOOTSTRAP_SERVER": far]) { $1 }) == "127.0.0.1:2:")
        #expect(try asked(near, "--command-config", file) == "127.0.0.1:3:")
        #expect(try asked(near.merging(["SKAFKA_COMMAND_CONFIG": file]) { $1 }) == "127.0.0.1:3:")
        #expect(try asked(near, "--command-config", file, "--bootstrap-server", "127.0.0.1:4") == "127.0.0.1:4:")
        #expect(
            try asked([:], "--profile", "neer")
                == "skafka: cannot describe log directories: there is no profile 'neer' in "
                + "\(directory.file(""))/skafka/profiles.conf\n'skafka profiles' lists them.\n")
    }
}
