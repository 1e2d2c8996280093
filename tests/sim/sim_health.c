/* SPDX-License-Identifier: MIT */
/*
 * One server of four refuses calls, dies, freezes or is cut off, twice. The
 * client ejects it, and no other server; then all calls succeed, and none goes
 * to the ejected server. At the set time the server is used again, as the same
 * endpoint. A server that refuses every second call is not ejected. If three
 * servers fail, as many are ejected as the options allow. No call runs twice.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/upstream.h>

#include <stddef.h>

#define SECOND (1000 * (uint64_t)MS)
#define SERVERS 4
#define CALLERS 3
#define CALL_MS 200 /* deadline of each call */
#define EJECT_MS 1000

enum hurt { REFUSES, DEAD, FROZEN, CUT_OFF, HURTS };

static weft_sim_host servers[SERVERS], caller;
static uint32_t weak; /* the server that fails */
static bool refuses[SERVERS], is_moody, is_over;
static bool is_turn; /* a moody server refuses the next call */

/* ---- the servers ---- */

static weft_err
run(struct weft_call *call, const struct ledger_run_args *args,
    struct ledger_run_result *result)
{
    ptrdiff_t me = (weft_sim_host *)weft_call_user(call) - servers;
    if (is_moody && me == (ptrdiff_t)weak)
        is_turn = !is_turn;
    if (refuses[me] || (is_moody && me == (ptrdiff_t)weak && is_turn))
        return WEFT_EOVERLOAD;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return WEFT_OK;
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = run};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, arg));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
hurt(enum hurt how, bool on)
{
    weft_sim_host s = servers[weak];
    switch (how) {
    case REFUSES:
        refuses[weak] = on;
        break;
    case DEAD:
        (on ? weft_sim_kill : weft_sim_restart)(s);
        break;
    case FROZEN:
        weft_sim_freeze(s, on);
        break;
    default:
        weft_sim_cut(caller, s, on);
        weft_sim_cut(s, caller, on);
        break;
    }
}

/* ---- the client ---- */

static weft_err
ask(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    uint64_t deadline = weft_now_ns() + CALL_MS * (uint64_t)MS;
    const struct weft_call_options options = {.deadline_ns = deadline,
                                              .info = &info};
    uint64_t number = weft_sim_call_begin(deadline, false);
    struct ledger_run_args args = {.number = (int64_t)number};
    struct ledger_run_result result = {0};
    weft_err err = ledger_Ledger_run(client, &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    weft_arena_fini(&arena);
    return err;
}

static void
ask_on(void *arg)
{
    while (!is_over) {
        (void)ask(arg);
        (void)weft_sleep_ms((int64_t)below(50));
    }
}

/* Returns what the client knows of the weak server. No other server may ever
 * be ejected. */
static struct weft_endpoint_view
look(struct weft_client *client)
{
    static const char *const names[SERVERS] = {"s0:9090", "s1:9090", "s2:9090",
                                               "s3:9090"};
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    struct weft_endpoint_view found = {.weight = 0};
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    WEFT_SIM_CHECK(views.len == SERVERS);
    for (uint32_t i = 0; i < views.len; i++) {
        const struct weft_endpoint_view *v = &views.items[i];
        if (weft_str_eq(v->address, weft_str_of(names[weak])))
            found = *v;
        else
            WEFT_SIM_CHECK(v->state == WEFT_ENDPOINT_USABLE &&
                           v->ejections == 0 && v->changed_ns == 0);
    }
    WEFT_SIM_CHECK(found.weight == 1);
    WEFT_SIM_CHECK((found.reason.len > 0) == (found.changed_ns > 0));
    found.address = found.reason = (struct weft_str){0};
    weft_arena_fini(&arena);
    return found;
}

static struct weft_endpoint_view
wait_for(struct weft_client *client, enum weft_endpoint_state state,
         uint64_t most_ns)
{
    uint64_t until = weft_now_ns() + most_ns;
    struct weft_endpoint_view v = look(client);
    while (v.state != state) {
        if (weft_now_ns() > until)
            weft_sim_fail("the endpoint is not %s",
                          state == WEFT_ENDPOINT_EJECTED ? "ejected"
                                                         : "usable");
        (void)weft_sleep_ms(10);
        v = look(client);
    }
    return v;
}

/* Until the ejection ends, the weak server gets no call, and all calls
 * succeed. */
static void
ask_others(struct weft_client *client, uint64_t until)
{
    uint64_t last = weft_now_ns() + (CALL_MS + 60) * (uint64_t)MS;
    while (weft_now_ns() < last) /* older calls may still fail */
        (void)weft_sleep_ms(10);
    uint64_t attempts = look(client).attempts;
    while (weft_now_ns() + (CALL_MS + 60) * (uint64_t)MS < until) {
        WEFT_SIM_CHECK(!ask(client));
        struct weft_endpoint_view v = look(client);
        WEFT_SIM_CHECK(v.state == WEFT_ENDPOINT_EJECTED);
        WEFT_SIM_CHECK(v.attempts == attempts && v.in_flight == 0);
        (void)weft_sleep_ms((int64_t)below(40));
    }
}

/* The weak server answers again. */
static void
wait_for_answers(struct weft_client *client)
{
    struct weft_endpoint_view before = look(client), v = before;
    uint64_t until = weft_now_ns() + 60 * SECOND;
    while (v.attempts - v.failures < before.attempts - before.failures + 5) {
        WEFT_SIM_CHECK(weft_now_ns() < until);
        (void)weft_sleep_ms(10);
        v = look(client);
    }
}

/* The server fails for the n-th time. *ends: the end of the last ejection; the
 * next one is longer, unless the server was well for 10 s. */
static void
fail_once(struct weft_client *client, uint32_t n, uint64_t *ends)
{
    enum hurt how = (enum hurt)below(HURTS);
    hurt(how, true);
    uint64_t begun = weft_now_ns();
    struct weft_endpoint_view v =
        wait_for(client, WEFT_ENDPOINT_EJECTED, 120 * SECOND);
    WEFT_SIM_CHECK(v.ejections == n && v.failures >= 5 * n);
    WEFT_SIM_CHECK(v.changed_ns >= begun && v.changed_ns <= weft_now_ns());
    bool is_longer = n > 1 && v.changed_ns - *ends < 10 * SECOND;
    *ends = v.changed_ns + (is_longer ? 2u : 1u) * EJECT_MS * (uint64_t)MS;
    ask_others(client, *ends);
    hurt(how, false);
    v = wait_for(client, WEFT_ENDPOINT_USABLE, 5 * SECOND);
    WEFT_SIM_CHECK(v.changed_ns == *ends && weft_now_ns() >= *ends);
    WEFT_SIM_CHECK(v.ejections == n);
    WEFT_SIM_SOMETIMES("a server that refuses calls is ejected",
                       how == REFUSES);
    WEFT_SIM_SOMETIMES("a second ejection is longer", is_longer);
    WEFT_SIM_SOMETIMES("a dead server is ejected", how == DEAD);
    WEFT_SIM_SOMETIMES("a frozen server is ejected", how == FROZEN);
    WEFT_SIM_SOMETIMES("a server that is cut off is ejected", how == CUT_OFF);
    wait_for_answers(client);
}

/* A server that answers between failures is not ejected. */
static void
be_moody(struct weft_client *client)
{
    uint64_t before = look(client).failures;
    is_moody = true;
    for (int i = 0; i < 100; i++) {
        (void)weft_sleep_ms(20);
        WEFT_SIM_CHECK(look(client).state == WEFT_ENDPOINT_USABLE);
    }
    is_moody = false;
    WEFT_SIM_CHECK(look(client).failures > before + 5);
}

/* Returns how many endpoints are ejected. *attempts receives the number of
 * their attempts. */
static uint32_t
count(struct weft_client *client, uint64_t *attempts)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    uint32_t n = 0;
    *attempts = 0;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++) {
        if (views.items[i].state != WEFT_ENDPOINT_EJECTED)
            continue;
        n++;
        *attempts += views.items[i].attempts;
    }
    weft_arena_fini(&arena);
    return n;
}

