"""The power cut: a copy of the disk as it is at some moment of a load, and a broker started on the copy.

The data directory is an ext4 image on an XFS file system that copies by reference: a copy made under load holds what
the device holds at that moment, and nothing of what only the page cache knows.
"""

import os
import random
import struct
import subprocess
import threading
import time

import disks
import wire
from broker import Broker
from case import case

CREATE_PARTITIONS = 2
KEYS = 40
DELETE_TOPICS = 20


class Load:
    """Producers that count what was acknowledged. Values are numbers, so that a check needs no memory of them."""

    def __init__(self, broker, seed):
        self.broker = broker
        self.stop = threading.Event()
        # (topic, partition) -> how many records were acknowledged, and how many were sent at least once.
        self.acknowledged = {}
        self.sent = {}
        # key -> the last acknowledged number, of the compacted topic.
        self.keys = {}
        self.created = []
        self.deleted = []
        self.troubles = []
        self.chance = random.Random(seed)
        self.threads = []

    def start(self):
        with self.broker.connect() as connection:
            for topic, settings in (
                ("durable", {"flush.messages": "1", "internal.segment.bytes": "60000"}),
                ("sequenced", {"flush.messages": "1", "internal.segment.bytes": "40000"}),
                ("plain", {"internal.segment.bytes": "300000"}),
            ):
                assert connection.create_topic(topic, CREATE_PARTITIONS, settings) == 0, topic
            assert connection.create_topic("compacted", 1, {
                "flush.messages": "1", "cleanup.policy": "compact", "internal.segment.bytes": "30000",
                "min.cleanable.dirty.ratio": "0.01", "max.compaction.lag.ms": "1000"}) == 0
            error, identity, epoch = connection.init_producer_id()
            assert error == 0
        for partition in range(CREATE_PARTITIONS):
            self.run(self.count_up, "durable", partition, 10, None, 0)
            self.run(self.count_up, "sequenced", partition, 5, (identity, epoch), 0)
            self.run(self.count_up, "plain", partition, 20, None, 0.004)
        self.run(self.overwrite)
        self.run(self.come_and_go)
        self.run(self.write_back)

    def run(self, body, *arguments):
        def guarded():
            try:
                body(*arguments)
            except Exception as error:  # noqa: BLE001
                if not self.stop.is_set():
                    self.troubles.append(f"{body.__name__}{arguments}: {error!r}")
        thread = threading.Thread(target=guarded, daemon=True)
        thread.start()
        self.threads.append(thread)

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(30)

    def count_up(self, topic, partition, count, identity, pause):
        where = (topic, partition)
        number = 0
        with self.broker.connect() as connection:
            while not self.stop.is_set():
                producer = (*identity, number) if identity else (-1, -1, -1)
                data = wire.batch(
                    [(None, b"%d " % (number + index) + b"x" * 100) for index in range(count)], producer=producer)
                self.sent[where] = number + count
                error, offset = connection.produce(topic, data, partition=partition)
                assert error == 0 and offset == number, (error, offset, number)
                number += count
                self.acknowledged[where] = number
                if pause:
                    time.sleep(pause)

    def overwrite(self):
        number = 0
        with self.broker.connect() as connection:
            while not self.stop.is_set():
                key = number % KEYS
                data = wire.batch([(b"%d" % key, b"%d " % number + b"y" * 200)])
                error, _ = connection.produce("compacted", data)
                assert error == 0, error
                self.keys[key] = number
                number += 1

    def come_and_go(self):
        """A topic that was acknowledged is there, one whose deletion was is not."""
        number = 0
        with self.broker.connect() as connection:
            while not self.stop.is_set():
                name = f"made-{number}"
                assert connection.create_topic(name) == 0
                self.created.append(name)
                if number % 3 == 2:
                    victim = f"made-{number - 1}"
                    self.created.remove(victim)
                    reader = connection.ask(
                        DELETE_TOPICS, 1, wire.array([wire.string(victim)]) + struct.pack(">i", 20000))
                    reader.unpack("i")
                    assert reader.array(lambda r: (r.string(), r.unpack("h")))[0][1] == 0
                    self.deleted.append(victim)
                number += 1
                time.sleep(0.05)

    def write_back(self):
        """What the kernel does by itself after half a minute: parts of what was never flushed reach the disk."""
        while not self.stop.is_set():
            time.sleep(self.chance.random())
            subprocess.run(["sync", "-f", self.broker.data], stdin=subprocess.DEVNULL, check=False)

    def promise(self):
        return {
            "acknowledged": dict(self.acknowledged), "keys": dict(self.keys), "created": list(self.created),
            "deleted": list(self.deleted),
        }


