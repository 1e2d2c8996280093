/* SPDX-License-Identifier: MIT */
/*
 * Fibers and handlers hold their workers for long. While another worker is
 * free, nothing waits for the held ones: neither fibers that were woken or
 * started there, nor their timers, nor calls on connections that they poll.
 */
#define WEFT_SHIM 1

#include "ledger_answers.h"
#include "ledger_serve.h"

#include "fiber/fiber.h"
#include "fibers.h"

#include <weft/rpc.h>

#define WORKERS 3
#define BALLS 60
#define TASKS 1000
#define HOLD_MS 200
/* If a watcher found all workers asleep, it rests for up to 32 ms. */
#define LATE_NS (50 * (uint64_t)MS)

static uint32_t n_held;
static bool over;

/* The thread sleeps, as if a handler read a file. Or it is busy for about as
 * long as a watcher needs to notice it. */
static void
hold_worker(void)
{
    if (n_held >= WORKERS - 1)
        return;
    n_held++;
    bool sleeps = below(2);
    for (uint64_t i = below(sleeps ? HOLD_MS : 50000); i > 0; i--)
        if (sleeps)
            wf_sys_nap();
        else
            (void)weft_now_ns();
    n_held--;
}

/* ---- fibers ---- */

static struct weft_sem bell;
static uint64_t rung_ns; /* 0: no ring that the other fiber has not heard */

static void
listen_to_bell(void *arg)
{
    (void)arg;
    for (;;) {
        WEFT_SIM_CHECK(!weft_sem_take(&bell));
        if (over)
            return;
        WEFT_SIM_CHECK(weft_now_ns() - rung_ns < LATE_NS);
        rung_ns = 0;
    }
}

/* Wake a fiber, which goes to this worker's slot, and hold the worker. */
static void
hold_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < 12; i++) {
        (void)weft_sleep_ms((int64_t)below(10));
        if (below(2) && !rung_ns) {
            rung_ns = weft_now_ns();
            weft_sem_give(&bell, 1);
        }
        hold_worker();
    }
}

static void
sleep_on(void *arg)
{
    (void)arg;
    while (!over) {
        uint64_t until = weft_now_ns() + below(20 * MS);
        WEFT_SIM_CHECK(!weft_sleep_until(until));
        WEFT_SIM_CHECK(weft_now_ns() < until + LATE_NS);
    }
}

/* This fiber wakes its worker so often that the worker never sleeps until its
 * next look is due. In some runs the fiber does so at each tick of the timers;
 * a tick is shorter than each rest of a watcher. */
static void
be_busy(void *arg)
{
    const uint64_t least = below(2) ? 100000 : 1;
    (void)arg;
    while (!over)
        (void)weft_sleep_until(weft_now_ns() + least + below(2 * least));
}

/* Two fibers wake each other in turn. The other fiber is in this worker's slot,
 * and this fiber holds the worker for about as long as a watcher needs to take
 * the other fiber from there. */
static struct weft_sem there, back;

static void
return_ball(void *arg)
{
    (void)arg;
    for (int i = 0; i < BALLS; i++) {
        WEFT_SIM_CHECK(!weft_sem_take(&there));
        weft_sem_give(&back, 1);
    }
}

/* A read of the clock takes 20 ns, and no other thread runs meanwhile. */
static void
spin(uint64_t steps)
{
    while (steps-- > 0)
        (void)weft_now_ns();
}

static void
bounce(void *arg)
{
    weft_fiber other = start(return_ball, NULL);
    (void)arg;
    for (int i = 0; i < BALLS; i++) {
        weft_sem_give(&there, 1);
        spin(below(25000));
        WEFT_SIM_CHECK(!weft_sem_take(&back));
    }
    WEFT_SIM_CHECK(!weft_fiber_join(other));
}

/* All workers have slept for long before this, so none of them watches. */
static void
wake_up(void *arg)
{
    uint64_t begun = (uint64_t)(uintptr_t)arg;
    WEFT_SIM_CHECK(weft_now_ns() - begun < LATE_NS);
    hold_worker();
}

static void
burst(void)
{
    weft_fiber fibers[WORKERS];
    for (int i = 0; i < 6; i++) {
        (void)weft_sleep_ms(150);
        start_all(wake_up, (void *)(uintptr_t)weft_now_ns(), fibers, WORKERS);
        join_all(fibers, WORKERS);
    }
}

/* Timers of the poller are due while another fiber holds their worker. */
static void
sleep_far(void *arg)
{
    (void)arg;
    for (int i = 0; i < 12; i++) {
        uint64_t until = weft_now_ns() + (10 + below(10)) * MS;
        WEFT_SIM_CHECK(!weft_sleep_until(until));
        WEFT_SIM_CHECK(weft_now_ns() < until + 400 * (uint64_t)MS);
    }
}

static void
spin_on(void *arg)
{
    (void)arg;
    for (int i = 0; i < 6; i++) {
        spin(700000);
        (void)weft_sleep_ms((int64_t)below(12));
    }
}

