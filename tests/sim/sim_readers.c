/* SPDX-License-Identifier: MIT */
/*
 * Peers that read slowly, in steps, or not at all. A writer continues as soon
 * as there is room, while the peer reads at all. It keeps no more bytes for the
 * peer than its limit, and is told when the connection fails.
 */
#include "ledger.h"

#include "fibers.h"
#include "frames.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include <errno.h>
#include <string.h>

#define SECOND (1000 * (uint64_t)MS)
#define LARGE 60000
#define CALLS 40
#define MORE_CALLS 20
/* The most calls that run while the peer reads nothing: their replies are
 * queued, or fit into the kernels' buffers. */
#define MOST 25
#define STREAMS 3
#define ROUNDS 30
#define FLOOD_END 100 /* ms: when the flood ends */

static enum part {
    STEPS,   /* the peer reads all, but only from time to time */
    STEADY,  /* the peer reads slowly, but all the time */
    SILENT,  /* the peer makes many calls, and reads nothing */
    ABORTED, /* the peer reads nothing, until the writer's side aborts */
    STARVED, /* the reader has no memory */
    PARTS,
} part;

static weft_sim_host server_host, client_host;
static uint32_t runs;
static bool is_full; /* no more replies fit into the connection */

/* The write time-out ends no connection of a peer that reads too little. */
static const struct weft_conn_options patient = {.write_timeout_ms = WEFT_NONE,
                                                 .max_queued = 50000};

static uint8_t
byte_at(size_t place)
{
    return (uint8_t)(place * 31 + (place >> 8) * 7 + (place >> 16));
}

static weft_err
put(struct weft_conn *conn, size_t size)
{
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = byte_at(i);
    weft_err err = weft_conn_write(conn, bytes, size);
    free(bytes);
    return err ? err : weft_conn_flush(conn);
}

/* ---- the server of bytes ---- */

/* Read a size and then that number of bytes, and answer with one byte. */
static void
take_size(struct weft_conn *conn)
{
    const uint8_t *bytes;
    uint32_t size;
    if (weft_conn_next(conn, sizeof size, &bytes))
        return;
    memcpy(&size, bytes, sizeof size);
    while (size > 0) {
        size_t n = 1 + below(50000);
        n = n < size ? n : size;
        if (weft_conn_skip(conn, n))
            return;
        size -= (uint32_t)n;
    }
    WEFT_SIM_CHECK(!put(conn, 1));
}

static void
flood(void *arg)
{
    struct weft_conn *conn = weft_conn_ref(*(weft_connid *)arg);
    weft_err err = conn ? WEFT_OK : WEFT_ECLOSED;
    while (!err)
        err = put(conn, 10000);
    WEFT_SIM_CHECK(err == WEFT_ECLOSED);
    if (conn)
        weft_conn_unref(conn);
}

static void
abort_flood(void *arg)
{
    weft_connid id = *(weft_connid *)arg;
    weft_fiber fiber = start(flood, &id);
    (void)weft_sleep_ms(FLOOD_END);
    struct weft_conn *conn = weft_conn_ref(id);
    WEFT_SIM_CHECK(conn);
    uint64_t begun = weft_now_ns();
    if (conn)
        weft_conn_abort(conn);
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
    WEFT_SIM_CHECK(weft_now_ns() - begun < SLACK_NS);
    if (conn)
        weft_conn_unref(conn);
    free(arg);
}

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)user;
    if (part == STEPS) {
        take_size(conn);
        return;
    }
    WEFT_SIM_CHECK(!weft_conn_skip(conn, 1));
    if (part == STARVED) {
        WEFT_SIM_CHECK(!put(conn, 200000));
        return;
    }
    weft_connid *id = malloc(sizeof *id);
    *id = weft_conn_id(conn);
    (void)start(abort_flood, id);
}

static void
serve_bytes(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    struct weft_listener *listener;
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, &patient, &listener));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_listener_stop(listener));
    weft_listener_free(listener);
}

/* ---- the server of calls ---- */

static weft_err
large(struct weft_call *call, const struct ledger_large_args *args,
      struct ledger_large_result *result)
{
    char *bytes = weft_arena_alloc(weft_call_arena(call), (size_t)args->size);
    runs++;
    memset(bytes, 'a', (size_t)args->size);
    result->success = (struct weft_str){bytes, (uint32_t)args->size};
    return WEFT_OK;
}

/* The server reads no call whose reply would have to wait for long. */
static void
look_at_queue(const struct weft_server *server)
{
    struct weft_server_stats before, after;
    while (!is_full)
        (void)weft_sleep_ms(1);
    weft_server_get_stats(server, &before);
    (void)weft_sleep_ms(400);
    weft_server_get_stats(server, &after);
    if (runs > MOST || after.calls != before.calls)
        weft_sim_fail("%u and then %u calls were read, and %u ran",
                      (unsigned)before.calls,
                      (unsigned)(after.calls - before.calls), (unsigned)runs);
}