def check(broker, promise, sent):
    """Reads everything on a started copy; raises on the first broken promise."""
    with broker.connect() as connection:
        for (topic, partition), upper in sent.items():
            if (topic, partition) not in promise["acknowledged"] and connection.list_offset(
                    topic, -1, partition)[0] != 0:
                continue
            found = connection.fetch_all(topic, partition)
            numbers = [int(value.split()[0]) for _, _, value in found]
            where = f"{topic}-{partition}"
            assert [offset for offset, _, _ in found] == list(range(len(found))), f"{where}: a gap in the offsets"
            assert numbers == list(range(len(numbers))), f"{where}: not a prefix of what was sent"
            assert len(numbers) <= upper, f"{where}: more than was sent"
            if topic != "plain":
                least = promise["acknowledged"].get((topic, partition), 0)
                assert len(numbers) >= least, f"{where}: {len(numbers)} records, {least} were acknowledged"
            error, offset = connection.produce(topic, wire.batch([(b"k", b"after")]), partition=partition)
            assert (error, offset) == (0, len(numbers)), (where, error, offset)
        last = {}
        if promise["keys"]:
            previous = -1
            for offset, key, value in connection.fetch_all("compacted"):
                assert offset > previous, f"compacted: offset {offset} behind {previous}"
                previous = offset
                number = int(value.split()[0])
                assert number % KEYS == int(key), f"compacted: key {key} has the value {number}"
                last[int(key)] = number
            for key, number in promise["keys"].items():
                assert last.get(key, -1) >= number, f"compacted: key {key} is at {last.get(key)}, acknowledged {number}"
        for name in promise["created"]:
            error = connection.list_offset(name, -1)[0]
            assert error == 0, f"{name} was acknowledged: error {error}"
        for name in promise["deleted"]:
            assert connection.list_offset(name, -1)[0] == 3, f"{name} is back from the dead"


def round_of_cuts(directory, count, seed):
    """One life of a broker with so many cuts, then each cut looked at. Returns the troubles."""
    chance = random.Random(seed)
    os.makedirs(directory)
    outer = os.path.join(directory, "outer")
    disks.Image(os.path.join(directory, "outer.img"), 6000, "xfs", ["-m", "reflink=1"]).mount(outer)
    disk = disks.Image(os.path.join(outer, "disk.img"), 1500)
    broker = Broker(os.path.join(directory, "broker"))
    disk.mount(broker.data)
    broker.settings["log.dirs"] = os.path.join(broker.data, "logs")
    broker.start()
    load = Load(broker, seed)
    cuts = []
    try:
        load.start()
        for number in range(count):
            time.sleep(chance.random() * (0.3 if number else 1.5))
            promise = load.promise()
            image = os.path.join(outer, f"cut-{number}.img")
            disks.run("cp", "--reflink=always", disk.path, image)
            cuts.append((image, promise, dict(load.sent)))
        troubles = list(load.troubles)
    finally:
        load.end()
        broker.kill()
        disks.unmount(broker.data)
    for number, (image, promise, sent) in enumerate(cuts):
        copy = Broker(os.path.join(directory, f"copy-{number}"))
        disks.mount_image(image, copy.data)
        copy.settings["log.dirs"] = os.path.join(copy.data, "logs")
        try:
            check(copy.start(), promise, sent)
        except Exception as error:  # noqa: BLE001
            troubles.append(f"cut {number} of seed {seed}: {error}\n" + "\n".join(copy.log().splitlines()[-12:]))
        copy.kill()
        disks.unmount(copy.data)
        os.remove(image)
    disks.unmount(outer)
    os.remove(os.path.join(directory, "outer.img"))
    acknowledged = sum(cuts[-1][1]["acknowledged"].values()) if cuts else 0
    return troubles, acknowledged


@case(150)
def a_power_cut_at_any_moment_under_load(t):
    """200 cuts with --long: what was acknowledged with flush.messages=1 is there, and the rest is a clean prefix."""
    try:
        disks.private_mounts("mkfs.xfs")
        disks.run("cp", "--version")
    except disks.Unavailable as reason:
        return t.skip("a power cut", str(reason))
    rounds, cuts = (10, 20) if t.is_long else (1, 5)
    for number in range(rounds):
        with t.step(f"{cuts} cuts, round {number + 1}"):
            seed = random.SystemRandom().randrange(1 << 30) if t.is_long else 5
            try:
                troubles, acknowledged = round_of_cuts(os.path.join(t.directory, f"round-{number}"), cuts, seed)
            except disks.Unavailable as reason:
                return t.skip("a power cut", str(reason))
            assert not troubles, "\n".join(troubles[:3])
            assert acknowledged > 0
