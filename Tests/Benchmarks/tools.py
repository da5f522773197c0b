"""The console and performance tools beside librdkafka on the same work, in turns against one broker.

    tools.py [ROUNDS] [WORK...]

Works: one for each row of WORKS below; all of them without a name. A work is something our tool and a peer's do to the
same end; what is compared is MB a second and CPU seconds of the client a GB, medians of the rounds. The peer of the
producer is a small C program over librdkafka (kcat's library), built here; without its headers the columns stay empty.
Figures of a shared machine move: compare ratios.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, ".build", "bench")
sys.path.insert(0, os.path.join(ROOT, "Tests", "Conformance"))

from broker import Broker, executable  # noqa: E402

SECONDS_MAX = 120


def measured(command, payload=None):
    """Runs a command; returns its seconds, its CPU seconds and its largest memory in MB."""
    start = time.monotonic()
    stdin = open(payload, "rb") if payload else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    took = time.monotonic() - start
    if payload:
        stdin.close()
    assert process.returncode == 0, (command, text[-500:])
    assert took < SECONDS_MAX
    return took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def peer_producer():
    """The program over librdkafka, or None."""
    os.makedirs(BUILD, exist_ok=True)
    program = os.path.join(BUILD, "rdkafka_produce")
    source = os.path.join(ROOT, "Tests", "Benchmarks", "rdkafka_produce.c")
    done = subprocess.run(
        ["cc", "-std=gnu11", "-O2", "-Wall", "-o", program, source, "-lrdkafka"], capture_output=True, timeout=60)
    return program if done.returncode == 0 else None


class Produce:
    """Records of one size, as fast as they go."""

    def __init__(self, size, count, **settings):
        self.size = size
        self.count = count
        self.bytes = size * count
        self.settings = {"acks": "1", "compression.type": "none", "batch.size": "65536", "linger.ms": "5", **settings}

    def prepare(self, broker, directory):
        self.peer_program = peer_producer()

    def ours(self, broker, topic):
        return measured([
            executable(), "producer-perf-test", "--bootstrap-server", broker.address, "--topic", topic, "--num-records",
            str(self.count), "--record-size", str(self.size), "--throughput", "-1", "--command-property",
            *[f"{key}={value}" for key, value in self.settings.items()]])

    def peer(self, broker, topic):
        if not self.peer_program:
            return None
        return measured([
            self.peer_program, broker.address, topic, str(self.count), str(self.size),
            *[f"{key}={value}" for key, value in self.settings.items()]])


class Pipe:
    """Lines from a file on stdin."""

    def __init__(self, size, count):
        self.size = size
        self.count = count
        self.bytes = (size + 1) * count

    def prepare(self, broker, directory):
        self.path = os.path.join(directory, f"lines-{self.size}")
        if not os.path.exists(self.path):
            with open(self.path, "wb") as file:
                for start in range(0, self.count, 10_000):
                    file.write(b"".join(b"%0*d\n" % (self.size, n) for n in range(start, min(self.count, start + 10_000))))

    def ours(self, broker, topic):
        return measured(
            [executable(), "console-producer", "--bootstrap-server", broker.address, "--topic", topic,
             "--request-required-acks", "1", "--batch-size", "65536", "--timeout", "5"], self.path)

    def peer(self, broker, topic):
        if not shutil.which("kcat"):
            return None
        return measured(
            ["kcat", "-b", broker.address, "-P", "-t", topic, "-X", "acks=1", "-X", "batch.size=65536", "-X",
             "linger.ms=5", "-X", "queue.buffering.max.messages=1000000"], self.path)


WORKS = {
    "produce-100": Produce(100, 2_000_000),
    "produce-100-16k": Produce(100, 2_000_000, **{"batch.size": "16384"}),
    "produce-1k": Produce(1024, 600_000),
    "produce-1k-all": Produce(1024, 600_000, acks="all"),
    "produce-1k-lz4": Produce(1024, 600_000, **{"compression.type": "lz4"}),
    "produce-10k": Produce(10_240, 60_000, **{"batch.size": "262144"}),
    "pipe-20": Pipe(20, 3_000_000),
    "pipe-1k": Pipe(1000, 400_000),
}


def main():
    words = sys.argv[1:]
    rounds = int(words.pop(0)) if words and words[0].isdigit() else 3
    names = words or list(WORKS)
    print(f"{'work':<18}{'MB/s':>8}{'peer':>8}{'CPU s/GB':>10}{'peer':>8}{'RSS MB':>8}{'peer':>8}")
    for name in names:
        work = WORKS[name]
        directory = tempfile.mkdtemp(prefix="skafka-tools-")
        try:
            found = {"ours": [], "peer": []}
            with Broker(directory) as broker:
                work.prepare(broker, directory)
                for number in range(rounds):
                    found["ours"].append(work.ours(broker, f"ours-{number}"))
                    found["peer"].append(work.peer(broker, f"peer-{number}"))
            print(f"{name:<18}" + "".join(row(work, found)))
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def row(work, found):
    """The three figures of both, side by side."""
    figures = []
    for index in range(3):
        for who in ("ours", "peer"):
            runs = [run for run in found[who] if run]
            if not runs:
                figures.append(None)
                continue
            value = statistics.median(run[index] for run in runs)
            figures.append([work.bytes / 1e6 / value, value / (work.bytes / 1e9), value][index])
    widths = [8, 8, 10, 8, 8, 8]
    places = [0, 0, 2, 2, 0, 0]
    return [" " * width if value is None else f"{value:{width}.{place}f}"
            for value, width, place in zip(figures, widths, places)]


if __name__ == "__main__":
    main()
