/* SPDX-License-Identifier: MIT */
/*
 * A message is one line of at most 1 KiB, whatever its arguments are: control
 * bytes in the arguments are escaped. An event that a peer can cause is logged
 * with wf_log_limited.
 */
#ifndef WEFT_BASE_LOG_H
#define WEFT_BASE_LOG_H

#include <weft/base.h>

#include "base/atomic.h"
#include "base/state.h"

/* Format a message and pass it to the sink. Any thread may call this function.
 * Without a sink the message is written to standard error, and the function
 * waits for that write. */
void wf_log(enum weft_log_level level, const char *fmt, ...) WEFT_PRINTF(2, 3);

/* What one statement of the source has logged in the current second. */
struct wf_log_limit {
    _Atomic uint64_t until_ns; /* end of the current second */
    _Atomic uint32_t n;        /* events in the current second */
    uint32_t most;             /* limit for one second; 0 means 10 */
};

/* As wf_log, but logs at most limit->most messages a second from the statement
 * that owns `limit`. If messages were suppressed, the next message that is
 * logged says how many. */
void wf_log_sparsely(struct wf_log_limit *limit, enum weft_log_level level,
                     const char *fmt, ...) WEFT_PRINTF(3, 4);

/* wf_log_limited(level, fmt, ...) is wf_log_sparsely with a limit that belongs
 * to the statement in which this macro stands. */
#define wf_log_limited(...)                            \
    do {                                               \
        static WF_GLOBAL struct wf_log_limit wf_limit; \
        wf_log_sparsely(&wf_limit, __VA_ARGS__);       \
    } while (0)

#endif
