import Posix
import TestSupport

/// The directory that Kafka 3.9 wrote; see `Fixtures/README.md`.
enum Fixture {
    static let directory: String = {
        let file = #filePath
        return String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]) + "/Fixtures/kafka-3.9"
    }()

    static let clusterID = "nN3yxgcsTxG7M25tCxwp3A"
    static let log = directory + "/__cluster_metadata-0/00000000000000000000.log"

    static func contents(_ path: String) throws -> [UInt8] { try Disk.real.contents(of: path) }

    /// A copy that a test may change.
    static func copy(into target: String) throws {
        let disk = Disk.real
        try disk.makeDirectories(target + "/__cluster_metadata-0")
        for name in [
            "bootstrap.checkpoint", "meta.properties", "__cluster_metadata-0/00000000000000000000.log",
            "__cluster_metadata-0/quorum-state", "__cluster_metadata-0/partition.metadata",
            "__cluster_metadata-0/leader-epoch-checkpoint",
        ] {
            let file = try disk.open(target + "/" + name, .replace)
            try file.write(try contents(directory + "/" + name), at: 0)
        }
    }
}
