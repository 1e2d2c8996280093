/* SPDX-License-Identifier: MIT */
/*
 * The processes of tests/interop/five_servers.
 *
 * five serve ADDRESS LEDGER
 *     A server. It appends the number of each call that it executes to the file
 *     LEDGER; while LEDGER.slow exists, it takes ten times as long.
 * five lie ADDRESS
 *     It answers with bytes that are no reply.
 * five call TARGET DEADLINE_MS ATTEMPT_MS
 *     A call every PERIOD_MS until the input ends; every second one may be
 *     repeated. Prints a line for each call:
 *     NUMBER BEGUN_US TOOK_US LAST_ENDPOINT|- RESULT TEXT
 */
#include "five.h"

#include <weft/fiber.h>
#include <weft/net.h>
#include <weft/upstream.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WORK_MS 40
#define SLOW_MS 400
#define PERIOD_MS 16 /* half of what five servers can */

static int
fail(const char *what, weft_err err)
{
    fprintf(stderr, "five: %s: %s\n", what, weft_err_text(err));
    return 1;
}

/* ---- a server ---- */

struct book {
    struct weft_mutex desk; /* one call at a time */
    int ledger;
    char slow[256]; /* the name of the file */
};

static weft_err
run(struct weft_call *call, const struct five_run_args *args,
    struct five_run_result *result)
{
    struct book *book = weft_call_user(call);
    char line[32];
    int n = snprintf(line, sizeof line, "%" PRId64 "\n", args->number);
    weft_err err = weft_mutex_lock(&book->desk);
    if (err)
        return err;
    if (write(book->ledger, line, (size_t)n) != n)
        abort(); /* a ledger with a gap proves nothing */
    err = weft_sleep_ms(access(book->slow, F_OK) ? WORK_MS : SLOW_MS);
    weft_mutex_unlock(&book->desk);
    result->success = args->number;
    return err;
}

static int
serve(const char *address, const char *ledger)
{
    static const struct five_Five_service table = {.run = run};
    static struct book book;
    struct weft_server *server;
    book.ledger = open(ledger, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (book.ledger < 0)
        return fail(ledger, -errno);
    (void)snprintf(book.slow, sizeof book.slow, "%s.slow", ledger);
    weft_err err = weft_server_new(NULL, &server);
    if (!err)
        err = five_Five_register(server, "Five", &table, &book);
    if (!err)
        err = weft_server_run(server, address);
    if (err)
        return fail(address, err);
    weft_server_free(server);
    return 0;
}

/* ---- a liar ---- */

static void
lie(struct weft_conn *conn, void *user)
{
    static const char no_reply[] = "\0\0\0\x10no reply of any kind";
    const uint8_t *bytes;
    (void)user;
    if (weft_conn_next(conn, weft_conn_len(conn), &bytes) ||
        weft_conn_write(conn, no_reply, sizeof no_reply) ||
        weft_conn_flush(conn))
        weft_conn_close(conn);
}

static void
end(struct weft_conn *conn, weft_err why, void *user)
{
    (void)why;
    (void)user;
    weft_conn_close(conn);
}

static int
be_liar(const char *address)
{
    static const struct weft_conn_hooks hooks = {.on_request = lie,
                                                 .on_close = end};
    struct weft_listener *listener;
    weft_err err = weft_listen(address, &hooks, NULL, NULL, &listener);
    if (err)
        return fail(address, err);
    for (;;)
        (void)pause(); /* until it is killed */
}

/* ---- the client ---- */

struct one_call {
    struct weft_client *client;
    int64_t number;
    uint32_t deadline_ms;
    weft_fiber fiber;
};

static atomic_bool has_ended; /* the input */

static uint64_t
now_us(void) /* the clock of time.time() */
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
call(void *arg)
{
    struct one_call *one = arg;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info = {0};
    const struct weft_call_options options = {
        .deadline_ns = weft_after_ms(one->deadline_ms),
        .info = &info,
        .idempotent = one->number % 2 == 0};
    struct five_run_args args = {.number = one->number};
    struct five_run_result result = {0};
    uint64_t begun = now_us();
    weft_err err = five_Five_run(one->client, &arena, &args, &result, &options);
    uint64_t took = now_us() - begun;
    struct weft_str last = WEFT_STR("-");
    if (info.attempts.len)
        last = info.attempts.items[info.attempts.len - 1].endpoint;
    bool wrong = !err && result.success != one->number;
    printf("%" PRId64 " %" PRIu64 " %" PRIu64 " %.*s %s %.*s\n", one->number,
           begun, took, (int)last.len, last.ptr,
           wrong ? "wrong"
           : err ? weft_err_name(err)
                 : "ok",
           (int)info.text.len, info.text.ptr);
    weft_arena_fini(&arena);
}

/* Begin a call every PERIOD_MS, however long the others take. Each fiber that
 * `calls` still has is joined before its place is used again. */
static weft_err
call_by_the_clock(struct weft_client *client, uint32_t deadline_ms)
{
    enum { CALLS = 4096 };
    static struct one_call calls[CALLS];
    int64_t n = 0;
    for (uint64_t due = weft_now_ns(); !has_ended;
         due += PERIOD_MS * (uint64_t)1000000) {
        struct one_call *one = &calls[n % CALLS];
        (void)weft_sleep_until(due);
        if (n >= CALLS)
            (void)weft_fiber_join(one->fiber);
        *one = (struct one_call){
            .client = client, .number = n++, .deadline_ms = deadline_ms};
        weft_err err = weft_fiber_start(call, one, &one->fiber);
        if (err)
            return err;
    }
    for (int64_t i = n > CALLS ? n - CALLS : 0; i < n; i++)
        (void)weft_fiber_join(calls[i % CALLS].fiber);
    return WEFT_OK;
}

struct caller {
    struct weft_client *client;
    uint32_t deadline_ms;
    weft_err err;
};

static void
begin_calls(void *arg)
{
    struct caller *c = arg;
    c->err = call_by_the_clock(c->client, c->deadline_ms);
}

static int
be_client(const char *target, uint32_t deadline_ms, uint32_t attempt_ms)
{
    const struct weft_upstream_options upstream = {.attempt_timeout_ms =
                                                       attempt_ms,
                                                   .check_ms = 1000,
                                                   .check_failures = 3};
    const struct weft_client_options options = {.upstream = &upstream};
    struct caller c = {.deadline_ms = deadline_ms};
    weft_fiber fiber;
    weft_err err = weft_client_new(target, &options, &c.client);
    if (!err)
        err = weft_fiber_start(begin_calls, &c, &fiber);
    if (err)
        return fail(target, err);
    while (getchar() != EOF)
        ;
    has_ended = true;
    (void)weft_fiber_join(fiber);
    weft_client_free(c.client);
    return c.err ? fail("calls", c.err) : 0;
}

int
main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "serve") == 0)
        return serve(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "lie") == 0)
        return be_liar(argv[2]);
    if (argc == 5 && strcmp(argv[1], "call") == 0)
        return be_client(argv[2], (uint32_t)atoi(argv[3]),
                         (uint32_t)atoi(argv[4]));
    fprintf(stderr, "usage: five serve|lie|call ...\n");
    return 2;
}
