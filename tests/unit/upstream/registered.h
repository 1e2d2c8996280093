/* SPDX-License-Identifier: MIT */
/* A server that registers itself, and what it says of its entry. */
#ifndef WEFT_TESTS_UPSTREAM_REGISTERED_H
#define WEFT_TESTS_UPSTREAM_REGISTERED_H

#include "unit/rpc/rpc_test.h"

#include "fake_etcd.h"

#include <weft/upstream.h>

struct registered {
    struct trial trial;
    struct weft_server *server;
    struct weft_arena arena; /* of `view` */
    struct weft_registration_view view;
};

/* Make a server that listens at a free port. */
static inline void
registered_new(struct registered *r, const char *registry,
               const struct weft_registry_options *options)
{
    memset(r, 0, sizeof *r);
    r->server = trial_server(&r->trial, NULL);
    MUST(!weft_server_listen(r->server, "127.0.0.1:0"));
    MUST(!weft_server_add_registry(r->server, registry, options));
}

static inline void
registered_open(struct registered *r, const char *registry,
                const struct weft_registry_options *options)
{
    registered_new(r, registry, options);
    MUST(!weft_server_start(r->server));
}

/* Read the state of the entry into r->view, and return it. */
static inline enum weft_registration_state
registered_state(struct registered *r)
{
    struct weft_registration_views views;
    weft_arena_reset(&r->arena);
    MUST(!weft_server_get_registrations(r->server, &r->arena, &views));
    MUST(views.len == 1);
    r->view = views.items[0];
    return r->view.state;
}

static inline void
registered_await(struct registered *r, enum weft_registration_state state)
{
    AWAIT(registered_state(r) == state);
}

static inline void
registered_close(struct registered *r)
{
    weft_server_free(r->server);
    weft_arena_fini(&r->arena);
}

#endif
