/* SPDX-License-Identifier: MIT */
/*
 * What the clients of registries share: their names, their texts of errors, and
 * lists of servers with repeated addresses.
 */
#ifndef WEFT_UPSTREAM_REGISTRY_H
#define WEFT_UPSTREAM_REGISTRY_H

#include "upstream/upstream.h"

struct weft_http;

#define WF_REGISTRY_WHY 600 /* size of a text that says what failed */

/* Check that a name is HOST:PORT/PATH. WEFT_EADDRESS. */
weft_err wf_registry_check(const char *name) WEFT_CHECKED;

/* Make a client for a name "HOST:PORT/PATH"; body_size as in struct
 * weft_http_options. *path receives the part of the name that begins with the
 * first `/`. Errors as weft_http_new; WEFT_EBUDGET. */
weft_err wf_registry_open(const char *name, size_t body_size,
                          struct weft_http **http, const char **path)
    WEFT_CHECKED;

/* Write to `why` what failed: the text of the registry, or that of the error.
 * Returns the error. */
weft_err wf_registry_explain(char *why, const char *registry, weft_err err,
                             struct weft_str text);

/* Make one run of what was written, in the arena; the chain is emptied. */
weft_err wf_registry_flatten(struct weft_chain *chain, struct weft_arena *arena,
                             struct weft_str *text) WEFT_CHECKED;

/* Called with each new value of a key, which is valid during the call. ptr
 * NULL: there is no such key. If it returns an error, the follower ends. */
typedef weft_err wf_on_value(struct weft_str value, void *user);

/* The items are an arena's. */
struct wf_registry_list {
    struct weft_endpoint *items;
    uint32_t len, cap;
};

/* Read tags, an array of texts. *tag receives those that name a partition, with
 * blanks between them, in the arena, or NULL if there is none. A value that is
 * no such array is skipped. Errors of a reader; WEFT_EBUDGET. */
weft_err wf_registry_read_tags(struct weft_reader *r, struct weft_arena *arena,
                               const char **tag) WEFT_CHECKED;

/* Read the value of a server in etcd or ZooKeeper: JSON
 * {"address":"HOST:PORT","weight":N,"zone":"NAME","tags":["2/8"]} if it begins
 * with "{", else an address. What it says is the arena's. WEFT_EADDRESS, errors
 * of a reader: it is neither; WEFT_EBUDGET. */
weft_err wf_registry_read_value(struct weft_str value, struct weft_arena *arena,
                                struct weft_endpoint *endpoint) WEFT_CHECKED;

/* Append a server. The list keeps its pointers, so its address and its zone
 * must live as long as the list. A weight of 0 counts as 1. Error:
 * WEFT_EBUDGET. */
weft_err wf_registry_add(struct wf_registry_list *list,
                         struct weft_arena *arena,
                         const struct weft_endpoint *endpoint) WEFT_CHECKED;

/* Publish a list in which an address may be there several times: its highest
 * weight counts. Errors as weft_resolver_publish; -ENOMEM. */
weft_err wf_registry_publish(const struct weft_endpoint *endpoints, uint32_t n,
                             void *resolver) WEFT_CHECKED;

#endif
