"""What was acknowledged is there after a stop, after a crash, and with its indexes lost."""

import os
import random
import shutil

import wire
from broker import Broker, wait_until
from case import case


def fill(connection, topic, count, size=100):
    """`count` batches of one record each; returns what fetch_all has to give."""
    for number in range(count):
        value = b"%d " % number + b"x" * size
        assert connection.produce(topic, wire.batch([(b"%d" % number, value)], timestamp=1_700_000_000_000 + number)) \
            == (0, number)
    return [(number, b"%d" % number, b"%d " % number + b"x" * size) for number in range(count)]


@case(90)
def a_restart_keeps_everything(t):
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t", 3, {"internal.segment.bytes": "15000", "retention.ms": "99000000000"}) == 0
            expected = fill(connection, "t", 500)
        for round, how in enumerate(["stop", "kill", "stop", "kill", "kill"]):
            with t.step(f"records are there after {how}, round {round + 1}"):
                broker.restart(how)
                with broker.connect() as connection:
                    assert connection.fetch_all("t") == expected
                    offset = len(expected)
                    assert connection.produce("t", wire.batch([(b"k", b"after")])) == (0, offset)
                    expected.append((offset, b"k", b"after"))
        with t.step("settings of the topic are there"):
            from confluent_kafka.admin import AdminClient, ConfigResource
            resource = ConfigResource(ConfigResource.Type.TOPIC, "t")
            admin = AdminClient({"bootstrap.servers": broker.address})
            assert admin.describe_configs([resource])[resource].result(30)["retention.ms"].value == "99000000000"
            assert len(admin.list_topics("t", timeout=30).topics["t"].partitions) == 3


@case(60)
def deleted_topics_stay_deleted(t):
    from confluent_kafka.admin import AdminClient

    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("gone") == 0 and connection.create_topic("kept") == 0
            fill(connection, "gone", 10)
        admin = AdminClient({"bootstrap.servers": broker.address})
        admin.delete_topics(["gone"])["gone"].result(30)
        broker.restart("kill")
        admin = AdminClient({"bootstrap.servers": broker.address})
        topics = admin.list_topics(timeout=30).topics
        assert "gone" not in topics and "kept" in topics, list(topics)
        wait_until(lambda: not os.path.exists(broker.partition("gone")), "the directory gone or renamed")


@case(150)
def indexes_may_be_lost(t):
    """Indexes can be rebuilt, so losing one must cost nothing but time: no record, no wrong offset."""

    def delete(path):
        os.remove(path)

    def zero(path):
        size = os.path.getsize(path)
        with open(path, "wb") as file:
            file.write(b"\0" * size)

    def garble(path):
        size = os.path.getsize(path)
        with open(path, "wb") as file:
            file.write(random.Random(7).randbytes(max(size, 64)))

    def cut(path):
        os.truncate(path, max(0, os.path.getsize(path) - 5))

    def empty(path):
        os.truncate(path, 0)

    with Broker(os.path.join(t.directory, "origin"), log_index_interval_bytes=200) as origin:
        with origin.connect() as connection:
            assert connection.create_topic("t", configs={"internal.segment.bytes": "15000"}) == 0
            expected = fill(connection, "t", 400)
        assert len(origin.segments("t")) > 3
        for ended in ("stop", "kill"):
            if ended == "stop":
                origin.stop()
            else:
                origin.start()
                origin.kill()
            for kinds in ((".index",), (".timeindex",), (".index", ".timeindex", ".snapshot")):
                for damage in (delete, zero, garble, cut, empty):
                    name = f"{' '.join(kinds)} {damage.__name__} after {ended}"
                    with t.step(name):
                        look_at_damage(t, origin, kinds, damage, expected)


def look_at_damage(t, origin, kinds, damage, expected):
    directory = os.path.join(t.directory, "copy")
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(origin.data, os.path.join(directory, "data"))
    broker = Broker(directory, log_index_interval_bytes=200)
    damaged = [file for file in os.listdir(broker.partition("t")) if file.endswith(kinds)]
    assert damaged, "no file of the kind"
    for file in damaged:
        damage(os.path.join(broker.partition("t"), file))
    with broker, broker.connect() as connection:
        assert connection.fetch_all("t") == expected
        for number in (1, 133, 257, 399):
            assert connection.fetch_all("t", start=number) == expected[number:]
            found = connection.list_offset("t", 1_700_000_000_000 + number)
            assert found == (0, 1_700_000_000_000 + number, number), found
        assert connection.produce("t", wire.batch([(None, b"more")])) == (0, len(expected))
        broker.kill()
