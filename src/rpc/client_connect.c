/* SPDX-License-Identifier: MIT */
/*
 * Chooses the connection for each call. A connection is used until it breaks or
 * is retired. Then new calls go over another connection. Calls in flight on a
 * retired connection may still succeed. Reasons to retire a connection: the
 * peer has ended its side, no call was made for too long, the peer is silent,
 * or all sequence numbers are used.
 */
#include "rpc/client_lanes.h"

#include <errno.h>

#define MAX_BACKOFF 32u /* the longest back-off, in units of retry_connect_ms */

/* If no byte was sent or received for QUIET_NS, a connection is checked before
 * a call uses it: the server may have closed the connection, and the reader may
 * not have seen the end yet. */
#define QUIET_NS 10000000u

/* ---- the present connection ---- */

/* True if the peer has ended an idle connection. Costs one system call, which
 * leaves the input unread. */
static bool
has_ended(struct wf_sock *s)
{
    char byte;
    ssize_t n = WF_MUTANT(ended_conn_used) ? 1 : wf_sys_peek(s->fd, &byte, 1);
    if (n > 0 || n == -EAGAIN || n == -EINTR)
        return false;
    if (n < 0)
        /* the kernel reports an error only once */
        wf_sock_fail(s, (weft_err)n);
    return true;
}

/* True if a call may begin on the connection. The values that this function
 * reads may be out of date: if the connection breaks before a call is sent, the
 * call is tried on another connection. */
static bool
is_usable(const struct weft_client *client, struct wf_client_conn *conn,
          uint64_t now)
{
    if (wf_load(&conn->retired, relaxed) ||
        wf_load(&conn->sock->hung_up, relaxed) ||
        WF_MAYBE("retire a connection"))
        return false;
    uint64_t last = wf_load(&conn->heard_ns, relaxed);
    if (WEFT_LIKELY(now < last + QUIET_NS ||
                    wf_load(&conn->n_waiting, relaxed) > 0))
        return true;
    uint64_t sent = wf_load(&conn->sock->last_ns, relaxed);
    last = WF_MAX(last, sent);
    if (now < last + QUIET_NS)
        return true;
    return (now < wf_timeout_end(last, client->options.idle_timeout_ms) ||
            WF_MUTANT(client_idle_unlimited)) &&
           !has_ended(conn->sock);
}

/* ---- retired connections ---- */

/* Store the id of a retired connection in client->retired, so that
 * weft_client_free finds the connection. If the array is full, close one of its
 * connections and replace the id of that connection. The places of the array
 * are replaced in turn. */
static void
keep_retired(struct weft_client *client, uint64_t id)
{
    uint32_t free = WF_RETIRED_MAX;
    for (uint32_t i = 0; i < WF_RETIRED_MAX; i++) {
        uint64_t kept = wf_load(&client->retired[i], relaxed);
        if (kept == id)
            return;
        struct wf_client_conn *conn = wf_client_conn_ref(kept);
        if (conn)
            wf_client_conn_unref(conn);
        else if (free == WF_RETIRED_MAX)
            free = i;
    }
    if (free == WF_RETIRED_MAX) {
        free = client->next_retired++ % WF_RETIRED_MAX;
        uint64_t ended = wf_load(&client->retired[free], relaxed);
        struct wf_client_conn *conn = wf_client_conn_ref(ended);
        if (conn) {
            wf_sock_fail(conn->sock, WEFT_EREADTIMEOUT);
            wf_client_conn_unref(conn);
        }
    }
    WF_DCHECK(free < WF_RETIRED_MAX);
    /* seq_cst: `retired` is stored before sock_id, see wf_client_close */
    wf_store(&client->retired[free], id, seq_cst);
}

/* ---- connecting ---- */

/* Begin a back-off after a failed connect. Each back-off is twice as long as
 * the one before, at most MAX_BACKOFF times the first. A random part is taken
 * off, so that the clients of a server that restarts do not all reconnect at
 * the same moment. */
static void
note_failure(struct weft_client *client, weft_err err)
{
    uint32_t first = client->options.retry_connect_ms;
    if (first == WEFT_NONE)
        first = 0;
    uint64_t most = (uint64_t)first * MAX_BACKOFF;
    uint64_t next = client->pause_ms ? (uint64_t)client->pause_ms * 2 : first;
    next = WF_MUTANT(backoff_without_bound) ? next : WF_MIN(next, most);
    client->pause_ms = (uint32_t)WF_MIN(next, UINT32_MAX);
    uint64_t pause = (uint64_t)client->pause_ms * 1000000u;
    uint64_t retry =
        wf_sys_now_ns() + pause / 2 + wf_sys_random() % (pause / 2 + 1);
    /* relaxed: `connecting` is locked; wf_client_rests needs only a hint */
    wf_store(&client->retry_ns, retry, relaxed);
    client->connect_err = err;
    wf_client_note(wf_slot_id(&client->slot), WF_CLIENT_NOT_CONNECTED, err);
}

