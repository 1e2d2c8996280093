/* SPDX-License-Identifier: MIT */
/*
 * One of five servers at a time is killed, frozen or cut off. No idempotent
 * call fails, and no other call runs twice. Then the servers refuse half of the
 * calls, and retries stay a tenth of the calls.
 */
#include "ledger.h"

#include "fibers.h"
#include "hurt_server.h"

#include <weft/upstream.h>

#include <inttypes.h>
#include <string.h>

#define SERVERS 5
#define CALLERS 4
#define TARGET "list:s0:9090,s1:9090,s2:9090,s3:9090,s4:9090"
#define MARK "RPC_PERSIST_RetryReq"
#define PERIOD_NS 10000000000u /* of the reserve */
#define LENT 10                /* retries, in each period */
#define KEPT 100
#define OVERLOADED 300

static weft_sim_host servers[SERVERS], caller;
static bool overloaded; /* the servers refuse half of the calls */
static uint32_t failing;

/* Of the client that idempotent calls use. */
static uint64_t n_calls, n_retries, begun_ns;

static struct weft_client *
new_client(void)
{
    const struct weft_upstream_options upstream = {.attempt_timeout_ms = 100};
    const struct weft_client_options options = {
        .dialect.framing = WEFT_TTHEADER, .upstream = &upstream};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new(TARGET, &options, &client));
    return client;
}

/* ---- the servers ---- */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    (void)call;
    if (overloaded && weft_sim_random(2))
        return WEFT_EOVERLOAD;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return WEFT_OK;
}

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return weft_sleep_ms(args->ms);
}

/* Makes a call to the servers. If the handler executes a retry, this call has
 * one attempt, whatever the answer is. */
