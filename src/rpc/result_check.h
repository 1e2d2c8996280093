/* SPDX-License-Identifier: MIT */
/* Checks, in debug builds, that a result does not point into the stack of its
 * handler. */
#ifndef WEFT_RPC_RESULT_CHECK_H
#define WEFT_RPC_RESULT_CHECK_H

#include "rpc/rpc.h"

/*
 * True if a string, container or boxed value of the result lies in the calling
 * fiber's stack, below `frame`. The handler has returned, so such bytes are
 * overwritten before they are sent. Checks all items, which is too slow for
 * release builds.
 */
bool wf_result_dangles(const struct weft_struct *desc, const void *result,
                       const void *frame);

#endif
