/* SPDX-License-Identifier: MIT */
/*
 * Attacks the proofs in rpc/client_pending.c and rpc/client_lanes.c, and the
 * batches of rpc/serve.c: fibers and plain threads call through shared clients
 * with random deadlines and cancels, while connections break and the server
 * stops and starts. A ledger compares how often each call was executed with how
 * it ended:
 *
 * - every call ends exactly once, and none is in flight at the end;
 * - a reply belongs to its call: the number and the digest of the text agree;
 * - no call is executed twice, and a call that succeeded was executed;
 * - a call whose error says that it was not executed was not;
 * - each client works again when nothing disturbs it any more.
 *
 * How many calls succeed depends on the machine, since deadlines are short. So
 * the disturber waits after each act until some calls have succeeded.
 */
#include "stress.h"

#include "rpc/server.h"
#include "trial_server.h"

#include <string.h>

#define NUMBERS (1u << 22)
#define FIBERS 24
#define THREADS 2
#define CLIENTS 9

static struct {
    _Atomic uint8_t executed[NUMBERS];
    _Atomic uint32_t next;
    _Atomic uint64_t good, bad, begun, ended;
    uint32_t last; /* the highest number of a call */
} ledger;

static struct weft_server *server;
static struct trial trial;
static struct weft_client *clients[CLIENTS];
static char address[64];

static void
note(int64_t number)
{
    CHECK(number > 0 && number < NUMBERS);
    CHECK(wf_add(&ledger.executed[number], 1, relaxed) == 0);
}

/* ---- handlers: those of the trial, with a note in the ledger ---- */

static weft_err
do_echo(struct weft_call *call, const struct trial_echo_args *args,
        struct trial_echo_result *result)
{
    note(args->item.number);
    return trial_table.echo(call, args, result);
}

static weft_err
do_slow(struct weft_call *call, const struct trial_slow_args *args,
        struct trial_slow_result *result)
{
    note(args->number);
    return trial_table.slow(call, args, result);
}

static weft_err
do_hog(struct weft_call *call, const struct trial_hog_args *args,
       struct trial_hog_result *result)
{
    note(args->number);
    return trial_table.hog(call, args, result);
}

static weft_err
do_later(struct weft_call *call, const struct trial_later_args *args,
         struct trial_later_result *result)
{
    note(args->number);
    return trial_table.later(call, args, result);
}

static weft_err
do_note(struct weft_call *call, const struct trial_note_args *args)
{
    note(args->number);
    return trial_table.note(call, args);
}

/* For calls that the ledger does not count. */
static weft_err
do_add(struct weft_call *call, const struct trial_add_args *args,
       struct trial_add_result *result)
{
    return trial_table.add(call, args, result);
}

static const struct trial_Trial_service table = {
    .add = do_add,
    .echo = do_echo,
    .slow = do_slow,
    .hog = do_hog,
    .later = do_later,
    .note = do_note,
};

/* ---- calls ---- */

struct attempt {
    struct weft_client *client;
    struct weft_arena *arena;
    struct weft_call_options options;
    int64_t number, result;
    uint64_t *random;
};

static weft_err
call_echo(struct attempt *a)
{
    char text[6000];
    struct trial_echo_args args;
    struct trial_echo_result result;
    uint32_t len = (uint32_t)(stress_random(a->random) % 64);
    if (len == 7)
        len = (uint32_t)(stress_random(a->random) % sizeof text);
    for (uint32_t i = 0; i < len; i++)
        text[i] = (char)((uint64_t)a->number + i);
    trial_echo_args_init(&args);
    args.item.number = a->number;
    args.item.text = (struct weft_str){text, len};
    weft_err err =
        trial_Trial_echo(a->client, a->arena, &args, &result, &a->options);
    if (err)
        return err;
    CHECK(weft_str_eq(result.success.text, args.item.text));
    CHECK(result.success.digest == trial_digest(args.item.text));
    a->result = result.success.number;
    return WEFT_OK;
}

static weft_err
call_slow_or_hog(struct attempt *a, int32_t ms, bool hog)
{
    if (!hog)
        return call_slow(a->client, a->number, ms, &a->options, &a->result);
    struct trial_hog_args args = {.number = a->number, .ms = 1};
    struct trial_hog_result result;
    weft_err err =
        trial_Trial_hog(a->client, a->arena, &args, &result, &a->options);
    a->result = err ? 0 : result.success;
    return err;
}

static weft_err
call_later(struct attempt *a, int32_t ms)
{
    struct trial_later_args args = {.number = a->number, .ms = ms};
    struct trial_later_result result;
    weft_err err =
        trial_Trial_later(a->client, a->arena, &args, &result, &a->options);
    a->result = err ? 0 : result.success;
    return err;
}

