"""The first five minutes with kcat."""

import subprocess
import time

from broker import Broker
from case import case


def kcat(*arguments, give=None, seconds=30):
    done = subprocess.run(["kcat", *arguments], input=give, capture_output=True, timeout=seconds,
                          **({} if give is not None else {"stdin": subprocess.DEVNULL}))
    assert done.returncode == 0, f"kcat {' '.join(arguments)}: {done.returncode} {done.stderr.decode()}"
    return done.stdout


@case(60)
def kcat_says_hello(t):
    with Broker(t.directory) as broker:
        with t.step("kcat produces a line to a topic that did not exist"):
            kcat("-P", "-b", broker.address, "-t", "t", give=b"hello\n")
        with t.step("kcat consumes it"):
            assert kcat("-C", "-q", "-b", broker.address, "-t", "t", "-e") == b"hello\n"
        with t.step("kcat -L lists the broker and the topic"):
            text = kcat("-L", "-b", broker.address).decode()
            assert f"broker 1 at {broker.address}" in text and 'topic "t" with 1 partitions' in text, text
            assert "leader 1, replicas: 1, isrs: 1" in text, text


@case(60)
def a_consumer_at_the_end_gets_a_record_when_it_is_written(t):
    with Broker(t.directory) as broker:
        kcat("-P", "-b", broker.address, "-t", "t", give=b"first\n")
        with broker.connect() as reader, broker.connect() as writer:
            import wire

            part = reader.frame(wire.FETCH, 4, fetch_body("t", 1, wait_ms=15000, min_bytes=1))
            reader.send(part)
            began = time.monotonic()
            assert writer.produce("t", wire.batch([(None, b"second")])) == (0, 1)
            answer = reader.answer()
            took = time.monotonic() - began
            assert b"second" in answer.data, answer.data
            assert took < 5, f"the parked fetch was answered after {took:.1f} s"


@case(60)
def an_empty_fetch_waits_as_long_as_it_was_told(t):
    with Broker(t.directory) as broker, broker.connect() as connection:
        assert connection.create_topic("t") == 0
        began = time.monotonic()
        error, _, data = connection.fetch("t", 0, wait_ms=300, min_bytes=1)
        took = time.monotonic() - began
        assert (error, data) == (0, b"")
        assert 0.25 < took < 5, f"answered after {took:.2f} s"


def fetch_body(topic, offset, wait_ms, min_bytes):
    import struct

    import wire

    part = struct.pack(">iqi", 0, offset, 1 << 20)
    return struct.pack(">iiiib", -1, wait_ms, min_bytes, 1 << 20, 0) + wire.array(
        [wire.string(topic) + wire.array([part])])
