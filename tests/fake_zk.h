/* SPDX-License-Identifier: MIT */
/*
 * Servers that play ZooKeeper 3.9: sessions, nodes that end with their session,
 * and watches that tell of one change. Several listeners may share one struct,
 * as the servers of an ensemble share their data. A request that it does not
 * understand ends the connection, and counts in n_bad. A session ends when any
 * request comes after its time-out.
 */
#ifndef WEFT_TESTS_FAKE_ZK_H
#define WEFT_TESTS_FAKE_ZK_H

#include <weft/fiber.h>
#include <weft/net.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_ZK_NODES 32
#define FAKE_ZK_SESSIONS 64
#define FAKE_ZK_WATCHES 512
#define FAKE_ZK_TEXT 400

struct fake_zk_session {
    uint64_t id, end_ns; /* id 0: the place is free */
    uint32_t timeout_ms;
    struct weft_conn *conn; /* NULL: it is not connected */
};

struct fake_zk {
    struct weft_mutex lock; /* guards the fields below that are not atomic */
    uint64_t zxid, next_session;
    struct fake_zk_node {
        char path[FAKE_ZK_TEXT], data[FAKE_ZK_TEXT]; /* path "": free */
        uint64_t owner; /* the session of an ephemeral node */
    } nodes[FAKE_ZK_NODES];
    struct fake_zk_session sessions[FAKE_ZK_SESSIONS];
    struct fake_zk_watch {
        char path[FAKE_ZK_TEXT]; /* "": free */
        bool is_of_children;
        struct fake_zk_session *session;
    } watches[FAKE_ZK_WATCHES];
    /* Tests read and set these without the lock. */
    _Atomic uint32_t n_hellos, n_resumed, n_requests, n_lists, n_creates,
        n_pings, n_closes, n_bad;
    _Atomic bool bumps;        /* before the next request an ephemeral node
                                  changes its data */
    _Atomic uint32_t least_ms; /* of a time-out; 0: what the client asks for */
    _Atomic int32_t refusal;   /* not 0: the error of each request */
    _Atomic bool hangs;        /* nothing is answered */
    _Atomic(const char *) garbage; /* each connection gets these bytes */
};

/* ---- bytes ---- */

struct fake_zk_bytes {
    size_t n, at;
    bool is_bad;
    uint8_t bytes[40000];
};

static inline void
fake_zk_put(struct fake_zk_bytes *b, const void *bytes, size_t n)
{
    if (b->n + n > sizeof b->bytes)
        abort();
    memcpy(b->bytes + b->n, bytes, n);
    b->n += n;
}

static inline void
fake_zk_put_number(struct fake_zk_bytes *b, uint64_t value, int n)
{
    while (n-- > 0) {
        uint8_t byte = (uint8_t)(value >> (8 * n));
        fake_zk_put(b, &byte, 1);
    }
}

static inline void
fake_zk_put_text(struct fake_zk_bytes *b, const char *text)
{
    fake_zk_put_number(b, strlen(text), 4);
    fake_zk_put(b, text, strlen(text));
}

static inline uint64_t
fake_zk_take(struct fake_zk_bytes *b, int n)
{
    uint64_t value = 0;
    for (; n > 0; n--) {
        b->is_bad = b->is_bad || b->at >= b->n;
        value = value << 8 | (b->is_bad ? 0 : b->bytes[b->at++]);
    }
    return value;
}

static inline void
fake_zk_take_text(struct fake_zk_bytes *b, char text[FAKE_ZK_TEXT])
{
    size_t n = fake_zk_take(b, 4);
    b->is_bad = b->is_bad || n > b->n - b->at || n >= FAKE_ZK_TEXT;
    if (b->is_bad)
        n = 0;
    memcpy(text, b->bytes + b->at, n);
    text[n] = '\0';
    b->at += n;
}

static inline void
fake_zk_send(struct weft_conn *conn, const struct fake_zk_bytes *b)
{
    struct weft_chain chain = {0};
    uint8_t length[4] = {(uint8_t)(b->n >> 24), (uint8_t)(b->n >> 16),
                         (uint8_t)(b->n >> 8), (uint8_t)b->n};
    if (weft_chain_append(&chain, length, 4) ||
        weft_chain_append(&chain, b->bytes, b->n) ||
        weft_conn_send(conn, &chain))
        weft_conn_shutdown(conn);
    weft_chain_clear(&chain);
}

