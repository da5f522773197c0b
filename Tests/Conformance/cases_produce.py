"""Acknowledgements, idempotence, limits, and topics that come into being by being written to."""

import asyncio
import subprocess
import time

import wire
from broker import Broker
from case import case

ERRORS = {
    "OFFSET_OUT_OF_RANGE": 1, "CORRUPT_MESSAGE": 2, "UNKNOWN_TOPIC_OR_PARTITION": 3, "MESSAGE_TOO_LARGE": 10,
    "INVALID_REQUIRED_ACKS": 21, "OUT_OF_ORDER_SEQUENCE_NUMBER": 45, "INVALID_PRODUCER_EPOCH": 47,
}


def values(broker, topic):
    with broker.connect() as connection:
        return [value for _, _, value in connection.fetch_all(topic)]


def confluent_send(address, topic, sent, **settings):
    """Sends the values in order; returns the error of each, None for those that were stored."""
    from confluent_kafka import Producer

    errors = {}
    producer = Producer({"bootstrap.servers": address, "message.timeout.ms": 15000, **settings})
    for number, value in enumerate(sent):
        producer.produce(
            topic, value=value, partition=0,
            on_delivery=lambda error, _, number=number: errors.__setitem__(number, error and error.name()))
    assert producer.flush(20) == 0, "records are left in the producer"
    return [errors[number] for number in range(len(sent))]


async def aiokafka_send(address, topic, sent, **settings):
    from aiokafka import AIOKafkaProducer

    async with AIOKafkaProducer(bootstrap_servers=address, **settings) as producer:
        for value in sent:
            await producer.send(topic, value, partition=0)
        await producer.flush()


def kafka_python_send(address, topic, sent, **settings):
    from kafka import KafkaProducer

    producer = KafkaProducer(bootstrap_servers=address, **settings)
    for value in sent:
        producer.send(topic, value, partition=0)
    producer.flush(20)
    producer.close()


@case(120)
def acknowledgements_none_leader_and_all(t):
    from broker import wait_until

    sent = [b"value %d" % number for number in range(500)]
    with Broker(t.directory) as broker:
        for acks in (0, 1, -1):
            plain = {"acks": acks, "enable.idempotence": False}
            word = {0: "none", 1: "leader", -1: "all"}[acks]
            with t.step(f"confluent-kafka with acks of {word}"):
                assert not any(confluent_send(broker.address, f"c{acks}", sent, **plain))
                wait_until(lambda: values(broker, f"c{acks}") == sent, "all values in order")
            with t.step(f"kafka-python with acks of {word}"):
                kafka_python_send(
                    broker.address, f"k{acks}", sent, acks="all" if acks < 0 else acks, enable_idempotence=False)
                wait_until(lambda: values(broker, f"k{acks}") == sent, "all values in order")
            with t.step(f"aiokafka with acks of {word}"):
                asyncio.run(aiokafka_send(broker.address, f"a{acks}", sent, acks="all" if acks < 0 else acks))
                wait_until(lambda: values(broker, f"a{acks}") == sent, "all values in order")
        with t.step("other numbers of acknowledgements are refused"), broker.connect() as connection:
            error, _ = connection.produce("c1", wire.batch([(None, b"x")]), acks=2)
            assert error == ERRORS["INVALID_REQUIRED_ACKS"], error


@case(120)
def idempotent_producers(t):
    sent = [b"value %d" % number for number in range(2000)]
    with Broker(t.directory) as broker:
        with t.step("confluent-kafka with idempotence"):
            assert not any(confluent_send(broker.address, "c", sent, **{"enable.idempotence": True}))
            assert values(broker, "c") == sent
        with t.step("kafka-python with idempotence"):
            kafka_python_send(broker.address, "k", sent, enable_idempotence=True)
            assert values(broker, "k") == sent
        with t.step("aiokafka with idempotence"):
            asyncio.run(aiokafka_send(broker.address, "a", sent, enable_idempotence=True))
            assert values(broker, "a") == sent
        with broker.connect() as connection:
            assert connection.create_topic("raw") == 0
            error, producer, epoch = connection.init_producer_id()
            assert error == 0 and producer >= 0 and epoch == 0, (error, producer, epoch)

            # A producer whose last record is older than a day is forgotten when the log is opened.
            now = int(time.time() * 1000)

            def send(first, count, epoch=epoch):
                records = [(None, b"%d" % number) for number in range(first, first + count)]
                return connection.produce("raw", wire.batch(records, now, producer=(producer, epoch, first)))

            with t.step("a batch that is sent again is stored once and acknowledged with its first offset"):
                assert send(0, 3) == (0, 0)
                assert send(3, 2) == (0, 3)
                assert send(0, 3) == (0, 0)
                assert send(3, 2) == (0, 3)
            with t.step("a gap in the sequence is refused"):
                assert send(9, 1)[0] == ERRORS["OUT_OF_ORDER_SEQUENCE_NUMBER"]
            with t.step("the sequence goes on behind the refusal"):
                assert send(5, 1) == (0, 5)
            with t.step("an older epoch is fenced"):
                assert send(0, 1, epoch=1) == (0, 6)
                assert send(6, 1, epoch=0)[0] == ERRORS["INVALID_PRODUCER_EPOCH"]
            with t.step("duplicates are recognised across a restart and across a crash"):
                for how in ("stop", "kill"):
                    broker.restart(how)
                    connection.close()
                    connection = broker.connect()
                    found = send(0, 1, epoch=1)
                    assert found == (0, 6), (how, found)
                stored = [value for _, _, value in connection.fetch_all("raw")]
                assert stored == [b"0", b"1", b"2", b"3", b"4", b"5", b"0"], stored
            with t.step("the next producer gets an id of its own"):
                assert connection.init_producer_id()[1] > producer
            connection.close()


