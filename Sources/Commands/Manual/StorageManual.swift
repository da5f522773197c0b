import CommandLine
import Configuration
import KafkaRecords
import Storage

/// The manual page of the files in which a broker keeps its records. Names, sizes and defaults are those the program works
/// with.
enum StorageManual {
    static let page = ManualDocument(
        "skafka-storage", section: 7, summary: "the files in which a broker keeps its records",
        chapters: [
            ManualDocument.Chapter("Description", introduction),
            ManualDocument.Chapter("A log directory", directory),
            ManualDocument.Chapter("A partition", partition),
            ManualDocument.Chapter("Indexes", indexes),
            ManualDocument.Chapter("How a record is found", lookup),
            ManualDocument.Chapter("How records go in and out", transport),
            ManualDocument.Chapter("When a segment ends", rolling),
            ManualDocument.Chapter("Retention", retention),
            ManualDocument.Chapter("Compaction", compaction),
            ManualDocument.Chapter("Checkpoints and recovery", recovery),
            ManualDocument.Chapter("Looking for yourself", looking),
        ],
        seeAlso: [
            "skafka-dump-log(1)", "skafka-log(1)", "skafka-log-dirs(1)", "skafka-storage(1)", "skafka.conf(5)",
            "skafka-protocol(7)",
        ])

    private static let introduction: [ManualDocument.Block] = [
        .text(
            "A topic is a number of partitions; a partition is a directory; in it is a log, cut into segments. Records are "
                + "only ever added at the end of the last segment. Each gets the next number, its offset, and never "
                + "changes. It stays whether somebody has read it or not, until retention or compaction takes it."),
        .text(
            "The files are those of Kafka, byte for byte: either program opens what the other has written. Numbers in "
                + "them are big-endian. They may be copied when no broker runs, and read at any time."),
    ]

    private static let directory: [ManualDocument.Block] = [
        .text(
            "log.dirs names one or more directories, best one a disk (\(value("log.dir")) when nothing is named). New "
                + "partitions go to the one with the fewest."),
        .term(MetaProperties.fileName, "To which cluster and node the directory belongs, and its own id."),
        .term("<topic>-<n>", "Partition n of a topic, from 0."),
        .term("<topic>-<n>.<id>-future", "A partition on its way from another directory."),
        .term("<topic>-<n>.<id>-delete", "A partition that was deleted; removed after file.delete.delay.ms."),
        .term(
            "__cluster_metadata-0",
            "Topics, settings and all else the cluster agrees on: a log like any other, whose "
                + "records dump-log --cluster-metadata-decoder reads. Its snapshots end in .checkpoint. It lies in "
                + "metadata.log.dir, or in the first directory."),
        .term(OffsetCheckpoint.recoveryPoint, "Up to which offset each log is known to be on the disk."),
        .term(OffsetCheckpoint.highWatermark, "Up to which offset each log may be read by consumers."),
        .term(OffsetCheckpoint.logStart, "Where logs begin whose first records were deleted."),
        .term(OffsetCheckpoint.cleaner, "Up to which offset each log is compacted."),
        .term(
            ".kafka_cleanshutdown",
            "There while no broker runs that closed its files in order: the next start then "
                + "reads no log at all."),
        .term(".lock", "Locked by the broker that uses the directory, and by tools that change files in it."),
    ]

    private static let partition: [ManualDocument.Block] = [
        .text(
            "The files of a segment have the offset of its first record for a name, 20 digits, and tell by their ending "
                + "what they are:"),
        .literal([
            "orders-0/",
            "  \(LogFileName.make(0, LogFileName.log))",
            "  \(LogFileName.make(0, LogFileName.offsetIndex))",
            "  \(LogFileName.make(0, LogFileName.timeIndex))",
            "  \(LogFileName.make(522, LogFileName.log))",
            "  \(LogFileName.make(522, LogFileName.offsetIndex))",
            "  \(LogFileName.make(522, LogFileName.timeIndex))",
            "  \(LogFileName.make(522, LogFileName.producerSnapshot))",
            "  leader-epoch-checkpoint",
            "  \(PartitionMetadata.fileName)",
        ]),
        .term(".\(LogFileName.log)", "The records: batches one behind the other, see skafka-protocol(7)."),
        .term(".\(LogFileName.offsetIndex)", "Where in the log some of the offsets are."),
        .term(".\(LogFileName.timeIndex)", "From which offset on records are as new as some times."),
        .term(
            ".\(LogFileName.transactionIndex)",
            "Transactions that were aborted, \(AbortedTransaction.size) bytes each; only where there was one."),
        .term(
            ".\(LogFileName.producerSnapshot)",
            "What was known of idempotent producers when the log ended at that offset: id, epoch, last sequence. With "
                + "it a batch that is sent again after a crash is recognised."),
        .term(
            "leader-epoch-checkpoint",
            "With which offset the time of each leader began; by it replicas find where they differ."),
        .term(PartitionMetadata.fileName, "The id of the topic, so that a topic made anew is not taken for the old."),
        .term(
            "\(LogFileName.deleted) \(LogFileName.cleaned) \(LogFileName.swap)",
            "Behind a whole name: about to be removed, being written by compaction, about to replace what was compacted. "
                + "A start after a crash clears them up."),
    ]

