/* SPDX-License-Identifier: MIT */
/*
 * A server that plays etcd 3 as its JSON gateway answers: leases, keys that end
 * with their lease, a list, and a watch. Prefixes are ignored: every key is in
 * every list, but one key can be asked for. A request that it does not
 * understand gets the status 400, and counts in n_bad. Keys and values stay in
 * base64.
 */
#ifndef WEFT_TESTS_FAKE_ETCD_H
#define WEFT_TESTS_FAKE_ETCD_H

#include <weft/fiber.h>
#include <weft/net.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_PAIRS 16
#define FAKE_LEASES 64
#define FAKE_WATCH_MS 5000 /* a watch without news ends after this time */

struct fake_etcd {
    struct weft_mutex lock; /* guards all below that is not atomic */
    uint64_t revision, next_lease;
    struct fake_pair {
        char key[200], value[300]; /* key: "": the place is free */
        uint64_t lease;
    } pairs[FAKE_PAIRS];
    struct fake_lease {
        uint64_t id, ttl_s, end_ns; /* id 0: the place is free */
    } leases[FAKE_LEASES];
    uint32_t n_requests, n_grants, n_puts, n_renewals, n_revokes, n_bad;
    uint64_t last_ttl_s;
    _Atomic bool hangs;                /* no request is answered */
    _Atomic bool stops;                /* every watch ends */
    _Atomic(const char *) garbage;     /* each request gets this answer */
    bool (*refuses)(const char *path); /* NULL, or: is this one refused? */
};

/* ---- what it knows ---- */

static inline void
fake_lock(struct fake_etcd *e)
{
    weft_shield_begin();
    if (weft_mutex_lock(&e->lock))
        abort();
    weft_shield_end();
}

static inline void
fake_delete_of(struct fake_etcd *e, uint64_t lease)
{
    for (int i = 0; i < FAKE_PAIRS; i++) {
        if (!e->pairs[i].key[0] || e->pairs[i].lease != lease)
            continue;
        e->pairs[i].key[0] = '\0';
        e->revision++;
    }
}

static inline struct fake_lease *
fake_find(struct fake_etcd *e, uint64_t id)
{
    for (int i = 0; i < FAKE_LEASES; i++)
        if (e->leases[i].id == id)
            return &e->leases[i];
    return NULL;
}

static inline void
fake_expire(struct fake_etcd *e)
{
    for (int i = 0; i < FAKE_LEASES; i++) {
        struct fake_lease *l = &e->leases[i];
        if (l->id && weft_now_ns() > l->end_ns) {
            fake_delete_of(e, l->id);
            l->id = 0;
        }
    }
}

/* The first words of its life: revision 1 and nothing else. */
static inline void
fake_begin(struct fake_etcd *e)
{
    memset(e->pairs, 0, sizeof e->pairs);
    memset(e->leases, 0, sizeof e->leases);
    e->revision = 1;
    if (!e->next_lease)
        e->next_lease = 7587000000000000001u;
}

static inline void
fake_base64(const char *text, char *to)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < n ? (uint8_t)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *to++ = i + k > n ? '=' : digits[bits >> (18 - 6 * k) & 63];
    }
    *to = '\0';
}

static inline struct fake_pair *
fake_pair_of(struct fake_etcd *e, const char *key)
{
    for (int i = 0; i < FAKE_PAIRS; i++)
        if (strcmp(e->pairs[i].key, key) == 0)
            return &e->pairs[i];
    return NULL;
}

/* Put a key without a lease, or delete it (text NULL). */
static inline void
fake_set(struct fake_etcd *e, const char *key, const char *text)
{
    char name[200];
    fake_base64(key, name);
    fake_lock(e);
    struct fake_pair *p = fake_pair_of(e, name);
    if (!p && text)
        p = fake_pair_of(e, "");
    if (text && (!p || strlen(text) > 220))
        abort();
    if (text) {
        memcpy(p->key, name, sizeof name);
        fake_base64(text, p->value);
        p->lease = 0;
    } else if (p) {
        p->key[0] = '\0';
    }
    e->revision++;
    weft_mutex_unlock(&e->lock);
}

static inline int
fake_count(struct fake_etcd *e)
{
    int n = 0;
    fake_lock(e);
    fake_expire(e);
    for (int i = 0; i < FAKE_PAIRS; i++)
        n += e->pairs[i].key[0] != '\0';
    weft_mutex_unlock(&e->lock);
    return n;
}

/* ---- answers ---- */

static inline void
fake_send(struct weft_conn *conn, const char *text)
{
    if (weft_conn_write(conn, text, strlen(text)) || weft_conn_flush(conn))
        weft_conn_close(conn);
}

static inline void
fake_answer(struct weft_conn *conn, const char *status, const char *body)
{
    static const char form[] = "HTTP/1.1 %s\r\nContent-Type: application/json"
                               "\r\nContent-Length: %zu\r\n\r\n%s";
    size_t size = strlen(body) + 200;
    char *text = malloc(size);
    if (!text)
        abort();
    snprintf(text, size, form, status, strlen(body), body);
    fake_send(conn, text);
    free(text);
}

