/* SPDX-License-Identifier: MIT */
/*
 * A listener: connections with hooks. Reader fibers of a connection run one
 * after the other, never two at once. The readers call on_connect, then
 * on_request while there are bytes, then on_close. The last reader never gives
 * up its role, so no hook runs after on_close.
 *
 * One file, because a stop waits until each connection has ended, and the
 * functions here decide when a connection ends.
 */
#include "net/accept.h"
#include "net/conn.h"
#include "net/conns.h"
#include "net/dial.h"
#include "net/stop.h"

#include <errno.h>

#define MAX_CONNECTIONS 10000u
#define BACKLOG 4096u
#define STOP_TIMEOUT_MS 10000u

struct weft_listener {
    struct wf_acceptor *acceptor; /* guarded by `stop`; NULL: none */
    /* 0: the address has no port, or the listener is stopped. Accesses are
     * relaxed, because no other memory depends on the port. */
    _Atomic uint32_t port;
    struct wf_stop stop;
    bool stopped; /* guarded by `stop` */
    struct wf_conns conns;
    struct weft_conn_hooks hooks;
    void *user;
    volatile uint32_t live; /* WF_LIVE until weft_listener_free */
    struct weft_conn_options options;
    /* Connections that failed because no fiber could be made for their reader.
     * No request of these connections is read. One fiber, which starts with the
     * listener, calls on_connect and on_close for one such connection after the
     * other. */
    struct wf_spin lock;
    struct weft_conn *starved; /* guarded by `lock` */
    /* One unit for each starved connection, and one more that ends `closer`. */
    struct weft_sem to_do;
    weft_fiber closer;
};

static bool
is_closing(struct weft_conn *conn)
{
    /* acquire: this fiber then sees what the thread that closed the connection
     * wrote before. */
    return wf_load(&conn->closing, acquire);
}

/* Call on_request again and again while on_request takes bytes. */
static void
serve(struct weft_listener *l, struct weft_conn *conn)
{
    size_t before;
    do {
        before = conn->in.len;
        if (before == 0 || is_closing(conn))
            return;
        l->hooks.on_request(conn, l->user);
        weft_conn_release(conn);
    } while (conn->in.len != before);
}

/* Log why a connection ended, unless `why` is an ordinary end. */
static void
log_end(const struct weft_conn *conn, weft_err why)
{
    char peer[64] = "?";
    if (why == WEFT_EEOF || why == WEFT_ECLOSED || why == WEFT_EIDLE)
        return;
    (void)!weft_conn_peer(conn, peer, sizeof peer);
    wf_log_limited(WEFT_LOG_INFO, "a connection was closed: %s: %s", peer,
                   weft_err_text(why));
}

static void
finish(struct weft_listener *l, struct weft_conn *conn, weft_err why)
{
    log_end(conn, why);
    if (l->hooks.on_close)
        l->hooks.on_close(conn, why, l->user);
    wf_conn_finish(conn);
}

/* Read and serve until the socket is drained. on_request may read, too, and
 * reach the end of the input. If the input is full and on_request takes
 * nothing, return an error, because no more can be read. */
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
    } while (!err && !conn->drained && !is_closing(conn));
    weft_err why = wf_sock_error(conn->sock);
    /* if the socket has failed, its error is the cause */
    return why ? why : err;
}

/* Handle the end of the input. Without the hook on_end the connection ends,
 * too. With on_end the connection lives until it is closed or fails. Reads no
 * longer report a failure then, so this function asks the kernel for the
 * socket's error. Returns why the connection ends now, or 0. */
static weft_err
end_input(struct weft_listener *l, struct weft_conn *conn)
{
    if (!l->hooks.on_end)
        return WEFT_EEOF;
    if (!conn->ended) {
        conn->ended = true;
        l->hooks.on_end(conn, l->user);
    }
    return wf_sock_pending_error(conn->sock);
}

static void
connect_once(struct weft_listener *l, struct weft_conn *conn)
{
    if (conn->connected)
        return;
    conn->connected = true;
    if (l->hooks.on_connect)
        l->hooks.on_connect(conn, l->user);
}

