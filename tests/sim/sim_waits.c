/* SPDX-License-Identifier: MIT */
/*
 * Channels, selects, timers, blocking functions, joins, and fibers that wake
 * each other. No item is lost or doubled, no limit is exceeded, nothing runs
 * before its time or long after it.
 */
#define WEFT_SHIM 1

#include "fibers.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define ITEMS 30
#define CHANS 3

/* ---- channels and selects ---- */

static struct {
    struct weft_chan *chans[CHANS];
    uint8_t received[CHANS][ITEMS];
    int selected_sent, selected_received;
    struct weft_chan *pair[2]; /* only selects use these */
} lines;

static void
send_items(void *arg)
{
    int k = (int)(intptr_t)arg;
    for (uint32_t i = 0; i < ITEMS; i++) {
        uint64_t deadline;
        do
            deadline = below(2) ? WEFT_NEVER : soon();
        while (!ended_well(weft_chan_send_until(lines.chans[k], &i, deadline),
                           deadline));
        rest();
    }
    weft_chan_close(lines.chans[k]);
}

static void
note_item(int k, uint32_t i)
{
    WEFT_SIM_CHECK(i < ITEMS && lines.received[k][i]++ == 0);
}

static void
receive_items(void *arg)
{
    int k = (int)(intptr_t)arg;
    uint32_t i = UINT32_MAX;
    for (;;) {
        uint64_t deadline = below(2) ? WEFT_NEVER : soon();
        weft_err err = weft_chan_recv_until(lines.chans[k], &i, deadline);
        if (err == WEFT_ECLOSED)
            return;
        if (ended_well(err, deadline))
            note_item(k, i);
        rest();
    }
}

/* After a select has returned, weft does not access its cases. */
static void
leave_cases(struct weft_select_case *cases, int n)
{
    for (int i = 0; i < n; i++)
        memset(cases[i].words, 0x5a, sizeof cases[i].words);
    rest();
    for (int i = 0; i < n; i++)
        for (size_t k = 0; k < sizeof cases[i].words; k++)
            WEFT_SIM_CHECK(((uint8_t *)cases[i].words)[k] == 0x5a);
}

/* Receive from all channels until all are closed. */
static void
select_items(void *arg)
{
    uint32_t items[CHANS];
    int open = CHANS;
    struct weft_select_case cases[CHANS];
    (void)arg;
    memset(cases, 0, sizeof cases);
    for (int k = 0; k < CHANS; k++)
        cases[k] = (struct weft_select_case){.kind = WEFT_SELECT_RECV,
                                             .chan = lines.chans[k],
                                             .item = &items[k]};
    while (open > 0) {
        uint64_t deadline = below(2) ? WEFT_NEVER : soon();
        int k = weft_select_until(cases, CHANS, deadline);
        if (k < 0) {
            (void)ended_well(k, deadline);
        } else if (cases[k].err) {
            cases[k].kind = WEFT_SELECT_NONE;
            open--;
        } else {
            note_item(k, items[k]);
        }
        leave_cases(cases, CHANS);
    }
}

/* Send to one channel of a pair or receive from the other, whichever is
 * possible first. */
static void
exchange(void *arg)
{
    int first = (int)(intptr_t)arg, in = 0, out = 1;
    struct weft_select_case cases[2] = {
        {.kind = WEFT_SELECT_SEND, .chan = lines.pair[first], .item = &out},
        {.kind = WEFT_SELECT_RECV, .chan = lines.pair[!first], .item = &in}};
    for (int i = 0; i < ITEMS; i++) {
        uint64_t deadline = soon();
        int k = weft_select_until(cases, 2, deadline);
        if (k < 0) {
            (void)ended_well(k, deadline);
        } else if (k == 0) {
            lines.selected_sent++;
        } else {
            WEFT_SIM_CHECK(in == 1);
            in = 0;
            lines.selected_received++;
        }
        leave_cases(cases, 2);
    }
}

