/* SPDX-License-Identifier: MIT */
/* The hash of keys and addresses. All clients have to agree about it, so it
 * never changes. Sources: FNV-1a, then the last steps of MurmurHash3. */
#include "upstream/upstream.h"

uint64_t
wf_hash(struct weft_str text, uint64_t seed)
{
    uint64_t h = 0xcbf29ce484222325u ^ seed;
    for (size_t i = 0; i < text.len; i++)
        h = (h ^ (uint8_t)text.ptr[i]) * 0x100000001b3u;
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}
