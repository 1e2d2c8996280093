/* SPDX-License-Identifier: MIT */
/*
 * Clients in front of other clients, while one of four servers at a time is
 * killed, frozen or cut off, and servers refuse calls. Each call ends once; one
 * that is not idempotent is executed once at most by each partition.
 *
 *   clusters    to one of two clusters, and there to both servers
 *   store       to one of two partitions, or to both; each has two servers
 *   first       to two servers, of which the first answer is enough
 */
#include "ledger.h"

#include "fibers.h"
#include "hurt_server.h"

#include <weft/combine.h>

#define SERVERS 4
#define CALLERS 4
#define LAST 3 /* calls in flight when the client is freed */

static weft_sim_host servers[SERVERS], caller;
static bool refusing; /* the servers refuse some calls */
static uint32_t failing, n_last;
static struct weft_client *clusters, *store, *first;

/* ---- the servers ---- */

static weft_err
slow(struct weft_call *call, const struct ledger_slow_args *args,
     struct ledger_slow_result *result)
{
    (void)call;
    if (refusing && below(3) == 0)
        return WEFT_EOVERLOAD;
    weft_sim_call_run((uint64_t)args->number);
    result->success = args->number;
    return weft_sleep_ms(args->ms);
}

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.slow = slow};
    const struct weft_runtime_options runtime = {.workers =
                                                     1 + (uint32_t)below(2)};
    const struct weft_server_options options = {.stop_timeout_ms = 5000};
    struct weft_server *server;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    WEFT_SIM_CHECK(!weft_server_new(&options, &server));
    WEFT_SIM_CHECK(!ledger_Ledger_register(server, "Ledger", &table, NULL));
    WEFT_SIM_CHECK(!weft_server_listen(server, ":9090"));
    WEFT_SIM_CHECK(!weft_server_start(server));
    weft_sim_wait_for_others();
    WEFT_SIM_CHECK(!weft_server_stop(server));
    weft_server_free(server);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the clients ---- */

/* A call to both has two numbers in the ledger, one for each. */
static weft_err
map_number(const struct weft_fan_call *call, struct weft_sub_call *sub)
{
    const struct ledger_slow_args *whole = call->args;
    struct ledger_slow_args *args = weft_arena_alloc(call->arena, sizeof *args);
    WEFT_SIM_CHECK(args != NULL);
    *args = *whole;
    if (args->number > 0) /* 0: no call of the ledger */
        args->number += sub->index;
    sub->args = args;
    return WEFT_OK;
}

static weft_err
merge_numbers(const struct weft_fan_call *call,
              const struct weft_sub_call *subs, void *result)
{
    const struct ledger_slow_args *whole = call->args;
    struct ledger_slow_result *sum = result;
    *sum = (struct ledger_slow_result){.success = whole->number};
    for (uint32_t i = 0; i < call->n; i++) {
        const struct ledger_slow_result *one = subs[i].result;
        WEFT_SIM_CHECK(!subs[i].err && one->success == whole->number + i);
    }
    return WEFT_OK;
}

/* The second call takes long. */
static weft_err
map_long(const struct weft_fan_call *call, struct weft_sub_call *sub)
{
    struct ledger_slow_args *args = weft_arena_alloc(call->arena, sizeof *args);
    WEFT_SIM_CHECK(args != NULL);
    *args = (struct ledger_slow_args){.ms = sub->index == 0 ? 1 : 1000};
    sub->args = args;
    return WEFT_OK;
}

static struct weft_client *
new_client(int i)
{
    static const char *const targets[SERVERS] = {"s0:9090", "list:s1:9090",
                                                 "s2:9090", "list:s3:9090"};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new(targets[i], NULL, &client));
    return client;
}

static void
make_clients(void)
{
    const struct weft_fan_out_options both = {
        .map = map_number, .merge = merge_numbers, .fail_limit = 1};
    const struct weft_partition_options by_key = {.map = map_number,
                                                  .merge = merge_numbers};
    const struct weft_fan_out_options any = {.map = map_long, .enough = 1};
    struct weft_client *parts[2], *pair[2];
    for (int i = 0; i < 2; i++) {
        pair[0] = new_client(2 * i);
        pair[1] = new_client(2 * i + 1);
        WEFT_SIM_CHECK(!weft_client_fan_out(pair, 2, &both, &parts[i]));
    }
    WEFT_SIM_CHECK(!weft_client_select(parts, 2, NULL, &clusters));
    for (int i = 0; i < 2; i++) {
        pair[0] = new_client(2 * i);
        pair[1] = new_client(2 * i + 1);
        WEFT_SIM_CHECK(!weft_client_select(pair, 2, NULL, &parts[i]));
    }
    WEFT_SIM_CHECK(!weft_client_partition(parts, 2, &by_key, &store));
    pair[0] = new_client(0);
    pair[1] = new_client(1);
    WEFT_SIM_CHECK(!weft_client_fan_out(pair, 2, &any, &first));
}

/* ---- calls ---- */

