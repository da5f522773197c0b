public import Bytes
import KafkaRecords
public import Timing

extension LogConfiguration {
    /// Checks what a producer sent for a log of these settings, and writes it again where they want another codec:
    /// then what is returned takes its place. It needs nothing of the log, so no lock is held meanwhile.
    public func admit(
        _ records: inout MutableRawSpan, _ range: Range<Int>, produceVersion: Int16, now: Timestamp
    ) throws(AppendRefusal) -> ByteWriter? {
        var batch = records._mutatingExtracting(range)
        do throws(BatchRefusal) {
            return try admission(produceVersion: produceVersion, now: now).admit(&batch)
        } catch {
            throw .batch(error)
        }
    }

    func admission(produceVersion: Int16, now: Timestamp) -> BatchAdmission {
        var validator = BatchValidator(now: now.milliseconds)
        validator.produceVersion = produceVersion
        validator.maxMessageBytes = messageBytesMax
        validator.requireKeys = cleanupPolicy.contains(.compact)
        validator.timestampType = timestampType
        validator.timestampBeforeMaxMs = timestampBeforeMaxMs
        validator.timestampAfterMaxMs = timestampAfterMaxMs
        return BatchAdmission(validator, target: compression)
    }
}
