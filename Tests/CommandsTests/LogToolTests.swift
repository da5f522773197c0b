import Glibc
import KafkaModel
import Posix
import Storage
import TestSupport
import Testing

@testable import Commands

/// `skafka log` on the data directory that Kafka 3.9 wrote (see StorageTests/Fixtures/ORIGIN).
struct LogToolTests {
    private let directory = TemporaryDirectory(in: "/dev/shm")
    private var data: String { directory.file("data") }

    private static let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 }

    init() throws { try Self.copy(Self.tests + "/StorageTests/Fixtures/kraft", to: data) }

    private static func copy(_ source: String, to target: String) throws {
        try Disk.real.makeDirectory(target)
        for entry in try Disk.real.list(source) {
            let (from, to) = (source + "/" + entry.name, target + "/" + entry.name)
            if entry.isDirectory {
                try copy(from, to: to)
            } else {
                try Disk.real.open(to, .replace).write(try Disk.real.contents(of: from), at: 0)
            }
        }
    }

    /// What the program says, with the test's directory written short.
    private func log(_ words: String...) -> String {
        let session = Session()
        let code = session.run(["log"] + words)
        var text = "\(code)\n" + session.printed
        text += session.told.split(separator: "\n").map { "! \($0)\n" }.joined()
        return text.split(separator: directory.path, omittingEmptySubsequences: false).joined(separator: "DIR")
    }

    private func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = try Disk.real.contents(of: data + "/" + name)
        body(&bytes)
        try Disk.real.open(data + "/" + name, .replace).write(bytes, at: 0)
    }

    private let segment = "orders-0/00000000000000000000"
    private let last = "orders-0/00000000000000000350"

    @Test func `the partitions are listed`() {
        #expect(
            log("list", "-t", "orders", "-t", "users", data) == """
                0
                TOPIC   PARTITION  SEGMENTS   SIZE  START   END  RECOVERY-POINT  HIGH-WATERMARK  CLEANED  \
                OLDEST                    NEWEST                    TOPIC-ID                STATE
                orders          0         2  33469      0   600             600             600        -  \
                2025-06-15T17:53:20.000Z  2025-06-15T20:40:33.189Z  WUj65dGUSH-2ltNh1Mu9tA  ok
                users           0         2  17167      0  1600            1600            1600      986  \
                2025-06-15T20:40:05.402Z  2025-06-15T20:40:07.363Z  98sOqIClQqWYH9HNqIcBDA  19 to clear away

                """)
        #expect(
            log("list", "-o", "jsonl", data + "/audit-0/") == """
                0
                {"topic":"audit","partition":0,"directory":"DIR/data/audit-0","state":"served",\
                "topicId":"T8uhqx7nRBm7JiC4A-_Pbg","segments":1,"size":3528,"logStartOffset":0,"logEndOffset":240,\
                "recoveryPoint":240,"highWatermark":240,"cleanedOffset":null,"firstTimestamp":1750010000000,\
                "lastTimestamp":1795170363574,"leftovers":0,"problem":null}

                """)
    }

    @Test func `what Kafka wrote is whole`() {
        #expect(
            log("verify", "--deep", data).hasSuffix(
                "\n5 partitions, 72 kB, 136 batches, 2214 records: no damage, 3 notes\n"))
        #expect(log("repair", data).hasPrefix("0\nThere is nothing to repair.\n"))
    }

    @Test func `a metadata log without indexes was called damaged`() throws {
        let metadata = data + "/__cluster_metadata-0"
        try Self.copy(data + "/audit-0", to: metadata)
        for entry in try Disk.real.list(metadata) where !entry.name.hasSuffix(".log") {
            try Disk.real.remove(metadata + "/" + entry.name)
        }
        #expect(log("verify", data).hasPrefix("0\n"))
    }

    /// A kind of damage and how it is named.
    struct Damage: CustomTestStringConvertible, Sendable {
        let name: String
        let file: String
        let says: String
        let change: @Sendable (inout [UInt8]) -> Void
        /// Whether it takes a cut to mend it.
        var needsCut = false

        var testDescription: String { name }
    }

    static let damages = [
        Damage(
            name: "a flipped bit in a batch", file: "orders-0/00000000000000000000.log",
            says: "00000000000000000000.log at byte 5504: the batch of offset 99 has a wrong checksum",
            change: { $0[5600] ^= 4 }, needsCut: true),
        Damage(
            name: "a torn tail", file: "orders-0/00000000000000000350.log",
            says: "are no batch: a batch of", change: { $0.removeLast(30) }, needsCut: true),
        Damage(
            name: "a segment full of zeros", file: "mix-0/00000000000000000000.log",
            says: "00000000000000000000.log at byte 0: 14772 bytes behind offset -1 are no batch",
            change: { $0 = [UInt8](repeating: 0, count: $0.count) }, needsCut: true),
        Damage(
            name: "a zeroed index", file: "orders-0/00000000000000000000.index",
            says: "00000000000000000000.index at byte 0: it holds nothing but 104 zeros",
            change: { $0 = [UInt8](repeating: 0, count: $0.count) }),
        Damage(
            name: "an index with one wrong entry", file: "orders-0/00000000000000000000.index",
            says:
                "00000000000000000000.index at byte 24: entry 3: it names byte 5505 for offset 111, where no batch begins",
            change: { $0[31] += 1 }),
        Damage(
            name: "an emptied time index", file: "orders-0/00000000000000000000.timeindex",
            says: "it has no entries, but the segment has records with timestamps", change: { $0 = [] }),
        Damage(
            name: "a garbled snapshot", file: "orders-0/00000000000000000350.snapshot",
            says: "00000000000000000350.snapshot at byte 0: it is no whole snapshot", change: { $0[15] ^= 1 }),
        Damage(
            name: "a garbled transaction index", file: "payments-0/00000000000000000000.txnindex",
            says: "00000000000000000000.txnindex at byte 0: entry 0: producer 11 has no abort marker",
            change: { $0[25] ^= 1 }),
        Damage(
            name: "a transaction that its index lacks", file: "payments-0/00000000000000000000.txnindex",
            says: "the transaction of producer 11 from offset 96, aborted at 107, is missing",
            change: { $0.removeLast(34) }),
        Damage(
            name: "garbled leader epochs", file: "orders-0/leader-epoch-checkpoint",
            says: "leader-epoch-checkpoint at byte 0: it is no leader epoch checkpoint", change: { $0[4] = 0x78 }),
        Damage(
            name: "wrong leader epochs", file: "orders-0/leader-epoch-checkpoint",
            says: "leader-epoch-checkpoint: it says epoch 2 for offset 210, the batch there 0",
            change: { $0 = Array("0\n2\n0 0\n2 200\n".utf8) }),
        Damage(
            name: "a garbled checkpoint", file: "recovery-point-offset-checkpoint",
            says: "recovery-point-offset-checkpoint at byte 0: it is no offset checkpoint", change: { $0[2] = 0x78 }),
        Damage(
            name: "garbled high watermarks", file: "replication-offset-checkpoint",
            says: "replication-offset-checkpoint at byte 0: it is no offset checkpoint",
            change: { $0 += Array("x\n".utf8) }),
        Damage(
            name: "garbled partition.metadata", file: "orders-0/partition.metadata",
            says: "partition.metadata at byte 0: it names no topic id", change: { $0 = Array("version: 0\n".utf8) }),
    ]

    @Test(arguments: damages)
    func `damage is named, and healed`(damage: Damage) throws {
        try change(damage.file, damage.change)
        let verified = log("verify", data)
        #expect(verified.hasPrefix("1\n"), "\(verified)")
        #expect(verified.contains("damage: DIR/data/") && verified.contains(damage.says), "\(verified)")
        // Showing is not doing.
        let shown = log("repair", data)
        #expect(shown.hasPrefix("1\n"), "\(shown)")
        #expect(log("verify", data) == verified)
        #expect(try Disk.real.list(directory.path).count == 1)
        if damage.needsCut {
            #expect(shown.contains("(--cut ends the log there)"), "\(shown)")
            #expect(log("repair", "--execute", data).hasPrefix("1\n"))
        }
        let repaired = log("repair", "--execute", "--cut", data)
        #expect(repaired.hasPrefix("0\n"), "\(repaired)")
        #expect(repaired.contains("What was cut or replaced is in DIR/skafka-repair-"), "\(repaired)")
        #expect(log("verify", "--deep", data).hasPrefix("0\n"))
        #expect(log("repair", data).hasPrefix("0\nThere is nothing to repair.\n"))
    }

    @Test func `copies never go into a data directory, and never over older ones`() throws {
        try change("\(segment).index") { $0 = [] + $0.dropLast(3) }
        #expect(
            log("repair", "--keep", data + "/keep", data).hasPrefix(
                "2\n! skafka: log repair: argument --keep: DIR/data/keep lies in the data directory DIR/data\n"))
        let keep = directory.file("keep")
        #expect(log("repair", "--execute", "--keep", keep, data).contains("replaced is in DIR/keep/skafka-repair-"))
        try change("\(segment).index") { $0 = [] + $0.dropLast(3) }
        #expect(log("repair", "--execute", "--keep", keep, data).hasPrefix("0\n"))
        #expect(try Disk.real.list(keep).count == 2)
    }

    @Test func `an index of another segment is found`() throws {
        let other = try Disk.real.contents(of: data + "/\(last).index")
        try change("\(segment).index") { $0 = other }
        let text = log("verify", data)
        #expect(text.hasPrefix("1\n") && text.contains("where no batch begins"), "\(text)")
    }

    @Test func `swapped segments are found`() throws {
        for kind in ["log", "index", "timeindex"] {
            let one = try Disk.real.contents(of: "\(data)/\(segment).\(kind)")
            let two = try Disk.real.contents(of: "\(data)/\(last).\(kind)")
            try change("\(segment).\(kind)") { $0 = two }
            try change("\(last).\(kind)") { $0 = one }
        }
        let text = log("verify", data)
        #expect(text.hasPrefix("1\n"))
        #expect(text.contains("\(segment).log at byte 0: offsets 350 to"), "\(text)")
        #expect(text.contains("do not belong into this segment"))
    }

    @Test func `records that were flushed and are gone are missed, and given up only when told`() throws {
        for kind in ["log", "index", "timeindex", "snapshot"] { try Disk.real.remove("\(data)/\(last).\(kind)") }
        let text = log("verify", data)
        #expect(
            text.contains(
                "recovery-point-offset-checkpoint: it says that everything of orders-0 below 600 was flushed, but the log "
                    + "ends at 350: 250 offsets are missing"), "\(text)")
        #expect(log("repair", "--execute", data).hasPrefix("1\n"))
        #expect(log("repair", "--execute", "--cut", data).hasPrefix("0\n"))
        #expect(log("verify", data).hasPrefix("0\n"))
    }

    @Test func `an end that a start cuts off is a note, and damage to the strict`() throws {
        try Disk.real.remove(data + "/.kafka_cleanshutdown")
        try change("recovery-point-offset-checkpoint") {
            $0 = Array("0\n2\norders 0 350\nmix 0 600\n".utf8)
        }
        try change("\(last).log") { $0.removeLast(30) }
        let text = log("verify", data)
        #expect(text.hasPrefix("0\n"), "\(text)")
        #expect(text.contains("note: DIR/data/\(last).log at byte "))
        #expect(text.contains("nothing from there on was flushed, and a start cuts it off"))
        #expect(log("verify", "--strict", data).hasPrefix("1\n"))
    }

    @Test func `directories that do not belong together are found`() throws {
        let other = directory.file("other")
        try Disk.real.makeDirectory(other)
        try MetaProperties(clusterID: "another", nodeID: 2, directoryID: nil).write(directory: other, disk: .real)
        let text = log("verify", data, other)
        #expect(
            text.contains(
                "DIR/other/meta.properties: it belongs to the cluster another, DIR/data to nN3yxgcsTxG7M25tCxwp3A"))
        #expect(text.contains("it belongs to the node 2, DIR/data to 1"))
    }

    @Test func `findings come as JSON`() throws {
        try change("\(segment).log") { $0[5600] ^= 4 }
        #expect(
            log("verify", "-o", "jsonl", data + "/orders-0") == """
                1
                {"severity":"damage","kind":"batch","topic":"orders","partition":0,\
                "file":"DIR/data/orders-0/00000000000000000000.log","position":5504,\
                "reason":"the batch of offset 99 has a wrong checksum (stored 3309045599, computed 3343859776)"}
                {"summary":true,"damaged":true,"partitions":1,"bytes":33469,"batches":51,"records":587}

                """)
    }

    @Test func `a directory that a broker uses may be looked at, not mended`() throws {
        let lock = try DirectoryLock(data, disk: .real)
        #expect(log("list", data).contains("! skafka: a broker is using DIR/data; what it writes meanwhile may look"))
        #expect(log("verify", data).hasPrefix("0\n"))
        #expect(
            log("repair", data) == """
                1
                ! skafka: a broker is using DIR/data; what it writes meanwhile may look unfinished
                ! skafka: cannot repair logs: a broker is using DIR/data
                ! Stop it first.

                """)
        withExtendedLifetime(lock) {}
    }

    @Test func `what is no data directory is said to be none`() throws {
        let empty = directory.file("empty")
        try Disk.real.makeDirectory(empty)
        #expect(
            log("list", empty) == "1\n! skafka: cannot list partitions: DIR/empty is empty: no broker ever used it\n")
        try Disk.real.open(empty + "/x", .replace).write([1], at: 0)
        #expect(
            log("verify", empty) == """
                1
                ! skafka: cannot verify logs: DIR/empty is no data directory: it has neither meta.properties nor partitions

                """)
        #expect(log("list", empty + "/y") == "1\n! skafka: cannot list partitions: DIR/empty/y does not exist\n")
        #expect(
            log("list", empty + "/x") == """
                1
                ! skafka: cannot list partitions: DIR/empty/x is a file, not a directory; 'skafka dump-log --files' prints \
                files

                """)
        #expect(
            log("list", "-t", "nope", data)
                == "1\n! skafka: cannot list partitions: there is no topic nope in these directories\n")
        #expect(log("cat").hasPrefix("2\n! skafka: log cat: it needs a data directory"))
        #expect(
            log("list", "-o", "xml", data).hasPrefix(
                "2\n! skafka: log list: 'xml' is no form of output: "))
        #expect(
            log("cat", "--from-time", "noon", data).hasPrefix(
                "2\n! skafka: log cat: argument --from-time: 'noon' is no time\n"))
        #expect(
            log("cat", "-f", "%q", data).hasPrefix(
                "2\n! skafka: log cat: --format has an unknown letter: %q\n! It may be %t topic, "))
    }

    @Test func `a copy of a partition can be looked at anywhere`() throws {
        let copy = directory.file("copy")
        try Self.copy(data + "/orders-0", to: copy)
        #expect(log("verify", copy) == "0\n1 partition, 33 kB, 52 batches, 600 records: no damage\n")
        #expect(log("cat", "-n", "1", "-f", "%t %p %o\\n", copy) == "0\ncopy 0 0\n")
    }

    @Test func `partitions are named beside a properties file`() throws {
        let file = directory.file("server.properties")
        try Disk.real.open(file, .replace).write(Array("log.dirs=\(data)\nnode.id=1\n".utf8), at: 0)
        #expect(
            log("cat", "-c", file, "-f", "%t-%p %o %k %V\\n", "--from-offset", "599", "orders-0")
                == "0\norders-0 599 order-97 28\n")
        #expect(
            log("cat", "-c", file, "nope-3")
                == "1\n! skafka: cannot print records: there is no partition nope-3 in these directories\n")
    }

    @Test(arguments: ["orders-0", "users-0", "payments-0", "mix-0", "audit-0"])
    func `cat prints what a consumer of committed records saw`(name: String) throws {
        try Self.run("tar", "-C", directory.path, "-xJf", Self.tests + "/BrokerTests/Fixtures/visible.tar.xz")
        let visible = String(decoding: try Disk.real.contents(of: directory.file("visible.txt")), as: UTF8.self)
        var expected: [UInt8] = Array("0\n".utf8)
        for line in visible.split(separator: "\n") where line.hasPrefix(name + " ") {
            let words = line.split(separator: " ")
            expected +=
                Array("\(words[1]) \(words[2]) ".utf8) + Self.bytes(words[3]) + [32] + Self.bytes(words[4]) + [32]
            for (number, word) in words.dropFirst(5).enumerated() {
                let halves = word.split(separator: "=")
                expected += (number > 0 ? [44] : []) + Self.bytes(halves[0]) + [61] + Self.bytes(halves[1])
            }
            expected.append(10)
        }
        #expect(log("cat", "-f", "%o %T %k %v %h\\n", data + "/" + name) == String(decoding: expected, as: UTF8.self))
    }

    private static func bytes(_ word: Substring) -> [UInt8] {
        guard word.first == "." else { return Array("null".utf8) }
        let digits = Array(word.dropFirst())
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    private static func run(_ words: String...) throws {
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        try #require(posix_spawnp(&child, words[0], nil, nil, &arguments, environ) == 0)
        var status: CInt = 0
        waitpid(child, &status, 0)
        try #require(status == 0)
    }

    @Test func `cat prints a range`() {
        let orders = data + "/orders-0"
        #expect(
            log("cat", "-f", "%o ", "--from-offset", "345", "--to-offset", "353", orders)
                == "0\n345 346 347 348 349 350 351 352 ")
        #expect(log("cat", "-f", "%o ", "-n", "3", "--from-offset", "60", orders) == "0\n60 61 62 ")
        #expect(
            log("cat", "-f", "%o ", "--from-time", "1750010000000", "--to-time", "2025-06-15T17:53:20.300Z", orders)
                == "0\n0 1 2 ")
        #expect(log("cat", "-f", "%o", "--from-offset", "600", orders) == "0\n")
        #expect(log("cat", "--key", "--separator", "=", "-n", "1", data + "/audit-0") == "0\na=entry 0\n")
        #expect(
            log("cat", "-o", "jsonl", "-n", "1", "--from-offset", "1", data + "/audit-0") == """
                0
                {"topic":"audit","partition":0,"offset":1,"timestamp":1795170331639,"timestampType":"LogAppendTime",\
                "key":"a","value":"entry 1","headers":[]}

                """)
        #expect(log("cat", "-o", "json", "-n", "0", data + "/audit-0") == "0\n[]\n")
    }

    @Test func `what is undecided is held back and mentioned`() throws {
        // Without the marker of its last transaction the producer's records are undecided.
        let bytes = try Disk.real.contents(of: data + "/payments-0/00000000000000000000.log")
        try change("payments-0/00000000000000000000.log") { $0.removeLast(78) }
        try Disk.real.remove(data + "/payments-0/00000000000000000120.snapshot")
        #expect(bytes.count > 78)
        let text = log("cat", "-f", "%o\\n", data + "/payments-0")
        #expect(text.contains("! --isolation read_uncommitted prints it too."), "\(text)")
        #expect(log("cat", "--isolation", "read_uncommitted", "-f", "%o\\n", data + "/payments-0").contains("\n118\n"))
    }

    @Test func `damage ends the printing, or is passed over`() throws {
        try change("\(segment).log") { $0[5600] ^= 4 }
        let text = log("cat", "-f", "%o ", data + "/orders-0")
        #expect(text.hasPrefix("1\n0 1 2 "))
        #expect(text.contains(" 98 ! skafka: cannot print orders-0: DIR/data/\(segment).log is corrupt at byte 5504"))
        let passed = log("cat", "-f", "%o ", "--skip-damaged", data + "/orders-0")
        #expect(passed.hasPrefix("1\n0 1 2 ") && passed.contains(" 97 98 112 113 "))
        #expect(passed.contains("599 ! skafka: passing over damage"))
    }
}
