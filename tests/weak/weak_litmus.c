/* SPDX-License-Identifier: MIT */
/*
 * Tests the checker itself: each litmus test says whether its weak outcome
 * happens. The names are those of the literature (Alglave, Maranget,
 * Tautschnig, "Herding Cats", 2014): SB store buffering, MP message passing,
 * CoRR coherence of two reads, WRC write to read causality, LB load buffering.
 */
#include "weak.h"

#include <stdio.h>
#include <string.h>

static _Atomic uint32_t x, y;
static uint32_t a, b, c, d; /* what the threads have read */
static char data;
static bool happened;

static void
begin(void)
{
    wf_store(&x, 0, relaxed);
    wf_store(&y, 0, relaxed);
    a = b = c = d = 7;
    weak_write(&data, 1);
}

static void
begin_late(void)
{
    begin();
    weak_late(&x);
}

/* ---- store buffering ---- */

#define SB(name, store, load, between) \
    static void name##_left(void)      \
    {                                  \
        wf_store(&x, 1, store);        \
        between;                       \
        a = wf_load(&y, load);         \
    }                                  \
    static void name##_right(void)     \
    {                                  \
        wf_store(&y, 1, store);        \
        between;                       \
        b = wf_load(&x, load);         \
    }
SB(sb_weak, release, acquire, (void)0)
SB(sb_sc, seq_cst, seq_cst, (void)0)
SB(sb_fence, relaxed, relaxed, wf_fence())
SB(sb_half, seq_cst, acquire, (void)0)

static void
sb_add_left(void)
{
    (void)wf_add(&x, 1, seq_cst);
    a = wf_load(&y, relaxed);
}

static void
sb_both_miss(void)
{
    happened |= a == 0 && b == 0;
}

/* ---- message passing ---- */

static void
mp_release(void)
{
    weak_write(&data, 1);
    wf_store(&x, 1, release);
}

static void
mp_relaxed(void)
{
    weak_write(&data, 1);
    wf_store(&x, 1, relaxed);
}

static void
mp_fence(void)
{
    weak_write(&data, 1);
    wf_fence();
    wf_store(&x, 1, relaxed);
}

static void
mp_acquire(void)
{
    if (wf_load(&x, acquire) > 0)
        weak_read(&data, 1);
}

static void
mp_late_fence(void)
{
    if (wf_load(&x, relaxed) > 0) {
        wf_fence();
        weak_read(&data, 1);
    }
}

static void
mp_no_acquire(void)
{
    if (wf_load(&x, relaxed) > 0)
        weak_read(&data, 1);
}

/* A relaxed exchange continues a release sequence; a relaxed store does not. */
static void
pass_on(void)
{
    uint32_t one = 1;
    (void)wf_cas(&x, &one, 2, relaxed);
}

static void
store_over(void)
{
    if (wf_load(&x, relaxed) == 1)
        wf_store(&x, 2, relaxed);
}

static void
mp_acquire_second(void)
{
    if (wf_load(&x, acquire) == 2)
        weak_read(&data, 1);
}

/* ---- coherence, and two reads in another order ---- */

static void
store_twice(void)
{
    wf_store(&x, 1, relaxed);
    wf_store(&x, 2, relaxed);
}

static void
read_twice(void)
{
    a = wf_load(&x, relaxed);
    b = wf_load(&x, relaxed);
}

static void
goes_back(void)
{
    happened |= a == 2 && b == 1;
}

static void
store_y_x(void)
{
    wf_store(&y, 1, relaxed);
    wf_store(&x, 1, relaxed);
}

static void
read_x_y(void)
{
    a = wf_load(&x, relaxed);
    b = wf_load(&y, relaxed);
}

static void
misses_y(void)
{
    happened |= a == 1 && b == 0;
}

/* ---- two writers and a reader that knows both ---- */

static void
store_x(void)
{
    wf_store(&x, 1, relaxed);
}

static void
x_then_y(void)
{
    if (wf_load(&x, relaxed) == 1) {
        wf_fence();
        wf_store(&y, 1, relaxed);
    }
}

static void
y_then_x(void)
{
    a = wf_load(&y, relaxed);
    wf_fence();
    b = wf_load(&x, relaxed);
}

static void
y_then_x_weakly(void)
{
    a = wf_load(&y, relaxed);
    b = wf_load(&x, relaxed);
}

/* ---- two readers that disagree on the order of two stores ---- */

static void
store_x_sc(void)
{
    wf_store(&x, 1, seq_cst);
    a = wf_load(&x, seq_cst); /* comes after the store in S */
}

static void
x_then_y_sc(void)
{
    b = wf_load(&x, seq_cst);
    c = wf_load(&y, seq_cst);
}

static void
y_then_x_sc(void)
{
    wf_store(&y, 1, seq_cst);
    d = wf_load(&x, seq_cst);
}

/* This would need a circle in S: y before the read of x, that read before x, x
 * before the read of y, and that read before y. */
static void
readers_disagree(void)
{
    happened |= d == 0 && b == 1 && c == 0;
}

/* ---- a relaxed flag after seq_cst accesses: S does not order the flag ---- */