@case(120)
def records_that_are_too_large(t):
    with Broker(t.directory) as broker:
        wide = {"message.max.bytes": 8_000_000, "enable.idempotence": False}
        with t.step("one below the limit is stored"):
            assert confluent_send(broker.address, "t", [b"x" * 1_000_000], **wide) == [None]
        with t.step("one above message.max.bytes is refused with MESSAGE_TOO_LARGE, the next is stored"):
            sent = [b"x" * 1_100_000, b"small"]
            found = confluent_send(broker.address, "t", sent, **wide, **{"batch.num.messages": 1})
            assert found == ["MSG_SIZE_TOO_LARGE", None], found
            with broker.connect() as connection:
                assert connection.list_offset("t", -1)[2] == 2
        with t.step("max.message.bytes of a topic raises its limit"), broker.connect() as connection:
            assert connection.create_topic("big", configs={"max.message.bytes": "5000000"}) == 0
            assert confluent_send(broker.address, "big", [b"x" * 4_000_000], **wide) == [None]
            assert connection.list_offset("big", -1)[2] == 1
        with t.step("a record larger than the fetch limit still comes"), broker.connect() as connection:
            error, _, data = connection.fetch("big", 0, max_bytes=1000)
            assert error == 0 and len(data) > 4_000_000, (error, len(data))


@case(60)
def batches_that_are_wrong(t):
    with Broker(t.directory) as broker, broker.connect() as connection:
        assert connection.create_topic("t") == 0
        good = wire.batch([(b"k", b"v")])
        with t.step("a batch with a wrong CRC is refused"):
            bad = bytearray(good)
            bad[-2] ^= 1
            assert connection.produce("t", bytes(bad))[0] == ERRORS["CORRUPT_MESSAGE"]
        with t.step("a batch that is cut off is refused"):
            error, _ = connection.produce("t", good[:-5])
            assert error != 0, error
        with t.step("a batch whose record count is forged is refused"):
            bad = bytearray(good)
            bad[57:61] = b"\x7f\xff\xff\xff"
            bad[17:21] = wire.crc32c(bytes(bad[21:])).to_bytes(4, "big")
            error, _ = connection.produce("t", bytes(bad))
            assert error != 0, error
        with t.step("nothing of them was stored"):
            assert connection.list_offset("t", -1)[2] == 0
        with t.step("an unknown partition is named as such"):
            assert connection.produce("t", good, partition=7)[0] == ERRORS["UNKNOWN_TOPIC_OR_PARTITION"]
        with t.step("a fetch beyond the end is out of range"):
            assert connection.fetch("t", 5)[0] == ERRORS["OFFSET_OUT_OF_RANGE"]


@case(90)
def topics_are_created_by_use(t):
    with Broker(t.directory, num_partitions=3) as broker:
        with t.step("with num.partitions of the broker"):
            assert confluent_send(broker.address, "fresh", [b"x"]) == [None]
            text = subprocess.run(
                ["kcat", "-L", "-b", broker.address, "-t", "fresh"], capture_output=True, timeout=30).stdout
            assert b'topic "fresh" with 3 partitions' in text, text
        with t.step("but not with a name that no topic can have"), broker.connect() as connection:
            error, _ = connection.produce("no/topic", wire.batch([(None, b"x")]))
            assert error != 0, error
    broker.settings["auto.create.topics.enable"] = "false"
    with t.step("and not at all when auto.create.topics.enable is false"):
        with broker.start(), broker.connect() as connection:
            found = confluent_send(broker.address, "other", [b"x"], **{"message.timeout.ms": 3000})
            assert found[0] is not None
            error, _ = connection.produce("other", wire.batch([(None, b"x")]))
            assert error == ERRORS["UNKNOWN_TOPIC_OR_PARTITION"], error