/* Let calls find the connection; close the connection if the client was freed
 * meanwhile. */
static void
publish(struct weft_client *client, struct wf_client_conn *conn)
{
    client->pause_ms = 0;
    wf_store(&client->retry_ns, 0, relaxed);
    wf_add(&client->events[WF_CLIENT_CONNECTED], 1, relaxed);
    /* Store sock_id, then load closing; wf_client_close stores closing, then
     * loads sock_id. These four accesses are seq_cst, so at least one of the
     * two threads closes the connection. */
    wf_store(&client->sock_id, wf_slot_id(&conn->sock->slot), seq_cst);
    if (wf_load(&client->closing, seq_cst) && !WF_MUTANT(freed_client_connects))
        wf_sock_fail(conn->sock, WEFT_ECLOSED);
}

/* Make a new connection. WEFT_ETIMEOUT: the call's deadline passed. */
static weft_err
dial(struct weft_client *client, struct wf_client_call *x,
     struct wf_client_conn **out)
{
    uint64_t limit = wf_timeout_from_now(client->options.connect_timeout_ms);
    uint64_t until =
        WF_MUTANT(dial_ignores_deadline) ? limit : WF_MIN(limit, x->until_ns);
    int fd = wf_dial(client->address, until, &client->is_looked_up);
    weft_err err = fd < 0 ? fd : WEFT_OK;
    if (!err)
        err = wf_client_conn_new(fd, client, out);
    if (!err) {
        publish(client, *out);
        return WEFT_OK;
    }
    bool late = err == WEFT_ETIMEOUT && limit >= x->until_ns;
    if (late || err == WEFT_ECANCEL)
        return err;
    note_failure(client, err);
    if (err == -ENOMEM)
        return err;
    x->cause = err;
    return WEFT_ECONNECT;
}

static weft_err
connect_locked(struct weft_client *client, struct wf_client_call *x,
               struct wf_client_conn **out)
{
    /* acquire: pairs with the store of sock_id in publish */
    uint64_t id = wf_load(&client->sock_id, acquire);
    *out = wf_client_conn_ref(id);
    if (*out && is_usable(client, *out, x->begun_ns))
        return WEFT_OK; /* another call has connected meanwhile */
    if (*out) {
        keep_retired(client, id);
        wf_client_conn_retire(*out);
        wf_client_conn_unref(*out);
        *out = NULL;
    }
    if (wf_load(&client->closing, seq_cst))
        return WEFT_ECLOSED;
    if (client->pause_ms &&
        wf_sys_now_ns() < wf_load(&client->retry_ns, relaxed) &&
        !WF_MUTANT(backoff_not_kept)) {
        x->cause = client->connect_err;
        return WEFT_ECONNECT;
    }
    return dial(client, x, out);
}

struct wf_client_conn *
wf_client_find_conn(struct weft_client *client, uint64_t now)
{
    /* acquire: pairs with the store of sock_id in publish */
    uint64_t id = wf_load(&client->sock_id, acquire);
    struct wf_client_conn *conn = wf_client_conn_ref(id);
    if (conn && WEFT_UNLIKELY(!is_usable(client, conn, now))) {
        wf_client_conn_unref(conn);
        return NULL;
    }
    return conn;
}

weft_err
wf_client_make_conn(struct weft_client *client, struct wf_client_call *x,
                    struct wf_client_conn **out)
{
    *out = NULL;
    uint64_t until =
        WF_MUTANT(connecting_ignores_deadline) ? WEFT_NEVER : x->until_ns;
    weft_err err = weft_mutex_lock_until(&client->connecting, until);
    bool is_locked = !err;
    if (is_locked)
        err = connect_locked(client, x, out);
    if (err) /* relaxed: see wf_dial */
        x->lacks = wf_load(&client->is_looked_up, relaxed) ? WF_LACKS_CONNECTION
                                                           : WF_LACKS_ADDRESS;
    if (is_locked)
        weft_mutex_unlock(&client->connecting);
    return err;
}