static weft_err
call_note(struct attempt *a)
{
    struct trial_note_args args = {.number = a->number};
    a->result = a->number;
    return trial_Trial_note(a->client, a->arena, &args, &a->options);
}

static weft_err
call_some(struct attempt *a)
{
    uint64_t r = stress_random(a->random);
    int32_t ms = (int32_t)(r >> 32 & 3);
    if (r % 64 == 0)
        return call_slow_or_hog(a, ms, true);
    if (r % 8 == 1)
        return call_slow_or_hog(a, ms, false);
    if (r % 8 == 2)
        return call_later(a, ms);
    return r % 8 == 3 ? call_note(a) : call_echo(a);
}

static bool
was_not_executed(weft_err err)
{
    return err == WEFT_ECONNECT || err == WEFT_ETOOMANYCALLS ||
           err == WEFT_EOVERCROWDED || err == WEFT_ESTOPPING - WEFT_PEER ||
           err == WEFT_EOVERLOAD - WEFT_PEER ||
           err == WEFT_ETOOMANYCONNS - WEFT_PEER;
}

static void
settle(struct attempt *a, weft_err err, bool oneway)
{
    uint8_t executed = wf_load(&ledger.executed[a->number], acquire);
    if (!err) {
        CHECK(a->result == a->number);
        CHECK(oneway || executed == 1);
    }
    CHECK(executed <= 1);
    CHECK(!was_not_executed(err) || executed == 0);
    CHECK(was_not_executed(err) || !weft_err_is_retryable(err));
    wf_add(err ? &ledger.bad : &ledger.good, 1, relaxed);
    wf_add(&ledger.ended, 1, relaxed);
}

static void
rest(void)
{
    (void)weft_sleep_ms(1);
}

/* Returns false if the ledger is full. */
static bool
attempt_one(uint64_t *random)
{
    struct weft_arena arena;
    struct attempt a = {.arena = &arena, .random = random};
    a.number = wf_add(&ledger.next, 1, relaxed) + 1;
    if (a.number > ledger.last)
        return false;
    wf_add(&ledger.begun, 1, relaxed);
    weft_arena_init(&arena, 0);
    uint64_t r = stress_random(random);
    a.client = clients[r % CLIENTS];
    if (r >> 8 & 1)
        a.options.deadline_ns = weft_now_ns() + (r >> 16) % 4000000;
    uint64_t peek = *random;
    bool oneway = stress_random(&peek) % 8 == 3;
    weft_err err = call_some(&a);
    settle(&a, err, oneway);
    weft_arena_fini(&arena);
    if (was_not_executed(err))
        rest(); /* the server is down at this moment */
    return true;
}

/* ---- callers ---- */

static void
call_one(void *arg)
{
    uint64_t random = (uintptr_t)arg | 1;
    (void)attempt_one(&random);
}

/* Call in a fiber, and cancel the fiber at a random moment. */
static void
cancel_one(uint64_t *random)
{
    weft_fiber fiber;
    uintptr_t seed = (uintptr_t)stress_random(random);
    CHECK(!weft_fiber_start(call_one, (void *)seed, &fiber));
    uint64_t r = stress_random(random);
    if (r & 1)
        (void)weft_sleep_until(weft_now_ns() + r % 1000000);
    weft_fiber_cancel(fiber);
    CHECK(!weft_fiber_join(fiber));
}

static void
caller(void *arg)
{
    uint64_t random = ((uintptr_t)arg + 1) * 0x9e3779b97f4a7c15u;
    while (attempt_one(&random))
        if (stress_random(&random) % 16 == 0)
            cancel_one(&random);
}

static void *
caller_thread(void *arg)
{
    caller(arg);
    return NULL;
}

/* ---- servers that stop, connections that break ---- */

static void
serve(void)
{
    struct weft_server_options options = {.max_calls = 60,
                                          .max_calls_per_connection = 40};
    CHECK(!weft_server_new(&options, &server));
    CHECK(!trial_Trial_register(server, "Trial", &table, &trial));
    CHECK(!weft_server_listen(server, address));
    CHECK(!weft_server_start(server));
}

static void
break_some(struct wf_sock *s, void *arg)
{
    if (stress_random(arg) % 2)
        wf_sock_fail(s, WEFT_ECLOSED);
}

static void
await_good_calls(uint64_t n, const _Atomic bool *over)
{
    uint64_t goal = wf_load(&ledger.good, relaxed) + n;
    while (wf_load(&ledger.good, relaxed) < goal && !wf_load(over, acquire))
        rest();
}

