"""Groups of skafka's own members, alone and together with those of other clients."""

import json
import os
import signal
import subprocess
import sys
import time

from broker import Broker, executable
from case import case

PARTITIONS = 12
ASSIGNORS = ["RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"]


def groups_of(t, **settings):
    return Broker(t.directory, group_initial_rebalance_delay_ms=100, group_min_session_timeout_ms=500, **settings)


def tool(broker, *words, check=True, text=None):
    done = subprocess.run(
        [executable(), words[0], "--bootstrap-server", broker.address, *words[1:]], input=text, capture_output=True,
        text=True, timeout=60)
    assert not check or done.returncode == 0, (words, done)
    return done


def fill(broker, topic, first, count):
    """Records `first` to `first + count`, spread over the partitions by their keys."""
    tool(broker, "console-producer", "--topic", topic, "--reader-property", "parse.key=true",
         "--reader-property", "key.separator=:", text="".join(f"{n}:{n}\n" for n in range(first, first + count)))


class Member:
    """A verifiable-consumer, and what it tells."""

    def __init__(self, t, broker, name, *words, group="g", topic="t"):
        self.path = os.path.join(t.directory, f"{name}.jsonl")
        self.out = open(self.path, "w")
        if "consumer" not in words:
            config = os.path.join(t.directory, f"{name}.properties")
            with open(config, "w") as out:
                out.write("heartbeat.interval.ms=300\n")
            words = [*words, "--command-config", config]
        self.process = subprocess.Popen(
            [executable(), "verifiable-consumer", "--bootstrap-server", broker.address, "--group-id", group,
             "--topic", topic, "--verbose", *words], stdout=self.out, stderr=self.out)

    def rows(self):
        rows = []
        for line in open(self.path):
            if line.startswith("{") and line.endswith("\n"):
                rows.append(json.loads(line))
        return rows

    def share(self):
        share = set()
        for row in self.rows():
            parts = {part["partition"] for part in row.get("partitions", []) if "partition" in part}
            if row["name"] == "partitions_assigned":
                share |= parts
            elif row["name"] == "partitions_revoked":
                share -= parts
        return share

    def values(self):
        return [int(row["value"]) for row in self.rows() if row["name"] == "record_data"]

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=20)
        self.out.close()
        assert number != signal.SIGTERM or code == 0, (code, open(self.path).read()[-2000:])


def shared(members, seconds=30):
    """Waits until the partitions are shared among exactly these members, evenly."""
    deadline = time.monotonic() + seconds
    while True:
        shares = [member.share() for member in members]
        if sum(map(len, shares)) == PARTITIONS and len(set().union(*shares)) == PARTITIONS:
            counts = sorted(map(len, shares))
            if counts[-1] - counts[0] <= 1:
                return shares
        assert time.monotonic() < deadline, (shares, [open(m.path).read()[-1500:] for m in members])
        time.sleep(0.1)


def all_read(members, count, seconds=30):
    """Waits until everything was read by somebody."""
    deadline = time.monotonic() + seconds
    while True:
        seen = set()
        for member in members:
            seen |= set(member.values())
        if seen >= set(range(count)):
            return
        assert time.monotonic() < deadline, (sorted(set(range(count)) - seen)[:20], len(seen))
        time.sleep(0.1)


def ways():
    for assignor in ASSIGNORS:
        yield assignor, ["--assignment-strategy", f"org.apache.kafka.clients.consumer.{assignor}",
                         "--session-timeout", "3000"]
    for assignor in ("uniform", "range"):
        yield f"consumer {assignor}", ["--group-protocol", "consumer", "--group-remote-assignor", assignor]


