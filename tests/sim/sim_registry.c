/* SPDX-License-Identifier: MIT */
/*
 * Clients find their servers in a registry: a host that plays an agent of
 * Consul. The list changes, the agent answers with garbage and errors, is
 * killed and cut off, and its connections are reset. A list that the agent has
 * sent as garbage is never used, and no client loses its last list. When all is
 * quiet again, all clients have the last list soon; after the wait of a query,
 * if the agent has begun anew and has reached the index of that query again.
 * While there is no news, the agent is asked once.
 */
#include "ledger_answers.h"
#include "ledger_serve.h"

#include "fibers.h"

#include <weft/net.h>
#include <weft/upstream.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS 3
#define CLIENTS 2
#define WAIT_MS 60000
#define SOON_MS 30000 /* a connection whose reset was lost ends after 20 s */

static const char *const addresses[SERVERS] = {"10.0.0.1:9090", "10.0.0.2:9090",
                                               "10.0.0.3:9090"};
static weft_sim_host agent, caller;
static uint32_t failing; /* 1 while faults happen */

/* What the registry knows; it survives the death of the agent. */
static struct {
    uint64_t index;
    uint32_t listed; /* a bit for each server */
    bool has_begun_anew;
    uint32_t n_queries;
} book;

static void
serve(void *arg)
{
    static const struct ledger_Ledger_service table = {.run = answer_number};
    (void)arg;
    serve_for_others(NULL, &table);
}

/* ---- the agent ---- */

static void
answer(struct weft_conn *conn, const char *status, const char *body)
{
    char text[1000];
    int n = snprintf(text, sizeof text,
                     "HTTP/1.1 %s\r\nX-Consul-Index: %u\r\n"
                     "Content-Length: %zu\r\n\r\n%s",
                     status, (unsigned)book.index, strlen(body), body);
    if (weft_conn_write(conn, text, (size_t)n) || weft_conn_flush(conn))
        weft_conn_close(conn);
}

static void
answer_list(struct weft_conn *conn)
{
    char body[700] = "[";
    for (int i = 0; i < SERVERS; i++)
        if (book.listed & 1u << i)
            snprintf(body + strlen(body), sizeof body - strlen(body),
                     "%s{\"Node\":{\"Address\":\"10.0.0.%d\"},\"Service\":{"
                     "\"Address\":\"\",\"Port\":9090}}",
                     strlen(body) > 1 ? "," : "", i + 1);
    answer(conn, "200 OK", strcat(body, "]"));
}

/* The list of an answer that is garbage has a server that does not exist. */
static void
answer_garbage(struct weft_conn *conn)
{
    static const char body[] =
        "[{\"Service\":{\"Address\":\"10.0.0.9\",\"Port\":9090}}";
    if (below(2))
        answer(conn, "200 OK", body);
    else
        answer(conn, "500 No leader", "no leader");
}

/* Wait until the list has another index than that of the query. */
static void
await_change(uint64_t index)
{
    uint64_t until = weft_now_ns() + WAIT_MS * (uint64_t)MS;
    while (book.index == index && weft_now_ns() < until)
        if (weft_sleep_ms(20))
            return;
}

static void
on_request(struct weft_conn *conn, void *user)
{
    const uint8_t *line;
    uint64_t index = 0;
    size_t n;
    (void)user;
    do {
        if (weft_conn_next_through(conn, '\n', &line, &n))
            return;
        const char *at = memmem(line, n, "index=", 6);
        if (at)
            index = strtoull(at + 6, NULL, 10);
    } while (n > 2);
    book.n_queries++;
    await_change(index);
    if (failing && below(4) == 0)
        answer_garbage(conn);
    else
        answer_list(conn);
}

static void
be_agent(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_request = on_request};
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(2)};
    struct weft_listener *listener;
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    WEFT_SIM_CHECK(!weft_listen(":8500", &hooks, NULL, NULL, &listener));
    weft_sim_wait_for_others();
    (void)!weft_listener_stop_until(listener, weft_now_ns());
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- clients ---- */

static uint32_t
bit_of(const char *address)
{
    for (uint32_t i = 0; i < SERVERS; i++)
        if (!strcmp(address, addresses[i]))
            return 1u << i;
    weft_sim_fail("the list has `%s`", address);
    return 0;
}

/* The servers that the client knows, a bit for each. */
static uint32_t
list_of(struct weft_client *client)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    uint32_t list = 0;
    WEFT_SIM_CHECK(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++)
        list |= bit_of(views.items[i].address.ptr);
    weft_arena_fini(&arena);
    return list;
}