/* Call, or begin a call and await it or cancel it. */
static weft_err
call_slow(struct weft_client *client, struct weft_arena *arena,
          const struct ledger_slow_args *args,
          struct ledger_slow_result *result,
          const struct weft_call_options *options)
{
    struct weft_pending pending;
    if (below(2))
        return ledger_Ledger_slow(client, arena, args, result, options);
    ledger_Ledger_slow_begin(client, arena, args, result, options, &pending);
    rest();
    if (below(8) == 0)
        return weft_pending_cancel(&pending);
    if (below(2))
        WEFT_SIM_CHECK(weft_await_any(&pending, 1) == 0);
    return weft_await(&pending);
}

static void
look(const struct weft_call_info *info, weft_err err)
{
    const struct weft_call_attempts *list = &info->attempts;
    WEFT_SIM_CHECK(err || list->len > 0);
    for (uint32_t i = 0; i < list->len; i++)
        WEFT_SIM_SOMETIMES("a part is cancelled, because another one fails",
                           err && err != WEFT_ECANCEL &&
                               list->items[i].err == WEFT_ECANCEL);
    WEFT_SIM_SOMETIMES("a call goes to another part", !err && list->len > 2);
    WEFT_SIM_SOMETIMES("a call fails", err);
}

/* The address of the server that has answered. */
static struct weft_str
last_of(const struct weft_call_info *info)
{
    return info->attempts.items[info->attempts.len - 1].endpoint;
}

/* Keys of the partitions 0 and 1. */
static const struct weft_str keys[] = {{"linus", 5}, {"grace", 5}};

/* One call, of one partition or of both. */
static void
ask(struct weft_client *client, bool of_both)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    bool idempotent = below(2);
    uint64_t partition = below(2);
    uint64_t deadline = weft_now_ns() + 1000 * (uint64_t)MS;
    uint64_t number = weft_sim_call_begin(deadline, idempotent);
    if (of_both)
        WEFT_SIM_CHECK(weft_sim_call_begin(deadline, idempotent) == number + 1);
    struct weft_call_options options = {
        .deadline_ns = deadline, .info = &info, .idempotent = idempotent};
    if (!of_both)
        options.hash_key = keys[partition];
    struct ledger_slow_args args = {.number = (int64_t)number,
                                    .ms = (int32_t)below(50)};
    struct ledger_slow_result result = {0};
    weft_err err = call_slow(client, &arena, &args, &result, &options);
    uint64_t reply = (uint64_t)result.success;
    weft_sim_call_end(number, err, info.reach, reply);
    if (of_both)
        weft_sim_call_end(number + 1, err, info.reach, reply + 1);
    look(&info, err);
    if (!err && !of_both) /* the servers of a partition: s0, s1 or s2, s3 */
        WEFT_SIM_CHECK((uint64_t)(last_of(&info).ptr[1] - '0') / 2 ==
                       partition);
    weft_arena_fini(&arena);
}

static void
ask_any(void)
{
    if (below(2))
        ask(clusters, true);
    else
        ask(store, below(2));
}

static void
call(void *arg)
{
    (void)arg;
    while (failing) {
        ask_any();
        if (below(4) == 0)
            (void)weft_sleep_ms((int64_t)below(40));
    }
}

/* The first answer is enough: the other call is cancelled. */
static void
ask_first(void)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    const struct weft_call_options options = {.info = &info};
    struct ledger_slow_args args = {.number = 0};
    struct ledger_slow_result result;
    weft_err err = ledger_Ledger_slow(first, &arena, &args, &result, &options);
    bool is_first = !err && info.attempts.len == 2 &&
                    info.attempts.items[0].took_ns < 500 * (uint64_t)MS;
    if (is_first && !info.attempts.items[0].err)
        WEFT_SIM_CHECK(info.attempts.items[1].err == WEFT_ECANCEL);
    WEFT_SIM_SOMETIMES("the first answer is enough", is_first);
    weft_arena_fini(&arena);
}

/* A call that is in flight when its client is freed. */
static void
call_last(void *arg)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_pending pending;
    struct ledger_slow_args args = {.number = 0, .ms = 2000};
    struct ledger_slow_result result;
    (void)arg;
    ledger_Ledger_slow_begin(store, &arena, &args, &result, NULL, &pending);
    n_last++;
    weft_err err = weft_await(&pending);
    WEFT_SIM_CHECK(err);
    WEFT_SIM_SOMETIMES("a free ends a call", err == WEFT_ECLOSED);
    weft_arena_fini(&arena);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    weft_fiber fibers[CALLERS];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    make_clients();
    start_all(call, NULL, fibers, CALLERS);
    join_all(fibers, CALLERS);
    refusing = true;
    for (int i = 0; i < 50; i++)
        ask_any();
    refusing = false;
    for (int i = 0; i < 5; i++)
        ask_first();
    start_all(call_last, NULL, fibers, LAST);
    while (n_last < LAST)
        (void)weft_sleep_ms((int64_t)below(20));
    weft_client_free(store);
    join_all(fibers, LAST);
    weft_client_free(clusters);
    weft_client_free(first);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
fail(void *arg)
{
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED);
    for (int i = 0; i < 3; i++) {
        (void)weft_sleep_ms(200 + (int64_t)below(500));
        hurt_server(servers[below(SERVERS)], caller, 1500);
    }
    (void)weft_sleep_ms(1000);
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2", "s3"};
    failing = 1;
    refusing = false;
    n_last = 0;
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "combine",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
