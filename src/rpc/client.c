/* SPDX-License-Identifier: MIT */
/*
 * Makes and frees clients. A client makes calls over one connection. The first
 * call makes the connection; after the connection breaks, the next call makes a
 * new connection.
 */
#include "rpc/client.h"

#include "rpc/client_begun.h"
#include "rpc/client_lanes.h"

#include <errno.h>

#define MAX_CALLS 65536u
#define POOL_IDLE_MS 30000u
#define TELL_MS 1000 /* time between two log lines of wait_unused */

static weft_err
fill_in(struct weft_client_options *o)
{
    o->limits = wf_limits_of(&o->limits);
    o->connect_timeout_ms = wf_option(o->connect_timeout_ms, 1000);
    o->call_timeout_ms = wf_option(o->call_timeout_ms, WF_CALL_TIMEOUT_MS);
    o->max_calls = wf_option_count(o->max_calls, 4096, MAX_CALLS);
    o->max_queued = wf_option_size(o->max_queued, (size_t)16 << 20);
    o->write_timeout_ms = wf_option(o->write_timeout_ms, 20000);
    o->retry_connect_ms = wf_option(o->retry_connect_ms, 20);
    o->idle_timeout_ms = wf_option(o->idle_timeout_ms, 300000);
    o->silent_timeout_ms = wf_option(o->silent_timeout_ms, 1000);
    o->flush_timeout_ms = wf_option(o->flush_timeout_ms, 5000);
    return o->max_calls > MAX_CALLS ? -EINVAL : WEFT_OK;
}

/* ---- several connections ---- */

static struct weft_client_options
options_of_lane(const struct weft_client_options *options)
{
    struct weft_client_options o = {0};
    if (options)
        o = *options;
    bool is_pool = o.pool_max > 0;
    bool is_http = o.dialect.framing == WEFT_HTTP || o.dialect.around;
    if (is_pool)
        o.max_calls = is_http ? 128 : 8; /* oneway calls count until sent */
    o.connections = 0;
    o.pool_max = o.pool_min = o.pool_idle_ms = 0;
    o.pool_once = false;
    return o;
}

static weft_err
make_lane(struct weft_client *client, const char *address,
          const struct weft_client_options *options, uint32_t i)
{
    struct wf_lane *lane = &client->lanes->lane[i];
    weft_err err = wf_client_new(address, options, &lane->client);
    if (err)
        return err;
    lane->lanes = client->lanes;
    lane->index = i;
    lane->client->lane = lane;
    if (client->lanes->is_pool) {
        wf_or(&client->lanes->free[i / 64], (uint64_t)1 << i % 64, relaxed);
        weft_sem_give(&client->lanes->n_free, 1);
    }
    return WEFT_OK;
}

static weft_err
fill_in_lanes(struct weft_client_options *o)
{
    bool is_pool = o->pool_max > 0;
    if (!is_pool && (o->pool_min || o->pool_idle_ms || o->pool_once))
        return -EINVAL;
    if (is_pool && o->connections > 1)
        return -EINVAL;
    if (o->connections > WF_CONNECTIONS_MAX || o->pool_max > WF_POOL_MAX ||
        o->pool_min > o->pool_max)
        return -EINVAL;
    o->connections = wf_option(o->connections, 1);
    if (is_pool)
        o->pool_idle_ms = wf_option(o->pool_idle_ms, POOL_IDLE_MS);
    return WEFT_OK;
}

static void
free_lanes(struct weft_client *client)
{
    if (!client->lanes)
        return;
    for (uint32_t i = 0; i < client->lanes->n; i++)
        weft_client_free(client->lanes->lane[i].client);
    wf_sys_free(client->lanes);
    client->lanes = NULL;
}

/* Make the lanes, if the options ask for more than one connection. `address`
 * and `options` are those of the user. */
static weft_err
make_lanes(struct weft_client *client, const char *address,
           const struct weft_client_options *options)
{
    struct weft_client_options *o = &client->options;
    weft_err err = fill_in_lanes(o);
    uint32_t n = o->pool_max ? o->pool_max : o->connections;
    if (err || (n == 1 && !o->pool_max) || client->ops)
        return err;
    struct weft_client_options of_lane = options_of_lane(options);
    client->lanes =
        wf_sys_zalloc(sizeof *client->lanes + n * sizeof(struct wf_lane));
    if (!client->lanes)
        return -ENOMEM;
    client->lanes->is_pool = o->pool_max > 0;
    client->lanes->is_once = o->pool_once;
    for (; client->lanes->n < n && !err; client->lanes->n += !err)
        err = make_lane(client, address, &of_lane, client->lanes->n);
    if (err)
        free_lanes(client);
    return err;
}

/* ---- making ---- */

/* Make a client. If `ops` is NULL, `address` is the address of one server;
 * otherwise it is a target. */
