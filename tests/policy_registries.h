/* SPDX-License-Identifier: MIT */
/* The document of a policy in each registry that can have one, played by
 * fake_etcd.h, fake_consul.h and fake_zk.h. Beside it there is another key,
 * whose value is a policy, too. */
#ifndef WEFT_TESTS_POLICY_REGISTRIES_H
#define WEFT_TESTS_POLICY_REGISTRIES_H

#include "fake_consul.h"
#include "fake_etcd.h"
#include "fake_zk.h"

#define FAKE_DECOY "{\"client\": {\"eject_ms\": 7}}"

static struct fake_etcd fake_policy_etcd;
static struct fake_consul fake_policy_consul;
static struct fake_zk fake_policy_zk;

/* ---- etcd ---- */

static inline void
fake_policy_etcd_begin(void)
{
    fake_begin(&fake_policy_etcd);
    fake_set(&fake_policy_etcd, "/weft/policy2", FAKE_DECOY);
}

static inline void
fake_policy_etcd_set(const char *text)
{
    fake_set(&fake_policy_etcd, "/weft/policy", text);
}

static inline weft_err
fake_policy_etcd_listen(const char *address, struct weft_listener **listener)
{
    return fake_listen(&fake_policy_etcd, address, listener);
}

static inline void
fake_policy_etcd_hurt(bool hangs, bool garbles)
{
    fake_policy_etcd.hangs = hangs;
    fake_policy_etcd.garbage = garbles ? FAKE_DECOY : NULL;
}

static inline uint32_t
fake_policy_etcd_asked(uint32_t *n_bad)
{
    *n_bad = fake_policy_etcd.n_bad;
    return fake_policy_etcd.n_requests;
}

/* ---- Consul ---- */

static inline void
fake_policy_consul_begin(void)
{
    fake_policy_consul.key = "weft/policy";
    fake_consul_set(&fake_policy_consul, NULL, 0);
    fake_policy_consul.index = 1;
}

static inline void
fake_policy_consul_set(const char *text)
{
    fake_consul_set(&fake_policy_consul, text, text ? strlen(text) : 0);
}

static inline weft_err
fake_policy_consul_listen(const char *address, struct weft_listener **listener)
{
    return fake_consul_listen(&fake_policy_consul, address, listener);
}

/* As an answer of another server would be: there is no index. */
static inline void
fake_policy_consul_hurt(bool hangs, bool garbles)
{
    static const char garbage[] =
        "HTTP/1.1 200 OK\r\nContent-Length: 27\r\n\r\n" FAKE_DECOY;
    fake_policy_consul.hangs = hangs;
    fake_policy_consul.garbage = garbles ? garbage : NULL;
}

static inline uint32_t
fake_policy_consul_asked(uint32_t *n_bad)
{
    *n_bad = fake_policy_consul.n_bad;
    return fake_policy_consul.n_requests;
}

/* ---- ZooKeeper ---- */

static inline void
fake_policy_zk_begin(void)
{
    fake_zk_begin(&fake_policy_zk);
    fake_zk_set(&fake_policy_zk, "/weft", "");
    fake_zk_set(&fake_policy_zk, "/weft/policy2", FAKE_DECOY);
}

static inline void
fake_policy_zk_set(const char *text)
{
    fake_zk_lock(&fake_policy_zk);
    bool is_there = fake_zk_find(&fake_policy_zk, "/weft/policy");
    weft_mutex_unlock(&fake_policy_zk.lock);
    if (text || is_there)
        fake_zk_set(&fake_policy_zk, "/weft/policy", text);
}

static inline weft_err
fake_policy_zk_listen(const char *address, struct weft_listener **listener)
{
    fake_zk_restart(&fake_policy_zk);
    return fake_zk_listen(&fake_policy_zk, address, listener);
}

static inline void
fake_policy_zk_hurt(bool hangs, bool garbles)
{
    fake_policy_zk.hangs = hangs;
    fake_policy_zk.garbage = garbles ? FAKE_DECOY : NULL;
}

static inline uint32_t
fake_policy_zk_asked(uint32_t *n_bad)
{
    *n_bad = fake_policy_zk.n_bad;
    return fake_policy_zk.n_requests;
}

/* ---- each of them ---- */

/* Whatever waits ends first. */
static inline void
fake_policy_stop(struct weft_listener *listener)
{
    fake_policy_etcd.stops = fake_policy_consul.stops = true;
    (void)!weft_listener_stop_until(listener, 0);
    weft_listener_free(listener);
    fake_policy_etcd.stops = fake_policy_consul.stops = false;
}

struct fake_policy_registry {
    const char *prefix, *path;     /* of a source: the address is in between */
    void (*begin)(void);           /* without a document */
    void (*set)(const char *text); /* of at most 220 bytes; NULL: delete it */
    weft_err (*listen)(const char *address, struct weft_listener **listener);
    void (*hurt)(bool hangs, bool garbles);
    uint32_t (*asked)(uint32_t *n_bad); /* returns the number of requests */
};

static const struct fake_policy_registry fake_policy_registries[] = {
    {"etcd", "/weft/policy", fake_policy_etcd_begin, fake_policy_etcd_set,
     fake_policy_etcd_listen, fake_policy_etcd_hurt, fake_policy_etcd_asked},
    {"consul", "/weft/policy", fake_policy_consul_begin, fake_policy_consul_set,
     fake_policy_consul_listen, fake_policy_consul_hurt,
     fake_policy_consul_asked},
    {"zk", "/weft/policy", fake_policy_zk_begin, fake_policy_zk_set,
     fake_policy_zk_listen, fake_policy_zk_hurt, fake_policy_zk_asked},
};
#define FAKE_POLICY_REGISTRIES 3

#endif
