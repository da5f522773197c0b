import Bytes
import KafkaRecords

/// The file `<offset>.snapshot`: what the producer table was when the log ended at that offset. Version 1: Int16
/// version, UInt32 CRC-32C of all that follows, Int32 count, 46 bytes a producer.
public enum ProducerSnapshot {
    static let version: Int16 = 1
    static let crcEnd = 6
    static let entrySize = 46

    /// Where the entry of a producer begins.
    static func position(of slot: Int) -> Int64 { Int64(10 + slot * entrySize) }

    public static func encode(_ states: [ProducerState]) -> [UInt8] {
        var writer = ByteWriter(capacity: 10 + states.count * entrySize)
        writer.int16(version)
        writer.uint32(0)
        writer.int32(Int32(states.count))
        for state in states {
            writer.int64(state.producerID)
            writer.int16(state.epoch)
            writer.int32(state.lastSequence)
            writer.int64(state.lastBatch?.lastOffset ?? -1)
            writer.int32(state.lastBatch?.offsetDelta ?? 0)
            writer.int64(state.lastTimestamp)
            writer.int32(state.coordinatorEpoch)
            writer.int64(state.transactionFirstOffset)
        }
        writer.set(checksum(writer.bytes), at: 2)
        return Array(writer.bytes)
    }

    /// Nil when the bytes are no snapshot: another version, a wrong checksum, or too short.
    public static func decode(_ bytes: RawSpan) -> [ProducerState]? {
        guard bytes.byteCount >= 10 else { return nil }
        var reader = ByteReader(bytes)
        do {
            guard try reader.int16() == version, try reader.uint32() == checksum(bytes) else { return nil }
            let count = Int(try reader.int32())
            guard count >= 0, reader.remaining / entrySize >= count else { return nil }
            var states: [ProducerState] = []
            states.reserveCapacity(count)
            for _ in 0..<count { states.append(try decodeState(&reader)) }
            return states
        } catch {
            return nil
        }
    }

    /// Why the bytes are no snapshot, and where that shows; nil when they are one.
    public static func damage(_ bytes: RawSpan) -> (position: Int, reason: String)? {
        if decode(bytes) != nil { return nil }
        var reader = ByteReader(bytes)
        do throws(WireError) {
            let version = try reader.int16()
            guard version == Self.version else { return (0, "the snapshot has the unknown version \(version)") }
            let stored = try reader.uint32()
            let computed = checksum(bytes)
            guard stored == computed else {
                return (2, "the snapshot is corrupt (stored crc = \(stored), computed crc = \(computed))")
            }
            let count = try reader.int32()
            return (6, "the snapshot states \(count) producers, but has room for \(reader.remaining / entrySize)")
        } catch {
            return (bytes.byteCount, "the snapshot ends early")
        }
    }

    private static func decodeState(_ reader: inout ByteReader) throws(WireError) -> ProducerState {
        var state = ProducerState(producerID: try reader.int64())
        state.epoch = try reader.int16()
        let lastSequence = try reader.int32()
        let lastOffset = try reader.int64()
        let offsetDelta = try reader.int32()
        state.lastTimestamp = try reader.int64()
        state.coordinatorEpoch = try reader.int32()
        state.transactionFirstOffset = try reader.int64()
        if lastOffset >= 0 {
            state.add(
                ProducerBatch(
                    lastSequence: lastSequence, lastOffset: lastOffset, offsetDelta: offsetDelta,
                    timestamp: state.lastTimestamp))
        }
        return state
    }

    private static func checksum(_ bytes: RawSpan) -> UInt32 {
        BatchChecksum.crc32c(bytes.extracting(droppingFirst: crcEnd))
    }
}
