import Bytes
import Glibc
import KafkaModel
import KafkaRecords
import Posix
import Synchronization
import TestSupport
import Testing
import Timing

@testable import Storage

/// 2023-11-14T22:13:20Z, when nothing in particular happened.
let noon = Timestamp(milliseconds: 1_700_000_000_000)

extension Timestamp {
    func later(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: self.milliseconds + milliseconds) }
}

/// Small segments and a dense index, so that little data is enough to see everything.
func smallSegments() -> LogConfiguration {
    var configuration = LogConfiguration()
    configuration.segmentBytes = 2000
    configuration.indexIntervalBytes = 200
    configuration.timestampAfterMaxMs = .max
    return configuration
}

/// A batch as a producer sends it.
func batch(
    count: Int = 3, timestamp: Timestamp = noon, size: Int = 40, producer: Int64 = -1, epoch: Int16 = -1,
    sequence: Int32 = -1, transactional: Bool = false, tag: UInt8 = 0, baseOffset: Int64 = 0, leaderEpoch: Int32 = -1
) throws -> [UInt8] {
    var fields = RecordBatchBuilder.Fields()
    fields.producerID = producer
    fields.producerEpoch = epoch
    fields.baseSequence = sequence
    fields.isTransactional = transactional
    fields.baseOffset = baseOffset
    fields.leaderEpoch = leaderEpoch
    var builder = RecordBatchBuilder(fields)
    for index in 0..<count {
        try builder.append(
            timestamp: timestamp.milliseconds + Int64(index), key: [tag, UInt8(truncatingIfNeeded: index)],
            value: [UInt8](repeating: tag, count: size))
    }
    return try builder.finish()
}

func marker(
    _ type: ControlRecordType, producer: Int64, epoch: Int16, coordinatorEpoch: Int32 = 0, timestamp: Timestamp = noon
) throws -> [UInt8] {
    var writer = ByteWriter()
    try EndTransactionMarker(type: type, coordinatorEpoch: coordinatorEpoch).writeBatch(
        timestamp: timestamp.milliseconds, producerID: producer, producerEpoch: epoch, into: &writer)
    return Array(writer.bytes)
}

extension PartitionLog {
    @discardableResult
    func append(
        _ bytes: [UInt8], _ origin: AppendOrigin = .client(), leaderEpoch: Int32 = 0, now: Timestamp = noon
    ) throws(AppendRefusal) -> AppendResult {
        var bytes = bytes
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        let count = raw.byteCount
        return try append(&raw, range: 0..<count, origin: origin, leaderEpoch: leaderEpoch, now: now)
    }

    /// Everything from an offset on, batch by batch.
    func everything(from offset: Int64? = nil, maxBytes: Int = 1 << 20) throws -> [BatchHeader] {
        var headers: [BatchHeader] = []
        var next = offset ?? logStartOffset
        while next < logEndOffset {
            let read = try read(from: next, maxBytes: maxBytes, minOneBatch: true, upTo: logEndOffset)
            guard let region = read.region else { break }
            let bytes = try region.file.read(count: region.count, at: region.offset)
            var cursor = BatchCursor(bytes.span.bytes)
            while let batch = try cursor.next() {
                let isValid = BatchChecksum.isValid(cursor.bytes(of: batch))
                #expect(isValid)
                headers.append(batch.header)
                next = batch.header.nextOffset
            }
        }
        return headers
    }
}

/// A partition in a directory of its own.
final class Bench {
    let directory = TemporaryDirectory()
    let partition = TopicPartition("orders", 0)
    var path: String { directory.file("orders-0") }

    func create(_ configuration: LogConfiguration = smallSegments(), disk: Disk = .real) throws -> PartitionLog {
        try PartitionLog.create(
            directory: path, partition: partition, topicID: UUID(high: 1, low: 2), configuration: configuration,
            disk: disk, now: noon)
    }

    func open(
        _ configuration: LogConfiguration = smallSegments(), recoveryPoint: Int64? = nil, start: Int64? = nil,
        wasClean: Bool = false, disk: Disk = .real, now: Timestamp = noon
    ) throws(StorageError) -> PartitionLog {
        try PartitionLog.open(
            directory: path, partition: partition, configuration: configuration, disk: disk,
            checkpoint: recoveryPoint.map {
                PartitionCheckpoint(recoveryPoint: $0, logStartOffset: start, highWatermark: $0)
            }, wasClean: wasClean, now: now)
    }

