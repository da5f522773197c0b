/// What this program is, and the Kafka whose tools and files it matches.
enum Version {
    static let skafka = "0.1.0"
    static let kafka = "4.3.0"
}
