"""skafka configs: settings, quotas and SCRAM credentials, with the words of Kafka's tool."""

import json
import os

from broker import Broker
from case import case
from tool import tool


def start(t, **settings):
    return Broker(os.path.join(t.directory, "broker"), **settings).start()


@case(60)
def configs_of_a_topic(t):
    with start(t) as broker:
        configs = tool(broker, "configs")
        tool(broker, "topics")("--create", "--topic", "orders")
        topic = ["--entity-type", "topics", "--entity-name", "orders"]
        with t.step("nothing of its own"):
            configs("--describe", *topic).prints("Dynamic configs for topic orders are:\n")
        with t.step("alter"):
            for words in (topic, ["--topic", "orders"]):
                configs("--alter", *words, "--add-config", "retention.ms=60000").prints(
                    "Completed updating config for topic orders.\n")
        own = (
            "  retention.ms=60000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=60000, "
            "STATIC_BROKER_CONFIG:log.retention.ms=-1, DEFAULT_CONFIG:log.retention.hours=168}\n")
        with t.step("describe"):
            configs("--describe", "--topic", "orders").prints("Dynamic configs for topic orders are:\n" + own)
            configs("--describe", "--entity-type", "topics").prints("Dynamic configs for topic orders are:\n" + own)
        with t.step("describe all"):
            text = configs("--describe", "--topic", "orders", "--all").out
            lines = text.splitlines(keepends=True)
            assert lines[0] == "All configs for topic orders are:\n" and own in lines, text
            assert lines[1:] == sorted(lines[1:]) and len(lines) > 25, text
        with t.step("brackets, several, and removal"):
            configs(
                "--alter", "--topic", "orders", "--add-config", "cleanup.policy=[compact,delete],max.message.bytes=1000",
                "--delete-config", "retention.ms").prints("Completed updating config for topic orders.\n")
            configs("--describe", "--topic", "orders").prints(
                "Dynamic configs for topic orders are:\n"
                "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy="
                "compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}\n"
                "  max.message.bytes=1000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=1000, "
                "DEFAULT_CONFIG:message.max.bytes=1048588}\n")
        with t.step("a file"):
            path = os.path.join(t.directory, "add.properties")
            with open(path, "w") as file:
                file.write("flush.ms=1000\n")
            configs("--alter", "--topic", "orders", "--add-config-file", path).prints(
                "Completed updating config for topic orders.\n")
            assert "  flush.ms=1000 " in configs("--describe", "--topic", "orders").out
        with t.step("removing what is not there"):
            configs("--alter", "--topic", "orders", "--delete-config", "segment.ms").prints(
                "Completed updating config for topic orders.\n")
        with t.step("a key that is none"):
            outcome = configs("--alter", "--topic", "orders", "--add-config", "retention.mss=1")
            assert outcome.code == 1 and outcome.out == "", outcome
            assert outcome.err == (
                f"Error while executing config command with args '--bootstrap-server {broker.address} --alter --topic "
                "orders --add-config retention.mss=1'\nUnknown topic config name: retention.mss (INVALID_CONFIG)\n"
                "Did you mean retention.ms?\n"), outcome
        with t.step("a topic that is none"):
            configs("--describe", "--topic", "order").fails(
                "The topic 'order' doesn't exist and doesn't have dynamic config.\nDid you mean orders?\n")
            outcome = configs("--alter", "--topic", "nope", "--add-config", "retention.ms=1")
            assert outcome.code == 1 and "(UNKNOWN_TOPIC_OR_PARTITION)" in outcome.err, outcome
        with t.step("for programs"):
            rows = json.loads(configs("--describe", "--topic", "orders", "--all", "--output", "json").out)
            row = next(row for row in rows if row["name"] == "flush.ms")
            assert row["source"] == "DYNAMIC_TOPIC_CONFIG" and row["value"] == "1000" and row["type"] == "LONG", row
            assert all(row["documentation"] for row in rows), rows
            assert [synonym["source"] for synonym in row["synonyms"]][0] == "DYNAMIC_TOPIC_CONFIG", row


@case(60)
def configs_of_brokers(t):
    with start(t) as broker:
        configs = tool(broker, "configs")
        with t.step("all of one"):
            text = configs("--describe", "--broker", "1", "--all").out
            assert text.startswith("All configs for broker 1 are:\n"), text
            assert "\n  log.retention.ms=-1 sensitive=false synonyms={STATIC_BROKER_CONFIG:log.retention.ms=-1" in text
            assert "\n  node.id=1 sensitive=false " in text, text
        with t.step("alter the defaults and one"):
            configs(
                "--alter", "--entity-type", "brokers", "--entity-default", "--add-config", "log.cleaner.threads=2"
            ).prints("Completed updating default config for brokers in the cluster.\n")
            configs("--alter", "--broker", "1", "--add-config", "log.cleaner.threads=3").prints(
                "Completed updating config for broker 1.\n")
        with t.step("describe"):
            text = configs("--describe", "--entity-type", "brokers").out
            one, default = text.split("Default configs for brokers in the cluster are:\n")
            assert one.startswith("Dynamic configs for broker 1 are:\n  log.cleaner.threads=3 sensitive=false "), text
            assert "DYNAMIC_DEFAULT_BROKER_CONFIG:log.cleaner.threads=2" in one, text
            assert default.startswith("  log.cleaner.threads=2 sensitive=false "), text
            assert configs("--describe", "--broker-defaults").out == (
                "Default configs for brokers in the cluster are:\n" + default)
        with t.step("a broker that is none"):
            configs("--describe", "--broker", "7").fails(
                "The broker '7' doesn't exist and doesn't have dynamic config.\n")
            outcome = configs("--describe", "--broker", "7", "--all")
            assert outcome.code == 1 and "there is no broker 7; the cluster has 1\n" in outcome.err, outcome


