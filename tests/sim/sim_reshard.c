/* SPDX-License-Identifier: MIT */
/*
 * A service moves from 3 partitions to 4, while two clients call it. The
 * servers of the 4 partitions come one after the other, and then those of the 3
 * go. In some runs one server has a partition of both. As long as all
 * partitions of either number are there, no call fails. Each call arrives at
 * the partition that its number says. While both numbers are there, calls are
 * shared by the weights. In some runs the servers that go are killed: then only
 * calls fail that are not idempotent and were in flight.
 */
#include "ledger.h"

#include "fibers.h"

#include <weft/combine.h>
#include <weft/rpc.h>
#include <weft/upstream.h>

#include <string.h>

#define OLD 3
#define NEW 4
#define SERVERS (OLD + NEW)
#define CLIENTS 2
#define CALLERS 3       /* fibers of each client */
#define NEW_WEIGHT 3    /* of a server of NEW partitions; the others have 1 */
#define STEADY_MS 10000 /* how long both numbers are there */
#define TO_ALL 0x100000 /* added to the number of such a call */

static weft_sim_host servers[SERVERS];
static struct {
    char tag[16]; /* empty: not in the list */
    bool serves, goes;
} states[SERVERS];
static uint32_t version, seen[CLIENTS]; /* of the list */
static uint32_t shares[2]; /* calls that were shared between OLD and NEW */
static bool kills, is_both, is_steady, is_over;
static uint32_t left; /* hosts whose work is not over */

/* ---- the servers ---- */

static bool
has(int server, uint64_t index, uint64_t n)
{
    int own_n = server < OLD ? OLD : NEW;
    int own = server < OLD ? server : server - OLD;
    if (is_both && server == 0 && n == NEW)
        return index == NEW - 1;
    return n == (uint64_t)own_n && index == (uint64_t)own;
}

/* `number` is that of the ledger, or TO_ALL + INDEX * 16 + N. */
static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    int server = (int)(intptr_t)weft_call_user(call);
    uint64_t number = (uint64_t)args->number;
    if (number >= TO_ALL) {
        WEFT_SIM_CHECK(has(server, (number - TO_ALL) / 16, number % 16));
    } else {
        WEFT_SIM_CHECK(has(server, number % OLD, OLD) ||
                       has(server, number % NEW, NEW));
        weft_sim_call_run(number);
    }
    result->success = args->number;
    return weft_sleep_ms(args->ms);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.slow = slow};
    const struct weft_runtime_options runtime = {.workers =
                                                     1 + (uint32_t)below(2)};
    int i = (int)(intptr_t)arg;
    struct weft_server *server;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    WEFT_SIM_CHECK(!weft_server_new(NULL, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, arg));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    states[i].serves = true;
    while (!states[i].goes && left > 0)
        (void)weft_sleep_ms(20);
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the list ---- */

static weft_err
find(struct weft_resolver *resolver, const char *name, void *user)
{
    struct weft_endpoint list[SERVERS];
    char addresses[SERVERS][16], tags[SERVERS][16];
    uint32_t n = 0, found = version;
    (void)name;
    for (int i = 0; i < SERVERS; i++) {
        if (!states[i].tag[0])
            continue;
        snprintf(addresses[n], sizeof addresses[n], "s%d:9090", i);
        memcpy(tags[n], states[i].tag, sizeof tags[n]);
        list[n] = (struct weft_endpoint){.address = addresses[n],
                                         .weight = i < OLD ? 1 : NEW_WEIGHT,
                                         .tag = tags[n]};
        n++;
    }
    weft_err err = weft_resolver_publish(resolver, list, n);
    if (!err)
        *(uint32_t *)user = found;
    return err;
}

/* ---- calls ---- */

static weft_err
route(const struct weft_fan_call *call, uint32_t *index)
{
    uint64_t number =
        (uint64_t)((const struct ledger_slow_args *)call->args)->number;
    WEFT_SIM_CHECK(call->n == OLD || call->n == NEW);
    *index = number == TO_ALL ? WEFT_ALL_CLIENTS : (uint32_t)number % call->n;
    shares[call->n == NEW] += is_steady;
    return WEFT_OK;
}

static weft_err
map(const struct weft_fan_call *call, struct weft_sub_call *sub)
{
    struct ledger_slow_args *args = weft_arena_alloc(call->arena, sizeof *args);
    WEFT_SIM_CHECK(args != NULL);
    *args = *(const struct ledger_slow_args *)call->args;
    args->number += sub->index * 16 + call->n;
    sub->args = args;
    return WEFT_OK;
}

/* Each partition has answered once. */
static weft_err
merge(const struct weft_fan_call *call, const struct weft_sub_call *subs,
      void *result)
{
    for (uint32_t i = 0; i < call->n; i++)
        WEFT_SIM_CHECK(
            !subs[i].err &&
            ((const struct ledger_slow_result *)subs[i].result)->success ==
                TO_ALL + i * 16 + call->n);
    ((struct ledger_slow_result *)result)->success = call->n;
    return WEFT_OK;
}

static void
look(const struct weft_call_info *info, weft_err err)
{
    const struct weft_call_attempts *list = &info->attempts;
    WEFT_SIM_CHECK(err || list->len > 0);
    bool is_first_new =
        list->len > 0 && list->items[0].endpoint.ptr[1] - '0' >= OLD;
    bool is_last_new = list->len > 0 &&
                       list->items[list->len - 1].endpoint.ptr[1] - '0' >= OLD;
    WEFT_SIM_SOMETIMES("a call goes on with other partitions",
                       !err && is_last_new && !is_first_new);
    WEFT_SIM_CHECK(!is_first_new || is_last_new); /* those of 4 stay */
    WEFT_SIM_SOMETIMES("a call fails", err);
}

