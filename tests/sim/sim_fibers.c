/* SPDX-License-Identifier: MIT */
/*
 * What a fiber has does not outlive it, and nothing that it leaves is lost:
 * results, fiber-local values, room for the next fiber, tokens of a limiter. A
 * channel that is closed tells everybody. A function that blocks runs, or is
 * refused for lack of threads.
 * Timers stop themselves, start while the runtime stops, and run again after
 * the runtime has started again.
 */
#define WEFT_SHIM 1

#include "fibers.h"

#include <weft/net.h>

#include "base/base.h"

#include <errno.h>

#define LIVES 3
#define MAX_FIBERS 24
#define ROUNDS 12
#define TEAM 8
#define IDS 200 /* the slots of fibers are used again */

/* ---- results ---- */

static int taken[TEAM];

static void
leave_result(void *arg)
{
    rest();
    weft_fiber_set_result(arg);
    rest();
}

struct joint {
    weft_fiber fiber;
    int i;
};

/* Two tasks ask for each result, and one of them gets it. */
static void
take_result(void *arg)
{
    struct joint *joint = arg;
    void *result;
    rest();
    weft_err err = weft_fiber_join_result(joint->fiber, &result);
    if (err == -ESRCH)
        return;
    WEFT_SIM_CHECK(!err && result == &taken[joint->i]);
    taken[joint->i]++;
}

static void
results(void)
{
    const struct weft_fiber_options keep = {.keep_result = true};
    struct joint joints[TEAM];
    weft_fiber takers[2 * TEAM];
    int n = TEAM / 2 + (int)below(TEAM / 2);
    for (int i = 0; i < n; i++) {
        taken[i] = 0;
        joints[i].i = i;
        WEFT_SIM_CHECK(!weft_fiber_start_with(&keep, leave_result, &taken[i],
                                              &joints[i].fiber));
    }
    rest();
    for (int i = 0; i < n; i++) {
        takers[2 * i] = start(take_result, &joints[i]);
        takers[2 * i + 1] = start(take_result, &joints[i]);
        if (below(2))
            WEFT_SIM_CHECK(
                !weft_fiber_join_until(joints[i].fiber, weft_after_ms(1000)));
    }
    join_all(takers, 2 * n);
    for (int i = 0; i < n; i++)
        WEFT_SIM_CHECK(taken[i] == 1 && (uint32_t)takers[i].id < IDS);
}

/* ---- room for fibers ---- */

static bool may_end;

static void
live_on(void *arg)
{
    (void)arg;
    while (!may_end)
        (void)weft_sleep_ms(1);
}

/* The runtime has room for MAX_FIBERS. The caller is the only fiber. */
static void
fill_up(void)
{
    weft_fiber fibers[2 * MAX_FIBERS];
    int n = 0;
    may_end = false;
    while (n < 2 * MAX_FIBERS && !weft_fiber_start(live_on, NULL, &fibers[n]))
        n++;
    if (n + 1 != MAX_FIBERS)
        weft_sim_fail("%d fibers besides the first one", n);
    may_end = true;
    join_all(fibers, n);
    (void)weft_sleep_ms(1); /* a fiber counts until it has left its stack */
}

/* ---- fiber-local values ---- */

static weft_local key;
static int values_set, values_destroyed;

static void
destroy(void *value)
{
    WEFT_SIM_CHECK(value == &key);
    values_destroyed++;
}

static void
use_value(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_local_get(key));
    rest();
    if (below(2) == 0)
        return;
    WEFT_SIM_CHECK(!weft_local_set(key, &key));
    values_set++;
    rest();
    WEFT_SIM_CHECK(weft_local_get(key) == &key);
}

static void
locals(void)
{
    weft_fiber fibers[TEAM];
    start_all(use_value, NULL, fibers, TEAM);
    join_all(fibers, TEAM);
    (void)weft_sleep_ms(1);
    WEFT_SIM_CHECK(values_set == values_destroyed);
}

/* ---- a limiter ---- */

#define RATE 1000u /* tokens a second */
#define SLOW_RATE 10u
#define BURST 10u

static struct {
    struct weft_limiter limiter;
    uint64_t begun_ns;
    uint64_t tokens; /* that were taken */
} tap;

static void
take_tokens(void *arg)
{
    uint32_t n = 1 + (uint32_t)below(BURST);
    uint64_t deadline = below(2) ? WEFT_NEVER : weft_now_ns() + below(60 * MS);
    (void)arg;
    weft_err err = weft_limiter_take_until(&tap.limiter, n, deadline);
    uint64_t now = weft_now_ns();
    if (!err) {
        WEFT_SIM_CHECK(now <= deadline || now - deadline < 5 * MS);
        tap.tokens += n;
        uint64_t most = BURST + (now - tap.begun_ns) * RATE / (1000 * MS);
        if (tap.tokens > most)
            weft_sim_fail("%d tokens, but at most %d are there",
                          (int)tap.tokens, (int)most);
    } else {
        WEFT_SIM_CHECK(err == WEFT_ETIMEOUT || err == WEFT_ECANCEL);
    }
}