/* While the registry fails, calls go on with the list that is known. */
static void
call_on(void *arg)
{
    struct weft_client *client = arg;
    bool had = false;
    do { /* the first call begins the look-ups */
        struct weft_arena arena = WEFT_ARENA_INIT;
        struct ledger_run_args args = {.number = 1};
        struct ledger_run_result result = {0};
        const struct weft_call_options options = {
            .deadline_ns = weft_now_ns() + 2000 * (uint64_t)MS};
        weft_err err =
            ledger_Ledger_run(client, &arena, &args, &result, &options);
        WEFT_SIM_CHECK(!had || err != WEFT_ENOENDPOINT);
        WEFT_SIM_CHECK(!had || list_of(client));
        had = list_of(client) > 0;
        WEFT_SIM_SOMETIMES("no list is known yet", err == WEFT_ENOENDPOINT);
        weft_arena_fini(&arena);
        (void)weft_sleep_ms((int64_t)below(100));
    } while (failing);
}

static void
await_last(struct weft_client *client)
{
    struct weft_client_stats stats;
    uint64_t ms = SOON_MS + (book.has_begun_anew ? WAIT_MS : 0);
    uint64_t until = weft_now_ns() + ms * MS;
    while (list_of(client) != book.listed) {
        if (weft_now_ns() > until)
            weft_sim_fail("the list is %u, not %u", list_of(client),
                          book.listed);
        (void)weft_sleep_ms(20);
    }
    must_answer(client, 7);
    weft_client_get_stats(client, &stats);
    WEFT_SIM_SOMETIMES("a look-up has failed", stats.failed_lookups > 0);
    WEFT_SIM_SOMETIMES("many lists came", stats.lists > 5);
}

/* Without news the agent is asked once; queries of the time before may end. */
static void
look_at_queries(void)
{
    uint32_t before = book.n_queries;
    (void)weft_sleep_ms(5000);
    WEFT_SIM_CHECK(book.n_queries <= before + 2 * CLIENTS);
}

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    struct weft_client *clients[CLIENTS];
    weft_fiber fibers[CLIENTS];
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    for (int i = 0; i < CLIENTS; i++) {
        WEFT_SIM_CHECK(!weft_client_new("consul:agent:8500/ledger?tag=x", NULL,
                                        &clients[i]));
        fibers[i] = start(call_on, clients[i]);
    }
    join_all(fibers, CLIENTS);
    for (int i = 0; i < CLIENTS; i++)
        await_last(clients[i]);
    look_at_queries();
    for (int i = 0; i < CLIENTS; i++)
        weft_client_free(clients[i]);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- changes and faults ---- */

static void
change(void)
{
    uint32_t before = book.listed;
    do
        book.listed = 1 + (uint32_t)below((1u << SERVERS) - 1);
    while (book.listed == before);
    book.index++;
}

static void
hurt_agent(void)
{
    if (below(2)) {
        weft_sim_kill(agent);
        (void)weft_sleep_ms((int64_t)below(1500));
        if (below(2))
            book.index = book.has_begun_anew = 1;
        weft_sim_restart(agent);
        return;
    }
    weft_sim_cut(caller, agent, true);
    if (below(2))
        weft_sim_cut(agent, caller, true);
    (void)weft_sleep_ms((int64_t)below(1500));
    weft_sim_cut(caller, agent, false);
    weft_sim_cut(agent, caller, false);
}

static void
fail(void *arg)
{
    uint64_t until = below(8000) * (uint64_t)MS;
    (void)arg;
    weft_sim_faults(WEFT_SIM_INTERRUPTED | WEFT_SIM_RESET | WEFT_SIM_SLOW |
                    WEFT_SIM_SHORT | WEFT_SIM_MAYBE);
    while (weft_sim_now_ns() < until) {
        (void)weft_sleep_ms((int64_t)below(500));
        change();
        if (below(3) == 0)
            hurt_agent();
    }
    change();
    end_faults(&failing);
}

static void
set_up(void)
{
    static const char *const names[SERVERS] = {"s0", "s1", "s2"};
    failing = 1;
    book.index = book.listed = 1;
    book.has_begun_anew = false;
    book.n_queries = 0;
    for (int i = 0; i < SERVERS; i++)
        weft_sim_host_new(names[i], serve, NULL);
    agent = weft_sim_host_new("agent", be_agent, NULL);
    caller = weft_sim_host_new("caller", be_client, NULL);
    weft_sim_host_new("chaos", fail, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "registry",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
