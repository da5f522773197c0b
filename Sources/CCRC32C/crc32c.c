#include "CCRC32C.h"

#include <string.h>

#define POLYNOMIAL 0x82f63b78u  // bit-reflected

static inline uint64_t load64(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

// Slicing by eight: tables[k][b] is the remainder of byte b followed by k zero bytes.
static uint32_t tables[8][256];

static void fill_tables(void) {
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
        tables[0][b] = crc;
    }
    for (uint32_t b = 0; b < 256; b++)
        for (int k = 1; k < 8; k++) tables[k][b] = (tables[k - 1][b] >> 8) ^ tables[0][tables[k - 1][b] & 0xff];
}

uint32_t crc32c_extend_portable(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    crc = ~crc;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; count >= 8; count -= 8, p += 8) {
        uint64_t word = load64(p) ^ crc;
        crc = tables[7][word & 0xff] ^ tables[6][(word >> 8) & 0xff] ^ tables[5][(word >> 16) & 0xff]
            ^ tables[4][(word >> 24) & 0xff] ^ tables[3][(word >> 32) & 0xff] ^ tables[2][(word >> 40) & 0xff]
            ^ tables[1][(word >> 48) & 0xff] ^ tables[0][word >> 56];
    }
#endif
    for (; count; count--) crc = (crc >> 8) ^ tables[0][(crc ^ *p++) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)

#include <nmmintrin.h>
#include <wmmintrin.h>

#define LANE_WORDS_MAX 128

// The instruction has a latency of three cycles and starts every cycle, so three independent chains keep it busy.
// Each chain takes a third of a stretch; then the first two are moved over the bytes behind them, which is a
// multiplication by a power of x. shift[n] moves over n words; over 2n words it is shift[2n].
//
// A carry-less product of two reflected 32-bit remainders comes out multiplied by x, and the instruction multiplies
// by x^32 while it reduces: the factor for 64n bits is therefore x^(64n - 33).
static uint32_t shift[2 * LANE_WORDS_MAX + 1];
static int has_instructions;

__attribute__((target("sse4.2,pclmul"))) static void fill_shift(void) {
    uint32_t power = 1;  // x^31
    for (int words = 1; words <= 2 * LANE_WORDS_MAX; words++) {
        shift[words] = power;
        power = (uint32_t)_mm_crc32_u64(0, power);  // times x^64
    }
}

__attribute__((target("sse4.2,pclmul"))) static inline uint64_t product(uint64_t crc, uint32_t power) {
    __m128i wide = _mm_clmulepi64_si128(
        _mm_cvtsi64_si128((long long)crc), _mm_cvtsi64_si128((long long)power), 0);
    return (uint64_t)_mm_cvtsi128_si64(wide);
}

__attribute__((target("sse4.2,pclmul"))) static uint32_t extend_by_instruction(
    uint32_t start, const uint8_t *p, size_t count
) {
    uint64_t crc = ~start;
    while (count >= 3 * 8 * 4) {
        size_t words = count / 24;
        if (words > LANE_WORDS_MAX) words = LANE_WORDS_MAX;
        const uint8_t *a = p, *b = p + 8 * words, *c = p + 16 * words, *end = b;
        uint64_t crc_b = 0, crc_c = 0;
        for (; a != end; a += 8, b += 8, c += 8) {
            crc = _mm_crc32_u64(crc, load64(a));
            crc_b = _mm_crc32_u64(crc_b, load64(b));
            crc_c = _mm_crc32_u64(crc_c, load64(c));
        }
        crc = crc_c ^ _mm_crc32_u64(0, product(crc, shift[2 * words]) ^ product(crc_b, shift[words]));
        p += 24 * words;
        count -= 24 * words;
    }
    for (; count >= 8; count -= 8, p += 8) crc = _mm_crc32_u64(crc, load64(p));
    uint32_t narrow = (uint32_t)crc;
    for (; count; count--) narrow = _mm_crc32_u8(narrow, *p++);
    return ~narrow;
}

__attribute__((constructor)) static void prepare(void) {
    fill_tables();
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul")) {
        fill_shift();
        has_instructions = 1;
    }
}

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
    return has_instructions ? extend_by_instruction(crc, bytes, count) : crc32c_extend_portable(crc, bytes, count);
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

#include <arm_acle.h>

__attribute__((constructor)) static void prepare(void) { fill_tables(); }

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    crc = ~crc;
    for (; count >= 8; count -= 8, p += 8) crc = __crc32cd(crc, load64(p));
    for (; count; count--) crc = __crc32cb(crc, *p++);
    return ~crc;
}

#else

__attribute__((constructor)) static void prepare(void) { fill_tables(); }

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
    return crc32c_extend_portable(crc, bytes, count);
}

#endif
