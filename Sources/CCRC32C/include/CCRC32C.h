#pragma once
#include <stddef.h>
#include <stdint.h>

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count);
