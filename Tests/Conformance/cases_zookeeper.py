"""--zookeeper: a cluster is found through what its brokers have registered, in a real ZooKeeper."""

import os
import subprocess
import time

import broker
import zookeeper
from case import case


def registration(port, protocol="PLAINTEXT", name=None):
    """What Kafka 3.9 writes to /brokers/ids/1."""
    name = name or protocol
    return ('{"features":{},"listener_security_protocol_map":{"%s":"%s"},"endpoints":["%s://127.0.0.1:%d"],"rack":"r1",'
            '"jmx_port":-1,"port":%d,"host":"127.0.0.1","version":5,"timestamp":"1795170440197"}'
            % (name, protocol, name, port, port)).encode()


def skafka(*words):
    return subprocess.run([broker.executable(), *words], capture_output=True, text=True, timeout=30)


def topics(*words):
    return skafka("topics", *words)


@case(120)
def a_cluster_is_found_through_zookeeper(case):
    if not zookeeper.is_there():
        case.skip("a cluster is found through zookeeper", "no ZooKeeper: .ci/prepare zookeeper")
        return
    data = os.path.join(case.directory, "zookeeper")
    with zookeeper.ZooKeeper(data) as ensemble, broker.Broker(os.path.join(case.directory, "broker")) as one:
        note = "skafka: --zookeeper is the way of old; today the brokers are named: --bootstrap-server "
        ensemble.create("/kafka/brokers/ids/1", registration(one.port, name="INTERNAL"))
        # A cluster is often a tenant of an ensemble with a past: these are no brokers of today.
        ensemble.create("/kafka/brokers/ids/7", b"not json")
        at = f"{ensemble.address}/kafka"
        with case.step("the lines of the books work: create, describe, list"):
            made = topics("--create", "--zookeeper", at, "--replication-factor", "1", "--partitions", "1",
                          "--topic", "gptest")
            assert made.returncode == 0 and made.stdout == "Created topic gptest.\n", made
            assert made.stderr == f"{note}{one.address}\n", made
            told = topics("--topic", "gptest", "--describe", "--zookeeper", at)
            assert "Leader: 1" in told.stdout and told.returncode == 0, told
            assert topics("--list", "--zookeeper", f"127.0.0.1:1,{at}").stdout == "gptest\n"
            settings = skafka("configs", "--zookeeper", at, "--describe", "--entity-type", "topics", "--entity-name",
                              "gptest")
            assert settings.stdout == "Dynamic configs for topic gptest are:\n", settings
        with case.step("a chroot that was forgotten is named"):
            lost = topics("--list", "--zookeeper", ensemble.address)
            assert lost.returncode == 1 and lost.stdout == "", lost
            assert f"no cluster of Kafka is registered at {ensemble.address}: " in lost.stderr, lost
            assert f"Did you mean {at}?" in lost.stderr, lost
        with case.step("a cluster without brokers and one without a fitting listener are told"):
            ensemble.create("/empty/brokers/ids", b"")
            assert "no broker is registered at" in topics("--list", "--zookeeper", f"{ensemble.address}/empty").stderr
            ensemble.create("/tls/brokers/ids/1", registration(one.port, "SSL"))
            told = topics("--list", "--zookeeper", f"{ensemble.address}/tls").stderr
            assert "have no listener with PLAINTEXT, only with SSL" in told, told
        with case.step("both ways at once are refused"):
            both = topics("--list", "--zookeeper", at, "--bootstrap-server", one.address)
            assert "Only one of --bootstrap-server or --zookeeper must be specified" in both.stderr, both
        with case.step("where nobody listens is told at once, a broker in place of ZooKeeper in ten seconds"):
            began = time.monotonic()
            nobody = topics("--list", "--zookeeper", "127.0.0.1:1")
            assert "cannot connect to ZooKeeper at 127.0.0.1:1: Connection refused" in nobody.stderr, nobody
            assert time.monotonic() - began < 5
            wrong = topics("--list", "--zookeeper", one.address)
            assert "is it ZooKeeper that listens there?" in wrong.stderr, wrong
            assert time.monotonic() - began < 25
        with case.step("what is no address is told"):
            told = topics("--list", "--zookeeper", "localhost:port").stderr
            assert "'localhost:port' is no ZooKeeper" in told, told
        print("with the session:", min(timed(at) for _ in range(5)), "ms")


def timed(at):
    began = time.monotonic()
    assert topics("--list", "--zookeeper", at).returncode == 0
    return round((time.monotonic() - began) * 1000, 1)
