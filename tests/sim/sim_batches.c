/* SPDX-License-Identifier: MIT */
/*
 * Calls that share a connection, and what is left when one of them, or the
 * connection, ends. Handlers yield, wait, detach, or make a result that cannot
 * be written; the other calls of the connection get their own replies. A
 * connection runs no more calls than its limit. If a server of HTTP ends a
 * connection, each later call of the connection is sent again. A client that is
 * freed first sends its oneway calls, also those on a connection that it has
 * given up. A call that a full queue refuses spoils no other call, in no
 * dialect. A stop does not wait for ever for a peer that does not read.
 */
#include "ledger_answers.h"

#include "fibers.h"
#include "frames.h"

#include "../service/dialects.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include <string.h>

#define CALLERS 8
#define CALLS 10
#define MOST 3 /* calls of a connection */
#define N_NOTES 60
#define PAD 400 /* bytes that a header adds to a note */
#define STOP_MS 2000
#define TEXT 3000 /* bytes of an echo */
#define WORD 30

static enum part {
    MIXED,  /* calls of all methods at once */
    LAST,   /* a server that answers one request of each connection */
    NOTES,  /* oneway calls over HTTP to a slow server */
    SILENT, /* oneway calls to a server that stands still for a while */
    FULL,   /* in any dialect, more bytes than the client may queue */
    LAZY,   /* a peer that reads no replies while the server stops */
    PARTS,
} part;

static weft_sim_host server_host, client_host;
static int running;         /* handlers of calls that have not ended */
static int sent, notes;     /* oneway calls, and those that were handled */
static bool unlimited;      /* of MIXED: two connections without limits */
static bool asked, stopped; /* of LAZY */
static bool frozen;         /* of SILENT */

/* ---- handlers ---- */

static void
enter(void)
{
    running++;
    WEFT_SIM_CHECK(part != MIXED || unlimited || running <= MOST);
}

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    enter();
    result->success = args->number;
    for (uint64_t i = below(4); i > 0; i--)
        weft_fiber_yield();
    running--;
    return WEFT_OK;
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    enter();
    result->success = args->number;
    (void)weft_sleep_ms(args->ms);
    running--;
    return WEFT_OK;
}

static void
finish_later(void *arg)
{
    rest();
    running--;
    weft_call_finish(arg, WEFT_OK);
}

static weft_err
later(struct weft_call *call, const struct ledger_later_args *args,
      struct ledger_later_result *result)
{
    enter();
    result->success = args->number;
    rest();
    weft_call_detach(call);
    (void)start(finish_later, call);
    rest();
    return WEFT_OK;
}

static weft_err
note(struct weft_call *call, const struct ledger_note_args *args)
{
    (void)call;
    (void)args;
    if (part == NOTES && below(2))
        (void)weft_sleep_ms(1);
    notes++;
    return WEFT_OK;
}

/* If the pair is not whole, its first string can be written, and the rest
 * cannot. */
static weft_err
pair(struct weft_call *call, const struct ledger_pair_args *args,
     struct ledger_pair_result *result)
{
    enter();
    size_t n = 1 + below(below(2) ? 100 : 30000);
    char *first = weft_arena_alloc(weft_call_arena(call), n);
    WEFT_SIM_CHECK(first);
    memset(first, '1', n);
    result->success.first = (struct weft_str){first, (uint32_t)n};
    struct ledger_Text *text =
        weft_arena_zalloc(weft_call_arena(call), sizeof *text);
    WEFT_SIM_CHECK(text);
    if (args->whole)
        text->text = weft_str_of("rest");
    result->success.rest.items = text;
    result->success.rest.len = 1;
    rest();
    running--;
    return WEFT_OK;
}

static weft_err
echo(struct weft_call *call, const struct ledger_echo_args *args,
     struct ledger_echo_result *result)
{
    (void)call;
    result->success = args->text;
    return WEFT_OK;
}

/* ---- the server ---- */

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run,
                                                       .slow = slow,
                                                       .later = later,
                                                       .large = answer_large,
                                                       .note = note,
                                                       .pair = pair,
                                                       .echo = echo};
    const struct weft_server_options limits = {
        .max_calls_per_connection = part == MIXED && !unlimited ? MOST : 0};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    struct weft_server *server;
    struct weft_server_stats stats;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(&limits, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    if (part == LAZY)
        while (!asked)
            (void)weft_sleep_ms(10);
    else
        weft_sim_wait_for_others();
    if (part == NOTES || part == SILENT)
        (void)weft_sleep_ms(1000);
    if (notes != sent)
        weft_sim_fail("%d of %d notes were handled", notes, sent);
    weft_server_get_stats(server, &stats);
    WEFT_SIM_CHECK(!stats.calls_in_flight && !running);
    uint64_t until = weft_after_ms(STOP_MS);
    WEFT_SIM_CHECK(!weft_server_stop_until(server, until));
    WEFT_SIM_CHECK(weft_now_ns() < until + 2 * SLACK_NS);
    stopped = true;
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- calls of all methods ---- */

static void
ask_run(struct weft_client *client, int64_t number)
{
    struct ledger_run_args args = {.number = number};
    struct ledger_run_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, NULL);
    WEFT_SIM_CHECK(!err && result.success == number);
    weft_arena_fini(&arena);
}

