/* SPDX-License-Identifier: MIT */
/*
 * The life of a server: new, add, listen, start, stop, free.
 *
 * Until its deadline, a stop waits for the answer to every call that was
 * accepted. Proof: the reader counts the calls that it has cut (in_flight) and
 * then loads `stopping`; the stop sets `stopping` and then loads in_flight.
 * These four accesses are seq_cst, so either the call is refused with
 * WEFT_ESTOPPING, or the stop waits for the end of the call. (A call of
 * weft.health is not refused, and waits for nothing.) The sending end of
 * a connection is closed only when the connection has no call in flight. The
 * whole connection is closed when the peer closes it, or when the peer has
 * acknowledged every byte. After the deadline the stop cancels the handlers
 * that still run, and fails the connections that are still open.
 *
 * Before all that, a stop deregisters the server (server_registries.c). The
 * server accepts connections and calls until then.
 *
 * `started` is relaxed: the user calls add, listen, start and free one at a
 * time, and a mutex orders the stops. Counters may be read at any time.
 */
#include "rpc/call.h"
#include "rpc/health.h"
#include "rpc/idl.h"
#include "rpc/server.h"

#include <errno.h>
#include <string.h>

#define LINGER_MS 1000 /* peers have this time to read the last bytes */
#define LOOK_MS 10     /* the time between two checks of all connections */

static void
fill_in(struct weft_server_options *o)
{
    o->limits = wf_limits_of(&o->limits);
    o->max_connections = wf_option(o->max_connections, 10000);
    o->max_calls = wf_option(o->max_calls, 10000);
    o->max_calls_per_connection = wf_option(o->max_calls_per_connection, 1024);
    o->max_queued = wf_option_size(o->max_queued, (size_t)64 << 20);
    o->max_memory = wf_option_size(o->max_memory, (size_t)1 << 30);
    o->idle_timeout_ms = wf_option(o->idle_timeout_ms, 600000);
    o->read_timeout_ms = wf_option(o->read_timeout_ms, 20000);
    o->write_timeout_ms = wf_option(o->write_timeout_ms, 20000);
    o->stop_timeout_ms = wf_option(o->stop_timeout_ms, 10000);
    o->call_timeout_ms = wf_option(o->call_timeout_ms, WEFT_NONE);
    o->backlog = wf_option(o->backlog, 4096);
}

/* Free what weft_server_new has made. */
static void
release(struct weft_server *server)
{
    wf_gauge_fini(&server->in_flight);
    wf_parts_free(server->counters, sizeof *server->counters);
    wf_sys_free(server->block);
}

static weft_err
make_counts(struct weft_server *server)
{
    server->counters = wf_parts_new(sizeof *server->counters);
    return server->counters ? wf_gauge_init(&server->in_flight) : -ENOMEM;
}

weft_err
weft_server_new(const struct weft_server_options *options,
                struct weft_server **out)
{
    void *memory;
    struct weft_server *server = wf_sys_zalloc_line(sizeof *server, &memory);
    *out = server;
    if (!server)
        return -ENOMEM;
    server->block = memory;
    server->live = WF_LIVE;
    if (options)
        server->options = *options;
    fill_in(&server->options);
    server->memory.max = server->options.max_memory;
    weft_err err = make_counts(server);
    if (!err)
        err = wf_server_options_keep(&server->options);
    if (err) {
        *out = NULL;
        release(server);
    }
    return err;
}

weft_err
weft_server_add(struct weft_server *server, const char *name,
                const struct weft_service *service, const void *table,
                void *user)
{
    if (wf_load(&server->started, relaxed))
        return -EBUSY;
    return wf_routes_add(&server->routes, name, service, table, user);
}

weft_err
weft_server_listen_until(struct weft_server *server, const char *address,
                         uint64_t deadline_ns)
{
    if (wf_load(&server->started, relaxed))
        return -EBUSY;
    if (server->n_acceptors == WF_ACCEPTORS_MAX)
        return WEFT_EFULL;
    struct wf_listen how = {server->options.backlog, false, deadline_ns};
    weft_err err = wf_acceptor_new(address, &how, wf_serve_accepted, server,
                                   &server->acceptors[server->n_acceptors]);
    if (!err)
        server->n_acceptors++;
    return err;
}

