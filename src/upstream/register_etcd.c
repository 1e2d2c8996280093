/* SPDX-License-Identifier: MIT */
/*
 * The entry of a server in etcd v3, through its JSON gateway: the key
 * /PREFIX/ADDRESS, which belongs to a lease. The server renews the lease; if it
 * dies, etcd deletes the key with the lease.
 *
 * A server that is started again has the same key, and a new lease. So the key
 * is deleted only by the revocation of its lease: a request of the old process
 * that is late, or the end of the old lease, never deletes the key of the new
 * one. For the same reason a key whose put has failed is put again with the
 * same lease: a put that is late cannot bind the key to a lease that nobody
 * renews.
 */
#include "upstream/register.h"

#include <stdio.h>
#include <string.h>

#define TTL_S_MOST 86400u

static weft_err
fail(struct wf_entry *entry, weft_err err, struct weft_str text)
{
    return wf_registry_explain(entry->why, "etcd", err, text);
}

/* ---- answers ---- */

static weft_err
read_lease(struct weft_reader *r, uint64_t *id, uint64_t *ttl_s, bool is_whole)
{
    struct weft_str name;
    bool more;
    weft_err err = wf_walk_open(r, '{', &more);
    while (!err && more) {
        err = wf_walk_key(r, &name);
        if (!err && weft_str_eq(name, WEFT_STR("ID")))
            err = wf_walk_number(r, INT64_MAX, id);
        else if (!err && weft_str_eq(name, WEFT_STR("TTL")))
            err = wf_walk_number(r, INT64_MAX, ttl_s);
        else if (!err && is_whole && weft_str_eq(name, WEFT_STR("result")))
            err = read_lease(r, id, ttl_s, false);
        else if (!err)
            err = wf_walk_skip(r);
        if (!err)
            err = wf_walk_next(r, '{', &more);
    }
    return err;
}

weft_err
wf_etcd_read_lease(struct weft_str text, struct weft_arena *arena, uint64_t *id,
                   uint64_t *ttl_s)
{
    struct weft_reader r;
    *id = *ttl_s = 0;
    weft_reader_init_flat(&r, text.ptr, text.len, arena, 0);
    weft_err err = read_lease(&r, id, ttl_s, true);
    if (!err)
        err = wf_walk_end(&r);
    return err || *id > 0 ? err : WEFT_EPROTOCOL;
}

/* ---- requests ---- */

static weft_err
ask(struct wf_entry *entry, const char *path, struct weft_str body,
    uint64_t deadline_ns, struct weft_arena *arena,
    struct weft_http_response *r)
{
    /* Each of them may be executed twice; a lease too many ends by itself. */
    const struct weft_http_request request = {
        .path = path, .body = body, .is_idempotent = true};
    if (!body.ptr)
        return fail(entry, WEFT_EBUDGET, (struct weft_str){0});
    return wf_entry_ask(entry, "etcd", &request, deadline_ns, arena, r);
}

/* Ask for a lease, or about one. */
static weft_err
ask_lease(struct wf_entry *entry, const char *path, struct weft_str body,
          uint64_t deadline_ns, struct weft_arena *arena, uint64_t *id,
          uint64_t *ttl_s)
{
    struct weft_http_response r = {0};
    weft_err err = ask(entry, path, body, deadline_ns, arena, &r);
    if (err)
        return err;
    if (r.status != 200)
        return fail(entry, WEFT_EHTTP, r.body);
    err = wf_etcd_read_lease(r.body, arena, id, ttl_s);
    return err ? fail(entry, err, r.body) : WEFT_OK;
}

static struct weft_str
name_lease(const struct wf_entry *entry, struct weft_arena *arena)
{
    return weft_arena_printf(arena, "{\"ID\":\"%llu\"}",
                             (unsigned long long)entry->id);
}

