"""How long a broker takes from its start to the first acknowledged record, after an orderly stop and after kill -9.

    restart.py [--partitions 10000] [--megabytes 1] [--directory DIR] [--rounds 3]

It fills so many partitions with so much each, ends the broker in either way and measures from the start of the process
to the answer of a Produce request to one partition. The page cache is warm, as after a crash of the process alone.
SKAFKA_BIN names the executable.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "Conformance"))

import struct  # noqa: E402

import wire  # noqa: E402
from broker import Broker  # noqa: E402

TOPIC_PARTITIONS = 1000
REQUEST_BYTES = 8 << 20
BATCH_BYTES = 100_000


def fill(broker, partitions, megabytes):
    """Batches of 100 KB with records of 1 KB, many partitions a request."""
    data = wire.batch([(None, os.urandom(1000)) for _ in range(BATCH_BYTES // 1010)])
    rounds = max(1, int(megabytes * (1 << 20)) // len(data))
    topics = [(f"t{number}", min(TOPIC_PARTITIONS, partitions - number * TOPIC_PARTITIONS))
              for number in range(-(-partitions // TOPIC_PARTITIONS))]
    with broker.connect(timeout=120) as connection:
        for topic, count in topics:
            assert connection.create_topic(topic, count) == 0
        step = max(1, REQUEST_BYTES // len(data))
        for _ in range(rounds):
            for topic, count in topics:
                for first in range(0, count, step):
                    parts = [struct.pack(">i", index) + wire.blob(data)
                             for index in range(first, min(count, first + step))]
                    body = wire.string(None) + struct.pack(">hi", 1, 60000) + wire.array(
                        [wire.string(topic) + wire.array(parts)])
                    reader = connection.ask(wire.PRODUCE, 3, body)
                    codes = reader.array(lambda r: (r.string(), r.array(lambda p: p.unpack("ihqq"))))[0][1]
                    assert all(code[1] == 0 for code in codes), codes[:3]
    return topics, rounds * len(data)


def first_produce(broker, topic, partition):
    """Seconds from the start of the process to the first acknowledged record."""
    record = wire.batch([(None, b"first")])
    began = time.monotonic()
    broker.launch()
    while True:
        assert broker.process.poll() is None, broker.log()[-2000:]
        try:
            with broker.connect(timeout=120) as connection:
                code, _ = connection.produce(topic, record, partition=partition)
                if code == 0:
                    return time.monotonic() - began
        except (OSError, EOFError):
            pass
        assert time.monotonic() - began < 300, "no record is taken"
        time.sleep(0.002)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--partitions", type=int, default=10_000)
    parser.add_argument("--megabytes", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--directory")
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="skafka-restart-", dir=options.directory)
    broker = Broker(directory)
    try:
        broker.start()
        topics, each = fill(broker, options.partitions, options.megabytes)
        print(f"{options.partitions} partitions, {options.partitions * each / 1e9:.2f} GB; "
              f"{broker.resident_bytes() / 1e6:.0f} MB resident", flush=True)
        for how in ("kill", "stop"):
            for round in range(options.rounds):
                began = time.monotonic()
                getattr(broker, how)()
                ended = time.monotonic() - began
                topic, count = topics[round % len(topics)]
                took = first_produce(broker, topic, count - 1)
                open_files = len(os.listdir(f"/proc/{broker.process.pid}/fd"))
                print(f"after {how:4}: first produce {took * 1000:6.0f} ms   (the end took {ended * 1000:.0f} ms; "
                      f"{open_files} files open, {broker.resident_bytes() / 1e6:.0f} MB resident)", flush=True)
    finally:
        broker.kill()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
