/* SPDX-License-Identifier: MIT */
/*
 * One event is one line of at most 1 KiB, whatever its arguments hold: control
 * bytes are escaped. What a peer can cause is logged with wf_log_limited.
 */
#ifndef WEFT_BASE_LOG_H
#define WEFT_BASE_LOG_H

#include <weft/base.h>

#include "base/atomic.h"
#include "base/state.h"

/* Hand the text to the sink. Any thread. Never waits, except for the write to
 * standard error if no sink is set. */
void wf_log(enum weft_log_level level, const char *fmt, ...) WEFT_PRINTF(2, 3);

/* What one place in the source has logged in the current second. */
struct wf_log_limit {
    _Atomic uint64_t until_ns; /* end of its second */
    _Atomic uint32_t n;        /* events in it, logged or suppressed */
    uint32_t most;             /* logged in a second, at most; 0: 10 */
};

/* wf_log for the place that owns limit, at most limit->most times a second. The
 * first event of the next second tells how many were suppressed. */
void wf_log_sparsely(struct wf_log_limit *limit, enum weft_log_level level,
                     const char *fmt, ...) WEFT_PRINTF(3, 4);

/* wf_log_limited(level, fmt, ...): wf_log_sparsely for this place. */
#define wf_log_limited(...)                            \
    do {                                               \
        static WF_GLOBAL struct wf_log_limit wf_limit; \
        wf_log_sparsely(&wf_limit, __VA_ARGS__);       \
    } while (0)

#endif
