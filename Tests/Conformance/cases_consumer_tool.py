"""What `console-consumer` prints of what real clients wrote, and how it ends."""

import base64
import json
import os
import signal
import subprocess
import sys
import time

import clients
from broker import ROOT, Broker, executable
from case import case

COUNT = 2000
SECONDS = 60
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clients.py")
FIXTURES = os.path.join(ROOT, "Tests", "BrokerTests", "Fixtures")


def command(broker, *words):
    return [executable(), "console-consumer", "--bootstrap-server", broker.address, *words]


def consume(broker, *words, code=0):
    """What it prints; it must end by itself with this code."""
    done = subprocess.run(
        command(broker, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        timeout=SECONDS)
    assert done.returncode == code, (words, done.returncode, done.stdout[-500:], done.stderr[-1000:])
    return done.stdout, done.stderr.decode()


def start(broker, *words):
    return subprocess.Popen(
        command(broker, *words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def produce(broker, topic, lines, *words):
    """Through kcat, a line a record."""
    subprocess.run(
        ["kcat", "-b", broker.address, "-P", "-t", topic, *words], input="".join(f"{line}\n" for line in lines),
        text=True, check=True, timeout=SECONDS)


def content(row, name):
    """The bytes of a member, however JSON has them."""
    if name + "Base64" in row:
        return base64.b64decode(row[name + "Base64"])
    return None if row[name] is None else row[name].encode()


def plain(row):
    headers = [(content(header, "key").decode(), content(header, "value")) for header in row["headers"]]
    return content(row, "key"), content(row, "value"), headers, row["timestamp"]


@case(240)
def console_consumer_reads_what_every_client_wrote(t):
    with Broker(t.directory) as broker:
        for name in clients.CLIENTS:
            for codec in clients.CODECS:
                topic = f"{name}-{codec}"
                with broker.connect() as connection:
                    assert connection.create_topic(topic) == 0, topic
                subprocess.run(
                    [sys.executable, SCRIPT, name, "write", broker.address, topic, codec, str(COUNT)], check=True,
                    timeout=SECONDS)
                with t.step(f"the records of {name} with {codec}"):
                    words = ("--topic", topic, "--from-beginning", "--exit-at-end", "--output", "jsonl")
                    out, err = consume(broker, *words)
                    rows = [json.loads(line) for line in out.splitlines()]
                    assert [row["offset"] for row in rows] == list(range(COUNT)), len(rows)
                    for number, row in enumerate(rows):
                        assert plain(row) == clients.record(number), (number, row)
                    assert err == f"Processed a total of {COUNT} messages\n", err


@case(60)
def console_consumer_prints_the_columns_of_kafka(t):
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t") == 0
        produce(broker, "t", ["k1:v1"], "-K:", "-H", "h1=x", "-H", "h2=y")
        produce(broker, "t", ["v2"])
        produce(broker, "t", ["k3:"], "-K:", "-Z")
        everything = [f"print.{name}=true" for name in ("partition", "offset", "epoch", "delivery", "headers", "key")]
        words = [word for name in everything for word in ("--formatter-property", name)]
        with t.step("all columns"):
            out, _ = consume(broker, "--topic", "t", "--from-beginning", "--max-messages", "3", *words)
            assert out.decode() == (
                "Partition:0\tOffset:0\tDelivery:NOT_PRESENT\tEpoch:0\th1:x,h2:y\tk1\tv1\n"
                "Partition:0\tOffset:1\tDelivery:NOT_PRESENT\tEpoch:0\tNO_HEADERS\tnull\tv2\n"
                "Partition:0\tOffset:2\tDelivery:NOT_PRESENT\tEpoch:0\tNO_HEADERS\tk3\tnull\n"), out
        with t.step("one partition, from an offset on, up to another"):
            out, _ = consume(broker, "--topic", "t", "--partition", "0", "--offset", "1", "--to-offset", "2")
            assert out == b"v2\n", out
        with t.step("a format, a key, a pattern, the newest"):
            out, _ = consume(
                broker, "--topic", "t", "--from-beginning", "--exit-at-end", "--format",
                "%t-%p@{offset} {key}=%s|", "--key", "k1")
            assert out == b"t-0@0 k1=v1|", out
            out, _ = consume(broker, "--topic", "t", "--from-beginning", "--exit-at-end", "--grep", "^v[0-9]$")
            assert out == b"v1\nv2\n", out
            out, _ = consume(broker, "--topic", "t", "--tail", "2", "--exit-at-end")
            assert out == b"v2\nnull\n", out
        with t.step("topics by pattern"):
            out, _ = consume(broker, "--include", "t|none.*", "--from-beginning", "--max-messages", "1")
            assert out == b"v1\n", out


@case(60)
def console_consumer_ends_as_it_should(t):
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t") == 0
        produce(broker, "t", range(1000))
        with t.step("when nothing comes for so long"):
            out, err = consume(broker, "--topic", "t", "--from-beginning", "--timeout-ms", "300", code=1)
            assert out.decode().split() == [str(number) for number in range(1000)]
            assert "org.apache.kafka.common.errors.TimeoutException\nProcessed a total of 1000 messages\n" in err, err
        with t.step("on SIGINT and SIGTERM, waiting for records"):
            for number in (signal.SIGINT, signal.SIGTERM):
                process = start(broker, "--topic", "t", "--from-beginning")
                seen = [process.stdout.readline() for _ in range(1000)]
                assert seen[-1] == b"999\n"
                process.send_signal(number)
                _, err = process.communicate(timeout=5)
                assert (process.returncode, err) == (0, b"Processed a total of 1000 messages\n"), err
        with t.step("when nobody reads any more, at once and without a word, even while it waits"):
            process = start(broker, "--topic", "t", "--from-beginning")
            for _ in range(1000):
                process.stdout.readline()
            process.stdout.close()
            assert process.wait(5) == 0
            assert process.stderr.read() == b""
        with t.step("after a head"):
            line = " ".join(command(broker, "--topic", "t", "--from-beginning"))
            done = subprocess.run(
                ["bash", "-c", f"set -o pipefail; {line} | head -1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                timeout=10)
            assert (done.returncode, done.stdout, done.stderr) == (0, b"0\n", b""), done


@case(120)
def console_consumer_outlives_a_restart_of_the_broker(t):
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t") == 0
        process = start(broker, "--topic", "t", "--from-beginning", "--max-messages", "6000")
        produce(broker, "t", range(0, 2000))
        broker.restart()
        produce(broker, "t", range(2000, 4000))
        broker.restart("kill")
        produce(broker, "t", range(4000, 6000))
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        with t.step("nothing is lost and nothing comes twice"):
            assert out.decode().split() == [str(number) for number in range(6000)], len(out.split())


@case(60)
def console_consumer_goes_on_where_a_log_begins_anew(t):
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t") == 0
        produce(broker, "t", range(100))
        file = os.path.join(t.directory, "delete.json")
        with open(file, "w") as text:
            json.dump({"partitions": [{"topic": "t", "partition": 0, "offset": 60}], "version": 1}, text)
        subprocess.run(
            [executable(), "delete-records", "--bootstrap-server", broker.address, "--offset-json-file", file],
            check=True, stdout=subprocess.DEVNULL, timeout=SECONDS)
        words = ("--topic", "t", "--partition", "0", "--offset", "10", "--max-messages", "40")
        with t.step("with auto.offset.reset=earliest"):
            out, err = consume(broker, *words, "--command-property", "auto.offset.reset=earliest")
            assert out.decode().split() == [str(number) for number in range(60, 100)]
            assert "Fetch position 10 is out of range for partition t-0, resetting offset" in err, err
        with t.step("with none it ends and says why"):
            _, err = consume(broker, *words, "--command-property", "auto.offset.reset=none", code=1)
            assert "Fetch position 10 is out of range for partition t-0" in err, err


def visible():
    """What Kafka's consumer of committed records saw, by partition (see ORIGIN in the fixtures)."""
    text = subprocess.run(
        ["tar", "-xJOf", os.path.join(FIXTURES, "visible.tar.xz"), "visible.txt"], stdout=subprocess.PIPE, check=True,
        text=True).stdout

    def part(word):
        return None if word == "-" else bytes.fromhex(word[1:])

    partitions = {}
    for line in text.splitlines():
        name, offset, timestamp, key, value, *headers = line.split(" ")
        pairs = [header.split("=") for header in headers]
        record = (part(key), part(value), [(part(name).decode(), part(text)) for name, text in pairs], int(timestamp))
        partitions.setdefault(name, []).append((int(offset), record))
    return partitions


@case(60)
def console_consumer_sees_the_committed_records_of_a_directory_of_kafka(t):
    os.makedirs(os.path.join(t.directory, "kafka"))
    subprocess.run(
        ["tar", "-C", os.path.join(t.directory, "kafka"), "-xJf", os.path.join(FIXTURES, "kafka-3.9-node.tar.xz")],
        check=True)
    broker = Broker(t.directory)
    broker.settings["log.dirs"] = os.path.join(t.directory, "kafka", "kraft")
    with broker:
        for name, records in visible().items():
            topic, _, partition = name.rpartition("-")
            with t.step(name):
                out, _ = consume(
                    broker, "--topic", topic, "--partition", partition, "--from-beginning", "--exit-at-end",
                    "--isolation-level", "read_committed", "--output", "jsonl")
                rows = [json.loads(line) for line in out.splitlines()]
                assert [(row["offset"], plain(row)) for row in rows] == records
        with t.step("committed offsets, through Kafka's formatter"):
            out, _ = consume(
                broker, "--topic", "__consumer_offsets", "--from-beginning", "--exit-at-end", "--formatter",
                "org.apache.kafka.tools.consumer.OffsetsMessageFormatter", "--command-property",
                "exclude.internal.topics=false")
            text = out.decode()
            decoder = json.JSONDecoder()
            count = 0
            while text:
                row, end = decoder.raw_decode(text)
                assert row["key"]["type"] in (0, 1) and "group" in row["key"]["data"], row
                text = text[end:]
                count += 1
            assert count > 0
        with t.step("transactions, likewise"):
            out, _ = consume(
                broker, "--topic", "__transaction_state", "--from-beginning", "--exit-at-end", "--formatter",
                "kafka.coordinator.transaction.TransactionLog$TransactionLogMessageFormatter")
            assert b'{"key":{"type":0,"data":{"transactionalId":' in out, out[:200]