    func names() throws -> [String] { try Disk.real.list(path).map(\.name).sorted() }
    func contents(_ name: String) throws -> [UInt8] { try Disk.real.contents(of: path + "/" + name) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = try Disk.real.open(path + "/" + name, .replace)
        try file.write(bytes, at: 0)
    }
}

/// The real directory of a Kafka 3.9 node, copied so that a test may write to it.
func copyOfKafkaDirectory() throws -> TemporaryDirectory {
    let directory = TemporaryDirectory()
    let source = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Fixtures/kraft"
    try copyTree(source, to: directory.path)
    return directory
}

func copyTree(_ source: String, to target: String) throws {
    try Disk.real.makeDirectory(target)
    for entry in try Disk.real.list(source) {
        let (from, to) = (source + "/" + entry.name, target + "/" + entry.name)
        if entry.isDirectory {
            try copyTree(from, to: to)
        } else {
            let bytes = try Disk.real.contents(of: from)
            try Disk.real.open(to, .replace).write(bytes, at: 0)
        }
    }
}

/// A disk that lets so many operations through and then fails each one, as if the world ended there.
final class FaultyDisk: Sendable {
    private let left: Atomic<Int>
    private let done = Atomic<Int>(0)
    /// Whether the write at the end of the world leaves half of its length as garbage.
    private let tearsWrites: Bool
    let errno: Errno

    init(after count: Int, errno: Errno = .io, tearsWrites: Bool = false) {
        left = Atomic(count)
        self.errno = errno
        self.tearsWrites = tearsWrites
    }

    var operations: Int { done.load(ordering: .relaxed) }
    func heal() { left.store(.max, ordering: .relaxed) }
    func breakDown() { left.store(0, ordering: .relaxed) }

    var disk: Disk {
        Disk { (operation) throws(SystemError) in
            if self.left.load(ordering: .relaxed) > 0 {
                self.left.subtract(1, ordering: .relaxed)
                self.done.add(1, ordering: .relaxed)
                return
            }
            if self.tearsWrites, case .write(let path, let offset, let count) = operation, count > 1 {
                let file = try Disk.real.open(path, .readWrite)
                if try file.size <= offset {
                    try file.write([UInt8](repeating: 0x5a, count: count / 2), at: offset)
                }
            }
            throw SystemError("do \(operation)", "the disk", self.errno)
        }
    }
}

/// Lets one write to a file end in the middle; everything else works.
final class OneFailingWrite: Sendable {
    private let path: String
    private let armed = Atomic<Bool>(false)

    init(_ path: String) { self.path = path }

    func arm() { armed.store(true, ordering: .relaxed) }

    var disk: Disk {
        Disk { (operation) throws(SystemError) in
            guard case .write(self.path, let offset, let count) = operation,
                self.armed.exchange(false, ordering: .relaxed)
            else { return }
            try Disk.real.open(self.path, .readWrite).write([UInt8](repeating: 0x5a, count: count / 2), at: offset)
            throw SystemError("write to", self.path, .noSpace)
        }
    }
}

/// Fails every flush and counts them.
final class FailingFlush: Sendable {
    private let count = Atomic<Int>(0)

    var attempts: Int { count.load(ordering: .relaxed) }

    var disk: Disk {
        Disk { (operation) throws(SystemError) in
            guard case .synchronize(let path) = operation else { return }
            self.count.add(1, ordering: .relaxed)
            throw SystemError("flush", path, .io)
        }
    }
}

/// Fails everything on some paths, once it is switched on.
final class SwitchedFailure: Sendable {
    private let concerns: @Sendable (String) -> Bool
    private let on = Atomic<Bool>(false)

    init(_ concerns: @escaping @Sendable (String) -> Bool) { self.concerns = concerns }

    var isOn: Bool {
        get { on.load(ordering: .relaxed) }
        set { on.store(newValue, ordering: .relaxed) }
    }

    var disk: Disk {
        Disk { (operation) throws(SystemError) in
            guard self.isOn, self.concerns(operation.path) else { return }
            throw SystemError("use", operation.path, .io)
        }
    }
}

extension DiskOperation {
    var path: String {
        switch self {
        case .create(let path), .write(let path, _, _), .truncate(let path, _), .synchronize(let path),
            .rename(let path, _), .remove(let path), .makeDirectory(let path):
            path
        }
    }
}

/// Counts flushes of any kind.
final class CountedFlushes: Sendable {
    private let flushes = Atomic<Int>(0)

    var count: Int { flushes.load(ordering: .relaxed) }

    var disk: Disk {
        Disk { (operation) throws(SystemError) in
            if case .synchronize = operation { self.flushes.add(1, ordering: .relaxed) }
        }
    }
}
