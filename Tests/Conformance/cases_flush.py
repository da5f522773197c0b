"""flush.messages=1: an answer means that the record is on the device. And what a device that fails does."""

import os
import shutil
import subprocess
import threading
import time

import wire
from broker import Broker, wait_until
from case import case

KAFKA_STORAGE_ERROR = 56
LEADER_NOT_AVAILABLE = 5
DURABLE = {"flush.messages": "1"}


class Shim:
    """The flushes of a broker, seen and disturbed from within its process."""

    def __init__(self, directory):
        self.library = os.path.join(directory, "flush_shim.so")
        self.log = os.path.join(directory, "flushes")
        self.failure = os.path.join(directory, "failure")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "flush_shim.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self.library, source, "-ldl"], check=True, timeout=60)

    def put_into(self, broker, delay_ms=0):
        broker.environment.update(LD_PRELOAD=self.library, SHIM_LOG=self.log, SHIM_FAIL=self.failure)
        if delay_ms:
            broker.environment["SHIM_DELAY"] = str(delay_ms * 1000)
        return broker

    def fail_next(self, part):
        with open(self.failure + ".tmp", "w") as file:
            file.write(part)
        os.rename(self.failure + ".tmp", self.failure)

    def count(self, what, part):
        try:
            with open(self.log) as file:
                return sum(1 for line in file if line.startswith(what + " ") and part in line)
        except FileNotFoundError:
            return 0


def one(number):
    return wire.batch([(b"k", b"value %d" % number)])


def metadata(connection, topic):
    """(leader, error, offline replicas) of the first partition, by Metadata version 5."""
    reader = connection.ask(3, 5, wire.array([wire.string(topic)]) + b"\0")
    reader.unpack("i")
    reader.array(lambda r: (r.unpack("i"), r.string(), r.unpack("i"), r.string()))
    reader.string()
    reader.unpack("i")

    def partition(r):
        error, _, leader = r.unpack("hii")
        r.array(lambda p: p.unpack("i"))
        r.array(lambda p: p.unpack("i"))
        return leader, error, r.array(lambda p: p.unpack("i"))

    return reader.array(lambda r: (r.unpack("h"), r.string(), r.unpack("b"), r.array(partition)))[0][3][0]


