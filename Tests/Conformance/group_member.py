"""One member of a consumer group, as a process of its own: it reads, commits what it has read, and tells all of it.

    group_member.py CLIENT ADDRESS GROUP TOPIC ASSIGNOR [--instance ID] [--session-ms MS]

Every line of its output is an event in JSON, stamped with the monotonic clock that all processes share:

    assigned, revoked, lost   partitions that came or went
    read                      of a partition, the first and the last offset of a stretch
    committed                 the next offsets
    fenced                    a commit that was refused
    closed                    after SIGTERM, the last of all

A member that is killed says nothing more; its partitions are whoever's then.
"""

import argparse
import asyncio
import json
import signal
import sys
import time

POLL_SECONDS = 0.1
REBALANCE_MS = 15000


def tell(event, **details):
    print(json.dumps({"t": time.monotonic(), "event": event, **details}), flush=True)


class Stop:
    asked = False


def numbers(partitions):
    return sorted(partition.partition for partition in partitions)


def confluent(arguments):
    from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

    settings = {
        "bootstrap.servers": arguments.address, "group.id": arguments.group, "enable.auto.commit": False,
        "auto.offset.reset": "earliest", "session.timeout.ms": arguments.session_ms,
        "heartbeat.interval.ms": arguments.session_ms // 6, "max.poll.interval.ms": REBALANCE_MS,
        "partition.assignment.strategy": arguments.assignor, "client.id": "confluent",
    }
    if arguments.client == "confluent-new":
        # The broker says how long a session is, and assigns.
        for name in ("session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"):
            del settings[name]
        settings |= {
            "group.protocol": "consumer", "group.remote.assignor": arguments.assignor, "client.id": "confluent-new"}
    if arguments.instance:
        settings["group.instance.id"] = arguments.instance
    consumer = Consumer(settings)
    consumer.subscribe(
        [arguments.topic],
        on_assign=lambda _, partitions: tell("assigned", partitions=numbers(partitions)),
        on_revoke=lambda _, partitions: tell("revoked", partitions=numbers(partitions)),
        on_lost=lambda _, partitions: tell("lost", partitions=numbers(partitions)))
    while not Stop.asked:
        stretches = {}
        for message in consumer.consume(500, timeout=POLL_SECONDS):
            if message.error() is None:
                stretches.setdefault(message.partition(), []).append(message.offset())
            elif message.error().code() != KafkaError._PARTITION_EOF:
                tell("error", text=str(message.error()))
        if not stretches:
            continue
        read(stretches)
        offsets = [TopicPartition(arguments.topic, partition, found[-1] + 1) for partition, found in stretches.items()]
        try:
            done = consumer.commit(offsets=offsets, asynchronous=False)
            tell("committed", offsets={str(one.partition): one.offset for one in done if one.error is None})
        except KafkaException as error:
            tell("fenced", text=str(error))
    consumer.close()


def kafka_python(arguments):
    from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
    from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
    from kafka.coordinator.assignors.range import RangePartitionAssignor
    from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
    from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
    from kafka.errors import KafkaError

    assignors = {
        "range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor, "sticky": StickyPartitionAssignor,
        "cooperative-sticky": CooperativeStickyAssignor,
    }

    class Listener(ConsumerRebalanceListener):
        def on_partitions_assigned(self, assigned):
            tell("assigned", partitions=numbers(assigned))

        def on_partitions_revoked(self, revoked):
            tell("revoked", partitions=numbers(revoked))

        def on_partitions_lost(self, lost):
            tell("lost", partitions=numbers(lost))

    consumer = KafkaConsumer(
        bootstrap_servers=arguments.address, group_id=arguments.group, enable_auto_commit=False,
        auto_offset_reset="earliest", session_timeout_ms=arguments.session_ms,
        heartbeat_interval_ms=arguments.session_ms // 6, max_poll_interval_ms=REBALANCE_MS,
        group_instance_id=arguments.instance, client_id="kafka-python",
        partition_assignment_strategy=[assignors[arguments.assignor]])
    consumer.subscribe([arguments.topic], listener=Listener())
    while not Stop.asked:
        batches = consumer.poll(int(POLL_SECONDS * 1000))
        stretches = {partition.partition: [one.offset for one in found] for partition, found in batches.items() if found}
        if not stretches:
            continue
        read(stretches)
        offsets = {
            TopicPartition(arguments.topic, partition): OffsetAndMetadata(found[-1] + 1, "", -1)
            for partition, found in stretches.items()
        }
        try:
            consumer.commit(offsets)
            tell("committed", offsets={str(partition): found[-1] + 1 for partition, found in stretches.items()})
        except KafkaError as error:
            tell("fenced", text=repr(error))
    consumer.close()


async def aiokafka_member(arguments):
    from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
    from aiokafka.coordinator.assignors.range import RangePartitionAssignor
    from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
    from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
    from aiokafka.errors import KafkaError

    assignors = {
        "range": RangePartitionAssignor, "roundrobin": RoundRobinPartitionAssignor, "sticky": StickyPartitionAssignor,
    }

    class Listener(ConsumerRebalanceListener):
        async def on_partitions_assigned(self, assigned):
            tell("assigned", partitions=numbers(assigned))

        async def on_partitions_revoked(self, revoked):
            tell("revoked", partitions=numbers(revoked))

    consumer = AIOKafkaConsumer(
        bootstrap_servers=arguments.address, group_id=arguments.group, enable_auto_commit=False,
        auto_offset_reset="earliest", session_timeout_ms=arguments.session_ms,
        heartbeat_interval_ms=arguments.session_ms // 6, max_poll_interval_ms=REBALANCE_MS,
        rebalance_timeout_ms=REBALANCE_MS, group_instance_id=arguments.instance, client_id="aiokafka",
        partition_assignment_strategy=(assignors[arguments.assignor],))
    consumer.subscribe([arguments.topic], listener=Listener())
    await consumer.start()
    while not Stop.asked:
        batches = await consumer.getmany(timeout_ms=int(POLL_SECONDS * 1000))
        stretches = {partition.partition: [one.offset for one in found] for partition, found in batches.items() if found}
        if not stretches:
            continue
        read(stretches)
        try:
            await consumer.commit({
                TopicPartition(arguments.topic, partition): found[-1] + 1 for partition, found in stretches.items()})
            tell("committed", offsets={str(partition): found[-1] + 1 for partition, found in stretches.items()})
        except KafkaError as error:
            tell("fenced", text=repr(error))
    await consumer.stop()


def read(stretches):
    for partition, offsets in stretches.items():
        assert offsets == list(range(offsets[0], offsets[-1] + 1)), f"partition {partition} has gaps: {offsets}"
        tell("read", partition=partition, first=offsets[0], last=offsets[-1])


CLIENTS = {
    "confluent": confluent,
    # The same with `group.protocol=consumer` (KIP-848).
    "confluent-new": confluent,
    "kafka-python": kafka_python,
    "aiokafka": lambda arguments: asyncio.run(aiokafka_member(arguments)),
}


def main():
    parser = argparse.ArgumentParser()
    for name in ("client", "address", "group", "topic", "assignor"):
        parser.add_argument(name)
    parser.add_argument("--instance")
    parser.add_argument("--session-ms", type=int, default=3000)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: setattr(Stop, "asked", True))
    CLIENTS[arguments.client](arguments)
    tell("closed")


if __name__ == "__main__":
    sys.exit(main())
