"""What the reference of Kafka's tools prints, wherever its text is fixed: mostly the words for what cannot be done."""

import hashlib
import os
import re
import subprocess

from broker import Broker, executable
from case import case
from tool import tool

LINES = 200_000


def says(name, outcome, line):
    """Ends with 1, prints nothing, and this is the first line it tells; the usage may follow."""
    assert outcome.code == 1 and outcome.out == "", outcome
    assert outcome.err.splitlines()[:1] == [line], f"{name}: {outcome}"


def check(t, broker, name, rows, prefix=""):
    run = tool(broker, name)
    for words, line in rows:
        with t.step(f"{name} {' '.join(words)}"):
            says(name, run(*words), prefix + line)


@case(60)
def the_admin_tools_refuse_in_the_words_of_kafka(t):
    with Broker(t.directory) as broker:
        topics = tool(broker, "topics")
        topics("--create", "--topic", "foo", "--partitions", "2").prints("Created topic foo.\n")
        create = ["--create", "--topic", "x"]
        check(t, broker, "topics", [
            ([*create, "--replication-factor", "0"], "The replication factor must be between 1 and 32767 inclusive"),
            ([*create, "--partitions", "0"], "The partitions must be greater than 0"),
            ([*create, "--config", "abc"],
             "requirement failed: Invalid topic config: all configs to be added must be in the format \"key=val\"."),
            ([*create, "--replica-assignment", "1:1"],
             "Partition replica lists may not contain duplicate entries: 1"),
            ([*create, "--replica-assignment", "1,1:2"], "Partition 1 has different replication factor: [1, 2]"),
        ], "Error while executing topic command : ")
        check(t, broker, "topics", [
            (["--describe", "--if-exists"], "--topic or --topic-id is required to describe a topic"),
            (["--alter", "--topic", "foo"], 'Missing required argument "[partitions]"'),
            ([*create, "--partitions", "1", "--replica-assignment", "1"],
             'Option "[replica-assignment]" can\'t be used with option "[partitions]"'),
        ])
        with t.step("topics by name and by id at once"):
            nobody = "AAAAAAAAAAAAAAAAAAAAAA"
            outcome = topics("--describe", "--if-exists", "--topic", "foo", "--topic-id", nobody)
            assert outcome.code == 0 and outcome.out.startswith("Topic: foo\t"), outcome
            assert outcome.err == (
                "Only topic id will be used when both --topic and --topic-id are specified and topicId is not "
                "Uuid.ZERO_UUID\n"), outcome
        with t.step("topics without those of the cluster itself"):
            topics("--list", "--exclude-internal").prints("foo\n")
        check(t, broker, "configs", [
            (["--describe", "--entity-type", "topics", "--entity-type", "users"],
             "Only 'users' and 'clients' entity types may be specified together"),
            (["--describe", "--topic", "foo", "--bootstrap-controller", broker.address],
             "Only one of --bootstrap-server or --bootstrap-controller can be specified"),
            (["--describe", "--entity-type", "brokers", "--entity-name", "x"],
             "The entity name for brokers must be a valid integer broker id, but it is: x"),
            (["--alter", "--entity-type", "ips", "--entity-name", "no.such.invalid", "--add-config",
              "connection_creation_rate=1"],
             "The entity name for ips must be a valid IP or resolvable host, but it is: no.such.invalid"),
            (["--alter", "--topic", "foo", "--add-config", "a=b", "--add-config-file", os.devnull],
             "Only one of --add-config or --add-config-file must be specified"),
            (["--alter", "--user", "u", "--add-config", "foo=1"],
             "Only quota and SCRAM credential configs can be added for 'users' using --bootstrap-server. Unexpected "
             "config names: foo"),
            (["--alter", "--user", "u", "--add-config", "producer_byte_rate=x"],
             "Cannot parse quota configuration value for producer_byte_rate: x"),
            (["--alter", "--user", "u", "--add-config", "SCRAM-SHA-256=[iterations=10,password=p]"],
             "Iterations 10 is less than the minimum 4096 required for SCRAM-SHA-256"),
        ])
        one_of = "One and only one of the following options is required: topic, all-topic-partitions, path-to-json-file"
        preferred = ["--election-type", "preferred"]
        check(t, broker, "leader-election", [
            (preferred, one_of),
            ([*preferred, "--all-topic-partitions", "--topic", "foo", "--partition", "0"], one_of),
            ([*preferred, "--all-topic-partitions", "--partition", "0"],
             "Option partition is only allowed if topic is used"),
        ])
        with t.step("leader-election with nothing that it requires"):
            says("leader-election", tool(broker, "leader-election")("--topic", "foo", "--partition", "0", server=False),
                 "Missing required option(s): bootstrap-server, election-type")
        check(t, broker, "log-dirs", [
            (["--describe", "--broker-list", "9"],
             "ERROR: The given brokers do not exist from --broker-list: 9. Current existent brokers: 1"),
        ])
        check(t, broker, "get-offsets", [
            (["--topic-partitions", "foo:0", "--topic", "foo"],
             "--topic-partitions cannot be used with --topic or --partitions"),
            (["--topic", "foo", "--partitions", "a"],
             "--partitions expects a comma separated list of numeric partition ids, but received: a"),
            (["--topic-partitions", "foo:a-b-c"], "Invalid rule specification: foo:a-b-c"),
        ], "Error occurred: ")


