/// Scripts of Kafka's distribution that skafka does not stand for. Whoever calls them is told so in a line.
enum OutOfScope {
    private static let connect = "Kafka Connect is not part of skafka"
    private static let zookeeper = "skafka keeps its metadata itself: there is no ZooKeeper to"

    static func reason(script name: String) -> String? {
        switch name {
        case "connect-distributed", "connect-standalone", "connect-mirror-maker", "connect-plugin-path",
            "connect-internal-topics", "kafka-mirror-maker":
            "\(name): \(connect); run it from a distribution of Kafka's against this broker"
        case "trogdor": "\(name): the test framework of Kafka's is not part of skafka"
        case "zookeeper-server-start", "zookeeper-server-stop": "\(name): \(zookeeper) start or stop"
        case "zookeeper-shell": "\(name): \(zookeeper) look into; skafka dump-log reads the metadata log"
        case "zookeeper-security-migration": "\(name): \(zookeeper) migrate"
        case "kafka-jmx": "\(name): there is no JMX; the broker's metrics.listener gives its metrics as text over HTTP"
        default: nil
        }
    }

    static func reason(className name: String) -> String? {
        if name.hasPrefix("org.apache.kafka.connect.") || name == "org.apache.kafka.tools.ConnectPluginPath" {
            return "\(name): \(connect)"
        }
        if name.hasPrefix("org.apache.kafka.trogdor.") { return reason(script: "trogdor") }
        if name.hasSuffix(".JmxTool") { return reason(script: "kafka-jmx") }
        if name.hasPrefix("org.apache.zookeeper.") || name.hasPrefix("kafka.admin.ZkSecurity") {
            return "\(name): \(zookeeper) use"
        }
        return nil
    }
}
