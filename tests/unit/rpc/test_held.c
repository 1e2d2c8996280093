/* SPDX-License-Identifier: MIT */
/* A handler that never returns is logged while it holds its thread (row 55 of
 * docs/threats.md). */
#include "rpc_test.h"

static _Atomic uint32_t n_told; /* lines that name the handler */
static _Atomic uint32_t ms[2];  /* ms that the first two of these lines name */
static struct weft_sem go_on;

/* The logger may run at any time, so it asserts nothing. */
static void
listen_in(void *user, enum weft_log_level level, const char *line)
{
    unsigned said;
    (void)user;
    if (level != WEFT_LOG_WARN ||
        sscanf(line, "the handler of slow has held its thread for %u ms",
               &said) != 1)
        return;
    uint32_t n = wf_load(&n_told, relaxed);
    if (n < 2)
        wf_store(&ms[n], said, relaxed);
    wf_store(&n_told, n + 1, release);
}

static void
let_go_on(void *unused)
{
    (void)unused;
    weft_sem_give(&go_on, 1);
}

/* Hold the thread until the log has named the handler twice; if `ms` is not 0,
 * wait first. */
static weft_err
spin_until_told(struct weft_call *call, const struct trial_slow_args *args,
                struct trial_slow_result *result)
{
    uint64_t until = weft_after_ms(LONG_MS);
    (void)call;
    if (args->ms > 0) {
        MUST(!weft_fiber_start(let_go_on, NULL, NULL));
        MUST(!weft_sem_take(&go_on));
    }
    while (wf_load(&n_told, acquire) < 2 && weft_now_ns() < until)
        (void)wf_sys_sched_yield();
    result->success = wf_load(&n_told, acquire) >= 2;
    return WEFT_OK;
}

static void
hold(int32_t wait)
{
    struct house house;
    struct trial_Trial_service table = trial_table;
    int64_t told = 0;
    table.slow = spin_until_told;
    wf_store(&n_told, 0, relaxed);
    weft_log_set_sink(listen_in, NULL);
    house_open_with(&house, &table, NULL);
    struct weft_call_options patient = {.deadline_ns =
                                            weft_after_ms(2 * LONG_MS)};
    weft_err err = call_slow(house.client, 1, wait, &patient, &told);
    house_close(&house);
    weft_log_set_sink(NULL, NULL);
    assert_int_equal(err, WEFT_OK);
    assert_int_equal(told, 1);
    assert_true(wf_load(&ms[0], relaxed) >= 100);
    assert_true(wf_load(&ms[1], relaxed) - wf_load(&ms[0], relaxed) >= 1000);
}

static void
a_handler_that_never_returns_is_told(void **state)
{
    (void)state;
    hold(0);
}

static void
one_that_has_waited_before_is_told_too(void **state)
{
    (void)state;
    hold(1);
}

/* ---- a handler that returns ---- */

static _Atomic uint32_t n_returned;

static void
hear_of_returned(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    if (strstr(line, "the handler of slow held its thread for "))
        wf_add(&n_returned, 1, relaxed);
}

static weft_err
hold_for_a_while(struct weft_call *call, const struct trial_slow_args *args,
                 struct trial_slow_result *result)
{
    uint64_t until = weft_after_ms(args->ms);
    (void)call;
    while (weft_now_ns() < until)
        (void)wf_sys_sched_yield();
    result->success = 1;
    return WEFT_OK;
}

/* Each call holds its worker for long enough to be logged, but only one line a
 * second is allowed. With one worker no other worker can log the call. */
static void
it_is_told_once_a_second(void **state)
{
    const struct weft_runtime_options alone = {.workers = 1};
    struct house house;
    MUST(!stop_workers(state) && !weft_runtime_start(&alone));
    struct trial_Trial_service table = trial_table;
    int64_t result;
    table.slow = hold_for_a_while;
    wf_store(&n_returned, 0, relaxed);
    weft_log_set_sink(hear_of_returned, NULL);
    house_open_with(&house, &table, NULL);
    struct weft_call_options patient = {.deadline_ns =
                                            weft_after_ms(2 * LONG_MS)};
    uint64_t begun = weft_now_ns();
    for (int i = 0; i < 8; i++) /* together more than a second */
        MUST(!call_slow(house.client, 1, 150, &patient, &result));
    uint64_t seconds = (weft_now_ns() - begun) / 1000000000u;
    house_close(&house);
    weft_log_set_sink(NULL, NULL);
    MUST(!stop_workers(state) && !start_workers(state));
    assert_in_range(wf_load(&n_returned, relaxed), 1, seconds + 2);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_handler_that_never_returns_is_told),
        cmocka_unit_test(one_that_has_waited_before_is_told_too),
        cmocka_unit_test(it_is_told_once_a_second),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
