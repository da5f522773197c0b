"""What skafka does, beside what this machine can do at best, measured in turns in the same minutes.

    bench.py [ROUNDS] [SECTION...]

Sections: start produce small e2e durable partitions idle; all of them without a name.

The limits come from a C program that stands beside the repository (LIMITS_DIR, ../shared/limits); without it the
columns stay empty. Figures of a shared machine move: compare ratios, and CPU seconds a GB before GB a second.
"""

import contextlib
import json
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, ".build", "bench")
sys.path.insert(0, os.path.join(ROOT, "Tests", "Conformance"))

import wire  # noqa: E402
from broker import Broker, executable  # noqa: E402

PARTITIONS = 10_000
IDLE_SECONDS = 60
WHOLE_RUN_SECONDS = 330
CONSUMED_BYTES = 256 << 20
# Producers and partitions.
DURABLE = [(1, 1), (16, 1), (64, 1), (16, 8), (64, 8)]

started = time.monotonic()
figures = {}


def left():
    return WHOLE_RUN_SECONDS - (time.monotonic() - started)


def note(figure, value):
    figures.setdefault(figure, []).append(value)


def compile_load():
    os.makedirs(BUILD, exist_ok=True)
    program = os.path.join(BUILD, "load")
    source = os.path.join(ROOT, "Tests", "Benchmarks", "load.c")
    subprocess.run(["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-o", program, source], check=True, timeout=60)
    return program


def compile_limits():
    directory = os.environ.get("LIMITS_DIR", os.path.join(os.path.dirname(ROOT), "shared", "limits"))
    source = os.path.join(directory, "limits.c")
    if not os.path.exists(source):
        print(f"no limits program at {directory}: name its directory in LIMITS_DIR", file=sys.stderr)
        return None
    program = os.path.join(BUILD, "limits")
    machine = {"x86_64": ["-msse4.2"], "aarch64": ["-march=armv8-a+crc"]}.get(os.uname().machine, [])
    subprocess.run(["cc", "-std=gnu11", "-O2", *machine, "-o", program, source, "-pthread"], check=True, timeout=60)
    return program


def measure_limits(program, *groups):
    done = subprocess.run(
        [program, "-r", "1", "-s", "0.4", "-d", BUILD, *groups],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=90)
    for line in done.stdout.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) == 5:
            with contextlib.suppress(ValueError):
                note("limit: " + cells[0], float(cells[2]))


@contextlib.contextmanager
def fresh_broker(**settings):
    directory = tempfile.mkdtemp(prefix="broker-", dir=BUILD)
    broker = Broker(directory, **settings)
    try:
        with broker:
            yield broker
    finally:
        broker.kill()
        shutil.rmtree(directory, ignore_errors=True)


