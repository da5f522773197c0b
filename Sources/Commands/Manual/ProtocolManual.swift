import Broker
import CommandLine
import KafkaModel
import KafkaProtocol
import KafkaRecords

/// The manual page of the wire protocol. Keys, versions, error codes and places of fields are those of the tables that the
/// program works with.
enum ProtocolManual {
    static let page = ManualDocument(
        "skafka-protocol", section: 7, summary: "how clients and brokers talk",
        chapters: [
            ManualDocument.Chapter("Description", introduction),
            ManualDocument.Chapter("Frames", frames),
            ManualDocument.Chapter("Versions", versions),
            ManualDocument.Chapter("Types", types),
            ManualDocument.Chapter("Finding the leader", leaders),
            ManualDocument.Chapter("Record batches", batches),
            ManualDocument.Chapter("Compression", compression),
            ManualDocument.Chapter("Requests", requests),
            ManualDocument.Chapter("Error codes", errors),
        ],
        seeAlso: [
            "skafka(1)", "skafka-dump-log(1)", "skafka-server-start(1)", "skafka.conf(5)", "skafka-storage(7)",
        ])

    private static let introduction: [ManualDocument.Block] = [
        .text(
            "Clients of Kafka and its brokers talk over TCP in a binary protocol of requests and answers. skafka speaks "
                + "it as Kafka 4.3 does, and down to the versions that Kafka 2.1 had where clients still use them. "
                + "This page tells enough to read a capture of the network or to write a small client.")
    ]

    private static let frames: [ManualDocument.Block] = [
        .text(
            "Everything is a frame: four bytes with a length, and so many bytes behind them. The client begins; for each "
                + "request there is one answer, except for Produce with acks=0, which has none. Answers come in the "
                + "order of the requests, so a client may send several before it reads."),
        .text("A request begins with a header:"),
        .table(
            ["field", "type", ""],
            [
                ["request_api_key", "int16", "which request, see REQUESTS"],
                ["request_api_version", "int16", "in which version; so is the answer"],
                ["correlation_id", "int32", "any number; the answer begins with it"],
                ["client_id", "string", "a name for logs and quotas, or null"],
                ["tags", "", "from the flexible versions on"],
            ]),
        .text(
            "An answer begins with the correlation id, and tags in the flexible versions; that to ApiVersions never has "
                + "tags there, so that a client can read it before it knows what the broker speaks."),
        .text(
            "A frame longer than socket.request.max.bytes, one that cannot be read, and a request that is not served end "
                + "the connection, and the broker's log says why."),
    ]

    private static let versions: [ManualDocument.Block] = [
        .text(
            "Each request has versions of its own. A client first sends ApiVersions and learns the range that the broker "
                + "serves of each; it uses the highest that both know. ApiVersions in a version that the broker does not "
                + "know is answered in version 0 with UNSUPPORTED_VERSION and the same list."),
        .text(
            "From a version on, the flexible one, a message has compact strings and arrays and, at the end of each "
                + "structure, tagged fields, which a reader skips when it does not know them."),
    ]

    private static let types: [ManualDocument.Block] = [
        .text("Numbers are big-endian."),
        .table(
            ["type", "bytes", ""],
            [
                ["int8 int16 int32 int64", "1 2 4 8", "two's complement"],
                ["uint16 uint32", "2 4", ""],
                ["float64", "8", "IEEE 754"],
                ["boolean", "1", "0 is false"],
                ["uuid", "16", ""],
                ["varint varlong", "1-5 1-10", "7 bits a byte; zigzag: -1 is 1"],
                ["unsigned varint", "1-5", "7 bits a byte, the lowest first"],
                ["string", "2+n", "int16 length, -1 is null; UTF-8"],
                ["compact string", "1+n", "unsigned varint length + 1; 0 is null"],
                ["bytes records", "4+n", "int32 length; -1 is null"],
                ["array", "4+...", "int32 count; -1 is null"],
                ["compact array", "1+...", "unsigned varint count + 1; 0 is null"],
                ["tags", "1+...", "count; of each tag, size and value"],
            ]),
    ]

    private static let leaders: [ManualDocument.Block] = [
        .text(
            "Records are written to and read from the leader of a partition. A client knows one or more brokers, the "
                + "bootstrap servers, and asks any of them with Metadata. The answer lists the brokers with the addresses "
                + "at which clients reach them (advertised.listeners), the controller, and for each partition of the "
                + "topics that were asked about its leader, the leader's epoch, its replicas and those in sync."),
        .text(
            "What a client knows ages. A broker that is not the leader any more answers NOT_LEADER_OR_FOLLOWER, or "
                + "FENCED_LEADER_EPOCH when the client's epoch is older than its own; the client asks for the metadata "
                + "again and goes to the new leader. Newer versions of Produce and Fetch name that leader in the answer. "
                + "Requests that change the cluster go to the controller; those of a group or a transaction to its "
                + "coordinator, which FindCoordinator tells."),
    ]