static void
serve_calls(void)
{
    static const struct ledger_Ledger_service table = {.large = large};
    const struct weft_server_options options = {
        .write_timeout_ms = part == STEADY ? 1000 : 0, .max_queued = 100000};
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_server_new(&options, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    if (part == SILENT)
        look_at_queue(server);
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
}

static void
serve(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    if (part == STEADY || part == SILENT)
        serve_calls();
    else
        serve_bytes();
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- peers ---- */

static struct weft_conn *
dial(void)
{
    struct weft_conn *conn = NULL;
    weft_err err =
        weft_dial_until("server:7", &patient, weft_now_ns() + SECOND, &conn);
    WEFT_SIM_CHECK(!err);
    return conn;
}

static void
send_on(void *arg)
{
    struct weft_conn *conn = dial();
    (void)arg;
    for (int i = 0; conn && i < ROUNDS; i++) {
        uint32_t size = 1 + (uint32_t)below((uint64_t)1 << below(20));
        WEFT_SIM_CHECK(!weft_conn_write(conn, &size, sizeof size));
        WEFT_SIM_CHECK(!put(conn, size));
        WEFT_SIM_CHECK(!weft_conn_skip_until(conn, 1, weft_after_ms(5000)));
    }
    if (conn)
        weft_conn_close(conn);
}

static void
send_in_steps(void)
{
    weft_fiber fibers[STREAMS];
    weft_sim_faults(WEFT_SIM_STALL);
    start_all(send_on, NULL, fibers, STREAMS);
    join_all(fibers, STREAMS);
    weft_sim_faults(0);
}

static weft_err
ask(struct weft_client *client, int32_t size)
{
    struct ledger_large_args args = {.size = size};
    struct ledger_large_result result = {0};
    const struct weft_call_options options = {.deadline_ns =
                                                  weft_after_ms(60000)};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err =
        ledger_Ledger_large(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(err || result.success.len == (uint32_t)size);
    weft_arena_fini(&arena);
    return err;
}

/* A peer that reads at least 64 KiB a second gets all. One that reads less than
 * 32 KiB a second counts as a peer that reads nothing. The kernel reports that
 * it takes more bytes only when a third of its buffer is free: for a buffer of
 * 256 KiB, that may be after the time-out. */
static void
read_steadily(struct weft_client *client)
{
    bool in_time = below(3) > 0;
    const struct weft_sim_link slow = {
        .bytes_per_s = in_time ? 66000 + below(90000) : 5000 + below(25000)};
    WEFT_SIM_CHECK(!ask(client, 1));
    weft_sim_link_between(server_host, client_host, &slow);
    weft_err err = ask(client, 1000000);
    WEFT_SIM_CHECK(in_time ? !err : err != 0);
    weft_sim_link(&(struct weft_sim_link){0});
}

static void
ask_over(struct weft_conn *conn, uint32_t seq)
{
    uint8_t request[FRAME_MAX];
    size_t size = put_frame(request, "large", seq, LARGE);
    WEFT_SIM_CHECK(!weft_conn_write(conn, request, size));
    WEFT_SIM_CHECK(!weft_conn_flush(conn));
}

/* When no more bytes can be sent, make more calls. */
static void
ask_and_not_read(void)
{
    struct weft_conn *conn;
    WEFT_SIM_CHECK(
        !weft_dial_until("server:9090", &patient, WEFT_NEVER, &conn));
    for (uint32_t i = 0; i < CALLS; i++)
        ask_over(conn, i);
    (void)weft_sleep_ms(500);
    is_full = true;
    (void)weft_sleep_ms(10);
    for (uint32_t i = 0; i < MORE_CALLS; i++) {
        ask_over(conn, CALLS + i);
        (void)weft_sleep_ms(1);
    }
    (void)weft_sleep_ms(500);
    weft_conn_close(conn);
}

/* Without memory a read fails, and may be tried again. */
static void
read_starved(struct weft_conn *conn)
{
    size_t at = 0;
    weft_err err = WEFT_OK;
    WEFT_SIM_CHECK(!put(conn, 1));
    (void)weft_sleep_ms(50);
    weft_sim_faults(WEFT_SIM_NO_MEMORY);
    while (at < 200000 && (!err || err == -ENOMEM)) {
        const uint8_t *bytes;
        size_t n = weft_conn_len(conn);
        if (n == 0) {
            err = weft_conn_wait_until(conn, 1, weft_after_ms(3000));
            if (err == -ENOMEM)
                (void)weft_sleep_ms(1);
            continue;
        }
        err = weft_conn_next(conn, n, &bytes);
        if (err)
            continue;
        for (size_t i = 0; i < n; i++)
            WEFT_SIM_CHECK(bytes[i] == byte_at(at + i));
        at += n;
        weft_conn_release(conn);
    }
    weft_sim_faults(0);
    if (at != 200000)
        weft_sim_fail("%zu bytes have come: %s", at, weft_err_text(err));
    weft_conn_close(conn);
}

static void
read_nothing(struct weft_conn *conn)
{
    WEFT_SIM_CHECK(!put(conn, 1));
    (void)weft_sleep_ms(1000);
    weft_conn_close(conn);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     2 + (uint32_t)below(2)};
    struct weft_client *client;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &client));
    (void)weft_sleep_ms(10); /* by then the server listens */
    switch (part) {
    case STEPS:
        send_in_steps();
        break;
    case STEADY:
        read_steadily(client);
        break;
    case SILENT:
        ask_and_not_read();
        break;
    case STARVED:
        read_starved(dial());
        break;
    default:
        read_nothing(dial());
    }
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)below(PARTS);
    server_host = weft_sim_host_new("server", serve, NULL);
    client_host = weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "readers",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