static inline void
fake_zk_begin_answer(const struct fake_zk *z, struct fake_zk_bytes *b,
                     uint32_t xid, int32_t err)
{
    b->n = b->at = 0;
    b->is_bad = false;
    fake_zk_put_number(b, xid, 4);
    fake_zk_put_number(b, z->zxid, 8);
    fake_zk_put_number(b, (uint32_t)err, 4);
}

/* ---- nodes; the lock is held, except in fake_zk_set and fake_zk_count ---- */

static inline void
fake_zk_lock(struct fake_zk *z)
{
    weft_shield_begin();
    if (weft_mutex_lock(&z->lock))
        abort();
    weft_shield_end();
}

static inline struct fake_zk_node *
fake_zk_find(struct fake_zk *z, const char *path)
{
    for (int i = 0; i < FAKE_ZK_NODES; i++)
        if (strcmp(z->nodes[i].path, path) == 0)
            return &z->nodes[i];
    return NULL;
}

/* Tell those who watch the path. Each watch tells once. */
static inline void
fake_zk_tell(struct fake_zk *z, const char *path, bool is_of_children)
{
    static struct fake_zk_bytes b; /* the lock is held */
    for (int i = 0; i < FAKE_ZK_WATCHES; i++) {
        struct fake_zk_watch *w = &z->watches[i];
        if (strcmp(w->path, path) != 0 || w->is_of_children != is_of_children ||
            !*path)
            continue;
        w->path[0] = '\0';
        if (!w->session->conn)
            continue;
        fake_zk_begin_answer(z, &b, UINT32_MAX, 0);
        memset(b.bytes + 4, 0xff, 8); /* an event has no zxid */
        fake_zk_put_number(&b, is_of_children ? 4 : 3, 4);
        fake_zk_put_number(&b, 3, 4); /* connected */
        fake_zk_put_text(&b, path);
        fake_zk_send(w->session->conn, &b);
    }
}

static inline void
fake_zk_note_change(struct fake_zk *z, const char *path)
{
    char parent[FAKE_ZK_TEXT];
    z->zxid++;
    snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path),
             path);
    fake_zk_tell(z, path, false);
    fake_zk_tell(z, parent, true);
}

static inline void
fake_zk_make(struct fake_zk *z, const char *path, const char *data,
             uint64_t owner)
{
    struct fake_zk_node *node = fake_zk_find(z, path);
    if (!node)
        node = fake_zk_find(z, "");
    if (!node)
        abort();
    snprintf(node->path, sizeof node->path, "%s", path);
    snprintf(node->data, sizeof node->data, "%s", data);
    node->owner = owner;
    fake_zk_note_change(z, path);
}

static inline void
fake_zk_delete(struct fake_zk *z, struct fake_zk_node *node)
{
    char path[FAKE_ZK_TEXT];
    memcpy(path, node->path, sizeof path);
    node->path[0] = '\0';
    fake_zk_note_change(z, path);
}

/* Make a node, give it other data, or delete it (data NULL). */
static inline void
fake_zk_set(struct fake_zk *z, const char *path, const char *data)
{
    fake_zk_lock(z);
    if (data)
        fake_zk_make(z, path, data, 0);
    else
        fake_zk_delete(z, fake_zk_find(z, path));
    weft_mutex_unlock(&z->lock);
}

/* ---- sessions ---- */

static inline void
fake_zk_end(struct fake_zk *z, struct fake_zk_session *s)
{
    uint64_t id = s->id;
    s->id = 0;
    for (int i = 0; i < FAKE_ZK_WATCHES; i++)
        if (z->watches[i].session == s)
            z->watches[i].path[0] = '\0';
    for (int i = 0; i < FAKE_ZK_NODES; i++)
        if (z->nodes[i].path[0] && z->nodes[i].owner == id)
            fake_zk_delete(z, &z->nodes[i]);
    if (s->conn)
        weft_conn_shutdown(s->conn);
    s->conn = NULL;
}

