/* SPDX-License-Identifier: MIT */
/*
 * Measures what fibers cost, in nanoseconds, on one worker or on as many as the
 * argument says. Prints one line of JSON: the best of several runs, each of
 * which is so long that reading the clock does not count. Compare only numbers
 * of one machine and one run.
 */
#include "fiber/context.h"

#include <weft/fiber.h>

#include <stdio.h>
#include <stdlib.h>

#define RUNS 7
#define ROUNDS 400000

static void
must(weft_err err)
{
    if (err)
        exit(1);
}

static weft_fiber
start(void (*fn)(void *arg), void *arg)
{
    weft_fiber fiber;
    must(weft_fiber_start(fn, arg, &fiber));
    return fiber;
}

/* ---- switch: two fibers yield to each other ---- */

/* Not inlined, so that both fibers yield at one place in the code. */
static __attribute__((noinline)) void
yield(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++)
        weft_fiber_yield();
}

static __attribute__((noinline)) void
yield_elsewhere(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++)
        weft_fiber_yield();
}

static double
switches(void (*of_the_other)(void *arg))
{
    weft_fiber other = start(of_the_other, NULL);
    yield(NULL);
    must(weft_fiber_join(other));
    return 2.0 * ROUNDS;
}

/* Both fibers run one function, as fibers that run one handler do. */
static double
alike(void)
{
    return switches(yield);
}

/* The fibers run two functions, which yield in turn, so the processor
 * mispredicts each return. */
static double
apart(void)
{
    return switches(yield_elsewhere);
}

/* ---- the jump alone, to compare with libraries for contexts ---- */

static struct wf_context here, there;

static void
jump_back(void *arg, void *carry)
{
    (void)arg;
    wf_context_entered();
    for (;;)
        carry = wf_context_jump(&there, &here, carry, false);
}

static double
jumps(void)
{
    static _Alignas(16) uint8_t stack[65536];
    there = (struct wf_context){.low = stack, .size = sizeof stack};
    wf_context_make(&there, jump_back, NULL);
    for (int i = 0; i < ROUNDS; i++)
        (void)wf_context_jump(&here, &there, NULL, false);
    wf_context_drop(&there);
    return 2.0 * ROUNDS;
}

/* ---- start and finish ---- */

static void
nothing(void *arg)
{
    (void)arg;
}

static double
starts(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        must(weft_fiber_start(nothing, NULL, NULL));
        if (i % 64 == 63)
            weft_fiber_yield();
    }
    must(weft_fiber_join(start(nothing, NULL)));
    return ROUNDS;
}

static double
joins(void)
{
    for (int i = 0; i < ROUNDS; i++)
        must(weft_fiber_join(start(nothing, NULL)));
    return ROUNDS;
}

/* ---- there and back ---- */

static struct weft_sem ping, pong;

static void
answer(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        must(weft_sem_take(&ping));
        weft_sem_give(&pong, 1);
    }
}

static double
pings(void)
{
    weft_fiber other = start(answer, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        weft_sem_give(&ping, 1);
        must(weft_sem_take(&pong));
    }
    must(weft_fiber_join(other));
    return ROUNDS;
}

/* ---- a contended mutex: each unlock hands it over ---- */

static struct weft_mutex mutex;

static void
contend(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        must(weft_mutex_lock(&mutex));
        weft_fiber_yield();
        weft_mutex_unlock(&mutex);
    }
}

static double
hand_overs(void)
{
    weft_fiber other = start(contend, NULL);
    contend(NULL);
    must(weft_fiber_join(other));
    return 2.0 * ROUNDS;
}

static double
locks(void)
{
    for (int i = 0; i < ROUNDS; i++) {
        must(weft_mutex_lock(&mutex));
        weft_mutex_unlock(&mutex);
    }
    return ROUNDS;
}

static double
items(void)
{
    uint64_t item = 1;
    struct weft_chan *chan;
    if (weft_chan_new(sizeof item, 16, &chan))
        exit(1);
    for (int i = 0; i < ROUNDS; i++) {
        must(weft_chan_send(chan, &item));
        must(weft_chan_recv(chan, &item));
    }
    weft_chan_free(chan);
    return ROUNDS;
}

/* Arm and cancel a deadline that is never reached. */
static double
deadlines(void)
{
    weft_fiber other = start(answer, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        weft_sem_give(&ping, 1);
        must(weft_sem_take_until(&pong, weft_now_ns() + 1000000000u));
    }
    must(weft_fiber_join(other));
    return ROUNDS;
}

static const struct bench {
    const char *name;
    double (*run)(void); /* returns the number of operations */
} benches[] = {
    {"context_jump", jumps},
    {"yield", alike},
    {"yield_apart", apart},
    {"start_finish", starts},
    {"start_join", joins},
    {"semaphore_there_and_back", pings},
    {"semaphore_with_deadline", deadlines},
    {"mutex_hand_over", hand_overs},
    {"mutex_free", locks},
    {"channel_send_recv", items},
};

static void
run_all(void *arg)
{
    (void)arg;
    for (size_t i = 0; i < sizeof benches / sizeof benches[0]; i++) {
        double best = 1e18;
        for (int run = 0; run < RUNS; run++) {
            uint64_t before = weft_now_ns();
            double n = benches[i].run();
            double each = (double)(weft_now_ns() - before) / n;
            best = each < best ? each : best;
        }
        printf("%s\"%s_ns\":%.1f", i ? "," : "{", benches[i].name, best);
    }
    puts("}");
}

int
main(int argc, char **argv)
{
    struct weft_runtime_options options = {
        .workers = argc > 1 ? (uint32_t)atoi(argv[1]) : 1};
    must(weft_runtime_start(&options));
    must(weft_fiber_join(start(run_all, NULL)));
    return weft_runtime_stop();
}
