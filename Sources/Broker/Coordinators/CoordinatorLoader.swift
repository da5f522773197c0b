import Bytes
import Coordination
import KafkaModel
import KafkaRecords
import Posix
import Storage
import Telemetry

/// Reads the log of a shard from its start to its end.
struct CoordinatorLoader {
    let partition: Partition
    let chunkBytes: Int
    let log: Log

    struct Loaded {
        var endOffset: Int64
        var leaderEpoch: Int32
        var records = 0
        var bytes = 0
    }

    init(_ partition: Partition, chunkBytes: Int, log: Log) {
        self.partition = partition
        self.chunkBytes = chunkBytes
        self.log = log
    }

    /// Nil when the log cannot be read, which is told, or when it is not wanted any more.
    func load<State: CoordinatorState>(
        into shard: inout CoordinatorShard<State>, while isWanted: () -> Bool
    ) -> Loaded? {
        var offset: Int64 = 0
        var loaded: Loaded?
        while isWanted() {
            let read = partition.read(
                from: offset, maxBytes: chunkBytes, minOneBatch: true, isolation: .logEnd, claimedEpoch: -1,
                lastFetchedEpoch: -1)
            if read.error == .offsetOutOfRange, loaded == nil, let start = partition.logStart, start > offset {
                offset = start
                continue
            }
            guard read.error == .none, let offsets = read.offsets else {
                log.error("Failed to load metadata from \(partition.name): \(read.error.name)")
                return nil
            }
            var progress = loaded ?? Loaded(endOffset: offset, leaderEpoch: offsets.leaderEpoch)
            guard offset < offsets.logEnd, let region = read.region else {
                progress.endOffset = offset
                return progress
            }
            if loaded == nil {
                log.info("Loading of metadata from \(partition.name) with epoch \(offsets.leaderEpoch)")
            }
            do throws(LoadFailure) {
                let next = try take(try bytes(of: region), into: &shard, &progress)
                guard next > offset else { throw LoadFailure(text: "no batch at offset \(offset)") }
                offset = next
            } catch {
                log.error("Failed to load metadata from \(partition.name): \(error.text)")
                return nil
            }
            loaded = progress
        }
        return nil
    }

    private struct LoadFailure: Error {
        let text: String
    }

    private func bytes(of region: FileRegion) throws(LoadFailure) -> [UInt8] {
        do throws(SystemError) {
            return try region.file.read(count: region.count, at: region.offset)
        } catch {
            throw LoadFailure(text: "\(error)")
        }
    }

    /// Takes whole batches; returns the offset behind them.
    private func take<State: CoordinatorState>(
        _ bytes: [UInt8], into shard: inout CoordinatorShard<State>, _ progress: inout Loaded
    ) throws(LoadFailure) -> Int64 {
        var next: Int64 = -1
        var scratch = ByteWriter()
        do throws(RecordError) {
            var cursor = BatchCursor(bytes.span.bytes)
            while let batch = try cursor.next() {
                try take(cursor.bytes(of: batch), batch.header, &scratch, into: &shard, &progress)
                progress.bytes += batch.range.count
                next = batch.header.nextOffset
            }
        } catch {
            throw LoadFailure(text: "\(error)")
        }
        return next
    }

    private func take<State: CoordinatorState>(
        _ batch: RawSpan, _ header: BatchHeader, _ scratch: inout ByteWriter, into shard: inout CoordinatorShard<State>,
        _ progress: inout Loaded
    ) throws(RecordError) {
        var records = try RecordIterator(batch, scratch: &scratch)
        while let record = try records.next() {
            guard let key = record.key else { continue }
            let value = record.value
            if header.isControl {
                guard let value,
                    let marker = try EndTransactionMarker(key: records.bytes(key), value: records.bytes(value))
                else { continue }
                _ = shard.load(.transactionEnded(producerID: header.producerID, isCommitted: marker.type == .commit))
                continue
            }
            progress.records += 1
            let taken = CoordinatorRecord(
                key: records.bytes(key).withUnsafeBytes { [UInt8]($0) },
                value: value.map { records.bytes($0).withUnsafeBytes { [UInt8]($0) } })
            let outcome = shard.load(.record(taken, producerID: header.isTransactional ? header.producerID : nil))
            tell(outcome, record.offset)
        }
    }

    private func tell(_ outcome: LoadOutcome, _ offset: Int64) {
        switch outcome {
        case .taken: break
        case .unknownType(let type):
            log.warn(
                "Unknown record type \(type) while loading offset \(offset) from \(partition.name). Ignoring it. It could "
                    + "be a left over from an aborted upgrade.")
        case .unreadable(let reason):
            log.error("A record at offset \(offset) of \(partition.name) cannot be read and is ignored: \(reason)")
        }
    }
}
