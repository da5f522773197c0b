import Glibc
import KafkaRecords
import Posix
import TestSupport

/// A directory with files that Kafka wrote, and what its tool printed of them; see Fixtures/ORIGIN.
struct DumpFixtures {
    let directory = TemporaryDirectory(in: "/dev/shm")

    static let tests = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
    static let segment = "00000000000000000000"

    init() throws {
        for name in ["orders-0", "payments-0", "mix-0", "users-0", "audit-0"] {
            let source = Self.tests + "/StorageTests/Fixtures/kraft/" + name
            try Disk.real.makeDirectory(path(name))
            for entry in try Disk.real.list(source) { try copy(source + "/" + entry.name, to: name + "/" + entry.name) }
        }
        for (name, file) in [
            ("__consumer_offsets-1", "consumer-offsets"), ("__transaction_state-0", "transaction-state"),
            ("__cluster_metadata-0", "cluster-metadata"),
        ] {
            try Disk.real.makeDirectory(path(name))
            try copy(Self.tests + "/KafkaRecordsTests/Fixtures/\(file).log", to: "\(name)/\(Self.segment).log")
        }
        for name in ["meta.properties", "recovery-point-offset-checkpoint", "cleaner-offset-checkpoint"] {
            try copy(Self.tests + "/StorageTests/Fixtures/kraft/" + name, to: name)
        }
        try copy(Self.tests + "/CommandsTests/Fixtures/dump/bootstrap.checkpoint", to: "bootstrap.checkpoint")
    }

    func path(_ name: String) -> String { directory.file(name) }

    func contents(_ name: String) throws -> [UInt8] { try Disk.real.contents(of: path(name)) }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Disk.real.open(path(name), .replace).write(bytes, at: 0)
    }

    func change(_ name: String, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = try contents(name)
        body(&bytes)
        try write(bytes, to: name)
    }

    private func copy(_ source: String, to name: String) throws {
        try write(try Disk.real.contents(of: source), to: name)
    }

    /// The text that Kafka printed, from its second line on, for the first names the file.
    static func text(_ path: String) throws -> String {
        let bytes = try Disk.real.contents(of: tests + "/" + path)
        let text = String(decoding: bytes, as: UTF8.self)
        return String(text.drop { $0 != "\n" }.dropFirst())
    }

    /// A message of magic 0 or 1, whole or as the wrapper of others.
    static func legacyMessage(
        offset: Int64, magic: UInt8, attributes: UInt8 = 0, timestamp: Int64 = 0, key: [UInt8]?, value: [UInt8]?
    ) -> [UInt8] {
        func big<T: FixedWidthInteger>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
        func field(_ bytes: [UInt8]?) -> [UInt8] { big(Int32(bytes?.count ?? -1)) + (bytes ?? []) }
        let body = [magic, attributes] + (magic == 1 ? big(timestamp) : []) + field(key) + field(value)
        var message = big(offset) + big(Int32(body.count + 4)) + big(UInt32(0)) + body
        let crc = BatchChecksum.compute(message.span.bytes)
        message.replaceSubrange(12..<16, with: big(crc))
        return message
    }
}
