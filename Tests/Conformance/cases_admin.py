"""The admin clients: topics, partitions, settings, offsets, deletion of records."""

import time

import wire
from broker import Broker, wait_until
from case import case

SECONDS = 30
INVALID_PARTITIONS = 37


def results(futures):
    """What an admin call of confluent-kafka gave: {name: None | name of the error}."""
    from confluent_kafka import KafkaException

    out = {}
    for key, future in futures.items():
        try:
            future.result(SECONDS)
            out[str(key)] = None
        except KafkaException as error:
            out[str(key)] = error.args[0].name()
    return out


def partitions_of(admin, topic):
    metadata = admin.list_topics(timeout=SECONDS).topics
    return len(metadata[topic].partitions) if topic in metadata else None


@case(120)
def confluent_admin_client(t):
    from confluent_kafka import TopicPartition
    from confluent_kafka.admin import (
        AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewPartitions, NewTopic)

    with Broker(t.directory) as broker, broker.connect() as connection:
        admin = AdminClient({"bootstrap.servers": broker.address})
        resource = ConfigResource(ConfigResource.Type.TOPIC, "orders")

        def settings():
            return admin.describe_configs([resource])[resource].result(SECONDS)

        with t.step("confluent-kafka creates topics"):
            topics = [NewTopic("orders", 4, 1, config={"retention.ms": "123456"}), NewTopic("logs", 1, 1)]
            assert results(admin.create_topics(topics)) == {"orders": None, "logs": None}
            wait_until(lambda: partitions_of(admin, "orders") == 4, "the topic in the metadata")
        with t.step("a topic that exists is not created again"):
            assert results(admin.create_topics([NewTopic("orders", 1, 1)])) == {"orders": "TOPIC_ALREADY_EXISTS"}
        with t.step("wrong topics are refused, each with its reason"):
            found = results(admin.create_topics([
                NewTopic("bad name", 1, 1), NewTopic("wide", 1, 3), NewTopic("typo", 1, 1, config={"retention.ms": "soon"})]))
            assert found == {
                "bad name": "TOPIC_EXCEPTION", "wide": "INVALID_REPLICATION_FACTOR", "typo": "INVALID_CONFIG",
            }, found
            assert connection.create_topic("none", 0) == INVALID_PARTITIONS
        with t.step("a validation alone creates nothing"):
            assert results(admin.create_topics([NewTopic("trial", 1, 1)], validate_only=True)) == {"trial": None}
            assert partitions_of(admin, "trial") is None
        with t.step("partitions are added"):
            assert results(admin.create_partitions([NewPartitions("orders", 6)])) == {"orders": None}
            wait_until(lambda: partitions_of(admin, "orders") == 6, "six partitions")
        with t.step("and not taken away"):
            assert results(admin.create_partitions([NewPartitions("orders", 2)])) == {"orders": "INVALID_PARTITIONS"}
        with t.step("settings are described with their source"):
            found = settings()
            assert found["retention.ms"].value == "123456"
            assert found["retention.ms"].source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
            assert found["cleanup.policy"].value == "delete" and found["cleanup.policy"].is_default
        with t.step("settings are altered one by one"):
            change = ConfigResource(ConfigResource.Type.TOPIC, "orders", incremental_configs=[
                ConfigEntry("segment.bytes", "2000000", incremental_operation=AlterConfigOpType.SET),
                ConfigEntry("retention.ms", None, incremental_operation=AlterConfigOpType.DELETE)])
            admin.incremental_alter_configs([change])[change].result(SECONDS)
            found = settings()
            assert found["segment.bytes"].value == "2000000" and found["retention.ms"].value == "-1"
        with t.step("the settings of the broker are described"):
            own = ConfigResource(ConfigResource.Type.BROKER, "1")
            found = admin.describe_configs([own])[own].result(SECONDS)
            assert found["log.dirs"].value == broker.data, found["log.dirs"]
        with t.step("the cluster is described"):
            cluster = admin.describe_cluster().result(SECONDS)
            assert cluster.controller.id == 1 and len(cluster.nodes) == 1 and len(cluster.cluster_id) == 22
        with t.step("topics are described with ids"):
            from confluent_kafka import TopicCollection
            description = admin.describe_topics(TopicCollection(["orders"]))["orders"].result(SECONDS)
            assert len(description.partitions) == 6 and str(description.topic_id) != "A" * 22
        with t.step("records are deleted up to an offset"):
            batch = wire.batch([(None, b"%d" % number) for number in range(10)])
            assert connection.produce("logs", batch) == (0, 0)
            done = admin.delete_records([TopicPartition("logs", 0, 4)])
            assert [future.result(SECONDS).low_watermark for future in done.values()] == [4]
            assert connection.list_offset("logs", -2)[2] == 4
            assert [offset for offset, _, _ in connection.fetch_all("logs", start=4)] == list(range(4, 10))
            assert connection.fetch("logs", 3)[0] == 1
        with t.step("topics are deleted, with their directories"):
            import os
            assert results(admin.delete_topics(["orders", "nowhere"])) == {
                "orders": None, "nowhere": "UNKNOWN_TOPIC_OR_PART"}
            wait_until(lambda: partitions_of(admin, "orders") is None, "the topic gone from the metadata")
            wait_until(lambda: not os.path.exists(broker.partition("orders")), "the directory gone or renamed")
        with t.step("a topic of the same name starts empty"):
            assert results(admin.delete_topics(["logs"])) == {"logs": None}
            wait_until(lambda: partitions_of(admin, "logs") is None, "the topic gone")
            assert results(admin.create_topics([NewTopic("logs", 1, 1)])) == {"logs": None}
            wait_until(lambda: connection.list_offset("logs", -1)[::2] == (0, 0), "an empty topic")


