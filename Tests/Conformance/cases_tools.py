"""The tools that ask a cluster about itself, each as a person types it, with the text that Kafka's tool prints."""

import json
import os
import re
import subprocess
import time

import wire
from broker import Broker, executable
from case import case


class Tool:
    """Runs commands of skafka against a broker."""

    def __init__(self, broker, directory):
        self.broker = broker
        self.directory = directory

    def run(self, line, code=0, cluster=True, **variables):
        words = line.split() if isinstance(line, str) else list(line)
        if cluster:
            words += ["--bootstrap-server", self.broker.address]
        done = subprocess.run(
            [executable(), *words], capture_output=True, text=True, timeout=60, cwd=self.directory,
            env={**os.environ, **variables})
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done

    def file(self, name, content):
        path = os.path.join(self.directory, name)
        with open(path, "w") as file:
            file.write(content)
        return path


@case(120)
def offsets_are_shown_and_records_deleted(t):
    with Broker(t.directory) as broker:
        tool = Tool(broker, t.directory)
        with broker.connect() as connection:
            for topic, partitions in (("t1", 2), ("t2", 4), ("t3", 1), ("t4", 7), ("t5", 5)):
                assert connection.create_topic(topic, partitions) == 0
            for number in range(3):
                data = wire.batch([(None, b"x")], timestamp=1_600_000_000_000 + number * 1000)
                assert connection.produce("t1", data, partition=1)[0] == 0
        with t.step("all partitions, sorted by their names"):
            lines = tool.run("get-offsets").stdout.splitlines()
            assert len(lines) == 19 and lines[0] == "t1:0:0" and lines[1] == "t1:1:3", lines
            assert lines == sorted(lines)
        with t.step("the rules of the reference"):
            lines = tool.run("get-offsets --topic-partitions t1:1,t2:0-3,t3,t4:5-,t5:-3").stdout.splitlines()
            assert [line.rsplit(":", 1)[0] for line in lines] == [
                "t1:1", "t2:0", "t2:1", "t2:2", "t3:0", "t4:5", "t4:6", "t5:0", "t5:1", "t5:2"], lines
        with t.step("special times"):
            for time_, expected in (
                    ("latest", "t1:1:3\n"), ("-1", "t1:1:3\n"), ("earliest", "t1:1:0\n"), ("-2", "t1:1:0\n"),
                    ("max-timestamp", "t1:1:2\n"), ("-3", "t1:1:2\n"), ("earliest-local", "t1:1:0\n"),
                    ("1600000000500", "t1:1:1\n"), ("1700000000000", ""), ("latest-tiered", "")):
                done = tool.run(f"get-offsets --topic t1 --partitions 1 --time {time_}")
                assert (done.stdout, done.stderr) == (expected, ""), (time_, done)
        with t.step("what does not match, and what makes no sense"):
            done = tool.run("get-offsets --topic nothing", code=1)
            assert done.stderr == "Error occurred: Could not match any topic-partitions with the specified filters\n"
            done = tool.run("get-offsets --time soon", code=1)
            assert done.stderr.startswith("Error occurred: Malformed time argument soon. Please use -1 or latest / -2")
        with t.step("forms for programs"):
            assert json.loads(tool.run("get-offsets --topic t3 --output json").stdout) == [
                {"topic": "t3", "partition": 0, "offset": 0}]
            assert tool.run("get-offsets --topic t3 --output csv").stdout == "topic,partition,offset\nt3,0,0\n"
        with t.step("records are deleted as a file says"):
            path = tool.file("offsets.json", json.dumps({"version": 1, "partitions": [
                {"topic": "t1", "partition": 1, "offset": 1}, {"topic": "t3", "partition": 0, "offset": -1}]}))
            done = tool.run(f"delete-records --offset-json-file {path}")
            assert done.stdout == (
                "Executing records delete operation\nRecords delete operation completed:\n"
                "partition: t1-1\tlow_watermark: 1\npartition: t3-0\tlow_watermark: 0\n"), done.stdout
            assert tool.run("get-offsets --topic t1 --partitions 1 --time earliest").stdout == "t1:1:1\n"
        with t.step("a partition that cannot be cut has its own line"):
            path = tool.file("far.json", '{"partitions":[{"topic":"t1","partition":1,"offset":99},'
                                         '{"topic":"t1","partition":0,"offset":0}]}')
            done = tool.run(f"delete-records --offset-json-file {path}", code=1)
            assert "partition: t1-0\tlow_watermark: 0\n" in done.stdout, done.stdout
            assert re.search(r"partition: t1-1\terror: .*\(OFFSET_OUT_OF_RANGE\)\n", done.stdout), done.stdout
        with t.step("files that make no sense"):
            for content, said in (
                    ('{"partitions":[', "is not a valid JSON: a value is missing at line 1, column 16"),
                    ('{"version":2}', "Not supported version field value 2"),
                    ('{"partitions":[{"topic":"a","partition":0,"offset":1},{"topic":"a","partition":0,"offset":1}]}',
                     "Offset json file contains duplicate topic partitions: a-0")):
                done = tool.run(f"delete-records --offset-json-file {tool.file('bad.json', content)}", code=1)
                assert said in done.stderr and done.stdout == "", done


