"""kill -9 of the broker while groups join, sync and commit: each goes on from its last acknowledged commit."""

import os
import random
import threading
import time

import group_wire as groups
import wire
from broker import Broker
from case import case

TOPIC, PARTITIONS, MEMBERS = "work", 12, 3
ROUNDS, LONG_ROUNDS = 6, 50
# The errors that a member of a living group meets: it looks again, or joins again.
COMES_BACK = {groups.LOADING, groups.NOT_AVAILABLE, groups.NOT_COORDINATOR}
JOINS_AGAIN = {groups.ILLEGAL_GENERATION, groups.UNKNOWN_MEMBER, groups.REBALANCING}


class Work:
    """What the members have said of each partition, and what was acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.attempted = dict.fromkeys(range(PARTITIONS), -1)
        self.acknowledged = dict.fromkeys(range(PARTITIONS), -1)
        self.generations = 0
        self.commits = 0
        self.trouble = []
        self.ends = threading.Event()

    def check(self, found, floor, where):
        with self.lock:
            for index, offset in found.items():
                if not floor[index] <= offset <= self.attempted[index]:
                    self.trouble.append(
                        f"{where}: partition {index} stands at {offset}, acknowledged was {floor[index]}, "
                        f"attempted {self.attempted[index]}")


def member(broker, group, work, seed):
    """Joins, commits for a while, leaves or forgets to, and joins again, across the deaths of the broker."""
    chance = random.Random(seed)
    while not work.ends.is_set():
        try:
            with wire.Connection(broker.port, timeout=20) as connection:
                groups.find_coordinator(connection, group)
                one = groups.ClassicMember(connection, group, TOPIC, PARTITIONS, session_ms=6000, rebalance_ms=6000)
                while not work.ends.is_set():
                    live(one, connection, group, work, chance)
        except (OSError, EOFError):
            time.sleep(0.01)
        except groups.Refused as refusal:
            if refusal.code not in COMES_BACK | JOINS_AGAIN:
                with work.lock:
                    work.trouble.append(str(refusal))
                return
            time.sleep(0.01)


def live(one, connection, group, work, chance):
    try:
        owned = one.join()
        with work.lock:
            work.generations += 1
            floor = dict(work.acknowledged)
        if owned:
            work.check(groups.committed(connection, group, TOPIC, owned), floor, "a new owner")
        for _ in range(chance.randrange(1, 60)):
            if work.ends.is_set():
                break
            with work.lock:
                offsets = {index: work.attempted[index] + 1 for index in owned}
                work.attempted.update(offsets)
            one.commit(offsets)
            with work.lock:
                work.acknowledged.update(offsets)
                work.commits += 1
            one.heartbeat()
        one.leave()
    except groups.Refused as refusal:
        if refusal.code not in JOINS_AGAIN:
            raise
        if refusal.code != groups.REBALANCING:
            one.member = ""


def settled(broker, group):
    """The committed offsets as soon as the coordinator answers."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with broker.connect() as connection:
                groups.find_coordinator(connection, group)
                return groups.committed(connection, group, TOPIC, range(PARTITIONS))
        except groups.Refused as refusal:
            assert refusal.code in COMES_BACK and time.monotonic() < deadline, refusal
            time.sleep(0.01)


@case(seconds=900)
def groups_go_on_from_their_last_acknowledged_commit_after_kill(c):
    broker = Broker(os.path.join(c.directory, "broker"), group_initial_rebalance_delay_ms=0).start()
    with broker.connect() as connection:
        assert connection.create_topic(TOPIC, PARTITIONS) == 0
    works = {f"group-{number}": Work() for number in range(4)}
    threads = [
        threading.Thread(target=member, args=(broker, group, work, hash((group, number))), daemon=True)
        for group, work in works.items() for number in range(MEMBERS)]
    for thread in threads:
        thread.start()
    chance = random.Random(5)
    for _ in range(LONG_ROUNDS if c.is_long else ROUNDS):
        time.sleep(chance.uniform(0.02, 1.0))
        broker.kill()
        for work in works.values():
            with work.lock:
                work.floor = dict(work.acknowledged)
        broker.start()
        for group, work in works.items():
            work.check(settled(broker, group), work.floor, "after kill -9")
            # The group lives again: somebody commits what was not committed before.
            goal, deadline = work.commits + 1, time.monotonic() + 30
            while work.commits < goal and not work.trouble:
                assert time.monotonic() < deadline, f"{group} never came back"
                time.sleep(0.01)
        assert not any(work.trouble for work in works.values()), [work.trouble[:3] for work in works.values()]
    for work in works.values():
        work.ends.set()
    for thread in threads:
        thread.join(30)
    for group, work in works.items():
        assert not work.trouble, work.trouble[:3]
        assert work.generations > 3 and work.commits > 10, f"{group}: {work.generations} joins, {work.commits} commits"
    broker.stop()
