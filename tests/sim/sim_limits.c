/* SPDX-License-Identifier: MIT */
/*
 * One server and two clients with small limits: calls in flight, bytes in
 * queues. Nothing fails here, so each call is answered unless its own deadline
 * passes, and no limit is exceeded. In some runs the server stops while clients
 * call it. Then each call has run and is answered, or neither.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/net.h>
#include <weft/rpc.h>

#include <inttypes.h>
#include <string.h>

#define CLIENTS 2
#define CALLERS 6
#define CALLS 15
#define NOTES 150
#define FIRST_NOTE (CLIENTS * CALLERS * CALLS)
#define PER_CONN 3 /* calls in flight, at most */
#define LARGE 200000
#define STOP_NS (150 * (uint64_t)MS) /* more than a handler takes */

static struct {
    uint32_t runs[FIRST_NOTE + CLIENTS * NOTES];
    bool answered[FIRST_NOTE], ended[FIRST_NOTE];
    bool sent[FIRST_NOTE + CLIENTS * NOTES]; /* notes that returned OK */
    uint32_t running;                        /* handlers that run now */
    bool stops_early;
    bool stopped;
} book;

/* ---- the server ---- */

static void
begin(int64_t number)
{
    book.runs[number]++;
    WEFT_SIM_CHECK(++book.running <= CLIENTS * PER_CONN);
}

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    begin(args->number);
    result->success = args->number;
    book.running--;
    return WEFT_OK;
}

static void
finish_later(void *arg)
{
    (void)weft_sleep_ms((int64_t)below(20));
    book.running--;
    weft_call_finish(arg, WEFT_OK);
}

static void
finish_on_thread(void *arg)
{
    if (weft_blocking(finish_later, arg))
        finish_later(arg);
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    begin(args->number);
    result->success = args->number;
    if (below(2)) {
        weft_call_detach(call);
        (void)start(below(2) ? finish_later : finish_on_thread, call);
        return WEFT_OK;
    }
    weft_err err = weft_sleep_ms(args->ms);
    book.running--;
    return err;
}

static weft_err
large(struct weft_call *call, const struct ledger_large_args *args,
      struct ledger_large_result *result)
{
    char *bytes = weft_arena_alloc(weft_call_arena(call), (size_t)args->size);
    begin(args->number);
    memset(bytes, (char)args->number, (size_t)args->size);
    result->success = (struct weft_str){bytes, (uint32_t)args->size};
    book.running--;
    return WEFT_OK;
}

static weft_err
note(struct weft_call *call, const struct ledger_note_args *args)
{
    (void)call;
    begin(args->number);
    book.running--;
    return WEFT_OK;
}

