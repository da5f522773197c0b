"""How fast the consumer reads, beside kcat (librdkafka) on the same records in the same minute.

    consume.py [ROUNDS]

Fills topics of 300 MB (records of 100 B and of 1 KB, plain and lz4) on a broker of its own and prints, for each reader, the
best of ROUNDS (3): MB of values a second, and seconds of its own CPU for a GB of values. kcat and console-consumer
write every record into /dev/null; consumer-perf-test only counts.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Conformance"))

from broker import Broker, executable  # noqa: E402

BYTES = 300_000_000
SIZES = (100, 1024)
CODECS = ("none", "lz4")
SECONDS = 300


def fill(broker, topic, codec, size):
    line = (b'{"id":%d,"name":"somebody","text":"' + b"abc def ghi " * 100)[: size - 8]
    feeder = subprocess.Popen(
        ["kcat", "-b", broker.address, "-P", "-t", topic, "-z", codec, "-X", "linger.ms=50",
         "-X", "queue.buffering.max.messages=1000000"], stdin=subprocess.PIPE)
    for start in range(0, BYTES // size, 1000):
        feeder.stdin.write(b"".join(b"%08d%b\n" % (start + number, line) for number in range(1000)))
    feeder.stdin.close()
    assert feeder.wait(SECONDS) == 0


def readers(broker, topic, count):
    ours = [executable()]
    where = ["--bootstrap-server", broker.address, "--topic", topic]
    return {
        "kcat": ["kcat", "-b", broker.address, "-C", "-t", topic, "-o", "beginning", "-c", str(count), "-q"],
        "console-consumer": [*ours, "console-consumer", *where, "--from-beginning", "--max-messages", str(count)],
        "consumer-perf-test": [*ours, "consumer-perf-test", *where, "--num-records", str(count)],
    }


def measure(words):
    """(seconds, seconds of CPU) of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS)
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory, Broker(directory) as broker:
        print(f"{'records':<14}{'reader':<22}{'MB/s':>8}{'CPU s/GB':>10}")
        for size in SIZES:
            for codec in CODECS:
                topic = f"{codec}-{size}"
                fill(broker, topic, codec, size)
                count = BYTES // size // 1000 * 1000
                for name, words in readers(broker, topic, count).items():
                    runs = [measure(words) for _ in range(rounds)]
                    wall = min(run[0] for run in runs)
                    cpu = min(run[1] for run in runs)
                    megabytes = count * size / 1e6
                    print(f"{size:>5} B {codec:<7}{name:<22}{megabytes / wall:>8.0f}{cpu / megabytes * 1000:>10.2f}")


main()