    private static let indexes: [ManualDocument.Block] = [
        .text(
            "An index is sparse: one entry for about every \(value("log.index.interval.bytes")) bytes of the log "
                + "(log.index.interval.bytes). A smaller number makes finding faster and the index larger."),
        .table(
            ["file", "bytes", "entry"],
            [
                [
                    ".\(LogFileName.offsetIndex)", "\(OffsetIndex.entrySize)",
                    "int32 relative offset, int32 position in the log",
                ],
                [
                    ".\(LogFileName.timeIndex)", "\(TimeIndex.entrySize)",
                    "int64 largest timestamp so far, int32 its offset",
                ],
            ]),
        .text(
            "An entry of the offset index names the last offset of a batch and where the batch begins. A relative offset is "
                + "the offset minus that of the segment, so that four bytes are enough; a segment ends before they are "
                + "not. "
                + "log.index.size.max.bytes (\(value("log.index.size.max.bytes"))) is the most an index may have. Kafka "
                + "makes the file of the last segment that large in advance; the zeros behind the entries mean nothing."
        ),
        .text("A missing or damaged index is made anew from the log."),
    ]

    private static let lookup: [ManualDocument.Block] = [
        .text("A consumer asks for an offset. Three steps find the bytes:"),
        .term(
            "1.",
            "The segment: the last one whose name is not above the offset, by binary search over the names, which "
                + "are in memory."),
        .term("2.", "The place to begin: the last index entry that is not above the offset, by binary search."),
        .term(
            "3.",
            "The batch: from that position on the log is read, header by header, until a batch reaches the offset."),
        .text(
            "With n entries in the index and m bytes between two of them that is O(log n) for the search and O(m) for "
                + "reading on."),
        .text("An example. A partition has the segments 0 and 522, and offset 600 is wanted:"),
        .literal([
            "segments        index of 522             log of 522",
            "",
            "    0            offset  position         position",
            "  522  <---      65 (587)    6410  --->   6410  batch up to 587",
            "                 ...                      6415  where reading goes on",
            "                                                ... up to 600",
        ]),
        .text(
            "600 is not below 522, so the second segment has it. There 600 is number 600 - 522 = 78. The last entry of "
                + "the index that is not above 78 is 65, which is offset 522 + 65 = 587, at position 6410. From there "
                + "on the log is read: the batch at 6410 ends with 587, the ones behind it follow, and the one that "
                + "reaches 600 is sent. skafka dump-log --files DIRECTORY --explain 600 shows these steps for any "
                + "partition and offset."),
        .text(
            "Asked for a time instead, the broker first takes the offset from the time index of the first segment that "
                + "is new enough, and goes on from there as above."),
    ]

    private static let transport: [ManualDocument.Block] = [
        .text(
            "Writing at the end of a file is what disks and systems do best: it is about a thousand times as fast as "
                + "writing here and there on a disk that turns, the system writes behind and reads ahead. So there is no "
                + "cache of records in the program: what was written lies in the page cache of the kernel, as long as "
                + "there is memory, and is read from there."),
        .text(
            "In: a batch is copied once, from the socket to the program, checked, given its offset, and appended to the "
                + ".log with write(2). It is sometimes said that records of producers are stored through mmap; that is "
                + "so of no log. What Kafka maps into memory are the indexes, .index and .timeindex, so that a search "
                + "in them costs no system call. skafka keeps the entries of the segment that is being written in "
                + "memory and appends them to the file in batches, as the first store into a mapped file that was made "
                + "large in advance takes milliseconds; in older segments it searches with a few small reads. The files "
                + "are the same."),
        .text(
            "Out: sendfile(2) sends from the page cache to the socket. The usual way, read and write, is two system "
                + "calls and four copies for the same bytes: from the disk to the page cache, to the program, to the "
                + "socket, to the network card. The first and the last are made by the devices (DMA), the two between "
                + "them by the processor; sendfile hands the pages themselves to the socket. Measured over the loopback, where no network is the "
                + "limit, it sends two to three times as many bytes a second, for a fifth of the processor's time. It "
                + "can only send what is meant to arrive as it lies there: with TLS, or when batches must be rewritten "
                + "for a client, the bytes go through the program."),
        .text(
            "Nothing is flushed for a record. It is acknowledged when it is in the page cache, which survives a crash of "
                + "the broker, not the loss of power; that is what replicas are for. flush.messages=1 flushes before it "
                + "acknowledges."),
    ]

