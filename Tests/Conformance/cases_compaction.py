"""Compacted topics as their clients see them: what is left, also after crashes in the middle of cleanings."""

import os
import random
import threading
import time

from broker import Broker, wait_until
from case import case

SETTINGS = {
    "log_cleaner_backoff_ms": 20, "log_flush_scheduler_interval_ms": 50, "log_cleaner_min_cleanable_ratio": 0.01,
    "log_cleaner_delete_retention_ms": 1, "log_segment_delete_delay_ms": 100,
}
TOPIC = {"cleanup.policy": "compact", "segment.bytes": str(1 << 20)}
KEYS = 200


def kafka_python_table(address, topic):
    """What a consumer that begins at the start ends up with, and how many records it read."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False)
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    consumer.seek_to_beginning(partition)
    table, count = {}, 0
    while consumer.position(partition) < end:
        for records in consumer.poll(timeout_ms=1000).values():
            for record in records:
                count += 1
                table[record.key] = record.value
    consumer.close()
    return {key: value for key, value in table.items() if value is not None}, count


class Writer:
    """Writes keyed values and tombstones, acknowledged one by one, and remembers what must be read in the end."""

    def __init__(self, address, topic, codec, seed):
        from confluent_kafka import Producer

        self.topic = topic
        self.chance = random.Random(seed)
        self.expected = {}
        self.failures = []
        self.written = 0
        self.producer = Producer({
            "bootstrap.servers": address, "enable.idempotence": True, "acks": "all", "linger.ms": 2,
            "compression.type": codec, "message.timeout.ms": 120000, "retry.backoff.ms": 20,
            "reconnect.backoff.ms": 10, "reconnect.backoff.max.ms": 100,
        })

    def write(self, count):
        for _ in range(count):
            key = b"key-%d" % self.chance.randrange(KEYS)
            value = None if self.chance.randrange(10) == 0 else b"%d " % self.written + os.urandom(
                self.chance.randrange(600))
            while len(self.producer) > 5000:
                self.producer.poll(0.01)
            self.producer.produce(
                self.topic, key=key, value=value, partition=0,
                on_delivery=lambda error, _: self.failures.append(str(error)) if error else None)
            # One idempotent producer keeps the order, so the last that was sent is the last that is stored.
            self.expected[key] = value
            self.written += 1
            self.producer.poll(0)

    def finish(self):
        left = self.producer.flush(60)
        assert left == 0 and not self.failures, (left, self.failures[:3])
        return {key: value for key, value in self.expected.items() if value is not None}


@case(120)
def a_compacted_topic_keeps_the_last_value_of_each_key(t):
    with Broker(t.directory, **SETTINGS) as broker:
        for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
            with t.step(codec):
                with broker.connect() as connection:
                    assert connection.create_topic(codec, configs=TOPIC) == 0
                writer = Writer(broker.address, codec, codec, seed=1)
                writer.write(12000)
                expected = writer.finish()
                line = f"compacted {codec}-0, "
                wait_until(lambda: line in broker.log(), "a cleaning")
                table, count = kafka_python_table(broker.address, codec)
                assert table == expected
                assert count < writer.written, f"all {count} records are still there"
        with t.step("a record without a key is refused"):
            from confluent_kafka import Producer

            outcome = []
            producer = Producer({"bootstrap.servers": broker.address})
            producer.produce("none", value=b"x", partition=0, on_delivery=lambda error, _: outcome.append(error))
            producer.flush(20)
            assert outcome[0] is not None and outcome[0].name() == "INVALID_RECORD", outcome
        with t.step("the checkpoint of the cleaner has Kafka's form"):
            with open(os.path.join(broker.data, "cleaner-offset-checkpoint")) as file:
                lines = file.read().split("\n")
            assert lines[0] == "0" and int(lines[1]) == len(lines) - 3 and lines[-1] == "", lines
        with t.step("what is left survives a restart"):
            broker.restart()
            table, _ = kafka_python_table(broker.address, codec)
            assert table == expected


@case(240)
def kill_9_in_the_middle_of_cleanings_loses_nothing_and_wakes_no_dead(t):
    rounds = 40 if t.is_long else 8
    with Broker(t.directory, **SETTINGS) as broker:
        with broker.connect() as connection:
            assert connection.create_topic("t", configs=TOPIC) == 0
        writer = Writer(broker.address, "t", "lz4", seed=2)
        stop = threading.Event()

        def write():
            while not stop.is_set():
                writer.write(200)
                # A debug build compacts no faster than this fills.
                time.sleep(0.05)

        thread = threading.Thread(target=write, daemon=True)
        thread.start()
        chance = random.Random(3)
        for _ in range(rounds):
            seen = broker.log().count("compacted t-0, ")
            wait_until(lambda: broker.log().count("compacted t-0, ") > seen, "another cleaning", 60)
            time.sleep(chance.random() * 0.2)
            broker.restart("kill")
        stop.set()
        thread.join(90)
        assert not thread.is_alive(), "the producer does not come to an end"
        expected = writer.finish()
        with t.step(f"the last values are there and the deleted ones are not, {rounds} crashes"):
            table, count = kafka_python_table(broker.address, "t")
            assert table == expected, {
                key: (table.get(key), expected.get(key)) for key in set(table) | set(expected)
                if table.get(key) != expected.get(key)}
        with t.step("the log was really compacted"):
            assert count < writer.written / 2, (count, writer.written)
        with t.step("no file of a cleaning is left behind a restart"):
            broker.restart()
            left = [name for name in os.listdir(broker.partition("t")) if name.endswith((".cleaned", ".swap"))]
            assert not left, left
