"""A group under watch: its members as processes, a producer that never rests, and what must hold of all of it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

from broker import wait_until

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "group_member.py")


class Member:
    def __init__(self, group, name, client, assignor, instance=None):
        self.name = name
        self.events = []
        # Since when it cannot be believed any more: killed, or stopped. Nothing that it holds then counts.
        self.silences = []
        words = [
            sys.executable, SCRIPT, client, group.address, group.name, group.topic, assignor, "--session-ms",
            str(group.session_ms),
        ]
        if instance:
            words += ["--instance", instance]
        self.errors = open(os.path.join(group.directory, f"{group.name}-{name}.err"), "wb")
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def owned(self):
        owned = set()
        for event in list(self.events):
            if event["event"] == "assigned":
                owned |= set(event["partitions"])
            elif event["event"] in ("revoked", "lost"):
                owned -= set(event["partitions"])
        return owned

    def events_of(self, kind):
        return [event for event in list(self.events) if event["event"] == kind]

    def leave(self):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        assert status == 0, (self.name, status)
        self.silences.append((time.monotonic(), None))

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.silences.append((time.monotonic(), None))

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)
        self.silences.append((time.monotonic(), None))

    def wake(self):
        since, _ = self.silences.pop()
        self.silences.append((since, time.monotonic()))
        self.process.send_signal(signal.SIGCONT)

    def tenures(self, end):
        """(partition, from, until) for all that it held while it could be believed."""
        held = {}
        for event in self.events:
            if event["event"] == "assigned":
                for partition in event["partitions"]:
                    held.setdefault(partition, event["t"])
            elif event["event"] in ("revoked", "lost"):
                for partition in event["partitions"]:
                    if partition in held:
                        yield from self.believed(partition, held.pop(partition), event["t"])
        for partition, since in held.items():
            yield from self.believed(partition, since, end)

    def believed(self, partition, since, until):
        # After a silence it believes that it still owns what others got; it finds out with its next answer.
        for silent, _ in self.silences:
            if since <= silent <= until:
                until = silent
        yield partition, since, until


class WatchedGroup:
    """Use as a context. `finish` checks everything once the last record is committed."""

    def __init__(self, t, broker, name, partitions=12, session_ms=3000):
        self.directory = t.directory
        self.address = broker.address
        self.name = name
        self.topic = f"topic-of-{name}"
        self.partitions = partitions
        self.session_ms = session_ms
        self.members = []
        self.stopping = threading.Event()
        self.produced = [0] * partitions
        self.commits = [-1] * partitions
        self.trouble = []

    def __enter__(self):
        from confluent_kafka.admin import AdminClient, NewTopic

        admin = AdminClient({"bootstrap.servers": self.address})
        for made in admin.create_topics([NewTopic(self.topic, self.partitions, 1)]).values():
            made.result(20)
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.produce, self.watch)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for member in self.members:
            if member.process.poll() is None:
                member.process.send_signal(signal.SIGCONT)
                member.process.kill()
                member.process.wait()
            member.errors.close()
        for thread in self.threads:
            thread.join(20)

    def produce(self):
        """Some records a second to each partition, so that there is always something that could be lost."""
        from confluent_kafka import Producer

        producer = Producer({"bootstrap.servers": self.address, "linger.ms": 0, "acks": "all"})
        number = 0
        while not self.stopping.is_set():
            for partition in range(self.partitions):
                producer.produce(self.topic, partition=partition, value=b"%d" % number)
                self.produced[partition] += 1
            producer.poll(0)
            number += 1
            time.sleep(0.05)
        left = producer.flush(20)
        if left:
            self.trouble.append(f"{left} records were not written")

    def watch(self):
        """Committed offsets never go back."""
        from confluent_kafka import Consumer, KafkaException, TopicPartition

        consumer = Consumer({"bootstrap.servers": self.address, "group.id": self.name})
        asked = [TopicPartition(self.topic, partition) for partition in range(self.partitions)]
        while not self.finished():
            try:
                for found in consumer.committed(asked, timeout=10):
                    # Below 0 it says that nothing is committed yet.
                    if max(found.offset, -1) < self.commits[found.partition]:
                        self.trouble.append(
                            f"partition {found.partition} went back from {self.commits[found.partition]} to "
                            f"{found.offset}")
                    self.commits[found.partition] = max(found.offset, self.commits[found.partition])
            except KafkaException:
                pass  # The broker restarts; what it has is looked at when it is back.
            time.sleep(0.05)
        consumer.close()

    def finished(self):
        return self.stopping.is_set() and (self.commits == self.produced or not any(
            member.process.poll() is None for member in self.members))

    def join(self, name, client, assignor, instance=None):
        member = Member(self, name, client, assignor, instance)
        self.members.append(member)
        return member

    def settled(self, *shares, seconds=40):
        """These members own all partitions among them, each its part."""

        def look():
            owned = [member.owned() for member in shares]
            return sum(map(len, owned)) == self.partitions == len(set().union(*owned)) and all(owned)

        wait_until(
            look, f"{self.name}: a share each for {[m.name for m in shares]}: {[m.owned() for m in shares]}", seconds)

    def balanced(self, *shares, seconds=40):
        """The same, and equal parts. Where members give up one part after the other, they own all before it is even."""
        self.settled(*shares, seconds=seconds)

        def look():
            sizes = [len(member.owned()) for member in shares]
            return sum(sizes) == self.partitions and max(sizes) - min(sizes) <= 1

        wait_until(look, f"{self.name}: equal shares: {[m.owned() for m in shares]}", seconds)

    def acknowledged(self, before):
        """Per partition the highest offset that a member knows to be committed at that time."""
        highest = [-1] * self.partitions
        for member in self.members:
            for event in member.events_of("committed"):
                if event["t"] < before:
                    for partition, offset in event["offsets"].items():
                        highest[int(partition)] = max(highest[int(partition)], offset)
        return highest

    def committed_now(self, seconds=20):
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer({"bootstrap.servers": self.address, "group.id": self.name})
        found = consumer.committed(
            [TopicPartition(self.topic, partition) for partition in range(self.partitions)], timeout=seconds)
        consumer.close()
        return [max(one.offset, -1) for one in found]

    def finish(self, overlap_seconds=0.0):
        """Nothing lost, nothing owned twice, no commit gone back."""
        self.stopping.set()
        self.threads[0].join(30)
        wait_until(
            lambda: self.commits == self.produced,
            f"{self.name}: all committed: {self.commits} of {self.produced}", 40)
        end = time.monotonic()
        assert not self.trouble, self.trouble[:5]
        for partition in range(self.partitions):
            seen = set()
            for member in self.members:
                for event in member.events:
                    if event["event"] == "read" and event["partition"] == partition:
                        seen |= set(range(event["first"], event["last"] + 1))
            missing = set(range(self.produced[partition])) - seen
            assert not missing, (partition, sorted(missing)[:10], self.produced[partition])
        tenures = {}
        for member in self.members:
            for partition, since, until in member.tenures(end):
                tenures.setdefault(partition, []).append((since, until, member.name))
        for partition, held in tenures.items():
            held.sort()
            for (_, until, owner), (since, _, heir) in zip(held, held[1:]):
                assert since >= until - overlap_seconds, (
                    f"partition {partition}: {heir} got it {until - since:.3f} s before {owner} let go")
