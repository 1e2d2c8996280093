/* SPDX-License-Identifier: MIT */
/*
 * A server that plays an agent of Consul 1.12 for one key of its KV store, with
 * blocking queries. A request that it does not understand gets the status 400,
 * and counts in n_bad.
 */
#ifndef WEFT_TESTS_FAKE_CONSUL_H
#define WEFT_TESTS_FAKE_CONSUL_H

#include "fake_etcd.h"

struct fake_consul {
    struct weft_mutex lock; /* guards all below that is not atomic */
    uint64_t index;
    const char *key; /* such as "weft/policy" */
    char *value;     /* NULL: there is no such key */
    size_t len;
    uint32_t n_requests, n_bad;
    _Atomic bool hangs;            /* no request is answered */
    _Atomic bool stops;            /* every query is answered at once */
    _Atomic(const char *) garbage; /* each request gets this response */
};

static inline void
fake_consul_lock(struct fake_consul *c)
{
    weft_shield_begin();
    if (weft_mutex_lock(&c->lock))
        abort();
    weft_shield_end();
}

/* Put the key, or delete it (value NULL). */
static inline void
fake_consul_set(struct fake_consul *c, const char *value, size_t len)
{
    fake_consul_lock(c);
    free(c->value);
    c->value = value ? malloc(len + 1) : NULL;
    if (value && !c->value)
        abort();
    if (value)
        memcpy(c->value, value, len);
    c->len = len;
    c->index++;
    weft_mutex_unlock(&c->lock);
}

/* The lock is held. */
static inline void
fake_consul_answer(struct fake_consul *c, struct weft_conn *conn)
{
    char head[200];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nX-Consul-Index: %llu\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     c->value ? "200 OK" : "404 Not Found",
                     (unsigned long long)c->index, c->value ? c->len : 0);
    if (weft_conn_write(conn, head, (size_t)n) ||
        (c->value && weft_conn_write(conn, c->value, c->len)) ||
        weft_conn_flush(conn))
        weft_conn_close(conn);
}

/* Read the index and the wait of "/v1/kv/KEY?raw&index=N&wait=Ns". */
static inline bool
fake_consul_read(const struct fake_consul *c, const char *path, uint64_t *index,
                 uint64_t *wait_s)
{
    char head[80];
    unsigned long long i, w;
    int end = 0;
    int n = snprintf(head, sizeof head, "/v1/kv/%s?raw&index=", c->key);
    if (strncmp(path, head, (size_t)n) != 0 ||
        sscanf(path + n, "%llu&wait=%llus%n", &i, &w, &end) != 2 || end == 0 ||
        path[n + end])
        return false;
    *index = i;
    *wait_s = w;
    return w > 0;
}

/* As Consul: a query with the index of now waits. */
static inline void
fake_consul_wait(struct fake_consul *c, uint64_t index, uint64_t wait_s)
{
    uint64_t until = weft_after_ms((int64_t)wait_s * 1000);
    bool is_same = true;
    while (is_same && weft_now_ns() < until && !c->stops) {
        fake_consul_lock(c);
        is_same = c->index == index;
        weft_mutex_unlock(&c->lock);
        if (is_same && weft_sleep_ms(10))
            return;
    }
}

static inline void
fake_consul_on_request(struct weft_conn *conn, void *user)
{
    struct fake_consul *c = user;
    char path[100], body[2000];
    uint64_t index = 0, wait_s = 0;
    if (!fake_read(conn, path, body))
        return;
    bool is_good = fake_consul_read(c, path, &index, &wait_s);
    fake_consul_lock(c);
    c->n_requests++;
    c->n_bad += !is_good;
    weft_mutex_unlock(&c->lock);
    const char *garbage = c->garbage;
    while (c->hangs)
        if (weft_sleep_ms(5))
            return;
    if (is_good && !garbage)
        fake_consul_wait(c, index, wait_s);
    garbage = c->garbage;
    fake_consul_lock(c);
    if (garbage)
        fake_send(conn, garbage);
    else if (is_good)
        fake_consul_answer(c, conn);
    else
        fake_answer(conn, "400 Bad Request", "bad");
    weft_mutex_unlock(&c->lock);
}

static inline weft_err
fake_consul_listen(struct fake_consul *c, const char *address,
                   struct weft_listener **listener)
{
    static const struct weft_conn_hooks hooks = {.on_request =
                                                     fake_consul_on_request};
    memset(&c->lock, 0, sizeof c->lock);
    return weft_listen(address, &hooks, c, NULL, listener);
}

#endif