static void
readable(struct wf_sock *s)
{
    struct weft_conn *conn = s->owner;
    struct weft_listener *l = conn->listener;
    wf_task_work(WEFT_NEVER, l, NULL, NULL); /* this fiber works for l */
    connect_once(l, conn);
    do {
        conn->seen = wf_sock_read_begin(s);
        weft_err err = serve_all(l, conn);
        if (err == WEFT_EEOF && !is_closing(conn))
            err = end_input(l, conn);
        if (err || is_closing(conn)) {
            weft_err why = wf_sock_error(s);
            if (!why)
                why = is_closing(conn) ? WEFT_ECLOSED : err;
            finish(l, conn, why);
            return;
        }
        (void)wf_chain_compact(&conn->in);
    } while (!wf_sock_read_end(s, &conn->seen));
}

/* ---- connections without a fiber ---- */

static void
no_fiber(struct wf_sock *s)
{
    struct weft_conn *conn = s->owner;
    struct weft_listener *l = conn->listener;
    wf_sock_fail(s, WEFT_EFIBERS);
    wf_spin_lock(&l->lock);
    conn->next_starved = l->starved;
    l->starved = conn;
    wf_spin_unlock(&l->lock);
    weft_sem_give(&l->to_do, 1);
}

static void
close_starved(void *arg)
{
    struct weft_listener *l = arg;
    wf_task_work(WEFT_NEVER, l, NULL, NULL); /* this fiber works for l */
    for (;;) {
        WF_CHECK(weft_sem_take(&l->to_do) == WEFT_OK);
        wf_spin_lock(&l->lock);
        struct weft_conn *conn = l->starved;
        if (conn)
            l->starved = conn->next_starved;
        wf_spin_unlock(&l->lock);
        if (!conn)
            return;
        struct wf_sock *s = conn->sock;
        connect_once(l, conn);
        finish(l, conn, wf_sock_error(s));
        wf_sock_unref(s);
    }
}

/* ---- accepting ---- */

static weft_err
overdue(struct wf_sock *s, uint64_t now_ns)
{
    const struct weft_conn *conn = s->owner;
    uint64_t last = wf_load(&s->last_ns, relaxed);
    return wf_is_over(last, conn->idle_timeout_ms, now_ns) ? WEFT_EIDLE
                                                           : WEFT_OK;
}

static const struct wf_sock_ops ops = {.readable = readable,
                                       .failed = wf_conn_failed,
                                       .closed = wf_conn_closed,
                                       .overdue = overdue,
                                       .no_fiber = no_fiber};

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
    struct wf_sock *s = wf_sock_more(conn->sock); /* the reader may free conn */
    wf_conns_add(&l->conns, s);
    weft_err err = wf_sock_watch(s);
    if (err)
        wf_sock_fail(s, err);
    wf_sock_start_reader(s);
}

static struct weft_listener *
make(const struct weft_conn_hooks *hooks, void *user,
     const struct weft_conn_options *options)
{
    struct weft_listener *l = wf_sys_zalloc(sizeof *l);
    if (!l)
        return NULL;
    l->hooks = *hooks;
    l->user = user;
    l->live = WF_LIVE;
    if (options)
        l->options = *options;
    struct weft_conn_options *o = &l->options;
    o->max_connections = wf_option(o->max_connections, MAX_CONNECTIONS);
    o->backlog = wf_option(o->backlog, BACKLOG);
    o->stop_timeout_ms = wf_option(o->stop_timeout_ms, STOP_TIMEOUT_MS);
    o->idle_timeout_ms = wf_option(o->idle_timeout_ms, WEFT_NONE);
    return l;
}

/* End the fiber `closer`, after all connections have ended. */
static void
end_closer(struct weft_listener *l)
{
    weft_sem_give(&l->to_do, 1);
    wf_join_surely(l->closer);
}

static weft_err
begin_serving(struct weft_listener *l)
{
    const struct weft_conn_options *o = &l->options;
    weft_err err = weft_fiber_start(close_starved, l, &l->closer);
    if (err)
        return err;
    err = wf_conns_init(&l->conns, o->idle_timeout_ms);
    if (err)
        end_closer(l);
    return err;
}

