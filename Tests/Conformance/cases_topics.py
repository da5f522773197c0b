"""skafka topics: every action, with the words of Kafka's tool."""

import json
import os
import re

from broker import Broker
from case import case
from tool import tool

FAILED = "Error while executing topic command : "


def start(t, **settings):
    return Broker(os.path.join(t.directory, "broker"), **settings).start()


@case(60)
def topics_are_created_listed_described_grown_and_deleted(t):
    with start(t) as broker:
        topics = tool(broker, "topics")
        with t.step("an empty cluster lists an empty line"):
            topics("--list").prints("\n")
        with t.step("create"):
            topics(
                "--create", "--topic", "orders", "--partitions", "3", "--replication-factor", "1", "--config",
                "retention.ms=60000", "--config", "segment.bytes=1073741824").prints("Created topic orders.\n")
        with t.step("create what is there"):
            topics("--create", "--topic", "orders").fails(
                FAILED + "Topic 'orders' already exists. (TOPIC_ALREADY_EXISTS)\n")
            topics("--create", "--topic", "orders", "--if-not-exists").prints("")
        with t.step("create with a warning"):
            topics("--create", "--topic", "a_b").prints(
                "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could "
                "collide. To avoid issues it is best to use either, but not both.\nCreated topic a_b.\n")
        with t.step("create with an assignment"):
            topics("--create", "--topic", "placed", "--replica-assignment", "1,1").prints("Created topic placed.\n")
        with t.step("list"):
            topics("--list").prints("a_b\norders\nplaced\n")
            topics("--list", "--topic", "orders|pl.*").prints("orders\nplaced\n")
            topics("--list", "--topic", "a_b, orders").prints("a_b\norders\n")
            topics("--list", "--topic", "order").prints("\n")
        with t.step("describe"):
            described = topics("--describe", "--topic", "orders")
            topic_id = re.search("TopicId: ([A-Za-z0-9_-]{22})\t", described.out).group(1)
            lines = "".join(
                f"\tTopic: orders\tPartition: {index}\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: \n"
                for index in range(3))
            # The file of the broker's settings overrides retention too, but the topic's own value is told.
            header = (
                f"Topic: orders\tTopicId: {topic_id}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: "
                "retention.ms=60000,segment.bytes=1073741824\n")
            described.prints(header + lines)
            topics("--describe", "--topic-id", topic_id).prints(header + lines.replace(
                "Elr: \tLastKnownElr: ", "Elr: N/A\tLastKnownElr: N/A"))
            topics("--describe", "--topics-with-overrides", "--topic", "orders").prints(header)
            topics("--describe", "--at-min-isr-partitions", "--topic", "orders").prints(lines)
            for name in ("under-replicated", "unavailable", "under-min-isr"):
                topics("--describe", f"--{name}-partitions").prints("")
        with t.step("describe page by page"):
            topics("--describe", "--topic", "orders", "--partition-size-limit-per-response", "2").prints(header + lines)
        with t.step("alter"):
            topics("--alter", "--topic", "orders", "--partitions", "5").prints("")
            assert topics("--describe", "--topic", "orders").out.count("\tPartition: ") == 5
            topics("--alter", "--topic", "orders", "--partitions", "2").fails(
                FAILED + "The topic orders currently has 5 partition(s); 2 would not be an increase. "
                "(INVALID_PARTITIONS)\n")
            topics("--alter", "--topic", "placed", "--partitions", "3", "--replica-assignment", "1,1,1").prints("")
        with t.step("delete"):
            topics("--delete", "--topic", "orders,placed").prints("")
            topics("--list").prints("a_b\n")


@case(60)
def topics_that_are_not_there(t):
    with start(t) as broker:
        topics = tool(broker, "topics")
        topics("--create", "--topic", "orders").prints("Created topic orders.\n")
        missing = FAILED + "Topic 'order' does not exist as expected\nDid you mean orders?\n"
        for words in (["--describe"], ["--delete"], ["--alter", "--partitions", "2"]):
            with t.step(words[0]):
                topics(*words, "--topic", "order").fails(missing)
                topics(*words, "--topic", "order", "--if-exists").prints("")
        with t.step("by id"):
            nobody = "AAAAAAAAAAAAAAAAAAAAAQ"
            topics("--describe", "--topic-id", nobody).fails(
                FAILED + f"TopicId '{nobody}' does not exist as expected\n")
            topics("--describe", "--topic-id", nobody, "--if-exists").prints("")