@case(120)
def a_cluster_is_described(t):
    with Broker(t.directory) as broker:
        tool = Tool(broker, t.directory)
        host, port = broker.address.rsplit(":", 1)
        with t.step("its id"):
            assert re.fullmatch(r"Cluster ID: \S+\n", tool.run("cluster cluster-id").stdout)
            short = subprocess.run(
                [executable(), "cluster", "cluster-id", "-b", broker.address], capture_output=True, text=True)
            assert short.stdout == tool.run("cluster cluster-id").stdout
        with t.step("its endpoints"):
            expected = (
                f"ID         {'HOST':{len(host)}} PORT       RACK       STATE      ENDPOINT_TYPE  \n"
                f"1          {host:4} {port:10} null       unfenced   broker         \n")
            assert tool.run("cluster list-endpoints").stdout == expected
            assert tool.run("cluster list-endpoints --include-fenced-brokers").stdout == expected
            assert json.loads(tool.run("cluster list-endpoints --output json").stdout) == [{
                "id": 1, "host": host, "port": int(port), "rack": None, "state": "unfenced",
                "endpointType": "broker"}]
        with t.step("old names of options work with a warning on stderr"):
            path = tool.file("client.properties", "request.timeout.ms=10000\n")
            done = tool.run(f"cluster cluster-id --config {path}")
            assert "--config has been deprecated" in done.stderr and done.stdout.startswith("Cluster ID: "), done
        with t.step("what it speaks"):
            lines = tool.run("broker-api-versions").stdout.splitlines()
            assert lines[0] == f"{broker.address} (id: 1 rack: null isFenced: false) -> (", lines[0]
            assert lines[-1] == ")"
            assert all(re.fullmatch(r"\t\w+\(\d+\): (\d+( to \d+)? \[usable: \d+\]|UNSUPPORTED),?", line)
                       for line in lines[1:-1]), lines
            assert tool.run("cluster api-versions").stdout.splitlines() == lines
        with t.step("its quorum"):
            lines = tool.run("metadata-quorum describe --status").stdout.splitlines()
            names = ["ClusterId:", "LeaderId:", "LeaderEpoch:", "HighWatermark:", "MaxFollowerLag:",
                     "MaxFollowerLagTimeMs:", "CurrentVoters:", "CurrentObservers:"]
            assert [line.split()[0] for line in lines] == names and all(line[24] != " " for line in lines), lines
            assert json.loads(lines[6][24:])[0]["id"] == 1
            lines = tool.run("metadata-quorum describe --replication").stdout.splitlines()
            assert [cell.strip() for cell in lines[0].split("\t")] == [
                "NodeId", "DirectoryId", "LogEndOffset", "Lag", "LastFetchTimestamp", "LastCaughtUpTimestamp",
                "Status", ""], lines
            assert [cell.strip() for cell in lines[1].split("\t")][-2] == "Leader"
        with t.step("its features, and changing them"):
            lines = tool.run("features describe").stdout.splitlines()
            assert all(re.fullmatch(
                r"Feature: \S+ +  SupportedMinVersion: .{15}  SupportedMaxVersion: .{15}  FinalizedVersionLevel: .{15}  "
                r"Epoch: \S+", line) for line in lines) and len(lines) > 1, lines
            assert tool.run("features upgrade --feature group.version=1 --dry-run").stdout == (
                "group.version can be upgraded to 1.\n")
            done = tool.run("features upgrade --feature no.such=1", code=1)
            assert "Could not upgrade no.such to 1. " in done.stderr, done
            assert done.stderr.endswith("1 out of 1 operation(s) failed.\n")
        with t.step("what a single node refuses"):
            done = tool.run("metadata-quorum remove-controller -i 3 -d JEXY6aqzQY-32P5TStzaFg", code=1)
            assert "RemoveRaftVoter" in done.stderr and done.stdout == "", done
            done = tool.run("cluster unregister-controller --id 3", code=1)
            assert done.stderr == "The target cluster does not support the controller unregistration API.\n", done
        with t.step("release and features without a cluster"):
            done = tool.run("features version-mapping --release-version 4.3", cluster=False)
            assert done.stdout == (
                "metadata.version=30 (4.3)\nkraft.version=1\ntransaction.version=2\ngroup.version=1\n"
                "eligible.leader.replicas.version=1\nshare.version=1\nstreams.version=1\n"), done.stdout
            done = tool.run("features feature-dependencies --feature group.version=1", cluster=False)
            assert done.stdout == "group.version=1 has no dependencies.\n"


