// rdkafka_produce SERVERS TOPIC COUNT SIZE [key=value...]: sends records of random letters with librdkafka, as our own
// performance test does, and fails when one does not arrive.
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VARIETY = 1 << 20 };

static long failed, arrived;

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer;
    (void)opaque;
    if (message->err) failed++;
    else arrived++;
}

static void set(rd_kafka_conf_t *settings, const char *name, const char *value) {
    char reason[512];
    if (rd_kafka_conf_set(settings, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) {
        fprintf(stderr, "%s\n", reason);
        exit(1);
    }
}

int main(int count, char **words) {
    if (count < 5) return 2;
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    set(settings, "bootstrap.servers", words[1]);
    set(settings, "queue.buffering.max.messages", "1000000");
    set(settings, "batch.num.messages", "1000000");
    set(settings, "max.in.flight", "5");
    for (int index = 5; index < count; index++) {
        char *equals = strchr(words[index], '=');
        if (!equals) return 2;
        *equals = 0;
        set(settings, words[index], equals + 1);
    }
    rd_kafka_conf_set_dr_msg_cb(settings, delivered);
    char reason[512];
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, settings, reason, sizeof reason);
    if (!producer) return 1;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, words[2], NULL);
    long records = atol(words[3]);
    size_t size = (size_t)atol(words[4]);
    char *letters = malloc(size + VARIETY);
    unsigned long state = 0x5eed | 1;
    for (size_t index = 0; index < size + VARIETY; index++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        letters[index] = (char)(65 + (state >> 33) % 26);
    }
    for (long record = 0; record < records; record++) {
        char *value = letters + ((record * 611953) & (VARIETY - 1));
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, size, NULL, 0, NULL) == -1)
            rd_kafka_poll(producer, 10);
        if ((record & 255) == 0) rd_kafka_poll(producer, 0);
    }
    rd_kafka_flush(producer, 60000);
    printf("%ld arrived, %ld failed\n", arrived, failed);
    return failed > 0 || arrived != records;
}
