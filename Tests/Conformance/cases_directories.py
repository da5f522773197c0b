"""Several log directories: partitions go from one to another while clients write and read, and whatever happens."""

import json
import os
import random
import shutil
import struct
import subprocess
import threading
import time

import wire
from broker import Broker, executable, wait_until
from case import case

ALTER_REPLICA_LOG_DIRS, DESCRIBE_LOG_DIRS = 34, 35
LOG_DIR_NOT_FOUND, REPLICA_NOT_AVAILABLE, STORAGE_ERROR = 57, 9, 56


def several(t, count, **settings):
    """A broker with so many log directories."""
    paths = [os.path.join(t.directory, f"disk{number}") for number in range(count)]
    settings.setdefault("log.segment.delete.delay.ms", "500")
    broker = Broker(os.path.join(t.directory, "broker"), **settings)
    broker.settings["log.dirs"] = ",".join(paths)
    broker.disks = paths
    return broker


def alter(broker, topic, path, partition=0):
    """The error code of AlterReplicaLogDirs version 1 for one partition."""
    wanted = wire.string(topic) + wire.array([struct.pack(">i", partition)])
    with broker.connect() as connection:
        reader = connection.ask(ALTER_REPLICA_LOG_DIRS, 1, wire.array([wire.string(path) + wire.array([wanted])]))
        reader.unpack("i")
        return reader.array(lambda r: (r.string(), r.array(lambda p: p.unpack("ih"))))[0][1][0][1]


def described(broker):
    """{path: (error code, {(topic, partition, is future): (size, lag)})} of DescribeLogDirs version 1."""
    with broker.connect() as connection:
        reader = connection.ask(DESCRIBE_LOG_DIRS, 1, struct.pack(">i", -1))
        reader.unpack("i")

        def directory(r):
            error = r.unpack("h")
            path = r.string()
            replicas = {}
            for name, partitions in r.array(lambda x: (x.string(), x.array(lambda p: p.unpack("iqq?")))):
                for index, size, lag, is_future in partitions:
                    replicas[(name, index, is_future)] = (size, lag)
            return path, (error, replicas)

        return dict(reader.array(directory))


def place(broker, topic, partition=0):
    """The directory where a partition is served."""
    found = [path for path, (_, replicas) in described(broker).items() if (topic, partition, False) in replicas]
    assert len(found) == 1, f"{topic}-{partition} is in {found}"
    return found[0]


def move(broker, topic, path, partition=0, seconds=30):
    error = alter(broker, topic, path, partition)
    assert error == 0, f"error {error}"
    wait_until(lambda: place(broker, topic, partition) == path, f"{topic}-{partition} arrives in {path}", seconds)


class Writer:
    """A real client that writes numbers until it is stopped; every one must be acknowledged in the end."""

    def __init__(self, broker, topic):
        self.acknowledged = {}
        self.failures = []
        self.sent = 0
        self.stopping = threading.Event()
        self.broker = broker
        self.topic = topic
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        from confluent_kafka import Producer

        producer = Producer({
            "bootstrap.servers": self.broker.address, "enable.idempotence": True, "acks": "all", "linger.ms": 1,
            "batch.num.messages": 100, "message.timeout.ms": 120000, "retry.backoff.ms": 20,
            "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 100, "socket.timeout.ms": 10000,
        })

        def delivered(error, message, number):
            if error is not None:
                self.failures.append((number, str(error)))
            else:
                self.acknowledged[number] = message.offset()

        while not self.stopping.is_set():
            if len(producer) > 5000:
                producer.poll(0.01)
                continue
            number = self.sent
            producer.produce(
                self.topic, value=b"%d " % number + b"x" * 200, partition=0,
                on_delivery=lambda error, message, number=number: delivered(error, message, number))
            self.sent += 1
            producer.poll(0)
            if number % 100 == 0:
                time.sleep(0.002)
        left = producer.flush(60)
        if left:
            self.failures.append((self.sent, f"{left} records never acknowledged"))

    def stop(self):
        self.stopping.set()
        self.thread.join(90)
        assert not self.thread.is_alive(), "the producer does not come to an end"

    def check(self, t, what):
        with t.step(f"{what}: every record was acknowledged"):
            assert not self.failures and len(self.acknowledged) == self.sent, (self.failures[:3], self.sent)
        with self.broker.connect() as connection:
            values = [int(value.split()[0]) for _, _, value in connection.fetch_all(self.topic)]
        with t.step(f"{what}: none is lost, none is there twice, all are in order"):
            assert values == list(range(self.sent)), (len(values), self.sent)


