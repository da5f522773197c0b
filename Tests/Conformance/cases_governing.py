"""The admin clients on what governs a cluster: features, the quorum, leaders, reassignments, credentials, quotas."""

from broker import Broker
from case import case

SECONDS = 30


def refused(kind, call):
    """The message of the error that a call must raise."""
    try:
        call()
    except kind as error:
        return str(error)
    raise AssertionError(f"no {kind.__name__}")


@case(120)
def kafka_python_governs_a_cluster(t):
    from kafka import KafkaAdminClient, TopicPartition
    from kafka.admin import ConfigResource, ConfigResourceType, ScramMechanism
    from kafka.admin import UserScramCredentialDeletion, UserScramCredentialUpsertion
    from kafka.errors import InvalidReplicationAssignmentError, InvalidUpdateVersionError

    with Broker(t.directory) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        admin.create_topics({"orders": {"num_partitions": 2}})
        with t.step("features are told, raised and kept"):
            before = admin.describe_features()["metadata.version"]
            assert before["supported"] == (1, 30) and before["finalized"] == (21, 21), before
            admin.update_features({"metadata.version": 22, "group.version": 1})
            found = admin.describe_features()
            assert found["metadata.version"]["finalized"] == (22, 22) and found["group.version"]["finalized"] == (1, 1)
            assert found["metadata.version"]["finalized_epoch"] > before["finalized_epoch"]
            assert "only supports versions 1-30" in refused(
                InvalidUpdateVersionError, lambda: admin.update_features({"metadata.version": 99}))
        with t.step("the quorum is this node"):
            quorum = admin.describe_metadata_quorum()
            part = quorum["topics"][0]["partitions"][0]
            voter = part["current_voters"][0]
            assert part["leader_id"] == 1 and part["high_watermark"] == voter["log_end_offset"] > 0, quorum
            assert str(voter["replica_directory_id"]).strip("0-"), voter
            assert quorum["nodes"][0]["listeners"][0]["port"] == broker.port, quorum
        with t.step("no election is needed"):
            answer = admin.elect_leaders(0, {"orders": [0]}, raise_errors=False)
            assert answer.replica_election_results[0].partition_result[0].error_code == 84, answer
        with t.step("reassignments are done at once, refused, and none is left"):
            here, away = TopicPartition("orders", 0), TopicPartition("orders", 1)
            assert admin.alter_partition_reassignments({here: [1], away: [7]}) == {
                here: None, away: InvalidReplicationAssignmentError}
            assert admin.list_partition_reassignments() == {}
        with t.step("users get credentials, and lose them"):
            sha256, sha512 = ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512
            assert admin.alter_user_scram_credentials([
                UserScramCredentialUpsertion("alice", sha256, "secret", 4096),
                UserScramCredentialUpsertion("bob", sha512, "secret", 8192)]) == {"alice": None, "bob": None}
            assert admin.alter_user_scram_credentials([UserScramCredentialDeletion("bob", sha512)]) == {"bob": None}
            found = admin.describe_user_scram_credentials()
            assert found["alice"]["credential_infos"] == [{"mechanism": sha256, "iterations": 4096}], found
            assert "does not exist: bob" in admin.describe_user_scram_credentials(["bob"])["bob"]["error"]
        with t.step("groups and subscriptions have settings"):
            group = ConfigResource(ConfigResourceType.GROUP, "g", configs={"share.isolation.level": "read_committed"})
            metrics = ConfigResource(ConfigResourceType.CLIENT_METRICS, "m", configs={"interval.ms": "1000"})
            admin.alter_configs([group, metrics])
            found = admin.describe_configs([ConfigResource(ConfigResourceType.GROUP, "g")], config_filter="all")["group"]["g"]
            assert len(found) == 17 and found["share.isolation.level"]["value"] == "read_committed", found
            assert admin.list_config_resources() == {
                "topic": ["orders"], "broker": ["1"], "broker_logger": ["1"], "client_metrics": ["m"], "group": ["g"]}
        with t.step("a logger is made to say less, until the restart"):
            logger = ConfigResource(ConfigResourceType.BROKER_LOGGER, "1")

            def level():
                found = admin.describe_configs([logger], config_filter="all")["broker_logger"]["1"]
                return found["skafka.Broker"]["value"]

            logger_off = ConfigResource(ConfigResourceType.BROKER_LOGGER, "1", configs={"skafka.Broker": "ERROR"})
            admin.alter_configs([logger_off])
            assert level() == "ERROR"
            lines = broker.log().count("WARN [BrokerServer id=1]")
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, "orders", configs={"remote.storage.enable": "true"})])
            assert broker.log().count("WARN [BrokerServer id=1]") == lines, broker.log()[-2000:]
        broker.restart("kill")
        admin.close()
        admin = KafkaAdminClient(bootstrap_servers=broker.address)
        with t.step("all of it but the logger is there after kill -9"):
            assert admin.describe_features()["metadata.version"]["finalized"] == (22, 22)
            assert list(admin.describe_user_scram_credentials()) == ["alice"]
            assert admin.list_config_resources(["GROUP", "CLIENT_METRICS"]) == {"group": ["g"], "client_metrics": ["m"]}
            assert level() == "INFO"
        admin.close()


@case(60)
def confluent_admin_client_governs_a_cluster(t):
    from confluent_kafka import ElectionType, KafkaException, TopicPartition
    from confluent_kafka.admin import (
        AdminClient, NewTopic, ScramCredentialInfo, ScramMechanism, UserScramCredentialDeletion,
        UserScramCredentialUpsertion)

    with Broker(t.directory) as broker:
        admin = AdminClient({"bootstrap.servers": broker.address})
        admin.create_topics([NewTopic("t", 1, 1)])["t"].result(SECONDS)
        with t.step("no election is needed"):
            found = admin.elect_leaders(ElectionType.PREFERRED, [TopicPartition("t", 0)]).result(SECONDS)
            assert [error.name() for error in found.values()] == ["ELECTION_NOT_NEEDED"], found
        with t.step("users get credentials, and lose them"):
            info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192)
            admin.alter_user_scram_credentials([UserScramCredentialUpsertion("carol", info, b"pw")])["carol"].result(SECONDS)
            found = admin.describe_user_scram_credentials(["carol"])["carol"].result(SECONDS)
            assert [(each.mechanism, each.iterations) for each in found.scram_credential_infos] == [
                (ScramMechanism.SCRAM_SHA_512, 8192)]
            gone = UserScramCredentialDeletion("carol", ScramMechanism.SCRAM_SHA_512)
            admin.alter_user_scram_credentials([gone])["carol"].result(SECONDS)
            try:
                admin.alter_user_scram_credentials([gone])["carol"].result(SECONDS)
                raise AssertionError("deleted twice")
            except KafkaException as error:
                assert error.args[0].name() == "RESOURCE_NOT_FOUND", error