static weft_err
ask_slow(struct weft_client *client, int32_t ms, uint64_t deadline_ns)
{
    struct ledger_slow_args args = {.number = ms, .ms = ms};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {.deadline_ns = deadline_ns};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(err || result.success == ms);
    weft_arena_fini(&arena);
    return err;
}

static void
ask_later(struct weft_client *client, int64_t number)
{
    struct ledger_later_args args = {.number = number};
    struct ledger_later_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_later(client, &arena, &args, &result, NULL);
    WEFT_SIM_CHECK(!err && result.success == number);
    weft_arena_fini(&arena);
}

static void
ask_pair(struct weft_client *client, bool whole)
{
    struct ledger_pair_args args = {.number = 1, .whole = whole};
    struct ledger_pair_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_pair(client, &arena, &args, &result, NULL);
    if (err != (whole ? WEFT_OK : WEFT_EREQUIRED - WEFT_PEER))
        weft_sim_fail("a pair: %s", weft_err_text(err));
    if (!err)
        WEFT_SIM_CHECK(result.success.rest.len == 1 &&
                       weft_str_eq(result.success.rest.items[0].text,
                                   weft_str_of("rest")));
    weft_arena_fini(&arena);
}

static void
call_all(void *arg)
{
    for (int i = 0; i < CALLS; i++) {
        switch (below(4)) {
        case 0:
            ask_run(arg, i);
            break;
        case 1:
            WEFT_SIM_CHECK(!ask_slow(arg, (int32_t)below(3), 0));
            break;
        case 2:
            ask_later(arg, i);
            break;
        default:
            ask_pair(arg, below(2));
        }
        if (below(4) == 0)
            rest();
    }
}

/* A reply to the server: the server cannot answer, and ends the connection. */
static void
send_reply(void)
{
    uint8_t frame[FRAME_MAX];
    struct weft_conn *conn = NULL;
    size_t n = put_frame(frame, "slow", 1, 1);
    frame[7] = 2;
    WEFT_SIM_CHECK(
        !weft_dial_until("server:9090", NULL, weft_after_ms(2000), &conn));
    WEFT_SIM_CHECK(!weft_conn_write(conn, frame, n) && !weft_conn_flush(conn));
    weft_err err = weft_conn_wait_until(conn, 1, weft_after_ms(1000));
    WEFT_SIM_CHECK(err && err != WEFT_ETIMEOUT);
    weft_conn_close(conn);
}

static void
mix(void)
{
    struct weft_client *clients[2];
    weft_fiber fibers[2 * CALLERS];
    int n = 1 + unlimited;
    for (int i = 0; i < n; i++) {
        WEFT_SIM_CHECK(!weft_client_new("server:9090", NULL, &clients[i]));
        start_all(call_all, clients[i], fibers + i * CALLERS, CALLERS);
    }
    join_all(fibers, n * CALLERS);
    for (int i = 0; i < n; i++)
        weft_client_free(clients[i]);
    send_reply();
}

/* ---- a server that ends each connection with its first response ---- */

static void
answer_first(struct weft_conn *conn, void *user)
{
    static const char response[] = "HTTP/1.1 500 no\r\nConnection: close\r\n"
                                   "Content-Length: 0\r\n\r\n";
    (void)user;
    WEFT_SIM_CHECK(!weft_conn_skip(conn, weft_conn_len(conn)));
    if (weft_conn_user(conn))
        return;
    weft_conn_set_user(conn, conn);
    (void)weft_sleep_ms((int64_t)below(10));
    (void)!weft_conn_write(conn, response, sizeof response - 1);
    (void)!weft_conn_flush(conn);
}

static void
call_last(void *arg)
{
    uint64_t begun = weft_now_ns();
    weft_err err = ask_slow(arg, 1, weft_after_ms(5000));
    WEFT_SIM_CHECK(err == WEFT_EHANDLER - WEFT_PEER);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 1000 * (uint64_t)MS);
}

/* All calls are sent before the first response. Each gets a response. */
static void
be_last(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = answer_first};
    const struct weft_client_options options = {.dialect.framing = WEFT_HTTP};
    struct weft_listener *listener;
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_listen(":80", &hooks, NULL, NULL, &listener));
    WEFT_SIM_CHECK(!weft_client_new("client:80", &options, &client));
    start_all(call_last, client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_listener_stop(listener));
    weft_listener_free(listener);
}

/* ---- oneway calls ---- */

