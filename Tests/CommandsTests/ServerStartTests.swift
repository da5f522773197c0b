import Configuration
import Glibc
import Posix
import TestSupport
import Testing

@testable import Commands

struct ServerStartTests {
    private func file(_ text: String) throws -> (TemporaryDirectory, String) {
        let directory = TemporaryDirectory()
        let path = directory.file("server.properties")
        try Disk.real.replaceContents(of: path, with: Array(text.utf8))
        return (directory, path)
    }

    @Test func `a file that is not there is named`() {
        #expect(
            Session().transcript("server-start", "/nowhere/server.properties")
                == "1\n! skafka: cannot start broker: cannot open /nowhere/server.properties: No such file or directory\n"
        )
    }

    @Test func `a malformed line is named`() throws {
        let (directory, path) = try file("a=1\nb=\\u00\n")
        #expect(
            Session().transcript("server-start", path)
                == "1\n! skafka: cannot start broker: \(path):2: malformed \\uxxxx escape '\\u00'\n")
        _ = directory
    }

    @Test func `a setting that cannot be stops the start with one line`() throws {
        let (directory, path) = try file("num.io.threads=0\n")
        #expect(
            Session().transcript("server-start", path)
                == "1\n! skafka: cannot start broker: Invalid value 0 for configuration num.io.threads: "
                + "Value must be at least 1\n")
        _ = directory
    }

    @Test func `a broker whose controllers are elsewhere does not start as a cluster of its own`() {
        #expect(
            Session().transcript("server-start", "--override", "process.roles=broker")
                == "1\n! skafka: cannot start broker: Invalid value broker for configuration process.roles: "
                + "a broker without controller is not served by this version, only broker,controller together\n")
    }

    @Test func `a file that comes through a pipe is read whole, not taken for an empty one`() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        let text = Array(String(repeating: "# filler\n", count: 1000).utf8) + Array("num.io.threads=5\n".utf8)
        #expect(write(ends[1], text, text.count) == text.count)
        close(ends[1])
        defer { close(ends[0]) }
        let configuration = try ConfigurationFile.load(path: "/dev/fd/\(ends[0])", hostName: nil)
        #expect(configuration.ioThreads == 5)
    }

    @Test func `an override counts before the file`() throws {
        let (directory, path) = try file("num.io.threads=5\nnum.partitions=2\n")
        let configuration = try ConfigurationFile.load(
            path: path, overrides: ["num.io.threads=6", "log.dirs=/a=b"], hostName: nil)
        #expect(configuration.ioThreads == 6)
        #expect(configuration.partitionsDefault == 2)
        #expect(configuration.logDirectories == ["/a=b"])
        _ = directory
    }

    @Test func `an override without a value is refused`() {
        #expect(
            Session().transcript("server-start", "--override", "num.partitions")
                == "1\n! skafka: cannot start broker: the override 'num.partitions' is not of the form property=value\n"
        )
    }

    @Test func `more than one file is refused`() {
        #expect(
            Session().transcript("server-start", "a", "b")
                .hasPrefix("2\n! skafka: server-start: Found non argument parameters: b\n"))
    }
}
