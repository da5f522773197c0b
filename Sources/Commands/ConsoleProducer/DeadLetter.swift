import Bytes
import CLinux
import CommandLine
import Compression
import Glibc
import KafkaClient
import KafkaModel
import KafkaRecords
import Posix

/// A file that keeps the records which could not be sent: an object of JSON a line, as the tool reads them again.
final class DeadLetter: Sendable {
    private let descriptor: CInt
    private let problem = Guarded<SystemError?>(nil)
    private let path: String

    init(_ path: String) throws(SystemError) {
        self.path = path
        descriptor = linux_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open", path) }
    }

    deinit { close(descriptor) }

    /// Why not everything was kept.
    var failure: SystemError? { problem.withLock { $0 } }

    func keep(_ delivery: Delivery) {
        let partition = TopicPartition(delivery.topic, delivery.partition)
        delivery.withRecords { (records) throws(RecordError) in try write(&records, partition) }
    }

    /// Keeps one record that never came into a batch.
    func keep(
        topic: String, partition: Int32, timestamp: Int64, key: RawSpan?, value: RawSpan?, headerCount: Int32,
        headers: RawSpan
    ) {
        var batch = GrowingBatch(capacity: 1024)
        batch.append(timestamp: timestamp, key: key, value: value, headerCount: headerCount, headers: headers)
        batch.sealUnpacked()
        batch.sign(producerID: -1, producerEpoch: -1, baseSequence: -1)
        batch.withRecords { (records) throws(RecordError) in
            try write(&records, TopicPartition(topic, partition))
        }
    }

    private func write(_ records: inout RecordIterator, _ partition: TopicPartition) throws(RecordError) {
        var json = JSONText()
        while let record = try records.next() {
            try RecordFormat.write(record, records, partition, into: &json)
            json.endLine()
        }
        var text = ByteWriter()
        json.copy(into: &text)
        text.withUnsafeBytes { bytes in
            var rest = bytes
            while rest.count > 0 {
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    problem.withLock { $0 = SystemError("write", path) }
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }
}