/* Send notes. Over HTTP each has a long header. */
static void
send_notes(struct weft_client *client, int n, bool http)
{
    static char pad[PAD];
    memset(pad, 'p', sizeof pad);
    struct weft_header header = {weft_str_of("pad"), {pad, PAD}};
    const struct weft_headers headers = {.items = &header, .len = 1};
    const struct weft_call_options options = {.headers =
                                                  http ? &headers : NULL};
    for (int i = 0; i < n; i++) {
        struct ledger_note_args args = {.number = i};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        weft_err err = ledger_Ledger_note(client, &arena, &args, &options);
        WEFT_SIM_CHECK(!err || err == WEFT_EOVERCROWDED);
        sent += !err;
        weft_arena_fini(&arena);
    }
}

/* The server handles the notes more slowly than they come, and the client's
 * queue may be full. A note that was refused spoils no other call. */
static void
note_over_http(void)
{
    const struct weft_client_options options = {
        .dialect.framing = WEFT_HTTP, .max_queued = below(2) ? 2000 : 0};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    ask_run(client, 1);
    send_notes(client, N_NOTES, true);
    if (below(2)) {
        (void)weft_sleep_ms(500);
        ask_run(client, 2);
    }
    uint64_t begun = weft_now_ns();
    weft_client_free(client);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 900 * (uint64_t)MS);
}

/* A host of its own: the server stands still for a while. */
static void
thaw(void *arg)
{
    (void)arg;
    while (part == SILENT && !frozen)
        (void)weft_sleep_ms(10);
    (void)weft_sleep_ms(200);
    weft_sim_freeze(server_host, false);
}

/* The server stands still. A call times out, so the client gives the connection
 * up, with the notes that are queued. They are sent before the client is freed,
 * and its process may end. */
static void
note_in_silence(void)
{
    const struct weft_client_options options = {.silent_timeout_ms = 20};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    ask_run(client, 1);
    weft_sim_freeze(server_host, true);
    frozen = true;
    send_notes(client, 4000, false);
    WEFT_SIM_CHECK(ask_slow(client, 1, weft_after_ms(40)) == WEFT_ETIMEOUT);
    if (below(2)) /* now over a new connection */
        send_notes(client, 1, false);
    weft_client_free(client);
    if (below(2))
        weft_sim_kill(client_host);
}

/* ---- a queue that is full ---- */

static int echoed;

/* Words that come again and again, so that zlib refers to earlier calls. */
static uint32_t
make_text(char text[TEXT])
{
    uint32_t n = 0;
    for (uint64_t i = 1 + below(TEXT / WORD); i > 0; i--, n += WORD) {
        uint64_t word = below(50);
        for (uint64_t k = 0; k < WORD; k++)
            text[n + k] = (char)('a' + (word * 7 + k * k * (word + 3)) % 26);
    }
    return n;
}

static void
call_echo(void *arg)
{
    char text[TEXT];
    for (int i = 0; i < CALLS; i++) {
        struct ledger_echo_args args = {.text = {text, make_text(text)}};
        struct ledger_echo_result result = {0};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        weft_err err = ledger_Ledger_echo(arg, &arena, &args, &result, NULL);
        if (err ? err != WEFT_EOVERCROWDED
                : !weft_str_eq(result.success, args.text))
            weft_sim_fail("an echo: %s", weft_err_text(err));
        echoed += !err;
        weft_arena_fini(&arena);
        if (err)
            rest();
    }
}

static void
crowd(void)
{
    uint64_t which = below(N_DIALECTS);
    const struct weft_client_options options = {.dialect = dialects[which],
                                                .max_queued = 1 + below(6000)};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    weft_sim_note("a client of dialect %d", (int)which);
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    start_all(call_echo, client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    WEFT_SIM_SOMETIMES("a full queue refuses a call", echoed < CALLERS * CALLS);
    weft_client_free(client);
}

/* ---- a peer that reads no replies ---- */

static void
be_lazy(void)
{
    uint8_t frames[32 * FRAME_MAX];
    struct weft_conn *conn = NULL;
    size_t n = 0;
    for (uint32_t i = 0; i < 32; i++)
        n += put_frame(frames + n, "large", i, 30000);
    WEFT_SIM_CHECK(
        !weft_dial_until("server:9090", NULL, weft_after_ms(2000), &conn));
    WEFT_SIM_CHECK(!weft_conn_write(conn, frames, n) && !weft_conn_flush(conn));
    (void)weft_sleep_ms(50);
    asked = true;
    while (!stopped)
        (void)weft_sleep_ms(10);
    weft_conn_close(conn);
}

/* ---- one run ---- */

static void
be_client(void *arg)
{
    static void (*const parts[PARTS])(void) = {[MIXED] = mix,
                                               [LAST] = be_last,
                                               [NOTES] = note_over_http,
                                               [SILENT] = note_in_silence,
                                               [FULL] = crowd,
                                               [LAZY] = be_lazy};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(10); /* by then the server listens */
    parts[part]();
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)below(PARTS);
    unlimited = below(2);
    server_host = weft_sim_host_new("server", serve, NULL);
    client_host = weft_sim_host_new("client", be_client, NULL);
    weft_sim_host_new("sun", thaw, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "batches",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
