import Bytes
import KafkaModel
import Posix
import Storage
import Synchronization
import TestSupport
import Testing
import Timing

@testable import Metadata

struct FormattingTests {
    private let base = TemporaryDirectory()
    private var directories: [String] { [base.file("a"), base.file("b/c")] }
    private let now = Timestamp(milliseconds: 1_795_170_322_304)

    @Test func `each directory gets an identity of its own in the same cluster`() throws {
        let done = try Formatting.format(directories, .init(clusterID: "x", nodeID: BrokerID(3)), now: now)
        #expect(done == directories)
        let found = try Formatting.identities(of: directories)
        #expect(found.map(\.identity?.clusterID) == ["x", "x"])
        #expect(found.map(\.identity?.nodeID) == [3, 3])
        let ids = found.compactMap(\.identity?.directoryID)
        #expect(Set(ids).count == 2)
        #expect(!ids.contains(where: DirectoryID.isReserved))
        for directory in directories {
            #expect(try Bootstrap.read(logDirectory: directory, disk: .real)?.count == 1)
        }
    }

    @Test func `a formatted directory is left alone or refused`() throws {
        let request = Formatting.Request(clusterID: "x", nodeID: BrokerID(3))
        try Formatting.format([directories[0]], request, now: now)
        let error = #expect(throws: MetadataError.self) { try Formatting.format(directories, request, now: now) }
        #expect(
            error?.description
                == "Log directory \(directories[0]) is already formatted. Use --ignore-formatted to ignore this "
                + "directory and format the others.")
        #expect(!Disk.real.exists(directories[1]))
        #expect(try Formatting.format(directories, request, formatted: .leave, now: now) == [directories[1]])
        #expect(try Formatting.format(directories, request, formatted: .leave, now: now) == [])
    }

    @Test func `another cluster or node is refused before anything is written`() throws {
        try Formatting.format([directories[0]], .init(clusterID: "x", nodeID: BrokerID(3)), now: now)
        for request in [
            Formatting.Request(clusterID: "y", nodeID: BrokerID(3)),
            Formatting.Request(clusterID: "x", nodeID: BrokerID(4)),
        ] {
            #expect(throws: MetadataError.self) {
                try Formatting.format(directories, request, formatted: .leave, now: now)
            }
            #expect(!Disk.real.exists(directories[1]))
        }
        #expect(throws: MetadataError.self) {
            try Formatting.format(
                [directories[1]], .init(nodeID: BrokerID(1), level: MetadataVersion(rawValue: 0)), now: now)
        }
    }

    @Test func `Kafka's own identity is read`() throws {
        let identity = try #require(try Formatting.identities(of: [Fixture.directory])[0].identity)
        #expect(identity.clusterID == Fixture.clusterID)
        #expect(identity.nodeID == 1)
        #expect(identity.directoryID == UUID("xUDxGDfAU1JNEE-24h6udw"))
    }

    @Test func `a crash leaves a directory formatted or not`() throws {
        for step in 0..<40 {
            let base = TemporaryDirectory()
            let left = Atomic(step)
            let disk = Disk { _ throws(SystemError) in
                if left.subtract(1, ordering: .relaxed).newValue < 0 { throw SystemError("reach", "disk", .io) }
            }
            let request = Formatting.Request(clusterID: "x", nodeID: BrokerID(1))
            let directory = base.file("d")
            do throws(MetadataError) {
                try Formatting.format([directory], request, disk: disk, now: now)
            } catch {}
            if try Formatting.identities(of: [directory])[0].identity != nil {
                #expect(try Bootstrap.read(logDirectory: directory, disk: .real) != nil)
            } else {
                #expect(try Formatting.format([directory], request, now: now) == [directory])
            }
        }
    }
}
