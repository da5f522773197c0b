"""How fast a log is compacted, whether what is left is right, and what a producer feels of it.

    compaction.py [--records 2000000] [--keys 1000000] [--segment 134217728] [--rate 1000] [--seconds 5] [--directory DIR]

It fills one partition with records of 1 KB, measures a producer at a fixed rate, lets the broker compact the log while
the same producer goes on, and reads all that is left against a model. The producer writes to the very partition that
is compacted. SKAFKA_BIN names the executable.
"""

import argparse
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "Conformance"))
sys.path.insert(0, HERE)

import wire  # noqa: E402
from bench import compile_load  # noqa: E402
from broker import Broker, wait_until  # noqa: E402

INCREMENTAL_ALTER_CONFIGS, TOPIC, SET = 44, 2, 0
PATIENCE_SECONDS = 600
COMPACTED = re.compile(
    r"compacted bench-0, dirty from (\d+) to (\d+): ([\d.]+) MB in (\d+) segments became ([\d.]+) MB in (\d+), "
    r".* ([\d.]+) MB read in ([\d.]+) s")


def is_flushed(directory):
    """Whether the checkpoint says that everything in front of the active segment is on the device."""
    def named(root, name):
        return [os.path.join(base, name) for base, _, files in os.walk(root) if name in files]

    logs = [name for base, _, files in os.walk(directory) if base.endswith("/bench-0") for name in files
            if name.endswith(".log")]
    points = [line.split() for path in named(directory, "recovery-point-offset-checkpoint")
              for line in open(path).read().splitlines() if line.startswith("bench 0 ")]
    return bool(logs and points) and int(points[0][2]) >= max(int(name[:-4]) for name in logs)


def alter(connection, topic, name, value):
    config = wire.string(name) + struct.pack(">b", SET) + wire.string(value)
    resource = struct.pack(">b", TOPIC) + wire.string(topic) + wire.array([config])
    reader = connection.ask(INCREMENTAL_ALTER_CONFIGS, 0, wire.array([resource]) + b"\0")
    reader.unpack("i")
    code = reader.unpack("ih")[1]
    assert code == 0, f"altering {name}: error {code}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--segment", type=int, default=128 << 20)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--directory")
    options = parser.parse_args()
    program = compile_load()
    directory = tempfile.mkdtemp(prefix="compaction-", dir=options.directory)
    shape = [f"count={options.records}", f"keys={options.keys}", "seed=7"]

    def load(mode, *arguments, wait=True):
        process = subprocess.Popen(
            [program, mode, str(broker.port), *shape, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        return result(process) if wait else process

    def result(process):
        out, errors = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, errors.strip()
        return json.loads(out)

    def lines():
        return COMPACTED.findall(broker.log())

    broker = Broker(
        directory, log_cleaner_backoff_ms=100, log_cleaner_dedupe_buffer_size=256 << 20,
        log_flush_scheduler_interval_ms=500)
    try:
        with broker, broker.connect() as connection:
            configs = {"cleanup.policy": "compact", "segment.bytes": str(options.segment),
                       "min.cleanable.dirty.ratio": "1"}
            assert connection.create_topic("bench", 1, configs) == 0
            filled = load("fill", "record=1000", "size=65536", "depth=4")
            print(f"filled with {options.records} records of {options.keys} keys in {filled['seconds']:.1f} s")
            # What lies behind the last roll is not compacted, and what is not flushed neither.
            wait_until(lambda: is_flushed(directory), "the closed segments are flushed", 60)
            os.sync()
            pace = [f"rate={options.rate}", "record=1000"]
            before = load("paced", f"seconds={options.seconds}", *pace)
            alter(connection, "bench", "min.cleanable.dirty.ratio", "0.01")
            began = time.monotonic()
            during = []
            while not lines():
                assert time.monotonic() - began < PATIENCE_SECONDS, broker.log()[-2000:]
                during.append(load("paced", "seconds=1", *pace))
            first = lines()[0]
            wait_until(lambda: load("survivors")["stale"] * 1100 < 2 * options.segment, "few stale records", 60)
            left = load("survivors")
            seconds = float(first[7])
            print(f"compacted {first[2]} MB into {first[4]} MB, {first[6]} MB read in {seconds:.1f} s: "
                  f"{float(first[2]) / seconds:.0f} MB/s of log, {float(first[6]) / seconds:.0f} MB/s read")
            print(f"left: {left['records']} records of {left['keys']} keys, {left['stale']} of them not compacted yet; "
                  "every last value is there, at its offset, with the right checksum")
            print(f"producer at {options.rate}/s: p50 {before['p50_us']:.0f} us, p99 {before['p99_us']:.0f} us before")
            for part in during:
                print(f"  during: p50 {part['p50_us']:.0f} us, p99 {part['p99_us']:.0f} us, "
                      f"p999 {part['p999_us']:.0f} us, max {part['max_us']:.0f} us")
            worst = sorted(part["p99_us"] for part in during)[len(during) // 2]
            print(f"  p99 in the middle of {len(during)} parts: {worst / before['p99_us']:.2f} times that before")
    finally:
        broker.kill()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
