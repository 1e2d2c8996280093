/* SPDX-License-Identifier: MIT */
/*
 * Makes and frees clients. A client makes calls over one connection. The first
 * call makes the connection; after the connection breaks, the next call makes a
 * new connection.
 */
#include "rpc/client.h"

#include "rpc/client_begun.h"

#include <errno.h>

#define MAX_CALLS 65536u
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
    if (err) {
        (void)wf_client_fail(client);
        wf_client_unref(client);
        return err;
    }
    client->ops = ops;
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
    wf_client_unref(client);
}