weft_err
weft_listen_until(const char *address, const struct weft_conn_hooks *hooks,
                  void *user, const struct weft_conn_options *options,
                  uint64_t deadline_ns, struct weft_listener **out)
{
    *out = NULL;
    weft_err err = wf_runtime_ensure();
    if (err)
        return err;
    struct weft_listener *l = make(hooks, user, options);
    if (!l)
        return -ENOMEM;
    err = begin_serving(l);
    if (err) {
        wf_sys_free(l);
        return err;
    }
    struct wf_listen how = {l->options.backlog, l->options.reuse_port,
                            deadline_ns};
    err = wf_acceptor_new(address, &how, accepted, l, &l->acceptor);
    if (!err) {
        wf_store(&l->port, wf_acceptor_port(l->acceptor), relaxed);
        err = wf_acceptor_start(l->acceptor);
    }
    if (err)
        weft_listener_free(l);
    else
        *out = l;
    return err;
}

weft_err
weft_listen(const char *address, const struct weft_conn_hooks *hooks,
            void *user, const struct weft_conn_options *options,
            struct weft_listener **out)
{
    return weft_listen_until(address, hooks, user, options,
                             weft_after_ms(WF_LISTEN_MS), out);
}

uint16_t
weft_listener_port(const struct weft_listener *listener)
{
    return (uint16_t)wf_load(&listener->port, relaxed);
}

/* ---- stop ---- */

static void
close_one(struct wf_sock *s, void *unused)
{
    (void)unused;
    weft_conn_close(s->owner);
}

static void
fail_one(struct wf_sock *s, void *unused)
{
    (void)unused;
    wf_sock_fail(s, WEFT_ESTOPPING);
}

static weft_err
stop(void *listener, uint64_t deadline_ns)
{
    struct weft_listener *l = listener;
    if (l->stopped)
        return wf_conns_wait_empty(&l->conns, deadline_ns);
    l->stopped = true;
    wf_store(&l->port, 0, relaxed);
    wf_acceptor_free(l->acceptor);
    l->acceptor = NULL;
    wf_conns_each(&l->conns, close_one, NULL);
    weft_err err = wf_conns_wait_empty(&l->conns, deadline_ns);
    if (err) {
        wf_conns_each(&l->conns, fail_one, NULL);
        uint32_t held = wf_conns_wait_lent(&l->conns);
        if (held > 0)
            wf_log_limited(WEFT_LOG_WARN,
                           "weft_listener_stop: %u connections are referenced",
                           (unsigned)held);
    }
    wf_conns_fini(&l->conns);
    end_closer(l);
    return err;
}

static bool
is_busy(void *listener)
{
    return wf_conns_count(&((struct weft_listener *)listener)->conns) > 0;
}

static void
hurry(void *listener)
{
    struct weft_listener *l = listener;
    wf_conns_each(&l->conns, fail_one, NULL);
    wf_conns_give_up(&l->conns);
}

weft_err
weft_listener_stop_until(struct weft_listener *l, uint64_t deadline_ns)
{
    static const struct wf_stop_ops how = {stop, is_busy, hurry};
    if (wf_task_works_for(l))
        return -EDEADLK;
    return wf_stop(&l->stop, &how, l, deadline_ns);
}

weft_err
weft_listener_stop(struct weft_listener *l)
{
    uint32_t timeout_ms = l->options.stop_timeout_ms;
    return weft_listener_stop_until(l, wf_timeout_from_now(timeout_ms));
}

/* The last connection that the user held is gone. */
static void
free_last(struct wf_conns *conns)
{
    wf_sys_free(WF_CONTAINER(conns, struct weft_listener, conns));
}

void
weft_listener_free(struct weft_listener *l)
{
    if (!l)
        return;
    wf_live_check(&l->live, "weft_listener_free: it has been freed already");
    if (weft_listener_stop(l) == -EDEADLK)
        WF_MISUSED("weft_listener_free: a hook of the listener calls it");
    l->live = 0;
    if (!wf_conns_leave(&l->conns, free_last))
        wf_sys_free(l);
}