static void
far_timers(void)
{
    weft_fiber fibers[3];
    fibers[0] = start(sleep_far, NULL);
    fibers[1] = start(sleep_far, NULL);
    fibers[2] = start(spin_on, NULL);
    join_all(fibers, 3);
}

/* Stealable work: a watcher may take some, and juggle() takes back the rest. */
struct task {
    struct wf_stealable stealable;
    uint32_t runs;
};

static void
run_task(struct wf_stealable *stealable)
{
    ((struct task *)stealable)->runs++;
}

static void
juggle(void *arg)
{
    static struct task tasks[TASKS];
    (void)arg;
    for (int i = 0; i < TASKS; i++) {
        tasks[i].stealable.run = run_task;
        wf_stealable_publish(&tasks[i].stealable);
        spin(below(20));
        if (wf_stealable_reclaim(&tasks[i].stealable))
            tasks[i].runs++;
    }
    (void)weft_sleep_ms(20);
    for (int i = 0; i < TASKS; i++)
        WEFT_SIM_CHECK(tasks[i].runs == 1);
}

/* Each of the other workers has fibers of its own that are always ready, so it
 * never searches for more. The fibers in the ring of the held worker run
 * nevertheless. */
static void
yield_on(void *arg)
{
    (void)arg;
    while (!over) {
        spin(500);
        (void)wf_sys_sched_yield(); /* so that other threads run */
        weft_fiber_yield();
    }
}

static void
note_late(void *arg)
{
    WEFT_SIM_CHECK(weft_now_ns() - (uint64_t)(uintptr_t)arg < LATE_NS);
}

static void
hold_ring(void *arg)
{
    weft_fiber fibers[4];
    (void)arg;
    for (int i = 0; i < 3; i++) {
        (void)weft_sleep_ms(2);
        start_all(note_late, (void *)(uintptr_t)weft_now_ns(), fibers, 4);
        for (int ms = 0; ms < HOLD_MS / 2; ms++)
            wf_sys_nap();
        join_all(fibers, 4);
    }
    over = true;
}

static void
hold_among_busy(void)
{
    weft_fiber fibers[3 * WORKERS];
    start_all(yield_on, NULL, fibers, 3 * WORKERS);
    WEFT_SIM_CHECK(!weft_fiber_join(start(hold_ring, NULL)));
    join_all(fibers, 3 * WORKERS);
}

/* ---- calls ---- */

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    result->success = args->number;
    hold_worker();
    return WEFT_OK;
}

static void
hold_fibers(void)
{
    weft_fiber holders[WORKERS - 1], others[4];
    start_all(sleep_on, NULL, others, 2);
    others[2] = start(listen_to_bell, NULL);
    others[3] = start(below(2) ? be_busy : sleep_on, NULL);
    start_all(hold_on, NULL, holders, WORKERS - 1);
    join_all(holders, WORKERS - 1);
    while (rung_ns)
        (void)weft_sleep_ms(1);
    over = true;
    weft_sem_give(&bell, 1);
    join_all(others, 4);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number,
                                                       .slow = slow};
    const struct weft_runtime_options options = {.workers = WORKERS};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    switch (below(6)) {
    case 5:
        hold_among_busy();
        break;
    case 4:
        far_timers();
        break;
    case 3:
        burst();
        break;
    case 0:
        WEFT_SIM_CHECK(!weft_fiber_join(start(bounce, NULL)));
        break;
    case 1:
        WEFT_SIM_CHECK(!weft_fiber_join(start(juggle, NULL)));
        break;
    case 2:
        hold_fibers();
    }
    serve_for_others(NULL, &table);
}

static void
call_slow(void *arg)
{
    for (int i = 0; i < 10; i++) {
        struct ledger_slow_args args = {.number = i};
        struct ledger_slow_result result = {0};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        WEFT_SIM_CHECK(!ledger_Ledger_slow(arg, &arena, &args, &result, NULL));
        weft_arena_fini(&arena);
        rest();
    }
}

static void
call_fast(void *arg)
{
    for (int i = 0; i < 40; i++) {
        struct ledger_run_args args = {.number = i};
        struct ledger_run_result result = {0};
        struct weft_arena arena;
        uint64_t begun = weft_now_ns();
        weft_arena_init(&arena, 0);
        WEFT_SIM_CHECK(!ledger_Ledger_run(arg, &arena, &args, &result, NULL));
        WEFT_SIM_CHECK(weft_now_ns() - begun < LATE_NS);
        weft_arena_fini(&arena);
        (void)weft_sleep_ms((int64_t)below(8));
    }
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers = 2};
    struct weft_client *clients[2];
    weft_fiber fibers[4];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(6000); /* the server may be busy with its fibers */
    for (int i = 0; i < 2; i++)
        WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &clients[i]));
    for (int i = 0; i < 4; i++)
        fibers[i] = start(i & 1 ? call_fast : call_slow, clients[i / 2]);
    join_all(fibers, 4);
    for (int i = 0; i < 2; i++)
        weft_client_free(clients[i]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "stuck",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