static weft_err
echo(struct weft_call *call, const struct ledger_echo_args *args,
     struct ledger_echo_result *result)
{
    struct weft_client *const *next = weft_call_user(call);
    const struct weft_headers *headers = weft_call_headers(call);
    struct ledger_run_args none = {.number = 0};
    struct ledger_run_result ignored;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    bool is_retry = false;
    for (uint32_t i = 0; i < headers->len; i++)
        is_retry |= weft_str_eq(headers->items[i].key, WEFT_STR(MARK));
    weft_err err = ledger_Ledger_run(*next, weft_call_arena(call), &none,
                                     &ignored, &options);
    WEFT_SIM_CHECK(!err || err == WEFT_EOVERLOAD - WEFT_PEER);
    WEFT_SIM_CHECK(!is_retry || info.attempts.len == 1);
    WEFT_SIM_SOMETIMES("the call of a handler is sent again",
                       info.attempts.len > 1);
    result->success = args->text;
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {
        .run = run, .slow = slow, .echo = echo};
    const struct weft_runtime_options runtime = {
        .workers = 1 + (uint32_t)weft_sim_random(2)};
    const struct weft_server_options options = {.stop_timeout_ms = 500};
    struct weft_client *next;
    struct weft_server *server;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    next = new_client();
    WEFT_SIM_CHECK(!weft_server_new(&options, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, &next));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    weft_client_free(next);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- calls ---- */

struct clients {
    struct weft_client *idempotent, *other;
};

/* The list of attempts tells how the call ended, and why there was more than
 * one attempt. */
static void
look(const struct weft_call_info *info, weft_err err, bool idempotent)
{
    const struct weft_call_attempts *list = &info->attempts;
    uint32_t n_sent = 0;
    WEFT_SIM_CHECK(list->len >= 1 && list->len <= 3);
    WEFT_SIM_CHECK(list->items[list->len - 1].err == err);
    for (uint32_t i = 0; i < list->len; i++) {
        const struct weft_call_attempt *a = &list->items[i];
        n_sent += a->reach != WEFT_CALL_NOT_SENT;
        if (i + 1 == list->len)
            break;
        WEFT_SIM_CHECK(a->err && a->endpoint.len > 0);
        WEFT_SIM_CHECK(idempotent || a->reach != WEFT_CALL_MAYBE_HANDLED);
        WEFT_SIM_CHECK(!weft_str_eq(a[0].endpoint, a[1].endpoint));
        WEFT_SIM_SOMETIMES("an attempt is given up", a->err == WEFT_ETIMEOUT);
        WEFT_SIM_SOMETIMES("an attempt breaks", a->err == WEFT_EBROKEN);
    }
    if (idempotent && n_sent > 1)
        n_retries += n_sent - 1;
}

/* Call, or begin a call and await it. */
static weft_err
call_slow(struct weft_client *client, struct weft_arena *arena,
          struct ledger_slow_args *args, struct ledger_slow_result *result,
          const struct weft_call_options *options)
{
    struct weft_pending pending;
    if (weft_sim_random(2))
        return ledger_Ledger_slow(client, arena, args, result, options);
    ledger_Ledger_slow_begin(client, arena, args, result, options, &pending);
    if (weft_sim_random(2))
        WEFT_SIM_CHECK(weft_await_any(&pending, 1) == 0);
    return weft_await(&pending);
}

static void
ask(struct weft_client *client, bool idempotent)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    uint64_t deadline = weft_now_ns() + 1000 * (uint64_t)MS;
    uint64_t number = weft_sim_call_begin(deadline, idempotent);
    const struct weft_call_options options = {
        .deadline_ns = deadline, .info = &info, .idempotent = idempotent};
    struct ledger_slow_args args = {.number = (int64_t)number,
                                    .ms = (int32_t)weft_sim_random(50)};
    struct ledger_slow_result result = {0};
    weft_err err = call_slow(client, &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    look(&info, err, idempotent);
    n_calls += idempotent;
    if (idempotent && err)
        weft_sim_fail("call %" PRIu64 " is idempotent, and fails: %.*s: %s",
                      number, WEFT_FMT(info.text), weft_err_text(err));
    WEFT_SIM_SOMETIMES("a call that is not idempotent fails", err);
    weft_arena_fini(&arena);
}

static void
call(void *arg)
{
    const struct clients *c = arg;
    while (failing) {
        bool idempotent = weft_sim_random(3) > 0;
        ask(idempotent ? c->idempotent : c->other, idempotent);
        if (weft_sim_random(4) == 0)
            (void)weft_sleep_ms((int64_t)weft_sim_random(40));
    }
}

/* A call of run, which the servers may refuse. */
static void
ask_run(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    struct ledger_run_args args = {.number = 0};
    struct ledger_run_result result;
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    WEFT_SIM_CHECK(!err || err == WEFT_EOVERLOAD - WEFT_PEER);
    look(&info, err, true);
    n_calls++;
    weft_arena_fini(&arena);
}

/* Let a server handle a call that is a retry, or is not. */
static void
ask_marked(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    bool marked = weft_sim_random(2);
    struct weft_header header = {marked ? WEFT_STR(MARK) : WEFT_STR("other"),
                                 WEFT_STR("1")};
    const struct weft_headers headers = {&header, 1, 1};
    const struct weft_call_options options = {.headers = &headers};
    struct ledger_echo_args args = {.text = WEFT_STR("hello")};
    struct ledger_echo_result result;
    WEFT_SIM_CHECK(
        !ledger_Ledger_echo(client, &arena, &args, &result, &options));
    weft_arena_fini(&arena);
}

/* How many retries are lent in the periods since `from`. */
static uint64_t
lent_since(uint64_t from)
{
    return LENT * (weft_now_ns() / PERIOD_NS - from / PERIOD_NS + 1);
}

/* Retries are a tenth of the calls, and some are lent. If no call has failed
 * for a long time, KEPT retries are kept for later; this thread has made all
 * these calls. */
static void
overload(struct weft_client *client)
{
    int n_earlier = weft_sim_random(8) ? 0 : 20 * KEPT;
    for (int i = 0; i < n_earlier; i++)
        ask_run(client);
    uint64_t n_before = n_retries, from = weft_now_ns();
    overloaded = true;
    for (int i = 0; i < OVERLOADED; i++) {
        ask_run(client);
        if (i % 10 == 0)
            ask_marked(client);
    }
    WEFT_SIM_CHECK(n_retries <= n_calls / 10 + lent_since(begun_ns));
    WEFT_SIM_CHECK(n_retries - n_before <=
                   KEPT + OVERLOADED / 10 + lent_since(from));
}

/* The only server refuses calls at once. If the pause before the next attempt
 * would end after the deadline, the call ends before, with this refusal. So
 * only an attempt can miss the deadline. */
static void
refuse_in_time(void)
{
    const struct weft_upstream_options upstream = {.max_attempts = 8,
                                                   .retry_pause_ms = 500};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090", &options, &client));
    for (int i = 0; i < 20; i++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct ledger_run_args args = {.number = 0};
        struct ledger_run_result result;
        struct weft_call_info info;
        const struct weft_call_options call_options = {
            .deadline_ns = weft_now_ns() + 200 * (uint64_t)MS,
            .info = &info,
            .idempotent = true};
        weft_err err =
            ledger_Ledger_run(client, &arena, &args, &result, &call_options);
        WEFT_SIM_CHECK(info.attempts.len > 0);
        WEFT_SIM_CHECK(!err || err == WEFT_EOVERLOAD - WEFT_PEER ||
                       info.attempts.items[info.attempts.len - 1].err ==
                           WEFT_ETIMEOUT);
        weft_arena_fini(&arena);
    }
    weft_client_free(client);
}

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_runtime_options options = {
        .workers = 1 + (uint32_t)weft_sim_random(3)};
    struct clients c;
    struct weft_client_stats stats;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    c = (struct clients){new_client(), new_client()};
    begun_ns = weft_now_ns();
    start_all(call, &c, fibers, CALLERS);
    join_all(fibers, CALLERS);
    overload(c.idempotent);
    refuse_in_time();
    weft_client_get_stats(c.idempotent, &stats);
    WEFT_SIM_CHECK(stats.strays == 0);
    weft_client_free(c.idempotent);
    weft_client_free(c.other);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
fail(void *arg)
{
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED);
    for (int i = 0; i < 3; i++) {
        (void)weft_sleep_ms(500 + (int64_t)weft_sim_random(1000));
        hurt_server(servers[below(SERVERS)], caller, 1500);
    }
    (void)weft_sleep_ms(2000); /* the last server has come back */
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3", "s4"};
    failing = 1;
    overloaded = false;
    n_calls = n_retries = begun_ns = 0;
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "attempts",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
