/* SPDX-License-Identifier: MIT */
/*
 * Threads stand still for up to 32 ms, between any two steps. Soon after they
 * continue, each ready fiber has run and each sleep has ended.
 */
#include "fibers.h"

#include <weft/net.h>

#include "base/base.h"

/* A fiber is at most so late. Threads stand still for up to 32 ms each, and
 * several may do so one after the other. */
#define LATE_NS (600 * (uint64_t)MS)

/* ---- plain threads that start fibers ---- */

#define HANDS 3
#define ROUNDS 1000
#define TICK_NS 65536u /* of timers; all timers of a tick fire at its end */
#define ROUND_NS ((uint64_t)16384 * TICK_NS) /* about a second */

static uint64_t begun_ns; /* when the first round begins; the end of a tick */

static void
run_once(void *arg)
{
    (*(int *)arg)++;
}

static void
must_run(void)
{
    int runs = 0;
    weft_fiber fiber = start(run_once, &runs);
    weft_err err = weft_fiber_join_until(fiber, weft_now_ns() + LATE_NS);
    if (err || runs != 1) {
        weft_sim_fail("a fiber that was started has run %d times", runs);
        (void)weft_fiber_join(fiber);
    }
}

/* All threads start fibers at about the same time, when a worker wakes up by
 * itself. Then none starts any until the next round, so that no other wake-up
 * hides a lost one. */
static void
hand_in(void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        (void)weft_sleep_until(begun_ns + i * ROUND_NS + below(4000));
        for (uint64_t n = 1 + below(3); n > 0; n--)
            must_run();
    }
}

/* The timer of this fiber wakes a worker. */
static void
tick(void *arg)
{
    (void)arg;
    for (uint64_t i = 0; i < ROUNDS; i++)
        (void)weft_sleep_until(begun_ns + i * ROUND_NS);
}

static void
hand_in_on_thread(void *arg)
{
    WEFT_SIM_CHECK(!weft_blocking(hand_in, arg));
}

static void
hands(void)
{
    weft_fiber fibers[HANDS + 1];
    begun_ns = (weft_now_ns() + ROUND_NS) / TICK_NS * TICK_NS;
    start_all(hand_in_on_thread, NULL, fibers, HANDS);
    fibers[HANDS] = start(tick, NULL);
    hand_in(NULL);
    join_all(fibers, HANDS + 1);
}

/* ---- sleepers, whose workers wait until a timer is due ---- */

#define SLEEPERS 3
#define SLEEPS 800

static bool over;

static void
sleep_far(void *arg)
{
    (void)arg;
    for (int i = 0; i < SLEEPS; i++) {
        uint64_t until = weft_now_ns() + (10 + below(15)) * MS;
        WEFT_SIM_CHECK(!weft_sleep_until(until));
        WEFT_SIM_CHECK(weft_now_ns() < until + LATE_NS);
    }
}

static void
do_nothing(void *arg)
{
    (void)arg;
}

/* Wake sleeping workers for a while, then leave all workers to their timers. */
static void
burst_on(void *arg)
{
    (void)arg;
    while (!over) {
        for (uint64_t i = 300; i > 0 && !over; i--) {
            for (uint64_t n = below(5); n > 0; n--)
                (void)start(do_nothing, NULL);
            (void)weft_sleep_until(weft_now_ns() + below(6 * MS));
        }
        (void)weft_sleep_ms(1000);
    }
}

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
}

static void
sleepers(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    struct weft_listener *listener; /* because of it workers wait in epoll */
    weft_fiber fibers[SLEEPERS], burst;
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, NULL, &listener));
    burst = start(burst_on, NULL);
    start_all(sleep_far, NULL, fibers, SLEEPERS);
    join_all(fibers, SLEEPERS);
    over = true;
    WEFT_SIM_CHECK(!weft_fiber_join(burst));
    weft_sim_faults(0);
    weft_listener_free(listener);
}

/* ---- a worker that is held when no worker watches any more ---- */

#define HOLDS 60
#define HOLD_MS 700 /* more than LATE_NS */

static struct weft_sem bell;
static uint64_t rung_ns;

static void
listen_to_bell(void *arg)
{
    (void)arg;
    for (int i = 0; i < HOLDS; i++) {
        WEFT_SIM_CHECK(!weft_sem_take(&bell));
        WEFT_SIM_CHECK(weft_now_ns() - rung_ns < LATE_NS);
    }
}

/* Wake up at about the time when the watchers stop. Put the other fiber into
 * this worker's slot, and hold the worker. */
static void
ring_and_hold(void *arg)
{
    (void)arg;
    for (int i = 0; i < HOLDS; i++) {
        WEFT_SIM_CHECK(
            !weft_sleep_until(weft_now_ns() + 50 * MS + below(30 * MS)));
        rung_ns = weft_now_ns();
        weft_sem_give(&bell, 1);
        for (int ms = 0; ms < HOLD_MS; ms++)
            wf_sys_nap();
    }
}

static void
holds(void)
{
    weft_fiber fibers[2] = {start(listen_to_bell, NULL),
                            start(ring_and_hold, NULL)};
    join_all(fibers, 2);
}

/* ---- one run ---- */

static void
be_host(void *arg)
{
    static void (*const parts[])(void) = {hands, sleepers, holds};
    void (*part)(void) = parts[below(sizeof parts / sizeof *parts)];
    const struct weft_runtime_options options = {
        .workers = part == hands ? 1 + (uint32_t)below(2) : 3};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    weft_sim_faults(WEFT_SIM_STALL);
    part();
    weft_sim_faults(0);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("host", be_host, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "still",
        .set_up = set_up,
        .limit_ns = (ROUNDS + 1000) * ROUND_NS};
    return weft_sim_main(argc, argv, &scenario);
}
