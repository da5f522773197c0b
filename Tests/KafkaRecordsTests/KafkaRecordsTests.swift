// Tests of KafkaRecords.
