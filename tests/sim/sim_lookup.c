/* SPDX-License-Identifier: MIT */
/*
 * Clients look their servers up, in a file, by name, and by a function of
 * their own, while the file is rewritten, torn and spoiled, the name changes,
 * look-ups and the disk fail, and servers are killed. No call runs twice. When
 * all is quiet again, all clients call the server that was named last, and no
 * other one.
 */
#include "ledger_calls.h"

#include <weft/net.h>
#include <weft/os.h>
#include <weft/upstream.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SERVERS 3
#define CLIENTS 3
#define BY_NAME 2 /* this client looks a name up */
#define CALLERS 2 /* of each client */
#define CALLS 25
#define LISTS_A_SECOND 10

static const struct weft_endpoint endpoints[SERVERS] = {
    {.address = "s0:9090", .weight = 1},
    {.address = "s1:9090", .weight = 2},
    {.address = "s2:9090", .weight = 1}};
static weft_sim_host servers[SERVERS], caller;
static uint32_t failing;  /* 1 while faults happen */
static uint32_t last;     /* the only server of the last lists */
static uint32_t n_inside; /* calls of find that run; at most 1 */
static bool is_cut_off;   /* a failed write has left a part of a list */

static void
serve(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!ledger_serve());
}

/* ---- the function of the user ---- */

/* Publish once, or again and again. */
static weft_err
publish(struct weft_resolver *resolver)
{
    struct weft_endpoint some[SERVERS];
    uint32_t n = 0;
    for (int i = 0; i < SERVERS; i++)
        if (failing ? below(2) : (uint32_t)i == last)
            some[n++] = endpoints[i];
    WEFT_SIM_SOMETIMES("the function finds no server", n == 0);
    return weft_resolver_publish(resolver, some, n);
}

static weft_err
find_once(struct weft_resolver *resolver)
{
    if (failing && below(3) == 0) {
        weft_resolver_explain(resolver, "drawn");
        return -EIO;
    }
    weft_err err = publish(resolver);
    for (uint32_t k = failing ? (uint32_t)below(20) : 0; k > 0 && !err; k--)
        err = publish(resolver);
    if (!err && below(3) == 0)
        err = weft_sleep_ms((int64_t)below(3000)); /* a watch */
    return err;
}

static weft_err
find(struct weft_resolver *resolver, const char *name, void *user)
{
    (void)user;
    WEFT_SIM_CHECK(strcmp(name, "own") == 0 && n_inside++ == 0);
    weft_err err = find_once(resolver);
    WEFT_SIM_SOMETIMES("the function is cancelled", err == WEFT_ECANCEL);
    n_inside--;
    return err;
}

/* ---- the file ---- */

/* Write the file piece by piece, as no careful program does, but in less time
 * than the client leaves between two looks. */
static void
write_slowly(const char *text)
{
    int fd;
    size_t n = strlen(text), half = below(n + 1), put;
    if (weft_file_open("list", O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd))
        return;
    if (weft_file_write(fd, text, half, &put))
        is_cut_off = true;
    (void)weft_sleep_ms((int64_t)below(450));
    if (weft_file_write(fd, text + half, n - half, &put))
        is_cut_off = true;
    WEFT_SIM_CHECK(!close(fd));
}

static void
save_some(void)
{
    char text[100] = "# servers\n";
    for (int i = 0; i < SERVERS; i++)
        if (below(2))
            snprintf(text + strlen(text), sizeof text - strlen(text),
                     "%s;weight=%u\n", endpoints[i].address,
                     endpoints[i].weight);
    if (below(5) == 0)
        strcat(text, "nobody\n");
    if (below(2))
        write_slowly(text);
    else if (weft_file_save("list", text, strlen(text), 0600))
        is_cut_off = true;
}

/* ---- the name ---- */

static void
rename_some(void)
{
    weft_sim_host some[SERVERS];
    uint32_t n = 0;
    for (int i = 0; i < SERVERS; i++)
        if (below(2))
            some[n++] = servers[i];
    weft_sim_name("servers", some, n);
}

/* ---- changes ---- */

static void
rewrite(void *arg)
{
    char text[40];
    (void)arg;
    while (failing) {
        save_some();
        rename_some();
        (void)weft_sleep_ms((int64_t)below(1500));
    }
    /* the end of the last line is missing at times */
    snprintf(text, sizeof text, "%s%s", endpoints[last].address,
             below(2) ? "\n" : "");
    WEFT_SIM_CHECK(!weft_file_save("list", text, strlen(text), 0600));
    weft_sim_name("servers", &servers[last], 1);
}

/* ---- the clients ---- */

static void
call(void *arg)
{
    ledger_ask_some(arg, 1, CALLS);
}

static bool
is_known(const char *address)
{
    for (int i = 0; i < SERVERS; i++)
        if (!strcmp(address, endpoints[i].address))
            return true;
    return false;
}

/* No list holds a part of an address, and no list becomes empty. */
static void
look_at(int k, struct weft_client *client, bool *had)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++)
        WEFT_SIM_CHECK(is_known(views.items[i].address.ptr) || is_cut_off ||
                       k == BY_NAME);
    WEFT_SIM_CHECK(views.len > 0 || !*had);
    *had = views.len > 0;
    weft_arena_fini(&arena);
}

static void
look(void *arg)
{
    struct weft_client *const *clients = arg;
    bool had[CLIENTS] = {false};
    while (failing) {
        for (int k = 0; k < CLIENTS; k++)
            look_at(k, clients[k], &had[k]);
        (void)weft_sleep_ms(100);
    }
}

