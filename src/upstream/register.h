/* SPDX-License-Identifier: MIT */
/* Registers a server: an entry in a registry, which a fiber renews. */
#ifndef WEFT_UPSTREAM_REGISTER_H
#define WEFT_UPSTREAM_REGISTER_H

#include "upstream/registry.h"

#include <weft/http.h>

#define WF_ADVERTISED 300 /* size of the text of an address */

/* The entry of a server, as the functions of a registry see it. */
struct wf_entry {
    struct weft_http *http; /* a client of the registry; or: */
    struct wf_zk *zk;       /* a session with ZooKeeper */
    const char *path;       /* of the target, from its first `/` on */
    char address[WF_ADVERTISED];
    uint32_t weight, ttl_ms;
    const char *const *tags;
    uint32_t n_tags;
    uint32_t granted_ms; /* instead of ttl_ms, if the registry has decided so */
    uint64_t id;         /* etcd: the lease, 0: none. Consul: a random number.
                        ZooKeeper: the session */
    bool may_exist;      /* the registry may have the entry */
    bool is_held;        /* the registry has answered that it has the entry */
    uint64_t n_made;     /* how often `hold` has made the entry */
    char why[WF_REGISTRY_WHY]; /* after an error: what failed */
};

/* What a registry can do. */
struct wf_registry_kind {
    const char *name; /* with the colon that ends it in a target */
    uint32_t weight_most;
    bool has_unix; /* addresses `unix:PATH` */
    /* Check a name, which is a target without its kind. NULL: it has to be
     * HOST:PORT/NAME. WEFT_EADDRESS. */
    weft_err (*check)(const char *name);
    /* Make what `hold` needs, set entry->path, and free it. NULL: `http`. */
    weft_err (*open)(struct wf_entry *entry, const char *name);
    void (*close)(struct wf_entry *entry);
    /* The server has stopped; it may start again. NULL: nothing to do. */
    void (*rest)(struct wf_entry *entry);
    /* Renew the entry, or make it if there is none. Blocks until the deadline
     * at most. Errors: those of weft_http_call; WEFT_EHTTP: the registry has
     * refused the request; WEFT_EPROTOCOL and others of a reader: the answer is
     * not the registry's. */
    weft_err (*hold)(struct wf_entry *entry, uint64_t deadline_ns);
    /* Delete the entry. It succeeds if there is none. Otherwise as `hold`. */
    weft_err (*leave)(struct wf_entry *entry, uint64_t deadline_ns);
};

extern const struct wf_registry_kind wf_registry_etcd, wf_registry_consul,
    wf_registry_zk;

/* Write the tags, each with its quotes, with commas between them. If there is
 * no memory, the text is absent. */
struct weft_str wf_entry_tags(const struct wf_entry *entry,
                              struct weft_arena *arena);

/* Write the value that wf_registry_read_value reads. If there is no memory, the
 * text is absent. */
struct weft_str wf_entry_value(const struct wf_entry *entry,
                               struct weft_arena *arena);

/* Send a request to the registry. The status of *r may be any. */
weft_err wf_entry_ask(struct wf_entry *entry, const char *registry,
                      const struct weft_http_request *request,
                      uint64_t deadline_ns, struct weft_arena *arena,
                      struct weft_http_response *r) WEFT_CHECKED;

/* Read the answer of etcd about a lease: {"ID":"N","TTL":"N",..}, alone or as
 * "result" of an object. Without a TTL, *ttl_s receives 0: the lease has ended.
 * Errors as wf_walk_open; WEFT_EPROTOCOL: there is no ID. */
weft_err wf_etcd_read_lease(struct weft_str text, struct weft_arena *arena,
                            uint64_t *id, uint64_t *ttl_s) WEFT_CHECKED;

/* ---- register_options.c ---- */

/* What weft_server_add_registry keeps; the texts are the arena's. */
struct wf_register_options {
    const struct wf_registry_kind *kind;
    const char *target;
    const char *name;    /* the target without its kind */
    const char *address; /* NULL: that of the server */
    const char *const *tags;
    uint32_t n_tags, weight, ttl_ms, leave_timeout_ms, linger_ms;
};

/* Check and copy. Errors as weft_server_add_registry. */
weft_err wf_register_options(const char *registry,
                             const struct weft_registry_options *given,
                             struct weft_arena *arena,
                             struct wf_register_options *o) WEFT_CHECKED;

/* Write the address under which clients find the server. WEFT_EADDRESS: there
 * is none; the log says why. */
weft_err wf_register_address(const struct wf_register_options *o,
                             const struct weft_server *server,
                             char address[WF_ADVERTISED]) WEFT_CHECKED;

#endif
