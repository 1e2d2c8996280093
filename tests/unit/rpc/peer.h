/* SPDX-License-Identifier: MIT */
/* A server of plain sockets, and a client that calls it. */
#ifndef WEFT_TESTS_RPC_PEER_H
#define WEFT_TESTS_RPC_PEER_H

#include "rpc_test.h"

#include "rpc/client.h"

struct peer {
    int listener, fd;
    uint16_t port;
    struct weft_client *client;
};

static inline void
peer_open(struct peer *p, const struct weft_client_options *options)
{
    char address[64];
    p->port = 0;
    p->listener = wire_listen(&p->port, 8);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)p->port);
    MUST(!weft_client_new(address, options, &p->client));
}

static inline void
peer_close(struct peer *p)
{
    weft_client_free(p->client);
    close(p->fd);
    close(p->listener);
}

/* Read one framed request; returns its sequence id. */
static inline int32_t
take_request(struct peer *p)
{
    uint8_t b[256];
    MUST(wire_recv(p->fd, b, 4));
    uint32_t len = (uint32_t)b[2] << 8 | b[3];
    MUST(len < sizeof b && wire_recv(p->fd, b, len));
    uint32_t name = b[7];
    const uint8_t *s = b + 8 + name;
    return (int32_t)((uint32_t)s[0] << 24 | (uint32_t)s[1] << 16 |
                     (uint32_t)s[2] << 8 | s[3]);
}

static inline void
put_reply(struct bytes *b, unsigned type, const char *name, int32_t seqid,
          int64_t value)
{
    size_t from = frame_begin(b);
    put_head(b, type, name, seqid);
    put8(b, WEFT_I64);
    put16(b, 0);
    put64(b, (uint64_t)value);
    put8(b, 0);
    frame_end(b, from);
}

static inline void
send_reply(struct peer *p, unsigned type, const char *name, int32_t seqid,
           int64_t value)
{
    struct bytes b = {0};
    put_reply(&b, type, name, seqid, value);
    MUST(wire_send(p->fd, b.ptr, b.len));
    bytes_free(&b);
}

/* Accept the next connection, and first close the last one, unless `keep` is
 * set. */
static inline void
peer_accept(struct peer *p, bool keep)
{
    if (!keep && p->fd >= 0)
        close(p->fd);
    p->fd = wire_accept(p->listener);
    MUST(p->fd >= 0);
}

/* Answer the next request of gate. */
static inline void
peer_answer(struct peer *p, int64_t value)
{
    int32_t seqid = take_request(p);
    send_reply(p, WEFT_REPLY, "gate", seqid, value);
}

static inline struct wf_client_conn *
conn_of(struct peer *p)
{
    struct wf_client_conn *conn = wf_client_conn_ref(p->client->sock_id);
    MUST(conn);
    return conn;
}

#define LONG_AGO 1u                             /* longer ago than any limit */
#define A_WHILE_AGO (weft_now_ns() - SECOND_NS) /* within the client's limit */
#define SECOND_NS 1000000000u

/* Let the connection look as if it had been idle since `since_ns`. */
static inline void
age(struct peer *p, uint64_t since_ns)
{
    struct wf_client_conn *conn = conn_of(p);
    AWAIT(wf_load(&conn->n_waiting, relaxed) == 0);
    /* Whoever sent the last call notes the time when its send has returned. */
    AWAIT(!wf_load(&conn->sock->newest, acquire));
    wf_store(&conn->heard_ns, since_ns, relaxed);
    wf_store(&conn->sock->last_ns, since_ns, relaxed);
    wf_client_conn_unref(conn);
}

/* Make a call that is answered, over the connection that the peer has, or over
 * a fresh one that it accepts. */
static inline void
good_call(struct peer *p, bool fresh)
{
    struct caller a = {.client = p->client};
    caller_start(&a);
    if (fresh)
        peer_accept(p, true);
    peer_answer(p, 7);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    assert_int_equal(a.result, 7);
}

#endif