@case(120)
def kafka_python_admin_client(t):
    from kafka import KafkaAdminClient, OffsetSpec, TopicPartition
    from kafka.admin import ConfigResource, ConfigResourceType
    from kafka.errors import TopicAlreadyExistsError

    with Broker(t.directory) as broker, broker.connect() as connection:
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        with t.step("kafka-python creates a topic"):
            admin.create_topics({"orders": {"num_partitions": 2, "configs": {"cleanup.policy": "compact"}}})
            wait_until(lambda: "orders" in admin.list_topics(), "the topic in the list")
        with t.step("a topic that exists is refused"):
            try:
                admin.create_topics({"orders": {"num_partitions": 2}})
                raise AssertionError("created twice")
            except TopicAlreadyExistsError:
                pass
        with t.step("kafka-python describes it"):
            found = admin.describe_topics(["orders"])[0]
            assert found["name"] == "orders" and len(found["partitions"]) == 2, found
        with t.step("kafka-python adds partitions"):
            admin.create_partitions({"orders": 3})
            wait_until(lambda: len(admin.describe_topics(["orders"])[0]["partitions"]) == 3, "three partitions")
        with t.step("kafka-python reads and alters settings"):
            resource = ConfigResource(ConfigResourceType.TOPIC, "orders", configs={"retention.ms": "777000"})
            admin.alter_configs([resource])
            found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "orders")])
            found = found["topic"]["orders"]
            assert found["retention.ms"]["value"] == "777000" and found["cleanup.policy"]["value"] == "compact", found
        with t.step("kafka-python lists offsets and deletes records"):
            assert connection.create_topic("logs") == 0
            assert connection.produce("logs", wire.batch([(None, b"x")] * 8))[0] == 0
            partition = TopicPartition("logs", 0)
            assert admin.list_partition_offsets({partition: OffsetSpec.LATEST})[partition].offset == 8
            admin.delete_records({partition: 5})
            assert admin.list_partition_offsets({partition: OffsetSpec.EARLIEST})[partition].offset == 5
        with t.step("kafka-python deletes a topic"):
            admin.delete_topics(["orders"])
            wait_until(lambda: "orders" not in admin.list_topics(), "the topic gone")
        admin.close()


