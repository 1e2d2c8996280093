/* SPDX-License-Identifier: MIT */
/* A server of the ledger that only answers, and a call to it. */
#ifndef WEFT_TESTS_SIM_LEDGER_ANSWERS_H
#define WEFT_TESTS_SIM_LEDGER_ANSWERS_H

#include "ledger.h"

#include <weft/sim.h>

#include <string.h>

/* The handler of `run` returns the number. */
static inline weft_err
answer_number(struct weft_call *call, const struct ledger_run_args *args,
              struct ledger_run_result *result)
{
    (void)call;
    result->success = args->number;
    return WEFT_OK;
}

/* The handler of `large` returns so many bytes. */
static inline weft_err
answer_large(struct weft_call *call, const struct ledger_large_args *args,
             struct ledger_large_result *result)
{
    char *bytes = weft_arena_alloc(weft_call_arena(call), (size_t)args->size);
    if (!bytes)
        return WEFT_EBUDGET;
    memset(bytes, 'x', (size_t)args->size);
    result->success = (struct weft_str){bytes, (uint32_t)args->size};
    return WEFT_OK;
}

/* The call must succeed and return its own number. */
static inline void
must_answer(struct weft_client *client, int64_t number)
{
    struct ledger_run_args args = {.number = number};
    struct ledger_run_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, NULL);
    if (err || result.success != number)
        weft_sim_fail("call %ld: %s", (long)number, weft_err_text(err));
    weft_arena_fini(&arena);
}

#endif