@case(90)
def every_answer_comes_behind_its_flush_and_many_share_one(t):
    shim = Shim(t.directory)
    with shim.put_into(Broker(t.directory), delay_ms=50) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t", configs=DURABLE) == 0
            assert connection.create_topic("plain") == 0
            with t.step("one record, one flush, and the answer comes behind it"):
                began = time.monotonic()
                assert connection.produce("t", one(0)) == (0, 0)
                assert time.monotonic() - began > 0.05
                assert shim.count("end", "/t-0/00000000000000000000.log") == 1
            with t.step("acks=1 waits too, and without flush.messages nobody does"):
                assert connection.produce("t", one(1), acks=1) == (0, 1)
                assert shim.count("end", "/t-0/00000000000000000000.log") == 2
                assert connection.produce("plain", one(0)) == (0, 0)
                assert shim.count("begin", "/plain-0/") == 0
        with t.step("16 producers share flushes"):
            before = shim.count("begin", "/t-0/")
            answers = []

            def produce(number):
                with broker.connect() as connection:
                    for round in range(5):
                        error, offset = connection.produce("t", one(number * 5 + round))
                        # The flush that covers it has ended before the answer came.
                        answers.append((error, offset))

            threads = [threading.Thread(target=produce, args=(number,)) for number in range(16)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            assert sorted(answers) == [(0, offset) for offset in range(2, 82)], answers
            flushes = shim.count("begin", "/t-0/") - before
            assert 5 <= flushes <= 20, f"{flushes} flushes for 80 records of 16 producers"
        with t.step("requests in flight on one connection share flushes, and are answered in order"):
            before = shim.count("begin", "/t-0/")
            with broker.connect() as connection:
                for number in range(20):
                    connection.send(connection.frame(wire.PRODUCE, 3, connection.produce_body("t", one(number))))
                offsets = []
                last = connection.correlation
                for number in range(last - 19, last + 1):
                    connection.correlation = number
                    reader = connection.answer()
                    offsets.append(
                        reader.array(lambda r: (r.string(), r.array(lambda p: p.unpack("ihqq"))))[0][1][0][1:3])
            assert offsets == [(0, offset) for offset in range(82, 102)], offsets
            flushes = shim.count("begin", "/t-0/") - before
            assert flushes <= 4, f"{flushes} flushes for 20 records in flight"
        with t.step("a real client, idempotent, with five requests in flight"):
            from confluent_kafka import Producer

            before = shim.count("begin", "/t-0/")
            delivered = []
            producer = Producer({"bootstrap.servers": broker.address, "enable.idempotence": True, "linger.ms": 0})
            for number in range(200):
                producer.produce("t", b"%d" % number, on_delivery=lambda error, _: delivered.append(error))
                producer.poll(0)
            assert producer.flush(60) == 0
            assert delivered == [None] * 200, delivered[:3]
            assert 1 <= shim.count("begin", "/t-0/") - before < 200
        with broker.connect() as connection:
            assert len(connection.fetch_all("t")) == 302


@case(90)
def a_flush_that_fails_once_ends_its_directory(t):
    shim = Shim(t.directory)
    first, second = os.path.join(t.directory, "one"), os.path.join(t.directory, "two")
    broker = shim.put_into(Broker(
        t.directory, log_dirs=f"{first},{second}", log_flush_offset_checkpoint_interval_ms=50,
        replica_high_watermark_checkpoint_interval_ms=50))
    names = ["a", "b", "c", "d"]
    with broker:
        with broker.connect() as connection:
            for name in names:
                assert connection.create_topic(name, configs=DURABLE) == 0
                assert connection.produce(name, one(0)) == (0, 0)
            there = [name for name in names if os.path.exists(os.path.join(second, f"{name}-0"))]
            here = [name for name in names if name not in there]
            assert len(there) == 2, there
            checkpoint = os.path.join(second, "recovery-point-offset-checkpoint")
            wait_until(lambda: os.path.exists(checkpoint) and f"{there[1]} 0 1" in open(checkpoint).read(), "a checkpoint")
            said = open(checkpoint).read()
            path = f"/two/{there[0]}-0/"
            flushes = shim.count("begin", path)
            shim.fail_next(path)
            with t.step("the record whose flush failed is not acknowledged, and not tried again"):
                assert connection.produce(there[0], one(1))[0] == KAFKA_STORAGE_ERROR
                for name in there:
                    assert connection.produce(name, one(2))[0] == KAFKA_STORAGE_ERROR
                    assert connection.fetch(name, 0)[0] == KAFKA_STORAGE_ERROR
                time.sleep(0.3)
                assert shim.count("begin", path) == flushes + 1
                assert shim.count("fail", path) == 1
            with t.step("other directories go on, new topics go there"):
                for name in here:
                    assert connection.produce(name, one(1)) == (0, 1)
                assert connection.create_topic("new", configs=DURABLE) == 0
                assert connection.produce("new", one(0)) == (0, 0)
                assert os.path.exists(os.path.join(first, "new-0"))
            with t.step("metadata tells nobody as leader of what is gone"):
                wait_until(lambda: metadata(connection, there[0])[0] == -1, "no leader")
                for name in there:
                    assert metadata(connection, name) == (-1, LEADER_NOT_AVAILABLE, [1]), metadata(connection, name)
                assert metadata(connection, here[0]) == (1, 0, [])
            with t.step("no checkpoint is written there any more"):
                assert open(checkpoint).read() == said
        broker.stop()
    with t.step("after a restart everything that was acknowledged is there"):
        assert open(checkpoint).read() == said
        with broker, broker.connect() as connection:
            for name in here:
                assert [record[2] for record in connection.fetch_all(name)] == [b"value 0", b"value 1"]
            for name in there:
                values = [record[2] for record in connection.fetch_all(name)]
                assert values[0] == b"value 0" and len(values) <= 2, values
                assert connection.produce(name, one(9))[0] == 0
            broker.stop()


@case(60)
def a_broker_that_lost_its_last_directory_ends_with_1(t):
    shim = Shim(t.directory)
    for kind, settings, path in (
        ("the only one", {}, "/t-0/"),
        ("the one with the metadata log", {"log_dirs": ",".join(os.path.join(t.directory, x) for x in "xy")}, "/x/t-0/"),
        ("the metadata log itself", {}, "__cluster_metadata-0"),
    ):
        with t.step(kind):
            directory = os.path.join(t.directory, kind.replace(" ", "-"))
            broker = shim.put_into(Broker(directory, **settings))
            broker.start()
            with broker.connect() as connection:
                for name in ("t", "u"):
                    assert connection.create_topic(name, configs=DURABLE) == 0
                topic = "t" if os.path.exists(os.path.join(t.directory, "x", "t-0")) or not settings else "u"
                assert connection.produce(topic, one(0)) == (0, 0)
                shim.fail_next(path.replace("t-0", f"{topic}-0"))
                try:
                    if "metadata" in path:
                        assert connection.create_topic("v") != 0
                    else:
                        assert connection.produce(topic, one(1))[0] == KAFKA_STORAGE_ERROR
                except (EOFError, OSError):
                    pass  # It ended before the answer left.
            status = broker.wait_for_end(20)
            assert status == 1, status
            assert "FATAL" in broker.log() and "Shutdown broker because" in broker.log()
            with broker, broker.connect() as connection:
                assert connection.fetch_all(topic)[0][2] == b"value 0"
                broker.stop()
            if settings:
                for name in "xy":
                    shutil.rmtree(os.path.join(t.directory, name))