    // swift-format-ignore
    private static let batches: [ManualDocument.Block] = [
        .text(
            "Records travel and are stored in batches; what the producer sent is what lies in the log and what consumers "
                + "get. The header of a batch has \(RecordBatchLayout.headerSize) bytes:"),
        .table(
            ["at", "field", "type", ""],
            [
                ["\(RecordBatchLayout.baseOffset)",           "baseOffset",           "int64",  "of the first record, by the broker"],
                ["\(RecordBatchLayout.batchLength)",          "batchLength",          "int32",  "bytes from the next field on"],
                ["\(RecordBatchLayout.partitionLeaderEpoch)", "partitionLeaderEpoch", "int32",  "epoch of the leader that took it"],
                ["\(RecordBatchLayout.magic)",                "magic",                "int8",   "2"],
                ["\(RecordBatchLayout.crc)",                  "crc",                  "uint32", "CRC-32C of all from the next field on"],
                ["\(RecordBatchLayout.attributes)",           "attributes",           "int16",  "see below"],
                ["\(RecordBatchLayout.lastOffsetDelta)",      "lastOffsetDelta",      "int32",  "last offset minus baseOffset"],
                ["\(RecordBatchLayout.baseTimestamp)",        "baseTimestamp",        "int64",  "of the first record"],
                ["\(RecordBatchLayout.maxTimestamp)",         "maxTimestamp",         "int64",  "the largest of all records"],
                ["\(RecordBatchLayout.producerID)",           "producerId",           "int64",  "-1 without idempotence"],
                ["\(RecordBatchLayout.producerEpoch)",        "producerEpoch",        "int16",  ""],
                ["\(RecordBatchLayout.baseSequence)",         "baseSequence",         "int32",  "of the first record"],
                ["\(RecordBatchLayout.recordCount)",          "records",              "int32",  "how many"],
            ]),
        .text("The bits of attributes:"),
        .table(
            ["mask", ""],
            [
                [hexadecimal(BatchAttributes.compressionMask), "codec, see COMPRESSION"],
                [hexadecimal(BatchAttributes.logAppendTime),   "maxTimestamp is when the broker took it, for all"],
                [hexadecimal(BatchAttributes.transactional),   "part of a transaction"],
                [hexadecimal(BatchAttributes.control),         "a marker of the broker, no record of a client"],
                [hexadecimal(BatchAttributes.deleteHorizon),   "baseTimestamp is when tombstones may go"],
            ]),
        .text(
            "The checksum leaves out the first fields, so that a broker sets offset and epoch without touching the rest. "
                + "Behind the header are the records, compressed together or not:"),
        .table(
            ["field", "type", ""],
            [
                ["length",         "varint",        "of what follows"],
                ["attributes",     "int8",          "unused"],
                ["timestampDelta", "varlong",       "to baseTimestamp"],
                ["offsetDelta",    "varint",        "to baseOffset"],
                ["key",            "varint, bytes", "length -1 is null"],
                ["value",          "varint, bytes", "length -1 is null, a tombstone"],
                ["headers",        "varint, ...",   "count; of each name and value, as above"],
            ]),
        .text(
            "Batches with magic 0 and 1, from before Kafka 0.11, are read from old logs; clients can send them no more "
                + "since Kafka 4."),
    ]

    private static func hexadecimal(_ mask: Int16) -> String {
        let digits = String(mask, radix: 16)
        return "0x" + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
    }

    private static let compression: [ManualDocument.Block] = [
        .text(
            "The producer compresses a batch as a whole, the broker keeps it as it is, the consumer unpacks it. The "
                + "broker unpacks only when the compression.type of the topic names another codec, or to look at keys "
                + "when the log is compacted; a batch in which nothing is to be changed stays as it was."),
        .table(
            ["bits", "codec", "level", "speed", "ratio"],
            [
                ["0", "none", "", "", ""],
                ["1", "gzip", "compression.gzip.level", "4th", "3rd"],
                ["2", "snappy", "", "2nd", "4th"],
                ["3", "lz4", "compression.lz4.level", "1st", "2nd"],
                ["4", "zstd", "compression.zstd.level", "3rd", "1st"],
            ]),
        .text(
            "What suits is best measured: on text such as JSON gzip comes second by its ratio and lz4 third. snappy takes "
                + "the most of the network, gzip the most of the processors. Larger batches compress better: a longer linger.ms helps. gzip, "
                + "snappy in the framing of its Java library, lz4 frames and zstd frames are what lies in a batch."),
    ]

    private static var requests: [ManualDocument.Block] {
        [
            .text(
                "All requests of the protocol: the number, the versions that exist, the first flexible one, and what this "
                    + "broker serves. What it does not serve it does not announce."),
            .table(
                ["key", "request", "versions", "flexible", "served"],
                APITable.rows.map { row in
                    [
                        String(row.key.rawValue), row.name, range(row.versions),
                        row.flexibleFrom.map { "\($0)+" } ?? "-", ServedAPIs.versions(of: row.key).map(range) ?? "-",
                    ]
                }),
        ]
    }

    private static func range(_ versions: ClosedRange<Int16>) -> String {
        versions.count == 1 ? "\(versions.lowerBound)" : "\(versions.lowerBound)-\(versions.upperBound)"
    }

    private static var errors: [ManualDocument.Block] {
        [
            .text(
                "Answers carry codes. With those marked as retriable a client may send the same again and hope: its "
                    + "metadata was old, a leader or coordinator moved, a replica lagged.")
        ]
            + ErrorCode.allCases.map { code in
                .term("\(code.rawValue) \(code.name)", code.message + (code.isRetriable ? " Retriable." : ""))
            }
    }
}
