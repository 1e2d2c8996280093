/* SPDX-License-Identifier: MIT */
/* Gauges: when the sum is 0, nothing is in flight. If a call begins or ends
 * while a server stops, the call sees the stop, or the stop sees the call. */
#define WEFT_SHIM 1
#define WF_WORKERS_MAX 2u

#include "weak.h"

#include "fiber/gauge.c"

#include <string.h>

static struct wf_gauge gauge;
static struct wf_gauge_part parts[WF_WORKERS_MAX + 1];
static _Atomic bool stopping;
static _Atomic uint32_t given; /* the count of a semaphore */
static bool is_told;
static char result; /* the result of the call */

uint32_t wf_n_workers = 2;

uint32_t
wf_parts_index(void)
{
    return weak_self() + 1;
}

/* One call has begun, on the second worker. */
static void
begin(void)
{
    memset(parts, 0, sizeof parts);
    gauge = (struct wf_gauge){.parts = parts, .step = 1};
    wf_store(&parts[2].begun, 1, relaxed);
    wf_store(&gauge.told, 1, relaxed);
    wf_store(&stopping, false, relaxed);
    wf_store(&given, 0, relaxed);
    is_told = false;
    weak_write(&result, 1);
}

/* The call ends on the first worker. */
static void
end_call(void)
{
    weak_write(&result, 1);
    wf_gauge_sub(&gauge, 1);
    if (!wf_load(&stopping, seq_cst))
        return;
    (void)wf_add(&given, 1, release);
    is_told = true;
}

static void
stop(void)
{
    wf_store(&stopping, true, seq_cst);
    if (wf_gauge_sum(&gauge) > 0) {
        weak_sleep(&is_told);
        (void)wf_sub(&given, 1, acquire);
    }
    WEAK_CHECK(wf_gauge_sum(&gauge) == 0);
    weak_read(&result, 1);
}

/* The first worker begins another call, and then ends the first one. */
static void
overlap(void)
{
    wf_gauge_add(&gauge, 1);
    wf_gauge_sub(&gauge, 1);
}

static void
sum_is_never_0(void)
{
    WEAK_CHECK(wf_gauge_sum(&gauge) > 0);
}

/* A call that begins while a server stops is refused, or the stop sees it. */
static bool is_accepted, is_seen;

static void
begin_none(void)
{
    begin();
    wf_store(&parts[2].ended, 1, relaxed);
    is_accepted = is_seen = false;
}

static void
begin_call(void)
{
    wf_gauge_add(&gauge, 1);
    is_accepted = !wf_load(&stopping, seq_cst);
}

static void
look_for_calls(void)
{
    wf_store(&stopping, true, seq_cst);
    is_seen = wf_gauge_sum(&gauge) > 0;
}

static void
refused_or_seen(void)
{
    WEAK_CHECK(!is_accepted || is_seen);
}

/* Each worker tries to begin a call. The limit is 2, and one call is in flight,
 * so at most one of the two may begin. */
static int n_in;

static void
begin_limit(void)
{
    begin();
    n_in = 0;
}

static void
take_one(void)
{
    wf_gauge_add(&gauge, 1);
    if (!wf_gauge_is_above(&gauge, 2))
        n_in++;
}

static void
one_at_most(void)
{
    WEAK_CHECK(n_in <= 1);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"the last call", begin, {end_call, stop}, NULL, 0},
        {"another call", begin, {overlap, sum_is_never_0}, NULL, 0},
        {"a call that begins",
         begin_none,
         {begin_call, look_for_calls},
         refused_or_seen,
         0},
        {"a limit", begin_limit, {take_one, take_one}, one_at_most, 0},
        {0},
    };
    static const char *const files[] = {"gauge.c", "gauge.h", NULL};
    static const struct weak_excuse excuses[] = {
        {"wf_gauge_init", "&gauge->told", WEAK_unreached,
         "before there are other threads"},
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
