/* SPDX-License-Identifier: MIT */
/* What the resolvers of registries share, and what registers a server: the name
 * in a target, the text of an error, the body of a request, and a list in which
 * a server may be there twice. */
#include "upstream/registry.h"

#include <weft/http.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEIGHT_MOST 1000000u
#define TAGS_READ 64u /* of a server; as many as a server may register */

/* ---- the name ---- */

weft_err
wf_registry_check(const char *name)
{
    char address[300];
    const char *path = strchr(name, '/');
    if (!path || (size_t)(path - name) >= sizeof address)
        return WEFT_EADDRESS;
    memcpy(address, name, (size_t)(path - name));
    address[path - name] = '\0';
    return wf_address_check(address);
}

weft_err
wf_registry_open(const char *name, size_t body_size, struct weft_http **http,
                 const char **path)
{
    const struct weft_http_options options = {.body_size = body_size};
    struct weft_arena arena = WEFT_ARENA_INIT;
    *path = strchr(name, '/');
    struct weft_str address =
        weft_arena_str(&arena, name, (size_t)(*path - name));
    weft_err err =
        address.ptr ? weft_http_new(address.ptr, &options, http) : WEFT_EBUDGET;
    weft_arena_fini(&arena);
    return err;
}

weft_err
wf_registry_explain(char *why, const char *registry, weft_err err,
                    struct weft_str text)
{
    char shown[WF_REGISTRY_WHY - 32];
    (void)wf_escape_text(shown, sizeof shown, text);
    (void)snprintf(why, WF_REGISTRY_WHY, "%s: %s", registry,
                   text.len > 0 ? shown : weft_err_text(err));
    return err;
}

weft_err
wf_registry_flatten(struct weft_chain *chain, struct weft_arena *arena,
                    struct weft_str *text)
{
    char *copy = weft_arena_alloc(arena, chain->len + 1);
    if (copy)
        *text = (struct weft_str){
            copy, (uint32_t)weft_chain_copy_out(chain, 0, copy, chain->len)};
    weft_chain_clear(chain);
    return copy ? WEFT_OK : WEFT_EBUDGET;
}

/* ---- the list ---- */

/* Append a tag to *tag, if it names a partition. */
static weft_err
add_tag(struct weft_str text, struct weft_arena *arena, const char **tag)
{
    uint32_t unused[WF_TAGS_MAX];
    struct weft_str copy = weft_arena_str(arena, text.ptr, text.len);
    if (!copy.ptr)
        return WEFT_EBUDGET;
    if (wf_tags_read(copy.ptr, unused) != 1 || strlen(copy.ptr) != text.len)
        return WEFT_OK;
    if (*tag)
        copy = weft_arena_printf(arena, "%s %s", *tag, copy.ptr);
    *tag = copy.ptr;
    return copy.ptr ? WEFT_OK : WEFT_EBUDGET;
}

static weft_err
read_tags(struct weft_reader *r, struct weft_arena *arena, const char **tag)
{
    struct weft_str text;
    uint32_t n = 0;
    bool more;
    weft_err err = wf_walk_open(r, '[', &more);
    while (!err && more) {
        err = wf_walk_str(r, &text);
        if (!err && n++ < TAGS_READ)
            err = add_tag(text, arena, tag);
        if (!err)
            err = wf_walk_next(r, '[', &more);
    }
    return err;
}

weft_err
wf_registry_read_tags(struct weft_reader *r, struct weft_arena *arena,
                      const char **tag)
{
    struct weft_reader before = *r;
    *tag = NULL;
    weft_err err = read_tags(r, arena, tag);
    if (!err || err == WEFT_EBUDGET)
        return err;
    *tag = NULL;
    *r = before; /* other programs may have a member of this name, too */
    return wf_walk_skip(r);
}

weft_err
wf_registry_read_value(struct weft_str value, struct weft_arena *arena,
                       struct weft_endpoint *endpoint)
{
    struct weft_reader r;
    struct weft_str key, address = value, zone = {0};
    const char *tag = NULL;
    uint64_t weight = 1u;
    bool more = false;
    weft_err err = WEFT_OK;
    weft_reader_init_flat(&r, value.ptr, value.len, arena, 0);
    if (value.len > 0 && value.ptr[0] == '{') {
        address.len = 0;
        err = wf_walk_open(&r, '{', &more);
    }
    while (!err && more) {
        err = wf_walk_key(&r, &key);
        if (!err && weft_str_eq(key, WEFT_STR("address")))
            err = wf_walk_str(&r, &address);
        else if (!err && weft_str_eq(key, WEFT_STR("weight")))
            err = wf_walk_number(&r, WEIGHT_MOST, &weight);
        else if (!err && weft_str_eq(key, WEFT_STR("zone")))
            err = wf_walk_str(&r, &zone);
        else if (!err && weft_str_eq(key, WEFT_STR("tags")))
            err = wf_registry_read_tags(&r, arena, &tag);
        else if (!err)
            err = wf_walk_skip(&r);
        if (!err)
            err = wf_walk_next(&r, '{', &more);
    }
    if (!err && r.at > (const uint8_t *)value.ptr)
        err = wf_walk_end(&r);
    address = weft_arena_str(arena, address.ptr, address.len);
    zone = weft_arena_str(arena, zone.ptr, zone.len);
    if (!address.ptr || !zone.ptr)
        return WEFT_EBUDGET;
    *endpoint = (struct weft_endpoint){.address = address.ptr,
                                       .weight = (uint32_t)weight,
                                       .zone = zone.ptr,
                                       .tag = tag};
    if (!err && memchr(address.ptr, '\0', address.len))
        err = WEFT_EADDRESS;
    return err ? err : wf_address_check(address.ptr);
}

weft_err
wf_registry_add(struct wf_registry_list *list, struct weft_arena *arena,
                const struct weft_endpoint *endpoint)
{
    struct weft_endpoint *item = weft_push(arena, list, sizeof *item);
    if (!item)
        return WEFT_EBUDGET;
    *item = *endpoint;
    item->weight = WF_MAX(item->weight, 1u);
    return WEFT_OK;
}

static int
by_address(const void *a, const void *b)
{
    const struct weft_endpoint *x = a, *y = b;
    int order = strcmp(x->address, y->address);
    if (order == 0)
        order = x->weight < y->weight ? 1 : -(x->weight > y->weight);
    /* so that all clients keep the same tags */
    return order ? order : strcmp(x->tag ? x->tag : "", y->tag ? y->tag : "");
}

/* Sort, and keep the highest weight of each address. Returns how many are
 * left. */
static uint32_t
drop_doubles(struct weft_endpoint *items, uint32_t n)
{
    uint32_t kept = 0;
    if (n > 0)
        qsort(items, n, sizeof *items, by_address);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || strcmp(items[i].address, items[i - 1].address) != 0)
            items[kept++] = items[i];
    return kept;
}

weft_err
wf_registry_publish(const struct weft_endpoint *endpoints, uint32_t n,
                    void *resolver)
{
    struct weft_endpoint *items = wf_sys_malloc(n * sizeof *items + 1);
    if (!items)
        return -ENOMEM;
    if (n > 0)
        memcpy(items, endpoints, n * sizeof *items);
    weft_err err =
        weft_resolver_publish(resolver, items, drop_doubles(items, n));
    wf_sys_free(items);
    return err;
}
