import Bytes
import KafkaModel
import KafkaRecords
import Posix
import Storage
import Timing

/// What happens to a producer's batch before the partition's lock is taken: unpacking, checking and packing again cost
/// up to a hundred times what the append itself does, and other producers and readers need not wait for that.
extension Partition {
    /// Appends the batch in `range` of a request's frame. It is written again in another codec if the topic wants that,
    /// else offsets and epoch are written into it in place.
    func append(
        _ frame: inout MutableRawSpan, _ range: Range<Int>, requiredAcks: Int16, produceVersion: Int16, now: Timestamp
    ) -> Appended {
        do throws(AppendRefusal) {
            let rewritten = try configuration(requiredAcks: requiredAcks)
                .admit(&frame, range, produceVersion: produceVersion, now: now)
            guard var rewritten else { return appendAdmitted(&frame, range, requiredAcks: requiredAcks, now: now) }
            var batch = rewritten.mutableBytes
            return appendAdmitted(&batch, 0..<batch.byteCount, requiredAcks: requiredAcks, now: now)
        } catch {
            return (.failure(error), nil)
        }
    }

    /// The settings a batch is checked by, unless it is known already that nothing may be appended. They may change
    /// before the append; it is then as if the batch had come a moment earlier.
    private func configuration(requiredAcks: Int16) throws(AppendRefusal) -> LogConfiguration {
        lock.lock()
        defer { lock.unlock() }
        if let refusal = appendRefusal(requiredAcks: requiredAcks) { throw refusal }
        return settings.log
    }
}
