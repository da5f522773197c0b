import Bytes
import Glibc
import Network
import Posix
import TestSupport
import Testing

@Suite struct OutputTests {
    private func file(_ bytes: [UInt8], in directory: TemporaryDirectory, _ name: String) throws -> OpenFile {
        let file = try Disk.real.open(directory.file(name), .replace)
        try file.write(bytes, at: 0)
        return file
    }

    @Test(arguments: [32_768, 1_000_000])
    func `regions and bytes leave in order through a small socket buffer`(sendBufferBytes: Int) throws {
        let directory = TemporaryDirectory()
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 11) }
        let file = try file(content, in: directory, "segment")
        let server = try TestServer(sendBufferBytes: sendBufferBytes) { frame, connection in
            let start = connection.output.writer.count
            connection.output.writer.int32(0)
            connection.output.writer.append(utf8: "head")
            let first = connection.output.writer.count
            connection.output.writer.append(utf8: "middle")
            let second = connection.output.writer.count
            connection.output.writer.append(utf8: "tail")
            // Out of order on purpose; two regions at one position stay in the order they came in.
            connection.output.insert(FileRegion(file: file, offset: 2_000_000, count: 10), at: second)
            connection.output.insert(FileRegion(file: file, offset: 5, count: 2_500_000), at: first)
            connection.output.insert(FileRegion(file: file, offset: 77, count: 0), at: first)
            connection.output.insert(FileRegion(file: file, offset: 2_900_000, count: 100_000), at: second)
            connection.output.writer.set(Int32(4 + 6 + 4 + 10 + 2_500_000 + 100_000), at: start)
            return .answered
        }
        var expected = Array("head".utf8)
        expected += content[5..<2_500_005]
        expected += Array("middle".utf8)
        expected += content[2_000_000..<2_000_010]
        expected += content[2_900_000..<3_000_000]
        expected += Array("tail".utf8)
        let client = try TestClient(port: server.port, receiveBufferBytes: 65_536)
        try client.send(framed([1]) + framed([2]) + framed([3]))
        for _ in 0..<3 { #expect(try client.receiveFrame() == expected) }
    }

    @Test func `a small region leaves whole`() throws {
        let directory = TemporaryDirectory()
        let file = try file(Array("records".utf8), in: directory, "segment")
        let server = try TestServer { _, connection in
            connection.output.writer.int32(7)
            connection.output.insert(
                FileRegion(file: file, offset: 0, count: 7), at: connection.output.writer.count)
            return .answered
        }
        let client = try server.client()
        for _ in 0..<10 {
            try client.send(framed([]))
            #expect(try client.receiveFrame() == Array("records".utf8))
        }
    }

    @Test(arguments: [10, 100_000])
    func `a file that lost its end closes the connection`(missing: Int) throws {
        let directory = TemporaryDirectory()
        let file = try file([UInt8](repeating: 1, count: 200_000), in: directory, "segment")
        let server = try TestServer { _, connection in
            connection.output.writer.int32(Int32(200_000))
            connection.output.insert(
                FileRegion(file: file, offset: 0, count: 200_000), at: connection.output.writer.count)
            return .answered
        }
        try file.truncate(to: Int64(200_000 - missing))
        let client = try server.client()
        try client.send(framed([]))
        #expect(try client.receiveAll().count == 200_004 - missing)
        eventually("it is gone") { server.server.connectionCount == 0 }
    }

    @Test func `pipelined large answers do not pile up`() throws {
        let server = try TestServer(sendBufferBytes: 128 * 1024) { _, connection in
            precondition(connection.output.pendingBytes < 400_000, "answers piled up")
            connection.output.writer.int32(100_000)
            connection.output.writer.appendZeros(100_000)
            return .answered
        }
        let client = try server.client()
        try client.send([[UInt8]](repeating: framed([]), count: 200).flatMap { $0 })
        for _ in 0..<200 { #expect(try client.receiveFrame().count == 100_000) }
    }
}
