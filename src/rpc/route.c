/* SPDX-License-Identifier: MIT */
#include "rpc/route.h"

#include <errno.h>
#include <string.h>

/* FNV-1a. The keys are ours, so a peer cannot make them collide. */
static uint32_t
hash_of(const char *name, uint32_t len)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)name[i]) * 16777619u;
    return h;
}

static struct wf_route *
place_of(const struct wf_routes *routes, const char *name, uint32_t len,
         uint32_t hash)
{
    uint32_t mask = routes->size - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct wf_route *r = &routes->places[i];
        if (!r->method || (r->hash == hash && r->method->name_len == len &&
                           memcmp(r->method->name, name, len) == 0))
            return r;
    }
}

const struct wf_route *
wf_routes_find(const struct wf_routes *routes, struct weft_str name)
{
    if (routes->n == 0)
        return NULL;
    uint32_t hash = hash_of(name.ptr, name.len);
    struct wf_route *r = place_of(routes, name.ptr, name.len, hash);
    return r->method ? r : NULL;
}

static struct wf_route *
place_of_method(const struct wf_routes *routes, const struct weft_method *m)
{
    return place_of(routes, m->name, m->name_len,
                    hash_of(m->name, m->name_len));
}

static weft_err
make_room(struct wf_routes *routes, uint32_t more)
{
    uint32_t size = 16;
    while (size < 2 * (routes->n + more))
        size *= 2;
    if (size <= routes->size)
        return WEFT_OK;
    struct wf_routes larger = {.size = size, .n = routes->n};
    larger.places = wf_sys_zalloc(size * sizeof *larger.places);
    if (!larger.places)
        return -ENOMEM;
    for (uint32_t i = 0; i < routes->size; i++)
        if (routes->places[i].method)
            *place_of_method(&larger, routes->places[i].method) =
                routes->places[i];
    wf_sys_free(routes->places);
    *routes = larger;
    return WEFT_OK;
}

weft_err
wf_routes_add(struct wf_routes *routes, const struct weft_service *service,
              const void *table, void *user)
{
    weft_err err = make_room(routes, service->n_methods);
    for (uint32_t i = 0; i < service->n_methods && !err; i++)
        if (place_of_method(routes, service->methods[i])->method)
            err = -EEXIST;
    for (uint32_t i = 0; i < service->n_methods && !err; i++) {
        const struct weft_method *m = service->methods[i];
        *place_of_method(routes, m) =
            (struct wf_route){m, table, user, hash_of(m->name, m->name_len)};
        routes->n++;
    }
    return err;
}

void
wf_routes_fini(struct wf_routes *routes)
{
    wf_sys_free(routes->places);
    *routes = (struct wf_routes){0};
}
