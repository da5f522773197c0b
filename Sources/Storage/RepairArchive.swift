public import Posix

/// Where repairs keep what they cut or replace: a directory outside of every data directory, for Apache Kafka does not
/// start beside directories it does not know. Nothing in it is ever read again by a broker.
///
/// A file lies below the name of its data directory and of its partition. What is there is on the device before the
/// original changes.
public struct RepairArchive: Sendable {
    public let path: String
    private let disk: Disk

    private static let chunkBytes = 1 << 20

    public init(_ path: String, disk: Disk) {
        self.path = path
        self.disk = disk
    }

    /// Keeps a whole file: by a second name for it where the file system is the same, else by a copy. So it must be
    /// replaced or removed afterwards, never changed in place.
    func keep(_ source: String, as name: String) throws(StorageError) {
        guard disk.exists(source) else { return }
        let target = try prepare(name)
        // Kept by an earlier step. To write it again would write into the original, whose second name it is.
        guard !disk.exists(target) else { return }
        do throws(SystemError) {
            try disk.link(source, as: target)
        } catch {
            try copy(source, from: 0, to: target)
        }
        try io(try disk.synchronizeDirectory(Self.parent(target)))
    }

    /// Keeps the end of a file.
    func keep(_ source: String, from position: Int64, as name: String) throws(StorageError) {
        let target = try prepare(name)
        try copy(source, from: position, to: target)
        try io(try disk.synchronizeDirectory(Self.parent(target)))
    }

    private func copy(_ source: String, from position: Int64, to target: String) throws(StorageError) {
        let input = try io(try disk.open(source, .read))
        let output = try io(try disk.open(target, .replace))
        var offset = position
        while true {
            let piece = try io(try input.read(count: Self.chunkBytes, at: offset))
            guard !piece.isEmpty else { break }
            try io(try output.write(piece, at: offset - position))
            offset += Int64(piece.count)
        }
        try io(try output.synchronize())
    }

    /// Makes the directories for a name.
    private func prepare(_ name: String) throws(StorageError) -> String {
        let target = path + "/" + name
        let directory = Self.parent(target)
        if !disk.exists(directory) {
            try io(try disk.makeDirectories(directory))
            var made = directory
            while made.count > path.count {
                made = Self.parent(made)
                try io(try disk.synchronizeDirectory(made))
            }
            try io(try disk.synchronizeDirectory(Self.parent(path)))
        }
        return target
    }

    static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }
}
