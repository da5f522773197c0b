"""Faults that users of the tools met, each under the name of what went wrong."""

import json
import os
import signal
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
