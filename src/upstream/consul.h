/* SPDX-License-Identifier: MIT */
/* Follows the healthy servers of a service that is registered in Consul, or a
 * key of its KV store. */
#ifndef WEFT_UPSTREAM_CONSUL_H
#define WEFT_UPSTREAM_CONSUL_H

#include "upstream/registry.h"

#include <weft/http.h>

struct wf_consul {
    struct weft_http *http; /* a client of an agent's address */
    const char *service;    /* such as "inbox", or "inbox?tag=v2"; with
                               on_value a key, such as "weft/policy" */
    /* Called with each new list. The endpoints are valid during the call. If
     * it returns an error, wf_consul_follow ends. */
    weft_err (*on_list)(const struct weft_endpoint *endpoints, uint32_t n,
                        void *user);
    wf_on_value *on_value; /* in place of on_list: follow one key */
    void *user;
    uint32_t pause_ms; /* between two answers, so that many changes make few
                          lists; 0: 100 */
    uint32_t wait_s;   /* how long the agent may wait for a change; 0: 60 */
    char why[WF_REGISTRY_WHY]; /* after an error: what failed */
};

/* WEFT_EADDRESS: this text cannot be the name of a service, with a query or
 * without. */
weft_err wf_consul_check(const char *service) WEFT_CHECKED;

/* The same for a key, whose parts `/` separates. */
weft_err wf_consul_check_key(const char *key) WEFT_CHECKED;

/* Append the servers of an answer, which is
 * [{"Node":{"Address":..},"Service":{"Address":..,"Port":..,"Weights":..}},..].
 * Errors as wf_walk_open. */
weft_err wf_consul_read(struct weft_str text, struct weft_arena *arena,
                        struct wf_registry_list *list) WEFT_CHECKED;

/*
 * Ask for the list or the value, tell it, ask for the next one, and so on,
 * until an error or a cancel of the task. A server without a port or with an
 * address that is none is left out, with a line in the log. Blocks. Errors:
 * those of weft_http_call_until, on_list and on_value; WEFT_EHTTP: Consul
 * answered with another status than 200, or than 404 for a key; WEFT_EPROTOCOL
 * and others of a reader: the answer is not Consul's.
 */
weft_err wf_consul_follow(struct wf_consul *consul) WEFT_CHECKED;

#endif
