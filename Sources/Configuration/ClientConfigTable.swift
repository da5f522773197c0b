/// Every setting of the clients of Kafka 4.3 and those that only 3.9 knows, with the default each client gives it. What
/// reads a client's properties, the manual and completion look here.
public enum ClientConfigTable {
    public enum Client: Sendable, CaseIterable { case admin, producer, consumer }

    /// In the order of their names.
    public static func definitions(of client: Client) -> [ConfigDefinition] {
        (common + own(client)).sorted { $0.name < $1.name }
    }

    public static func find(_ name: String, of client: Client) -> ConfigDefinition? {
        own(client).first { $0.name == name } ?? common.first { $0.name == name }
    }

    private static func own(_ client: Client) -> [ConfigDefinition] {
        switch client {
        case .admin: admin
        case .producer: producer
        case .consumer: consumer
        }
    }
}