/* Lists are not taken more often than is promised. */
static void
count_lists(struct weft_client *client)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    uint64_t most = 1 + weft_sim_now_ns() / (1000 * MS / LISTS_A_SECOND);
    WEFT_SIM_CHECK(stats.lists + stats.empty_lists <= most);
    WEFT_SIM_SOMETIMES("a look-up has failed", stats.failed_lookups > 0);
    WEFT_SIM_SOMETIMES("an empty list was not taken", stats.empty_lists > 0);
}

/* Soon after the faults the list has the last server alone. */
static void
await_last(struct weft_client *client, const char *address)
{
    bool is_last = false;
    for (int ms = 0; !is_last; ms += 10) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct weft_endpoint_views views;
        WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
        is_last =
            views.len == 1 && !strcmp(views.items[0].address.ptr, address);
        weft_arena_fini(&arena);
        WEFT_SIM_CHECK(ms < 20000);
        (void)weft_sleep_ms(10);
    }
}

static struct weft_client *
new_client(const char *target, weft_resolve_fn resolve)
{
    const struct weft_upstream_options upstream = {
        .balance = (enum weft_balance)below(4),
        .resolve = resolve,
        .refresh_ms = 1 + (uint32_t)below(3000)};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    WEFT_SIM_CHECK(!weft_client_new(target, &options, &client));
    return client;
}

/* The first call of a client waits no longer than the look-up takes. */
static void
ask_anew(void)
{
    struct weft_client *client = new_client("file:list", NULL);
    uint64_t begun = weft_now_ns();
    ledger_ask_in_quiet(client);
    WEFT_SIM_CHECK(weft_now_ns() - begun < 4000 * (uint64_t)MS);
    weft_client_free(client);
}

static uint32_t n_found; /* calls of find_nobody */

static weft_err
find_nobody(struct weft_resolver *resolver, const char *name, void *user)
{
    static const struct weft_endpoint nobody = {.address = "s0:1", .weight = 1};
    (void)name;
    (void)user;
    n_found++;
    return weft_resolver_publish(resolver, &nobody, 1);
}

/* Each time that a server cannot be reached, the servers are looked up again
 * soon, although the next look-up is not due for an hour. */
static void
look_up_after_failures(void)
{
    const struct weft_upstream_options upstream = {.resolve = find_nobody,
                                                   .refresh_ms = 3600 * 1000};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    n_found = 0;
    WEFT_SIM_CHECK(!weft_client_new("nobody", &options, &client));
    for (uint32_t i = 1; i < 5; i++) {
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct ledger_run_args args = {.number = 0};
        struct ledger_run_result result;
        WEFT_SIM_CHECK(ledger_Ledger_run(client, &arena, &args, &result,
                                         NULL) == WEFT_ECONNECT);
        WEFT_SIM_CHECK(n_found >= i);
        weft_arena_fini(&arena);
        (void)weft_sleep_ms(2000);
        WEFT_SIM_CHECK(n_found > i);
    }
    uint32_t before = n_found;
    (void)weft_sleep_ms(60 * 1000);
    WEFT_SIM_CHECK(n_found == before);
    weft_client_free(client);
}

/* When all is quiet, each client has the last server alone. */
static void
ask_in_quiet(struct weft_client *const *clients)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_addresses found;
    const char *name = endpoints[last].address;
    wait_for_quiet(&failing);
    WEFT_SIM_CHECK(!weft_resolve(name, &arena, &found) && found.len == 1);
    for (int k = 0; k < CLIENTS; k++) {
        await_last(clients[k], k == BY_NAME ? found.items[0] : name);
        ledger_ask_in_quiet(clients[k]);
        count_lists(clients[k]);
    }
    ask_anew();
    look_up_after_failures();
    weft_arena_fini(&arena);
}

/* One life of the runtime. In the last one the faults end. */
static void
live(struct weft_client *const *clients, bool is_last)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    weft_fiber fibers[CLIENTS][CALLERS], writer, looker;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    if (is_last) {
        writer = start(rewrite, NULL);
        looker = start(look, (void *)(uintptr_t)clients);
    }
    for (int k = 0; k < CLIENTS; k++)
        start_all(call, (void *)(uintptr_t)&clients[k], fibers[k], CALLERS);
    for (int k = 0; k < CLIENTS; k++)
        join_all(fibers[k], CALLERS);
    if (is_last) {
        join_all(&writer, 1);
        join_all(&looker, 1);
        ask_in_quiet(clients);
    }
    if (is_last && below(2))
        return; /* the clients are freed while the runtime runs */
    WEFT_SIM_CHECK(!weft_runtime_stop());
    WEFT_SIM_CHECK(n_inside == 0);
}

static void
be_client(void *arg)
{
    (void)arg;
    struct weft_client *clients[CLIENTS] = {
        new_client("file:list", NULL), new_client("own", find),
        new_client("dns:servers:9090", NULL)};
    if (below(2))
        live(clients, false);
    live(clients, true);
    for (int k = 0; k < CLIENTS; k++)
        weft_client_free(clients[k]);
    WEFT_SIM_CHECK(n_inside == 0);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- faults ---- */

static void
fail(void *arg)
{
    uint64_t until = below(6000) * (uint64_t)MS;
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_DISK_ERROR | WEFT_SIM_DISK_FULL | WEFT_SIM_SHORT |
                    WEFT_SIM_NAMES | WEFT_SIM_MAYBE);
    while (weft_sim_now_ns() < until) {
        weft_sim_host s = servers[below(SERVERS)];
        (void)weft_sleep_ms((int64_t)below(500));
        weft_sim_kill(s);
        (void)weft_sleep_ms((int64_t)below(1500));
        weft_sim_restart(s);
    }
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2"};
    failing = 1;
    n_inside = 0;
    is_cut_off = false;
    last = (uint32_t)below(SERVERS);
    for (int i = 0; i < SERVERS; i++)
        servers[i] = weft_sim_host_new(names[i], serve, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "lookup",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