@case(90)
def offsets_by_timestamp(t):
    first = 1_700_000_000_000
    with Broker(t.directory, log_index_interval_bytes=256) as broker, broker.connect() as connection:
        assert connection.create_topic("t", configs={"internal.segment.bytes": "20000"}) == 0
        for number in range(300):
            part = wire.batch([(None, b"x" * 100)] * 2, timestamp=first + number * 1000)
            assert connection.produce("t", part) == (0, number * 2)
        assert len(broker.segments("t")) > 2
        for how in (None, "stop", "kill"):
            if how:
                broker.restart(how)
                connection.close()
                connection = broker.connect()
            with t.step("offsets by timestamp" + (f" after {how}" if how else "")):
                for number in (0, 1, 57, 150, 299):
                    assert connection.list_offset("t", first + number * 1000) == (0, first + number * 1000, number * 2)
                    assert connection.list_offset("t", first + number * 1000 + 1)[2] == number * 2 + 1
                assert connection.list_offset("t", first - 5)[2] == 0
                assert connection.list_offset("t", first + 10_000_000)[2] == -1
                assert connection.list_offset("t", -2)[2] == 0 and connection.list_offset("t", -1)[2] == 600
        with t.step("confluent-kafka asks for offsets by timestamp"):
            from confluent_kafka import Consumer, TopicPartition
            consumer = Consumer({"bootstrap.servers": broker.address, "group.id": "unused"})
            asked = [TopicPartition("t", 0, first + 100_000)]
            assert consumer.offsets_for_times(asked, timeout=SECONDS)[0].offset == 200
            assert consumer.get_watermark_offsets(TopicPartition("t", 0), timeout=SECONDS) == (0, 600)
            consumer.close()


@case(60)
def retention_removes_old_segments(t):
    with Broker(t.directory, log_retention_check_interval_ms=200, log_initial_task_delay_ms=100) as broker, broker.connect() as connection:
        configs = {"internal.segment.bytes": "10000", "retention.bytes": "30000", "file.delete.delay.ms": "100"}
        assert connection.create_topic("t", configs=configs) == 0
        now = int(time.time() * 1000)
        for _ in range(200):
            assert connection.produce("t", wire.batch([(None, b"x" * 1000)], timestamp=now))[0] == 0
        wait_until(lambda: connection.list_offset("t", -2)[2] > 100, "the log start moved")
        wait_until(lambda: len(broker.segments("t")) <= 5, "the files of the segments gone")
        start = connection.list_offset("t", -2)[2]
        assert len(connection.fetch_all("t", start=start)) == 200 - start


@case(120)
def a_thousand_changes_of_the_metadata(t):
    """What grows a little with every change shows only after many."""
    from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

    with Broker(t.directory) as broker, broker.connect() as connection:
        admin = AdminClient({"bootstrap.servers": broker.address})
        assert connection.create_topic("kept") == 0
        for number in range(350):
            assert connection.create_topic("passing") == 0
            assert results(admin.delete_topics(["passing"])) == {"passing": None}
            change = ConfigResource(ConfigResource.Type.TOPIC, "kept", incremental_configs=[ConfigEntry(
                "retention.bytes", str(1_000_000 + number), incremental_operation=AlterConfigOpType.SET)])
            admin.incremental_alter_configs([change])[change].result(SECONDS)
        broker.restart("kill")
        resource = ConfigResource(ConfigResource.Type.TOPIC, "kept")
        found = admin.describe_configs([resource])[resource].result(SECONDS)
        assert found["retention.bytes"].value == "1000349", found["retention.bytes"]
        assert list(admin.list_topics(timeout=SECONDS).topics) == ["kept"]
