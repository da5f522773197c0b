"""What console-producer and its like send, read back by other clients."""

import hashlib
import json
import os
import pty
import signal
import struct
import subprocess
import time

from broker import Broker, executable, wait_until
from case import case

LINES = 1_000_000


def tool(broker, *words, stdin=b"", expect=0, seconds=120):
    """Runs a command against the broker; returns what it printed and what it told."""
    done = subprocess.run(
        [executable(), words[0], "--bootstrap-server", broker.address, *words[1:]], input=stdin, capture_output=True,
        timeout=seconds)
    assert done.returncode == expect, (done.returncode, done.stderr[-500:])
    return done.stdout, done.stderr


def kcat(broker, topic, *words):
    """The values of a topic, a line each, as kcat reads them."""
    return subprocess.run(
        ["kcat", "-b", broker.address, "-C", "-t", topic, "-e", "-q", "-o", "beginning", *words], capture_output=True,
        timeout=120, check=True).stdout


def records(broker, topic):
    """Key, value and headers of each record, as kafka-python reads them."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(
        bootstrap_servers=broker.address, auto_offset_reset="earliest", consumer_timeout_ms=2000,
        enable_auto_commit=False)
    parts = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(parts)
    ends = consumer.end_offsets(parts)
    found = []
    while any(consumer.position(part) < ends[part] for part in parts):
        for batch in consumer.poll(1000).values():
            found += [(record.key, record.value, record.headers) for record in batch]
    consumer.close()
    return found


@case(120)
def console_producer_sends_with_every_codec(t):
    lines = b"".join(b"line %d of many\n" % number for number in range(5000))
    with Broker(t.directory) as broker:
        for codec in ["none", "gzip", "snappy", "lz4", "zstd"]:
            with t.step(codec):
                tool(broker, "console-producer", "--topic", codec, "--compression-codec", codec, stdin=lines)
                assert kcat(broker, codec) == lines
                assert b"".join(value + b"\n" for _, value, _ in records(broker, codec)) == lines


@case(90)
def console_producer_takes_lines_apart(t):
    with Broker(t.directory) as broker:
        with t.step("keys, headers and nulls"):
            tool(
                broker, "console-producer", "--topic", "t", "--reader-property", "parse.key=true", "--reader-property",
                "parse.headers=true", "--reader-property", "null.marker=NIL",
                stdin=b"h:1,i:2\tk\tv\r\nNIL\tNIL\tw\nh:NIL\tx\tNIL\n\xc3\xa9:\t\t")
            assert records(broker, "t") == [
                (b"k", b"v", [("h", b"1"), ("i", b"2")]), (None, b"w", []), (b"x", None, [("h", None)]),
                (b"", b"", [("é", b"")])]
        with t.step("what is one for all"):
            tool(
                broker, "console-producer", "--topic", "u", "--key", "k", "--header", "a=b", "--header", "c=",
                "--partition", "0", "--timestamp", "1700000000000", "--record-separator", "\\0", stdin=b"a\nb\0c")
            assert records(broker, "u") == [
                (b"k", b"a\nb", [("a", b"b"), ("c", b"")]), (b"k", b"c", [("a", b"b"), ("c", b"")])]
            assert kcat(broker, "u", "-f", "%T\n") == b"1700000000000\n" * 2
        with t.step("bytes in other dress"):
            tool(broker, "console-producer", "--topic", "x", "--input", "hex", stdin=b"00ff\n0a0d\n")
            tool(broker, "console-producer", "--topic", "x", "--input", "base64", stdin=b"/w==\n")
            frames = struct.pack(">I", 3) + b"\n\0\xff" + struct.pack(">I", 0)
            tool(broker, "console-producer", "--topic", "x", "--input", "binary", stdin=frames)
            path = os.path.join(t.directory, "file")
            with open(path, "wb") as file:
                file.write(bytes(range(256)))
            tool(broker, "console-producer", "--topic", "x", "--file", path)
            tool(broker, "console-producer", "--topic", "x", "--tombstone", stdin=b"gone\n")
            assert records(broker, "x") == [
                (None, b"\0\xff", []), (None, b"\n\r", []), (None, b"\xff", []), (None, b"\n\0\xff", []),
                (None, b"", []), (None, bytes(range(256)), []), (b"gone", None, [])]
        with t.step("a line that is no record ends it, and those before it are there"):
            _, told = tool(
                broker, "console-producer", "--topic", "e", "--reader-property", "parse.key=true", stdin=b"a\tb\nc\n",
                expect=1)
            assert b"No key separator found on line number 2: 'c'" in told, told
            assert records(broker, "e") == [(b"a", b"b", [])]
        with t.step("one at a time, quickly"):
            start = time.monotonic()
            tool(broker, "console-producer", "--topic", "s", "--sync", stdin=b"x\n" * 50)
            assert time.monotonic() - start < 10
            assert len(records(broker, "s")) == 50
        with t.step("without acknowledgement"):
            tool(
                broker, "console-producer", "--topic", "z", "--request-required-acks", "0", stdin=b"x\n" * 5000)
            wait_until(lambda: kcat(broker, "z") == b"x\n" * 5000, "all records are there")


@case(240)
def a_million_lines_come_back_as_they_were(t):
    with Broker(t.directory) as broker:
        producer = subprocess.Popen(
            [executable(), "console-producer", "--bootstrap-server", broker.address, "--topic", "t"],
            stdin=subprocess.PIPE)
        digest = hashlib.sha256()
        peak = 0
        for start in range(0, LINES, 10_000):
            block = b"".join(b"%d\n" % number for number in range(start, start + 10_000))
            digest.update(block)
            producer.stdin.write(block)
            with open(f"/proc/{producer.pid}/statm") as file:
                peak = max(peak, int(file.read().split()[1]) * 4096)
        producer.stdin.close()
        assert producer.wait(120) == 0
        assert peak < 120 << 20, peak
        assert hashlib.sha256(kcat(broker, "t")).hexdigest() == digest.hexdigest()


@case(150)
def nothing_is_lost_or_doubled_when_the_broker_is_killed(t):
    with Broker(t.directory) as broker:
        producer = subprocess.Popen(
            [executable(), "console-producer", "--bootstrap-server", broker.address, "--topic", "t"],
            stdin=subprocess.PIPE)
        for start in range(0, 400_000, 10_000):
            producer.stdin.write(b"".join(b"%d\n" % number for number in range(start, start + 10_000)))
            if start in (100_000, 200_000, 300_000):
                broker.restart("kill")
        producer.stdin.close()
        assert producer.wait(100) == 0
        assert kcat(broker, "t") == b"".join(b"%d\n" % number for number in range(400_000))


@case(90)
def ctrl_c_sends_what_was_read(t):
    with Broker(t.directory) as broker:
        with t.step("in a pipe"):
            producer = subprocess.Popen(
                [executable(), "console-producer", "--bootstrap-server", broker.address, "--topic", "t", "--timeout",
                 "60000"], stdin=subprocess.PIPE)
            producer.stdin.write(b"a\nb\n")
            producer.stdin.flush()
            # The topic comes into being when the first record is taken.
            wait_until(lambda: os.path.exists(broker.partition("t")), "the topic is there")
            time.sleep(0.5)
            producer.send_signal(signal.SIGINT)
            assert producer.wait(20) == 130
            assert kcat(broker, "t") == b"a\nb\n"
        with t.step("at a terminal"):
            main, terminal = pty.openpty()
            producer = subprocess.Popen(
                [executable(), "console-producer", "--bootstrap-server", broker.address, "--topic", "p"],
                stdin=terminal, stdout=subprocess.PIPE)
            os.write(main, b"hello\n")
            wait_until(lambda: os.path.exists(broker.partition("p")), "the topic is there")
            time.sleep(0.5)
            producer.send_signal(signal.SIGINT)
            assert producer.wait(20) == 0
            assert producer.stdout.read() == b">>"
            assert kcat(broker, "p") == b"hello\n"
            os.close(main)
            os.close(terminal)


@case(90)
def what_cannot_be_sent_is_kept(t):
    letters = os.path.join(t.directory, "letters")
    with Broker(t.directory, message_max_bytes=2000) as broker:
        lines = b"short\n" + b"x" * 5000 + b"\nend\n"
        _, told = tool(broker, "console-producer", "--topic", "t", "--dead-letter", letters, stdin=lines, expect=1)
        assert b"Error when sending message to topic t with key: null, value: 5000 bytes with error:" in told, told
        assert b"1 of 3 records were not sent" in told, told
        assert kcat(broker, "t") == b"short\nend\n"
    with Broker(os.path.join(t.directory, "large")) as broker:
        with open(letters, "rb") as file:
            tool(broker, "console-producer", "--topic", "t", "--input", "json", stdin=file.read())
        assert kcat(broker, "t") == b"x" * 5000 + b"\n"


@case(90)
def a_topic_that_cannot_be_is_told(t):
    with Broker(t.directory, auto_create_topics_enable="false") as broker:
        _, told = tool(
            broker, "console-producer", "--topic", "no", "--max-block-ms", "500", stdin=b"x\n", expect=1)
        assert b"Topic no not present in metadata after 500 ms." in told, told


@case(90)
def verifiable_producer_tells_of_each_record(t):
    with Broker(t.directory) as broker:
        printed, _ = tool(
            broker, "verifiable-producer", "--topic", "t", "--max-messages", "20", "--repeating-keys", "3",
            "--value-prefix", "7", "--throughput", "1000")
        lines = [json.loads(line) for line in printed.splitlines()]
        assert [line["name"] for line in lines] == (
            ["startup_complete"] + ["producer_send_success"] * 20 + ["shutdown_complete", "tool_data"])
        assert [line["value"] for line in lines[1:21]] == [f"7.{number}" for number in range(20)]
        assert lines[1]["key"] == "0" and lines[1]["offset"] == 0 and lines[1]["partition"] == 0
        assert lines[-1]["sent"] == lines[-1]["acked"] == 20
        assert kcat(broker, "t", "-f", "%k\n") == b"".join(b"%d\n" % (number % 3) for number in range(20))


@case(90)
def producer_perf_test_counts_what_arrives(t):
    with Broker(t.directory) as broker:
        printed, _ = tool(
            broker, "producer-perf-test", "--topic", "t", "--num-records", "3000", "--record-size", "100",
            "--throughput", "2000", "--reporting-interval", "500", "--warmup-records", "1000", "--print-metrics",
            "--command-property", "acks=all", "linger.ms=1")
        lines = printed.decode().splitlines()
        assert lines[-1].startswith("producer-metrics:response-total:{client-id=perf-producer-client}"), lines[-1]
        totals = [line for line in lines if "99.9th" in line]
        assert totals[0].startswith("3000 records sent, ") and totals[1].startswith("2000 steady state records sent, ")
        rate = float(totals[0].split()[3])
        assert 1800 < rate < 2050, rate
        values = kcat(broker, "t").splitlines()
        assert len(values) == 3000 and all(len(value) == 100 and value.isupper() for value in values)
