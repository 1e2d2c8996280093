/* SPDX-License-Identifier: MIT */
/*
 * When one thing ends, other things must not end with it: a peer that ends its
 * side still gets its replies; after a reply that is too large the other calls
 * go on; when a connection is reset, its calls that have not begun never begin;
 * the runtime of a client stops and starts again.
 */
#include "ledger.h"
#include "ledger_serve.h"

#include "fibers.h"
#include "frames.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include "base/base.h"

#define SECOND (1000 * (uint64_t)MS)
#define CALLS 6
#define ROUNDS 6
#define LIMIT 50000 /* bytes of a reply, at most */
#define HOLD_MS 30

static enum part {
    HALF,  /* the peer ends its side */
    RESET, /* the peer resets the connection */
    LARGE, /* a reply is too large */
    AGAIN, /* the client's runtime starts again */
    PARTS,
} part;

static uint64_t reset_ns; /* in the time of the run; 0: no reset yet */

/* ---- the server ---- */

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    result->success = args->number;
    if (part != RESET)
        return weft_sleep_ms(args->ms);
    /* The reset takes some time to arrive. The server notices it when it polls,
     * or when it writes the reply of the call before. */
    if (reset_ns && weft_sim_now_ns() > reset_ns + HOLD_MS * MS / 2)
        weft_sim_fail("a call of a dead connection has begun");
    for (int i = 0; i < HOLD_MS; i++)
        wf_sys_nap(); /* keeps the worker busy */
    return WEFT_OK;
}

static weft_err
large(struct weft_call *call, const struct ledger_large_args *args,
      struct ledger_large_result *result)
{
    char *bytes = weft_arena_alloc(weft_call_arena(call), (size_t)args->size);
    memset(bytes, 'a', (size_t)args->size);
    result->success = (struct weft_str){bytes, (uint32_t)args->size};
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.slow = slow,
                                                       .large = large};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    serve_for_others(NULL, &table);
}

/* ---- peers that do not use weft's client ---- */

static struct weft_conn *
send_calls(int n)
{
    uint8_t frames[CALLS * FRAME_MAX];
    struct weft_conn *conn;
    size_t size = 0;
    for (int i = 0; i < n; i++)
        size +=
            put_frame(frames + size, "slow", (uint32_t)i, (int32_t)below(20));
    WEFT_SIM_CHECK(
        !weft_dial_until("server:9090", NULL, weft_now_ns() + SECOND, &conn));
    WEFT_SIM_CHECK(!weft_conn_write(conn, frames, size));
    WEFT_SIM_CHECK(!weft_conn_flush(conn));
    return conn;
}

/* Read replies until the connection ends. Returns how many came. */
static int
take_replies(struct weft_conn *conn)
{
    const uint8_t *head;
    int n = 0;
    uint64_t deadline = weft_now_ns() + 2 * SECOND;
    weft_err err;
    while (!(err = weft_conn_next_until(conn, 4, deadline, &head))) {
        uint32_t size = (uint32_t)head[2] << 8 | head[3];
        WEFT_SIM_CHECK(!weft_conn_skip_until(conn, size, deadline));
        n++;
    }
    WEFT_SIM_CHECK(err == WEFT_EEOF);
    return n;
}

static void
end_own_side(void)
{
    int n = 1 + (int)below(CALLS);
    struct weft_conn *conn = send_calls(n);
    (void)weft_sleep_ms((int64_t)below(4));
    WEFT_SIM_CHECK(!weft_conn_end(conn));
    int got = take_replies(conn);
    if (got != n)
        weft_sim_fail("%d of %d replies came", got, n);
    weft_conn_close(conn);
}

static void
reset_own_calls(void)
{
    reset_ns = 0;
    struct weft_conn *conn = send_calls(CALLS);
    (void)weft_sleep_ms((int64_t)below(10));
    weft_conn_abort(conn);
    reset_ns = weft_sim_now_ns();
    (void)weft_sleep_ms((CALLS + 1) * HOLD_MS);
}

/* ---- a weft client ---- */

static weft_err
ask_slow(struct weft_client *client)
{
    struct ledger_slow_args args = {.number = 1, .ms = (int32_t)below(20)};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_after_ms(3000)};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(err || result.success == 1);
    weft_arena_fini(&arena);
    return err;
}

static void
must_answer(void *arg)
{
    WEFT_SIM_CHECK(!ask_slow(arg));
}

static void
must_be_too_large(struct weft_client *client)
{
    struct ledger_large_args args = {.size = LIMIT + (int32_t)below(LIMIT)};
    struct ledger_large_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    WEFT_SIM_CHECK(ledger_Ledger_large(client, &arena, &args, &result, NULL) ==
                   WEFT_ETOOBIG);
    weft_arena_fini(&arena);
}

static void
ask_for_too_much(void)
{
    const struct weft_client_options options = {.limits.message_size = LIMIT};
    struct weft_client *client;
    struct weft_client_stats stats;
    weft_fiber fibers[CALLS];
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    for (int i = 0; i < ROUNDS; i++) {
        start_all(must_answer, client, fibers, CALLS);
        must_be_too_large(client);
        join_all(fibers, CALLS);
    }
    weft_client_get_stats(client, &stats);
    WEFT_SIM_CHECK(stats.connects == 1);
    weft_client_free(client);
}

/* The first call starts a runtime. The client lives longer than this
 * runtime. */
static void
start_again(void)
{
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    for (int i = 0; i < ROUNDS; i++) {
        const struct weft_runtime_options options = {
            .workers = 1 + (uint32_t)below(3)};
        if (below(2))
            WEFT_SIM_CHECK(!weft_runtime_start(&options));
        must_answer(client);
        must_answer(client);
        WEFT_SIM_CHECK(!weft_runtime_stop());
    }
    weft_client_free(client);
}

static void
be_client(void *arg)
{
    (void)arg;
    (void)weft_sleep_ms(10); /* by then the server listens */
    if (part == LARGE)
        ask_for_too_much();
    else if (part == AGAIN)
        start_again();
    else
        for (int i = 0; i < ROUNDS; i++)
            part == HALF ? end_own_side() : reset_own_calls();
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)below(PARTS);
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "ends",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