static void
chaos(void *arg)
{
    uint64_t random = 88172645463325252u;
    const _Atomic bool *over = arg;
    while (!wf_load(over, acquire)) {
        (void)weft_sleep_ms((int64_t)(stress_random(&random) % 20));
        await_good_calls(stress_random(&random) % 64, over);
        if (stress_random(&random) % 4) {
            wf_conns_each(&server->conns, break_some, &random);
            continue;
        }
        weft_err err = weft_server_stop_until(
            server, weft_after_ms((int64_t)(stress_random(&random) % 8)));
        CHECK(!err || err == WEFT_ETIMEOUT);
        CHECK(wf_gauge_sum(&server->in_flight) == 0);
        weft_server_free(server);
        serve();
    }
}

static const struct weft_dialect dialects[CLIENTS] = {
    {WEFT_FRAMED, WEFT_BINARY, false, WEFT_ALONE},
    {WEFT_UNFRAMED, WEFT_BINARY, false, WEFT_ALONE},
    {WEFT_TTHEADER, WEFT_BINARY, false, WEFT_ALONE},
    {WEFT_FRAMED, WEFT_COMPACT, WF_ZLIB, WEFT_ALONE},
    {WEFT_THEADER, WEFT_COMPACT, WF_ZLIB, WEFT_ALONE},
    {WF_HTTP ? WEFT_HTTP : WEFT_FRAMED, WEFT_JSON, false, WEFT_ALONE},
    {WEFT_FRAMED, WEFT_BINARY, false, WEFT_ALONE},
    {WEFT_FRAMED, WEFT_COMPACT, false, WEFT_ALONE},
    {WF_HTTP ? WEFT_HTTP : WEFT_FRAMED, WEFT_BINARY, false, WEFT_ALONE},
};

/* Let some clients have several connections, or a pool. */
static void
ask_for_lanes(int i, struct weft_client_options *o)
{
    o->connections = i == 6 ? 3 : 0;
    o->pool_max = i == 7 ? 5 : i == 8 ? 3 : 0;
    o->pool_idle_ms = i == 7 ? 1 : 0;
    o->pool_once = i == 8;
}

static void
open_clients(void)
{
    for (int i = 0; i < CLIENTS; i++) {
        struct weft_client_options options = {.dialect = dialects[i],
                                              .max_calls = i == 2 ? 8 : 0,
                                              .call_timeout_ms = 5000,
                                              .retry_connect_ms = 1};
        ask_for_lanes(i, &options);
        CHECK(!weft_client_new(address, &options, &clients[i]));
    }
}

/* A client may still have to notice that its connection broke, and rest after
 * a connect that failed. If it never works again, SIGALRM ends this. */
static void
await_that_it_works(struct weft_client *client)
{
    const struct trial_add_args args = {.a = 40, .b = 2};
    struct trial_add_result result;
    weft_err err;
    do {
        struct weft_arena arena;
        weft_arena_init(&arena, 0);
        err = trial_Trial_add(client, &arena, &args, &result, NULL);
        CHECK(err || result.success == 42);
        weft_arena_fini(&arena);
        if (err)
            rest();
    } while (err);
}

static void
run(uint32_t workers, uint64_t calls)
{
    weft_fiber fibers[FIBERS], chaotic;
    pthread_t threads[THREADS];
    _Atomic bool over = false;
    struct weft_runtime_options options = {.workers = workers};
    CHECK(!weft_runtime_start(&options));
    memset(&ledger, 0, sizeof ledger);
    ledger.last = (uint32_t)calls;
    serve();
    open_clients();
    CHECK(!weft_fiber_start(chaos, &over, &chaotic));
    for (uintptr_t i = 0; i < FIBERS; i++)
        CHECK(!weft_fiber_start(caller, (void *)i, &fibers[i]));
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(!pthread_create(&threads[i], NULL, caller_thread,
                              (void *)(i + 100)));
    for (int i = 0; i < FIBERS; i++)
        CHECK(!weft_fiber_join(fibers[i]));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    wf_store(&over, true, release);
    CHECK(!weft_fiber_join(chaotic));
    for (int i = 0; i < CLIENTS; i++) {
        await_that_it_works(clients[i]);
        weft_client_free(clients[i]);
    }
    CHECK(!weft_server_stop(server));
    weft_server_free(server);
    CHECK(wf_load(&ledger.begun, relaxed) == wf_load(&ledger.ended, relaxed));
    CHECK(wf_load(&ledger.begun, relaxed) == calls);
    printf("%u workers: %llu calls good, %llu failed\n", workers,
           (unsigned long long)wf_load(&ledger.good, relaxed),
           (unsigned long long)wf_load(&ledger.bad, relaxed));
    CHECK(wf_load(&ledger.good, relaxed) > 0);
    CHECK(!weft_runtime_stop());
}

int
main(void)
{
    stress_begin();
    snprintf(address, sizeof address, "unix:@weft-stress-%d", (int)getpid());
    static const uint32_t workers[] = {1, 2, 4};
    for (int i = 0; i < 3; i++)
        run(workers[i], WF_MIN(stress_count(150000), NUMBERS - 1));
    return 0;
}