static weft_err
make(const char *address, const struct weft_client_options *options,
     const struct wf_upstream_ops *ops, void *upstream,
     struct weft_client **out)
{
    *out = NULL;
    struct weft_client *client = wf_client_alloc();
    if (!client)
        return -ENOMEM;
    if (options)
        client->options = *options;
    client->options.upstream = NULL; /* not needed any more */
    weft_err err = fill_in(&client->options);
    if (!err)
        err = ops ? wf_client_take_target(client, address)
                  : wf_client_take_address(client, address);
    if (!err && !weft_dialect_exists(&client->options.dialect))
        err = -EINVAL;
    if (!err)
        err = wf_client_take_service(client);
    client->options.service = client->service;
    client->options.path = client->path;
    client->ops = ops;
    if (!err)
        err = make_lanes(client, address, options);
    if (err) {
        (void)wf_client_fail(client);
        wf_client_unref(client);
        return err;
    }
    client->upstream = upstream;
    wf_store(&client->users, 1, relaxed);
    *out = client;
    return WEFT_OK;
}

weft_err
wf_client_new(const char *address, const struct weft_client_options *options,
              struct weft_client **out)
{
    return make(address, options, NULL, NULL, out);
}

weft_err
wf_client_new_front(const char *target,
                    const struct weft_client_options *options,
                    const struct wf_upstream_ops *ops, void *upstream,
                    struct weft_client **out)
{
    return make(target, options, ops, upstream, out);
}

void
wf_client_set_plan(struct weft_client *client, const struct wf_plan *plan)
{
    client->plan = plan;
}

void *
wf_client_upstream(const struct weft_client *client,
                   const struct wf_upstream_ops *ops)
{
    return client->ops == ops ? client->upstream : NULL;
}

const char *
wf_client_address(const struct weft_client *client)
{
    return client->address;
}

const struct weft_client_options *
wf_client_options(const struct weft_client *client)
{
    return &client->options;
}

bool
wf_client_take_part(struct weft_client *client)
{
    bool is_part = false;
    return wf_cas(&client->is_part, &is_part, true, relaxed);
}

void
wf_client_give_part_back(struct weft_client *client)
{
    wf_store(&client->is_part, false, relaxed);
}

void
wf_client_free_part(struct weft_client *client)
{
    wf_client_give_part_back(client);
    weft_client_free(client);
}

void
wf_client_leave(struct weft_client *client)
{
    uint32_t before = wf_sub(&client->users, 1, acq_rel);
    WF_CHECK(before > 0); /* 0: the client was freed while in use */
    if (before == 1)
        weft_sem_give(&client->unused, 1);
}

/* ---- before the first call ---- */

static weft_err
connect_one(struct weft_client *client, uint64_t deadline_ns)
{
    uint64_t now = wf_sys_now_ns();
    struct wf_client_call x = {
        .client = client, .begun_ns = now, .until_ns = deadline_ns};
    struct wf_client_conn *conn = wf_client_find_conn(client, now);
    weft_err err = conn ? WEFT_OK : wf_client_make_conn(client, &x, &conn);
    if (conn)
        wf_client_conn_unref(conn);
    return err;
}

weft_err
weft_client_warm_until(struct weft_client *client, uint64_t deadline_ns)
{
    if (client->ops)
        return -EINVAL;
    struct wf_lanes *lanes = client->lanes;
    uint64_t until = WF_MIN(deadline_ns, wf_task_deadline());
    uint32_t n = lanes ? lanes->n : 1;
    weft_err err = WEFT_OK;
    if (lanes && lanes->is_pool)
        n = WF_MAX(client->options.pool_min, 1);
    wf_add(&client->users, 1, relaxed); /* as a call in flight */
    for (uint32_t i = 0; i < n && !err; i++)
        err = connect_one(lanes ? lanes->lane[i].client : client, until);
    wf_client_leave(client);
    return err;
}

/* ---- freeing ---- */

/* Wait for the calls of other tasks. A task may have forgotten a call that it
 * began, so tell the user each second what this function waits for. */
static void
wait_unused(struct weft_client *client)
{
    weft_shield_begin();
    /* relaxed: the number is only logged */
    while (weft_sem_take_until(&client->unused, weft_after_ms(TELL_MS)))
        wf_log_limited(WEFT_LOG_WARN,
                       "%s: weft_client_free waits for %u calls that have not "
                       "returned, or were begun and not awaited",
                       client->address,
                       (unsigned)wf_load(&client->users, relaxed));
    weft_shield_end();
}

void
wf_client_end_calls(struct weft_client *client)
{
    if (client->ops)
        client->ops->close(client->upstream);
    else
        wf_client_close(client,
                        wf_timeout_from_now(client->options.flush_timeout_ms));
}

void
weft_client_free(struct weft_client *client)
{
    if (!client)
        return;
    if (!wf_client_fail(client))
        WF_MISUSED("weft_client_free: the client has been freed already");
    if (wf_load(&client->is_part, relaxed)) /* only its owner changes this */
        WF_MISUSED("weft_client_free: the client was given to another client, "
                   "which frees it");
    wf_begun_refuse(client);
    wf_client_end_calls(client);
    wf_client_leave(client);
    wait_unused(client);
    if (client->ops)
        client->ops->free(client->upstream);
    free_lanes(client);
    wf_client_unref(client);
}