@case(180)
def partitions_move_between_directories_while_a_client_writes(t):
    """To and fro between three directories, with an idempotent producer that never stops."""
    with several(t, 3, **{"log.segment.bytes": "1048576"}) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t") == 0
        writer = Writer(broker, "t")
        chance = random.Random(7)
        rounds = 30 if t.is_long else 8
        with t.step(f"{rounds} moves"):
            for _ in range(rounds):
                seen = len(writer.acknowledged)
                wait_until(lambda: len(writer.acknowledged) > seen + 300 or writer.failures, "records are acknowledged")
                here = place(broker, "t")
                move(broker, "t", chance.choice([path for path in broker.disks if path != here]))
        writer.stop()
        writer.check(t, "after the moves")
        with t.step("what was left behind is removed"):
            def leftovers():
                names = [name for path in broker.disks for name in os.listdir(path) if name.startswith("t-0")]
                return names == ["t-0"]
            wait_until(leftovers, "only the partition itself is left", 30)
        broker.restart()
        writer.check(t, "after a restart")


@case(180)
def kill_9_in_the_middle_of_a_move(t):
    """Crashes while a partition moves: the move goes on with the next start, and nothing is lost."""
    with several(t, 2, **{"log.segment.bytes": "1048576"}) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t") == 0
        writer = Writer(broker, "t")
        chance = random.Random(11)
        rounds = 20 if t.is_long else 6
        with t.step(f"{rounds} crashes"):
            for number in range(rounds):
                seen = len(writer.acknowledged)
                wait_until(lambda: len(writer.acknowledged) > seen + 1000 or writer.failures, "records come", 40)
                here = place(broker, "t")
                there = [path for path in broker.disks if path != here][0]
                assert alter(broker, "t", there) == 0
                time.sleep(chance.random() * 0.03)
                broker.restart("kill")
                # Either the move had hardly begun and is forgotten, or it comes to its end.
                wait_until(
                    lambda: not any(future for _, replicas in described(broker).values()
                                    for (_, _, future) in replicas), "the move ends", 40)
                assert place(broker, "t") in broker.disks
        writer.stop()
        writer.check(t, "after the crashes")
        broker.restart()
        writer.check(t, "after a restart")