static inline void
fake_zk_expire(struct fake_zk *z)
{
    for (int i = 0; i < FAKE_ZK_SESSIONS; i++)
        if (z->sessions[i].id && weft_now_ns() > z->sessions[i].end_ns)
            fake_zk_end(z, &z->sessions[i]);
}

/* End every session at once, or only their connections. */
static inline void
fake_zk_end_all(struct fake_zk *z, bool only_connections)
{
    fake_zk_lock(z);
    for (int i = 0; i < FAKE_ZK_SESSIONS; i++) {
        struct fake_zk_session *s = &z->sessions[i];
        if (s->id && !only_connections)
            fake_zk_end(z, s);
        else if (s->id && s->conn)
            weft_conn_shutdown(s->conn);
    }
    weft_mutex_unlock(&z->lock);
}

/* How many nodes are below the path. */
static inline int
fake_zk_count(struct fake_zk *z, const char *path)
{
    size_t n = strlen(path);
    int count = 0;
    fake_zk_lock(z);
    fake_zk_expire(z);
    for (int i = 0; i < FAKE_ZK_NODES; i++)
        count += strncmp(z->nodes[i].path, path, n) == 0 &&
                 z->nodes[i].path[n] == '/';
    weft_mutex_unlock(&z->lock);
    return count;
}

static inline struct fake_zk_session *
fake_zk_session_of(struct fake_zk *z, uint64_t id)
{
    for (int i = 0; i < FAKE_ZK_SESSIONS; i++)
        if (z->sessions[i].id == id)
            return &z->sessions[i];
    return NULL;
}

/* The password of a session is its id, twice. */
static inline void
fake_zk_hello(struct fake_zk *z, struct weft_conn *conn,
              struct fake_zk_bytes *b)
{
    uint64_t version = fake_zk_take(b, 4), zxid = fake_zk_take(b, 8);
    uint32_t timeout_ms = (uint32_t)fake_zk_take(b, 4);
    uint64_t id = fake_zk_take(b, 8), length = fake_zk_take(b, 4);
    uint64_t one = fake_zk_take(b, 8), two = fake_zk_take(b, 8);
    struct fake_zk_session *s = fake_zk_session_of(z, id);
    bool is_new = id == 0;
    fake_zk_take(b, 1);
    z->n_hellos++;
    if (b->is_bad || b->at != b->n || version != 0 || length != 16 ||
        one != id || two != id || (is_new && zxid != 0)) {
        z->n_bad++;
        weft_conn_shutdown(conn);
        return;
    }
    if (is_new && s) {
        if (timeout_ms < z->least_ms)
            timeout_ms = z->least_ms;
        *s = (struct fake_zk_session){.id = ++z->next_session,
                                      .timeout_ms = timeout_ms};
    }
    b->n = 0;
    fake_zk_put_number(b, 0, 4);
    fake_zk_put_number(b, s ? s->timeout_ms : 0, 4);
    for (int i = 0; i < 4; i++)
        fake_zk_put_number(b, i == 1 ? 16 : s ? s->id : 0, i == 1 ? 4 : 8);
    fake_zk_put_number(b, 0, 1);
    fake_zk_send(conn, b);
    if (!s)
        return;
    z->n_resumed += !is_new;
    s->conn = conn;
    s->end_ns = weft_now_ns() + s->timeout_ms * 1000000ull;
    weft_conn_set_user(conn, s);
}

/* ---- requests; the lock is held ---- */

static inline void
fake_zk_watch(struct fake_zk *z, struct fake_zk_session *s, const char *path,
              bool is_of_children)
{
    struct fake_zk_watch *at = NULL;
    for (int i = 0; i < FAKE_ZK_WATCHES; i++) {
        struct fake_zk_watch *w = &z->watches[i];
        if (!w->path[0])
            at = at ? at : w;
        else if (w->session == s && w->is_of_children == is_of_children &&
                 strcmp(w->path, path) == 0)
            return;
    }
    if (!at)
        abort();
    snprintf(at->path, sizeof at->path, "%s", path);
    at->session = s;
    at->is_of_children = is_of_children;
}