@case(120)
def leaders_are_elected_and_replicas_compared(t):
    with Broker(t.directory) as broker:
        tool = Tool(broker, t.directory)
        with broker.connect() as connection:
            assert connection.create_topic("foo", 2) == 0
            assert connection.produce("foo", wire.batch([(None, b"x")]))[0] == 0
        with t.step("a leader that is the right one already"):
            done = tool.run("leader-election --election-type preferred --topic foo --partition 0")
            assert done.stdout == "Valid replica already elected for partitions foo-0\n", done
            path = tool.file("p.json", '{"partitions":[{"topic":"foo","partition":1},{"topic":"foo","partition":0}]}')
            done = tool.run(f"leader-election --election-type preferred --path-to-json-file {path}")
            assert done.stdout == "Valid replica already elected for partitions foo-0, foo-1\n", done
        with t.step("all of them"):
            done = tool.run("leader-election --election-type preferred --all-topic-partitions")
            assert (done.stdout, done.stderr) == ("", ""), done
        with t.step("one that does not exist"):
            done = tool.run("leader-election --election-type preferred --topic bar --partition 0", code=1)
            assert re.fullmatch(
                r"Error completing leader election \(PREFERRED\) for partition: bar-0: .*\(UNKNOWN_TOPIC_OR_PARTITION\)\n"
                r"1 replica\(s\) could not be elected\n", done.stderr), done
        with t.step("replicas are compared until it is interrupted"):
            child = subprocess.Popen(
                [executable(), "replica-verification", "--broker-list", broker.address, "--time", "-2",
                 "--report-interval-ms", "100", "--max-wait-ms", "50"], stdout=subprocess.PIPE, text=True)
            try:
                stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}: "
                assert re.fullmatch(stamp + "verification process is started\n", child.stdout.readline())
                line = child.stdout.readline()
                assert re.fullmatch(
                    stamp + r"max lag is 0 for partition foo-\d at offset \d among 2 partitions\n", line), line
            finally:
                child.terminate()
                child.wait(10)
        with t.step("the doctor sees the single copy"):
            done = tool.run("doctor", code=1)
            assert "cluster: 1 broker, fewer than 3\n" in done.stdout, done.stdout
            rows = json.loads(tool.run("doctor --output json", code=1).stdout)
            assert {"subject", "finding", "why", "cure"} == set(rows[0])
        with t.step("a cluster that is not there is given up in time"):
            began = time.monotonic()
            done = tool.run("get-offsets --bootstrap-server 127.0.0.1:1", code=1, cluster=False)
            assert done.stderr == "Error occurred: cannot connect to 127.0.0.1:1: Connection refused\n", done
            assert time.monotonic() - began < 15


@case(60)
def storage_tells_of_releases_and_directories(t):
    tool = Tool(None, t.directory)
    path = tool.file("server.properties", f"node.id=1\nlog.dirs={t.directory}/a\n")
    with t.step("a random id"):
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}\n", tool.run("storage random-uuid", cluster=False).stdout)
    with t.step("format and info"):
        done = tool.run(f"storage format -t MkU3OEVBNTcwNTJENDM2Qk -c {path} --standalone", cluster=False)
        assert done.stdout == (
            f"Formatting dynamic metadata voter directory {t.directory}/a with metadata.version 3.9-IV0.\n"), done
        done = tool.run(f"storage info -c {path}", cluster=False)
        assert re.fullmatch(
            r"Found log directory:\n  \S+/a\n\nFound metadata: \{cluster.id=MkU3OEVBNTcwNTJENDM2Qk, "
            r"directory.id=\S+, node.id=1, version=1\}\n\n", done.stdout), done
        row = json.loads(tool.run(f"storage info -c {path} --output json", cluster=False).stdout)[0]
        assert row["clusterId"] == "MkU3OEVBNTcwNTJENDM2Qk" and row["problems"] == []
        done = tool.run(f"storage format -t MkU3OEVBNTcwNTJENDM2Qk -c {path} -s", code=1, cluster=False)
        assert done.stderr == (
            f"Log directory {t.directory}/a is already formatted. Use --ignore-formatted to ignore this directory and "
            "format the others.\n"), done
    with t.step("releases and what features need"):
        assert tool.run("storage version-mapping", cluster=False).stdout.startswith(
            "metadata.version=30 (4.3-IV0)\nkraft.version=1\n")
        done = tool.run("storage feature-dependencies -f x", code=1, cluster=False)
        assert done.stderr == (
            "Invalid feature format: x. Expected format: 'feature=version' (e.g. 'group.version=1')\n"), done
