"""kill -9 at any moment, and what a power cut may leave at the end of a file."""

import os
import random
import shutil
import threading
import time

import wire
from broker import Broker
from case import case


@case(180)
def kill_9_while_producing_loses_and_repeats_nothing(t):
    """One idempotent producer with acks=all lives through every crash; librdkafka sends again what was in flight."""
    rounds = 50 if t.is_long else 8
    acknowledged = {}
    failures = []
    stop = threading.Event()

    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t", configs={"segment.bytes": "2000000"}) == 0

        def produce():
            from confluent_kafka import Producer

            producer = Producer({
                "bootstrap.servers": broker.address, "enable.idempotence": True, "acks": "all", "linger.ms": 1,
                "batch.num.messages": 200, "message.timeout.ms": 120000, "retry.backoff.ms": 20,
                "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 100, "socket.timeout.ms": 10000,
            })
            number = 0

            def delivered(error, message, number):
                if error is not None:
                    failures.append((number, str(error)))
                else:
                    acknowledged[number] = message.offset()

            while not stop.is_set():
                if len(producer) > 20000:
                    producer.poll(0.01)
                    continue
                producer.produce(
                    "t", value=b"%d" % number, partition=0,
                    on_delivery=lambda error, message, number=number: delivered(error, message, number))
                number += 1
                producer.poll(0)
            left = producer.flush(60)
            if left:
                failures.append((number, f"{left} records never acknowledged"))
            sent.append(number)

        sent = []
        thread = threading.Thread(target=produce, daemon=True)
        thread.start()
        chance = random.Random(42)
        for round in range(rounds):
            seen = len(acknowledged)
            deadline = time.monotonic() + 30
            while len(acknowledged) < seen + 500 and not failures and time.monotonic() < deadline:
                time.sleep(0.005)
            assert len(acknowledged) > seen, f"round {round}: nothing is acknowledged any more; {failures[:3]}"
            time.sleep(chance.random() * 0.3)
            broker.restart("kill")
        stop.set()
        thread.join(90)
        assert not thread.is_alive(), "the producer does not come to an end"
        with t.step("every record was acknowledged in the end"):
            assert not failures and len(acknowledged) == sent[0], (failures[:3], len(acknowledged), sent)
        with broker.connect() as connection:
            stored = connection.fetch_all("t")
        values = [int(value) for _, _, value in stored]
        with t.step(f"every acknowledged record is where it was said to be, {rounds} crashes"):
            by_offset = {offset: int(value) for offset, _, value in stored}
            wrong = [(number, offset) for number, offset in acknowledged.items()
                     if offset >= 0 and by_offset.get(offset) != number]
            assert not wrong, wrong[:5]
            assert set(acknowledged) <= set(values)
        with t.step("none is there twice, and all are in order"):
            assert values == sorted(set(values)), f"{len(values) - len(set(values))} repeated"


@case(180)
def a_segment_cut_or_damaged_at_its_end(t):
    """After a crash the log is exactly the batches that are whole, whatever the last two look like."""
    origin = Broker(os.path.join(t.directory, "origin"))
    batches = [wire.batch([(b"k", b"batch %d" % number), (None, b"second")]) for number in range(6)]
    with origin:
        with origin.connect() as connection:
            assert connection.create_topic("t") == 0
            for number, part in enumerate(batches):
                assert connection.produce("t", part) == (0, number * 2)
            expected = connection.fetch_all("t")
        origin.kill()
    ends = [sum(len(part) for part in batches[:count + 1]) for count in range(len(batches))]
    whole = os.path.getsize(origin.segments("t")[0])
    assert whole == ends[-1], (whole, ends)
    step = 1 if t.is_long else 7
    first = ends[-3]

    def look(change, kept):
        directory = os.path.join(t.directory, "copy")
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(origin.data, os.path.join(directory, "data"))
        broker = Broker(directory)
        change(broker.segments("t")[0])
        with broker, broker.connect() as connection:
            found = connection.fetch_all("t")
            assert found == expected[:kept * 2], (kept, found)
            assert connection.produce("t", wire.batch([(None, b"next")])) == (0, kept * 2)
            assert connection.fetch_all("t")[-1] == (kept * 2, None, b"next")
            broker.kill()

    with t.step(f"cut at every byte of the last two batches, step {step}"):
        for size in range(first, whole, step):
            look(lambda path: os.truncate(path, size), sum(end <= size for end in ends))

    def flip(position):
        def change(path):
            with open(path, "r+b") as file:
                file.seek(position)
                byte = file.read(1)[0]
                file.seek(position)
                file.write(bytes([byte ^ 0x55]))
        return change

    with t.step(f"a bit turned in every byte behind the offset of the last two batches, step {step}"):
        for position in range(first, whole, step):
            start = max(end for end in [0, *ends] if end <= position)
            # The offset and the leader epoch lie outside the checksum: nothing can tell that they are wrong.
            if position - start < 8 or 12 <= position - start < 16:
                continue
            look(flip(position), ends.index(start) + 1)

    with t.step("rubbish behind the last batch"):
        for rubbish in (b"\0" * 4096, b"\xff" * 100, batches[0][:70], random.Random(1).randbytes(5000)):
            def append(path, rubbish=rubbish):
                with open(path, "ab") as file:
                    file.write(rubbish)
            look(append, len(batches))
