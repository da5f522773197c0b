#pragma once
// CRC-32C (Castagnoli), the checksum of Kafka's record batches. A call continues the checksum of the bytes before;
// a fresh one starts with 0.
#include <stddef.h>
#include <stdint.h>

// The fastest form this processor has.
uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count);

// Eight tables, on every processor; exported so that the two can be compared.
uint32_t crc32c_extend_portable(uint32_t crc, const void *bytes, size_t count);