@case(60)
def topics_that_cannot_be_made(t):
    with start(t) as broker:
        topics = tool(broker, "topics")
        with t.step("a name"):
            outcome = topics("--create", "--topic", "a b")
            assert outcome.code == 1 and "Topic name is invalid: " in outcome.err, outcome
            assert "(INVALID_TOPIC_EXCEPTION)" in outcome.err, outcome
        with t.step("a setting"):
            topics("--create", "--topic", "t", "--config", "retention.mss=1").fails(
                FAILED + "Unknown topic config name: retention.mss (INVALID_CONFIG)\nDid you mean retention.ms?\n")
        with t.step("replicas"):
            outcome = topics("--create", "--topic", "t", "--replication-factor", "4")
            assert outcome.code == 1 and outcome.err.startswith(
                FAILED + "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be "
                "reached because only 1 broker(s)"), outcome
        with t.step("names that fall together"):
            topics("--create", "--topic", "a.b")
            outcome = topics("--create", "--topic", "a_b")
            assert outcome.code == 1 and "collides with existing topic" in outcome.err, outcome


@case(60)
def topics_command_lines(t):
    with start(t) as broker:
        topics = tool(broker, "topics")
        with t.step("one action"):
            message = "Command must include exactly one action: --list, --describe, --create, --alter or --delete"
            topics().refuses(message)
            topics("--list", "--describe").refuses(message)
        with t.step("no server"):
            topics("--list", server=False).fails("--bootstrap-server must be specified\n")
        with t.step("no such option"):
            topics("--list", "--nonsense").refuses("nonsense is not a recognized option")
        with t.step("given twice"):
            topics("--list", "--topic", "a", "--topic", "b").refuses(
                "Found multiple arguments for option topic, but you asked for only one")
        with t.step("a pattern that is none"):
            topics("--list", "--topic", "*a").fails(
                FAILED + "*a is an invalid regex.\nDangling meta character '*' near index 0\n")
        with t.step("delete-config"):
            outcome = topics("--list", "--delete-config", "a")
            assert outcome.code == 0 and outcome.out == "\n", outcome
            assert outcome.err == (
                "delete-config option is no longer supported and deprecated since version 4.0. The config will be "
                "fully removed in future releases.\n"), outcome
        with t.step("version"):
            topics("--version", server=False).prints("4.3.0\n")


@case(60)
def topics_for_programs(t):
    with start(t) as broker:
        topics = tool(broker, "topics")
        topics("--create", "--topic", "orders", "--partitions", "2", "--config", "retention.ms=1")
        with t.step("json"):
            row = json.loads(topics("--describe", "--output", "json").out)[0]
            assert row.pop("topicId") and row == {
                "topic": "orders", "isInternal": False, "partitionCount": 2, "replicationFactor": 1,
                "configs": {"retention.ms": "1"},
                "partitions": [
                    {"partition": index, "leader": 1, "replicas": [1], "isr": [1], "elr": [], "lastKnownElr": []}
                    for index in range(2)
                ]}, row
        with t.step("json lines"):
            row = json.loads(topics("--list", "--output", "jsonl").out)
            assert row["topic"] == "orders" and row["partitionCount"] == 2, row
        with t.step("csv"):
            topic_id = json.loads(topics("--list", "--output", "jsonl").out)["topicId"]
            topics("--describe", "--output", "csv").prints(
                "topic,topicId,partition,leader,replicas,isr,elr,lastKnownElr,addingReplicas,removingReplicas,configs\n"
                + "".join(f'orders,{topic_id},{index},1,1,1,"","",,,retention.ms=1\n' for index in range(2)))
