#include "CCRC32C.h"
uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *p = bytes; crc = ~crc;
    for (; count; count--) { crc ^= *p++; for (int k = 0; k < 8; k++) crc = crc & 1 ? (crc >> 1) ^ 0x82f63b78u : crc >> 1; }
    return ~crc;
}