static inline void
fake_zk_put_stat(struct fake_zk_bytes *b, const struct fake_zk_node *node)
{
    static const uint8_t zeros[24];
    fake_zk_put(b, zeros, 24);
    fake_zk_put(b, zeros, 20);
    fake_zk_put_number(b, node->owner, 8);
    fake_zk_put(b, zeros, 16);
}

static inline void
fake_zk_children(struct fake_zk *z, const char *path, struct fake_zk_bytes *b)
{
    size_t n = strlen(path), at = b->n;
    uint8_t count = 0;
    z->n_lists++;
    fake_zk_put_number(b, 0, 4);
    for (int i = 0; i < FAKE_ZK_NODES; i++) {
        const char *node = z->nodes[i].path;
        if (strncmp(node, path, n) != 0 || node[n] != '/' ||
            strchr(node + n + 1, '/'))
            continue;
        fake_zk_put_text(b, node + n + 1);
        count++;
    }
    b->bytes[at + 3] = count;
}

/* An operation that reads: exists, getData, getChildren. */
static inline void
fake_zk_read(struct fake_zk *z, struct fake_zk_session *s, uint32_t xid,
             uint32_t op, struct fake_zk_bytes *b)
{
    char path[FAKE_ZK_TEXT];
    fake_zk_take_text(b, path);
    bool watch = fake_zk_take(b, 1);
    const struct fake_zk_node *node = fake_zk_find(z, path);
    if (b->is_bad || !*path)
        return;
    b->is_bad = b->at != b->n;
    bool is_bad = b->is_bad;
    fake_zk_begin_answer(z, b, xid, node ? 0 : -101);
    b->is_bad = is_bad;
    if (watch && (node || op == 3))
        fake_zk_watch(z, s, path, op == 8);
    if (node && op == 4)
        fake_zk_put_text(b, node->data);
    if (node && op == 8)
        fake_zk_children(z, path, b);
    else if (node)
        fake_zk_put_stat(b, node);
}

static inline int32_t
fake_zk_try_create(struct fake_zk *z, const char *path, const char *data,
                   uint64_t owner)
{
    char parent[FAKE_ZK_TEXT];
    snprintf(parent, sizeof parent, "%.*s", (int)(strrchr(path, '/') - path),
             path);
    if (*parent && !fake_zk_find(z, parent))
        return -101;
    if (fake_zk_find(z, path))
        return -110;
    z->n_creates++;
    fake_zk_make(z, path, data, owner);
    return 0;
}

static inline void
fake_zk_create(struct fake_zk *z, struct fake_zk_session *s, uint32_t xid,
               struct fake_zk_bytes *b)
{
    char path[FAKE_ZK_TEXT], data[FAKE_ZK_TEXT], scheme[FAKE_ZK_TEXT],
        who[FAKE_ZK_TEXT];
    fake_zk_take_text(b, path);
    fake_zk_take_text(b, data);
    uint64_t n = fake_zk_take(b, 4), perms = fake_zk_take(b, 4);
    fake_zk_take_text(b, scheme);
    fake_zk_take_text(b, who);
    uint64_t flags = fake_zk_take(b, 4);
    if (n != 1 || perms != 31 || strcmp(scheme, "world") != 0 ||
        strcmp(who, "anyone") != 0 || flags > 1 || *path != '/' ||
        b->at != b->n)
        b->is_bad = true;
    if (b->is_bad)
        return;
    int32_t err = fake_zk_try_create(z, path, data, flags ? s->id : 0);
    fake_zk_begin_answer(z, b, xid, err);
    if (!err)
        fake_zk_put_text(b, path);
}