    private static let rolling: [ManualDocument.Block] = [
        .text("Before a batch is appended, a new segment is begun when"),
        .term("size", "the batch would make it larger than log.segment.bytes (\(value("log.segment.bytes")));"),
        .term(
            "time",
            "log.roll.ms, or else log.roll.hours (\(value("log.roll.hours"))), lies between its first record "
                + "and the new ones, less a random part of log.roll.jitter.ms;"),
        .term("index", "one of its indexes is full;"),
        .term("offset", "the offsets would be too far from that of the segment for the four bytes of an index."),
        .text("A segment also ends when retention wants to let go of it."),
    ]

    private static let retention: [ManualDocument.Block] = [
        .text(
            "Where log.cleanup.policy has delete, whole segments go from the front, looked at every "
                + "log.retention.check.interval.ms (\(value("log.retention.check.interval.ms"))), whichever of these "
                + "wants it first:"),
        .term(
            "time",
            "log.retention.ms, or else .minutes, or else .hours (\(value("log.retention.hours"))): the newest "
                + "record of the segment is older. A segment that is five days long may so keep a record five days "
                + "longer."),
        .term(
            "size",
            "log.retention.bytes (\(value("log.retention.bytes")), which is no limit), a partition: what is left "
                + "is still that much."),
        .term("start", "Records were deleted with skafka-delete-records(1), up to the end of the segment."),
        .text(
            "What was let go is renamed to \(LogFileName.deleted), and removed log.segment.delete.delay.ms "
                + "(\(value("log.segment.delete.delay.ms"))) later."),
    ]

    private static let compaction: [ManualDocument.Block] = [
        .text(
            "Where log.cleanup.policy has compact, of all records with the same key the last stays. Offsets do not change; "
                + "there are gaps. A record without value, a tombstone, takes away what was there of its key, and goes "
                + "itself after delete.retention.ms (\(value("log.cleaner.delete.retention.ms")))."),
        .text(
            "log.cleaner.threads threads take the log with the largest part not yet compacted, if that is more than "
                + "log.cleaner.min.cleanable.ratio (\(value("log.cleaner.min.cleanable.ratio"))) of it. First that part "
                + "is read and the last offset of each key noted in a map; then the segments are copied without what was "
                + "replaced, small ones into one, as \(LogFileName.cleaned); that becomes \(LogFileName.swap) when it is "
                + "complete, and takes the place of the old ones. A crash at any point leaves the old or the new."),
    ]

    private static let recovery: [ManualDocument.Block] = [
        .text(
            "Checkpoint files are text: the version 0, the number of lines, and a line with topic, partition and offset "
                + "for each log. They are written anew every log.flush.offset.checkpoint.interval.ms "
                + "(\(value("log.flush.offset.checkpoint.interval.ms"))), beside the old file, flushed, and renamed."),
        .text(
            "After a shutdown in order nothing is read. After a crash each log is read from its recovery point on: every "
                + "batch is checked, indexes and producer states are made anew, and the log is cut at the first batch "
                + "that is torn. Damage below the recovery point is no trace of the crash; nothing is cut there, and the "
                + "log says which file it is in."),
    ]

    private static let looking: [ManualDocument.Block] = [
        .literal([
            "skafka dump-log --files \(LogFileName.make(0, LogFileName.log)) --print-data-log",
            "skafka dump-log --files \(LogFileName.make(0, LogFileName.offsetIndex)) | head",
            "skafka dump-log --files orders-0 --explain 600",
            "skafka dump-log --files orders-0 --summary",
            "skafka log list \(value("log.dir"))",
            "skafka log verify \(value("log.dir"))",
            "skafka log cat orders-0 --output jsonl",
        ])
    ]

    private static func value(_ name: String) -> String { BrokerConfigTable.find(name)?.defaultValue ?? "unset" }
}