@case(240)
def three_members_share_with_every_assignor(t):
    with groups_of(t, group_consumer_session_timeout_ms=3000, group_consumer_min_session_timeout_ms=1000,
                   group_consumer_heartbeat_interval_ms=500, group_consumer_min_heartbeat_interval_ms=100) as broker:
        for number, (name, words) in enumerate(ways()):
            with t.step(name):
                topic, group = f"t{number}", f"g{number}"
                tool(broker, "topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))
                fill(broker, topic, 0, 300)
                members = [Member(t, broker, f"{number}-{each}", *words, group=group, topic=topic) for each in range(2)]
                shared(members)
                members.append(Member(t, broker, f"{number}-2", *words, group=group, topic=topic))
                shared(members)
                all_read(members, 300)
                # One dies without a word, another leaves.
                members[0].end(signal.SIGKILL)
                fill(broker, topic, 300, 100)
                shared(members[1:])
                members[1].end()
                shared(members[2:])
                all_read(members, 400)
                members[2].end()
                # What was committed is where the next goes on: nothing is left.
                rest = tool(broker, "console-consumer", "--topic", topic, "--group", group, "--exit-at-end")
                assert rest.stdout == "", rest


@case(60)
def console_consumers_share_a_group_and_go_on_where_they_were(t):
    with groups_of(t) as broker:
        tool(broker, "topics", "--create", "--topic", "t", "--partitions", "3")
        fill(broker, "t", 0, 50)
        with t.step("without offsets it begins at the end, or where it is told to"):
            none = tool(broker, "console-consumer", "--topic", "t", "--group", "a", "--exit-at-end")
            assert none.stdout == "" and "Processed a total of 0 messages" in none.stderr, none
        with t.step("the first twenty, then the rest"):
            words = ["console-consumer", "--topic", "t", "--group", "b", "--from-beginning"]
            first = tool(broker, *words, "--max-messages", "20").stdout.split()
            rest = tool(broker, *words, "--exit-at-end").stdout.split()
            assert len(first) == 20 and sorted(map(int, first + rest)) == list(range(50)), (first, rest)
            assert tool(broker, *words, "--exit-at-end").stdout == ""
        with t.step("by a pattern, and with the newer protocol"):
            words = ["console-consumer", "--include", "t|u", "--from-beginning", "--exit-at-end"]
            for protocol in ("classic", "consumer"):
                found = tool(broker, *words, "--group", f"c-{protocol}", "--command-property",
                             f"group.protocol={protocol}").stdout.split()
                assert sorted(map(int, found)) == list(range(50)), found
        with t.step("without commits nothing is kept"):
            words = ["console-consumer", "--topic", "t", "--group", "d", "--from-beginning", "--exit-at-end",
                     "--consumer-property", "enable.auto.commit=false"]
            assert len(tool(broker, *words).stdout.split()) == len(tool(broker, *words).stdout.split()) == 50
        with t.step("consumer-perf-test is a member too"):
            perf = tool(broker, "consumer-perf-test", "--topic", "t", "--num-records", "50", "--group", "p")
            row = perf.stdout.splitlines()[-1].split(", ")
            assert row[4] == "50" and int(row[6]) > 0, perf


@case(120)
def a_lasting_member_comes_back_to_its_share(t):
    with groups_of(t) as broker:
        for protocol, words in (("classic", ["--session-timeout", "10000"]), ("consumer", ["--group-protocol", "consumer"])):
            with t.step(protocol):
                topic = protocol
                tool(broker, "topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))

                def member(name, instance):
                    return Member(t, broker, f"{protocol}-{name}", *words, "--group-instance-id", instance, group=protocol,
                                  topic=topic)

                one, two = member("one", "one"), member("two", "two")
                before = shared([one, two])
                one.end()
                again = member("again", "one")
                deadline = time.monotonic() + 20
                while again.share() != before[0]:
                    assert time.monotonic() < deadline, (again.share(), before)
                    time.sleep(0.1)
                assert two.share() == before[1]
                assert [row["name"] for row in two.rows()].count("partitions_revoked") <= 1, two.rows()
                # Of two with the same name one has to go: the older, in the newer protocol the younger.
                twin = member("twin", "one")
                gone, stays = (again, twin) if protocol == "classic" else (twin, again)
                assert gone.process.wait(timeout=20) == 1
                assert "group.instance.id 'one'" in open(gone.path).read()
                stays.end()
                two.end()


@case(90)
def who_is_stopped_past_its_session_loses_its_share(t):
    with groups_of(t, group_consumer_session_timeout_ms=1000, group_consumer_min_session_timeout_ms=500,
                   group_consumer_heartbeat_interval_ms=200, group_consumer_min_heartbeat_interval_ms=100) as broker:
        for protocol, words in (("classic", ["--session-timeout", "1000"]), ("consumer", ["--group-protocol", "consumer"])):
            with t.step(protocol):
                tool(broker, "topics", "--create", "--topic", protocol, "--partitions", str(PARTITIONS))
                stopped, other = (
                    Member(t, broker, f"{protocol}-{name}", *words, group=protocol, topic=protocol)
                    for name in ("stopped", "other"))
                shared([stopped, other])
                stopped.process.send_signal(signal.SIGSTOP)
                deadline = time.monotonic() + 20
                while len(other.share()) < PARTITIONS:
                    assert time.monotonic() < deadline, other.rows()
                    time.sleep(0.1)
                stopped.process.send_signal(signal.SIGCONT)
                shared([stopped, other])
                stopped.end()
                other.end()


FOREIGN = {
    "kafka-python": """
import sys, kafka
from kafka.coordinator.assignors.range import RangePartitionAssignor as range_
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor as roundrobin
from kafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor as sticky
c = kafka.KafkaConsumer(bootstrap_servers=sys.argv[1], group_id=sys.argv[2], auto_offset_reset="earliest",
    session_timeout_ms=6000, heartbeat_interval_ms=300,
    partition_assignment_strategy=[{"range": range_, "roundrobin": roundrobin, "sticky": sticky}[sys.argv[3]]])
c.subscribe([sys.argv[2]])
while True:
    c.poll(timeout_ms=100)
    print(sorted(p.partition for p in c.assignment()), flush=True)
""",
    "aiokafka": """
import asyncio, sys, aiokafka
from aiokafka.coordinator.assignors.range import RangePartitionAssignor as range_
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor as roundrobin
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor as sticky
async def main():
    c = aiokafka.AIOKafkaConsumer(sys.argv[2], bootstrap_servers=sys.argv[1], group_id=sys.argv[2],
        auto_offset_reset="earliest", session_timeout_ms=6000, heartbeat_interval_ms=300,
        partition_assignment_strategy=[{"range": range_, "roundrobin": roundrobin, "sticky": sticky}[sys.argv[3]]])
    await c.start()
    while True:
        await c.getmany(timeout_ms=100)
        print(sorted(p.partition for p in c.assignment()), flush=True)
asyncio.run(main())
""",
    "confluent-kafka": """
import sys, confluent_kafka
classic = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 300, "partition.assignment.strategy": sys.argv[3]}
c = confluent_kafka.Consumer({"bootstrap.servers": sys.argv[1], "group.id": sys.argv[2], "auto.offset.reset": "earliest",
    **({"group.protocol": "consumer"} if sys.argv[3] == "consumer" else classic)})
c.subscribe([sys.argv[2]])
while True:
    c.poll(0.1)
    print(sorted(p.partition for p in c.assignment()), flush=True)
""",
}


class ForeignMember:
    """A member of another client, which prints its share again and again."""

    def __init__(self, t, broker, kind, group, assignor):
        self.path = os.path.join(t.directory, f"{kind}-{group}")
        self.process = subprocess.Popen(
            [sys.executable, "-c", FOREIGN[kind], broker.address, group, assignor], stdout=open(self.path, "w"),
            stderr=subprocess.STDOUT)

    def share(self):
        lines = [line for line in open(self.path).read().splitlines() if line.startswith("[") and line.endswith("]")]
        return set(json.loads(lines[-1])) if lines else set()


@case(300)
def clients_of_all_kinds_share_one_group(t):
    """Whoever leads: our assignors decide for their members, and theirs for ours."""
    kinds = {
        "range": ("RangeAssignor", ["kafka-python", "aiokafka", "confluent-kafka"]),
        "roundrobin": ("RoundRobinAssignor", ["kafka-python", "aiokafka", "confluent-kafka"]),
        "sticky": ("StickyAssignor", ["kafka-python", "aiokafka"]),
        "cooperative-sticky": ("CooperativeStickyAssignor", ["confluent-kafka"]),
        "consumer": (None, ["confluent-kafka"]),
    }
    with groups_of(t, group_consumer_heartbeat_interval_ms=300, group_consumer_min_heartbeat_interval_ms=100) as broker:
        for name, (assignor, others) in kinds.items():
            tool(broker, "topics", "--create", "--topic", name, "--partitions", str(PARTITIONS))
            words = ["--session-timeout", "6000", "--assignment-strategy", assignor]
            if not assignor:
                words = ["--group-protocol", "consumer"]

            def own(number):
                return Member(t, broker, f"{name}-{number}", *words, group=name, topic=name)

            members = [own(0)]
            try:
                for kind in others:
                    with t.step(f"{name}, {kind}"):
                        members.append(ForeignMember(t, broker, kind, name, name))
                        shared(members, 40)
                with t.step(f"{name}, another of ours"):
                    members.append(own(1))
                    shared(members, 40)
                with t.step(f"{name}, whoever led has gone"):
                    members.pop(0).end()
                    shared(members, 40)
            finally:
                for member in members:
                    member.process.kill()
                    member.process.wait()


@case(120)
def members_outlive_their_broker(t):
    with groups_of(t, group_consumer_heartbeat_interval_ms=500, group_consumer_min_heartbeat_interval_ms=100) as broker:
        for number, (name, words) in enumerate([*ways()][2:5]):
            with t.step(name):
                topic, group = f"t{number}", f"g{number}"
                tool(broker, "topics", "--create", "--topic", topic, "--partitions", str(PARTITIONS))
                fill(broker, topic, 0, 100)
                members = [Member(t, broker, f"{number}-{each}", *words, group=group, topic=topic) for each in range(3)]
                shared(members)
                all_read(members, 100)
                broker.kill()
                broker.start()
                fill(broker, topic, 100, 100)
                all_read(members, 200)
                shared(members)
                for member in members:
                    member.end()
                rest = tool(broker, "console-consumer", "--topic", topic, "--group", group, "--exit-at-end")
                assert rest.stdout == "", rest
