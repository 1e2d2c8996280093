/* SPDX-License-Identifier: MIT */
#include "upstream/value.h"
#include "upstream/consul.h"
#include "upstream/etcd.h"
#include "upstream/zk.h"

#include <string.h>

/* Of an answer; etcd writes its values in base64. */
#define BODY_MOST ((size_t)2 << 20)
#define SESSION_MS 10000u /* the time-out of a session with ZooKeeper */

/* ---- etcd: the key is the name from its first `/` on ---- */

static weft_err
check_etcd(const char *name)
{
    weft_err err = wf_registry_check(name);
    return err || strchr(name, '/')[1] ? err : WEFT_EADDRESS;
}

static weft_err
follow_etcd(const char *name, wf_on_value *on_value, void *user, char *why)
{
    struct wf_etcd etcd = {.on_value = on_value, .user = user};
    const char *path;
    weft_err err = wf_registry_open(name, BODY_MOST, &etcd.http, &path);
    if (err)
        return wf_registry_explain(why, "etcd", err, (struct weft_str){0});
    etcd.prefix = weft_str_of(path);
    err = wf_etcd_follow(&etcd);
    memcpy(why, etcd.why, sizeof etcd.why);
    weft_http_free(etcd.http);
    return err;
}

/* ---- Consul: the key is what follows the first `/` ---- */

static weft_err
check_consul(const char *name)
{
    weft_err err = wf_registry_check(name);
    return err ? err : wf_consul_check_key(strchr(name, '/') + 1);
}

static weft_err
follow_consul(const char *name, wf_on_value *on_value, void *user, char *why)
{
    struct wf_consul consul = {.on_value = on_value, .user = user};
    const char *path;
    weft_err err = wf_registry_open(name, BODY_MOST, &consul.http, &path);
    if (err)
        return wf_registry_explain(why, "consul", err, (struct weft_str){0});
    consul.service = path + 1;
    err = wf_consul_follow(&consul);
    memcpy(why, consul.why, sizeof consul.why);
    weft_http_free(consul.http);
    return err;
}

/* ---- ZooKeeper ---- */

static weft_err
follow_zk(const char *name, wf_on_value *on_value, void *user, char *why)
{
    struct wf_zk_follower f = {.on_value = on_value, .user = user};
    weft_err err = wf_zk_new(name, SESSION_MS, &f.zk);
    if (err)
        return wf_registry_explain(why, "zookeeper", err, (struct weft_str){0});
    err = wf_zk_follow(&f);
    memcpy(why, f.zk->why, sizeof f.zk->why);
    wf_zk_free(f.zk);
    return err;
}

/* ---- any of them ---- */

static const struct kind {
    const char *prefix;
    weft_err (*check)(const char *name);
    weft_err (*follow)(const char *name, wf_on_value *on_value, void *user,
                       char *why);
} kinds[] = {
    {"etcd:", check_etcd, follow_etcd},
    {"consul:", check_consul, follow_consul},
    {"zk:", wf_zk_check, follow_zk},
};

/* *name receives what follows the prefix. NULL: no registry. */
static const struct kind *
kind_of(const char *source, const char **name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        *name = source + strlen(kinds[i].prefix);
        if (strncmp(source, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return &kinds[i];
    }
    return NULL;
}

weft_err
wf_value_check(const char *source)
{
    const char *name;
    const struct kind *kind = kind_of(source, &name);
    return kind ? kind->check(name) : WEFT_EADDRESS;
}

weft_err
wf_value_follow(const char *source, wf_on_value *on_value, void *user,
                char *why)
{
    const char *name;
    *why = '\0';
    return kind_of(source, &name)->follow(name, on_value, user, why);
}
