import KafkaRecords
import Posix

/// What a crash leaves in a partition's directory, and what becomes of it: `.deleted` files go; a compacted segment
/// that was still being written (`.cleaned`) goes, and so do the `.swap` files of the same, unfinished round; complete
/// `.swap` files take the place of the segments they were made from.
///
/// A crash while it runs changes nothing of that: it keeps an order in which each step leaves what the next start
/// judges in the same way.
struct DirectoryCleanup {
    private let directory: String
    private let disk: Disk

    /// The metadata log marks its own snapshots like this; they are not ours.
    private static let foreign = ".checkpoint.deleted"

    init(_ directory: String, _ disk: Disk) {
        self.directory = directory
        self.disk = disk
    }

    /// Returns what the directory holds afterwards.
    func run(_ entries: [Disk.Entry]) throws(StorageError) -> [Disk.Entry] {
        let names = entries.filter { !$0.isDirectory }.map(\.name)
        let cleaned = names.filter { $0.hasSuffix(LogFileName.cleaned) }
        let firstCleaned = cleaned.compactMap { LogFileName.parse($0)?.offset }.min() ?? .max
        var swaps: [String] = []
        for name in names where name.hasSuffix(LogFileName.swap) {
            if LogFileName.parse(name)?.offset ?? .max < firstCleaned {
                swaps.append(name)
            } else {
                try io(try disk.remove(directory + "/" + name))
            }
        }
        // Only now: as long as one of them is there, the swap files of its round are known to be unfinished.
        for name in names where isWaste(name) { try io(try disk.remove(directory + "/" + name)) }
        try finish(swaps, names)
        return try io(try disk.list(directory))
    }

    private func isWaste(_ name: String) -> Bool {
        (name.hasSuffix(LogFileName.deleted) && !name.hasSuffix(Self.foreign)) || name.hasSuffix(LogFileName.cleaned)
            || name == LeaderEpochCache.fileName + ".tmp" || name == PartitionMetadata.fileName + ".tmp"
    }

    /// Removes the segments that the swap files replace and gives those their final names.
    private func finish(_ swaps: [String], _ names: [String]) throws(StorageError) {
        guard !swaps.isEmpty else { return }
        let logs = swaps.filter { $0.hasSuffix("." + LogFileName.log + LogFileName.swap) }
        var replaced: Range<Int64>?
        for name in logs {
            guard let base = LogFileName.parse(name)?.offset else { continue }
            // One that compaction left empty replaces the segment of its name nevertheless.
            let end = max(try endOffset(of: directory + "/" + name) ?? base, base + 1)
            replaced = min(replaced?.lowerBound ?? base, base)..<max(replaced?.upperBound ?? end, end)
        }
        for name in names where !name.hasSuffix(LogFileName.swap) && !isWaste(name) {
            guard let (offset, kind) = LogFileName.parse(name), replaced?.contains(offset) == true,
                kind != LogFileName.producerSnapshot
            else { continue }
            try io(try disk.remove(directory + "/" + name))
        }
        // The logs first: without one of them the indexes with final names would be taken for those of the segment
        // that was replaced, and a lost transaction index would bring aborted records back.
        for name in logs.sorted() + swaps.filter({ !logs.contains($0) }) {
            let path = directory + "/" + name
            try io(try disk.rename(path, to: String(path.dropLast(LogFileName.swap.count))))
        }
        try io(try disk.synchronizeDirectory(directory))
    }

    private func endOffset(of path: String) throws(StorageError) -> Int64? {
        let file = try io(try disk.open(path, .read))
        var scanner = BatchScanner(file, from: 0, to: Int(try io(try file.size)))
        var end: Int64?
        while let header = try scanner.next() { end = header.nextOffset }
        return end
    }
}
