/* SPDX-License-Identifier: MIT */
/*
 * Follows the children of a node of ZooKeeper, or its data, and is the resolver
 * of `zk:ADDRESS[,ADDRESS].../PATH`. Each request for the children, or for the
 * data of one, also sets a watch, in one step, so that no change is lost in
 * between. A watch tells of one change only. What has changed does not matter:
 * all is read again, with new watches.
 */
#include "upstream/zk.h"

#include <string.h>

#define PAUSE_MS 100u
#define TIMEOUT_MS 10000u /* of the session of a client */
#define IN_FLIGHT 64u     /* requests for data at the same time */

static uint64_t
deadline(const struct wf_zk *zk)
{
    return wf_timeout_from_now(wf_option(zk->session.timeout_ms, zk->asked_ms));
}

/* If the node does not exist, watch whether it is created. */
static weft_err
await_node(struct wf_zk *zk)
{
    struct wf_zk_header header;
    weft_err err = wf_zk_ask_path(zk, WF_ZK_EXISTS, zk->path, true);
    if (!err)
        err = wf_zk_answer(zk, deadline(zk), &header);
    if (!err && header.err == 0)
        zk->changed = true; /* it was created in between */
    else if (!err && header.err != WF_ZK_NO_NODE)
        err = wf_zk_refused(zk, header.err);
    return err;
}

static weft_err
read_names(struct wf_zk *zk, struct weft_arena *arena,
           struct wf_zk_names *names)
{
    struct wf_zk_header header;
    weft_err err = wf_zk_ask_path(zk, WF_ZK_GET_CHILDREN, zk->path,
                                  !WF_MUTANT(zk_children_not_watched));
    if (!err)
        err = wf_zk_answer(zk, deadline(zk), &header);
    if (err)
        return err;
    if (header.err == WF_ZK_NO_NODE)
        return await_node(zk);
    if (header.err)
        return wf_zk_refused(zk, header.err);
    err = wf_zk_read_names(header.rest, arena, names);
    return err ? wf_zk_fail(zk, err, WEFT_STR("its list is malformed")) : err;
}

static weft_err
add_value(struct weft_str name, struct weft_str value, struct weft_arena *arena,
          struct wf_registry_list *list)
{
    struct weft_endpoint endpoint;
    weft_err err = wf_registry_read_value(value, arena, &endpoint);
    if (err == WEFT_EBUDGET)
        return err;
    if (!err)
        return wf_registry_add(list, arena, &endpoint);
    wf_log_limited(WEFT_LOG_WARN,
                   "zookeeper: the node `%.*s` is left out: its data is "
                   "neither an address nor {\"address\":..,\"weight\":..}",
                   WEFT_FMT(name));
    return WEFT_OK;
}

/* Read the answer for one child. A child that is gone meanwhile is left out. */
static weft_err
read_value(struct wf_zk *zk, struct weft_str name, struct weft_arena *arena,
           struct wf_registry_list *list)
{
    struct wf_zk_header header;
    struct weft_str value;
    weft_err err = wf_zk_answer(zk, deadline(zk), &header);
    if (err || header.err == WF_ZK_NO_NODE)
        return err;
    if (header.err)
        return wf_zk_refused(zk, header.err);
    err = wf_zk_read_data(header.rest, &value);
    if (!err)
        err = add_value(name, value, arena, list);
    return err ? wf_zk_fail(zk, err, WEFT_STR("its data is malformed")) : err;
}

static weft_err
ask_value(struct wf_zk *zk, struct weft_str name, struct weft_arena *arena)
{
    struct weft_str path = weft_arena_printf(
        arena, "%.*s/%.*s", WEFT_FMT(zk->path), WEFT_FMT(name));
    if (!path.ptr)
        return wf_zk_fail(zk, WEFT_EBUDGET, (struct weft_str){0});
    return wf_zk_ask_path(zk, WF_ZK_GET_DATA, path,
                          !WF_MUTANT(zk_data_not_watched));
}

static weft_err
read_values(struct wf_zk *zk, const struct wf_zk_names *names,
            struct weft_arena *arena, struct wf_registry_list *list)
{
    uint32_t n_asked = 0, n_read = 0;
    weft_err err = WEFT_OK;
    while (!err && n_read < names->len) {
        while (!err && n_asked < names->len && n_asked < n_read + IN_FLIGHT)
            err = ask_value(zk, names->items[n_asked++], arena);
        if (!err)
            err = read_value(zk, names->items[n_read++], arena, list);
    }
    return err;
}

static weft_err
read_list(struct wf_zk_follower *f, struct weft_arena *arena)
{
    struct wf_registry_list list = {0};
    struct wf_zk_names names = {0};
    f->zk->changed = false;
    weft_err err = read_names(f->zk, arena, &names);
    if (!err)
        err = read_values(f->zk, &names, arena, &list);
    if (err)
        return err;
    err = f->on_list(list.items, list.len, f->user);
    return err ? wf_zk_fail(f->zk, err, (struct weft_str){0}) : WEFT_OK;
}

/* Read the data of the node itself. */
static weft_err
read_own(struct wf_zk_follower *f)
{
    struct wf_zk *zk = f->zk;
    struct wf_zk_header header;
    struct weft_str value = {0};
    zk->changed = false;
    weft_err err = wf_zk_ask_path(zk, WF_ZK_GET_DATA, zk->path,
                                  !WF_MUTANT(zk_data_not_watched));
    if (!err)
        err = wf_zk_answer(zk, deadline(zk), &header);
    if (err)
        return err;
    if (header.err && header.err != WF_ZK_NO_NODE)
        return wf_zk_refused(zk, header.err);
    if (header.err)
        err = await_node(zk);
    else if ((err = wf_zk_read_data(header.rest, &value)) != 0)
        return wf_zk_fail(zk, err, WEFT_STR("its data is malformed"));
    else if (!value.ptr)
        value = weft_str_of("");
    if (err || (!value.ptr && zk->changed)) /* it was created in between */
        return err;
    err = f->on_value(value, f->user);
    return err ? wf_zk_fail(zk, err, (struct weft_str){0}) : WEFT_OK;
}

/* Read the list, and wait for a change. A connection that fails is replaced,
 * which is worth no word, unless it was made just now. */
static weft_err
follow_once(struct wf_zk_follower *f, struct weft_arena *arena)
{
    bool is_new = !f->zk->conn;
    weft_err err = wf_zk_connect(f->zk, deadline(f->zk));
    if (err)
        return err;
    err = f->on_value ? read_own(f) : read_list(f, arena);
    if (err)
        return !is_new && weft_err_is_connection(err) ? WEFT_OK : err;
    err = wf_zk_await_change(f->zk);
    return err == WEFT_ECANCEL ? err : WEFT_OK;
}

weft_err
wf_zk_follow(struct wf_zk_follower *f)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    weft_err err;
    do {
        weft_arena_reset(&arena);
        err = follow_once(f, &arena);
        if (!err)
            err = weft_sleep_ms(wf_option(f->pause_ms, PAUSE_MS));
    } while (!err);
    weft_arena_fini(&arena);
    return err;
}

weft_err
wf_resolve_zk(struct weft_resolver *resolver, const char *name, void *user)
{
    struct wf_zk_follower f = {.on_list = wf_registry_publish,
                               .user = resolver};
    (void)user;
    weft_err err = wf_zk_new(name, TIMEOUT_MS, &f.zk);
    if (err)
        return err;
    err = wf_zk_follow(&f);
    if (*f.zk->why)
        weft_resolver_explain(resolver, "%s", f.zk->why);
    wf_zk_free(f.zk);
    return err;
}
