import Posix

/// The file `.kafka_cleanshutdown`: there while a directory was left in order, with the broker's epoch as JSON. It is
/// removed, durably, before anything in the directory changes.
struct CleanShutdownMark {
    static let fileName = ".kafka_cleanshutdown"

    let path: String
    private let directory: String
    private let disk: Disk

    init(directory: String, disk: Disk) {
        path = directory + "/" + Self.fileName
        self.directory = directory
        self.disk = disk
    }

    var exists: Bool { disk.exists(path) }

    /// The epoch the broker had; nil when the file is missing or older than the epoch in it.
    func brokerEpoch() throws(StorageError) -> Int64? {
        guard exists else { return nil }
        let text = String(decoding: try io(try disk.contents(of: path)), as: UTF8.self)
        let parts = text.split(separator: "\"brokerEpoch\":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        return Int64(parts[1].prefix { $0 == "-" || $0.isNumber })
    }

    func write(brokerEpoch: Int64) throws(StorageError) {
        let text = "{\"version\":0,\"brokerEpoch\":\(brokerEpoch)}"
        try io(try disk.replaceContents(of: path, with: Array(text.utf8)))
    }

    /// Without the flush of the directory a power cut could bring the mark back over a log that went on.
    func remove() throws(StorageError) {
        guard exists else { return }
        try io(try disk.remove(path))
        try io(try disk.synchronizeDirectory(directory))
    }
}
