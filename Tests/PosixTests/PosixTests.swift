import Glibc
import Posix
import Synchronization
import TestSupport
import Testing

@Suite struct DiskTests {
    private let directory = TemporaryDirectory()

    @Test func `replacing a file leaves the old contents or the new, wherever it stops`() throws {
        let path = directory.file("checkpoint")
        try Disk.real.replaceContents(of: path, with: Array("old".utf8))
        let operations = OperationList()
        try Disk(interceptor: { operations.note($0) }).replaceContents(of: path, with: Array("old".utf8))
        let steps = operations.all.count
        #expect(
            operations.all == [
                .create(path: path + ".tmp"), .write(path: path + ".tmp", offset: 0, count: 3),
                .synchronize(path: path + ".tmp"), .rename(from: path + ".tmp", to: path),
                .synchronize(path: directory.path),
            ])
        for failing in 0..<steps {
            let seen = OperationList()
            let disk = Disk(interceptor: { operation throws(SystemError) in
                seen.note(operation)
                if seen.all.count > failing { throw SystemError("write to", path, .io) }
            })
            #expect(throws: SystemError.self) { try disk.replaceContents(of: path, with: Array("new".utf8)) }
            let contents = String(decoding: try Disk.real.contents(of: path), as: UTF8.self)
            #expect(contents == (failing < steps - 1 ? "old" : "new"))
        }
        try Disk.real.replaceContents(of: path, with: Array("third".utf8))
        #expect(try Disk.real.contents(of: path) == Array("third".utf8))
    }

    @Test func `an error says what was attempted, on what, and why`() throws {
        let path = directory.file("missing")
        let error = #expect(throws: SystemError.self) { try Disk.real.open(path, .read) }
        #expect(error?.description == "cannot open \(path): No such file or directory")
        #expect(error?.errno == .noSuchFile)
    }

    @Test func `directories are made with their parents, listed and removed with their contents`() throws {
        let deep = directory.file("a/b/c")
        try Disk.real.makeDirectories(deep)
        try Disk.real.makeDirectories(deep)
        try Disk.real.replaceContents(of: deep + "/file", with: [1])
        let entries = try Disk.real.list(deep)
        #expect(entries.map(\.name) == ["file"] && entries.allSatisfy { !$0.isDirectory })
        #expect(try Disk.real.list(directory.file("a")).allSatisfy(\.isDirectory))
        try Disk.real.removeTree(directory.file("a"))
        #expect(!Disk.real.exists(directory.file("a")))
        try Disk.real.remove(directory.file("never"))
    }

    @Test func `a file is read and written at positions`() throws {
        let file = try Disk.real.open(directory.file("log"), .readWrite)
        try file.write([1, 2, 3, 4], at: 0)
        try file.write([9], at: 6)
        #expect(try file.size == 7)
        #expect(try file.read(count: 100, at: 2) == [3, 4, 0, 0, 9])
        #expect(try file.read(count: 10, at: 100) == [])
        try file.truncate(to: 3)
        try file.preallocate(1 << 16)
        #expect(try file.size == 3)
        let again = try Disk.real.open(directory.file("log"), .replace)
        #expect(try again.size == 0)
    }

    @Test func `a locked file is refused to a second holder until the first lets go`() throws {
        let path = directory.file(".lock")
        var first: OpenFile? = try Disk.real.open(path, .readWrite)
        let second = try Disk.real.open(path, .readWrite)
        #expect(try #require(first).tryLock())
        #expect(!second.tryLock())
        first = nil
        #expect(second.tryLock())
    }

    @Test func `a region keeps its file open after it was deleted`() throws {
        let path = directory.file("segment")
        try Disk.real.replaceContents(of: path, with: Array("records".utf8))
        let region = FileRegion(file: try Disk.real.open(path, .read), offset: 2, count: 3)
        try Disk.real.remove(path)
        #expect(try region.file.read(count: region.count, at: region.offset) == Array("cor".utf8))
    }
}

@Suite struct MonitorTests {
    @Test func `a waiter wakes when the state is as it wants`() {
        let monitor = Monitor(0)
        let threads = (0..<4).map { _ in
            Thread(name: "adder") {
                for _ in 0..<1000 { monitor.update { $0 += 1 } }
            }
        }
        #expect(monitor.wait { $0 == 4000 ? $0 : nil } == 4000)
        for thread in threads { thread.join() }
    }

    @Test func `waiting ends with the time`() {
        let monitor = Monitor(false)
        #expect(monitor.wait(milliseconds: 1) { $0 ? () : nil } == nil)
        monitor.update { $0 = true }
        #expect(monitor.wait(milliseconds: 0) { $0 ? () : nil } != nil)
    }
}

private final class OperationList: Sendable {
    private let operations = Mutex<[DiskOperation]>([])
    func note(_ operation: DiskOperation) { operations.withLock { $0.append(operation) } }
    var all: [DiskOperation] { operations.withLock { $0 } }
}
