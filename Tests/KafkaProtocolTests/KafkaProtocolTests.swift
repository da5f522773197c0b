// Tests of KafkaProtocol.
