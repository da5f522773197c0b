"""Topics that keep a codec of their own, stamp records themselves, or bound their times and sizes."""

import os
import struct
import subprocess
import time
import zlib

import clients
import wire
from broker import Broker
from case import case
from cases_interop import codec_of_first_batch, in_pairs

COUNT = int(os.environ.get("RECOMPRESSION_COUNT", "5000"))
WRITERS = ("confluent", "kafka-python")
KEPT = ("uncompressed", "gzip", "snappy", "lz4", "zstd")
OTHERS = {"confluent": "kafka-python", "kafka-python": "confluent"}
MESSAGE_TOO_LARGE, INVALID_TIMESTAMP, INVALID_RECORD, CORRUPT_MESSAGE = 10, 32, 87, 2


def codecs_of(path):
    """The codec of every batch of a segment, after a look at its checksum."""
    with open(path, "rb") as file:
        data = file.read()
    position, found = 0, []
    while position < len(data):
        size = 12 + struct.unpack_from(">i", data, position + 8)[0]
        batch = data[position:position + size]
        assert struct.unpack_from(">I", batch, 17)[0] == wire.crc32c(batch[21:]), f"wrong checksum at {position}"
        found.append(batch[22] & 7)
        position += size
    return found


@case(480)
def what_every_client_writes_is_kept_in_the_codec_of_its_topic(t):
    topics = {
        f"{kept}-{name}-{codec}": (kept, name, codec)
        for kept in KEPT for name in WRITERS for codec in clients.CODECS}
    with Broker(t.directory) as broker:
        with broker.connect() as connection:
            for topic, (kept, _, _) in topics.items():
                assert connection.create_topic(topic, configs={"compression.type": kept}) == 0, topic
        writes = ((topic, (name, "write", broker.address, topic, codec, COUNT))
                  for topic, (_, name, codec) in topics.items())
        for topic, status, _, errors in in_pairs(writes):
            kept, name, codec = topics[topic]
            with t.step(f"{name} writes {codec} into a topic of {kept}"):
                assert status == 0, errors[-2000:]
        reads = []
        for writer, reader in OTHERS.items():
            own = [topic for topic, (_, name, _) in topics.items() if name == writer]
            reads += [(reader, (reader, "read", broker.address, COUNT, *own))]
            reads += [("kcat", ("kcat", "read", broker.address, COUNT, *own))]
        for reader, _, output, errors in in_pairs(reads):
            for line in output.splitlines():
                topic = line.split()[1].rstrip(":")
                with t.step(f"{reader} reads {topic}"):
                    assert line == f"same {topic}", line[:1500]
            with t.step(f"{reader} reads all topics"):
                assert len(output.splitlines()) == len(topics) // 2, errors[-1500:]
    with t.step("every batch has the codec of its topic"):
        found = {topic: set(codecs_of(broker.segments(topic)[0])) for topic in topics}
        wanted = {topic: {KEPT.index(kept)} for topic, (kept, _, _) in topics.items()}
        assert found == wanted, {topic: found[topic] for topic in topics if found[topic] != wanted[topic]}


@case(60)
def a_level_changes_the_size(t):
    levels = {
        "gzip": ("compression.gzip.level", "1", "9"), "lz4": ("compression.lz4.level", "9", "17"),
        "zstd": ("compression.zstd.level", "-50", "19"),
    }
    words = [b"%d %d" % (number * 7919 % 1009, number % 13) for number in range(3000)]
    data = wire.batch([(None, word) for word in words])
    with Broker(t.directory) as broker, broker.connect() as connection:
        for codec, (key, low, high) in levels.items():
            sizes = []
            for level in (low, high):
                topic = f"{codec}{level}"
                configs = {"compression.type": codec, key: level}
                assert connection.create_topic(topic, configs=configs) == 0
                assert connection.produce(topic, data) == (0, 0)
                sizes.append(os.path.getsize(broker.segments(topic)[0]))
                # Fetched, not only written: kcat unpacks it.
                values = kcat_values(broker.address, topic)
                assert values == words, f"{topic}: {len(values)} values came back"
            with t.step(f"{codec}: level {high} is smaller than {low}"):
                assert sizes[1] < sizes[0], sizes


