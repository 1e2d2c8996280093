/* SPDX-License-Identifier: MIT */
/*
 * Five servers serve at half of what they can, for two minutes. Again and again
 * one of them is killed, freezes, is cut off, becomes slow, or lies. If the
 * calls may be repeated, no call fails. Otherwise only calls fail whose last
 * attempt went to the hurt server, and only a few for each fault; none runs
 * twice. 5 s after a fault has begun the calls of the other servers are fast
 * again. Row 118 of docs/threats.md.
 */
#include "ledger.h"

#include "fibers.h"
#include "hurt_server.h"

#include <weft/net.h>
#include <weft/upstream.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SECOND (1000 * (uint64_t)MS)
#define RUN_NS (120 * SECOND)
#define SERVERS 5
#define WORK_MS 40 /* a server does one call at a time */
#define SLOW_MS 400
#define PERIOD_MS 16 /* half of what five servers can */
#define CALL_MS 1000
#define CALMS_NS (5 * SECOND) /* so long after a fault has begun */
#define CALLS 8000
#define FAILED_MOST 20 /* calls of one fault that may fail */
#define SLOWER 3       /* four servers do the work of five */
#define TARGET "list:s0:9090,s1:9090,s2:9090,s3:9090,s4:9090"

enum hurt { DEAD, FROZEN, CUT_OFF, SLOW, LYING, HURTS };

static weft_sim_host servers[SERVERS], caller;
static bool is_slow[SERVERS], lies[SERVERS];
static bool may_repeat;

/* The fault that happens, or was the last one. */
static struct {
    uint32_t weak;
    uint64_t begun_ns, ended_ns; /* ended_ns 0: it goes on */
    uint32_t n_failed;           /* calls */
} fault;

/* ---- the servers ---- */

static struct weft_mutex desks[SERVERS];

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    ptrdiff_t me = (weft_sim_host *)weft_call_user(call) - servers;
    weft_err err = weft_mutex_lock(&desks[me]);
    if (err)
        return err;
    weft_sim_call_run((uint64_t)args->number);
    err = weft_sleep_ms(is_slow[me] ? SLOW_MS : WORK_MS);
    weft_mutex_unlock(&desks[me]);
    result->success = args->number;
    return err;
}

static void
lie(struct weft_conn *conn, void *user)
{
    static const char lies_of[] = "\0\0\0\x10no reply of any kind";
    const uint8_t *bytes;
    size_t n = weft_conn_len(conn);
    (void)user;
    if (weft_conn_next(conn, n, &bytes) ||
        weft_conn_write(conn, lies_of, sizeof lies_of) || weft_conn_flush(conn))
        weft_conn_close(conn);
}

static void
end(struct weft_conn *conn, weft_err why, void *user)
{
    (void)why;
    (void)user;
    weft_conn_close(conn);
}

static void
be_liar(void)
{
    static const struct weft_conn_hooks hooks = {.on_request = lie,
                                                 .on_close = end};
    struct weft_listener *listener;
    WEFT_SIM_CHECK(!weft_listen(":9090", &hooks, NULL, NULL, &listener));
    weft_sim_wait_for_others();
    weft_listener_free(listener);
}

static void
be_server(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run};
    struct weft_server *server;
    desks[(weft_sim_host *)arg - servers] = (struct weft_mutex){0};
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, arg));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
}

static void
serve(void *arg)
{
    if (lies[(weft_sim_host *)arg - servers])
        be_liar();
    else
        be_server(arg);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the calls ---- */

struct one_call {
    struct weft_client *client;
    uint64_t begun_ns, took_ns;
    bool is_of_other; /* than the weak server */
    weft_fiber fiber;
};

static struct one_call calls[CALLS];
static uint32_t n_calls, n_ended;

/* True if the last attempt went to the weak server. */
static bool
went_to_weak(const struct weft_call_info *info)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090", "s2:9090",
                                               "s3:9090", "s4:9090"};
    if (info->attempts.len == 0)
        return false;
    struct weft_str to = info->attempts.items[info->attempts.len - 1].endpoint;
    return weft_str_eq(to, weft_str_of(names[fault.weak]));
}

/* The same while the server is hurt, or so shortly after that that the attempt
 * may have begun before. */
static bool
is_of_fault(const struct weft_call_info *info)
{
    uint64_t last =
        fault.ended_ns ? fault.ended_ns + CALL_MS * (uint64_t)MS : WEFT_NEVER;
    return fault.begun_ns && weft_sim_now_ns() <= last && went_to_weak(info);
}

static void
judge(weft_err err, const struct weft_call_info *info)
{
    if (!err)
        return;
    if (may_repeat || !is_of_fault(info))
        weft_sim_fail("a call has failed: %s (%.*s)", weft_err_text(err),
                      (int)info->text.len, info->text.ptr);
    if (++fault.n_failed > FAILED_MOST)
        weft_sim_fail("%u calls of one fault have failed", fault.n_failed);
    WEFT_SIM_SOMETIMES("a call fails", true);
}

