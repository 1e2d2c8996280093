/* SPDX-License-Identifier: MIT */
/* The n-th allocation fails while a call is hedged: the call ends once, with
 * the answer of a server or an error, and nothing stays in flight. */
#include "shim.h"
#include "trial_server.h"

#include <weft/upstream.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Calls of gate wait at both servers until the test lets them go on. */
static struct house houses[2];
static struct weft_client *client;

static int
open_both(void **state)
{
    static const struct weft_upstream_options upstream = {
        .balance = WEFT_ROUND_ROBIN,
        .hedge_ms = 1,
        .retry_pause_ms = WEFT_NONE};
    const struct weft_client_options options = {.upstream = &upstream,
                                                .retry_connect_ms = 1};
    const struct weft_runtime_options one = {.workers = 1};
    (void)state;
    alarm(500);
    shim_install();
    MUST(!weft_runtime_start(&one));
    for (int i = 0; i < 2; i++)
        house_open(&houses[i], NULL, NULL, NULL);
    const struct weft_endpoint list[] = {
        {.address = houses[0].address, .weight = 1},
        {.address = houses[1].address, .weight = 1}};
    MUST(!weft_client_new("list:", &options, &client));
    MUST(!weft_client_set_endpoints(client, list, 2));
    return 0;
}

static int
close_both(void **state)
{
    (void)state;
    weft_client_free(client);
    for (int i = 0; i < 2; i++)
        house_close(&houses[i]);
    MUST(!weft_runtime_stop());
    return 0;
}

static uint64_t
executed(int i)
{
    return wf_load(&houses[i].trial.executed, acquire);
}

static uint64_t
in_flight(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    uint64_t n = 0;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++)
        n += views.items[i].in_flight;
    weft_arena_fini(&arena);
    return n;
}

/* Let the server answer all calls that it has, or gets. */
static void
open_gate(int i)
{
    weft_sem_give(&houses[i].trial.gate, 1000);
}

static void
close_gate(int i)
{
    AWAIT(wf_load(&houses[i].trial.inside, acquire) == 0);
    while (!weft_sem_take_until(&houses[i].trial.gate, 0))
        ;
}

/* Make calls that earn tokens, so that the next call may be hedged. They go to
 * both servers, so later both are connected, and have begun all earlier
 * calls. */
static void
earn(void *arg)
{
    int64_t sum;
    (void)arg;
    for (int n = 0; n < 20;)
        n += !call_add(client, 1, 2, &sum) && sum == 3;
}

static void
settle(void)
{
    weft_fiber fiber;
    MUST(!weft_fiber_start(earn, NULL, &fiber));
    MUST(!weft_fiber_join(fiber));
    for (int i = 0; i < 2; i++)
        close_gate(i);
    AWAIT(in_flight() == 0);
}

static bool
has_ended(const struct caller *caller)
{
    return wf_load(&caller->ends, acquire) > 0 || shim_failures() > 0;
}

/* Wait until both servers have the call, or an allocation has failed. Then the
 * copy is answered first. Returns whether one has failed. */
static bool
answer(const struct caller *caller, const uint64_t *before)
{
    AWAIT(executed(0) > before[0] || executed(1) > before[1] ||
          has_ended(caller));
    int first = executed(0) > before[0] ? 0 : 1;
    AWAIT(executed(!first) > before[!first] || has_ended(caller));
    bool failed = shim_failures() > 0;
    shim_fail(SHIM_malloc, 0, 0);
    open_gate(!first);
    if (failed)
        open_gate(first);
    return failed;
}

/* Returns whether an allocation has failed. */
static bool
call_with(uint32_t nth)
{
    struct caller caller = {
        .client = client, .number = 7, .options = {.idempotent = true}};
    const uint64_t before[] = {executed(0), executed(1)};
    shim_fail(SHIM_malloc, nth, ENOMEM);
    caller_start(&caller);
    bool failed = answer(&caller, before);
    caller_join(&caller);
    MUST(caller.err ? failed : caller.result == 7);
    for (int i = 0; i < 2; i++)
        open_gate(i);
    settle();
    return failed;
}

static void
the_nth_allocation_of_a_hedged_call_fails(void **state)
{
    struct weft_client_stats stats;
    (void)state;
    settle();
    for (uint32_t n = 1; call_with(n); n++)
        MUST(n < 1000);
    weft_client_get_stats(client, &stats);
    assert_true(stats.hedges > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nth_allocation_of_a_hedged_call_fails),
    };
    return cmocka_run_group_tests(tests, open_both, close_both);
}
