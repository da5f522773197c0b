public import Bytes
public import Posix
public import Storage

/// Why the metadata log cannot be read, written or followed.
public enum MetadataError: Error, Sendable, CustomStringConvertible {
    case io(SystemError)
    /// What `meta.properties` says is wrong.
    case identity(StorageError)
    /// A record of a type that did not exist when this program was written.
    case unknownRecord(apiKey: UInt32, version: UInt32)
    case unsupportedRecordVersion(record: String, version: UInt32, supported: ClosedRange<Int16>)
    case malformedRecord(record: String, reason: WireError)
    case unsupportedMetadataVersion(Int16)
    /// A record contradicts what the image holds, such as a partition of a topic that does not exist.
    case inconsistent(String)
    case corrupt(file: String, position: Int64, reason: String)
    case notFormatted(directory: String)
    case alreadyFormatted(directory: String)
    /// One record is larger than a batch may be.
    case recordTooLarge(record: String, bytes: Int, limit: Int)
    /// An earlier write failed, so nothing may be written any more; the text says which.
    case failedBefore(String)

    /// The bytes are sound, but this program is too old for them.
    var isOfNewerWriter: Bool {
        switch self {
        case .unknownRecord, .unsupportedRecordVersion, .unsupportedMetadataVersion: true
        default: false
        }
    }

    public var description: String {
        switch self {
        case .io(let error): error.description
        case .identity(let error): error.description
        case .unknownRecord(let apiKey, let version):
            "the metadata log holds a record of the unknown type \(apiKey) (version \(version))"
        case .unsupportedRecordVersion(let record, let version, let supported):
            "the metadata log holds a \(record) of version \(version); versions "
                + "\(supported.lowerBound) to \(supported.upperBound) are known"
        case .malformedRecord(let record, let reason): "a \(record) cannot be decoded: \(reason)"
        case .unsupportedMetadataVersion(let level):
            "metadata.version \(level) is not supported; levels \(MetadataVersion.oldest.rawValue) "
                + "(\(MetadataVersion.oldest)) to \(MetadataVersion.newest.rawValue) (\(MetadataVersion.newest)) are"
        case .inconsistent(let reason): "the metadata log contradicts itself: \(reason)"
        case .corrupt(let file, let position, let reason): "\(file) is damaged at byte \(position): \(reason)"
        case .notFormatted(let directory): "the log directory \(directory) is not formatted"
        case .alreadyFormatted(let directory):
            "Log directory \(directory) is already formatted. Use --ignore-formatted to ignore this directory and "
                + "format the others."
        case .recordTooLarge(let record, let bytes, let limit):
            "a \(record) of \(bytes) bytes is larger than a batch of the metadata log may be (\(limit))"
        case .failedBefore(let reason): "the metadata log takes no more records, because \(reason)"
        }
    }
}