static inline void
fake_not_found(struct weft_conn *conn)
{
    fake_answer(conn, "404 Not Found",
                "{\"error\":\"etcdserver: requested lease not found\","
                "\"code\":5}");
}

static inline void
fake_bad(struct fake_etcd *e, struct weft_conn *conn)
{
    e->n_bad++;
    fake_answer(conn, "400 Bad Request", "{\"error\":\"bad\",\"code\":3}");
}

/* Copy the string after `"name":"`. */
static inline bool
fake_field(const char *body, const char *name, char *to, size_t size)
{
    char mark[40];
    snprintf(mark, sizeof mark, "\"%s\":\"", name);
    const char *at = strstr(body, mark);
    if (!at)
        return false;
    at += strlen(mark);
    size_t n = strcspn(at, "\"");
    if (at[n] != '"' || n == 0 || n >= size)
        return false;
    memcpy(to, at, n);
    to[n] = '\0';
    return true;
}

static inline uint64_t
fake_number(const char *body, const char *name)
{
    char text[32];
    return fake_field(body, name, text, sizeof text) ? strtoull(text, NULL, 10)
                                                     : 0;
}

/* ---- requests: the lock is held, except in fake_watch ---- */

static inline void
fake_grant(struct fake_etcd *e, struct weft_conn *conn, const char *body)
{
    char text[200];
    uint64_t ttl_s = fake_number(body, "TTL");
    struct fake_lease *l = fake_find(e, 0);
    if (ttl_s == 0 || !l) {
        fake_bad(e, conn);
        return;
    }
    e->n_grants++;
    e->last_ttl_s = ttl_s;
    *l = (struct fake_lease){e->next_lease++, ttl_s,
                             weft_now_ns() + ttl_s * 1000000000u};
    snprintf(text, sizeof text,
             "{\"header\":{\"revision\":\"%llu\"},\"ID\":\"%llu\",\"TTL\":"
             "\"%llu\"}",
             (unsigned long long)e->revision, (unsigned long long)l->id,
             (unsigned long long)ttl_s);
    fake_answer(conn, "200 OK", text);
}

static inline void
fake_renew(struct fake_etcd *e, struct weft_conn *conn, const char *body)
{
    char text[200], ttl[40] = "";
    uint64_t id = fake_number(body, "ID");
    struct fake_lease *l = id ? fake_find(e, id) : NULL;
    e->n_renewals++;
    if (l) {
        l->end_ns = weft_now_ns() + l->ttl_s * 1000000000u;
        snprintf(ttl, sizeof ttl, ",\"TTL\":\"%llu\"",
                 (unsigned long long)l->ttl_s);
    }
    snprintf(text, sizeof text,
             "{\"result\":{\"header\":{\"revision\":\"%llu\"},\"ID\":\"%llu\""
             "%s}}",
             (unsigned long long)e->revision, (unsigned long long)id, ttl);
    if (id)
        fake_answer(conn, "200 OK", text);
    else
        fake_bad(e, conn);
}

static inline void
fake_revoke(struct fake_etcd *e, struct weft_conn *conn, const char *body)
{
    uint64_t id = fake_number(body, "ID");
    struct fake_lease *l = id ? fake_find(e, id) : NULL;
    e->n_revokes++;
    if (!l) {
        fake_not_found(conn);
        return;
    }
    fake_delete_of(e, id);
    l->id = 0;
    fake_answer(conn, "200 OK", "{\"header\":{\"revision\":\"9\"}}");
}

static inline void
fake_put(struct fake_etcd *e, struct weft_conn *conn, const char *body)
{
    struct fake_pair put, *at = NULL;
    if (!fake_field(body, "key", put.key, sizeof put.key) ||
        !fake_field(body, "value", put.value, sizeof put.value)) {
        fake_bad(e, conn);
        return;
    }
    put.lease = fake_number(body, "lease");
    if (!put.lease || !fake_find(e, put.lease)) {
        fake_not_found(conn);
        return;
    }
    for (int i = 0; i < FAKE_PAIRS; i++)
        if (!e->pairs[i].key[0] && !at)
            at = &e->pairs[i];
    for (int i = 0; i < FAKE_PAIRS; i++)
        if (strcmp(e->pairs[i].key, put.key) == 0)
            at = &e->pairs[i];
    if (!at)
        abort();
    *at = put;
    e->n_puts++;
    e->revision++;
    fake_answer(conn, "200 OK", "{\"header\":{\"revision\":\"9\"}}");
}

