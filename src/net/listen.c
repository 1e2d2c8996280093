/* SPDX-License-Identifier: MIT */
/*
 * A listener: connections with hooks. Reader fibers of a connection run one
 * after the other, never two at once. They call on_connect, then on_request as
 * often as there are bytes, then on_close. The last reader keeps its role, so
 * no hook runs after on_close.
 */
#include "net/accept.h"
#include "net/conn.h"
#include "net/conns.h"
#include "net/dial.h"

#include <errno.h>

#define MAX_CONNECTIONS 10000u
#define BACKLOG 4096u

struct weft_listener {
    struct wf_acceptor *acceptor;
    struct wf_conns conns;
    struct weft_conn_hooks hooks;
    void *user;
    struct weft_conn_options options;
};

/* Call on_request as long as it takes bytes. */
static void
serve(struct weft_listener *l, struct weft_conn *conn)
{
    size_t before;
    do {
        before = conn->in.len;
        if (before == 0 || conn->closing)
            return;
        l->hooks.on_request(conn, l->user);
        weft_conn_release(conn);
    } while (conn->in.len != before);
}

static void
finish(struct weft_listener *l, struct weft_conn *conn, weft_err why)
{
    struct wf_sock *s = conn->sock;
    struct weft_chain none = {0};
    if (l->hooks.on_close)
        l->hooks.on_close(conn, why, l->user);
    if (wf_sock_write(s, &none, WF_WRITE_LAST))
        wf_sock_fail(s, WEFT_ECLOSED);
    wf_sock_unref(s);
}

/* Read and serve what is there. on_request may read, too, and come to the end
 * of the input. An input that is full and not taken would never change. */
static weft_err
serve_all(struct weft_listener *l, struct weft_conn *conn)
{
    weft_err err;
    do {
        err = wf_conn_fill(conn, 0);
        serve(l, conn);
        err = err ? err : conn->end;
        if (!err && conn->in.len >= conn->max_input)
            err = WEFT_EBUFFERFULL;
    } while (!err && !conn->drained && !conn->closing);
    weft_err why = wf_sock_error(conn->sock);
    return why ? why : err; /* the reason, not what it did to the read */
}

static void
readable(struct wf_sock *s)
{
    struct weft_conn *conn = s->owner;
    struct weft_listener *l = conn->listener;
    if (!conn->connected) {
        conn->connected = true;
        if (l->hooks.on_connect)
            l->hooks.on_connect(conn, l->user);
    }
    do {
        conn->seen = wf_sock_read_begin(s);
        weft_err err = serve_all(l, conn);
        if (err || conn->closing) {
            finish(l, conn, err ? err : WEFT_ECLOSED);
            return;
        }
        (void)wf_chain_compact(&conn->in);
    } while (!wf_sock_read_end(s, &conn->seen));
}

static weft_err
overdue(struct wf_sock *s, uint64_t now_ns)
{
    const struct weft_conn *conn = s->owner;
    uint64_t idle_ns = (uint64_t)conn->idle_timeout_ms * 1000000u;
    uint64_t last = wf_load(&s->last_ns, relaxed);
    return idle_ns && now_ns > last && now_ns - last > idle_ns ? WEFT_EIDLE
                                                               : WEFT_OK;
}

static const struct wf_sock_ops ops = {readable, wf_conn_failed, wf_conn_closed,
                                       overdue};

static void
accepted(void *owner, int fd)
{
    struct weft_listener *l = owner;
    struct weft_conn *conn = NULL;
    if (wf_conns_count(&l->conns) < l->options.max_connections)
        conn = wf_conn_new(fd, &ops, &l->options);
    if (!conn) {
        (void)wf_sys_close(fd);
        return;
    }
    wf_no_delay(fd);
    conn->listener = l;
    struct wf_sock *s = wf_sock_more(conn->sock); /* conn may go at once */
    wf_conns_add(&l->conns, s);
    weft_err err = wf_sock_watch(s);
    if (err)
        wf_sock_fail(s, err);
    wf_sock_start_reader(s);
}

/* Four looks within a time-out, but not more than 100 a second. */
static uint32_t
sweep_period(uint32_t timeout_ms)
{
    if (!timeout_ms)
        return 0;
    return WF_MIN(WF_MAX(timeout_ms / 4, 10u), 1000u);
}

weft_err
weft_listen(const char *address, const struct weft_conn_hooks *hooks,
            void *user, const struct weft_conn_options *options,
            struct weft_listener **out)
{
    *out = NULL;
    weft_err err = wf_runtime_ensure();
    if (err)
        return err;
    struct weft_listener *l = wf_sys_zalloc(sizeof *l);
    if (!l)
        return -ENOMEM;
    l->hooks = *hooks;
    l->user = user;
    if (options)
        l->options = *options;
    if (!l->options.max_connections)
        l->options.max_connections = MAX_CONNECTIONS;
    uint32_t backlog = l->options.backlog ? l->options.backlog : BACKLOG;
    err = wf_conns_init(&l->conns, sweep_period(l->options.idle_timeout_ms));
    if (!err) {
        err = wf_acceptor_new(address, backlog, accepted, l, &l->acceptor);
        if (!err)
            err = wf_acceptor_start(l->acceptor);
        if (!err) {
            *out = l;
            return WEFT_OK;
        }
        if (l->acceptor)
            wf_acceptor_free(l->acceptor);
        wf_conns_fini(&l->conns);
    }
    wf_sys_free(l);
    return err;
}

uint16_t
weft_listener_port(const struct weft_listener *listener)
{
    return wf_acceptor_port(listener->acceptor);
}

static void
end_one(struct wf_sock *s, void *arg)
{
    (void)arg;
    wf_sock_fail(s, WEFT_ECLOSED);
}

void
weft_listener_stop(struct weft_listener *l)
{
    if (!l)
        return;
    wf_acceptor_free(l->acceptor);
    wf_conns_each(&l->conns, end_one, NULL);
    while (wf_conns_wait_empty(&l->conns, WEFT_NEVER))
        weft_fiber_yield(); /* a thread without memory to wait properly */
    wf_conns_fini(&l->conns);
    wf_sys_free(l);
}
