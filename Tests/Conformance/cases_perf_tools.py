"""The tools that measure a cluster or prove that it keeps records: what they print, and what is really there."""

import json
import os
import re
import signal
import subprocess

from broker import Broker, executable
from case import case
from tool import tool

NUMBER = r"\d+\.\d"
INTERVAL = (
    rf"\d+ records sent, {NUMBER} records/sec \({NUMBER}\d MB/sec\), {NUMBER} ms avg latency, "
    rf"{NUMBER} ms max latency\.")
TOTAL = (
    rf"%d records sent, \d+\.\d{{6}} records/sec \({NUMBER}\d MB/sec\), {NUMBER}\d ms avg latency, "
    rf"{NUMBER}\d ms max latency, \d+ ms 50th, \d+ ms 95th, \d+ ms 99th, \d+ ms 99\.9th\.")
FIGURES = (
    "data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, "
    "fetch.nMsg.sec")
STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}"
ROW = r"(\d+\.\d{4}), \d+\.\d{4}, (\d+), \d+\.\d{4}, \d+, \d+, \d+\.\d{4}, \d+\.\d{4}"
PERCENTILES = r"Avg latency: \d+\.\d{4} ms\nPercentiles: 50th = \d+, 99th = \d+, 99\.9th = \d+\n"


def matches(pattern, text):
    found = re.fullmatch(pattern, text)
    assert found, f"{text!r} is not {pattern}"
    return found


def succeeds(outcome, told=""):
    """Its lines; it must have ended with 0 and told nothing else on stderr."""
    assert (outcome.code, outcome.err) == (0, told), outcome
    return outcome.out.splitlines()