static void
fail(const struct weft_call_info *info, bool idempotent)
{
    if (kills && !idempotent && info->reach == WEFT_CALL_MAYBE_HANDLED)
        return;
    weft_sim_fail("a call fails: %.*s", WEFT_FMT(info->text));
}

/* How long a handler takes: sometimes so long that its server is killed. */
static int32_t
duration(void)
{
    return (int32_t)below(kills && below(4) == 0 ? 1000 : 30);
}

static void
call_one(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    bool idempotent = below(2);
    uint64_t deadline = weft_now_ns() + 10000 * (uint64_t)MS;
    uint64_t number = weft_sim_call_begin(deadline, idempotent);
    struct ledger_slow_args args = {.number = (int64_t)number,
                                    .ms = duration()};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {
        .deadline_ns = deadline, .info = &info, .idempotent = idempotent};
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    weft_sim_call_end(number, err, info.reach, (uint64_t)result.success);
    look(&info, err);
    if (err)
        fail(&info, idempotent);
    weft_arena_fini(&arena);
}

static void
call_all(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    struct ledger_slow_args args = {.number = TO_ALL, .ms = duration()};
    struct ledger_slow_result result = {0};
    const struct weft_call_options options = {.info = &info,
                                              .idempotent = true};
    weft_err err = ledger_Ledger_slow(client, &arena, &args, &result, &options);
    if (err)
        fail(&info, true);
    WEFT_SIM_SOMETIMES("a call goes to all of the new partitions",
                       result.success == NEW);
    weft_arena_fini(&arena);
}

static void
call_on(void *arg)
{
    while (!is_over) {
        if (below(8))
            call_one(arg);
        else
            call_all(arg);
        (void)weft_sleep_ms((int64_t)below(20));
    }
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options runtime = {.workers =
                                                     1 + (uint32_t)below(3)};
    const struct weft_upstream_options upstream = {
        .by_tag = true, .resolve = find, .user = arg, .refresh_ms = 50};
    const struct weft_client_options how = {.upstream = &upstream};
    const struct weft_partition_options by_number = {
        .route = route, .map = map, .merge = merge};
    struct weft_client *inner, *client;
    weft_fiber fibers[CALLERS];
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    for (int i = 0; i < OLD; i++)
        while (!states[i].serves)
            (void)weft_sleep_ms(20);
    WEFT_SIM_CHECK(!weft_client_new("ledger", &how, &inner));
    WEFT_SIM_CHECK(!weft_client_partition(&inner, 1, &by_number, &client));
    start_all(call_on, client, fibers, CALLERS);
    join_all(fibers, CALLERS);
    weft_client_free(client);
    WEFT_SIM_CHECK(!weft_runtime_stop());
    left--;
}

/* ---- the move ---- */

/* Change the tag of a server, and wait until all clients know it. */
static void
tag(int i, const char *text)
{
    snprintf(states[i].tag, sizeof states[i].tag, "%s", text);
    version++;
    for (int c = 0; c < CLIENTS; c++)
        while (seen[c] < version)
            (void)weft_sleep_ms(20);
    if (below(2))
        (void)weft_sleep_ms((int64_t)below(300));
}

static void
shuffle(int *order, int n)
{
    for (int i = 0; i < n; i++) {
        int k = (int)below((uint64_t)i + 1);
        order[i] = order[k];
        order[k] = i;
    }
}

static void
come(void)
{
    int order[NEW];
    char text[16];
    shuffle(order, NEW);
    for (int k = 0; k < NEW; k++) {
        int i = order[k];
        snprintf(text, sizeof text, "%d/%d", i, NEW);
        if (is_both && i == NEW - 1) {
            tag(0, "0/3 3/4");
            continue;
        }
        while (!states[OLD + i].serves)
            (void)weft_sleep_ms(20);
        tag(OLD + i, text);
    }
}

static void
go(void)
{
    int order[OLD];
    shuffle(order, OLD);
    for (int k = 0; k < OLD; k++) {
        int i = order[k];
        if (is_both && i == 0) {
            tag(0, "3/4");
            continue;
        }
        tag(i, "");
        if (kills)
            weft_sim_kill(servers[i]);
        else
            states[i].goes = true;
    }
}

/* The servers of the 3 partitions have the weight 3 together, those of the 4
 * have 12, or 10 if server 0 is one of them. */
static void
look_at_shares(void)
{
    uint32_t n = shares[0] + shares[1];
    WEFT_SIM_CHECK(n > 250);
    WEFT_SIM_CHECK(shares[0] * 5 < n * 2);
    WEFT_SIM_CHECK(shares[0] * 15 > n);
}

static void
move(void *arg)
{
    const struct weft_runtime_options runtime = {.workers = 1};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    tag(0, "0/3"); /* now all clients have a list */
    come();
    is_steady = true;
    (void)weft_sleep_ms(STEADY_MS);
    is_steady = false;
    look_at_shares();
    go();
    (void)weft_sleep_ms((int64_t)below(1000));
    is_over = true;
    left--;
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3",
                                               "s4", "s5", "s6"};
    memset(states, 0, sizeof states);
    memset(seen, 0, sizeof seen);
    memset(shares, 0, sizeof shares);
    version = 0;
    is_steady = is_over = false;
    kills = below(2);
    is_both = below(2);
    left = CLIENTS + 1;
    for (int i = 0; i < OLD; i++)
        snprintf(states[i].tag, sizeof states[i].tag, "%d/%d", i, OLD);
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, (void *)(intptr_t)i);
    for (int c = 0; c < CLIENTS; c++)
        weft_sim_host_new(c ? "c1" : "c0", be_client, &seen[c]);
    weft_sim_host_new("mover", move, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "reshard",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
