/* SPDX-License-Identifier: MIT */
/*
 * Puts a client of many servers under load from one worker, in a closed loop of
 * fibers, or of begun calls that one fiber awaits. Prints CPU per call and
 * percentiles of latency. With --list N the client has N servers, 127.0.0.1,
 * 127.0.0.2 and so on, and with --replace MS another list of N servers comes
 * every MS: one server of each hundred is another one.
 */
#include "echo.h"
#include "process.h"

#include <weft/upstream.h>
#include <weft/weft.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CLIENTS 16
#define MAX_CALLS 20000000u
#define MAX_LIST 20000u

static struct {
    struct weft_client *clients[MAX_CLIENTS];
    const char *targets[MAX_CLIENTS];
    uint32_t n_clients, depth;
    double seconds, warm;
    bool begins, is_armed;
    struct weft_str msg;
    uint64_t from_ns, until_ns;
    uint32_t *took_ns; /* of each call; an array of MAX_CALLS */
    uint64_t n_took, errors, bad;
    struct weft_upstream_options upstream;
    /* the list that is replaced */
    const char *port;
    uint32_t n_list, replace_ms, n_published;
    char (*addresses)[32];
    struct weft_endpoint *endpoints;
} load = {.depth = 64, .seconds = 2, .warm = 0.3, .msg = {NULL, 1024}};

/* ---- calls ---- */

static const struct weft_call_options plain_call,
    idempotent_call = {.idempotent = true};

static const struct weft_call_options *
call_options(void)
{
    bool may_repeat = load.is_armed || load.upstream.hedge_ms;
    return may_repeat ? &idempotent_call : &plain_call;
}

/* Returns the time. */
static uint64_t
note(weft_err err, const struct echo_EchoServer_echo_result *result,
     uint64_t began)
{
    uint64_t now = weft_now_ns();
    if (err && load.errors++ == 0)
        fprintf(stderr, "echo_many: %s\n", weft_err_text(err));
    else if (!err && !weft_str_eq(result->success.msg, load.msg))
        load.bad++;
    if (began >= load.from_ns && load.n_took < MAX_CALLS)
        load.took_ns[load.n_took++] = (uint32_t)(now - began);
    return now;
}

/* Several clients are used by chance, as the simplest balancer would. */
static struct weft_client *
any_client(void)
{
    static uint32_t random = 1;
    random ^= random << 13;
    random ^= random >> 17;
    random ^= random << 5;
    return load.clients[random % load.n_clients];
}

static void
caller(void *unused)
{
    const struct echo_EchoServer_echo_args args = {.req = {.msg = load.msg}};
    struct echo_EchoServer_echo_result result;
    struct weft_arena arena;
    uint64_t now = weft_now_ns();
    (void)unused;
    weft_arena_init(&arena, 0);
    while (now < load.until_ns) {
        weft_err err = echo_EchoServer_echo(any_client(), &arena, &args,
                                            &result, call_options());
        now = note(err, &result, now);
        weft_arena_reset(&arena);
    }
    weft_arena_fini(&arena);
}

struct begun {
    struct weft_arena arena;
    struct echo_EchoServer_echo_result result;
    uint64_t began_ns;
};

static void
begin(struct weft_pending *pending, struct begun *b, uint64_t now)
{
    static struct echo_EchoServer_echo_args args;
    args.req.msg = load.msg;
    b->began_ns = now;
    echo_EchoServer_echo_begin(load.clients[0], &b->arena, &args, &b->result,
                               call_options(), pending);
}