weft_err
weft_server_listen(struct weft_server *server, const char *address)
{
    return weft_server_listen_until(server, address,
                                    weft_after_ms(WF_LISTEN_MS));
}

uint16_t
weft_server_port(const struct weft_server *server)
{
    for (uint32_t i = 0; i < server->n_acceptors; i++)
        if (wf_acceptor_port(server->acceptors[i]))
            return wf_acceptor_port(server->acceptors[i]);
    return 0;
}

static void
free_acceptors(struct weft_server *server)
{
    for (uint32_t i = 0; i < server->n_acceptors; i++)
        wf_acceptor_free(server->acceptors[i]);
    server->n_acceptors = 0;
}

/* Add the methods that weft itself has. Methods of the program that have their
 * names come first. An earlier start may have added them, and failed. */
static weft_err
add_own_methods(struct weft_server *server)
{
    struct wf_routes *routes = &server->routes;
    bool told = wf_idl_is_told(routes);
    const struct weft_service *own =
        told ? &wf_idl_service : &wf_health_service;
    for (uint32_t i = 0; i < routes->n_served; i++)
        if (routes->served[i].service == own)
            return WEFT_OK;
    weft_err err = wf_routes_add(routes, "weft", own, NULL, NULL);
    /* the program has a service "weft" of its own */
    return err == -EEXIST && !told ? WEFT_OK : err;
}

/* Prepare all that connections need, before the acceptors start. */
static weft_err
prepare(struct weft_server *server)
{
    const struct weft_server_options *o = &server->options;
    weft_err err = wf_runtime_ensure();
    if (!err)
        err = add_own_methods(server);
    if (!err)
        err = wf_conns_init(&server->conns,
                            WF_MIN(o->idle_timeout_ms, o->read_timeout_ms));
    return err;
}

weft_err
weft_server_start(struct weft_server *server)
{
    if (wf_load(&server->started, relaxed))
        return -EALREADY;
    if (server->n_acceptors == 0)
        return -EDESTADDRREQ;
    weft_err err = prepare(server);
    if (err) { /* otherwise the kernel would go on accepting connections */
        free_acceptors(server);
        return err;
    }
    wf_gauge_bound(&server->in_flight, server->options.max_calls);
    wf_set_held(wf_call_tell_holds);
    wf_store(&server->started, true, relaxed);
    for (uint32_t i = 0; i < server->n_acceptors && !err; i++)
        err = wf_acceptor_start(server->acceptors[i]);
    if (!err)
        err = wf_server_enter_registries(server);
    if (err)
        (void)weft_server_stop_until(server, weft_now_ns());
    return err;
}

/* ---- stop ---- */

static weft_err
wait_quiet(struct weft_server *server, uint64_t deadline_ns)
{
    weft_err err = WEFT_OK;
    while (!err) {
        struct weft_waitnode node;
        wf_waitq_lock(&server->quiet);
        if (wf_gauge_sum(&server->in_flight) == 0 ||
            WF_MUTANT(stop_waits_for_none)) {
            wf_waitq_unlock(&server->quiet);
            break;
        }
        err = wf_waitq_wait(&server->quiet, &node, deadline_ns, false,
                            WEFT_WAIT_END);
    }
    return err;
}

static void
fail_one(struct wf_sock *s, void *unused)
{
    (void)unused;
    wf_sock_fail(s, WEFT_ETIMEOUT);
}

static void
cancel_one(struct wf_sock *s, void *unused)
{
    (void)unused;
    wf_tasks_cancel(s->owner);
}

/* Cancel the handlers that still run after the deadline, and wait until they
 * have ended. Once a second, log how many calls have not ended. */
static void
cancel_handlers(struct weft_server *server)
{
    uint32_t looks = 0;
    wf_conns_each(&server->conns, fail_one, NULL);
    do {
        wf_tasks_cancel(server);
        if (server->options.cancel_when_gone) /* each connection is a group */
            wf_conns_each(&server->conns, cancel_one, NULL);
        if (++looks % 10 == 0)
            wf_server_tell_waits(server);
    } while (wait_quiet(server, weft_after_ms(100)));
}

