"""One real client, writing or reading a topic whose content follows from the number of a record.

    clients.py CLIENT write ADDRESS TOPIC CODEC COUNT
    clients.py CLIENT read ADDRESS COUNT TOPIC...

A reader prints a line a topic, `same TOPIC` or `different TOPIC: why`. Nobody joins a group: partitions are assigned.
"""

import asyncio
import subprocess
import sys
import time

CLIENTS = ("confluent", "kafka-python", "aiokafka")
CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
FIRST_TIMESTAMP = 1_700_000_000_000
DEADLINE_SECONDS = 60


def record(number):
    """(key, value, headers, timestamp): nulls, empty and long parts come in turn."""
    key = None if number % 7 == 0 else b"key-%d" % (number % 1000)
    if number % 11 == 0 and key is not None:
        value = None
    elif number % 13 == 0:
        value = b""
    else:
        value = b"value %d " % number * (1 + number % 5)
    headers = [("kind", b"%d" % (number % 3)), ("empty", b""), ("kind", b"again")] if number % 5 == 0 else []
    return key, value, headers, FIRST_TIMESTAMP + number


class Comparison:
    """Takes the records of a topic in the order in which a client delivers them."""

    def __init__(self, topic, count):
        self.topic = topic
        self.count = count
        self.next = 0
        self.trouble = None

    def add(self, offset, key, value, headers, timestamp):
        if self.trouble:
            return
        expected = (self.next, *record(self.next))
        found = (offset, key, value, list(headers or []), timestamp)
        if expected != found:
            self.trouble = f"record {self.next}: expected {expected!r}, found {found!r}"
        self.next += 1

    def done(self):
        return self.trouble is not None or self.next >= self.count

    def line(self):
        if self.trouble is None and self.next != self.count:
            self.trouble = f"{self.next} of {self.count} records"
        return f"same {self.topic}" if self.trouble is None else f"different {self.topic}: {self.trouble}"


def confluent_write(address, topic, codec, count):
    from confluent_kafka import Producer

    failures = []
    producer = Producer({
        "bootstrap.servers": address, "compression.type": codec, "linger.ms": 20, "acks": "all",
        "queue.buffering.max.messages": 200000, "message.timeout.ms": DEADLINE_SECONDS * 1000,
    })

    def delivered(error, _message):
        if error is not None:
            failures.append(str(error))

    for number in range(count):
        key, value, headers, timestamp = record(number)
        producer.produce(
            topic, partition=0, key=key, value=value, headers=headers, timestamp=timestamp, on_delivery=delivered)
        if number % 1000 == 0:
            producer.poll(0)
    left = producer.flush(DEADLINE_SECONDS)
    assert left == 0 and not failures, f"{left} records left, failures: {failures[:3]}"


def confluent_read(address, topic, count):
    from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

    comparison = Comparison(topic, count)
    consumer = Consumer({
        "bootstrap.servers": address, "group.id": "unused", "enable.auto.commit": False, "check.crcs": True,
        "enable.auto.offset.store": False, "auto.offset.reset": "error",
    })
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not comparison.done() and time.monotonic() < deadline:
        for message in consumer.consume(1000, timeout=0.2):
            if message.error() is not None:
                # Without a topic it is about the group, which nobody joins here.
                if message.topic() is not None:
                    comparison.trouble = str(message.error())
                continue
            comparison.add(
                message.offset(), message.key(), message.value(), message.headers(), message.timestamp()[1])
    consumer.close()
    return comparison


def kafka_python_write(address, topic, codec, count):
    from kafka import KafkaProducer

    producer = KafkaProducer(
        bootstrap_servers=address, compression_type=None if codec == "none" else codec, linger_ms=20, acks="all",
        batch_size=65536)
    sent = []
    for number in range(count):
        key, value, headers, timestamp = record(number)
        sent.append(producer.send(
            topic, partition=0, key=key, value=value, headers=headers, timestamp_ms=timestamp))
    producer.flush(DEADLINE_SECONDS)
    for number, future in enumerate(sent):
        offset = future.get(DEADLINE_SECONDS).offset
        assert offset == number, f"record {number} was stored at {offset}"
    producer.close()