def kcat_values(address, topic):
    done = subprocess.run(
        ["kcat", "-C", "-q", "-b", address, "-t", topic, "-p", "0", "-o", "beginning", "-e", "-f", "%s\n"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(b"\n")[:-1]


@case(60)
def the_codec_of_the_broker_and_its_change_hold_for_topics_without_one(t):
    data = wire.batch([(b"k", b"some value " * 20)] * 50)
    with Broker(t.directory, **{"compression.type": "zstd"}) as broker:
        with broker.connect() as connection:
            connection.create_topic("follows")
            connection.create_topic("own", configs={"compression.type": "producer"})
            assert connection.produce("follows", data)[0] == 0
            assert connection.produce("own", data)[0] == 0
        assert "compression.type" not in broker.log().replace("compression.type = ", ""), "a warning is left"
    assert codec_of_first_batch(broker.segments("follows")[0]) == 4
    assert codec_of_first_batch(broker.segments("own")[0]) == 0


@case(60)
def log_append_time_stamps_every_codec(t):
    from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, Producer, TopicPartition

    with Broker(t.directory, **{"log.message.timestamp.type": "LogAppendTime"}) as broker:
        with broker.connect() as connection:
            connection.create_topic("t")
            connection.create_topic("packed", configs={"compression.type": "gzip"})
        before = int(time.time() * 1000)
        for topic in ("t", "packed"):
            stamps = {}
            for codec in clients.CODECS:
                producer = Producer({"bootstrap.servers": broker.address, "compression.type": codec, "linger.ms": 5})
                for number in range(20):
                    # Neither long ago nor far ahead matters: the broker's time takes its place.
                    producer.produce(
                        topic, value=b"value %d" % number * 5, partition=0, timestamp=1 if number % 2 else 1 << 50,
                        on_delivery=lambda error, message: stamps.__setitem__(message.offset(), (error, message)))
                assert producer.flush(20) == 0
            after = int(time.time() * 1000)
            assert len(stamps) == 100
            consumer = Consumer({
                "bootstrap.servers": broker.address, "group.id": "unused", "check.crcs": True,
                "enable.auto.commit": False, "enable.auto.offset.store": False,
            })
            consumer.assign([TopicPartition(topic, 0, 0)])
            seen = []
            deadline = time.monotonic() + 20
            while len(seen) < 100 and time.monotonic() < deadline:
                seen += [message for message in consumer.consume(100, 0.2) if message.error() is None]
            consumer.close()
            with t.step(f"{topic}: consumers and producers see the same times"):
                assert len(seen) == 100, len(seen)
                for message in seen:
                    kind, stamp = message.timestamp()
                    assert kind == TIMESTAMP_LOG_APPEND_TIME
                    assert before <= stamp <= after, (before, stamp, after)
                    error, sent = stamps[message.offset()]
                    assert error is None and sent.timestamp()[1] == stamp, (sent.timestamp(), stamp)


def produce_version_8(connection, topic, data):
    """(error code, {record index: message}, message) of Produce version 8, which names records."""
    reader = connection.ask(0, 8, connection.produce_body(topic, data))

    def partition(r):
        _, error, _, _, _ = r.unpack("ihqqq")
        named = dict(r.array(lambda one: (one.unpack("i"), one.string())))
        return error, named, r.string()

    return reader.array(lambda r: (r.string(), r.array(partition)))[0][1][0]


def gzipped(batch):
    """The batch with its records in gzip."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    records = packer.compress(batch[61:]) + packer.flush()
    return signed(batch[:61] + records, attributes=1)


def signed(batch, attributes=None, count=None):
    covered = bytearray(batch[21:])
    if attributes is not None:
        struct.pack_into(">h", covered, 0, attributes)
    if count is not None:
        struct.pack_into(">i", covered, 2, count - 1)
        struct.pack_into(">i", covered, 36, count)
    return batch[:8] + struct.pack(">iibI", len(covered) + 9, -1, 2, wire.crc32c(bytes(covered))) + bytes(covered)


@case(60)
def records_out_of_time_are_refused_by_name(t):
    hour = 3_600_000
    with Broker(t.directory) as broker, broker.connect() as connection:
        configs = {"message.timestamp.before.max.ms": str(hour), "message.timestamp.after.max.ms": str(hour)}
        connection.create_topic("bounded", configs=configs)
        now = int(time.time() * 1000)
        cases = {"early": (now - hour - 60_000, {0, 1, 2}), "late": (now + hour + 60_000, {0, 1, 2})}
        for name, (timestamp, expected) in cases.items():
            for form, change in (("plain", bytes), ("gzip", gzipped)):
                data = change(wire.batch([(b"k", b"v")] * 3, timestamp=timestamp))
                error, named, message = produce_version_8(connection, "bounded", data)
                with t.step(f"{name}, {form}"):
                    assert error == INVALID_TIMESTAMP, error
                    assert set(named) == expected, named
                    assert str(timestamp) in named[0] and message, (named, message)
        with t.step("a header that hides the times of its records is seen through"):
            batch = gzipped(wire.batch([(b"k", b"v")] * 3, timestamp=now + 2 * hour))
            hidden = bytearray(batch)
            struct.pack_into(">q", hidden, 35, now)
            assert produce_version_8(connection, "bounded", signed(bytes(hidden)))[0] == INVALID_TIMESTAMP
        with t.step("the real client is told"):
            from confluent_kafka import Producer

            errors = []
            producer = Producer({"bootstrap.servers": broker.address, "compression.type": "lz4", "retries": 0})
            producer.produce(
                "bounded", value=b"v", partition=0, timestamp=now - 5 * hour,
                on_delivery=lambda error, _: errors.append(error.name()))
            producer.flush(20)
            assert errors == ["INVALID_TIMESTAMP"], errors
        assert connection.fetch("bounded", 0)[:2] == (0, 0)
        assert connection.produce("bounded", gzipped(wire.batch([(b"k", b"v")], timestamp=now))) == (0, 0)


@case(60)
def the_largest_batch_counts_as_it_comes_and_as_it_is_kept(t):
    large = gzipped(wire.batch([(None, b"x" * 5000)]))
    assert len(large) < 200
    with Broker(t.directory) as broker, broker.connect() as connection:
        limit = {"max.message.bytes": "2000"}
        connection.create_topic("plain", configs={"compression.type": "uncompressed", **limit})
        connection.create_topic("packed", configs={"compression.type": "zstd", **limit})
        assert connection.produce("plain", large)[0] == MESSAGE_TOO_LARGE
        assert connection.produce("packed", large) == (0, 0)
        assert connection.produce("packed", wire.batch([(None, b"x" * 5000)]))[0] == MESSAGE_TOO_LARGE
        assert connection.fetch("plain", 0)[1] == 0


@case(60)
def a_batch_that_no_consumer_could_read_is_refused(t):
    good = gzipped(wire.batch([(b"k", b"v%d" % number) for number in range(3)]))
    forged = {
        "fewer records than stated": signed(good, count=4), "more records than stated": signed(good, count=2),
        "no gzip at all": signed(good[:61] + b"\xa5" * 40), "gzip cut off": signed(good[:-10]),
    }
    with Broker(t.directory) as broker, broker.connect() as connection:
        for kept in ("producer", "lz4"):
            connection.create_topic(kept, configs={"compression.type": kept})
            for name, data in forged.items():
                with t.step(f"{name}, in a topic of {kept}"):
                    assert connection.produce(kept, data)[0] in (INVALID_RECORD, CORRUPT_MESSAGE)
            assert connection.produce(kept, good) == (0, 0)


@case(60)
def what_is_written_again_is_known_again(t):
    with Broker(t.directory) as broker, broker.connect() as connection:
        connection.create_topic("t", configs={"compression.type": "snappy"})
        error, producer, epoch = connection.init_producer_id()
        assert error == 0
        first, second = (
            wire.batch(
                [(b"k", b"v" * 50)] * 10, int(time.time() * 1000), (producer, epoch, sequence)) for sequence in (0, 10))
        assert connection.produce("t", first) == (0, 0)
        assert connection.produce("t", gzipped(second)) == (0, 10)
        assert connection.produce("t", gzipped(first)) == (0, 0)
        assert connection.produce("t", second) == (0, 10)
        assert connection.list_offset("t", -1)[2] == 20
    broker.start()
    with broker.connect() as connection:
        with t.step("after a restart too"):
            assert connection.produce("t", second) == (0, 10)
    broker.stop()