static void
call(void *arg)
{
    struct one_call *one = arg;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    uint64_t deadline = weft_now_ns() + CALL_MS * (uint64_t)MS;
    const struct weft_call_options options = {
        .deadline_ns = deadline, .info = &info, .idempotent = may_repeat};
    uint64_t number = weft_sim_call_begin(deadline, may_repeat);
    struct ledger_run_args args = {.number = (int64_t)number};
    struct ledger_run_result result = {0};
    weft_err err =
        ledger_Ledger_run(one->client, &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    one->took_ns = weft_sim_now_ns() - one->begun_ns;
    one->is_of_other = !went_to_weak(&info);
    judge(err, &info);
    WEFT_SIM_SOMETIMES("a call needs another attempt",
                       !err && info.attempts.len > 1);
    weft_arena_fini(&arena);
    n_ended++;
}

/* Begin a call every PERIOD_MS, however long the others take. */
static void
call_by_the_clock(struct weft_client *client)
{
    uint64_t due = weft_now_ns(), until = due + RUN_NS;
    for (; due < until; due += PERIOD_MS * MS) {
        WEFT_SIM_CHECK(!weft_sleep_until(due) && n_calls < CALLS);
        struct one_call *one = &calls[n_calls++];
        one->client = client;
        one->begun_ns = weft_sim_now_ns();
        one->fiber = start(call, one);
    }
    for (uint32_t i = 0; i < n_calls; i++)
        WEFT_SIM_CHECK(!weft_fiber_join(calls[i].fiber));
}

/* ---- latency ---- */

static struct span {
    uint64_t begin_ns, end_ns;
} calm; /* of the running fault: what is measured */
static uint64_t calm_ns[CALLS], quiet_ns[CALLS];
static uint32_t n_calm, n_quiet;

static void
take(uint64_t *to, uint32_t *n, struct span span)
{
    for (uint32_t i = 0; i < n_calls; i++)
        if (calls[i].begun_ns >= span.begin_ns &&
            calls[i].begun_ns < span.end_ns && calls[i].is_of_other)
            to[(*n)++] = calls[i].took_ns;
}

static int
ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t
p99(uint64_t *took_ns, uint32_t n)
{
    qsort(took_ns, n, sizeof *took_ns, ascending);
    return took_ns[n * 99 / 100];
}

/* ---- the client ---- */

static void
be_client(void *arg)
{
    (void)arg;
    const struct weft_upstream_options upstream = {
        .attempt_timeout_ms = 250, .check_ms = 1000, .check_failures = 3};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    may_repeat = below(2);
    WEFT_SIM_CHECK(!weft_client_new(TARGET, &options, &client));
    call_by_the_clock(client);
    uint64_t quiet = p99(quiet_ns, n_quiet), hurt = p99(calm_ns, n_calm);
    weft_sim_note("p99 %u ms, beside a hurt server %u ms, of %u and %u calls",
                  (uint32_t)(quiet / MS), (uint32_t)(hurt / MS), n_quiet,
                  n_calm);
    WEFT_SIM_CHECK(n_calm > 200 && n_quiet > 200 && hurt <= SLOWER * quiet);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
restart_as(uint32_t i, bool liar)
{
    weft_sim_kill(servers[i]);
    lies[i] = liar;
    weft_sim_restart(servers[i]);
}

static void
hurt(enum hurt how, uint32_t i, bool on)
{
    switch (how) {
    case DEAD:
        (on ? weft_sim_kill : weft_sim_restart)(servers[i]);
        break;
    case FROZEN:
        weft_sim_freeze(servers[i], on);
        break;
    case CUT_OFF:
        cut_both_ways(caller, servers[i], on);
        break;
    case SLOW:
        is_slow[i] = on;
        break;
    default:
        restart_as(i, on);
        break;
    }
}

static void
sleep_until(uint64_t ns)
{
    uint64_t now = weft_sim_now_ns();
    if (ns > now)
        (void)weft_sleep_ms((int64_t)((ns - now) / MS));
}

static void
fail(void *arg)
{
    static const char *const names[HURTS] = {"dead", "frozen", "cut off",
                                             "slow", "lying"};
    (void)arg;
    uint64_t begin = weft_sim_now_ns();
    sleep_until(begin + 10 * SECOND);
    take(quiet_ns, &n_quiet, (struct span){begin + SECOND, weft_sim_now_ns()});
    while (weft_sim_now_ns() < begin + RUN_NS - 21 * SECOND) {
        enum hurt how = (enum hurt)below(HURTS);
        fault.weak = (uint32_t)below(SERVERS);
        fault.n_failed = 0;
        fault.ended_ns = 0;
        fault.begun_ns = weft_sim_now_ns();
        weft_sim_note("s%u is %s", fault.weak, names[how]);
        hurt(how, fault.weak, true);
        sleep_until(fault.begun_ns + CALMS_NS + SECOND + below(3 * SECOND));
        hurt(how, fault.weak, false);
        fault.ended_ns = weft_sim_now_ns();
        sleep_until(fault.ended_ns + 5 * SECOND + below(3 * SECOND));
        calm = (struct span){fault.begun_ns + CALMS_NS, fault.ended_ns};
        take(calm_ns, &n_calm, calm);
    }
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3", "s4"};
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, &servers[i]);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "five",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
