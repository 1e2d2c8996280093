/* SPDX-License-Identifier: MIT */
/*
 * Follows a service of Consul, or a key, by blocking queries: a request names
 * the index of the last answer, and the agent answers when the list or the
 * value has another index, or after wait_s, to which it adds up to a sixteenth.
 * If there is no such key, the answer has the status 404, and an index all the
 * same. Source: Consul's HTTP API, Blocking Queries and KV Store.
 */
#include "upstream/consul.h"

#include <stdio.h>
#include <string.h>

#define PAUSE_MS 100u
#define WAIT_S 60u
#define SLACK_MS 10000u /* of an answer, after the longest wait */
#define WEIGHT_MOST 1000000u
/* The characters of a name that a path may have as they are. */
#define NAME \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%"

static weft_err
fail(struct wf_consul *consul, weft_err err, struct weft_str text)
{
    return wf_registry_explain(consul->why, "consul", err, text);
}

/* ---- an answer ---- */

/* What an entry of the list says of its server. */
struct entry {
    struct weft_str node, address; /* the address of the service, or empty */
    uint64_t port, weight;
    const char *tag; /* as in struct weft_endpoint */
};

typedef weft_err read_fn(struct weft_reader *r, struct weft_str name,
                         struct entry *entry);

/* Read an object: `read` reads the value of each name. */
static weft_err
read_object(struct weft_reader *r, read_fn *read, struct entry *entry)
{
    struct weft_str name;
    bool more;
    weft_err err = wf_walk_open(r, '{', &more);
    while (!err && more) {
        err = wf_walk_key(r, &name);
        if (!err)
            err = read(r, name, entry);
        if (!err)
            err = wf_walk_next(r, '{', &more);
    }
    return err;
}

static weft_err
read_node(struct weft_reader *r, struct weft_str name, struct entry *entry)
{
    if (weft_str_eq(name, WEFT_STR("Address")))
        return wf_walk_str(r, &entry->node);
    return wf_walk_skip(r);
}

static weft_err
read_weights(struct weft_reader *r, struct weft_str name, struct entry *entry)
{
    if (weft_str_eq(name, WEFT_STR("Passing")))
        return wf_walk_number(r, WEIGHT_MOST, &entry->weight);
    return wf_walk_skip(r);
}

static weft_err
read_service(struct weft_reader *r, struct weft_str name, struct entry *entry)
{
    if (weft_str_eq(name, WEFT_STR("Address")))
        return wf_walk_str(r, &entry->address);
    if (weft_str_eq(name, WEFT_STR("Port")))
        return wf_walk_number(r, UINT16_MAX, &entry->port);
    if (weft_str_eq(name, WEFT_STR("Weights")))
        return read_object(r, read_weights, entry);
    if (weft_str_eq(name, WEFT_STR("Tags")))
        return wf_registry_read_tags(r, r->arena, &entry->tag);
    return wf_walk_skip(r);
}

static weft_err
read_entry(struct weft_reader *r, struct weft_str name, struct entry *entry)
{
    if (weft_str_eq(name, WEFT_STR("Node")))
        return read_object(r, read_node, entry);
    if (weft_str_eq(name, WEFT_STR("Service")))
        return read_object(r, read_service, entry);
    return wf_walk_skip(r);
}

static weft_err
add_entry(const struct entry *entry, struct weft_arena *arena,
          struct wf_registry_list *list)
{
    struct weft_str host = entry->address.len ? entry->address : entry->node;
    bool is_ipv6 = host.len > 0 && memchr(host.ptr, ':', host.len);
    struct weft_str address =
        weft_arena_printf(arena, is_ipv6 ? "[%.*s]:%u" : "%.*s:%u",
                          WEFT_FMT(host), (unsigned)entry->port);
    if (!address.ptr)
        return WEFT_EBUDGET;
    if (host.len == 0 || memchr(host.ptr, '\0', host.len) || entry->port == 0 ||
        wf_address_check(address.ptr)) {
        wf_log_limited(WEFT_LOG_WARN,
                       "consul: a server is left out: `%.*s` is no address",
                       WEFT_FMT(address));
        return WEFT_OK;
    }
    return wf_registry_add(
        list, arena,
        &(struct weft_endpoint){.address = address.ptr,
                                .weight = (uint32_t)entry->weight,
                                .tag = entry->tag});
}

weft_err
wf_consul_read(struct weft_str text, struct weft_arena *arena,
               struct wf_registry_list *list)
{
    struct weft_reader r;
    bool more;
    weft_reader_init_flat(&r, text.ptr, text.len, arena, 0);
    weft_err err = wf_walk_open(&r, '[', &more);
    while (!err && more) {
        struct entry entry = {.weight = 1};
        err = read_object(&r, read_entry, &entry);
        if (!err)
            err = add_entry(&entry, arena, list);
        if (!err)
            err = wf_walk_next(&r, '[', &more);
    }
    return err ? err : wf_walk_end(&r);
}

/* ---- queries ---- */

/* The index of an answer; at least 1, since a query with the index 0 does not
 * wait. */
