import Bytes
import KafkaClient
import KafkaRecords
import Patterns

/// Which of the records that are read are printed.
struct RecordSelection {
    var fromTime: Int64 = .min
    var toTime: Int64 = .max
    var key: [UInt8]?
    var keyPattern: Pattern?
    var valuePattern: Pattern?

    /// Everything is printed, which is the usual case.
    var isAll: Bool {
        fromTime == .min && toTime == .max && key == nil && keyPattern == nil && valuePattern == nil
    }

    func admits(_ record: RecordView, _ batch: borrowing ConsumedBatch) -> Bool {
        // A record without a time is never left out for it.
        if record.timestamp >= 0, record.timestamp < fromTime || record.timestamp >= toTime { return false }
        if let key {
            guard let range = record.key, range.count == key.count else { return false }
            let content = batch.bytes(range)
            for position in 0..<key.count
            where content.unsafeLoad(fromByteOffset: position, as: UInt8.self) != key[position] { return false }
        }
        return isFound(keyPattern, in: record.key, batch) && isFound(valuePattern, in: record.value, batch)
    }

    private func isFound(_ pattern: Pattern?, in range: Range<Int>?, _ batch: borrowing ConsumedBatch) -> Bool {
        guard let pattern else { return true }
        guard let range else { return false }
        return pattern.isFound(in: String(decoding: Array(batch.bytes(range)), as: UTF8.self))
    }
}
