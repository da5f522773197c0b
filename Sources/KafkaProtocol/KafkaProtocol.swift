// The KafkaProtocol module.
