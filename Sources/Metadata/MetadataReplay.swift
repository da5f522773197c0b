import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords

/// Follows the log, batch by batch, and keeps the image. Records of a transaction are held back until its end is read;
/// what a dead leader left open never takes effect.
struct MetadataReplay: Sendable {
    var image: ClusterImage
    /// The records of the transaction that is open.
    private(set) var transaction: [MetadataRecord]?
    /// What the log said about the quorum itself, to be said again in snapshots.
    private(set) var quorum = QuorumFeatures()

    init(_ image: ClusterImage) { self.image = image }

    /// Takes one sound batch; records before `offset` are in the image already.
    mutating func take(_ batch: RawSpan, _ header: BatchHeader, from offset: Int64) throws(MetadataError) {
        if header.isControl {
            try takeControl(batch, header)
        } else {
            for record in try Self.records(of: batch, header, from: offset) { try take(record) }
        }
        image.offset = max(image.offset, header.lastOffset)
        image.epoch = header.partitionLeaderEpoch
        image.timestamp = header.maxTimestamp
    }

    /// The records of a batch that is no control batch.
    static func records(
        of batch: RawSpan, _ header: BatchHeader, from offset: Int64 = .min
    ) throws(MetadataError) -> [MetadataRecord] {
        var scratch = ByteWriter(capacity: 16)
        var found: [MetadataRecord] = []
        var failure: MetadataError?
        do throws(RecordError) {
            var records = try RecordIterator(batch, scratch: &scratch)
            while failure == nil, let record = try records.next() {
                guard record.offset >= offset else { continue }
                do throws(MetadataError) {
                    guard let value = record.value else {
                        throw .inconsistent("the record at offset \(record.offset) has no value")
                    }
                    found.append(try MetadataRecord.decode(records.bytes(value)).record)
                } catch {
                    failure = error
                }
            }
        } catch {
            throw .inconsistent("the batch at offset \(header.baseOffset): \(error.description)")
        }
        if let failure { throw failure }
        return found
    }

    private mutating func takeControl(_ batch: RawSpan, _ header: BatchHeader) throws(MetadataError) {
        var scratch = ByteWriter(capacity: 16)
        var failure: MetadataError?
        do throws(RecordError) {
            var records = try RecordIterator(batch, scratch: &scratch)
            while failure == nil, let record = try records.next() {
                guard let key = record.key, let value = record.value else { throw .invalidControlRecord }
                do throws(MetadataError) { try takeControl(records.bytes(key), records.bytes(value)) } catch {
                    failure = error
                }
            }
        } catch {
            throw .inconsistent("the batch at offset \(header.baseOffset): \(error.description)")
        }
        if let failure { throw failure }
    }

    private mutating func take(_ record: MetadataRecord) throws(MetadataError) {
        switch record {
        case .beginTransaction:
            guard transaction == nil else { throw .inconsistent("a transaction begins inside another") }
            transaction = []
        case .endTransaction:
            guard let records = transaction else { throw .inconsistent("a transaction ends that never began") }
            transaction = nil
            try image.apply(records)
        case .abortTransaction:
            guard transaction != nil else { throw .inconsistent("a transaction is aborted that never began") }
            transaction = nil
        default:
            if transaction != nil { transaction?.append(record) } else { try image.apply(record) }
        }
    }

    private mutating func takeControl(_ key: RawSpan, _ value: RawSpan) throws(MetadataError) {
        let type: ControlRecordType?
        do throws(RecordError) { type = try ControlRecordType.parse(key: key) } catch {
            throw .inconsistent(error.description)
        }
        do throws(WireError) {
            switch type {
            case .leaderChange:
                image.controllerID = BrokerID(
                    try LeaderChangeMessage.decode(value, version: try version(value)).leaderId)
            case .kraftVersion:
                quorum.kraftVersion = try KRaftVersionRecord.decode(value, version: 0).kRaftVersion
                image.quorumVersion = quorum.kraftVersion
            case .kraftVoters: quorum.voters = try VotersRecord.decode(value, version: 0)
            // The frame of a snapshot says nothing about the cluster, and transactions of producers have no place here.
            case .snapshotHeader, .snapshotFooter, .abort, .commit, nil: break
            }
        } catch {
            throw .malformedRecord(record: "control record", reason: error)
        }
    }

    /// A leader change begins with the version it is written in.
    private func version(_ value: RawSpan) throws(WireError) -> Int16 {
        var reader = ByteReader(value)
        let version = try reader.int16()
        guard LeaderChangeMessage.versions.contains(version) else { throw .unsupportedVersion }
        return version
    }
}

/// How the quorum of controllers describes itself in control records (KIP-853).
struct QuorumFeatures: Sendable {
    var kraftVersion: Int16 = 0
    /// Kept from version 1 on.
    var voters: VotersRecord?
}
