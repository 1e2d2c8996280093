/* SPDX-License-Identifier: MIT */
/* The registries in which a server is registered. The folder upstream knows
 * registries; this file calls it when a server starts, stops and ends. */
#include "rpc/server.h"

#include <errno.h>

weft_err
wf_server_add_registry(struct weft_server *server,
                       const struct wf_registry_ops *ops, void *it,
                       uint32_t leave_ms)
{
    if (wf_load(&server->started, relaxed)) /* as in server.c */
        return -EBUSY;
    if (server->n_registrations == WF_REGISTRIES_MAX)
        return WEFT_EFULL;
    server->registrations[server->n_registrations++] =
        (struct wf_registration){ops, it, leave_ms};
    return WEFT_OK;
}

void
wf_server_each_registry(const struct weft_server *server,
                        const struct wf_registry_ops *ops,
                        void (*fn)(void *it, void *arg), void *arg)
{
    for (uint32_t i = 0; i < server->n_registrations; i++)
        if (server->registrations[i].ops == ops)
            fn(server->registrations[i].it, arg);
}

bool
wf_server_address(const struct weft_server *server, char *text, size_t size)
{
    return wf_acceptor_address(server->acceptors[0], text, size);
}

weft_err
wf_server_enter_registries(struct weft_server *server)
{
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; i < server->n_registrations && !err; i++) {
        const struct wf_registration *r = &server->registrations[i];
        err = r->ops->start(r->it, server);
    }
    return err;
}

void
wf_server_leave_registries(struct weft_server *server, uint64_t deadline_ns)
{
    uint64_t now = wf_sys_now_ns();
    uint64_t left = deadline_ns - WF_MIN(now, deadline_ns);
    for (uint32_t i = 0; i < server->n_registrations; i++) {
        const struct wf_registration *r = &server->registrations[i];
        r->ops->leave(r->it, now + left / 2);
    }
    for (uint32_t i = 0; i < server->n_registrations; i++) {
        const struct wf_registration *r = &server->registrations[i];
        r->ops->await(r->it);
    }
}

void
wf_server_hurry_registries(struct weft_server *server)
{
    for (uint32_t i = 0; i < server->n_registrations; i++) {
        const struct wf_registration *r = &server->registrations[i];
        r->ops->hurry(r->it);
    }
}

void
wf_server_drop_registries(struct weft_server *server)
{
    for (uint32_t i = 0; i < server->n_registrations; i++) {
        const struct wf_registration *r = &server->registrations[i];
        r->ops->free(r->it);
    }
    server->n_registrations = 0;
}

uint64_t
wf_server_stop_end(const struct weft_server *server)
{
    uint64_t end = wf_timeout_from_now(server->options.stop_timeout_ms);
    uint64_t most_ms = 0;
    for (uint32_t i = 0; i < server->n_registrations; i++)
        most_ms = WF_MAX(most_ms, server->registrations[i].leave_ms);
    return end == WEFT_NEVER ? end : end + most_ms * 1000000u;
}
