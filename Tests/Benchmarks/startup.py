"""What a command costs from its start to its end, beside a program in C that only prints a line.

    startup.py [ROUNDS]

The best and the median of ROUNDS (30), each with posix_spawn and a wait, its output going nowhere. The aim is ten
milliseconds for everything that asks the broker.
"""

import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Conformance"))

from broker import Broker, executable  # noqa: E402
from wire import CREATE_TOPICS, array, batch, string  # noqa: E402

TOPICS = 1000
HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'


def spawn(words, given=os.devnull):
    """Milliseconds from the start of a program to its end, and its exit code."""
    streams = [(0, given, os.O_RDONLY), (1, os.devnull, os.O_WRONLY), (2, os.devnull, os.O_WRONLY)]
    actions = [(os.POSIX_SPAWN_OPEN, stream, path, mode, 0) for stream, path, mode in streams]
    began = time.perf_counter()
    child = os.posix_spawn(words[0], words, os.environ, file_actions=actions)
    _, status = os.waitpid(child, 0)
    return (time.perf_counter() - began) * 1000, os.waitstatus_to_exitcode(status)


def measure(label, words, rounds, given=os.devnull, code=0):
    times = []
    for _ in range(rounds):
        took, ended = spawn(words, given)
        if ended != code:
            print(f"{label:34} ended with {ended}, not measured")
            return
        times.append(took)
    print(f"{label:34} {min(times):7.2f} {statistics.median(times):7.2f}")


def make_topics(broker):
    names = [f"topic-{number:04}" for number in range(TOPICS)]
    topics = [string(name) + struct.pack(">ih", 1, 1) + array([]) + array([]) for name in names]
    with broker.connect(60) as connection:
        connection.ask(CREATE_TOPICS, 2, array(topics) + struct.pack(">ib", 60000, 0))
        connection.produce(names[0], batch([(b"key", b"value")]))
    return names


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    skafka = executable()
    with tempfile.TemporaryDirectory(prefix="skafka-startup-") as directory:
        source, hello, line = (os.path.join(directory, name) for name in ("hello.c", "hello", "line"))
        with open(source, "w") as file:
            file.write(HELLO)
        subprocess.run(["cc", "-O2", "-o", hello, source], check=True)
        with open(line, "w") as file:
            file.write("a line\n")
        print(f"{'':34} {'best ms':>7} {'median':>7}")
        measure("hello in C", [hello], rounds)
        measure("--version", [skafka, "--version"], rounds)
        measure("--help", [skafka, "--help"], rounds)
        with Broker(os.path.join(directory, "broker")) as broker:
            names = make_topics(broker)
            at = ["--bootstrap-server", broker.address]
            measure(f"topics --list, of {TOPICS:,}", [skafka, "topics", "--list", *at], rounds)
            measure(f"topics --describe, of {TOPICS:,}", [skafka, "topics", "--describe", *at], rounds)
            measure("topics --describe --topic, of one", [skafka, "topics", "--describe", "--topic", names[0], *at], rounds)
            measure("configs --describe, of a topic",
                    [skafka, "configs", "--describe", "--topic", names[0], *at], rounds)
            measure("configs --describe --all, of a broker",
                    [skafka, "configs", "--describe", "--all", "--broker", "1", *at], rounds)
            measure("get-offsets, of a topic", [skafka, "get-offsets", "--topic", names[0], *at], rounds)
            measure("broker-api-versions", [skafka, "broker-api-versions", *at], rounds)
            measure("console-producer, a line", [skafka, "console-producer", "--topic", names[1], *at], rounds, line)
            measure("console-consumer, a record", [
                skafka, "console-consumer", "--topic", names[0], "--from-beginning", "--max-messages", "1", *at], rounds)
        measure("dev -- true", [skafka, "dev", "--", "true"], rounds)


if __name__ == "__main__":
    main()
