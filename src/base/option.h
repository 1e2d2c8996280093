/* SPDX-License-Identifier: MIT */
/* What an option says: zero is its default, WEFT_NONE no time-out,
 * WEFT_UNLIMITED as many as there can be. */
#ifndef WEFT_BASE_OPTION_H
#define WEFT_BASE_OPTION_H

#include <weft/base.h>

static inline uint32_t
wf_option(uint32_t asked, uint32_t zero)
{
    return asked ? asked : zero;
}

/* A count of which there can be `most`. One above that is returned as it is,
 * for the caller to refuse. */
static inline uint32_t
wf_option_count(uint32_t asked, uint32_t zero, uint32_t most)
{
    return asked == WEFT_UNLIMITED ? most : wf_option(asked, zero);
}

static inline size_t
wf_option_size(size_t asked, size_t zero)
{
    return asked ? asked : zero;
}

/* The moment at which a time-out ends that began at since_ns. */
static inline uint64_t
wf_timeout_end(uint64_t since_ns, uint32_t timeout_ms)
{
    return timeout_ms == WEFT_NONE ? WEFT_NEVER
                                   : since_ns + (uint64_t)timeout_ms * 1000000u;
}

/* The same for a time-out that begins now. */
static inline uint64_t
wf_timeout_from_now(uint32_t timeout_ms)
{
    return wf_timeout_end(weft_now_ns(), timeout_ms);
}

#endif
