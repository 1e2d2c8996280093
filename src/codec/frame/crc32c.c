/* SPDX-License-Identifier: MIT */
/* CRC-32C (Castagnoli, RFC 3720), which takes the least significant bit of a
 * byte first. */
#include "codec/frame/frame.h"

/* If the four bits that leave the CRC have the value i, the CRC is XORed with
 * table[i]. */
static const uint32_t table[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
    0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
    0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t
by_table(uint32_t crc, const uint8_t *ptr, size_t len)
{
    for (; len > 0; len--) {
        crc ^= *ptr++;
        crc = crc >> 4 ^ table[crc & 0xf];
        crc = crc >> 4 ^ table[crc & 0xf];
    }
    return crc;
}

#ifdef __x86_64__
/* Uses the CRC-32C instruction of SSE4.2. */
__attribute__((target("sse4.2"))) static uint32_t
by_processor(uint32_t crc, const uint8_t *ptr, size_t len)
{
    uint64_t sum = crc, word;
    for (; len >= sizeof word; len -= sizeof word, ptr += sizeof word) {
        memcpy(&word, ptr, sizeof word);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    for (crc = (uint32_t)sum; len > 0; len--)
        crc = __builtin_ia32_crc32qi(crc, *ptr++);
    return crc;
}
#endif

uint32_t
wf_crc32c(uint32_t crc, const void *ptr, size_t len)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return ~by_processor(~crc, ptr, len);
#endif
    return ~by_table(~crc, ptr, len);
}
