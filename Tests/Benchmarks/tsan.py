"""A mixed load of 200 connections on an executable that was built with the thread sanitizer (SKAFKA_BIN).

Producers, readers, small requests, waiting fetches, topics that come and go, settings that change: for LOAD_SECONDS (120).
A race is a report in the broker's log and an exit code that is not 0.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "Tests", "Conformance"), os.path.join(ROOT, "Tests", "Benchmarks")]

import wire  # noqa: E402
from bench import compile_load  # noqa: E402
from broker import Broker  # noqa: E402

SECONDS = int(os.environ.get("LOAD_SECONDS", "120"))
# Mode and options; the connections add up to 198, two more belong to this script.
LOADS = [
    ("produce", {"topic": "a", "connections": 40, "partitions": 4, "size": 4000, "record": 300, "depth": 4}),
    ("produce", {"topic": "a", "connections": 20, "partitions": 1, "size": 1000, "record": 300, "acks": -1}),
    ("produce", {"topic": "b", "connections": 10, "partitions": 2, "size": 200000, "depth": 2}),
    ("consume", {"topic": "c", "connections": 40, "partitions": 1, "size": 4000, "record": 300, "batches": 50,
                 "fetch": 16000}),
    ("ask", {"topic": "a", "connections": 40, "kind": "metadata", "depth": 4}),
    ("ask", {"topic": "a", "connections": 40, "kind": "versions", "depth": 4}),
    ("e2e", {"topic": "d", "rate": 200}),
    ("e2e", {"topic": "e", "rate": 1000}),
    ("latency", {"topic": "a", "kind": "produce"}),
    ("latency", {"topic": "b", "kind": "metadata"}),
]


def coming_and_going(broker, until):
    """Topics, partitions and settings, through a real admin client."""
    from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

    admin = AdminClient({"bootstrap.servers": broker.address})
    number = 0
    while time.monotonic() < until:
        number += 1
        name = f"passing-{number % 5}"
        for futures in (admin.create_topics([NewTopic(name, 3, 1)]), admin.delete_topics([name])):
            futures[name].exception(30)
        change = ConfigResource(ConfigResource.Type.TOPIC, "a", incremental_configs=[ConfigEntry(
            "retention.bytes", str(1_000_000 * (1 + number % 3)), incremental_operation=AlterConfigOpType.SET)])
        admin.incremental_alter_configs([change])[change].exception(30)
        with broker.connect() as connection:
            connection.list_offset("a", -1)
            connection.send(b"GET / HTTP/1.1\r\n\r\n")


def governing(broker, until):
    """Everything else that changes or tells the cluster's metadata, through another admin client."""
    from kafka import KafkaAdminClient, TopicPartition
    from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType, ScramMechanism
    from kafka.admin import UserScramCredentialDeletion, UserScramCredentialUpsertion

    admin = KafkaAdminClient(bootstrap_servers=broker.address)
    sha256 = ScramMechanism.SCRAM_SHA_256
    number = 0
    while time.monotonic() < until:
        number += 1
        admin.alter_user_scram_credentials([UserScramCredentialUpsertion(f"u{number % 3}", sha256, "secret", 4096)])
        admin.alter_user_scram_credentials([UserScramCredentialDeletion(f"u{number % 3}", sha256)])
        admin.elect_leaders(0, {"a": [0, 1, 2, 3]}, raise_errors=False)
        admin.describe_metadata_quorum()
        admin.update_features({"group.version": 1})
        admin.update_features({"group.version": ("SAFE_DOWNGRADE", 0)})
        admin.alter_partition_reassignments({TopicPartition("a", 0): [1]})
        admin.list_partition_reassignments()
        admin.list_config_resources()
        group = ConfigResource(ConfigResourceType.GROUP, f"g{number % 3}")
        admin.describe_configs([group], config_filter="all")
        level = ("SET", "DEBUG") if number % 2 else (AlterConfigOp.DELETE, None)
        admin.alter_configs([ConfigResource(ConfigResourceType.BROKER_LOGGER, "1", configs={"skafka.Network": level})])
    admin.close()


def main():
    os.environ.setdefault("TSAN_OPTIONS", "halt_on_error=0 exitcode=66 second_deadlock_stack=1")
    program = compile_load()
    directory = tempfile.mkdtemp(prefix="skafka-tsan-")
    running = []
    broker = Broker(directory, log_retention_check_interval_ms=1000, log_segment_bytes=2_000_000)
    try:
        broker.start()
        with broker.connect(120) as connection:
            for topic, partitions in (("a", 4), ("b", 2), ("c", 1), ("d", 1), ("e", 1)):
                configs = {} if topic == "c" else {"retention.bytes": "5000000", "file.delete.delay.ms": "500"}
                assert connection.create_topic(topic, partitions, configs) == 0
        subprocess.run([program, "produce", str(broker.port), "topic=c", "size=4000", "record=300", "seconds=0.5"],
                       check=True, timeout=120, stdout=subprocess.DEVNULL)
        running = [subprocess.Popen(
            [program, mode, str(broker.port), f"seconds={SECONDS}", *(f"{key}={value}" for key, value in more.items())],
            stdout=subprocess.DEVNULL) for mode, more in LOADS]
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(2) as pool:
            for work in [pool.submit(coming_and_going, broker, until), pool.submit(governing, broker, until)]:
                work.result()
        statuses = [process.wait(120) for process in running]
        reports = len(re.findall(r"WARNING: ThreadSanitizer", broker.log()))
        status = broker.signal(15).wait_for_end(120)
        reports = max(reports, len(re.findall(r"WARNING: ThreadSanitizer", broker.log())))
        if reports or status:
            kept = os.path.join(ROOT, ".build", "tsan.log")
            shutil.copy(broker.log_path, kept)
            print(f"the log is in {kept}")
        print(f"{reports} reports, exit code {status}, clients ended with {statuses}")
        return 0 if not reports and status == 0 and not any(statuses) else 1
    finally:
        for process in running:
            process.kill()
        broker.kill()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
