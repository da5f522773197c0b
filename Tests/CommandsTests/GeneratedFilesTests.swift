import Posix
import Testing

@testable import Commands

/// The manual pages and completions in the tree are what the declarations say. `make man completions` renews them.
struct GeneratedFilesTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    @Test(arguments: [("man", "man"), ("completions", "completions")])
    func `what is checked in is fresh`(_ kind: String, _ directory: String) throws {
        let files = try #require(Generate.files(kind))
        let stored = try Disk.real.list(Self.root + "/" + directory).map(\.name).sorted()
        for file in files {
            let bytes = try Disk.real.contents(of: "\(Self.root)/\(directory)/\(file.name)")
            #expect(
                String(decoding: bytes, as: UTF8.self) == file.text,
                "\(directory)/\(file.name) is stale: run make \(kind)")
            #expect(stored.contains(file.name))
        }
    }
}
