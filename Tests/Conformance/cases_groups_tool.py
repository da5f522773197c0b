"""What `consumer-groups`, `groups` and the formatters say of groups that real clients made."""

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import threading
import time

from broker import Broker, executable
from case import case
from tool import tool
from wire import batch

SECONDS = 60
FAILED = "\nError: Executing consumer group command failed due to "


def until(condition, what, seconds=SECONDS):
    """What the condition gives as soon as it is not empty."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def make_topic(broker, name, partitions, records=0, timestamp=1_600_000_000_000):
    """A topic with so many records in each partition, a second apart."""
    with broker.connect() as connection:
        assert connection.create_topic(name, partitions) == 0
        for partition in range(partitions):
            for number in range(records):
                data = batch([(None, b"%d" % number)], timestamp + number * 1000)
                code, _ = connection.produce(name, data, partition=partition)
                assert code == 0, (name, partition, code)


def commit(broker, group, offsets):
    """Without being a member, by confluent-kafka."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": group, "enable.auto.commit": False})
    parts = [TopicPartition(topic, partition, offset) for (topic, partition), offset in offsets.items()]
    done = consumer.commit(offsets=parts, asynchronous=False)
    assert all(part.error is None for part in done), done
    consumer.close()


def committed(broker, group, topic, partitions):
    """As confluent-kafka sees it; None where nothing is."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": group, "enable.auto.commit": False})
    parts = consumer.committed([TopicPartition(topic, partition) for partition in range(partitions)], timeout=30)
    consumer.close()
    return [part.offset if part.offset >= 0 else None for part in parts]


class Member(threading.Thread):
    """A consumer of kafka-python that polls in a thread of its own, for a rebalance waits for all of them."""

    def __init__(self, broker, group, topic, number, offset=None):
        super().__init__(daemon=True)
        self.settings = dict(
            bootstrap_servers=broker.address, group_id=group, client_id=f"client-{number}", enable_auto_commit=False,
            auto_offset_reset="earliest")
        self.topic = topic
        self.offset = offset
        self.partitions = []
        self.is_done = threading.Event()
        self.start()

    def run(self):
        from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

        consumer = KafkaConsumer(self.topic, **self.settings)
        while not self.is_done.is_set():
            consumer.poll(100, max_records=1)
            self.partitions = sorted(part.partition for part in consumer.assignment())
            if self.offset is not None and len(self.partitions) == 2:
                consumer.commit({TopicPartition(self.topic, self.partitions[0]): OffsetAndMetadata(self.offset, "", -1)})
                self.offset = None
        consumer.close()


@contextlib.contextmanager
def members(broker, group, topic, count, partitions, offset):
    """Consumers that share the topic; each has committed this offset for its first partition."""
    started = [Member(broker, group, topic, number, offset) for number in range(count)]
    try:
        until(
            lambda: sorted(sum((member.partitions for member in started), [])) == list(range(partitions))
            and all(member.offset is None for member in started), f"the members of {group} share {topic}")
        yield started
    finally:
        for member in started:
            member.is_done.set()
        for member in started:
            member.join(SECONDS)


def rows(text):
    """A block of a view as lists of words, the heading first."""
    return [line.split() for line in text.strip("\n").split("\n")]


@case(120)
def groups_tool_tells_when_there_is_nothing(t):
    with Broker(t.directory) as broker:
        groups = tool(broker, "consumer-groups")
        groups("--list").prints("")
        heading = "GROUP".ljust(20) + " " + "TYPE".ljust(20) + " " + "PROTOCOL".ljust(20) + "\n"
        tool(broker, "groups")("--list").prints(heading)
        groups("--list", "--state").prints("GROUP".ljust(25) + " " + "STATE".ljust(20) + "\n")
        groups("--list", "--output", "json").prints("[]\n")
        for words in ((), ("--members",), ("--state",)):
            groups("--describe", "--group", "none", *words).fails("\nError: Consumer group 'none' does not exist.\n")
        groups("--describe", "--all-groups").prints("")
        outcome = groups("--delete", "--group", "none")
        assert outcome.code == 1 and outcome.out == "", outcome
        assert outcome.err == (
            "\nError: Deletion of some consumer groups failed:\n* Group 'none' could not be deleted due to: The group "
            "id does not exist. (GROUP_ID_NOT_FOUND)\n"), outcome
        make_topic(broker, "t", 1, 1)
        outcome = groups("--delete-offsets", "--group", "none", "--topic", "t")
        assert outcome.code == 1 and "GROUP_ID_NOT_FOUND" in outcome.err, outcome
        outcome = groups(
            "--reset-offsets", "--group", "g", "--topic", "nothing", "--to-earliest", "--dry-run")
        assert outcome.code == 1, outcome
        assert outcome.err == FAILED + "there is no topic 'nothing' (UNKNOWN_TOPIC_OR_PARTITION)\n", outcome
        outcome = groups("--reset-offsets", "--group", "g", "--topic", "t:7", "--to-earliest", "--dry-run")
        assert outcome.code == 1 and outcome.err == FAILED + 'The partitions "t-7" do not exist\n', outcome


@case(240)
def groups_tool_describes_a_living_group(t):
    with Broker(t.directory, group_initial_rebalance_delay_ms=0) as broker:
        groups = tool(broker, "consumer-groups")
        make_topic(broker, "orders", 4, 5)
        with members(broker, "app", "orders", 2, 4, offset=2) as consumers:
            firsts = sorted(member.partitions[0] for member in consumers)
            with t.step("it is listed"):
                groups("--list").prints("app\n")
                groups("--list", "--state", "--type").prints(
                    "GROUP".ljust(25) + " " + "TYPE".ljust(20) + " " + "STATE".ljust(20) + "\n" + "app".ljust(25)
                    + " " + "Classic".ljust(20) + " " + "Stable".ljust(20) + "\n")
                groups("--list", "--state", "stable").prints(
                    "GROUP".ljust(25) + " " + "STATE".ljust(20) + "\n" + "app".ljust(25) + " " + "Stable".ljust(20)
                    + "\n")
                groups("--list", "--state", "empty").prints("GROUP".ljust(25) + " " + "STATE".ljust(20) + "\n")
                groups("--list", "--type", "consumer").prints("GROUP".ljust(25) + " " + "TYPE".ljust(20) + "\n")
                listed = json.loads(groups("--list", "--output", "json").out)
                assert listed == [
                    {"group": "app", "type": "Classic", "state": "Stable", "protocol": "consumer"}], listed
            with t.step("offsets"):
                outcome = groups("--describe", "--group", "app")
                assert outcome.code == 0 and outcome.err == "" and outcome.out.startswith("\nGROUP "), outcome
                heading, *lines = rows(outcome.out)
                assert heading == (
                    "GROUP TOPIC PARTITION CURRENT-OFFSET LOG-END-OFFSET LAG CONSUMER-ID HOST CLIENT-ID").split()
                assert len(lines) == 4, outcome
                for line in lines:
                    assert line[:2] == ["app", "orders"] and line[4] == "5", line
                    expected = ["2", "5", "3"] if int(line[2]) in firsts else ["-", "5", "-"]
                    assert line[3:6] == expected, line
                    assert line[6].startswith(line[8]) and line[7] == "/127.0.0.1", line
                found = json.loads(groups("--describe", "--group", "app", "--output", "json").out)
                mine = [row for row in found if row["partition"] in firsts]
                assert [(row["currentOffset"], row["lag"], row["host"]) for row in mine] == [(2, 3, "/127.0.0.1")] * 2
            with t.step("members"):
                outcome = groups("--describe", "--group", "app", "--members", "--verbose")
                heading, *lines = rows(outcome.out)
                assert heading == (
                    "GROUP CONSUMER-ID HOST CLIENT-ID #PARTITIONS CURRENT-EPOCH CURRENT-ASSIGNMENT TARGET-EPOCH "
                    "TARGET-ASSIGNMENT").split(), outcome
                assert sorted(line[3] for line in lines) == ["client-0", "client-1"], outcome
                assert all(line[4] == "2" and re.fullmatch("orders:[0-3],[0-3]", line[6]) for line in lines), outcome
                found = json.loads(groups("--describe", "--group", "app", "--members", "--output", "json").out)
                numbers = sorted(
                    number for row in found for part in row["currentAssignment"] for number in part["partitions"])
                assert numbers == [0, 1, 2, 3], found
            with t.step("state"):
                outcome = groups("--describe", "--group", "app", "--state")
                assert re.fullmatch(
                    r"\nGROUP +COORDINATOR \(ID\) +ASSIGNMENT-STRATEGY +STATE +#MEMBERS\n"
                    rf"app {{13}}127\.0\.0\.1:{broker.port}  \(1\) +range +Stable {{15}}2\n", outcome.out), outcome
                found = json.loads(groups("--describe", "--all-groups", "--state", "--output", "json").out)
                assert found[0]["state"] == "Stable" and found[0]["coordinator"]["port"] == broker.port, found
            with t.step("its records, by Kafka's formatter"):
                outcome = tool(broker, "console-consumer")(
                    "--topic", "__consumer_offsets", "--from-beginning", "--exit-at-end", "--formatter",
                    "kafka.coordinator.group.GroupMetadataManager$GroupMetadataMessageFormatter")
                decoder = json.JSONDecoder()
                text, found = outcome.out, []
                while text:
                    row, end = decoder.raw_decode(text)
                    text = text[end:]
                    assert row["key"] == {"type": 2, "data": {"group": "app"}}, row
                    found.append(row["value"]["data"])
                assert found[-1]["protocolType"] == "consumer" and len(found[-1]["members"]) == 2, found
            with t.step("the shell knows its name"):
                done = subprocess.run(
                    [executable(), "complete", "bash",
                     f"skafka consumer-groups --bootstrap-server {broker.address} --describe --group a"],
                    capture_output=True, text=True, timeout=SECONDS)
                assert "app" in [line.split("\t")[0] for line in done.stdout.splitlines()], done
            with t.step("what is not done to a group that lives"):
                outcome = groups(
                    "--reset-offsets", "--group", "app", "--topic", "orders", "--to-earliest", "--execute")
                assert outcome.code == 1, outcome
                assert outcome.err.startswith(
                    "\nError: Assignments can only be reset if the group 'app' is inactive, but the current state is "
                    "Stable.\n"), outcome
                outcome = groups("--delete", "--group", "app")
                assert outcome.code == 1, outcome
                assert "* Group 'app' could not be deleted due to: The group is not empty. (NON_EMPTY_GROUP)\n" in (
                    outcome.err), outcome
                outcome = groups("--delete-offsets", "--group", "app", "--topic", f"orders:{firsts[0]}")
                assert outcome.code == 1, outcome
                assert outcome.err == (
                    "\nError: Encountered some partition-level error, see the follow-up details.\n"), outcome
                assert rows(outcome.out)[1][:3] == ["orders", str(firsts[0]), "Error:"], outcome
        with t.step("a group whose members have left"):
            outcome = until(
                lambda: (lambda seen: seen if "no active members" in seen.err else None)(
                    groups("--describe", "--group", "app")), "the members leave")
            assert outcome.err == "\nConsumer group 'app' has no active members.\n" and outcome.code == 0, outcome
            assert rows(outcome.out)[1:] == [
                ["app", "orders", str(first), "2", "5", "3", "-", "-", "-"] for first in firsts], outcome
        with t.step("a name that is nearly right"):
            outcome = groups("--describe", "--group", "ap")
            assert outcome.err == "\nError: Consumer group 'ap' does not exist.\nDid you mean app?\n", outcome
            assert outcome.code == 1 and outcome.out == "", outcome
        with t.step("it can be deleted then"):
            groups("--delete", "--group", "app").prints(
                "Deletion of requested consumer groups ('app') was successful.\n")
            groups("--list").prints("")


@case(240)
def groups_tool_describes_a_group_of_the_new_protocol(t):
    from confluent_kafka import Consumer

    with Broker(t.directory) as broker:
        groups = tool(broker, "consumer-groups")
        make_topic(broker, "orders", 2, 3)
        consumer = Consumer({
            "bootstrap.servers": broker.address, "group.id": "new", "group.protocol": "consumer",
            "client.id": "librdkafka", "auto.offset.reset": "earliest", "enable.auto.commit": False,
        })
        consumer.subscribe(["orders"])
        try:
            until(lambda: consumer.poll(0.2) and len(consumer.assignment()) == 2, "the member has what it shall have")
            with t.step("members"):
                outcome = until(
                    lambda: (lambda seen: seen if "orders:0,1" in seen.out else None)(
                        groups("--describe", "--group", "new", "--members", "--verbose")), "it is assigned")
                heading, line = rows(outcome.out)
                assert line[3] == "librdkafka" and line[6] == "orders:0,1" and line[8] == "orders:0,1", outcome
                assert int(line[5]) > 0 and line[5] == line[7], outcome
            with t.step("state"):
                outcome = groups("--describe", "--group", "new", "--state", "--verbose")
                heading, line = rows(outcome.out)
                assert line[:1] + line[3:5] == ["new", "uniform", "Stable"] and line[-1] == "1", outcome
            with t.step("lists"):
                found = json.loads(groups("--list", "--output", "json").out)
                assert found == [
                    {"group": "new", "type": "Consumer", "state": "Stable", "protocol": "consumer"}], found
                outcome = tool(broker, "groups")("--list", "--group-type", "consumer")
                assert rows(outcome.out)[1] == ["new", "Consumer", "consumer"], outcome
        finally:
            consumer.close()


@case(300)
def groups_tool_resets_offsets_in_every_way(t):
    with Broker(t.directory) as broker:
        groups = tool(broker, "consumer-groups")
        make_topic(broker, "orders", 2, 10)
        make_topic(broker, "empty", 1)

        def reset(*words, group="app", topic=("--topic", "orders")):
            return groups("--reset-offsets", "--group", group, *topic, *words)

        def table(offsets, topic="orders", group="app"):
            lines = [("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET")]
            lines += [(group, topic, str(partition), str(offset)) for partition, offset in enumerate(offsets)]
            return "\n" + "".join(f"{one:15} {two:15} {three:10} {four}\n" for one, two, three, four in lines)

        ways = [
            ("--to-earliest", (), [0, 0]), ("--to-latest", (), [10, 10]), ("--to-offset", ("4",), [4, 4]),
            ("--to-current", (), [3, 10]), ("--to-datetime", ("2020-09-13T12:26:45.000",), [5, 5]),
            ("--to-datetime", ("2020-09-13T14:26:45.500+02:00",), [6, 6]),
        ]
        for way, value, expected in ways:
            with t.step(f"{way} {' '.join(value)}"):
                group = f"g{way}-{expected[0]}".replace("--", "-")
                commit(broker, group, {("orders", 0): 3})
                reset(way, *value, "--dry-run", group=group).prints(table(expected, group=group))
                assert committed(broker, group, "orders", 2) == [3, None]
                reset(way, *value, "--execute", group=group).prints(table(expected, group=group))
                assert committed(broker, group, "orders", 2) == expected
        commit(broker, "app", {("orders", 0): 3, ("orders", 1): 3})
        with t.step("shifts"):
            reset("--shift-by", "2", "--execute").prints(table([5, 5]))
            reset("--shift-by", "-1", "--execute").prints(table([4, 4]))
            outcome = reset("--shift-by", "100", "--dry-run")
            assert outcome.out == table([10, 10]) and outcome.code == 0, outcome
            assert re.search(
                r"WARN New offset \(104\) is higher than latest offset for topic partition orders-0\. Value will be set "
                r"to 10 \(", outcome.err), outcome
            outcome = reset("--shift-by", "-100", "--dry-run")
            assert "New offset (-96) is lower than earliest offset for topic partition orders-1. Value will be set to 0" in (
                outcome.err) and outcome.out == table([0, 0]), outcome
            outcome = reset("--shift-by", "1", "--dry-run", topic=("--topic", "empty"))
            assert outcome.code == 1, outcome
            assert "Cannot shift offset for partition empty-0 since there is no current committed offset" in (
                outcome.err), outcome
        with t.step("a duration"):
            reset("--by-duration", "P40000D", "--dry-run").prints(table([0, 0]))
            outcome = reset("--by-duration", "PT0S", "--dry-run")
            assert outcome.out == table([10, 10]), outcome
            assert "Warn: Partition 0 from topic orders is empty. Falling back to latest known offset." in outcome.err
        with t.step("one partition, all topics, all groups"):
            outcome = reset("--to-offset", "7", "--execute", topic=("--topic", "orders:1"))
            assert rows(outcome.out)[1:] == [["app", "orders", "1", "7"]], outcome
            assert committed(broker, "app", "orders", 2) == [4, 7]
            reset("--to-current", "--dry-run", topic=("--all-topics",)).prints(table([4, 7]))
            outcome = groups("--reset-offsets", "--all-groups", "--all-topics", "--to-latest", "--dry-run")
            assert outcome.code == 0 and len(rows(outcome.out)) > 8, outcome
            assert {line[3] for line in rows(outcome.out)[1:]} == {"10"}, outcome
        with t.step("a group that does not exist yet"):
            reset("--to-latest", "--execute", group="born").prints(table([10, 10], group="born"))
            assert committed(broker, "born", "orders", 2) == [10, 10]
        with t.step("a plan goes out and in"):
            outcome = reset("--to-offset", "2", "--dry-run", "--export").prints("orders,0,2\norders,1,2\n\n")
            plan = os.path.join(t.directory, "plan.csv")
            with open(plan, "w") as file:
                file.write(outcome.out)
            groups("--reset-offsets", "--group", "app", "--from-file", plan, "--execute").prints(table([2, 2]))
            assert committed(broker, "app", "orders", 2) == [2, 2]
            outcome = groups(
                "--reset-offsets", "--group", "app", "--group", "born", "--topic", "orders:0", "--to-latest",
                "--dry-run", "--export").prints("app,orders,0,10\nborn,orders,0,10\n\n")
            with open(plan, "w") as file:
                file.write(outcome.out)
            outcome = groups("--reset-offsets", "--group", "other", "--from-file", plan, "--dry-run")
            assert outcome.code == 1 and outcome.err == "\nError: No reset plan for group other found\n", outcome
        with t.step("without a word whether to do it"):
            outcome = reset("--to-earliest")
            assert outcome.code == 0 and outcome.out == table([0, 0]), outcome
            assert outcome.err.startswith("WARN: No action will be performed as the --execute option is missing."), outcome
            assert committed(broker, "app", "orders", 2) == [2, 2]
        with t.step("for programs"):
            outcome = reset("--to-earliest", "--dry-run", "--output", "jsonl")
            assert [json.loads(line) for line in outcome.out.splitlines()] == [
                {"group": "app", "topic": "orders", "partition": partition, "newOffset": 0} for partition in (0, 1)]
        with t.step("offsets are deleted"):
            outcome = groups("--delete-offsets", "--group", "app", "--topic", "orders:1", "--topic", "nothing")
            assert outcome.code == 1, outcome
            assert [line[:3] for line in rows(outcome.out)] == [
                ["TOPIC", "PARTITION", "STATUS"], ["nothing", "-", "Error:"], ["orders", "1", "Successful"]], outcome
            assert committed(broker, "app", "orders", 2) == [2, None]
            line = "{:15} {:10} {:15}\n".format
            groups("--delete-offsets", "--group", "app", "--topic", "orders:0").prints(
                "Request succeeded for deleting offsets from group app.\n\n" + line("TOPIC", "PARTITION", "STATUS")
                + line("orders", "0", "Successful"))
        with t.step("several groups are deleted, one of them is none"):
            outcome = groups("--delete", "--group", "born", "--group", "never")
            assert outcome.code == 1, outcome
            assert outcome.out == "\nThese consumer groups were deleted successfully: 'born'\n", outcome
            assert outcome.err.startswith(
                "\nError: Deletion of some consumer groups failed:\n* Group 'never' could not be deleted due to: "), outcome


@case(120)
def groups_tool_tells_the_lag_as_time_and_watches(t):
    with Broker(t.directory) as broker:
        groups = tool(broker, "consumer-groups")
        now = int(time.time() * 1000)
        make_topic(broker, "orders", 2, 4, timestamp=now - 100_000)
        commit(broker, "app", {("orders", 0): 1, ("orders", 1): 4})
        with t.step("the first record that was not read"):
            found = json.loads(groups("--describe", "--group", "app", "--lag-seconds", "--output", "json").out)
            assert [row["lag"] for row in found] == [3, 0], found
            # The record of offset 1 is 99 s old, and some more since.
            assert 99 <= found[0]["lagSeconds"] < 99 + SECONDS and found[1]["lagSeconds"] == 0, found
            outcome = groups("--describe", "--group", "app", "--lag-seconds")
            heading, first, second = rows(outcome.out)
            assert heading[6] == "LAG-SECONDS" and float(first[6]) >= 99 and second[6] == "0.0", outcome
        with t.step("look after look until Ctrl-C"):
            process = subprocess.Popen(
                [executable(), "consumer-groups", "--bootstrap-server", broker.address, "--describe", "--group", "app",
                 "--watch", "0.2", "--output", "jsonl"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            try:
                seen = [json.loads(process.stdout.readline()) for _ in range(6)]
                assert len({row["time"] for row in seen}) == 3, seen
                process.send_signal(signal.SIGINT)
                assert process.wait(SECONDS) == 130
            finally:
                process.kill()
                process.stdout.close()


        with t.step("a terminal is painted over"):
            main, terminal = pty.openpty()
            process = subprocess.Popen(
                [executable(), "consumer-groups", "--bootstrap-server", broker.address, "--describe", "--group", "app",
                 "--watch", "0.2"],
                stdin=subprocess.DEVNULL, stdout=terminal, stderr=subprocess.DEVNULL, env={"TERM": "xterm"})
            os.close(terminal)
            try:
                seen = b""
                deadline = time.monotonic() + SECONDS
                while seen.count(b"\x1b[H") < 3 and time.monotonic() < deadline:
                    seen += os.read(main, 65536)
                process.send_signal(signal.SIGINT)
                assert process.wait(SECONDS) == 130
            finally:
                process.kill()
                os.close(main)
            look = seen.split(b"\x1b[H")[1].decode().replace("\r\n", "\n")
            assert look.startswith("every 0.2 s, 20") and look.endswith("\x1b[J"), look
            assert "\nConsumer group 'app' has no active members.\x1b[K\n" in look, look
            assert re.search(r"\napp +orders +0 +1 +4 +3 +- +- +-\x1b\[K\n", look), look


@case(120)
def groups_tool_finds_the_example_on_partition_12(t):
    """`"test-group".hashCode()` is 627841412, which lands on partition 12 of 50."""
    with Broker(t.directory) as broker:
        make_topic(broker, "orders", 1, 3)
        commit(broker, "test-group", {("orders", 0): 2})
        key = {"type": 1, "data": {"group": "test-group", "topic": "orders", "partition": 0}}
        names = (
            "kafka.coordinator.group.GroupMetadataManager$OffsetsMessageFormatter",
            "org.apache.kafka.tools.consumer.OffsetsMessageFormatter",
            "kafka.coordinator.group.OffsetsMessageFormatter",
        )
        for name in names:
            with t.step(f"the formatter {name}"):
                outcome = tool(broker, "console-consumer")(
                    "--topic", "__consumer_offsets", "--partition", "12", "--from-beginning", "--exit-at-end",
                    "--formatter", name)
                row, end = json.JSONDecoder().raw_decode(outcome.out)
                assert outcome.out[end:] == "" and row["key"] == key, outcome
                assert row["value"]["version"] == 3 and row["value"]["data"]["offset"] == 2, row
                assert list(row["value"]["data"]) == ["offset", "leaderEpoch", "metadata", "commitTimestamp"], row
        with t.step("no other partition has it"):
            outcome = tool(broker, "console-consumer")(
                "--topic", "__consumer_offsets", "--from-beginning", "--exit-at-end", "--output", "jsonl")
            assert {json.loads(line)["partition"] for line in outcome.out.splitlines()} == {12}, outcome
    with t.step("dump-log"):
        log = os.path.join(broker.data, "__consumer_offsets-12", "00000000000000000000.log")
        done = subprocess.run(
            [executable(), "dump-log", "--offsets-decoder", "--files", log], capture_output=True, text=True,
            timeout=SECONDS)
        assert '{"type":"1","data":{"group":"test-group","topic":"orders","partition":0}}' in done.stdout, done
