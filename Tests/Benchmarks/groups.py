"""What groups cost the broker: a rebalance of many members over many partitions, and groups that do nothing.

    groups.py [--members 100] [--partitions 1000] [--groups 5000] [ROUNDS]

For each protocol: the seconds from the first member's first word until every partition has its owner, with the broker's
default settings, the broker's CPU seconds for it, and its CPU seconds for ten seconds of heartbeats afterwards. Then the
resident bytes of a group that only keeps an offset, and of one with a member. The members are sockets of this program,
which say no more than the protocol wants.
"""

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Conformance"))

import group_wire as groups  # noqa: E402
import wire  # noqa: E402
from broker import Broker  # noqa: E402

TOPIC = "work"
PATIENCE_SECONDS = 120
STEADY_SECONDS = 10
CLASSIC_HEARTBEAT_SECONDS = 3


def cpu_seconds(broker):
    fields = open(f"/proc/{broker.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Crowd:
    """Members on threads of their own, until told to end."""

    def __init__(self, broker, options, live):
        self.options, self.live = options, live
        self.owned = [0] * options.members
        self.ends = threading.Event()
        self.trouble = []
        self.threads = [
            threading.Thread(target=self.run, args=(broker.port, place), daemon=True)
            for place in range(options.members)]

    def run(self, port, place):
        try:
            with wire.Connection(port, timeout=PATIENCE_SECONDS) as connection:
                self.live(self, connection, place)
        except Exception as problem:
            self.trouble.append(repr(problem))

    def settle(self):
        """Seconds until all partitions have an owner and every member its share."""
        begin = time.monotonic()
        for thread in self.threads:
            thread.start()
        share = self.options.partitions // self.options.members
        while not (sum(self.owned) == self.options.partitions and min(self.owned) >= share):
            if self.trouble or time.monotonic() - begin > PATIENCE_SECONDS:
                raise SystemExit(f"not settled: {sum(self.owned)} partitions owned; {self.trouble[:3]}")
            time.sleep(0.005)
        return time.monotonic() - begin

    def end(self):
        self.ends.set()
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)


def classic(crowd, connection, place):
    member = groups.ClassicMember(connection, "classic", TOPIC, crowd.options.partitions)
    crowd.owned[place] = len(member.join())
    while not crowd.ends.wait(CLASSIC_HEARTBEAT_SECONDS):
        try:
            member.heartbeat()
        except groups.Refused as refusal:
            if refusal.code != groups.REBALANCING:
                raise
            crowd.owned[place] = len(member.join())


def consumer(crowd, connection, place):
    member = groups.ConsumerMember(connection, "consumer", TOPIC)
    while True:
        # What was given up or taken is told at once, as the clients do.
        while member.heartbeat():
            crowd.owned[place] = member.count
        crowd.owned[place] = member.count
        if crowd.ends.wait(member.interval_ms / 1000):
            return


def rebalances(options):
    for name, live in (("classic", classic), ("consumer", consumer)):
        figures = []
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory() as directory, Broker(directory) as broker:
                with broker.connect() as connection:
                    assert connection.create_topic(TOPIC, options.partitions) == 0
                    warm(connection)
                crowd = Crowd(broker, options, live)
                before = cpu_seconds(broker)
                seconds = crowd.settle()
                settled = cpu_seconds(broker)
                time.sleep(STEADY_SECONDS)
                figures.append((seconds, settled - before, cpu_seconds(broker) - settled))
                crowd.end()
        seconds, cpu, steady = (statistics.median(column) for column in zip(*figures))
        print(
            f"{name}: {options.members} members own {options.partitions} partitions after {seconds:.2f} s, "
            f"broker CPU {cpu:.2f} s, then {steady / STEADY_SECONDS * 100:.1f} % of a core", flush=True)


def warm(connection):
    """The offsets topic is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            groups.find_coordinator(connection, "warm")
            groups.commit(connection, "warm", {0: 1}, TOPIC)
            return
        except groups.Refused:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def idle(options):
    with tempfile.TemporaryDirectory() as directory, Broker(directory, group_initial_rebalance_delay_ms=0) as broker:
        with broker.connect() as connection:
            assert connection.create_topic(TOPIC, 1) == 0
            warm(connection)
            before = broker.resident_bytes()
            for number in range(options.groups):
                groups.commit(connection, f"offsets-of-{number:06}", {0: number}, TOPIC)
            kept = broker.resident_bytes()
            for number in range(options.groups):
                groups.ClassicMember(
                    connection, f"members-of-{number:06}", TOPIC, 1, session_ms=300_000).join()
            joined = broker.resident_bytes()
    print(f"{options.groups} groups: {(kept - before) / options.groups:.0f} bytes for one with an offset, "
          f"{(joined - kept) / options.groups:.0f} for one with a member", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--partitions", type=int, default=1000)
    parser.add_argument("--groups", type=int, default=5000)
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    options = parser.parse_args()
    rebalances(options)
    idle(options)


main()
