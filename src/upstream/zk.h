/* SPDX-License-Identifier: MIT */
/* A session with ZooKeeper, which moves from one server to the next when a
 * connection fails, and who follows the servers below a node, or its data. One
 * task at a time uses a session. */
#ifndef WEFT_UPSTREAM_ZK_H
#define WEFT_UPSTREAM_ZK_H

#include "upstream/jute.h"
#include "upstream/registry.h"

#include <weft/net.h>

#define WF_ZK_SERVERS 16u   /* most servers of a target */
#define WF_ZK_PATH_MOST 512 /* most bytes of the path of a target */

struct wf_zk {
    struct weft_arena arena; /* of the texts */
    const char *addresses[WF_ZK_SERVERS];
    uint32_t n, at; /* the server in use, or the next one to try */
    struct weft_str path;
    struct weft_conn *conn; /* NULL: none */
    uint32_t asked_ms;      /* the time-out that a new session asks for */
    struct wf_zk_session session;
    uint64_t zxid; /* of the last change that the session has seen */
    int32_t sent_xid, next_xid; /* of the last request; of the next answer */
    uint64_t sent_ns, heard_ns; /* when a frame was last sent, and received */
    bool changed;               /* a watch has told of a change */
    char why[WF_REGISTRY_WHY];  /* after an error: what failed */
};

/* WEFT_EADDRESS: the name is not ADDRESS[,ADDRESS]../PATH. */
weft_err wf_zk_check(const char *name) WEFT_CHECKED;

/* Set addresses, n and path. The name is one that wf_zk_check accepts.
 * WEFT_EBUDGET. */
weft_err wf_zk_take_name(struct wf_zk *zk, const char *name) WEFT_CHECKED;

/* Make a session, which is not connected, for a name that wf_zk_check accepts.
 * -ENOMEM, WEFT_EBUDGET. */
weft_err wf_zk_new(const char *name, uint32_t asked_ms, struct wf_zk **zk)
    WEFT_CHECKED;
void wf_zk_free(struct wf_zk *zk);

/*
 * Connect, if there is no connection: try each server once. The session goes
 * on, or a new one begins, with another id, if the old one is over. Blocks
 * until the deadline at most. Errors: those of weft_dial_until and of reading;
 * WEFT_EPROTOCOL: the peer is not ZooKeeper. After an error of this or a later
 * function there is no connection, and `why` has a text.
 */
weft_err wf_zk_connect(struct wf_zk *zk, uint64_t deadline_ns) WEFT_CHECKED;

/* Close the connection. The session lives on until its time-out. */
void wf_zk_drop(struct wf_zk *zk);

/* Drop the connection and write `why`: `text`, or that of the error. Returns
 * the error. */
weft_err wf_zk_fail(struct wf_zk *zk, weft_err err, struct weft_str text);

/* Add a request, which wf_zk_flush or the next wf_zk_answer sends. */
weft_err wf_zk_ask_path(struct wf_zk *zk, enum wf_zk_op op,
                        struct weft_str path, bool watch) WEFT_CHECKED;
weft_err wf_zk_ask_create(struct wf_zk *zk, struct weft_str path,
                          struct weft_str data, bool is_ephemeral) WEFT_CHECKED;

/* Wait for the next answer. The answers come in the order of the requests. The
 * bytes are valid until the next call. */
weft_err wf_zk_answer(struct wf_zk *zk, uint64_t deadline_ns,
                      struct wf_zk_header *header) WEFT_CHECKED;

/* End the session; its ephemeral nodes are deleted. Afterwards there is neither
 * a connection nor a session, or an error. */
weft_err wf_zk_end(struct wf_zk *zk, uint64_t deadline_ns) WEFT_CHECKED;

/* Wait until zk->changed, with pings. */
weft_err wf_zk_await_change(struct wf_zk *zk) WEFT_CHECKED;

/* The error for an answer that refuses a request: -EPERM, and `why`. */
weft_err wf_zk_refused(struct wf_zk *zk, int32_t code);

/* ---- zk_resolver.c ---- */

struct wf_zk_follower {
    struct wf_zk *zk;
    /* Called with each new list. The endpoints are valid during the call. If
     * it returns an error, wf_zk_follow ends. */
    weft_err (*on_list)(const struct weft_endpoint *endpoints, uint32_t n,
                        void *user);
    wf_on_value
        *on_value; /* in place of on_list: follow the data of the node */
    void *user;
    uint32_t pause_ms; /* between a change and the next reading; 0: 100 */
};

/*
 * Read the children of zk->path or its data, tell them, wait for a change, and
 * begin again, until an error or a cancel of the task. A lost connection is an
 * error only if no server can be reached. A child has the server in its data:
 * an address, or {"address":"HOST:PORT","weight":N}; others are left out, with
 * a line in the log. Errors: those of the functions above, of on_list and of
 * on_value.
 */
weft_err wf_zk_follow(struct wf_zk_follower *f) WEFT_CHECKED;

#endif
