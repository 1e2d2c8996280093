/* SPDX-License-Identifier: MIT */
/*
 * The entry of a server in ZooKeeper: the ephemeral node PATH/ADDRESS-SESSION,
 * which ends with its session. The name has the session in it: a server that
 * is started again has another node than its old process, so that neither can
 * delete the node of the other, and a creation that has been sent twice finds
 * its own node. To deregister means to end the session: a creation that is late
 * has no session to belong to.
 */
#include "upstream/register.h"
#include "upstream/zk.h"

#include <stdio.h>
#include <string.h>

static weft_err
note_why(struct wf_entry *entry, weft_err err)
{
    if (err)
        memcpy(entry->why, entry->zk->why, sizeof entry->why);
    return err;
}

static weft_err
open_session(struct wf_entry *entry, const char *name)
{
    entry->path = strchr(name, '/');
    return wf_zk_new(name, entry->ttl_ms, &entry->zk);
}

static void
close_session(struct wf_entry *entry)
{
    wf_zk_free(entry->zk);
}

static void
rest(struct wf_entry *entry)
{
    wf_zk_drop(entry->zk);
}

/* ---- the node ---- */

static struct weft_str
node_of(const struct wf_entry *entry, struct weft_arena *arena)
{
    return weft_arena_printf(arena, "%s/%s-%016llx", entry->path,
                             entry->address, (unsigned long long)entry->id);
}

static weft_err
create(struct wf_entry *entry, struct weft_str node, struct weft_str data,
       bool is_ephemeral, uint64_t deadline_ns, int32_t *code)
{
    struct wf_zk_header header = {0};
    weft_err err = wf_zk_ask_create(entry->zk, node, data, is_ephemeral);
    if (!err)
        err = wf_zk_answer(entry->zk, deadline_ns, &header);
    *code = header.err == WF_ZK_NODE_EXISTS ? 0 : header.err;
    return err;
}

/* Create the nodes above the entry. They stay. */
static weft_err
create_path(struct wf_entry *entry, uint64_t deadline_ns)
{
    weft_err err = WEFT_OK;
    int32_t code = 0;
    for (uint32_t n = 1; !err && entry->path[n - 1]; n++) {
        struct weft_str path = {entry->path, n};
        if (entry->path[n] != '/' && entry->path[n] != '\0')
            continue;
        err = create(entry, path, WEFT_STR(""), false, deadline_ns, &code);
        if (!err && code)
            err = wf_zk_refused(entry->zk, code);
    }
    return err;
}

static weft_err
make(struct wf_entry *entry, struct weft_str node, uint64_t deadline_ns,
     struct weft_arena *arena)
{
    int32_t code = 0;
    struct weft_str data = wf_entry_value(entry, arena);
    if (!data.ptr)
        return wf_zk_fail(entry->zk, WEFT_EBUDGET, (struct weft_str){0});
    bool is_ephemeral = !WF_MUTANT(zk_entry_outlives_session);
    entry->may_exist = true;
    weft_err err = create(entry, node, data, is_ephemeral, deadline_ns, &code);
    if (!err && code == WF_ZK_NO_NODE) {
        err = create_path(entry, deadline_ns);
        if (!err)
            err = create(entry, node, data, is_ephemeral, deadline_ns, &code);
    }
    if (!err && code)
        err = wf_zk_refused(entry->zk, code);
    entry->is_held = !err;
    entry->n_made += !err;
    return err;
}

/* Ask whether the node exists, which also renews the session. */
static weft_err
look(struct wf_entry *entry, struct weft_str node, uint64_t deadline_ns)
{
    struct wf_zk_header header;
    weft_err err = wf_zk_ask_path(entry->zk, WF_ZK_EXISTS, node, false);
    if (!err)
        err = wf_zk_answer(entry->zk, deadline_ns, &header);
    if (!err && header.err == WF_ZK_NO_NODE)
        entry->is_held = false; /* a person has deleted it */
    else if (!err && header.err)
        err = wf_zk_refused(entry->zk, header.err);
    return err;
}

/* ---- for the keeper and the leaver ---- */

static weft_err
hold(struct wf_entry *entry, uint64_t deadline_ns)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_zk *zk = entry->zk;
    weft_err err = wf_zk_connect(zk, deadline_ns);
    if (!err && entry->id != zk->session.id) {
        entry->id = zk->session.id;
        entry->is_held = WF_MUTANT(zk_entry_not_made_anew) && entry->is_held;
        entry->granted_ms = zk->session.timeout_ms;
    }
    struct weft_str node = node_of(entry, &arena);
    if (!err && !node.ptr)
        err = wf_zk_fail(zk, WEFT_EBUDGET, (struct weft_str){0});
    if (!err && entry->is_held)
        err = look(entry, node, deadline_ns);
    if (!err && !entry->is_held)
        err = make(entry, node, deadline_ns, &arena);
    weft_arena_fini(&arena);
    return note_why(entry, err);
}

/* If the session is over, the connection has a new one, which ends, too. */
static weft_err
leave(struct wf_entry *entry, uint64_t deadline_ns)
{
    weft_err err = wf_zk_connect(entry->zk, deadline_ns);
    if (!err)
        err = wf_zk_end(entry->zk, deadline_ns);
    return note_why(entry, err);
}

const struct wf_registry_kind wf_registry_zk = {.name = "zk:",
                                                .weight_most = 1000000,
                                                .check = wf_zk_check,
                                                .open = open_session,
                                                .close = close_session,
                                                .rest = rest,
                                                .hold = hold,
                                                .leave = leave};