class Load:
    def __init__(self, program):
        self.program = program

    def __call__(self, mode, broker, **options):
        arguments = [f"{name}={value}" for name, value in options.items()]
        done = subprocess.run(
            [self.program, mode, str(broker.port), f"pid={broker.process.pid}", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"{mode} {options}: {done.stderr.strip()}")
        return json.loads(done.stdout)


def produce_and_consume(load):
    for name, size in (("1 MB", 1 << 20), ("64 KB", 64 << 10)):
        with fresh_broker() as broker:
            create(broker, "bench")
            produced = load("produce", broker, size=size, depth=4, seconds=1)
            note(f"produce {name} GB/s", produced["gb_per_second"])
            note(f"produce {name} CPU s/GB", produced["cpu_per_gb"])
            batches = min(produced["all_answers"], CONSUMED_BYTES // produced["batch_bytes"])
            shape = {"size": size, "batches": batches, "seconds": 1}
            for kind, discard, fetch in (("", 0, 1 << 20), (" discarded", 1, 1 << 20), (" 64 KB answers", 0, 64 << 10)):
                if fetch < size:
                    continue
                consumed = load("consume", broker, discard=discard, fetch=fetch, **shape)
                note(f"consume {name}{kind} GB/s", consumed["gb_per_second"])
                note(f"consume {name}{kind} CPU s/GB", consumed["cpu_per_gb"])


def small_requests(load):
    with fresh_broker() as broker:
        create(broker, "bench")
        for kind in ("versions", "metadata", "produce"):
            note(f"{kind} pipelined /s", load("ask", broker, kind=kind, depth=16, seconds=0.7)["per_second"])
            many = load("ask", broker, kind=kind, depth=16, connections=64, seconds=0.7)
            note(f"{kind} pipelined 64 /s", many["per_second"])
            note(f"{kind} pipelined 64 CPU us", many["cpu_us_per_answer"])
            alone = load("latency", broker, kind=kind, seconds=0.7)
            note(f"{kind} alone p50", alone["p50_us"])
            note(f"{kind} alone p99", alone["p99_us"])
        small = load("produce", broker, size=1000, record=900, depth=16, connections=64, seconds=0.7)
        note("produce 1 KB 64 conn /s", small["per_second"])


def end_to_end(load):
    for rate in (1000, 10000):
        with fresh_broker() as broker:
            create(broker, "bench")
            waited = load("e2e", broker, rate=rate, seconds=1)
            note(f"end to end {rate}/s p50", waited["p50_us"])
            note(f"end to end {rate}/s p99", waited["p99_us"])


def durable(load, limits):
    """Records that are on the device before they are answered: one record a request, one request a producer."""
    if limits:
        measure_limits(limits, "sync")
    with fresh_broker() as broker:
        for partitions in (1, 8):
            create(broker, f"durable-{partitions}", partitions, {"flush.messages": "1"})
        for producers, partitions in DURABLE:
            done = load(
                "produce", broker, topic=f"durable-{partitions}", connections=producers, partitions=partitions,
                size=0, record=1024, depth=1, acks=-1, times=1, seconds=1)
            name = f"durable {producers} producers, {partitions} partitions"
            note(f"{name} /s", done["per_second"])
            note(f"{name} p50", done["p50_us"])
            note(f"{name} p99", done["p99_us"])
            note(f"{name} CPU us", done["cpu_us_per_answer"])
        deep = load(
            "produce", broker, topic="durable-1", connections=1, size=0, record=1024, depth=5, acks=-1, times=1,
            seconds=1)
        note("durable 1 producer, 5 in flight /s", deep["per_second"])
        note("durable 1 producer, 5 in flight p99", deep["p99_us"])


def create(broker, topic, partitions=1, configs=None):
    with broker.connect(60) as connection:
        error = connection.create_topic(topic, partitions, configs=configs or {})
        assert error == 0, f"CreateTopics: error {error}"


def time_to_first_answer(broker):
    """Milliseconds from exec to the answer to ApiVersions, asking as often as the machine allows."""
    frame = struct.pack(">ihhih", 10, wire.API_VERSIONS, 0, 1, -1)
    began = time.monotonic()
    broker.launch()
    while True:
        try:
            with socket.create_connection(("127.0.0.1", broker.port), 30) as connection:
                connection.sendall(frame)
                if connection.recv(1):
                    return (time.monotonic() - began) * 1e3
        except OSError:
            if broker.process.poll() is not None or time.monotonic() - began > 30:
                raise RuntimeError("the broker did not start:\n" + broker.log()[-2000:]) from None


def starts():
    for _ in range(20):
        directory = tempfile.mkdtemp(prefix="broker-", dir=BUILD)
        broker = Broker(directory)
        try:
            note("start empty ms", time_to_first_answer(broker))
            broker.stop()
            note("start again ms", time_to_first_answer(broker))
        finally:
            broker.kill()
            shutil.rmtree(directory, ignore_errors=True)


def many_partitions():
    with fresh_broker() as broker:
        began = time.monotonic()
        create(broker, "many", PARTITIONS)
        note("create 10 000 partitions s", time.monotonic() - began)
        note("resident with 10 000 MB", broker.resident_bytes() / 1e6)
        broker.stop()
        note("restart with 10 000 s", time_to_first_answer(broker) / 1e3)
        broker.kill()
        note("restart with 10 000 after kill -9 s", time_to_first_answer(broker) / 1e3)


def idle():
    with fresh_broker() as broker:
        seconds = min(IDLE_SECONDS, max(5, left()))
        before = processor_seconds(broker.process.pid)
        time.sleep(seconds)
        note("idle resident MB", broker.resident_bytes() / 1e6)
        note("idle CPU %", (processor_seconds(broker.process.pid) - before) / seconds * 100)
        note("idle threads", len(os.listdir(f"/proc/{broker.process.pid}/task")))


def processor_seconds(process):
    """From the scheduler's own account, which is finer than the ticks in /proc/PID/stat."""
    total = 0
    for task in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{task}/schedstat") as file:
            total += int(file.read().split()[0])
    return total / 1e9


# Figure, what it is called above, the limit beside it, the aim: a ratio to the limit or a figure of its own.
ROWS = [
    ("produce, 1 MB batches, GB/s", "produce 1 MB GB/s", "ideal produce, 1 MB frames, 1 conn", ""),
    ("  broker CPU s/GB", "produce 1 MB CPU s/GB", "ideal produce, 1 MB frames, 1 conn, broker CPU", ""),
    ("produce, 64 KB batches, GB/s", "produce 64 KB GB/s", "ideal produce, 64 KB frames, 1 conn", ">= 0.70 x"),
    ("  broker CPU s/GB", "produce 64 KB CPU s/GB", "ideal produce, 64 KB frames, 1 conn, broker CPU", "<= 1.4 x"),
    ("produce, 1 KB batches, 64 conn, /s", "produce 1 KB 64 conn /s", "ideal produce, 1 KB frames, 64 conn, frames", ""),
    ("consume, 1 MB answers, GB/s", "consume 64 KB GB/s", "ideal consume, 1 MB, sendfile, 1 conn", ">= 0.80 x"),
    ("  broker CPU s/GB", "consume 64 KB CPU s/GB", "ideal consume, 1 MB, sendfile, 1 conn, broker CPU", "<= 1.5 x"),
    ("consume, discarded, GB/s", "consume 64 KB discarded GB/s", "ideal consume, 1 MB, sendfile, 1 conn, discarded", ""),
    ("  broker CPU s/GB", "consume 64 KB discarded CPU s/GB",
     "ideal consume, 1 MB, sendfile, 1 conn, discarded, broker CPU", ""),
    ("consume, 64 KB answers, GB/s", "consume 64 KB 64 KB answers GB/s", "ideal consume, 64 KB, sendfile, 1 conn", ""),
    ("  broker CPU s/GB", "consume 64 KB 64 KB answers CPU s/GB",
     "ideal consume, 64 KB, sendfile, 1 conn, broker CPU", ""),
    ("consume of 1 MB batches, GB/s", "consume 1 MB GB/s", "ideal consume, 1 MB, sendfile, 1 conn", ""),
    ("ApiVersions, 16 in flight, /s", "versions pipelined /s", "round trips, 1 conn, 16 in flight", ">= 300000"),
    ("  64 connections, /s", "versions pipelined 64 /s", "round trips, 64 conn, 16 in flight", ""),
    ("  broker CPU, us each", "versions pipelined 64 CPU us", None, ""),
    ("Metadata, 16 in flight, /s", "metadata pipelined /s", "round trips, 1 conn, 16 in flight", ">= 300000"),
    ("  64 connections, /s", "metadata pipelined 64 /s", "round trips, 64 conn, 16 in flight", ""),
    ("Produce of 100 B, 16 in flight, /s", "produce pipelined /s", "round trips, 1 conn, 16 in flight", ">= 300000"),
    ("  64 connections, /s", "produce pipelined 64 /s", "round trips, 64 conn, 16 in flight", ""),
    ("  broker CPU, us each", "produce pipelined 64 CPU us", None, ""),
    ("ApiVersions alone, p50 us", "versions alone p50", "round trip p50, 1 conn", "<= 30"),
    ("  p99 us", "versions alone p99", "round trip p99, 1 conn", ""),
    ("Produce of 100 B alone, p50 us", "produce alone p50", "round trip p50, 1 conn", "<= 30"),
    ("  p99 us", "produce alone p99", "round trip p99, 1 conn", ""),
    ("end to end, 1 KB at 1000/s, p50 us", "end to end 1000/s p50", "end to end, 1 KB at 1000/s, p50", ""),
    ("  p99 us", "end to end 1000/s p99", "end to end, 1 KB at 1000/s, p99", ""),
    ("end to end, 1 KB at 10000/s, p50 us", "end to end 10000/s p50", "end to end, 1 KB at 10000/s, p50", ""),
    ("  p99 us", "end to end 10000/s p99", "end to end, 1 KB at 10000/s, p99", ""),
    *[row for producers, partitions in DURABLE for row in (
        (f"durable, {producers} producers, {partitions} partitions, /s",
         f"durable {producers} producers, {partitions} partitions /s",
         f"group commit of 1 KB records, {producers} writers", ">= 0.60 x" if partitions == 1 else ""),
        ("  p50 us", f"durable {producers} producers, {partitions} partitions p50", None, ""),
        ("  p99 us", f"durable {producers} producers, {partitions} partitions p99", None, ""),
        ("  broker CPU, us each", f"durable {producers} producers, {partitions} partitions CPU us", None, ""))],
    ("durable, 1 producer, 5 in flight, /s", "durable 1 producer, 5 in flight /s",
     "group commit of 1 KB records, 1 writers", ""),
    ("  p99 us", "durable 1 producer, 5 in flight p99", None, ""),
    ("exec to first answer, empty, ms", "start empty ms", "start and end of a C process", "<= 20"),
    ("  with its directory there, ms", "start again ms", "start and end of a C process", ""),
    ("create 10 000 partitions, s", "create 10 000 partitions s", None, "<= 5"),
    ("  restart with them, s", "restart with 10 000 s", None, "<= 0.5"),
    ("  restart after kill -9, s", "restart with 10 000 after kill -9 s", None, ""),
    ("  resident, MB", "resident with 10 000 MB", None, ""),
    ("idle, resident MB", "idle resident MB", None, "<= 15"),
    ("  CPU, % of a core", "idle CPU %", None, "<= 0.1"),
    ("  threads", "idle threads", None, ""),
]


# Which limits stand beside the figures of a section.
LIMIT_GROUPS = [("start", "exec"), ("produce", "broker"), ("small", "rtt"), ("small", "broker"), ("e2e", "e2e")]


def short(value):
    if value is None:
        return ""
    if value >= 1000:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def verdict(aim, value, ratio):
    if not aim:
        return ""
    operator, number, *relative = aim.split()
    measured = ratio if relative else value
    if measured is None:
        return aim
    good = measured >= float(number) if operator == ">=" else measured <= float(number)
    return f"{aim} {'yes' if good else 'NO'}"


def table():
    print("| figure | skafka | best | limit | ratio | aim |")
    print("|---|---:|---:|---:|---:|---|")
    for name, figure, limit, aim in ROWS:
        values = figures.get(figure)
        if not values:
            continue
        value = statistics.median(values)
        best = max(values) if name.rstrip().endswith("/s") else min(values)
        limits = figures.get(f"limit: {limit}")
        ceiling = statistics.median(limits) if limits else None
        ratio = value / ceiling if ceiling else None
        cells = [name, short(value), short(best), short(ceiling), short(ratio), verdict(aim, value, ratio)]
        print("| " + " | ".join(cells) + " |")


def attempt(what, *arguments):
    """A figure that cannot be had costs its own lines of the table only."""
    if left() < 15:
        print(f"no time for: {what.__name__}", file=sys.stderr)
        return
    print(f"{time.monotonic() - started:4.0f} s  {what.__name__.replace('_', ' ')}", file=sys.stderr, flush=True)
    try:
        what(*arguments)
    except Exception as error:
        print(f"        failed: {error}", file=sys.stderr, flush=True)


def main():
    arguments = sys.argv[1:]
    rounds = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 3
    sections = ["start", "produce", "small", "e2e", "durable", "partitions", "idle"]
    unknown = set(arguments) - set(sections)
    if unknown:
        sys.exit(f"no section {', '.join(sorted(unknown))}: there are {', '.join(sections)}")
    wanted = arguments or sections
    load, limits = Load(compile_load()), compile_limits()
    print(f"{executable()}, load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    if "start" in wanted:
        attempt(starts)
    for _ in range(rounds):
        groups = [group for section, group in LIMIT_GROUPS if section in wanted]
        if limits and groups:
            attempt(measure_limits, limits, *dict.fromkeys(groups))
        if "produce" in wanted:
            attempt(produce_and_consume, load)
        if "small" in wanted:
            attempt(small_requests, load)
        if "e2e" in wanted:
            attempt(end_to_end, load)
        if "durable" in wanted:
            attempt(durable, load, limits)
    if "partitions" in wanted:
        attempt(many_partitions)
    if "idle" in wanted:
        attempt(idle)
    table()


if __name__ == "__main__":
    main()