def start(broker, name, *words):
    return subprocess.Popen(
        [executable(), name, "--bootstrap-server", broker.address, *words], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def values(broker, topic):
    return subprocess.run(
        ["kcat", "-b", broker.address, "-C", "-t", topic, "-e", "-q", "-o", "beginning"], capture_output=True,
        text=True, timeout=30, check=True).stdout.splitlines()


@case(60)
def producer_perf_test_prints_the_lines_of_kafka(t):
    with Broker(t.directory) as broker:
        perf = tool(broker, "producer-perf-test")
        with t.step("numbers, with a line at each interval"):
            lines = succeeds(perf(
                "--topic", "numbers", "--num-records", "600", "--payload-monotonic", "--throughput", "1000",
                "--reporting-interval", "150"))
            assert len(lines) > 2, lines
            for line in lines[:-1]:
                matches(INTERVAL, line)
            matches(TOTAL % 600, lines[-1])
            assert sum(int(line.split()[0]) for line in lines[:-1]) <= 600, lines
            assert values(broker, "numbers") == [str(number) for number in range(600)]
        with t.step("lines of a file"):
            path = os.path.join(t.directory, "payload")
            with open(path, "w") as file:
                file.write("one\ntwo\n")
            (line,) = succeeds(perf(
                "--topic", "lines", "--num-records", "50", "--payload-file", path, "--throughput", "-1"))
            matches(TOTAL % 50, line)
            found = values(broker, "lines")
            assert len(found) == 50 and set(found) == {"one", "two"}, found
        with t.step("the old spelling, with the server among the properties"):
            outcome = perf(
                "--topic", "old", "--num-records", "7", "--record-size", "10", "--throughput", "-1", "--producer-props",
                f"bootstrap.servers={broker.address}", "acks=1", server=False)
            (line,) = succeeds(
                outcome, "Option --producer-props has been deprecated and will be removed in a future version. Use "
                "--command-property instead.\n")
            matches(TOTAL % 7, line)
            assert [len(value) for value in values(broker, "old")] == [10] * 7
        with t.step("exactly one kind of payload, and a number for a number"):
            rest = ("--topic", "t", "--throughput", "-1")
            for words in (
                    ["--num-records", "1"], ["--num-records", "x", "--record-size", "1"],
                    ["--num-records", "1", "--record-size", "1", "--payload-monotonic"]):
                outcome = perf(*rest, *words)
                assert outcome.code == 1 and outcome.out == "" and outcome.err.startswith("usage: "), outcome
                assert "producer-perf-test: error: " in outcome.err, outcome


@case(60)
def consumer_perf_test_prints_the_rows_of_kafka(t):
    with Broker(t.directory, group_initial_rebalance_delay_ms=0) as broker:
        for topic, count in (("t", 3000), ("u", 20)):
            tool(broker, "producer-perf-test")(
                "--topic", topic, "--num-records", str(count), "--record-size", "100", "--throughput", "-1")
        perf = tool(broker, "consumer-perf-test")
        with t.step("a heading and a row"):
            heading, row = succeeds(perf("--topic", "t", "--num-records", "3000"))
            assert heading == "start.time, end.time, " + FIGURES
            found = matches(f"{STAMP}, {STAMP}, {ROW}", row)
            assert found.groups() == (f"{3000 * 100 / 1048576:.4f}", "3000"), row
        with t.step("the row alone, dated as told"):
            (row,) = succeeds(perf(
                "--topic", "t", "--num-records", "3000", "--hide-header", "--date-format", "yyyy/MM/dd"))
            matches(rf"\d{{4}}/\d\d/\d\d, \d{{4}}/\d\d/\d\d, {ROW}", row)
        with t.step("rows in between, of topics by a pattern"):
            heading, *rows = succeeds(perf(
                "--include", "t|u", "--num-records", "3020", "--show-detailed-stats", "--reporting-interval", "1"))
            assert heading == "time, threadId, " + FIGURES
            counts = [int(matches(rf"{STAMP}, \d+, {ROW}", row).group(2)) for row in rows]
            assert counts and counts == sorted(counts) and counts[-1] <= 3020, rows
        with t.step("fewer than expected"):
            outcome = perf("--topic", "u", "--num-records", "21", "--timeout", "300")
            assert outcome.code == 1 and outcome.err == (
                "WARNING: Exiting before consuming the expected number of records: timeout (300 ms) exceeded. You can "
                "use the --timeout option to increase the timeout.\n"), outcome
            heading, row = outcome.out.splitlines()
            assert matches(f"{STAMP}, {STAMP}, {ROW}", row).group(2) == "20", row
        with t.step("the client's own figures"):
            lines = succeeds(perf("--topic", "t", "--num-records", "100", "--print-metrics"))
            assert lines[2] == "" and re.fullmatch("Metric Name +Value", lines[3]), lines
            for line in lines[4:]:
                matches(r"[a-z-]+:[a-z-]+:\{[^}]*\} *: -?(\d+\.\d{3}|NaN)", line)
        with t.step("command lines"):
            perf("--num-records", "1").refuses("Exactly one of the following arguments is required: [topic], [include]")
            perf("--topic", "t").refuses('Missing required argument "[num-records]"')
            perf("--topic", "t", "--num-records", "1", "--messages", "1").refuses(
                "Options --num-records and --messages cannot be specified together.")


@case(60)
def verifiable_tools_end_orderly_when_told_to(t):
    with Broker(t.directory) as broker:
        for number in (signal.SIGINT, signal.SIGTERM):
            topic = number.name.lower()
            with t.step(f"producer, {number.name}"):
                producer = start(broker, "verifiable-producer", "--topic", topic, "--throughput", "100")
                first = [producer.stdout.readline() for _ in range(11)]
                producer.send_signal(number)
                out, err = producer.communicate(timeout=10)
                assert (producer.returncode, err) == (0, ""), (producer.returncode, err)
                rows = [json.loads(line) for line in [*first, *out.splitlines()]]
                assert all(isinstance(row["timestamp"], int) for row in rows), rows
                names = [row["name"] for row in rows]
                sent = names.count("producer_send_success")
                assert names == (
                    ["startup_complete"] + ["producer_send_success"] * sent + ["shutdown_complete", "tool_data"]), names
                end = rows[-1]
                assert (end["sent"], end["acked"], end["target_throughput"]) == (sent, sent, 100), end
                assert [row["offset"] for row in rows[1:-2]] == list(range(sent))
                assert values(broker, topic) == [str(each) for each in range(sent)]
            with t.step(f"consumer, {number.name}"):
                consumer = start(broker, "verifiable-consumer", "--topic", topic, "--group-id", "g", "--verbose")
                rows = [json.loads(consumer.stdout.readline())]
                while sum(row["name"] == "record_data" for row in rows) < sent:
                    rows.append(json.loads(consumer.stdout.readline()))
                consumer.send_signal(number)
                out, err = consumer.communicate(timeout=10)
                assert consumer.returncode == 0, (consumer.returncode, err)
                rows += [json.loads(line) for line in out.splitlines()]
                assert rows[0]["name"] == "startup_complete" and rows[-1]["name"] == "shutdown_complete", rows
                data = [row for row in rows if row["name"] == "record_data"]
                assert [(row["key"], row["value"], row["topic"], row["partition"], row["offset"]) for row in data] == [
                    (None, str(each), topic, 0, each) for each in range(sent)], data
                assigned = [row["partitions"] for row in rows if row["name"] == "partitions_assigned"]
                assert assigned == [[{"topic": topic, "partition": 0}]], assigned


@case(60)
def verifiable_consumer_counts_what_it_reads(t):
    with Broker(t.directory) as broker:
        tool(broker, "verifiable-producer")("--topic", "t", "--max-messages", "25")
        outcome = tool(broker, "verifiable-consumer")("--topic", "t", "--group-id", "g", "--max-messages", "25")
        assert outcome.code == 0, outcome
        rows = [json.loads(line) for line in outcome.out.splitlines()]
        consumed = [row for row in rows if row["name"] == "records_consumed"]
        assert sum(row["count"] for row in consumed) == 25, rows
        parts = [part for row in consumed for part in row["partitions"]]
        assert all(part["count"] == part["maxOffset"] - part["minOffset"] + 1 for part in parts), parts
        assert (parts[0]["minOffset"], parts[-1]["maxOffset"]) == (0, 24), parts
        assert rows[-1]["name"] == "shutdown_complete", rows


@case(60)
def e2e_latency_prints_what_kafka_prints(t):
    with Broker(t.directory) as broker:
        latency = tool(broker, "e2e-latency")
        row = r"\d+\.\d+(E-\d+)?"
        with t.step("a topic that is not there, and a line for every thousand"):
            lines = succeeds(latency(
                "--topic", "x", "--num-records", "1001", "--producer-acks", "all", "--record-size", "20"))
            assert lines[0] == (
                'Topic "x" does not exist. Will create topic with 1 partition(s) and replication factor = 1')
            matches(f"0\t{row}\n1000\t{row}\n{PERCENTILES}", "\n".join(lines[1:]) + "\n")
            found = values(broker, "x")
            assert len(found) == 1001 and all(len(value) == 20 for value in found)
        with t.step("keys and headers"):
            outcome = latency(
                "--topic", "x", "--num-records", "2", "--producer-acks", "1", "--record-size", "10",
                "--record-key-size", "4", "--record-header-key-size", "2", "--record-header-size", "3", "--num-headers",
                "2")
            matches(f"0\t{row}\n{PERCENTILES}", "\n".join(succeeds(outcome)) + "\n")
            last = subprocess.run(
                ["kcat", "-b", broker.address, "-C", "-t", "x", "-e", "-q", "-o", "-1", "-f", "%K %S %h"],
                capture_output=True, text=True, timeout=30, check=True).stdout
            matches(r"4 10 (..=...),(..=...)", last)
        with t.step("the words of old, in their order"):
            outcome = latency(broker.address, "y", "3", "1", "20", server=False)
            assert outcome.code == 0 and "deprecated" in outcome.err, outcome
            matches(rf'Topic "y" [^\n]*\n0\t{row}\n{PERCENTILES}', outcome.out)
            assert len(values(broker, "y")) == 3
        with t.step("without acknowledgement there is nothing to measure"):
            message = "Latency testing requires synchronous acknowledgement. Please use 1 or all"
            latency("--topic", "x", "--num-records", "1", "--producer-acks", "0", "--record-size", "1").refuses(message)
            latency(broker.address, "x", "1", "0", "1", server=False).refuses(message)
        with t.step("what is required"):
            latency("--topic", "x", "--num-records", "1", "--producer-acks", "1").refuses(
                'Missing required argument "[record-size]"')
