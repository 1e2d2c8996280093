/* SPDX-License-Identifier: MIT */
#include "rpc/route.h"

#include <errno.h>
#include <string.h>

/* ---- keys: a service, which may be absent, and a method ---- */

/* FNV-1a. The table holds only names of the server's own services, so a peer
 * cannot fill the table with names that collide. */
static uint32_t
hash_more(uint32_t h, struct weft_str s)
{
    for (uint32_t i = 0; i < s.len; i++)
        h = (h ^ (uint8_t)s.ptr[i]) * 16777619u;
    return h;
}

static uint32_t
hash_of(struct weft_str service, struct weft_str name)
{
    uint32_t h = hash_more(2166136261u, service);
    return hash_more(h * 16777619u, name);
}

static struct weft_str
service_of(const struct wf_route *r)
{
    return r->service ? weft_str_of(r->service) : (struct weft_str){NULL, 0};
}

static struct weft_str
name_of(const struct weft_method *m)
{
    return (struct weft_str){m->name, m->name_len};
}

static struct wf_route *
slot_of(const struct wf_routes *routes, struct weft_str service,
        struct weft_str name)
{
    uint32_t hash = hash_of(service, name), mask = routes->size - 1;
    WF_DCHECK(routes->size > 0 && (routes->size & mask) == 0);
    /* At most half of the slots are used, so a free slot ends the search. */
    WF_DCHECK(2 * routes->n <= routes->size);
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct wf_route *r = &routes->slots[i];
        if (!r->method ||
            (r->hash == hash && weft_str_eq(name_of(r->method), name) &&
             weft_str_eq(service_of(r), service)))
            return r;
    }
}

/* ---- finding ---- */

weft_err
wf_route_split(struct weft_str *name, struct weft_str *service)
{
    *service = (struct weft_str){NULL, 0};
    const char *colon = name->len ? memchr(name->ptr, ':', name->len) : NULL;
    if (WEFT_LIKELY(!colon))
        return WEFT_OK;
    uint32_t len = (uint32_t)(colon - name->ptr);
    *service = (struct weft_str){name->ptr, len};
    *name = (struct weft_str){colon + 1, name->len - len - 1};
    return memchr(colon + 1, ':', name->len) ? WEFT_ENOSERVICE : WEFT_OK;
}

static bool
is_served(const struct wf_routes *routes, struct weft_str name)
{
    for (uint32_t i = 0; i < routes->n_served; i++)
        if (weft_str_eq(weft_str_of(routes->served[i].name), name) ||
            weft_str_eq(weft_str_of(routes->served[i].service->name), name))
            return true;
    return false;
}

weft_err
wf_routes_find(const struct wf_routes *routes, struct weft_str service,
               struct weft_str name, const struct wf_route **route)
{
    if (WEFT_LIKELY(routes->n > 0)) {
        *route = slot_of(routes, service, name);
        if (WEFT_LIKELY((*route)->method != NULL))
            return WEFT_OK;
    }
    *route = NULL;
    return service.ptr && !is_served(routes, service) ? WEFT_ENOSERVICE
                                                      : WEFT_ENOMETHOD;
}

/* ---- counting; relaxed, because the counts order nothing ---- */

void
wf_routes_detached(struct wf_routes *routes, const struct wf_route *route)
{
    wf_add(&routes->detached[route - routes->slots], 1, relaxed);
}

void
wf_routes_finished(struct wf_routes *routes, const struct wf_route *route)
{
    wf_sub(&routes->detached[route - routes->slots], 1, relaxed);
}

/* ---- adding ---- */

static weft_err
make_room(struct wf_routes *routes, uint32_t more)
{
    uint32_t size = 16;
    while (size < 2 * (routes->n + more))
        size *= 2;
    if (size <= routes->size)
        return WEFT_OK;
    struct wf_routes larger = {.size = size};
    larger.slots = wf_sys_zalloc(size * sizeof *larger.slots);
    larger.detached = wf_sys_zalloc(size * sizeof *larger.detached);
    if (!larger.slots || !larger.detached) {
        wf_sys_free(larger.slots);
        wf_sys_free(larger.detached);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < routes->size; i++) {
        const struct wf_route *r = &routes->slots[i];
        if (r->method)
            *slot_of(&larger, service_of(r), name_of(r->method)) = *r;
    }
    wf_sys_free(routes->slots);
    wf_sys_free(routes->detached);
    routes->slots = larger.slots;
    routes->detached = larger.detached;
    routes->size = size;
    return WEFT_OK;
}

/* Add a route, unless the table has a route with the same key. */
static void
put(struct wf_routes *routes, const struct wf_route *new)
{
    struct weft_str name = name_of(new->method);
    struct wf_route *r = slot_of(routes, service_of(new), name);
    if (r->method)
        return;
    *r = *new;
    r->hash = hash_of(service_of(new), name);
    routes->n++;
    WF_CHECK(routes->n < routes->size);
}

static weft_err
remember(struct wf_routes *routes, const char *name,
         const struct weft_service *service)
{
    size_t size = strlen(name) + 1;
    size_t n = routes->n_served;
    struct wf_served *more = wf_sys_malloc((n + 1) * sizeof *more);
    char *copy = wf_sys_malloc(size);
    if (!more || !copy) {
        wf_sys_free(more);
        wf_sys_free(copy);
        return -ENOMEM;
    }
    memcpy(copy, name, size);
    if (n > 0)
        memcpy(more, routes->served, n * sizeof *more);
    more[n] = (struct wf_served){copy, service};
    wf_sys_free(routes->served);
    routes->served = more;
    routes->n_served++;
    return WEFT_OK;
}

weft_err
wf_routes_add(struct wf_routes *routes, const char *name,
              const struct weft_service *service, const void *table, void *user)
{
    /* In a message, ':' separates the service from the method. */
    if (!name[0] || strchr(name, ':'))
        return -EINVAL;
    for (uint32_t i = 0; i < routes->n_served; i++)
        if (strcmp(routes->served[i].name, name) == 0)
            return -EEXIST;
    weft_err err = make_room(routes, 3 * service->n_methods);
    if (!err)
        err = remember(routes, name, service);
    if (err)
        return err;
    const char *own = routes->served[routes->n_served - 1].name;
    for (uint32_t i = 0; i < service->n_methods; i++) {
        struct wf_route r = {service->methods[i], own, table, user, 0};
        put(routes, &r);
        r.service = service->name;
        put(routes, &r);
        r.service = NULL;
        put(routes, &r);
    }
    return WEFT_OK;
}

void
wf_routes_fini(struct wf_routes *routes)
{
    for (uint32_t i = 0; i < routes->n_served; i++)
        wf_sys_free(routes->served[i].name);
    wf_sys_free(routes->served);
    wf_sys_free(routes->slots);
    wf_sys_free(routes->detached);
    *routes = (struct wf_routes){0};
}
