/* SPDX-License-Identifier: MIT */
/*
 * Connections that are idle, or whose peer is silent. A client does not call
 * over a connection that has ended or was idle for too long (row 90 of
 * docs/threats.md). A server does not close a connection on which a request has
 * arrived. A silent connection is replaced, and ends with its last call. One
 * on which some calls are answered is not silent.
 */
#include "fibers.h"
#include "ledger_serve.h"

#include <weft/rpc.h>

#include "base/base.h"

#define SECOND (1000 * (uint64_t)MS)
#define TIMES 12
#define SERVER_IDLE 40 /* ms; checked each 10 ms */
#define CLIENT_IDLE 300
#define SILENT_MS 200 /* the limit of silence */

static enum part {
    ENDED,  /* the server ends the connection, and the client cannot notice */
    BUSY,   /* a request arrives while the server is too busy to read it */
    IDLE,   /* the client has an idle limit of its own */
    SILENT, /* the server stands still, and later answers an earlier call */
    PARTS,
} part;

static struct weft_server *server;

/* The server's statistics when it ran the last call. */
static struct weft_server_stats stats;

/* ---- the server ---- */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    weft_server_get_stats(server, &stats);
    result->success = args->number;
    return WEFT_OK;
}

/* The thread sleeps, and the host has only one worker, so nothing else runs on
 * the host. */
static void
hold(uint64_t ms)
{
    for (; ms > 0; ms--)
        wf_sys_nap();
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    result->success = args->number;
    if (part == SILENT)
        return weft_sleep_ms(args->ms);
    hold((uint64_t)args->ms);
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run,
                                                       .slow = slow};
    const struct weft_server_options limits = {
        .idle_timeout_ms = part == ENDED || part == BUSY ? SERVER_IDLE : 0};
    const struct weft_runtime_options options = {
        .workers = part == BUSY ? 1 : 1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    serve_shown(&limits, &table, &server);
}

/* ---- the client ---- */

static weft_err
ask(struct weft_client *client, uint32_t timeout_ms)
{
    struct ledger_run_args args = {.number = 1};
    struct ledger_run_result result = {0};
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_after_ms(timeout_ms)};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    weft_arena_fini(&arena);
    return err;
}

static weft_err
ask_slow(struct weft_client *client, int32_t ms, uint32_t timeout_ms)
{
    struct ledger_slow_args args = {.number = 1, .ms = ms};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_after_ms(timeout_ms)};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    weft_arena_fini(&arena);
    return err;
}

/* The connection ends long before the next call, and the worker does not poll
 * in between. */
static void
call_after_the_end(void *arg)
{
    for (int i = 0; i < TIMES; i++) {
        WEFT_SIM_CHECK(!ask(arg, 5000));
        hold(2 * SERVER_IDLE + below(20));
    }
}

/* Other calls keep the server busy. A call may fail at once, because its
 * connection ended before the request arrived. But the server must not close a
 * connection on which a request has arrived. */
static void
call_when_idle(void *arg)
{
    for (int i = 0; i < 4 * TIMES; i++) {
        (void)weft_sleep_ms((int64_t)(SERVER_IDLE - 5 + below(20)));
        uint64_t begun = weft_now_ns();
        weft_err err = ask(arg, 5000);
        WEFT_SIM_CHECK(!err || err == WEFT_EBROKEN);
        if (err && weft_now_ns() - begun > 2 * MS)
            weft_sim_fail("a connection was closed over its request");
    }
}

static bool over;

static void
keep_busy(void *arg)
{
    while (!over)
        WEFT_SIM_CHECK(!ask_slow(arg, 3 + (int32_t)below(10), 10000));
}

/* Two callers keep the server busy in turn: while it runs the call of one, the
 * call of the other arrives. So between two calls it polls only once, and fires
 * its timers. */