/* A channel accepts as many items as it has room for, and no more. */
static void
fill_up(void)
{
    struct weft_chan *chan;
    uint32_t capacity = 1 + (uint32_t)below(3), n = 0, got;
    WEFT_SIM_CHECK(!weft_chan_new(sizeof n, capacity, &chan));
    while (!weft_chan_send_until(chan, &n, 0))
        n++;
    WEFT_SIM_CHECK(n == capacity);
    for (uint32_t i = 0; i < n; i++)
        WEFT_SIM_CHECK(!weft_chan_recv_until(chan, &got, 0) && got == i);
    weft_chan_free(chan);
}

static struct weft_chan *narrow;

static void
send_one(void *arg)
{
    const uint32_t one = 1;
    (void)arg;
    WEFT_SIM_CHECK(!weft_chan_send(narrow, &one));
}

/* A sender that waits gets the room that a receiver makes. */
static void
hand_on(void)
{
    uint32_t got;
    WEFT_SIM_CHECK(!weft_chan_new(sizeof got, 1, &narrow));
    send_one(NULL);
    weft_fiber sender = start(send_one, NULL);
    (void)weft_sleep_ms(3);
    WEFT_SIM_CHECK(!weft_chan_recv(narrow, &got));
    WEFT_SIM_CHECK(
        !weft_fiber_join_until(sender, weft_now_ns() + 1000 * (uint64_t)MS));
    weft_chan_free(narrow);
}

static void
channels(void *arg)
{
    weft_fiber fibers[4 * CHANS];
    int n = 0;
    (void)arg;
    fill_up();
    hand_on();
    for (int k = 0; k < CHANS; k++)
        WEFT_SIM_CHECK(!weft_chan_new(sizeof(uint32_t), (uint32_t)below(3),
                                      &lines.chans[k]));
    for (int k = 0; k < 2; k++)
        WEFT_SIM_CHECK(!weft_chan_new(sizeof(int), 0, &lines.pair[k]));
    for (intptr_t k = 0; k < CHANS; k++) {
        fibers[n++] = start(receive_items, (void *)k);
        fibers[n++] = start(send_items, (void *)k);
        fibers[n++] = start(exchange, (void *)(k & 1));
        fibers[n++] = start(k ? exchange : select_items, (void *)(k & 1));
    }
    join_all(fibers, n);
    for (int k = 0; k < CHANS; k++) {
        for (int i = 0; i < ITEMS; i++)
            WEFT_SIM_CHECK(lines.received[k][i] == 1);
        weft_chan_free(lines.chans[k]);
    }
    WEFT_SIM_CHECK(lines.selected_sent == lines.selected_received);
    for (int k = 0; k < 2; k++)
        weft_chan_free(lines.pair[k]);
}

/* ---- selects of channels and descriptors ---- */

#define NARROW 3 /* fibers that select */

static struct {
    struct weft_chan *chan;
    int ends[2]; /* of a pipe, which stays empty */
    int sent, received;
    bool over;
} mixed;

/* There may be no descriptor to watch the pipe. Then the select fails, and
 * takes no item. */
static void
select_mixed(void *arg)
{
    int item = 0;
    struct weft_select_case cases[2] = {
        {.kind = WEFT_SELECT_RECV, .chan = mixed.chan, .item = &item},
        {.kind = WEFT_SELECT_FD, .fd = mixed.ends[0], .events = WEFT_FD_READ}};
    (void)arg;
    while (!mixed.over) {
        uint64_t deadline = soon();
        int k = weft_select_until(cases, 2, deadline);
        WEFT_SIM_CHECK(k == 0 || k == WEFT_ETIMEOUT || k == -EMFILE);
        mixed.received += k == 0;
        if (k == -EMFILE)
            rest();
    }
}

static void
select_all(void)
{
    weft_fiber fibers[NARROW];
    int item = 1;
    WEFT_SIM_CHECK(!wf_sys_pipe2(mixed.ends, O_CLOEXEC | O_NONBLOCK));
    WEFT_SIM_CHECK(!weft_chan_new(sizeof item, 0, &mixed.chan));
    weft_sim_faults(WEFT_SIM_NO_DESCRIPTOR);
    start_all(select_mixed, NULL, fibers, NARROW);
    for (int i = 0; i < 2 * ITEMS; i++) {
        mixed.sent +=
            !weft_chan_send_until(mixed.chan, &item, below(2) ? soon() : 0);
        rest();
    }
    mixed.over = true;
    join_all(fibers, NARROW);
    weft_sim_faults(0);
    WEFT_SIM_CHECK(mixed.sent == mixed.received);
    weft_chan_free(mixed.chan);
    for (int i = 0; i < 2; i++)
        WEFT_SIM_CHECK(!wf_sys_close(mixed.ends[i]));
}