static void
take_all(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(weft_limiter_take(&tap.limiter, BURST) == WEFT_ECANCEL);
}

/* A waiter that is cancelled gives its tokens back. */
static void
give_back(void)
{
    WEFT_SIM_CHECK(!weft_limiter_init(&tap.limiter, SLOW_RATE, BURST));
    WEFT_SIM_CHECK(weft_limiter_try_take(&tap.limiter, BURST));
    weft_fiber fiber = start(take_all, NULL);
    (void)weft_sleep_ms(5);
    weft_fiber_cancel(fiber);
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    uint64_t begun = weft_now_ns();
    WEFT_SIM_CHECK(!weft_limiter_take(&tap.limiter, 1));
    WEFT_SIM_CHECK(weft_now_ns() - begun < 100 * MS + SLACK_NS);
}

/* Most waiters are cancelled. The others get their tokens as soon as if the
 * cancelled ones had never come. */
static void
tokens(void)
{
    weft_fiber fibers[TEAM];
    WEFT_SIM_CHECK(!weft_limiter_init(&tap.limiter, RATE, BURST));
    tap.begun_ns = weft_now_ns();
    tap.tokens = 0;
    for (int i = 0; i < ROUNDS; i++) {
        start_all(take_tokens, NULL, fibers, TEAM);
        rest();
        for (int k = 0; k < TEAM; k++)
            if (below(3))
                weft_fiber_cancel(fibers[k]);
        join_all(fibers, TEAM);
    }
    /* All that was taken has flowed in BURST tokens before. */
    uint64_t flowed = (weft_now_ns() - tap.begun_ns) * RATE / (1000 * MS);
    uint64_t ahead = tap.tokens > flowed ? tap.tokens - flowed : 0;
    uint64_t begun = weft_now_ns();
    WEFT_SIM_CHECK(!weft_limiter_take(&tap.limiter, 1));
    if (weft_now_ns() - begun > (ahead + 1) * MS + SLACK_NS)
        weft_sim_fail("a token comes %d ms late",
                      (int)((weft_now_ns() - begun) / MS));
}

/* ---- a channel that is closed ---- */

static struct weft_chan *chan;

static void
send_in_vain(void *arg)
{
    const int two = 2;
    (void)arg;
    WEFT_SIM_CHECK(weft_chan_send(chan, &two) == WEFT_ECLOSED);
}

static void
receive_one(void *arg)
{
    int item;
    WEFT_SIM_CHECK(weft_chan_recv(chan, &item) == *(weft_err *)arg);
}

static void
close_chan(void)
{
    const int one = 1;
    int item = 0, out = 3;
    weft_err none = WEFT_ECLOSED;
    WEFT_SIM_CHECK(!weft_chan_new(sizeof item, 1, &chan));
    struct weft_select_case both[2] = {
        {.kind = WEFT_SELECT_SEND, .chan = chan, .item = &out},
        {.kind = WEFT_SELECT_SEND, .chan = chan, .item = &out}};
    WEFT_SIM_CHECK(weft_select(both, 2) >= 0);
    uint64_t deadline = soon();
    int found = weft_select_until(both, 2, deadline);
    WEFT_SIM_CHECK(found < 0 && !ended_well(found, deadline));
    WEFT_SIM_CHECK(!weft_chan_recv(chan, &item) && item == out);
    WEFT_SIM_CHECK(!weft_chan_send(chan, &one));
    weft_fiber sender = start(send_in_vain, NULL);
    (void)weft_sleep_ms((int64_t)below(3));
    weft_chan_close(chan);
    WEFT_SIM_CHECK(!weft_fiber_join(sender));
    WEFT_SIM_CHECK(weft_chan_send(chan, &one) == WEFT_ECLOSED);
    WEFT_SIM_CHECK(!weft_chan_recv(chan, &item) && item == one);
    WEFT_SIM_CHECK(weft_chan_send(chan, &one) == WEFT_ECLOSED);
    WEFT_SIM_CHECK(!weft_fiber_join(start(receive_one, &none)));
    weft_chan_free(chan);
}

/* ---- functions that block ---- */

static void
wait_on_thread(void *arg)
{
    (void)arg;
    (void)weft_sleep_ms((int64_t)below(3));
}

struct job {
    bool ended, runs;
};

static void
work(void *arg)
{
    struct job *job = arg;
    WEFT_SIM_CHECK(!job->ended);
    job->runs = true;
    wait_on_thread(NULL);
    job->runs = false;
}

static void
block(void *arg)
{
    (void)arg;
    for (int i = 0; i < 6; i++) {
        struct job job = {0};
        uint64_t begun = weft_now_ns();
        weft_err err = weft_blocking(work, &job);
        WEFT_SIM_CHECK(!job.runs && (!err || err == -EAGAIN));
        WEFT_SIM_CHECK(weft_now_ns() - begun < 500 * (uint64_t)MS);
        job.ended = true;
        rest();
    }
}

