"""Faults that users of the tools met, each under the name of what went wrong."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import time

from broker import Broker, executable, free_port
from case import case


def run(*words, seconds=20, stdin="", **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SKAFKA_")}
    return subprocess.run(
        [executable(), *words], input=stdin, capture_output=True, text=True, timeout=seconds,
        env={**environment, **variables})


@case(90)
def faults_of_the_console_consumer(t):
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            connection.create_topic("empty", 2)
            connection.create_topic("filled", 2)
        where = ["--bootstrap-server", broker.address]
        for partition in ("0", "1"):
            sent = run("console-producer", *where, "--topic", "filled", "--partition", partition, stdin="a\nb\nc\n")
            assert sent.returncode == 0, sent

        def consume(*words):
            return run("console-consumer", *where, *words)

        for count in (1, 2, 5):
            with t.step(f"the last {count} as JSON are a list of JSON"):
                told = consume("--topic", "filled", "--tail", str(count), "--exit-at-end", "--output", "json")
                assert told.returncode == 0 and len(json.loads(told.stdout)) == count, told
        for words in ([], ["--from-beginning"], ["--tail", "3"]):
            with t.step(" ".join(["an empty topic is at its end", *words])):
                told = consume("--topic", "empty", "--exit-at-end", *words)
                assert told.returncode == 0 and told.stdout == "", told
        with t.step("a partition that does not exist is named at once"):
            began = time.monotonic()
            told = consume("--topic", "filled", "--partition", "9", "--exit-at-end")
            assert time.monotonic() - began < 10 and told.returncode == 1, told
            assert "topic 'filled' has no partition 9: it has 2, from 0 on" in told.stderr, told


@case(60)
def a_cluster_named_by_the_environment_is_enough(t):
    with Broker(t.directory) as broker:
        for name in ("get-offsets", "broker-api-versions"):
            with t.step(name):
                with broker.connect() as connection:
                    connection.create_topic(f"of-{name}", 1)
                told = run(name, SKAFKA_BOOTSTRAP_SERVER=broker.address)
                assert told.returncode == 0 and told.stdout, told
                assert run(name).returncode == 1


@case(60)
def the_broker_list_of_old_and_the_id_for_programs(t):
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            connection.create_topic("t", 1)
        for name, *words in (
                ("console-producer", "--topic", "t"), ("get-offsets", "--topic", "t"),
                ("consumer-perf-test", "--topic", "t", "--num-records", "1")):
            with t.step(f"{name} --broker-list"):
                told = run(name, "--broker-list", broker.address, *words, stdin="x\n")
                assert told.returncode == 0 and "--broker-list is deprecated" in told.stderr, told
        with t.step("cluster-id --output json"):
            told = run("cluster", "cluster-id", "--bootstrap-server", broker.address, "--output", "json")
            assert told.returncode == 0 and list(json.loads(told.stdout)[0]) == ["clusterId"], told


@case(60)
def an_interrupted_producer_does_not_wait_for_nobody(t):
    nobody = f"127.0.0.1:{free_port()}"
    for number in (signal.SIGINT, signal.SIGTERM):
        for words in (
                ["console-producer", "--topic", "t"],
                ["producer-perf-test", "--topic", "t", "--num-records", "10", "--record-size", "10",
                 "--throughput", "-1"],
                ["verifiable-producer", "--topic", "t", "--max-messages", "10"]):
            with t.step(f"{words[0]}, {number.name}"):
                process = subprocess.Popen(
                    [executable(), *words, "--bootstrap-server", nobody], stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                process.stdin.write("x\n" * 10)
                process.stdin.close()
                process.stdin = None
                # Its threads are there when it is about to send.
                deadline = time.monotonic() + 10
                while len(os.listdir(f"/proc/{process.pid}/task")) < 2 and time.monotonic() < deadline:
                    time.sleep(0.01)
                process.send_signal(number)
                out, err = process.communicate(timeout=15)
                assert process.returncode == 130 and "interrupted" in err, (process.returncode, out, err)


class Silence:
    """A server that accepts and never answers."""

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        return self

    def __exit__(self, *_):
        self.socket.close()


def interrupted(*words, after, until=None):
    """Ends a tool with Ctrl-C once it has told `until`, or after so many seconds."""
    process = subprocess.Popen(
        [executable(), *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        told = ""
        if until:
            while until not in told:
                line = process.stderr.readline()
                assert line, told
                told += line
        else:
            # It waits for the server when both of its threads wait.
            deadline = time.monotonic() + after
            while time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out, told + err


@case(90)
def an_interrupted_tool_dies_without_a_word(t):
    with Silence() as silence:
        server = ["--bootstrap-server", silence.address]
        waits = f"skafka: interrupted while waiting for {silence.address} to answer ApiVersions\n"
        for words in (
                ["topics", *server, "--list"], ["topics", *server, "--create", "--topic", "t"],
                ["configs", *server, "--describe", "--topic", "t"], ["get-offsets", *server],
                ["log-dirs", *server, "--describe"], ["broker-api-versions", *server], ["features", *server, "describe"],
                ["metadata-quorum", *server, "describe", "--status"], ["doctor", *server],
                ["cluster", "cluster-id", *server], ["console-consumer", *server, "--topic", "t", "--tail", "1"],
                ["leader-election", *server, "--election-type", "preferred", "--all-topic-partitions"],
                ["e2e-latency", *server, "--topic", "t", "--num-records", "1", "--producer-acks", "1",
                 "--record-size", "1"],
                ["replica-verification", "--broker-list", silence.address]):
            with t.step(words[0]):
                assert interrupted(*words, after=0.3) == (130, "", waits), words
        with t.step("a consumer in the middle of its measuring"):
            code, _, told = interrupted(
                "consumer-perf-test", *server, "--topic", "t", "--num-records", "7", after=0.3)
            assert (code, told) == (130, "skafka: interrupted: 0 of 7 records were read\n"), told
        with t.step("whoever waits for long is told for whom"):
            code, out, told = interrupted("topics", *server, "--list", after=10, until="still waiting")
            assert (code, out) == (130, ""), (code, out)
            assert told == f"skafka: still waiting for {silence.address} to answer ApiVersions\n" + waits, told
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            connection.create_topic("t", 1)
        with t.step("e2e-latency tells how far it was"):
            process = subprocess.Popen(
                [executable(), "e2e-latency", "--bootstrap-server", broker.address, "--topic", "t", "--num-records",
                 "100000000", "--producer-acks", "1", "--record-size", "1"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            assert process.stdout.readline().startswith("0\t")
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=10)
            assert process.returncode == 130, process
            assert re.fullmatch(r"skafka: interrupted: \d+ of 100000000 records were measured\n", told), told


@case(30)
def a_silent_server_is_given_up_in_the_time_that_was_set(t):
    path = os.path.join(t.directory, "client.properties")
    with open(path, "w", encoding="utf-8") as file:
        file.write("request.timeout.ms=500\ndefault.api.timeout.ms=1200\n")
    with Silence() as silence:
        began = time.monotonic()
        told = run("topics", "--bootstrap-server", silence.address, "--command-config", path, "--list")
        took = time.monotonic() - began
        assert told.returncode == 1 and 1.0 < took < 5, (told, took)
        assert re.fullmatch(
            "Error while executing topic command : cannot read the answer to ApiVersions from " + silence.address
            + r": nothing came within \d+ ms \(\d tries in 1\d\d\d ms\)\n", told.stderr), told


@case(60)
def words_that_had_no_effect(t):
    with Broker(t.directory) as broker:
        where = ["--bootstrap-server", broker.address]
        with broker.connect() as connection:
            connection.create_topic("t", 1)
        for words, stdin, line in (
                (["console-producer", *where, "--topic", "t", "--header", "nokey"], "x\n",
                 "'nokey' is no header: --header takes name=value"),
                (["console-producer", *where, "--topic", "t", "--input", "binary", "--record-separator", ";"], "",
                 "--record-separator is for lines; in --input binary each record has its length"),
                (["topics", *where, "--describe", "--partition-size-limit-per-response", "0"], "",
                 "Error while executing topic command : The partition size limit per response must be greater than 0"),
                (["metadata-quorum", *where, "remove-controller", "-i", "1", "-d", "A" * 22, "--dry-run"], "",
                 "skafka: cannot remove controller 1: the cluster does not know RemoveRaftVoter: it may be too old"),
                (["dump-log", "--files", "/nope"], "", "skafka: cannot open /nope: No such file or directory"),
                (["producer-perf-test", "--topic", "t", "--num-records", "1", "--record-size", "1", "--throughput", "-1",
                  "--command-property", "acks=1"], "",
                 "skafka: cannot measure the producer: No resolvable bootstrap urls given in bootstrap.servers")):
            with t.step(" ".join(words[:1] + words[3:])):
                told = run(*words, stdin=stdin)
                assert told.returncode == 1 and told.stdout in ("", "Dumping /nope\n") and line in told.stderr.splitlines(), told
        with t.step("a property that no formatter has"):
            told = run("console-consumer", *where, "--topic", "t", "--exit-at-end", "--formatter-property", "nosuch=1")
            assert told.returncode == 0, told
            assert told.stderr.startswith("skafka: the formatter has no property 'nosuch', so it has no effect\n"), told
        with t.step("threads of consumer-perf-test"):
            told = run(
                "consumer-perf-test", *where, "--topic", "t", "--num-records", "0", "--threads", "2",
                "--num-fetch-threads", "1")
            assert told.returncode == 0 and told.stderr == (
                "WARNING: option [threads] and [num-fetch-threads] have been deprecated and will be ignored by the "
                "test\n"), told


@case(60)
def a_release_is_not_reached_for_the_quorum_alone(t):
    with Broker(t.directory) as broker:
        where = ["--bootstrap-server", broker.address]
        told = run("features", *where, "upgrade", "--release-version", "4.0-IV3")
        assert told.returncode == 0, told
        assert "metadata.version was upgraded to 25.\n" in told.stdout, told
        assert told.stderr.startswith("skafka: kraft.version stays as it is: "), told


@case(60)
def a_row_of_a_topic_lacks_its_id_and_settings(t):
    with Broker(t.directory) as broker:
        where = ["--bootstrap-server", broker.address]
        made = run("topics", *where, "--create", "--topic", "t", "--partitions", "2", "--config", "retention.ms=7",
                   "--config", "segment.ms=8")
        assert made.returncode == 0, made
        told = run("topics", *where, "--describe", "--output", "csv")
        rows = list(csv.DictReader(told.stdout.splitlines()))
        assert len(rows) == 2 and {len(row["topicId"]) for row in rows} == {22}, rows
        assert all(set(row["configs"].split(",")) == {"retention.ms=7", "segment.ms=8"} for row in rows), rows
