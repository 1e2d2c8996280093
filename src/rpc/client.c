/* SPDX-License-Identifier: MIT */
/*
 * The client: calls over one connection. The first call makes it, and the first
 * call after it broke makes the next one.
 */
#include "rpc/client_call.h"

#include <errno.h>
#include <string.h>

#define MAX_BACKOFF 32u /* times retry_connect_ms */

struct weft_client {
    char *address;
    char *service;                      /* a copy of the option, or NULL */
    struct weft_client_options options; /* every default filled in */
    _Atomic uint64_t sock_id;           /* of the connection; 0: none yet */
    _Atomic bool closing;               /* weft_client_free was called */
    _Atomic uint32_t users;             /* calls in flight, and the owner */
    struct weft_sem unused;             /* given by the last user to leave */
    struct weft_mutex connecting;       /* guards all fields below */
    uint64_t retry_ns;                  /* when the next connect may begin */
    uint32_t pause_ms; /* last back-off; 0: the last one worked */
    weft_err connect_err;
};

/* ---- life ---- */

static weft_err
fill_in(struct weft_client_options *o)
{
    o->limits = wf_limits_of(&o->limits);
    if (!o->connect_timeout_ms)
        o->connect_timeout_ms = 1000;
    if (!o->call_timeout_ms)
        o->call_timeout_ms = 10000;
    if (!o->max_calls)
        o->max_calls = 4096;
    if (!o->max_queued)
        o->max_queued = (size_t)16 << 20;
    if (!o->write_timeout_ms)
        o->write_timeout_ms = 20000;
    if (!o->retry_connect_ms)
        o->retry_connect_ms = 20;
    return o->max_calls > 65536 ? -EINVAL : WEFT_OK;
}

static weft_err
copy_text(const char *text, char **copy)
{
    size_t size = strlen(text) + 1;
    *copy = wf_sys_malloc(size);
    if (!*copy)
        return -ENOMEM;
    memcpy(*copy, text, size);
    return WEFT_OK;
}

static void
free_texts(struct weft_client *client)
{
    wf_sys_free(client->address);
    wf_sys_free(client->service);
    wf_sys_free(client);
}

weft_err
weft_client_new(const char *address, const struct weft_client_options *options,
                struct weft_client **out)
{
    *out = NULL;
    struct weft_client *client = wf_sys_zalloc(sizeof *client);
    if (!client)
        return -ENOMEM;
    if (options)
        client->options = *options;
    weft_err err = wf_address_check(address);
    if (!err)
        err = fill_in(&client->options);
    if (!err)
        err = copy_text(address, &client->address);
    if (!err && client->options.service)
        err = copy_text(client->options.service, &client->service);
    client->options.service = client->service;
    if (err) {
        free_texts(client);
        return err;
    }
    wf_store(&client->users, 1, relaxed);
    *out = client;
    return WEFT_OK;
}

static void
leave(struct weft_client *client)
{
    if (wf_sub(&client->users, 1, acq_rel) == 1)
        weft_sem_give(&client->unused, 1);
}

static void
close_conn(struct weft_client *client)
{
    struct wf_client_conn *conn =
        wf_client_conn_ref(wf_load(&client->sock_id, seq_cst));
    if (!conn)
        return;
    wf_sock_fail(conn->sock, WEFT_ECLOSED);
    wf_client_conn_unref(conn);
}

void
weft_client_free(struct weft_client *client)
{
    if (!client)
        return;
    wf_store(&client->closing, true, seq_cst); /* pairs with publish */
    close_conn(client);
    leave(client);
    while (weft_sem_take(&client->unused))
        weft_fiber_yield(); /* cancelled; the calls must still leave */
    free_texts(client);
}

/* ---- connecting ---- */

/* Each back-off is twice the last, with jitter, so that the clients of a server
 * that restarts do not all reconnect at the same moment. */
static void
note_failure(struct weft_client *client, weft_err err)
{
    uint32_t first = client->options.retry_connect_ms;
    uint32_t last = client->pause_ms;
    client->pause_ms = last ? WF_MIN(last * 2, first * MAX_BACKOFF) : first;
    uint64_t pause = (uint64_t)client->pause_ms * 1000000u;
    client->retry_ns =
        wf_sys_now_ns() + pause / 2 + wf_sys_random() % (pause / 2 + 1);
    client->connect_err = err;
}

/* Let calls find the connection; close it if the client was freed meanwhile. */
static void
publish(struct weft_client *client, struct wf_client_conn *conn)
{
    client->pause_ms = 0;
    /* Store, then load; weft_client_free does the reverse. Both are seq_cst, so
     * at least one of the two closes the connection. */
    wf_store(&client->sock_id, wf_slot_id(&conn->sock->slot), seq_cst);
    if (wf_load(&client->closing, seq_cst))
        wf_sock_fail(conn->sock, WEFT_ECLOSED);
}