static inline void
fake_zk_request(struct fake_zk *z, struct fake_zk_session *s,
                struct fake_zk_bytes *b)
{
    struct weft_conn *conn = s->conn;
    uint32_t xid = (uint32_t)fake_zk_take(b, 4), op;
    op = (uint32_t)fake_zk_take(b, 4);
    z->n_requests++;
    z->n_pings += op == 11;
    s->end_ns = weft_now_ns() + s->timeout_ms * 1000000ull;
    if (z->refusal && op != 11)
        fake_zk_begin_answer(z, b, xid, z->refusal);
    else if (op == 3 || op == 4 || op == 8)
        fake_zk_read(z, s, xid, op, b);
    else if (op == 1)
        fake_zk_create(z, s, xid, b);
    else if ((op == 11 || op == (uint32_t)-11) && b->n == 8)
        fake_zk_begin_answer(z, b, xid, 0);
    else
        b->is_bad = true;
    z->n_bad += b->is_bad;
    z->n_closes += op == (uint32_t)-11;
    if (b->is_bad)
        weft_conn_shutdown(conn);
    else
        fake_zk_send(conn, b);
    if (op == (uint32_t)-11) {
        s->conn = NULL; /* the client closes it */
        fake_zk_end(z, s);
    }
}

/* Change the last digit of the weight in the data of an ephemeral node. */
static inline void
fake_zk_bump(struct fake_zk *z)
{
    z->bumps = false;
    for (int i = 0; i < FAKE_ZK_NODES; i++) {
        struct fake_zk_node *node = &z->nodes[i];
        if (!node->path[0] || !node->owner)
            continue;
        node->data[strlen(node->data) - 2] = '2';
        fake_zk_tell(z, node->path, false);
        return;
    }
}

static inline void
fake_zk_on_request(struct weft_conn *conn, void *user)
{
    static struct fake_zk_bytes b; /* used while the lock is held */
    struct fake_zk *z = user;
    const uint8_t *bytes;
    size_t n;
    while (z->hangs)
        if (weft_sleep_ms(5))
            return;
    const char *garbage = z->garbage;
    if (garbage && (weft_conn_write(conn, garbage, strlen(garbage)) ||
                    weft_conn_flush(conn)))
        weft_conn_shutdown(conn);
    if (garbage) {
        (void)!weft_conn_skip(conn, weft_conn_len(conn));
        return;
    }
    if (weft_conn_peek(conn, 4, &bytes)) {
        weft_conn_shutdown(conn);
        return;
    }
    n = (size_t)bytes[2] << 8 | bytes[3];
    if (bytes[0] || bytes[1] || weft_conn_next(conn, n + 4, &bytes)) {
        weft_conn_shutdown(conn);
        return;
    }
    fake_zk_lock(z);
    fake_zk_expire(z);
    if (z->bumps)
        fake_zk_bump(z);
    b.n = b.at = 0;
    b.is_bad = false;
    fake_zk_put(&b, bytes + 4, n);
    struct fake_zk_session *s = weft_conn_user(conn);
    if (!s)
        fake_zk_hello(z, conn, &b);
    else if (s->conn == conn)
        fake_zk_request(z, s, &b);
    weft_mutex_unlock(&z->lock);
}

static inline void
fake_zk_on_close(struct weft_conn *conn, weft_err why, void *user)
{
    struct fake_zk *z = user;
    (void)why;
    fake_zk_lock(z);
    for (int i = 0; i < FAKE_ZK_SESSIONS; i++)
        if (z->sessions[i].conn == conn)
            z->sessions[i].conn = NULL;
    weft_mutex_unlock(&z->lock);
}

/* Begin without data. Ids of sessions are not used again. */
static inline void
fake_zk_begin(struct fake_zk *z)
{
    memset(z->nodes, 0, sizeof z->nodes);
    memset(z->watches, 0, sizeof z->watches);
    memset(z->sessions, 0, sizeof z->sessions);
    z->zxid = 1;
    if (!z->next_session)
        z->next_session = 0x100000000000000;
}

/* The process of all servers has begun anew: its connections are gone. */
static inline void
fake_zk_restart(struct fake_zk *z)
{
    memset(&z->lock, 0, sizeof z->lock);
    memset(z->watches, 0, sizeof z->watches);
    for (int i = 0; i < FAKE_ZK_SESSIONS; i++)
        z->sessions[i].conn = NULL;
}

static inline weft_err
fake_zk_listen(struct fake_zk *z, const char *address,
               struct weft_listener **listener)
{
    static const struct weft_conn_hooks hooks = {
        .on_request = fake_zk_on_request, .on_close = fake_zk_on_close};
    return weft_listen(address, &hooks, z, NULL, listener);
}

#endif