@case(60)
def configs_are_quotas_of_users_clients_and_addresses(t):
    with start(t) as broker:
        configs = tool(broker, "configs")
        with t.step("alter"):
            configs(
                "--alter", "--entity-type", "users", "--entity-name", "alice", "--entity-type", "clients",
                "--entity-name", "c1", "--add-config", "producer_byte_rate=1024,consumer_byte_rate=2048").prints(
                    "Completed updating config for user alice.\n")
            configs("--alter", "--client-defaults", "--add-config", "producer_byte_rate=20971520").prints(
                "Completed updating default config for clients in the cluster.\n")
            configs("--alter", "--ip", "127.0.0.1", "--add-config", "connection_creation_rate=100").prints(
                "Completed updating config for ip 127.0.0.1.\n")
        with t.step("describe"):
            configs("--describe", "--user", "alice", "--client", "c1").prints(
                "Quota configs for user-principal 'alice', client-id 'c1' are consumer_byte_rate=2048.0, "
                "producer_byte_rate=1024.0\n")
            configs("--describe", "--entity-type", "clients").prints(
                "Quota configs for the default client-id are producer_byte_rate=2.097152E7\n")
            configs("--describe", "--entity-type", "ips").prints(
                "Quota configs for ip '127.0.0.1' are connection_creation_rate=100.0\n")
        with t.step("remove"):
            configs("--alter", "--client-defaults", "--delete-config", "producer_byte_rate").prints(
                "Completed updating default config for clients in the cluster.\n")
            configs("--describe", "--entity-type", "clients").prints("")
            configs("--alter", "--client-defaults", "--delete-config", "producer_byte_rate").fails(
                "Invalid config(s): producer_byte_rate\n")


@case(60)
def configs_are_credentials_for_scram(t):
    with start(t) as broker:
        configs = tool(broker, "configs")
        with t.step("alter"):
            configs(
                "--alter", "--user", "alice", "--add-config",
                "SCRAM-SHA-256=[password=secret],SCRAM-SHA-512=[iterations=8192,password=secret]").prints(
                    "Completed updating config for user alice.\n")
        with t.step("describe"):
            text = (
                "SCRAM credential configs for user-principal 'alice' are SCRAM-SHA-256=iterations=4096, "
                "SCRAM-SHA-512=iterations=8192\n")
            configs("--describe", "--user", "alice").prints(text)
            configs("--describe", "--entity-type", "users").prints(text)
            configs("--describe", "--user", "bob").prints("")
        with t.step("remove"):
            configs("--alter", "--user", "alice", "--delete-config", "SCRAM-SHA-256").prints(
                "Completed updating config for user alice.\n")
            configs("--describe", "--user", "alice").prints(
                "SCRAM credential configs for user-principal 'alice' are SCRAM-SHA-512=iterations=8192\n")
            outcome = configs("--alter", "--user", "alice", "--delete-config", "SCRAM-SHA-256")
            assert outcome.code == 1 and "(RESOURCE_NOT_FOUND)" in outcome.err, outcome


@case(60)
def configs_of_client_metrics_and_groups(t):
    with start(t) as broker:
        configs = tool(broker, "configs")
        with t.step("client metrics"):
            configs("--describe", "--entity-type", "client-metrics").prints("")
            configs("--alter", "--client-metrics", "m", "--add-config", "interval.ms=30000").prints(
                "Completed updating config for client-metric m.\n")
            text = configs("--describe", "--client-metrics", "m").out
            assert text.startswith("Dynamic configs for client-metric m are:\n  interval.ms=30000 sensitive=false "), text
            configs("--describe", "--client-metrics", "other").fails(
                "The client-metric 'other' doesn't exist and doesn't have dynamic config.\n")


@case(60)
def configs_command_lines(t):
    with start(t) as broker:
        configs = tool(broker, "configs")
        configs("--topic", "t").refuses("Command must include exactly one action: --describe, --alter")
        configs("--describe").fails("At least one entity type must be specified\n")
        configs("--describe", "--topic", "t", server=False).fails(
            "Either --bootstrap-server or --bootstrap-controller must be specified.\n")
        configs("--alter", "--topic", "t").fails(
            "At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter\n")
