/* SPDX-License-Identifier: MIT */
/* The records of ZooKeeper's protocol: numbers are big-endian, and a text has
 * its length before it. Each request and each answer is a frame, which begins
 * with its length. Source: ZooKeeper 3.9, zookeeper.jute. */
#ifndef WEFT_UPSTREAM_JUTE_H
#define WEFT_UPSTREAM_JUTE_H

#include "base/base.h"

#include <weft/buf.h>
#include <weft/codec.h>

#define WF_JUTE_FRAME 2048 /* size of a request; a longer one cannot be sent */

/* ---- requests ---- */

enum wf_zk_op {
    WF_ZK_CREATE = 1,
    WF_ZK_EXISTS = 3,
    WF_ZK_GET_DATA = 4,
    WF_ZK_GET_CHILDREN = 8,
    WF_ZK_PING = 11,
    WF_ZK_CLOSE = -11,
};

#define WF_ZK_XID_EVENT (-1) /* of an answer that nobody asked for */
#define WF_ZK_XID_PING (-2)

struct wf_jute_out {
    uint32_t len;
    bool is_full; /* something did not fit */
    uint8_t bytes[WF_JUTE_FRAME];
};

#define WF_ZK_PASSWORD 16

/* What a client and a server tell each other of a session. */
struct wf_zk_session {
    uint64_t id; /* 0: none */
    uint32_t timeout_ms;
    uint8_t password[WF_ZK_PASSWORD];
};

/* Write the first frame of a connection. zxid: of the last change that the
 * session has seen; a server that is behind does not take the session. */
void wf_zk_put_hello(struct wf_jute_out *out,
                     const struct wf_zk_session *session, uint64_t zxid);

/* Write a request: a ping or a close; with a path and whether to watch it; or
 * the creation of a node, which ends with the session if it is ephemeral. */
void wf_zk_put_bare(struct wf_jute_out *out, int32_t xid, enum wf_zk_op op);
void wf_zk_put_path(struct wf_jute_out *out, int32_t xid, enum wf_zk_op op,
                    struct weft_str path, bool watch);
void wf_zk_put_create(struct wf_jute_out *out, int32_t xid,
                      struct weft_str path, struct weft_str data,
                      bool is_ephemeral);

/* ---- answers: the bytes of a frame without its length ---- */

/* The errors of an answer that mean something to weft. */
enum { WF_ZK_NO_NODE = -101, WF_ZK_NODE_EXISTS = -110 };

struct wf_zk_header {
    int32_t xid, err;
    uint64_t zxid;
    struct weft_str rest; /* what follows */
};

struct wf_zk_names {
    struct weft_str *items; /* an arena's, as the names are */
    uint32_t len, cap;
};

/* Each of them returns WEFT_EPROTOCOL for bytes that are not such an answer.
 * A session whose id is 0 is over. An answer may have more bytes than it needs,
 * as newer versions have. */
weft_err wf_zk_read_hello(struct weft_str frame, struct wf_zk_session *session)
    WEFT_CHECKED;
weft_err wf_zk_read_header(struct weft_str frame, struct wf_zk_header *header)
    WEFT_CHECKED;
weft_err wf_zk_read_data(struct weft_str rest, struct weft_str *data)
    WEFT_CHECKED;

/* A name that cannot be part of a path is left out. WEFT_EBUDGET. */
weft_err wf_zk_read_names(struct weft_str rest, struct weft_arena *arena,
                          struct wf_zk_names *names) WEFT_CHECKED;

#endif
