/* SPDX-License-Identifier: MIT */
/*
 * A cancel ends every kind of wait, soon and with its error. It ends no wait of
 * a shielded section, and does not outlive its fiber.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include "base/base.h"

#define ROUNDS 6
#define SHIELD_MS 20

enum how {
    SLEEP,
    SEM,
    JOIN,
    SELECT_CHAN,
    SELECT_FD,
    BLOCKING,
    READ,
    ROOM,
    FD,
    CALL,
    WAITS,
};

/* What the waits wait for. None of it happens. */
static struct {
    struct weft_sem sem;
    struct weft_chan *chan;
    struct weft_conn *reads,
        *writes; /* the peer is silent, and reads nothing */
    struct weft_client *client;
    weft_fiber sleeper; /* ends when all has ended */
    bool over;
} never;

/* ---- the server, which answers nothing ---- */

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return weft_sleep_until(WEFT_NEVER);
}

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)conn;
    (void)user;
    while (!never.over)
        (void)weft_sleep_ms(10);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.slow = slow};
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    const struct weft_server_options options = {.cancel_when_gone = true};
    const struct weft_conn_options little = {.max_input = 100};
    struct weft_listener *listener;
    struct weft_server *server;
    (void)arg;
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, &little, &listener));
    WEFT_SIM_CHECK(!weft_server_new(&options, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- waits ---- */

static weft_err
call_slow(void)
{
    struct ledger_slow_args args = {.number = 1};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {.deadline_ns = WEFT_NEVER};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err =
        ledger_Ledger_slow(never.client, &arena, &args, &result, &options);
    weft_arena_fini(&arena);
    return err;
}

static void
must_not_run(void *arg)
{
    (void)arg;
    weft_sim_fail("a cancelled function has run");
}

/* Send until the queue is full, and then wait for room. */
static weft_err
wait_for_room(void)
{
    static const char bytes[1000];
    weft_err err = WEFT_OK;
    for (int i = 0; i < 20000 && !err; i++) {
        err = weft_conn_write(never.writes, bytes, sizeof bytes);
        if (!err)
            err = weft_conn_flush(never.writes);
    }
    return err;
}

static weft_err
wait_for(enum how how)
{
    int item;
    struct weft_select_case cases[2] = {
        {.kind = WEFT_SELECT_RECV, .chan = never.chan, .item = &item},
        {.kind = WEFT_SELECT_NONE}};
    switch (how) {
    case SLEEP:
        return weft_sleep_ms(1000000);
    case SEM:
        return weft_sem_take(&never.sem);
    case JOIN:
        return weft_fiber_join(never.sleeper);
    case SELECT_FD:
        cases[1] = (struct weft_select_case){.kind = WEFT_SELECT_FD,
                                             .fd = weft_conn_fd(never.reads),
                                             .events = WEFT_FD_READ};
        return weft_select(cases, 2);
    case SELECT_CHAN:
        return weft_select(cases, 2);
    case BLOCKING:
        return weft_blocking(must_not_run, NULL);
    case READ:
        return weft_conn_wait(never.reads, 1);
    case ROOM:
        return wait_for_room();
    case FD:
        return weft_fd_wait(weft_conn_fd(never.reads), WEFT_FD_READ);
    case CALL:
        return call_slow();
    case WAITS:
        break;
    }
    return WEFT_OK;
}

struct waiter {
    enum how how;
    weft_err err;
    uint64_t ended_ns;
};

static void
wait_one(void *arg)
{
    struct waiter *w = arg;
    w->err = wait_for(w->how);
    w->ended_ns = weft_now_ns();
}

static void
must_end(struct waiter *w, weft_fiber fiber, uint64_t cancelled_ns)
{
    uint64_t deadline = cancelled_ns + 2000 * (uint64_t)MS;
    weft_err err = weft_fiber_join_until(fiber, deadline);
    if (err || w->err != WEFT_ECANCEL || w->ended_ns > cancelled_ns + SLACK_NS)
        weft_sim_fail("wait %d: %s, %d ms after its cancel", w->how,
                      weft_err_text(err ? err : w->err),
                      err ? -1 : (int)((w->ended_ns - cancelled_ns) / MS));
}

static void
must_not_be_cancelled(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_fiber_cancelled());
    WEFT_SIM_CHECK(!weft_sleep_ms(1));
}

static void
cancel_all(void)
{
    struct waiter waiters[WAITS];
    weft_fiber fibers[WAITS];
    uint64_t at[WAITS];
    for (int i = 0; i < WAITS; i++) {
        waiters[i] = (struct waiter){.how = (enum how)i};
        fibers[i] = start(wait_one, &waiters[i]);
    }
    if (below(4))
        (void)weft_sleep_ms((int64_t)below(10));
    for (int i = 0; i < WAITS; i++) {
        at[i] = weft_now_ns();
        weft_fiber_cancel(fibers[i]);
        rest();
    }
    for (int i = 0; i < WAITS; i++)
        must_end(&waiters[i], fibers[i], at[i]);
    start_all(must_not_be_cancelled, NULL, fibers, WAITS);
    join_all(fibers, WAITS);
}

/* ---- shields ---- */

static void
wait_shielded(void *arg)
{
    uint64_t deadline = weft_now_ns() + SHIELD_MS * MS;
    (void)arg;
    weft_shield_begin();
    weft_err err = weft_sem_take_until(&never.sem, deadline);
    WEFT_SIM_CHECK(!ended_well(err, deadline));
    weft_shield_end();
    WEFT_SIM_CHECK(weft_fiber_cancelled());
    WEFT_SIM_CHECK(weft_sem_take(&never.sem) == WEFT_ECANCEL);
}

static void
shield(void)
{
    weft_fiber fiber = start(wait_shielded, NULL);
    (void)weft_sleep_ms((int64_t)below(SHIELD_MS / 2));
    weft_fiber_cancel(fiber);
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
}

/* ---- one run ---- */

static void
sleep_on(void *arg)
{
    (void)arg;
    while (!never.over)
        (void)weft_sleep_ms(10);
}

/* Keep the only thread of weft_blocking at work. */
static void
hold_thread(void *arg)
{
    (void)arg;
    while (!never.over)
        wf_sys_nap();
}

static void
hold_pool(void *arg)
{
    WEFT_SIM_CHECK(!weft_blocking(hold_thread, arg));
}

static struct weft_conn *
dial(void)
{
    const struct weft_conn_options options = {.max_queued = 3000,
                                              .write_timeout_ms = WEFT_NONE};
    struct weft_conn *conn = NULL;
    WEFT_SIM_CHECK(
        !weft_dial_until("server:7", &options, weft_after_ms(2000), &conn));
    return conn;
}

static void
cancel_waits(void *arg)
{
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        cancel_all();
        shield();
    }
    /* ends before its deadline only if the kernel has taken all bytes */
    uint64_t deadline = soon();
    (void)ended_well(weft_conn_flush_until(never.writes, deadline), deadline);
    /* The only thread is at work, so this function is late, but not refused. */
    deadline = weft_after_ms(3500);
    WEFT_SIM_CHECK(!ended_well(
        weft_blocking_until(must_not_run, NULL, deadline), deadline));
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)below(3), .max_blocking = 1};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(10); /* by then the server listens */
    never.sleeper = start(sleep_on, NULL);
    weft_fiber pool = start(hold_pool, NULL);
    WEFT_SIM_CHECK(!weft_chan_new(sizeof(int), 0, &never.chan));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &never.client));
    never.reads = dial();
    never.writes = dial();
    WEFT_SIM_CHECK(!weft_fiber_join(start(cancel_waits, NULL)));
    never.over = true;
    WEFT_SIM_CHECK(!weft_fiber_join(pool));
    WEFT_SIM_CHECK(!weft_fiber_join(never.sleeper));
    weft_client_free(never.client);
    weft_conn_close(never.reads);
    weft_conn_abort(never.writes);
    weft_chan_free(never.chan);
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
    static const struct weft_sim_scenario scenario = {.name = "cancels",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