static void
x_sc_then_flag(void)
{
    wf_store(&x, 1, seq_cst);
    (void)wf_load(&x, seq_cst);
    wf_store(&y, 1, relaxed);
}

static void
flag_then_x_sc(void)
{
    c = wf_load(&y, relaxed);
    d = wf_load(&x, seq_cst);
}

static void
acquire_then_x_sc(void)
{
    c = wf_load(&y, acquire);
    d = wf_load(&x, seq_cst);
}

static void
x_sc_then_release(void)
{
    wf_store(&x, 1, seq_cst);
    wf_store(&y, 1, release);
}

static void
flag_without_x(void)
{
    happened |= c == 1 && d == 0;
}

/* ---- load buffering ---- */

static void
lb_left(void)
{
    a = wf_load(&x, relaxed);
    wf_store(&y, 1, relaxed);
}

static void
lb_left_releases(void)
{
    a = wf_load(&x, relaxed);
    wf_store(&y, 1, release);
}

static void
lb_right(void)
{
    b = wf_load(&y, relaxed);
    wf_store(&x, 1, relaxed);
}

static void
lb_right_acquires(void)
{
    b = wf_load(&y, acquire);
    wf_store(&x, 1, relaxed);
}

static void
lb_both(void)
{
    happened |= a == 1 && b == 1;
}

/* ---- ends ---- */

static void
use_it(void)
{
    if (wf_load(&x, relaxed) == 0)
        weak_read(&data, 1);
}

static void
free_it(void)
{
    wf_store(&x, 1, release);
    weak_free(&data, 1);
}

static const bool never = false;

static void
sleep_for_ever(void)
{
    weak_sleep(&never);
}

static const struct litmus {
    struct weak_test test;
    bool happens; /* expected: some execution has the weak outcome, or fails */
} all[] = {
    {{"SB", begin, {sb_weak_left, sb_weak_right}, sb_both_miss, 0}, true},
    {{"SB, seq_cst", begin, {sb_sc_left, sb_sc_right}, sb_both_miss, 0}, false},
    {{"SB, fences", begin, {sb_fence_left, sb_fence_right}, sb_both_miss, 0},
     false},
    {{"SB, seq_cst and acquire",
      begin,
      {sb_half_left, sb_half_right},
      sb_both_miss,
      0},
     true},
    {{"SB, seq_cst and fence",
      begin,
      {sb_sc_left, sb_fence_right},
      sb_both_miss,
      0},
     false},
    {{"SB, exchange and fence",
      begin,
      {sb_add_left, sb_fence_right},
      sb_both_miss,
      0},
     true},
    {{"MP", begin, {mp_release, mp_acquire}, NULL, 0}, false},
    {{"MP, relaxed store", begin, {mp_relaxed, mp_acquire}, NULL, 0}, true},
    {{"MP, relaxed load", begin, {mp_release, mp_no_acquire}, NULL, 0}, true},
    {{"MP, fences", begin, {mp_fence, mp_late_fence}, NULL, 0}, false},
    {{"MP, fence and relaxed load", begin, {mp_fence, mp_no_acquire}, NULL, 0},
     true},
    {{"MP through an exchange",
      begin,
      {mp_release, pass_on, mp_acquire_second},
      NULL,
      0},
     false},
    {{"MP through a store",
      begin,
      {mp_release, store_over, mp_acquire_second},
      NULL,
      0},
     true},
    {{"CoRR", begin, {store_twice, read_twice}, goes_back, 0}, false},
    {{"MP, values", begin, {store_y_x, read_x_y}, misses_y, 0}, true},
    {{"WRC, fences", begin, {store_x, x_then_y, y_then_x}, misses_y, 0}, false},
    {{"WRC, one fence",
      begin,
      {store_x, x_then_y, y_then_x_weakly},
      misses_y,
      0},
     true},
    {{"RWC, seq_cst",
      begin,
      {store_x_sc, x_then_y_sc, y_then_x_sc},
      readers_disagree,
      0},
     false},
    {{"MP, flag after seq_cst",
      begin,
      {x_sc_then_flag, flag_then_x_sc},
      flag_without_x,
      0},
     true},
    {{"MP, released flag",
      begin,
      {x_sc_then_release, acquire_then_x_sc},
      flag_without_x,
      0},
     false},
    {{"LB", begin_late, {lb_left, lb_right}, lb_both, 0}, true},
    {{"LB, not late", begin, {lb_left, lb_right}, lb_both, 0}, false},
    {{"LB, ordered",
      begin_late,
      {lb_left_releases, lb_right_acquires},
      lb_both,
      0},
     false},
    {{"end", begin, {use_it, free_it}, NULL, 0}, true},
    {{"sleep", begin, {sleep_for_ever, store_x}, NULL, 0}, true},
};

int
main(void)
{
    int wrong = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct weak_test *t = &all[i].test;
        uint64_t n = 0;
        happened = false;
        const char *why = weak_try(t, &n);
        bool is_right = (happened || why) == all[i].happens;
        printf("%s: %s in %llu executions%s%s%s\n", t->name,
               happened || why ? "happens" : "does not happen",
               (unsigned long long)n, why ? ": " : "", why ? why : "",
               is_right ? "" : " FAILED");
        wrong += !is_right;
    }
    return wrong > 0;
}