bool
wf_client_rests(const struct weft_client *client, uint64_t now)
{
    const struct wf_lanes *lanes = client->lanes;
    if (WEFT_LIKELY(!lanes))
        return now < wf_load(&client->retry_ns, relaxed);
    for (uint32_t i = 0; i < lanes->n; i++)
        if (!wf_client_rests(lanes->lane[i].client, now))
            return false;
    return true;
}

static bool
is_open(uint64_t id)
{
    struct wf_client_conn *conn = wf_client_conn_ref(id);
    if (conn)
        wf_client_conn_unref(conn);
    return conn != NULL;
}

bool
wf_client_is_connected(const struct weft_client *client)
{
    bool found = is_open(wf_load(&client->sock_id, acquire));
    for (uint32_t i = 0; i < WF_RETIRED_MAX && !found; i++)
        found = is_open(wf_load(&client->retired[i], acquire));
    for (uint32_t i = 0; client->lanes && i < client->lanes->n && !found; i++)
        found = wf_client_is_connected(client->lanes->lane[i].client);
    return found;
}

void
wf_client_drain(struct weft_client *client)
{
    for (uint32_t i = 0; client->lanes && i < client->lanes->n; i++)
        wf_client_drain(client->lanes->lane[i].client);
    /* acquire: pairs with the store of sock_id in publish */
    uint64_t id = wf_load(&client->sock_id, acquire);
    struct wf_client_conn *conn = wf_client_conn_ref(id);
    if (!conn)
        return;
    wf_client_conn_retire(conn);
    wf_client_conn_unref(conn);
}

/* ---- idle connections of a pool ---- */

void
wf_client_trim(struct weft_client *client, uint64_t now)
{
    struct wf_lanes *lanes = client->lanes;
    const struct weft_client_options *o = &client->options;
    uint64_t last = wf_load(&lanes->trimmed_ns, relaxed);
    if (!lanes->is_pool || now < wf_timeout_end(last, o->pool_idle_ms / 4) ||
        o->pool_idle_ms == WEFT_NONE || WF_MUTANT(idle_lanes_kept) ||
        !wf_cas(&lanes->trimmed_ns, &last, now, relaxed))
        return;
    for (uint32_t i = lanes->n; i > o->pool_min; i--) {
        struct wf_lane *lane = &lanes->lane[i - 1];
        if (!wf_lane_take_idle(lane, o->pool_idle_ms, now))
            continue;
        wf_client_drain(lane->client);
        wf_lane_put(lane);
    }
}

/* ---- the end of the client ---- */

static void
close_conn(struct weft_client *client, uint64_t id, uint64_t deadline_ns)
{
    struct wf_client_conn *conn = wf_client_conn_ref(id);
    if (!conn)
        return;
    wf_client_conn_end_calls(conn, WEFT_ECLOSED, WF_END_CLIENT);
    if (WF_MUTANT(free_drops_requests))
        wf_sock_fail(conn->sock, WEFT_ECLOSED);
    wf_client_conn_hold(conn);
    wf_client_conn_retire(conn);
    if (conn->order)
        wf_client_await_responses(client, conn, deadline_ns);
    wf_client_conn_sent(conn);
    if (wf_sock_wait_writable(conn->sock, 1, deadline_ns) == WEFT_ETIMEOUT) {
        wf_log_limited(WEFT_LOG_WARN,
                       "%s: a client was freed with %zu bytes of requests "
                       "unsent",
                       client->address, wf_load(&conn->sock->queued, relaxed));
        wf_sock_fail(conn->sock, WEFT_ECLOSED);
    }
    wf_client_conn_unref(conn);
}

void
wf_client_close(struct weft_client *client, uint64_t deadline_ns)
{
    /* seq_cst: pairs with the load of `closing` in publish */
    wf_store(&client->closing, true, seq_cst);
    for (uint32_t i = 0; client->lanes && i < client->lanes->n; i++)
        wf_client_close(client->lanes->lane[i].client, deadline_ns);
    /* Load sock_id first: a connect copies the old id to `retired` before it
     * stores the new one, so each id is found in sock_id or in `retired`. */
    uint64_t id = wf_load(&client->sock_id, seq_cst);
    weft_shield_begin(); /* send requests even if the caller is cancelled */
    close_conn(client, id, deadline_ns);
    for (uint32_t i = 0; i < WF_RETIRED_MAX; i++)
        close_conn(client, wf_load(&client->retired[i], seq_cst), deadline_ns);
    weft_shield_end();
}