/* One fiber keeps `depth` calls in flight. */
static void
beginner(void *unused)
{
    struct weft_pending *pendings = calloc(load.depth, sizeof *pendings);
    struct begun *calls = calloc(load.depth, sizeof *calls);
    (void)unused;
    if (!pendings || !calls)
        abort();
    for (uint32_t i = 0; i < load.depth; i++) {
        weft_arena_init(&calls[i].arena, 0);
        begin(&pendings[i], &calls[i], weft_now_ns());
    }
    int i;
    while ((i = weft_await_any(pendings, load.depth)) >= 0) {
        weft_err err = weft_await(&pendings[i]);
        uint64_t now = note(err, &calls[i].result, calls[i].began_ns);
        weft_arena_reset(&calls[i].arena);
        if (now < load.until_ns)
            begin(&pendings[i], &calls[i], now);
    }
    for (uint32_t k = 0; k < load.depth; k++)
        weft_arena_fini(&calls[k].arena);
    free(pendings);
    free(calls);
}

/* ---- the list ---- */

/* In every other list one server of each hundred is another one. */
static void
fill_list(bool is_other)
{
    for (uint32_t i = 0; i < load.n_list; i++) {
        uint32_t host = 1 + i;
        if (is_other && i % 100 == 0)
            host += load.n_list;
        snprintf(load.addresses[i], sizeof load.addresses[i], "127.%u.%u.%u:%s",
                 host >> 16, host >> 8 & 255, host & 255, load.port);
        load.endpoints[i] =
            (struct weft_endpoint){.address = load.addresses[i]};
    }
}

static weft_err
publish(struct weft_resolver *resolver, const char *name, void *user)
{
    (void)name;
    (void)user;
    fill_list(load.n_published++ % 2 == 1);
    return weft_resolver_publish(resolver, load.endpoints, load.n_list);
}

static weft_err
open_list(void)
{
    load.addresses = calloc(load.n_list, sizeof *load.addresses);
    load.endpoints = calloc(load.n_list, sizeof *load.endpoints);
    if (!load.addresses || !load.endpoints)
        abort();
    load.upstream.resolve = publish;
    load.upstream.refresh_ms = load.replace_ms ? load.replace_ms : WEFT_NONE;
    load.targets[load.n_clients++] = "a list";
    return WEFT_OK;
}

/* ---- the run ---- */

static int
compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double
percentile_us(double p)
{
    return load.took_ns[(uint64_t)(p * (double)(load.n_took - 1))] / 1e3;
}

static int
report(double cpu, double span)
{
    double n = (double)load.n_took;
    struct weft_client_stats stats;
    if (load.errors || load.bad || !load.n_took) {
        fprintf(stderr, "echo_many: %llu errors, %llu bad replies, %.0f good\n",
                (unsigned long long)load.errors, (unsigned long long)load.bad,
                n);
        return 1;
    }
    weft_client_get_stats(load.clients[0], &stats);
    qsort(load.took_ns, load.n_took, sizeof *load.took_ns, compare);
    printf("{\"depth\":%u,\"qps\":%.0f,\"client_cpu_us\":%.3f,\"p50_us\":%.1f,"
           "\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f,\"hedges\":%llu,"
           "\"lists\":%llu,\"connects\":%llu}\n",
           load.depth, n / span, cpu * 1e6 / n, percentile_us(.5),
           percentile_us(.99), percentile_us(.999), percentile_us(1),
           (unsigned long long)stats.hedges, (unsigned long long)stats.lists,
           (unsigned long long)stats.connects);
    return 0;
}

static int
run(void)
{
    uint32_t n = load.begins ? 1 : load.depth;
    weft_fiber *ids = calloc(n, sizeof *ids);
    load.took_ns = calloc(MAX_CALLS, sizeof *load.took_ns);
    if (!ids || !load.took_ns)
        return 1;
    load.from_ns = weft_now_ns() + (uint64_t)(load.warm * 1e9);
    load.until_ns = load.from_ns + (uint64_t)(load.seconds * 1e9);
    for (uint32_t i = 0; i < n; i++)
        if (weft_fiber_start(load.begins ? beginner : caller, NULL, &ids[i]))
            return 1;
    weft_sleep_until(load.from_ns);
    double cpu = own_seconds();
    for (uint32_t i = 0; i < n; i++)
        weft_fiber_join(ids[i]);
    cpu = own_seconds() - cpu;
    double span = (double)(weft_now_ns() - load.from_ns) / 1e9;
    free(ids);
    return report(cpu, span);
}