/* WEFT_ETIMEOUT: the call's deadline passed. WEFT_ECONNECT: connect_timeout_ms
 * passed. */
static weft_err
connect_locked(struct weft_client *client, uint64_t deadline_ns,
               struct wf_client_conn **out)
{
    *out = wf_client_conn_ref(wf_load(&client->sock_id, acquire));
    if (*out)
        return WEFT_OK; /* another call has connected meanwhile */
    if (wf_load(&client->closing, seq_cst))
        return WEFT_ECLOSED;
    if (client->pause_ms && wf_sys_now_ns() < client->retry_ns)
        return client->connect_err;
    uint64_t limit = weft_after_ms(client->options.connect_timeout_ms);
    int fd = wf_dial(client->address, WF_MIN(limit, deadline_ns));
    weft_err err = fd < 0 ? fd : wf_client_conn_new(fd, &client->options, out);
    if (err == WEFT_ETIMEOUT && limit < deadline_ns)
        err = WEFT_ECONNECT;
    if (!err)
        publish(client, *out);
    else if (err != WEFT_ECANCEL && err != WEFT_ETIMEOUT)
        note_failure(client, err);
    return err;
}

/* The connection, with a reference to its socket. */
static weft_err
get_conn(struct weft_client *client, uint64_t deadline_ns,
         struct wf_client_conn **out)
{
    *out = wf_client_conn_ref(wf_load(&client->sock_id, acquire));
    if (WEFT_LIKELY(*out))
        return WEFT_OK;
    weft_err err = weft_mutex_lock_until(&client->connecting, deadline_ns);
    if (err)
        return err;
    err = connect_locked(client, deadline_ns, out);
    weft_mutex_unlock(&client->connecting);
    bool ours = !err || err == WEFT_ECANCEL || err == WEFT_ETIMEOUT ||
                err == WEFT_ECLOSED || err == -ENOMEM;
    return ours ? err : WEFT_ECONNECT;
}

/* ---- a call ---- */

/* Wait until the call is done, or until its deadline or cancel, when this ends
 * the call itself unless another thread is just ending it. */
static weft_err
await(struct wf_client_conn *conn, struct wf_pending_call *call, uint32_t seq,
      uint64_t deadline_ns)
{
    bool late = false, over = false; /* over: another ends it */
    while (!wf_load(&call->done, acquire)) {
        bool cancelled = wf_task_cancelled(call->task);
        if (!over && (cancelled || late)) {
            if (wf_client_conn_leave(conn, seq))
                return cancelled ? wf_cancel_error() : WEFT_ETIMEOUT;
            over = true;
        }
        late = !wf_park_until(over ? WEFT_NEVER : deadline_ns);
    }
    return call->err;
}

/* ---- one call from begin to end ---- */

static uint64_t
deadline_of(const struct weft_client *client,
            const struct weft_call_options *options)
{
    uint64_t deadline = options ? options->deadline_ns : 0;
    if (deadline == 0)
        deadline = weft_after_ms(client->options.call_timeout_ms);
    uint64_t inherited = wf_task_deadline();
    return WF_MIN(deadline, inherited);
}

static weft_err
call_on(struct wf_client_conn *conn, const struct wf_client_call *x,
        struct wf_pending_call *call)
{
    uint32_t seq;
    bool oneway = x->method->oneway;
    weft_err err = wf_client_conn_enter(conn, oneway ? NULL : call, &seq);
    if (err)
        return err;
    err = wf_client_call_send(x, conn, seq);
    if (oneway)
        return err;
    if (!err || !wf_client_conn_leave(conn, seq))
        return await(conn, call, seq, x->deadline_ns);
    return err;
}

weft_err
weft_client_call(struct weft_client *client, const struct weft_method *method,
                 const void *args, void *result, struct weft_arena *arena,
                 const struct weft_call_options *options)
{
    struct weft_call_info *info = options ? options->info : NULL;
    struct wf_client_call x = {
        .options = &client->options,
        .address = client->address,
        .method = method,
        .args = args,
        .result = result,
        .arena = arena,
        .call = options,
        .deadline_ns = deadline_of(client, options),
    };
    struct wf_pending_call call = {.task = wf_task_self(), .arena = arena};
    struct wf_client_conn *conn;
    if (info)
        *info = (struct weft_call_info){.app_type = -1};
    if (!call.task)
        return -ENOMEM;
    wf_add(&client->users, 1, relaxed); /* the owner's count keeps it above 0 */
    weft_err err = get_conn(client, x.deadline_ns, &conn);
    if (!err) {
        err = call_on(conn, &x, &call);
        if (!err && !method->oneway)
            err = wf_client_call_read(&x, conn, &call, info);
        weft_chain_clear(&call.reply);
        wf_client_conn_unref(conn);
    }
    leave(client);
    return err;
}