@case(120)
def log_dirs_shows_and_moves(t):
    """The tool: Kafka's three lines, the other forms, a move that is waited for, and what goes wrong."""
    with several(t, 2, **{"replica.alter.log.dirs.io.max.bytes.per.second": "20000000"}) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("orders", 2) == 0
            assert connection.create_topic("other") == 0
            for number in range(20):
                assert connection.produce("orders", wire.batch([(None, b"%d" % number * 1000)]))[0] == 0

        def tool(*words, code=0):
            done = subprocess.run(
                [executable(), "log-dirs", "--bootstrap-server", broker.address, *words], capture_output=True,
                text=True, timeout=60)
            assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
            return done

        with t.step("the text is Kafka's"):
            lines = tool("--describe", "--topic-list", "orders", "--broker-list", "1").stdout.splitlines()
            assert lines[0] == "Querying brokers for log directories information"
            assert lines[1] == "Received log directory information from brokers 1"
            found = json.loads(lines[2])
            assert found["version"] == 1 and [entry["broker"] for entry in found["brokers"]] == [1]
            directories = found["brokers"][0]["logDirs"]
            assert sorted(entry["logDir"] for entry in directories) == broker.disks
            assert all(entry["error"] is None for entry in directories)
            replicas = {one["partition"]: one for entry in directories for one in entry["partitions"]}
            assert sorted(replicas) == ["orders-0", "orders-1"]
            assert replicas["orders-0"]["offsetLag"] == 0 and replicas["orders-0"]["isFuture"] is False
            size = sum(os.path.getsize(os.path.join(place(broker, "orders"), "orders-0", name))
                       for name in os.listdir(os.path.join(place(broker, "orders"), "orders-0"))
                       if name.endswith(".log"))
            assert replicas["orders-0"]["size"] == size, (replicas, size)
        with t.step("the other forms"):
            rows = json.loads(tool("--describe", "--output", "json").stdout)
            assert rows[0]["broker"] == 1 and rows[0]["totalBytes"] > 0
            lines = [json.loads(line) for line in tool("--describe", "--output", "jsonl").stdout.splitlines()]
            assert {line["topic"] for line in lines if "topic" in line} == {"orders", "other"}
            assert tool("--describe", "--output", "table").stdout.splitlines()[0].split()[0] == "BROKER"
        here = place(broker, "orders")
        there = [path for path in broker.disks if path != here][0]
        with t.step("a partition is moved and waited for"):
            done = tool("--alter", "--replica", "orders-0", "--to", there, "--broker", "1", "--wait")
            assert done.stdout == f"Replica orders-0 is in {there} on broker 1\n", done.stdout
            assert place(broker, "orders") == there
        with t.step("a move that is only begun"):
            done = tool("--alter", "--replica", "orders-0", "--to", here, "--broker", "1")
            assert done.stdout == (
                f"Successfully started moving log directory to {here} for replica orders-0 with broker 1\n")
            wait_until(lambda: place(broker, "orders") == here, "it arrives")
        with t.step("what cannot be"):
            done = tool("--alter", "--replica", "orders-0", "--to", "/nowhere", "--broker", "1", code=1)
            assert "LOG_DIR_NOT_FOUND" in done.stderr, done.stderr
            done = tool("--alter", "--replica", "orders-0", "--to", here, "--broker", "5", code=1)
            assert "there is no broker 5; the cluster has 1" in done.stderr, done.stderr
            done = tool("--describe", "--broker-list", "1,9", code=1)
            assert ("ERROR: The given brokers do not exist from --broker-list: 9. Current existent brokers: 1"
                    in done.stderr), done.stderr


@case(120)
def clients_describe_log_directories(t):
    """DescribeLogDirs as kafka-python asks for it."""
    from kafka.admin import KafkaAdminClient

    with several(t, 2) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t", 4) == 0
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        answer = admin.describe_log_dirs()
        admin.close()
        text = str(answer)
        assert all(path in text for path in broker.disks), text


@case(120)
def a_directory_that_goes_away(t):
    """The second directory is made read-only, or removed: what lies in the first goes on, and a move to the other is
    refused or ends."""
    with several(t, 2, **{"replica.alter.log.dirs.io.max.bytes.per.second": "1"}) as broker:
        first, second = broker.disks
        with t.step("a partition is made where it was asked for"):
            for topic, path in (("here", first), ("there", second)):
                assert alter(broker, topic, path) == REPLICA_NOT_AVAILABLE
                with broker.connect() as connection:
                    assert connection.create_topic(topic) == 0
                assert place(broker, topic) == path
        with t.step("unknown directories and partitions"):
            assert alter(broker, "here", "/nowhere") == LOG_DIR_NOT_FOUND
            assert alter(broker, "here", second, 5) == REPLICA_NOT_AVAILABLE
        with broker.connect() as connection:
            for _ in range(20):
                assert connection.produce("here", wire.batch([(None, b"x" * 1000)]))[0] == 0
        with t.step("a move is held back and seen"):
            assert alter(broker, "here", second) == 0
            wait_until(lambda: ("here", 0, True) in described(broker)[second][1], "the copy is there")
            size, lag = described(broker)[second][1][("here", 0, True)]
            assert 0 < lag <= 20, (size, lag)
        with t.step("the directory where it is ends the move"):
            assert alter(broker, "here", first) == 0
            assert ("here", 0, True) not in described(broker)[second][1]
        with t.step("the second directory is gone"):
            assert alter(broker, "here", second) == 0
            wait_until(lambda: ("here", 0, True) in described(broker)[second][1], "the copy is there")
            shutil.rmtree(second)
            wait_until(lambda: described(broker)[second][0] == STORAGE_ERROR, "it is out of service", 30)
            wait_until(lambda: alter(broker, "here", second) == STORAGE_ERROR, "it takes nothing any more")
            assert place(broker, "here") == first
            with broker.connect() as connection:
                assert connection.produce("here", wire.batch([(None, b"more")])) == (0, 20)
                assert len(connection.fetch_all("here")) == 21
        broker.kill()