/* ---- the command ---- */

static bool
take_balance(const char *name)
{
    static const char *const names[] = {"p2c", "round-robin", "random",
                                        "least"};
    for (uint32_t i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) {
            load.upstream.balance = (enum weft_balance)i;
            return true;
        }
    return false;
}

/* Everything that a call may need, but does not need here. */
static void
arm(void)
{
    load.is_armed = true;
    load.upstream.attempt_timeout_ms = 5000;
    load.upstream.hedge_ms = 5000;
    load.upstream.eject_failures = 3;
    load.upstream.check_ms = 3000;
}

static bool
take(int argc, char **argv)
{
    static const struct option options[] = {
        {"target", required_argument, NULL, 'T'},
        {"balance", required_argument, NULL, 'B'},
        {"begin", no_argument, NULL, 'a'},
        {"armed", no_argument, NULL, 'A'},
        {"hedge", required_argument, NULL, 'H'},
        {"depth", required_argument, NULL, 'd'},
        {"seconds", required_argument, NULL, 't'},
        {"warm", required_argument, NULL, 'w'},
        {"port", required_argument, NULL, 'p'},
        {"list", required_argument, NULL, 'l'},
        {"replace", required_argument, NULL, 'r'},
        {NULL, 0, NULL, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (c == 'T' && load.n_clients < MAX_CLIENTS)
            load.targets[load.n_clients++] = optarg;
        else if (c == 'a')
            load.begins = true;
        else if (c == 'A')
            arm();
        else if (c == 'H')
            load.upstream.hedge_ms = (uint32_t)atoi(optarg);
        else if (c == 'd')
            load.depth = (uint32_t)atoi(optarg);
        else if (c == 't')
            load.seconds = atof(optarg);
        else if (c == 'w')
            load.warm = atof(optarg);
        else if (c == 'p')
            load.port = optarg;
        else if (c == 'l')
            load.n_list = (uint32_t)atoi(optarg);
        else if (c == 'r')
            load.replace_ms = (uint32_t)atoi(optarg);
        else if (c != 'B' || !take_balance(optarg))
            return false;
    }
    bool has_list = load.n_list > 0 && load.n_list <= MAX_LIST && load.port;
    return has_list != (load.n_clients > 0) && load.depth > 0;
}

static weft_err
open_all(void)
{
    const struct weft_runtime_options runtime = {.workers = 1};
    const struct weft_client_options options = {.upstream = &load.upstream};
    weft_err err = weft_runtime_start(&runtime);
    if (!err && load.n_list)
        err = open_list();
    for (uint32_t i = 0; i < load.n_clients && !err; i++)
        err = weft_client_new(load.targets[i], &options, &load.clients[i]);
    return err;
}

int
main(int argc, char **argv)
{
    if (!take(argc, argv)) {
        fprintf(stderr,
                "usage: echo_many (--target TARGET... | --list N --port PORT\n"
                "                 [--replace MS]) [--balance NAME] [--begin]\n"
                "                 [--armed] [--hedge MS] [--depth N]\n"
                "                 [--seconds S] [--warm S]\n");
        return 2;
    }
    char *text = malloc(load.msg.len);
    if (!text)
        return 1;
    memset(text, 'x', load.msg.len);
    load.msg.ptr = text;
    weft_err err = open_all();
    if (err) {
        fprintf(stderr, "echo_many: %s\n", weft_err_text(err));
        return 1;
    }
    int status = run();
    for (uint32_t i = 0; i < load.n_clients; i++)
        weft_client_free(load.clients[i]);
    weft_runtime_stop();
    free(load.took_ns);
    free(load.addresses);
    free(load.endpoints);
    free(text);
    return status;
}