static inline void
fake_list(struct fake_etcd *e, struct weft_conn *conn, const char *body)
{
    char text[FAKE_PAIRS * 600], one[200] = "";
    if (!strstr(body, "\"range_end\":") &&
        !fake_field(body, "key", one, sizeof one)) {
        fake_bad(e, conn);
        return;
    }
    size_t n = (size_t)snprintf(text, sizeof text,
                                "{\"header\":{\"revision\":\"%llu\"},\"kvs\":[",
                                (unsigned long long)e->revision);
    bool any = false;
    for (int i = 0; i < FAKE_PAIRS; i++) {
        const struct fake_pair *p = &e->pairs[i];
        if (!p->key[0] || (*one && strcmp(one, p->key) != 0))
            continue;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s{\"key\":\"%s\"",
                              any ? "," : "", p->key);
        if (p->value[0]) /* etcd leaves an empty value out */
            n += (size_t)snprintf(text + n, sizeof text - n,
                                  ",\"value\":\"%s\"", p->value);
        n += (size_t)snprintf(text + n, sizeof text - n, "}");
        any = true;
    }
    snprintf(text + n, sizeof text - n, "]}");
    fake_answer(conn, "200 OK", text);
}

/* Wait until something changes; then the watch ends. */
static inline void
fake_watch(struct fake_etcd *e, struct weft_conn *conn, const char *body)
{
    static const char event[] = "{\"result\":{\"events\":[{\"a\":1}]}}\n";
    char chunk[100];
    uint64_t first = fake_number(body, "start_revision");
    uint64_t until = weft_after_ms(FAKE_WATCH_MS);
    bool is_news = false;
    fake_send(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "1c\r\n{\"result\":{\"created\":true}}\n\r\n");
    while (!is_news && weft_now_ns() < until && !e->stops &&
           !weft_sleep_ms(10)) {
        fake_lock(e);
        fake_expire(e);
        is_news = e->revision >= first;
        weft_mutex_unlock(&e->lock);
    }
    snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n0\r\n\r\n", sizeof event - 1,
             event);
    fake_send(conn, is_news ? chunk : "0\r\n\r\n");
}

static inline void
fake_handle(struct fake_etcd *e, struct weft_conn *conn, const char *path,
            const char *body)
{
    static const struct {
        const char *path;
        void (*fn)(struct fake_etcd *, struct weft_conn *, const char *);
    } rows[] = {{"/v3/lease/grant", fake_grant},
                {"/v3/lease/keepalive", fake_renew},
                {"/v3/lease/revoke", fake_revoke},
                {"/v3/kv/put", fake_put}};
    if (strcmp(path, "/v3/watch") == 0) {
        fake_watch(e, conn, body);
        return;
    }
    fake_lock(e);
    fake_expire(e);
    size_t i = 0;
    while (i < 4 && strcmp(path, rows[i].path) != 0)
        i++;
    if (i < 4)
        rows[i].fn(e, conn, body);
    else if (strcmp(path, "/v3/kv/range") == 0)
        fake_list(e, conn, body);
    else
        fake_bad(e, conn);
    weft_mutex_unlock(&e->lock);
}

/* Read one request. false: the connection ends before. */
static inline bool
fake_read_request(struct weft_conn *conn, char path[100], char body[2000])
{
    const uint8_t *line;
    size_t n, length = 0;
    path[0] = '\0';
    do {
        char text[300];
        if (weft_conn_next_through(conn, '\n', &line, &n))
            return false;
        snprintf(text, sizeof text, "%.*s", (int)n, (const char *)line);
        if (!*path)
            (void)sscanf(text, "%*s %99s HTTP", path);
        (void)sscanf(text, "Content-Length: %zu", &length);
    } while (n > 2);
    if (length >= 2000 || (length > 0 && weft_conn_next(conn, length, &line)))
        return false;
    memcpy(body, line, length);
    body[length] = '\0';
    return true;
}

/* A request that cannot be read gets no answer, so its connection ends. */
static inline bool
fake_read(struct weft_conn *conn, char path[100], char body[2000])
{
    if (fake_read_request(conn, path, body))
        return true;
    weft_conn_shutdown(conn);
    return false;
}

static inline void
fake_on_request(struct weft_conn *conn, void *user)
{
    struct fake_etcd *e = user;
    char path[100], body[2000];
    if (!fake_read(conn, path, body))
        return;
    fake_lock(e);
    e->n_requests++;
    weft_mutex_unlock(&e->lock);
    const char *garbage = e->garbage;
    while (e->hangs)
        if (weft_sleep_ms(5))
            return;
    if (garbage)
        fake_answer(conn, "200 OK", garbage);
    else if (e->refuses && e->refuses(path))
        fake_answer(conn, "503 Unavailable", "{\"error\":\"no leader\"}");
    else
        fake_handle(e, conn, path, body);
}

static inline weft_err
fake_listen(struct fake_etcd *e, const char *address,
            struct weft_listener **listener)
{
    static const struct weft_conn_hooks hooks = {.on_request = fake_on_request};
    memset(&e->lock, 0, sizeof e->lock);
    return weft_listen(address, &hooks, e, NULL, listener);
}

#endif
