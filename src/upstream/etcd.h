/* SPDX-License-Identifier: MIT */
/* Follows the servers that are registered below a prefix of etcd, or one
 * key. */
#ifndef WEFT_UPSTREAM_ETCD_H
#define WEFT_UPSTREAM_ETCD_H

#include "upstream/registry.h"

#include <weft/http.h>

struct wf_etcd {
    struct weft_http *http; /* a client of etcd's address */
    struct weft_str prefix; /* of the keys, such as "/services/inbox/"; with
                               on_value a key */
    /* Called with each new list. The endpoints are valid during the call. If
     * it returns an error, wf_etcd_follow ends. */
    weft_err (*on_list)(const struct weft_endpoint *endpoints, uint32_t n,
                        void *user);
    wf_on_value *on_value; /* in place of on_list: follow one key */
    void *user;
    uint32_t pause_ms;   /* between a change and the next reading, so that many
                            changes make few lists; 0: 100 */
    uint32_t refresh_ms; /* the list is read again after this time, even without
                            a change, so that a server of etcd that hangs is
                            noticed; 0: 60,000 */
    char why[WF_REGISTRY_WHY]; /* after an error: what failed */
};

/* Append the servers of an answer, which is {"header":{"revision":"N",..},
 * "kvs":[..]}; without a key etcd leaves "kvs" out. Errors as wf_walk_open;
 * WEFT_EPROTOCOL: there is no revision. */
weft_err wf_etcd_read(struct weft_str text, struct weft_arena *arena,
                      struct wf_registry_list *list, uint64_t *revision)
    WEFT_CHECKED;

/* The same for an answer about one key: *value receives its value, in the
 * arena; ptr NULL: there is no such key. */
weft_err wf_etcd_read_value(struct weft_str text, struct weft_arena *arena,
                            struct weft_str *value, uint64_t *revision)
    WEFT_CHECKED;

/*
 * Read the list or the value, tell it, wait for a change, and begin again,
 * until an error or a cancel of the task. A key of a list has the server in its
 * value: an address, or {"address":"HOST:PORT","weight":N}. A value that is
 * neither is left out, with a line in the log. Blocks. Errors: those of
 * weft_http_call, on_list and on_value; WEFT_EHTTP: etcd answered with another
 * status than 200.
 */
weft_err wf_etcd_follow(struct wf_etcd *etcd) WEFT_CHECKED;

#endif