/* Close a connection if the close loses nothing. *any_queued receives true if
 * replies are queued. */
static void
end_settled(struct wf_sock *s, void *any_queued)
{
    if (wf_load(&s->queued, relaxed) > 0)
        *(bool *)any_queued = true;
    else if (wf_server_conn_is_settled(s->owner))
        wf_sock_fail(s, WEFT_ESTOPPING);
}

/* Called when no call is in flight: wait until all connections are closed. When
 * the kernel has taken all queued replies, the peers have LINGER_MS to read the
 * last bytes. After that, or at the deadline, fail the connections that are
 * still open. */
static void
wait_closed(struct weft_server *server, uint64_t deadline_ns)
{
    uint64_t until = deadline_ns;
    bool lingers = false;
    while (wf_sys_now_ns() < until) {
        bool any_queued = false;
        uint64_t look = WF_MIN(weft_after_ms(LOOK_MS), until);
        if (!wf_conns_wait_empty(&server->conns, look))
            return;
        if (!WF_MUTANT(idle_conn_delays_stop))
            wf_conns_each(&server->conns, end_settled, &any_queued);
        if (!any_queued && !lingers) {
            lingers = true;
            until = WF_MIN(weft_after_ms(LINGER_MS), until);
        }
    }
    wf_conns_each(&server->conns, fail_one, NULL);
}

/* True if the calling fiber runs a handler of the server, or the calling thread
 * runs a job for such a handler. */
static bool
is_waited_for(const struct weft_server *server)
{
    const struct weft_call *call = wf_call_handled();
    if (!call)
        call = wf_task_blocks_for();
    return call && call->server == server;
}

static weft_err
stop(void *it, uint64_t deadline_ns)
{
    struct weft_server *server = it;
    if (!wf_load(&server->started, relaxed))
        return WEFT_OK;
    if (!WF_MUTANT(deregisters_after_drain))
        wf_server_leave_registries(server, deadline_ns);
    free_acceptors(server);
    wf_store(&server->stopping, true, seq_cst);
    wf_conns_each(&server->conns, wf_server_conn_end, NULL);
    weft_err err = wait_quiet(server, deadline_ns);
    if (err)
        cancel_handlers(server);
    wait_closed(server, deadline_ns);
    if (WF_MUTANT(deregisters_after_drain))
        wf_server_leave_registries(server, deadline_ns);
    WF_CHECK(!wf_conns_wait_empty(&server->conns, WEFT_NEVER));
    wf_conns_fini(&server->conns);
    /* server->memory is not checked, because local calls may still use it. */
    WF_DCHECK(wf_gauge_sum(&server->in_flight) == 0);
    wf_store(&server->stopping, false, relaxed); /* no other user is left */
    wf_store(&server->started, false, relaxed);
    return err;
}

static bool
is_busy(void *it)
{
    struct weft_server *server = it;
    return wf_gauge_sum(&server->in_flight) > 0;
}

static void
hurry(void *it)
{
    struct weft_server *server = it;
    wf_server_hurry_registries(server);
    if (is_busy(server))
        cancel_handlers(server);
    wf_conns_each(&server->conns, fail_one, NULL);
}

weft_err
weft_server_stop_until(struct weft_server *server, uint64_t deadline_ns)
{
    static const struct wf_stop_ops how = {stop, is_busy, hurry};
    if (is_waited_for(server))
        return wf_load(&server->started, relaxed) ? -EDEADLK : WEFT_OK;
    return wf_stop(&server->stop, &how, server, deadline_ns);
}

weft_err
weft_server_stop(struct weft_server *server)
{
    return weft_server_stop_until(server, wf_server_stop_end(server));
}

void
weft_server_free(struct weft_server *server)
{
    if (!server)
        return;
    wf_live_check(&server->live,
                  "weft_server_free: the server has been freed already");
    if (weft_server_stop(server) == -EDEADLK)
        WF_MISUSED("weft_server_free: a handler of the server calls it");
    server->live = 0;
    free_acceptors(server);
    wf_server_drop_registries(server);
    wf_held_settle(); /* from now on the user may unload the services */
    wf_routes_fini(&server->routes);
    wf_server_options_drop(&server->options);
    release(server);
}