/* All servers but one refuse their calls. Either one may be ejected; or three,
 * and then all are used. */
static void
fail_most(struct weft_client *client, bool may_panic)
{
    uint32_t most = may_panic ? SERVERS - 1 : 1;
    uint64_t attempts, more = 0, until = weft_now_ns() + 20 * SECOND;
    for (uint32_t i = 0; i < SERVERS; i++)
        refuses[i] = i != weak;
    while (count(client, &attempts) < most) {
        WEFT_SIM_CHECK(weft_now_ns() < until);
        (void)weft_sleep_ms(10);
    }
    for (int i = 0; i < 20; i++) {
        (void)weft_sleep_ms(10);
        WEFT_SIM_CHECK(count(client, &more) <= most);
    }
    WEFT_SIM_CHECK(!may_panic || more > attempts);
    for (uint32_t i = 0; i < SERVERS; i++)
        refuses[i] = false;
}

static void
be_client(void *arg)
{
    static const enum weft_balance ways[] = {WEFT_ROUND_ROBIN, WEFT_RANDOM};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    bool may_panic = below(2);
    const struct weft_upstream_options upstream = {.balance = ways[below(2)],
                                                   .eject_ms = EJECT_MS,
                                                   .eject_percent =
                                                       may_panic ? 100 : 0};
    const struct weft_client_options client_options = {
        .upstream = &upstream, .connect_timeout_ms = 100};
    struct weft_client *client;
    weft_fiber fibers[CALLERS];
    uint64_t ends = 0;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_client_new("list:s0:9090,s1:9090,s2:9090,s3:9090",
                                    &client_options, &client));
    start_all(ask_on, client, fibers, CALLERS);
    fail_once(client, 1, &ends);
    be_moody(client);
    if (below(2)) /* until the first ejection is forgiven */
        (void)weft_sleep_ms(10000);
    fail_once(client, 2, &ends);
    fail_most(client, may_panic);
    is_over = true;
    join_all(fibers, CALLERS);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3"};
    weak = (uint32_t)below(SERVERS);
    is_moody = is_turn = is_over = false;
    for (int i = 0; i < SERVERS; i++)
        refuses[i] = false;
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, &servers[i]);
    caller = weft_sim_host_new("caller", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "health",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
