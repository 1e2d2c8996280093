/* SPDX-License-Identifier: MIT */
/*
 * Teardown of a test that uses chains: all memory that it took from the system
 * must be given back when the caches are emptied.
 */
#ifndef WEFT_TESTS_UNIT_BUF_BALANCE_H
#define WEFT_TESTS_UNIT_BUF_BALANCE_H

#include "buf/buf.h"

static inline int
balance_check(void **state)
{
    (void)state;
    wf_buf_cache_trim();
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    int left = stats.bytes > 0 || stats.slices > 0;
    for (int i = 0; i < WF_BLOCK_CLASSES; i++)
        left += stats.blocks[i] > 0;
    return left;
}

#endif