static void
stop(struct weft_server *server)
{
    if (book.stops_early)
        (void)weft_sleep_ms((int64_t)below(100));
    else
        weft_sim_wait_for_others();
    uint64_t begun = weft_now_ns();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    WEFT_SIM_CHECK(weft_now_ns() - begun < STOP_NS || !book.stops_early);
    WEFT_SIM_CHECK(book.running == 0);
    book.stopped = true;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {
        .run = run, .slow = slow, .large = large, .note = note};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    const struct weft_server_options limits = {
        .max_calls_per_connection = PER_CONN, .max_queued = LARGE / 2};
    struct weft_server *server;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(&limits, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    stop(server);
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- clients ---- */

struct caller {
    struct weft_client *client;
    int64_t first;
    bool may_be_refused; /* there are more callers than max_calls */
};

static weft_err
ask(struct weft_client *client, int64_t number, uint64_t deadline_ns)
{
    struct weft_arena arena;
    const struct weft_call_options options = {.deadline_ns = deadline_ns};
    weft_err err;
    weft_arena_init(&arena, 0);
    if (below(3) == 0) {
        struct ledger_slow_args args = {.number = number,
                                        .ms = (int32_t)below(20)};
        struct ledger_slow_result result = {0};
        err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
        WEFT_SIM_CHECK(err || result.success == number);
    } else if (below(3) == 0) {
        struct ledger_large_args args = {.number = number,
                                         .size = 1 + (int32_t)below(LARGE)};
        struct ledger_large_result result = {0};
        err = ledger_Ledger_large(client, &arena, &args, &result, &options);
        WEFT_SIM_CHECK(err ||
                       (result.success.len == (uint32_t)args.size &&
                        result.success.ptr[args.size - 1] == (char)number));
    } else {
        struct ledger_run_args args = {.number = number};
        struct ledger_run_result result = {0};
        err = ledger_Ledger_run(client, &arena, &args, &result, &options);
        WEFT_SIM_CHECK(err || result.success == number);
    }
    weft_arena_fini(&arena);
    return err;
}

/* Fails the run unless the call may end with err. Returns whether the call was
 * answered. */
static bool
may_end_so(const struct caller *c, int64_t number, weft_err err,
           uint64_t deadline_ns)
{
    bool refused = err == WEFT_ETOOMANYCALLS && c->may_be_refused;
    if (!err)
        return true;
    if (err == WEFT_ETIMEOUT)
        return ended_well(err, deadline_ns);
    if (!book.stops_early && !refused)
        weft_sim_fail("call %" PRId64 ": %s", number, weft_err_text(err));
    return false;
}

static void
call(void *arg)
{
    struct caller *c = arg;
    for (int64_t i = c->first; i < c->first + CALLS; i++) {
        bool hurries = !book.stops_early && below(4) == 0;
        uint64_t deadline =
            hurries ? soon() : weft_now_ns() + 30000 * (uint64_t)MS;
        weft_err err = ask(c->client, i, deadline);
        book.answered[i] = may_end_so(c, i, err, deadline);
        book.ended[i] = err != WEFT_ETIMEOUT;
        rest();
    }
}

static weft_err
ask_run(struct weft_client *client, int64_t number)
{
    struct ledger_run_args args = {.number = number};
    struct ledger_run_result result = {0};
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, NULL);
    weft_arena_fini(&arena);
    return err;
}

/* A note that was sent arrives, although its client is freed. */
static void
send_notes(int64_t host)
{
    const int64_t first = FIRST_NOTE + host * NOTES;
    const struct weft_client_options options = {.max_queued = 300};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &options, &client));
    for (int64_t i = first; i < first + NOTES; i++) {
        struct ledger_note_args args = {.number = i};
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        book.sent[i] = !ledger_Ledger_note(client, &arena, &args, NULL);
        weft_arena_fini(&arena);
    }
    (void)weft_sleep_ms(below(2) ? 0 : 500);
    if (below(2)) { /* a refused note does not stay counted */
        (void)weft_sleep_ms(500);
        WEFT_SIM_CHECK(!ask_run(client, host * CALLERS * CALLS));
    }
    weft_client_free(client);
    (void)weft_sleep_ms(1000); /* the server stops when this host ends */
}

static void
be_client(void *arg)
{
    const int64_t host = (int64_t)(intptr_t)arg;
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    const struct weft_client_options limits = {.max_calls =
                                                   4 + (uint32_t)below(4)};
    struct weft_client *client;
    struct caller callers[CALLERS];
    weft_fiber fibers[CALLERS];
    struct weft_conn *idle = NULL;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("server:9090", &limits, &client));
    if (!weft_dial_until("server:9090", NULL, WEFT_NEVER, &idle))
        weft_sim_note("somebody who says nothing");
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){client, (host * CALLERS + i) * CALLS,
                                     limits.max_calls < CALLERS};
        fibers[i] = start(call, &callers[i]);
    }
    join_all(fibers, CALLERS);
    if (!book.stops_early) /* a refused call does not stay counted */
        WEFT_SIM_CHECK(!ask(client, host * CALLERS * CALLS, WEFT_NEVER));
    weft_client_free(client);
    if (!book.stops_early)
        send_notes(host);
    while (book.stops_early && !book.stopped)
        (void)weft_sleep_ms(10);
    if (idle)
        weft_conn_close(idle);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- one run ---- */

static void
set_up(void)
{
    book.stops_early = below(3) == 0;
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("c0", be_client, (void *)(intptr_t)0);
    weft_sim_host_new("c1", be_client, (void *)(intptr_t)1);
}

static void
check(void)
{
    for (int64_t i = 0; i < FIRST_NOTE; i++) {
        /* The first number of each client is used for two more calls. */
        uint32_t most = i % (CALLERS * CALLS) ? 1 : 3;
        bool ran = book.runs[i] > 0;
        if (book.runs[i] > most || (book.answered[i] && !ran) ||
            (book.stops_early && book.ended[i] && ran && !book.answered[i]))
            weft_sim_fail("call %" PRId64 " ran %" PRIu32 " times, answered %d",
                          i, book.runs[i], book.answered[i]);
    }
    for (int64_t i = FIRST_NOTE; i < FIRST_NOTE + CLIENTS * NOTES; i++)
        if (book.sent[i] != (book.runs[i] == 1))
            weft_sim_fail("note %" PRId64 " ran %" PRIu32 " times, sent %d", i,
                          book.runs[i], book.sent[i]);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {
        .name = "limits", .set_up = set_up, .check = check};
    return weft_sim_main(argc, argv, &scenario);
}