def kafka_python_read(address, topic, count):
    from kafka import KafkaConsumer, TopicPartition

    comparison = Comparison(topic, count)
    consumer = KafkaConsumer(
        bootstrap_servers=address, group_id=None, enable_auto_commit=False, check_crcs=True,
        max_partition_fetch_bytes=4 << 20)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not comparison.done() and time.monotonic() < deadline:
        for messages in consumer.poll(200, max_records=5000).values():
            for message in messages:
                comparison.add(message.offset, message.key, message.value, message.headers, message.timestamp)
    consumer.close()
    return comparison


async def _aiokafka_write(address, topic, codec, count):
    from aiokafka import AIOKafkaProducer

    producer = AIOKafkaProducer(
        bootstrap_servers=address, compression_type=None if codec == "none" else codec, linger_ms=20, acks="all",
        max_batch_size=65536)
    await producer.start()
    try:
        sent = []
        for number in range(count):
            key, value, headers, timestamp = record(number)
            sent.append(await producer.send(
                topic, partition=0, key=key, value=value, headers=headers, timestamp_ms=timestamp))
        await producer.flush()
        for number, future in enumerate(sent):
            offset = (await future).offset
            assert offset == number, f"record {number} was stored at {offset}"
    finally:
        await producer.stop()


async def _aiokafka_read(address, topic, count):
    from aiokafka import AIOKafkaConsumer, TopicPartition

    comparison = Comparison(topic, count)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address, group_id=None, enable_auto_commit=False, check_crcs=True,
        max_partition_fetch_bytes=4 << 20)
    await consumer.start()
    try:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not comparison.done() and time.monotonic() < deadline:
            for messages in (await consumer.getmany(timeout_ms=200, max_records=5000)).values():
                for message in messages:
                    comparison.add(message.offset, message.key, message.value, message.headers, message.timestamp)
    finally:
        await consumer.stop()
    return comparison


def aiokafka_write(*arguments):
    asyncio.run(asyncio.wait_for(_aiokafka_write(*arguments), DEADLINE_SECONDS))


def aiokafka_read(*arguments):
    return asyncio.run(asyncio.wait_for(_aiokafka_read(*arguments), DEADLINE_SECONDS))


def kcat_read(address, topic, count):
    """kcat prints sizes beside the parts: a null has size -1. Values hold no line ends, so a line is a record."""
    comparison = Comparison(topic, count)
    done = subprocess.run(
        ["kcat", "-C", "-q", "-b", address, "-t", topic, "-p", "0", "-o", "beginning", "-e",
         "-f", "%o|%T|%K|%k|%S|%s|%h\n"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_SECONDS)
    if done.returncode != 0:
        comparison.trouble = f"kcat ended with {done.returncode}: {done.stderr.decode()}"
    for line in done.stdout.split(b"\n")[:-1]:
        offset, timestamp, key_size, key, value_size, value, headers = line.split(b"|")
        pairs = [part.split(b"=") for part in headers.split(b",") if part]
        comparison.add(
            int(offset), None if key_size == b"-1" else key, None if value_size == b"-1" else value,
            [(name.decode(), content) for name, content in pairs], int(timestamp))
    return comparison


WRITE = {"confluent": confluent_write, "kafka-python": kafka_python_write, "aiokafka": aiokafka_write}
READ = {
    "confluent": confluent_read, "kafka-python": kafka_python_read, "aiokafka": aiokafka_read, "kcat": kcat_read,
}


def main(client, action, address, *rest):
    if action == "write":
        topic, codec, count = rest
        WRITE[client](address, topic, codec, int(count))
        return
    count, *topics = rest
    for topic in topics:
        print(READ[client](address, topic, int(count)).line(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