/* Threads cannot always be made. A function that is refused never runs. */
static void
block_all(void)
{
    weft_fiber fibers[TEAM];
    weft_sim_faults(WEFT_SIM_NO_THREAD);
    start_all(block, NULL, fibers, TEAM);
    join_all(fibers, TEAM);
    weft_sim_faults(0);
    (void)weft_sleep_ms(11000); /* by then idle threads have ended */
    uint64_t begun = weft_now_ns();
    WEFT_SIM_CHECK(!weft_blocking(wait_on_thread, NULL));
    WEFT_SIM_CHECK(weft_now_ns() - begun < SLACK_NS);
}

/* ---- timers ---- */

static struct {
    weft_timer self;
    int runs;
    uint64_t first_ns, last; /* `last` period in which it ran */
} tick;

#define PERIOD_NS (2 * (uint64_t)MS)

static void
stop_itself(void *arg)
{
    (void)arg;
    if (++tick.runs == 3)
        weft_timer_stop(tick.self);
    WEFT_SIM_CHECK(tick.runs <= 3);
}

/* The first run takes long. The periods that pass meanwhile are skipped. */
static void
run_long(void *arg)
{
    uint64_t period = (weft_now_ns() - tick.first_ns) / PERIOD_NS;
    (void)arg;
    uint64_t late = (weft_now_ns() - tick.first_ns) % PERIOD_NS;
    WEFT_SIM_CHECK(tick.runs == 0 || period > tick.last);
    WEFT_SIM_CHECK(late < MS);
    tick.last = period;
    if (tick.runs++ == 0)
        (void)weft_sleep_ms(25);
}

static void
timers(void)
{
    weft_timer timer;
    tick.runs = 0;
    WEFT_SIM_CHECK(!weft_timer_start(stop_itself, NULL, weft_now_ns() + MS,
                                     PERIOD_NS, &tick.self));
    (void)weft_sleep_ms(30);
    WEFT_SIM_CHECK(tick.runs == 3);
    tick.runs = 0;
    tick.first_ns = weft_now_ns();
    WEFT_SIM_CHECK(
        !weft_timer_start(run_long, NULL, tick.first_ns, PERIOD_NS, &timer));
    (void)weft_sleep_ms(80);
    weft_timer_stop(timer);
    WEFT_SIM_CHECK(tick.runs >= 3);
}

static void
never_run(void *arg)
{
    (void)arg;
    weft_sim_fail("a timer ran before its time");
}

static void
wait_long(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(weft_sleep_ms(300 * 1000) == WEFT_ECANCEL);
}

/* Start a timer, or a background fiber, while the runtime stops. */
static void
start_late(void *arg)
{
    static const struct weft_fiber_options options = {.background = true};
    (void)arg;
    (void)weft_sleep_ms(5 + (int64_t)below(3));
    if (below(2))
        WEFT_SIM_CHECK(!weft_fiber_start_with(&options, wait_long, NULL, NULL));
    else
        WEFT_SIM_CHECK(!weft_timer_start(
            never_run, NULL, weft_now_ns() + 300 * 1000 * (uint64_t)MS, 0,
            NULL));
    rest();
}

/* ---- one run ---- */

static void
live(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        results();
        locals();
    }
    fill_up();
    fill_up();
    tokens();
    give_back();
    close_chan();
    block_all();
    timers();
}

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
}

/* The first listener of a runtime makes the poller, or fails without one. */
static void
listen_once(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    struct weft_listener *listener;
    weft_sim_faults(WEFT_SIM_NO_DESCRIPTOR);
    weft_err err = weft_listen(":7", &hooks, NULL, NULL, &listener);
    WEFT_SIM_CHECK(!err || err == -EMFILE);
    weft_sim_faults(0);
    weft_listener_free(listener);
}

static void
do_nothing(void *arg)
{
    (void)arg;
}

static void *
start_fiber(void *arg)
{
    rest();
    WEFT_SIM_CHECK(!weft_fiber_start(do_nothing, NULL, NULL));
    return arg;
}

/* Two threads start the runtime at the same time, by their first fibers. */
static void
start_together(void)
{
    pthread_t thread;
    WEFT_SIM_CHECK(!wf_sys_thread(&thread, start_fiber, NULL));
    (void)start_fiber(NULL);
    wf_sys_join(thread);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
be_host(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_local_new(destroy, &key));
    start_together();
    for (int i = 0; i < LIVES; i++) {
        const struct weft_runtime_options options = {.workers =
                                                         1 + (uint32_t)below(3),
                                                     .max_fibers = MAX_FIBERS,
                                                     .max_blocking = 2};
        WEFT_SIM_CHECK(!weft_runtime_start(&options));
        listen_once();
        WEFT_SIM_CHECK(!weft_fiber_join(start(live, NULL)));
        if (below(2))
            (void)start(start_late, NULL);
        else /* the timer itself starts a timer */
            WEFT_SIM_CHECK(
                !weft_timer_start(start_late, NULL, weft_now_ns(), 0, NULL));
        (void)weft_sleep_ms((int64_t)below(3));
        WEFT_SIM_CHECK(!weft_runtime_stop());
    }
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
        .name = "fibers",
        .set_up = set_up,
        .limit_ns = 300 * (uint64_t)1000 * MS};
    return weft_sim_main(argc, argv, &scenario);
}