@case(60)
def the_console_tools_refuse_in_the_words_of_kafka(t):
    with Broker(t.directory) as broker:
        reader = "--reader-property"
        keys = ["--topic", "foo", reader, "parse.key=true"]
        check(t, broker, "console-producer", [
            ([], 'Missing required argument "[topic]"'),
            ([*keys, reader, "parse.headers=true", reader, "headers.delimiter=,"],
             "headers.delimiter and headers.separator may not be equal"),
            ([*keys, reader, "null.marker=,", reader, "key.separator=,"],
             "null.marker and key.separator may not be equal"),
            (["--topic", "foo", "--producer.config", os.devnull, "--command-config", os.devnull],
             "Options --command-config and --producer.config cannot be specified together."),
        ])
        with t.step("a list of servers that is none"):
            for name, prefix in (("console-producer", ""), ("get-offsets", "Error occurred: ")):
                for servers, text in (
                        ("nonsense", "Please provide valid host:port like host1:9091,host2:9092"),
                        ("", "Error while validating the bootstrap address")):
                    told = subprocess.run(
                        [executable(), name, "--topic", "t", "--bootstrap-server", servers],
                        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
                    assert told.returncode == 1 and told.stderr.startswith(prefix + text + "\n"), told
        foo = ["--topic", "foo"]
        first = [*foo, "--partition", "0"]
        one_of = "Exactly one of the following arguments is required: [topic], [include]"
        check(t, broker, "console-consumer", [
            ([], one_of),
            ([*foo, "--include", "foo"], one_of),
            (["--include", "foo", "--partition", "0"], "The topic is required when partition is specified."),
            ([*foo, "--offset", "1"], "The partition is required when offset is specified."),
            ([*first, "--offset", "1", "--from-beginning"],
             "Options from-beginning and offset cannot be specified together."),
            ([*first, "--group", "g"], "Options group and partition cannot be specified together."),
            ([*first, "--offset", "soon"],
             "The provided offset value 'soon' is incorrect. Valid values are 'earliest', 'latest', or a non-negative "
             "long."),
            ([*foo, "--from-beginning", "--command-property", "auto.offset.reset=latest"],
             "Can't simultaneously specify --from-beginning and 'auto.offset.reset=latest', please remove one option"),
            ([*foo, "--group", "a", "--command-property", "group.id=b"],
             "The group ids provided in different places (directly using '--group', via '--consumer-property', or via "
             "'--consumer.config') do not match. Detected group ids: 'a', 'b'"),
        ])


@case(60)
def the_cluster_tools_refuse_in_the_words_of_kafka(t):
    with Broker(t.directory) as broker:
        quorum = tool(broker, "metadata-quorum")
        check(t, broker, "metadata-quorum", [
            (["describe", "--status", "--replication"],
             "Only one of --status or --replication should be specified with describe sub-command"),
            (["describe"], "One of --status or --replication must be specified with describe sub-command"),
            (["describe", "--status", "--human-readable"],
             "The option --human-readable is only supported along with --replication"),
            (["add-controller"],
             "You must supply the configuration file of the controller you are adding when using add-controller."),
        ])
        with t.step("times for people"):
            outcome = quorum("describe", "--replication", "--human-readable")
            cells = outcome.out.splitlines()[1].split("\t")
            assert outcome.code == 0 and len(cells) == 8 and cells[-1] == "", outcome
            assert all(re.fullmatch(r"\d+ ms ago *", cell) for cell in cells[4:6]), outcome
        check(t, broker, "features", [
            (["upgrade"], "You must specify at least one feature to upgrade"),
            (["upgrade", "--release-version", "4.0", "--feature", "a=1"],
             "Can not specify `release-version` with other feature flags."),
            (["upgrade", "--feature", "abc"], "Can't parse feature=level string abc: equals sign not found."),
            (["upgrade", "--feature", "group.version=1", "--feature", "group.version=1"],
             "Feature group.version was specified more than once."),
        ])
        with t.step("a feature that could be disabled"):
            tool(broker, "features")("disable", "--feature", "group.version", "--dry-run").prints(
                "group.version can be disabled.\n")
        with t.step("endpoints of a controller are never fenced"):
            says("cluster", tool(broker, "cluster")(
                "list-endpoints", "--bootstrap-controller", broker.address, "--include-fenced-brokers", server=False),
                "The option --include-fenced-brokers is only supported with --bootstrap-server option")
        storage = tool(broker, "storage")
        path = os.path.join(t.directory, "storage.properties")
        with open(path, "w") as file:
            file.write(f"node.id=1\nlog.dirs={t.directory}/none\n")
        with t.step("storage that nobody was told how to format"):
            says("storage", storage("format", "-c", path, "-t", "MkU3OEVBNTcwNTJENDM2Qk", server=False), (
                "Because controller.quorum.voters is not set on this controller, you must specify one of the "
                "following: --standalone, --initial-controllers, or --no-initial-controllers."))
        with t.step("storage that is not there"):
            outcome = storage("info", "-c", path, server=False)
            assert outcome.code == 1 and f"  {t.directory}/none does not exist\n" in outcome.out, outcome


@case(60)
def records_are_printed_as_the_reference_prints_them(t):
    with Broker(t.directory) as broker:
        line = "h1:v1,h2:v2\tmykey\tmyvalue\n"
        produce = [
            executable(), "console-producer", "--bootstrap-server", broker.address, "--topic", "t", "--timestamp",
            "1700000000000", "--reader-property", "parse.key=true", "--reader-property", "parse.headers=true"]
        subprocess.run(produce, input=line, text=True, check=True, timeout=30)
        consume = tool(broker, "console-consumer")
        one = ("--topic", "t", "--from-beginning", "--max-messages", "1")
        with t.step("with a time, a key and a separator"):
            words = [f"print.{name}=true" for name in ("timestamp", "partition", "offset", "headers", "key")]
            words += ["key.separator=|", "headers.separator=;", "line.separator=."]
            outcome = consume(*one, *[word for each in words for word in ("--formatter-property", each)])
            assert outcome.out == "CreateTime:1700000000000|Partition:0|Offset:0|h1:v1;h2:v2|mykey|myvalue.", outcome
            assert (outcome.code, outcome.err) == (0, "Processed a total of 1 messages\n"), outcome
        with t.step("under the name that properties had"):
            outcome = consume(*one, "--property", "print.key=true")
            assert (outcome.code, outcome.out) == (0, "mykey\tmyvalue\n"), outcome
            assert outcome.err == (
                "Option --property is deprecated and will be removed in a future version. Use --formatter-property "
                "instead.\nProcessed a total of 1 messages\n"), outcome
        with t.step("by a formatter that prints nothing"):
            outcome = consume(*one, "--formatter", "org.apache.kafka.tools.consumer.NoOpMessageFormatter")
            assert (outcome.code, outcome.out) == (0, ""), outcome
        log, index = (os.path.join(broker.partition("t"), "0" * 20 + end) for end in (".log", ".index"))
        size = os.path.getsize(log)
        with t.step("in the file, batch by batch"):
            outcome = tool(broker, "dump-log")("--files", f"{log},{index}", "--print-data-log", server=False)
            assert (outcome.code, outcome.err) == (0, ""), outcome
            # The only numbers that are not the same in every run.
            text = re.sub(r"producerId: \d+", "producerId: ID", re.sub(r"crc: \d+", "crc: CRC", outcome.out))
            assert text == (
                f"Dumping {log}\nLog starting offset: 0\n"
                "baseOffset: 0 lastOffset: 0 count: 1 baseSequence: 0 lastSequence: 0 producerId: ID producerEpoch: 0 "
                "partitionLeaderEpoch: 0 isTransactional: false isControl: false deleteHorizonMs: OptionalLong.empty "
                f"position: 0 CreateTime: 1700000000000 size: {size} magic: 2 compresscodec: none crc: CRC isvalid: "
                "true\n"
                "| offset: 0 CreateTime: 1700000000000 keySize: 5 valueSize: 7 sequence: 0 headerKeys: [h1,h2] key: "
                "mykey payload: myvalue\n"
                f"Dumping {index}\n{index} is empty.\n"), text
        with t.step("and in the directories of the broker"):
            tool(broker, "log-dirs")("--describe", "--topic-list", "t").prints(
                "Querying brokers for log directories information\n"
                "Received log directory information from brokers 1\n"
                '{"version":1,"brokers":[{"broker":1,"logDirs":[{"partitions":[{"partition":"t-0","size":%d,'
                '"offsetLag":0,"isFuture":false}],"error":null,"logDir":"%s"}]}]}\n' % (size, broker.data))


@case(60)
def lines_go_through_both_console_tools_unchanged(t):
    with Broker(t.directory) as broker:
        text = b"".join(b"%d a line of the pipe\n" % number for number in range(LINES))
        where = ("--bootstrap-server", broker.address, "--topic", "t")
        produced = subprocess.run(
            [executable(), "console-producer", *where], input=text, capture_output=True, timeout=40)
        assert (produced.returncode, produced.stdout, produced.stderr) == (0, b"", b""), produced.stderr[-500:]
        consumed = subprocess.run(
            [executable(), "console-consumer", *where, "--from-beginning", "--max-messages", str(LINES)],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=40)
        assert (consumed.returncode, consumed.stderr) == (0, b"Processed a total of %d messages\n" % LINES), (
            consumed.stderr[-500:])
        assert hashlib.sha256(consumed.stdout).hexdigest() == hashlib.sha256(text).hexdigest()