static void
call_a_busy_server(struct weft_client *client, struct weft_client *other[2])
{
    const struct weft_sim_link constant = {
        .min_ns = 20000, .mean_ns = 20000, .latency = WEFT_SIM_CONSTANT};
    weft_sim_link(&constant);
    weft_fiber busy[2] = {start(keep_busy, other[0]),
                          start(keep_busy, other[1])};
    WEFT_SIM_CHECK(!weft_fiber_join(start(call_when_idle, client)));
    over = true;
    join_all(busy, 2);
}

/* Call after pauses. After a short pause the connection is used again; after a
 * long one it is replaced. */
static void
call_now_and_then(struct weft_client *client)
{
    uint64_t n = 1;
    WEFT_SIM_CHECK(!ask(client, 5000));
    for (int i = 0; i < TIMES; i++) {
        bool too_long = below(2);
        (void)weft_sleep_ms(too_long ? CLIENT_IDLE + 50 : CLIENT_IDLE - 50);
        WEFT_SIM_CHECK(!ask(client, 5000));
        n += too_long;
        WEFT_SIM_CHECK(stats.accepted == n);
    }
}

static void
call_for_long(void *arg)
{
    WEFT_SIM_CHECK(!ask_slow(arg, 2500, 10000));
}

/* Calls miss their deadlines for longer than the limit of silence, but between
 * them the server answers other calls. So the connection stays. */
static void
keep_talking(struct weft_client *client)
{
    struct weft_client_stats before, after;
    weft_client_get_stats(client, &before);
    for (uint32_t i = 0; i < 3 * SILENT_MS / 20; i++) {
        WEFT_SIM_CHECK(ask_slow(client, 1000, 20) == WEFT_ETIMEOUT);
        WEFT_SIM_CHECK(!ask(client, 5000));
    }
    weft_client_get_stats(client, &after);
    WEFT_SIM_CHECK(after.replaced == before.replaced);
}

/* The server is frozen from 1 s to 2 s. Its kernel is not, so the client gets a
 * new connection. */
static void
replace_silent(struct weft_client *client)
{
    WEFT_SIM_CHECK(!ask(client, 5000));
    while (weft_sim_now_ns() < 900 * (uint64_t)MS)
        (void)weft_sleep_ms(1);
    weft_fiber fiber = start(call_for_long, client);
    while (weft_sim_now_ns() < 1600 * (uint64_t)MS)
        if (ask(client, 20 + (uint32_t)below(50)))
            (void)weft_sleep_ms((int64_t)below(20));
    while (weft_sim_now_ns() < 2500 * (uint64_t)MS)
        (void)ask(client, 5000);
    WEFT_SIM_CHECK(stats.connections == 2);
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    (void)weft_sleep_ms(100);
    WEFT_SIM_CHECK(!ask(client, 5000));
    WEFT_SIM_CHECK(stats.connections == 1);
    keep_talking(client);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {
        .workers = part == ENDED ? 1 : 1 + (uint32_t)below(3)};
    const struct weft_client_options limits = {
        .idle_timeout_ms = part == IDLE ? CLIENT_IDLE : 0,
        .silent_timeout_ms = part == SILENT ? SILENT_MS : 0};
    struct weft_client *client, *other[2];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &limits, &client));
    for (int i = 0; i < 2; i++)
        WEFT_SIM_CHECK(!weft_client_new("server:9090", &limits, &other[i]));
    (void)weft_sleep_ms(10); /* by then the server listens */
    switch (part) {
    case ENDED:
        WEFT_SIM_CHECK(!weft_fiber_join(start(call_after_the_end, client)));
        break;
    case BUSY:
        call_a_busy_server(client, other);
        break;
    case IDLE:
        call_now_and_then(client);
        break;
    default:
        replace_silent(client);
    }
    weft_client_free(client);
    for (int i = 0; i < 2; i++)
        weft_client_free(other[i]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)below(PARTS);
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
    if (part == SILENT)
        weft_sim_plan("freeze server at 1 s for 1 s");
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "idle",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
