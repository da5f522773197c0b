import CommandLine
import KafkaModel
import Testing

@testable import Commands

@Suite struct DoctorTests {
    private func topic(
        _ name: String, replicas: Int = 3, inSync: Int = 3, leader: Int32 = 1, _ settings: [String: String] = [:]
    ) -> Diagnosis.Topic {
        let good = ["min.insync.replicas": "2", "unclean.leader.election.enable": "false"]
        return Diagnosis.Topic(
            name: name, partitions: [(index: 0, leader: leader, replicas: replicas, inSync: inSync)],
            settings: good.merging(settings) { $1 })
    }

    private func diagnosis(_ topics: [Diagnosis.Topic], brokers: [Int32] = [1, 2, 3]) -> Diagnosis {
        var diagnosis = Diagnosis()
        diagnosis.brokers = brokers
        diagnosis.topics = topics
        return diagnosis
    }

    @Test func `a cluster in order`() {
        let healthy = diagnosis([topic("orders")])
        #expect(healthy.findings == [])
        #expect(healthy.text == "3 brokers, 1 topic: nothing at risk was found\n")
    }

    @Test func `each risk of a topic has its finding`() {
        func findings(_ topic: Diagnosis.Topic) -> [String] { diagnosis([topic]).findings.map(\.finding) }
        #expect(findings(topic("t", replicas: 1, inSync: 1, ["flush.messages": "1"])) == ["replication factor 1"])
        #expect(findings(topic("t", ["min.insync.replicas": "1"])) == ["min.insync.replicas is 1"])
        #expect(
            findings(topic("t", ["unclean.leader.election.enable": "true"]))
                == ["unclean.leader.election.enable is true"])
        #expect(findings(topic("t", inSync: 2)) == ["replicas out of sync for partition 0"])
        #expect(findings(topic("t", inSync: 0, leader: -1)) == ["no leader for partition 0"])
        #expect(
            findings(
                topic("t", replicas: 1, inSync: 1, ["flush.messages": "9223372036854775807", "flush.ms": "1000"]))
                == ["replication factor 1", "the only copy is not flushed before it is acknowledged"])
    }

    @Test func `a cluster too small is told once`() {
        let single = diagnosis(
            [topic("t", replicas: 1, inSync: 1, ["flush.messages": "1"])], brokers: [1])
        #expect(single.findings.map(\.finding) == ["1 broker, fewer than 3"])
    }

    @Test func `brokers and their disks`() {
        var diagnosis = diagnosis([])
        diagnosis.connection = " --bootstrap-server h:1"
        diagnosis.brokerSettings[2] = [
            "unclean.leader.election.enable": "true", "min.insync.replicas": "1",
            "offsets.topic.replication.factor": "1", "default.replication.factor": "3",
        ]
        diagnosis.offline = [(3, "/data")]
        diagnosis.blind = ["broker 1: it is gone"]
        #expect(
            diagnosis.text == """
                broker 3: log directory /data is out of service
                    why:  The replicas in it are not kept up; the other copies are all there is.
                    cure: mend or replace the disk, then restart the broker
                broker 2: unclean.leader.election.enable is true
                    why:  A replica that is behind may become leader, and what it lacks is lost.
                    cure: skafka configs --bootstrap-server h:1 --entity-type brokers --entity-default --alter \
                --add-config unclean.leader.election.enable=false
                broker 2: offsets.topic.replication.factor is 1
                    why:  What groups and transactions keep has too few copies.
                    cure: set offsets.topic.replication.factor=3 in server.properties and restart the broker
                broker 2: min.insync.replicas is 1
                    why:  With acks=all a record may be acknowledged while only the leader has it.
                    cure: skafka configs --bootstrap-server h:1 --entity-type brokers --entity-default --alter \
                --add-config min.insync.replicas=2
                not looked at: broker 1: it is gone
                3 brokers, 0 topics: 4 at risk

                """)
        #expect(diagnosis.rows.count == 4)
    }
}
