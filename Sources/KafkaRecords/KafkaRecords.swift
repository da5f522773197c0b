// The KafkaRecords module.
