public import Bytes
public import Posix

/// The file `meta.properties`, which says to which cluster and node a directory belongs. Version 1 is written;
/// version 0, from ZooKeeper days, is read too.
public struct MetaProperties: Sendable, Equatable {
    public static let fileName = "meta.properties"

    public var version: Int
    public var clusterID: String?
    public var nodeID: Int32?
    public var directoryID: UUID?

    public init(version: Int = 1, clusterID: String?, nodeID: Int32?, directoryID: UUID?) {
        self.version = version
        self.clusterID = clusterID
        self.nodeID = nodeID
        self.directoryID = directoryID
    }

    public var text: String {
        var text = "#\n"
        if let nodeID { text += version == 0 ? "broker.id=\(nodeID)\n" : "node.id=\(nodeID)\n" }
        if let directoryID { text += "directory.id=\(directoryID)\n" }
        text += "version=\(version)\n"
        if let clusterID { text += "cluster.id=\(clusterID)\n" }
        return text
    }

    /// Reads the text of a file at `path`, which is named when something is wrong with it.
    public init(text: String, path: String) throws(StorageError) {
        var values: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " || $0 == "\t" }
            guard let first = line.first, first != "#", first != "!",
                let separator = line.firstIndex(where: { $0 == "=" || $0 == ":" })
            else { continue }
            let key = line[..<separator].filter { $0 != " " && $0 != "\\" }
            let value = line[line.index(after: separator)...].drop { $0 == " " }
            values[key] = value.filter { $0 != "\\" && $0 != "\r" }
        }
        func refusal(_ reason: String) -> StorageError { .identityMismatch(path: path, reason: reason) }
        guard let version = Int(values["version"] ?? "0"), version == 0 || version == 1 else {
            throw refusal("its version '\(values["version"] ?? "")' is not known")
        }
        self.version = version
        clusterID = values["cluster.id"]
        nodeID = values[version == 0 ? "broker.id" : "node.id"].flatMap { Int32($0) }
        directoryID = values["directory.id"].flatMap { UUID($0) }
        guard clusterID != nil || nodeID != nil else {
            throw refusal("\(Self.fileName) is damaged: it names neither cluster nor node; bring the file back")
        }
        if version == 1 {
            guard clusterID != nil else { throw refusal("it has no cluster.id") }
            guard nodeID != nil else { throw refusal("it has no node.id") }
        }
        if values["directory.id"] != nil, directoryID == nil { throw refusal("its directory.id is no id") }
    }

    /// What a log directory says about itself; nil when it was never formatted.
    public static func read(directory: String, disk: Disk) throws(StorageError) -> MetaProperties? {
        let path = directory + "/" + fileName
        guard disk.exists(path) else { return nil }
        let bytes = try io(try disk.contents(of: path))
        return try MetaProperties(text: String(decoding: bytes, as: UTF8.self), path: path)
    }

    public func write(directory: String, disk: Disk) throws(StorageError) {
        try io(try disk.replaceContents(of: directory + "/" + Self.fileName, with: Array(text.utf8)))
    }
}
