"""What does not speak Kafka, or speaks it with intent."""

import os
import random
import re
import struct

import wire
from broker import Broker, wait_until
from case import case

BOUND_BYTES = 64 << 20
# Behind the header of a version that is flexible, as every future one is.
NO_TAGS = b"\0"


def forged_frame(api, version, body):
    header = struct.pack(">hhi", api, version, 1) + wire.string("forger")
    return struct.pack(">i", len(header) + len(body)) + header + body


def nonsense():
    """(name, bytes, what the log has to say about it)"""
    chance = random.Random(20)
    produce = wire.string(None) + struct.pack(">hi", 1, 1000) + struct.pack(">i", 0x7FFFFFFF)
    return [
        ("an HTTP request", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", r"HTTP"),
        ("another HTTP request", b"POST /topics HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", r"HTTP"),
        ("a TLS hello", bytes.fromhex("16030100a5010000a10303") + chance.randbytes(160), r"TLS|SSL"),
        ("a length of 2 GB", b"\x7f\xff\xff\xff" + b"x" * 100, r"2147483647|too large|larger|exceed"),
        ("a negative length", b"\xff\xff\xff\xfe" + b"x" * 100, r"negative|-2|length|size"),
        ("random bytes", b"\x90" + chance.randbytes(3000), r"."),
        ("a frame of random bytes", struct.pack(">i", 500) + b"\x6f\xff" + chance.randbytes(498), r"."),
        ("an unknown request", forged_frame(999, 0, b""), r"999|unknown|unsupported"),
        ("a version from the future", forged_frame(wire.METADATA, 99, NO_TAGS), r"99|version|unsupported"),
        ("a forged number of topics", forged_frame(wire.METADATA, 1, b"\x7f\xff\xff\xff"), r"."),
        ("a forged number of partitions", forged_frame(wire.PRODUCE, 3, produce), r"."),
        ("an empty frame", struct.pack(">i", 0), r"."),
        ("a frame cut inside its header", struct.pack(">i", 5) + b"\0\x03\0\x01\0", r"."),
        ("a request with bytes left over", forged_frame(wire.METADATA, 1, wire.array([]) + b"left over"), None),
        ("a client id of 32 KB that is not there", struct.pack(">ihhih", 10, 3, 1, 1, 32767), r"."),
    ]


def still_serves(connection, topic="t"):
    error, _ = connection.produce(topic, wire.batch([(None, b"good")]))
    assert error == 0, error


@case(120)
def nonsense_on_the_port(t):
    for number, (name, data, pattern) in enumerate(nonsense()):
        # A broker each: the log tells of the first of many such connections only.
        with t.step(f"{name} closes its connection and no other"):
            with Broker(os.path.join(t.directory, str(number))) as broker, broker.connect() as other:
                assert other.create_topic("t") == 0
                still_serves(other)
                with broker.connect() as connection:
                    connection.send(data)
                    if pattern is not None:
                        assert connection.closed_within(10), "the connection is still open"
                still_serves(other)
                if pattern is not None:
                    wait_until(lambda: tells(broker, pattern), f"a line in the log like {pattern}", seconds=5)


def tells(broker, pattern):
    lines = [line for line in broker.log().splitlines() if " WARN " in line or " INFO " in line and "losed" in line]
    return any(re.search(pattern, line, re.IGNORECASE) for line in lines)


@case(120)
def abuse_of_the_port(t):
    with Broker(t.directory) as broker, broker.connect() as other:
        assert other.create_topic("t") == 0
        still_serves(other)
        before = broker.resident_bytes()
        with t.step("half a frame and a hang-up"):
            for _ in range(50):
                with broker.connect() as connection:
                    connection.send(struct.pack(">i", 1_000_000) + b"x" * 500)
            still_serves(other)
            assert tells(broker, "it ended within a frame of 1000000 bytes, of which 500 came")
        with t.step("many that announce 100 MB and send nothing cost no memory"):
            waiting = [broker.connect() for _ in range(60)]
            for connection in waiting:
                connection.send(struct.pack(">i", 100_000_000) + b"\0\0\0\x03")
            still_serves(other)
            grown = broker.resident_bytes() - before
            for connection in waiting:
                connection.close()
            assert grown < BOUND_BYTES, f"{grown >> 20} MB more"
        with t.step("a slow client byte by byte is served"):
            with broker.connect() as connection:
                for byte in connection.frame(wire.API_VERSIONS, 0, b""):
                    connection.send(bytes([byte]))
                assert connection.answer().unpack("h") == 0
                still_serves(other)
        with t.step("a client that never reads its answers costs bounded memory"):
            part = wire.batch([(None, b"x" * 900_000)])
            assert other.produce("t", part)[0] == 0
            with broker.connect() as connection:
                connection.socket.setblocking(False)
                flood(connection, wire, "t")
                still_serves(other)
                grown = broker.resident_bytes() - before
                assert grown < 4 * BOUND_BYTES, f"{grown >> 20} MB more"
        with t.step("ten thousand pipelined requests are answered in order"):
            with broker.connect(60) as connection:
                pipelined(connection)
        with t.step("memory is what it was"):
            grown = broker.resident_bytes() - before
            assert grown < 2 * BOUND_BYTES, f"{grown >> 20} MB more"


def flood(connection, wire, topic):
    """Sends fetches for a large batch until the broker takes no more of them."""
    part = struct.pack(">iqi", 0, 0, 1 << 20)
    body = struct.pack(">iiiib", -1, 0, 0, 50 << 20, 0) + wire.array([wire.string(topic) + wire.array([part])])
    frame = connection.frame(wire.FETCH, 4, body)
    for _ in range(20000):
        try:
            connection.socket.send(frame)
        except (BlockingIOError, ConnectionResetError, BrokenPipeError):
            return


def pipelined(connection):
    count = 10_000
    frames = [connection.frame(wire.API_VERSIONS, 0, b"") for _ in range(count)]
    for start in range(0, count, 100):
        connection.send(b"".join(frames[start:start + 100]))
        for number in range(start + 1, start + 101):
            assert wire.Reader(connection.receive()).unpack("i") == number


@case(60)
def an_unsupported_version_of_api_versions_is_answered_with_what_is_supported(t):
    with Broker(t.directory) as broker, broker.connect() as connection:
        reader = connection.ask(wire.API_VERSIONS, 99, NO_TAGS)
        assert reader.unpack("h") == 35
        keys = [key for key, _, _ in reader.array(lambda r: r.unpack("hhh"))]
        assert keys == [] or wire.API_VERSIONS in keys, keys


@case(60)
def connection_limits(t):
    with Broker(t.directory, max_connections_per_ip=5) as broker:
        held = [wait_until(lambda: served(broker), "a connection is served") for _ in range(5)]
        with t.step("one more than max.connections.per.ip is closed"):
            with broker.connect() as extra:
                assert extra.closed_within(10), "the sixth connection is open"
        with t.step("those that are in are served"):
            for connection in held:
                connection.api_versions()
        with t.step("a place that becomes free is given away again"):
            held.pop().close()
            held.append(wait_until(lambda: served(broker), "a new connection is served"))
        for connection in held:
            connection.close()


def served(broker):
    """A connection that was answered, or None: the broker may not know yet that an earlier one is gone."""
    connection = broker.connect(5)
    try:
        connection.api_versions()
        return connection
    except (OSError, EOFError):
        connection.close()
        return None


@case(90)
def many_connections_come_and_go(t):
    with Broker(t.directory) as broker:
        before = None
        for _ in range(5):
            crowd = [broker.connect() for _ in range(200)]
            for connection in crowd:
                connection.api_versions()
            for connection in crowd:
                connection.close()
            before = before or broker.resident_bytes()
        grown = broker.resident_bytes() - before
        assert grown < 16 << 20, f"{grown >> 20} MB more than after the first crowd"
        files = f"/proc/{broker.process.pid}/fd"
        wait_until(lambda: len(os.listdir(files)) < 100, "the sockets are closed")


@case(60)
def idle_connections_are_closed(t):
    with Broker(t.directory, connections_max_idle_ms=500) as broker:
        with broker.connect() as connection:
            connection.api_versions()
            assert connection.closed_within(15), "an idle connection stays open"
