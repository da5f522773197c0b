import Bytes
import CommandLine
import Glibc
import KafkaRecords
import Posix
import Storage

/// Going on with a log that grows, segment by segment.
extension DumpRun {
    /// So long a reader waits for what is new.
    private static let pauseMs: CInt = 50

    /// Dumps what comes behind `position`, until nobody reads any more; the end by a signal needs no help, for
    /// everything is sent before it waits.
    mutating func follow(
        _ first: OpenFile, from position: Int, _ walk: SegmentWalk, _ scratch: inout ByteWriter
    ) throws(StorageError) {
        var file = first
        var position = position
        var walk = walk
        var segment = DumpPath(path: walk.path).baseOffset ?? 0
        let directory = DumpPath(path: walk.path).directory
        var toldDamage = -1
        while sink.isOpen, !walk.isDone, !isBehindEnd(walk) {
            // A roll may come between the last batch and a look at the size, so the successor is looked for first.
            let next = try successor(of: segment, in: directory)
            let size = try size(of: file)
            if size < position {
                sink.output.tell("skafka: \(walk.path) was cut to \(size) bytes")
                position = size
            }
            if size > position {
                var scanner = BatchScanner(file, from: position, to: size, chunkBytes: Self.chunkBytes)
                try dumpBatches(&scanner, &walk, &scratch)
                let isProgress = scanner.nextPosition > position
                position = scanner.nextPosition
                if isProgress { continue }
                // The last batch is being written, unless another segment follows.
                if next != nil, toldDamage != position {
                    toldDamage = position
                    damage(walk.path, Int64(position), scanner.damage ?? "it holds no batch")
                }
            }
            if let next {
                segment = next
                let path = path(directory, next)
                begin(path)
                sink.line("Log starting offset: \(next)")
                file = try open(path)
                position = 0
                walk = SegmentWalk(path: path, absolutePath: absolute(path), previousOffset: walk.previousOffset)
                continue
            }
            sink.output.flush()
            poll(nil, 0, Self.pauseMs)
            if isOutputClosed { sink.output.close() }
        }
    }

    /// Whether the last offset that is wanted has come.
    private func isBehindEnd(_ walk: SegmentWalk) -> Bool {
        guard let to = request.filter.toOffset, let previous = walk.previousOffset else { return false }
        return previous >= to
    }

    private func successor(of segment: Int64, in directory: String) throws(StorageError) -> Int64? {
        try OffsetSearch.segments(in: directory, disk: disk).first { $0 > segment }
    }

    /// Without writing, a closed pipe shows itself only when asked.
    private var isOutputClosed: Bool {
        var entry = pollfd(fd: 1, events: 0, revents: 0)
        return request.follows && poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLERR) != 0
    }
}
