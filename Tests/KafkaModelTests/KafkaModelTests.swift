// Tests of KafkaModel.
