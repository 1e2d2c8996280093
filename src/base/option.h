/* SPDX-License-Identifier: MIT */
/* Reads the value of an option: zero means the default, WEFT_NONE means no
 * time-out, WEFT_UNLIMITED means the greatest possible number. */
#ifndef WEFT_BASE_OPTION_H
#define WEFT_BASE_OPTION_H

#include <weft/base.h>

static inline uint32_t
wf_option(uint32_t asked, uint32_t zero)
{
    return asked ? asked : zero;
}

/* Returns the count that an option asks for: the default, `zero`, if `asked` is
 * 0; `most` if `asked` is WEFT_UNLIMITED. A count above `most` is returned
 * unchanged, so that the caller can refuse this count. */
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

/* Returns the end of a time-out that began at `since_ns`. */
static inline uint64_t
wf_timeout_end(uint64_t since_ns, uint32_t timeout_ms)
{
    return timeout_ms == WEFT_NONE ? WEFT_NEVER
                                   : since_ns + (uint64_t)timeout_ms * 1000000u;
}

/* As wf_timeout_end, for a time-out that begins now. */
static inline uint64_t
wf_timeout_from_now(uint32_t timeout_ms)
{
    return wf_timeout_end(weft_now_ns(), timeout_ms);
}

#endif
