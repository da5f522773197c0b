public import Configuration

/// What a client talks to. The raw value is what travels.
public enum EndpointType: Int8, Sendable {
    case brokers = 1
    case controllers = 2
}

/// The settings of a client, from a properties file and what the command line adds to it: what every client needs, read
/// out, and the rest in `settings`.
public struct ClientConfiguration: Sendable {
    public let settings: ClientSettings
    public let bootstrapServers: [HostPort]
    /// What the bootstrap servers are.
    public let endpoints: EndpointType
    public let clientID: String
    /// The longest wait for one answer.
    public let requestTimeout: Duration
    /// The longest time for one call, tries and waits included. Of a producer it is the time that sending may wait.
    public let apiTimeout: Duration
    public let connectTimeout: Duration
    /// Times a consumer has no setting for; it tries as long as it has time.
    public let retries: Int
    public let retryBackoff: Duration
    public let retryBackoffMax: Duration
    let socketBuffers: ClientSocket.Buffers
    /// What was set and has no effect, a line each, for a person to see.
    public var notices: [String] { settings.notices }

    /// An answer longer than this is taken for nonsense.
    public var frameBytesMax = 100 << 20

    private static let clientIDBytesMax = 1024

    /// The longest rest that a broker can order.
    private static let throttleMax = Duration.seconds(60)

    /// The rest that a broker asks for with its answer (KIP-219); nil if it asks for none.
    static func rest(throttledFor milliseconds: Int32) -> Duration? {
        milliseconds > 0 ? min(.milliseconds(Int64(milliseconds)), throttleMax) : nil
    }

    public init(
        _ properties: [String: String], defaultClientID: String, of client: ClientConfigTable.Client = .admin
    ) throws(ConfigurationError) {
        settings = try ClientSettings(properties, of: client)
        let protocolName = settings.text("security.protocol") ?? ""
        guard protocolName.uppercased() == "PLAINTEXT" else {
            throw ConfigurationError(
                key: "security.protocol", value: protocolName, reason: "only PLAINTEXT is served by this version")
        }
        let asksControllers =
            client == .admin && settings.has("bootstrap.controllers") && !settings.has("bootstrap.servers")
        let key = asksControllers ? "bootstrap.controllers" : "bootstrap.servers"
        endpoints = asksControllers ? .controllers : .brokers
        bootstrapServers = try Self.servers(settings.list(key), key)
        clientID = settings.has("client.id") ? settings.text("client.id") ?? "" : defaultClientID
        guard clientID.utf8.count <= Self.clientIDBytesMax else {
            throw ConfigurationError(
                key: "client.id", value: nil, reason: "it is longer than \(Self.clientIDBytesMax) bytes")
        }
        requestTimeout = settings.milliseconds("request.timeout.ms")
        apiTimeout = settings.milliseconds(client == .producer ? "max.block.ms" : "default.api.timeout.ms")
        connectTimeout = settings.milliseconds("socket.connection.setup.timeout.ms")
        retries = client == .consumer ? .max : Int(settings.integer("retries"))
        retryBackoff = settings.milliseconds("retry.backoff.ms")
        retryBackoffMax = settings.milliseconds("retry.backoff.max.ms")
        socketBuffers = ClientSocket.Buffers(
            sendBytes: Self.bufferBytes("send.buffer.bytes", settings),
            receiveBytes: Self.bufferBytes("receive.buffer.bytes", settings))
    }

    /// Kafka's defaults fix the size, which keeps the system from suiting it to the connection; so they count only when
    /// somebody sets them.
    private static func bufferBytes(_ name: String, _ settings: ClientSettings) -> Int32? {
        let bytes = settings.integer(name)
        return settings.has(name) && bytes >= 0 ? Int32(clamping: bytes) : nil
    }

    /// `host:port,host:port`, in Kafka's words where it is not.
    private static func servers(_ elements: [String], _ key: String) throws(ConfigurationError) -> [HostPort] {
        let words = elements.filter { !$0.isEmpty }
        guard !words.isEmpty else {
            throw ConfigurationError(
                key: key, value: nil, reason: "No resolvable bootstrap urls given in \(key)")
        }
        var servers: [HostPort] = []
        for word in words {
            guard let server = HostPort(word), server.port > 0 else {
                throw ConfigurationError(
                    key: key, value: word,
                    reason: "Please provide valid host:port like host1:9091,host2:9092")
            }
            if !servers.contains(server) { servers.append(server) }
        }
        return servers
    }
}