/* Renew the lease. If it has ended, the key has ended with it. */
static weft_err
renew(struct wf_entry *entry, uint64_t deadline_ns, struct weft_arena *arena)
{
    uint64_t id, ttl_s;
    if (WF_MUTANT(lease_never_renewed))
        return WEFT_OK;
    weft_err err =
        ask_lease(entry, "/v3/lease/keepalive", name_lease(entry, arena),
                  deadline_ns, arena, &id, &ttl_s);
    if (err)
        return err;
    if (id != entry->id)
        return fail(entry, WEFT_EPROTOCOL,
                    WEFT_STR("the answer is about another lease"));
    if (ttl_s == 0 && !WF_MUTANT(lost_lease_kept)) {
        entry->id = 0;
        entry->may_exist = entry->is_held = false;
    }
    return WEFT_OK;
}

static weft_err
grant(struct wf_entry *entry, uint64_t deadline_ns, struct weft_arena *arena)
{
    uint64_t ttl_s;
    uint32_t asked_s = (entry->ttl_ms + 999) / 1000;
    weft_err err = ask_lease(
        entry, "/v3/lease/grant",
        weft_arena_printf(arena, "{\"TTL\":\"%u\"}", (unsigned)asked_s),
        deadline_ns, arena, &entry->id, &ttl_s);
    if (err)
        entry->id = 0;
    return err;
}

/* {"key":..,"value":..,"lease":..}, with key and value in base64 */
static weft_err
write_put(const struct wf_entry *entry, struct weft_arena *arena,
          struct weft_str *body)
{
    struct weft_chain out = {0};
    size_t n = strlen(entry->path);
    struct weft_str end, key, value;
    key =
        weft_arena_printf(arena, "%s%s%s", entry->path,
                          entry->path[n - 1] == '/' ? "" : "/", entry->address);
    value = wf_entry_value(entry, arena);
    end = weft_arena_printf(arena, ",\"lease\":\"%llu\"}",
                            (unsigned long long)entry->id);
    weft_err err = key.ptr && value.ptr && end.ptr ? WEFT_OK : WEFT_EBUDGET;
    if (!err)
        err = weft_chain_append(&out, "{\"key\":", 7);
    if (!err)
        err = wf_walk_put_binary(&out, key);
    if (!err)
        err = weft_chain_append(&out, ",\"value\":", 9);
    if (!err)
        err = wf_walk_put_binary(&out, value);
    if (!err)
        err = weft_chain_append(&out, end.ptr, end.len);
    if (!err)
        return wf_registry_flatten(&out, arena, body);
    weft_chain_clear(&out);
    return err;
}

static weft_err
put(struct wf_entry *entry, uint64_t deadline_ns, struct weft_arena *arena)
{
    struct weft_str body;
    struct weft_http_response r = {0};
    weft_err err = write_put(entry, arena, &body);
    if (err)
        return fail(entry, err, (struct weft_str){0});
    entry->may_exist = true;
    err = ask(entry, "/v3/kv/put", body, deadline_ns, arena, &r);
    if (err)
        return err;
    if (r.status != 200)
        return fail(entry, WEFT_EHTTP, r.body);
    entry->is_held = true;
    entry->n_made++;
    return WEFT_OK;
}

static weft_err
hold(struct wf_entry *entry, uint64_t deadline_ns)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    weft_err err = entry->id ? renew(entry, deadline_ns, &arena) : WEFT_OK;
    if (!err && !entry->id)
        err = grant(entry, deadline_ns, &arena);
    if (!err && !entry->is_held)
        err = put(entry, deadline_ns, &arena);
    weft_arena_fini(&arena);
    return err;
}

static weft_err
leave(struct wf_entry *entry, uint64_t deadline_ns)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_http_response r = {0};
    weft_err err = ask(entry, "/v3/lease/revoke", name_lease(entry, &arena),
                       deadline_ns, &arena, &r);
    /* 404: the lease has ended */
    if (!err && r.status != 200 && r.status != 404)
        err = fail(entry, WEFT_EHTTP, r.body);
    weft_arena_fini(&arena);
    return err;
}

const struct wf_registry_kind wf_registry_etcd = {.name = "etcd:",
                                                  .weight_most = 1000000,
                                                  .has_unix = true,
                                                  .hold = hold,
                                                  .leave = leave};