static void
select_on_fiber(void *arg)
{
    (void)arg;
    select_all();
}

/* ---- timers ---- */

#define TIMERS 4

struct alarm {
    uint64_t first_ns, period_ns;
    int runs;
    bool runs_now, stopped;
};

static struct alarm left;

static void
ring(void *arg)
{
    struct alarm *alarm = arg;
    uint64_t now = weft_now_ns();
    WEFT_SIM_CHECK(now >= alarm->first_ns && !alarm->stopped);
    if (alarm->runs++ == 0)
        WEFT_SIM_CHECK(now < alarm->first_ns + SLACK_NS);
    alarm->runs_now = true;
    rest();
    alarm->runs_now = false;
}

static void
timers(void *arg)
{
    static const uint64_t spans[] = {3, 70, 300, 5000, 300000};
    struct alarm alarms[TIMERS];
    weft_timer ids[TIMERS];
    (void)arg;
    memset(alarms, 0, sizeof alarms);
    for (int i = 0; i < TIMERS; i++) {
        uint64_t span = spans[below(sizeof spans / sizeof *spans)] * MS;
        alarms[i].first_ns = weft_now_ns() + below(span);
        alarms[i].period_ns = below(2) ? 0 : 1 + below(5 * MS);
        WEFT_SIM_CHECK(!weft_timer_start(ring, &alarms[i], alarms[i].first_ns,
                                         alarms[i].period_ns, &ids[i]));
    }
    (void)weft_sleep_ms((int64_t)below(100));
    for (int i = 0; i < TIMERS; i++) {
        uint64_t begun = weft_now_ns();
        weft_timer_stop(ids[i]);
        alarms[i].stopped = true;
        WEFT_SIM_CHECK(!alarms[i].runs_now);
        WEFT_SIM_CHECK(weft_now_ns() - begun < SLACK_NS);
        WEFT_SIM_CHECK(alarms[i].runs ||
                       weft_now_ns() < alarms[i].first_ns + SLACK_NS);
    }
    (void)weft_sleep_ms(20);
    /* The last timer stays, for the stop of the runtime. */
    left.first_ns = weft_now_ns() + below(5 * MS);
    WEFT_SIM_CHECK(!weft_timer_start(ring, &left, left.first_ns,
                                     below(2) * 50 * MS, NULL));
}

/* ---- functions that block ---- */

#define BLOCKING 2 /* threads at most */
#define JOBS 8

struct job {
    bool ran, ended, withdrawn;
};

static int busy;
static struct weft_sem inner;

static void
work(void *arg)
{
    struct job *job = arg;
    WEFT_SIM_CHECK(!job->withdrawn);
    job->ran = true;
    WEFT_SIM_CHECK(++busy <= BLOCKING);
    for (uint64_t i = below(20); i > 0; i--)
        weft_fiber_yield(); /* on a plain thread this lets other threads run */
    for (uint64_t i = below(4) ? 0 : below(150000); i > 0; i--)
        (void)weft_now_ns();
    busy--;
    job->ended = true;
}

static void
give_inner(void *arg)
{
    (void)arg;
    weft_sem_give(&inner, 1);
}

static void
block_inside(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_blocking(give_inner, NULL));
}

/* A blocking function that waits for a fiber. This fiber calls weft_blocking,
 * too. */
static void
nest(void *arg)
{
    weft_fiber fiber = start(block_inside, NULL);
    (void)arg;
    WEFT_SIM_CHECK(!weft_sem_take(&inner));
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
}

