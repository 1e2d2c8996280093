/* SPDX-License-Identifier: MIT */
/* What the resolvers of registries share, and what registers a server: the name
 * in a target, the text of an error, the body of a request, and a list in which
 * a server may be there twice. */
#include "upstream/upstream.h"

#include <weft/http.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
wf_registry_open(const char *name, struct weft_http **http, const char **path)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    *path = strchr(name, '/');
    struct weft_str address =
        weft_arena_str(&arena, name, (size_t)(*path - name));
    weft_err err =
        address.ptr ? weft_http_new(address.ptr, NULL, http) : WEFT_EBUDGET;
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

weft_err
wf_registry_add(struct wf_registry_list *list, struct weft_arena *arena,
                const char *address, uint32_t weight)
{
    struct weft_endpoint *item = weft_push(arena, list, sizeof *item);
    if (!item)
        return WEFT_EBUDGET;
    *item = (struct weft_endpoint){address, WF_MAX(weight, 1u)};
    return WEFT_OK;
}

static int
by_address(const void *a, const void *b)
{
    const struct weft_endpoint *x = a, *y = b;
    int order = strcmp(x->address, y->address);
    return order ? order : x->weight < y->weight ? 1 : -(x->weight > y->weight);
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
