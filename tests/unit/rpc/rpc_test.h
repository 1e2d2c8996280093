/* SPDX-License-Identifier: MIT */
/* What the tests of rpc include. */
#ifndef WEFT_TESTS_RPC_TEST_H
#define WEFT_TESTS_RPC_TEST_H

#include "rpc/server.h"
#include "trial_server.h"
#include "wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* A group set-up: starts the workers for the tests of one program. */
static inline int
start_workers(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    alarm(300); /* a failed test may leave a fiber that never ends */
    return weft_runtime_start(&options);
}

/* As start_workers, with one worker, so that no chance decides which fiber runs
 * next. */
static inline int
start_one_worker(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 1};
    alarm(300);
    return weft_runtime_start(&options);
}

static inline int
stop_workers(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

#endif