static weft_err
read_index(const struct weft_headers *headers, uint64_t *index)
{
    struct weft_str value = {0};
    *index = 0;
    for (uint32_t i = 0; i < headers->len; i++)
        if (weft_str_eq(headers->items[i].key, WEFT_STR("x-consul-index")))
            value = headers->items[i].value;
    for (uint32_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9' ||
            *index > (UINT64_MAX - 9) / 10)
            return WEFT_EPROTOCOL;
        *index = *index * 10 + (uint64_t)(value.ptr[i] - '0');
    }
    *index = WF_MAX(*index, 1);
    return value.len > 0 ? WEFT_OK : WEFT_EPROTOCOL;
}

static struct weft_str
path_of(const struct wf_consul *consul, uint64_t index, uint32_t wait_s,
        struct weft_arena *arena)
{
    return weft_arena_printf(arena, "/v1/%s/%s%c%s&index=%llu&wait=%us",
                             consul->on_value ? "kv" : "health/service",
                             consul->service,
                             strchr(consul->service, '?') ? '&' : '?',
                             consul->on_value ? "raw" : "passing=true",
                             (unsigned long long)index, (unsigned)wait_s);
}

/* Wait for an answer whose index is not `index`. */
static weft_err
ask(struct wf_consul *consul, uint64_t index, struct weft_arena *arena,
    struct weft_http_response *r)
{
    uint32_t wait_s = wf_option(consul->wait_s, WAIT_S);
    uint64_t most_ms = (uint64_t)wait_s * 1000 * 17 / 16 + SLACK_MS;
    struct weft_str path = path_of(consul, index, wait_s, arena);
    if (!path.ptr)
        return fail(consul, WEFT_EBUDGET, (struct weft_str){0});
    weft_err err = weft_http_call_until(
        consul->http, &(struct weft_http_request){.path = path.ptr},
        weft_after_ms((int64_t)most_ms), arena, r);
    if (err)
        return fail(consul, err, r->text);
    bool is_answer = r->status == 200 || (consul->on_value && r->status == 404);
    return is_answer ? WEFT_OK : fail(consul, WEFT_EHTTP, r->body);
}

static weft_err
tell_list(struct wf_consul *consul, struct weft_str body,
          struct weft_arena *arena)
{
    struct wf_registry_list list = {0};
    weft_err err = wf_consul_read(body, arena, &list);
    if (err)
        return fail(consul, err, body);
    err = consul->on_list(list.items, list.len, consul->user);
    return err ? fail(consul, err, (struct weft_str){0}) : WEFT_OK;
}

static weft_err
tell_value(struct wf_consul *consul, const struct weft_http_response *r)
{
    struct weft_str value = {0};
    if (r->status == 200)
        value = r->body.ptr ? r->body : weft_str_of("");
    weft_err err = consul->on_value(value, consul->user);
    return err ? fail(consul, err, (struct weft_str){0}) : WEFT_OK;
}

/* Get the next answer. *index is that of the last one, 0: there is none, and
 * receives that of this one. An agent that has begun anew may have a smaller
 * index, or another list with the same index. */
static weft_err
get_next(struct wf_consul *consul, uint64_t *index, struct weft_arena *arena)
{
    struct weft_http_response r = {0};
    weft_err err = ask(consul, *index, arena, &r);
    if (err)
        return err;
    err = read_index(&r.headers, index);
    if (err)
        return fail(consul, err, WEFT_STR("the answer has no X-Consul-Index"));
    return consul->on_value ? tell_value(consul, &r)
                            : tell_list(consul, r.body, arena);
}

weft_err
wf_consul_follow(struct wf_consul *consul)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    uint64_t index = 0;
    weft_err err;
    do {
        weft_arena_reset(&arena);
        err = get_next(consul, &index, &arena);
        if (!err)
            err = weft_sleep_ms(wf_option(consul->pause_ms, PAUSE_MS));
    } while (!err);
    weft_arena_fini(&arena);
    return err;
}

/* ---- names ---- */

static bool
is_query(const char *query)
{
    for (const char *c = query; *c; c++)
        if (*c <= ' ' || *c == '#' || (unsigned char)*c >= 0x7f)
            return false;
    return true;
}

weft_err
wf_consul_check(const char *service)
{
    size_t n = strcspn(service, "?");
    bool is_name = n > 0 && strspn(service, NAME) == n;
    return is_name && is_query(service + n) ? WEFT_OK : WEFT_EADDRESS;
}

/* Consul's server would redirect a path with `//`. */
weft_err
wf_consul_check_key(const char *key)
{
    while (strspn(key, NAME) > 0 && key[strspn(key, NAME)] == '/')
        key += strspn(key, NAME) + 1;
    return wf_consul_check(key);
}

/* ---- the resolver of `consul:HOST:PORT/SERVICE[?QUERY]` ---- */

weft_err
wf_resolve_consul(struct weft_resolver *resolver, const char *name, void *user)
{
    struct wf_consul consul = {.on_list = wf_registry_publish,
                               .user = resolver};
    const char *path;
    (void)user;
    weft_err err = wf_registry_open(name, 0, &consul.http, &path);
    if (err)
        return err;
    consul.service = path + 1;
    err = wf_consul_follow(&consul);
    if (*consul.why)
        weft_resolver_explain(resolver, "%s", consul.why);
    weft_http_free(consul.http);
    return err;
}