static void
block(void *arg)
{
    struct job *job = arg;
    uint64_t deadline = below(2) ? WEFT_NEVER : weft_now_ns() + below(MS / 10);
    uint64_t begun = weft_now_ns();
    weft_err err = weft_blocking_until(work, job, deadline);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 1000 * (uint64_t)MS);
    if (ended_well(err, deadline))
        WEFT_SIM_CHECK(job->ended);
    else
        WEFT_SIM_CHECK(!job->ran && (job->withdrawn = true));
    rest();
    if (below(2))
        WEFT_SIM_CHECK(!weft_blocking(nest, NULL));
    if (below(8) > 0)
        return;
    /* Call when an idle thread is about to end. */
    uint64_t at = weft_now_ns() + 10000 * (uint64_t)MS - below(20000);
    (void)weft_sleep_until(at - 3 * MS);
    while (weft_now_ns() < at)
        ;
    struct job last = {0};
    WEFT_SIM_CHECK(!weft_blocking(work, &last) && last.ended);
}

static void
jobs(void *arg)
{
    static struct job all[JOBS];
    weft_fiber fibers[JOBS];
    (void)arg;
    for (int i = 0; i < JOBS; i++)
        fibers[i] = start(block, &all[i]);
    join_all(fibers, JOBS);
    (void)weft_sleep_ms(5); /* by then the threads are idle */
    uint64_t begun = weft_now_ns();
    struct job last = {0};
    WEFT_SIM_CHECK(!weft_blocking(work, &last));
    WEFT_SIM_CHECK(weft_now_ns() - begun < 1000 * (uint64_t)MS);
}

/* ---- fibers that have ended, and new ones in the same slots ---- */

static bool may_end;

static void
end_at_once(void *arg)
{
    (void)arg;
    rest();
}

static void
live_on(void *arg)
{
    (void)arg;
    while (!may_end)
        (void)weft_sleep_ms(10);
}

static void
joins(void *arg)
{
    weft_fiber old[8], young[8];
    (void)arg;
    start_all(end_at_once, NULL, old, 8);
    join_all(old, 8);
    start_all(live_on, NULL, young, 8);
    rest();
    for (int i = 0; i < 8; i++) {
        weft_fiber_cancel(old[i]); /* must not cancel a young one */
        WEFT_SIM_CHECK(!weft_fiber_join_until(old[i], soon()));
    }
    may_end = true;
    join_all(young, 8);
}

/* ---- two fibers that wake each other, and many other fibers ---- */

static struct {
    struct weft_sem sides[2];
    int bats, most, passed;
    bool seen;
} table;

static void
bat(void *arg)
{
    int side = (int)(intptr_t)arg;
    while (!table.seen && table.bats++ < table.most) {
        weft_sem_give(&table.sides[!side], 1);
        WEFT_SIM_CHECK(!weft_sem_take(&table.sides[side]));
    }
    table.seen = true;
    weft_sem_give(&table.sides[!side], 1);
}

static void
pass_by(void *arg)
{
    (void)arg;
    table.passed++;
}

static void
play(void *arg)
{
    enum { MANY = 300 };
    weft_fiber fibers[MANY], bats[2];
    int n = below(4) ? 8 : MANY;
    (void)arg;
    table.most = 1000 + 40 * n;
    bats[0] = start(bat, (void *)(intptr_t)0);
    bats[1] = start(bat, (void *)(intptr_t)1);
    start_all(pass_by, NULL, fibers, n);
    join_all(fibers, n);
    WEFT_SIM_CHECK(table.passed == n);
    if (weft_runtime_workers() == 1) /* with more workers the bats may have a
                                      * worker of their own */
        WEFT_SIM_CHECK(table.bats < table.most);
    table.seen = true;
    join_all(bats, 2);
}

/* ---- one run ---- */

static void
be_host(void *arg)
{
    static void (*const parts[])(void *) = {channels, timers, jobs,
                                            joins,    play,   select_on_fiber};
    const int n = sizeof parts / sizeof *parts;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)below(4), .max_blocking = BLOCKING};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int i = 0; i < n; i++)
        (void)start(parts[i], NULL);
    WEFT_SIM_CHECK(!weft_runtime_stop()); /* waits for all fibers */
    WEFT_SIM_CHECK(may_end && table.seen);
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
        .name = "waits",
        .set_up = set_up,
        .limit_ns = 100 * (uint64_t)1000 * MS};
    return weft_sim_main(argc, argv, &scenario);
}
