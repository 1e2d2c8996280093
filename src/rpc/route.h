/* SPDX-License-Identifier: MIT */
/*
 * From the name of a method to its handler. A method is found by its bare name,
 * in the service that was added first of those that have it, and by the name of
 * a service, which is the one it was added under or that of the IDL.
 */
#ifndef WEFT_RPC_ROUTE_H
#define WEFT_RPC_ROUTE_H

#include "rpc/rpc.h"

struct wf_route {
    const struct weft_method *method; /* NULL: the place is free */
    const char *service;              /* NULL: found by its bare name */
    const void *table;
    void *user;
    uint32_t hash;
};

/* A service as it was added. */
struct wf_served {
    char *name;
    const struct weft_service *service;
};

/* All zero is empty. Open addressing, at most half full. */
struct wf_routes {
    struct wf_route *slots;
    uint32_t size; /* a power of two, or 0 */
    uint32_t n;
    struct wf_served *served; /* in the order of adding */
    uint32_t n_served;
};

/* Add all methods of a service, or none. -EEXIST: there is a service of that
 * name; -ENOMEM. */
weft_err wf_routes_add(struct wf_routes *routes, const char *name,
                       const struct weft_service *service, const void *table,
                       void *user) WEFT_CHECKED;
void wf_routes_fini(struct wf_routes *routes);

/*
 * Take "service:method" apart: *name becomes the method, *service is absent if
 * there is no colon. WEFT_ENOSERVICE: two colons.
 */
weft_err wf_route_split(struct weft_str *name, struct weft_str *service)
    WEFT_CHECKED;

/* service may be absent. WEFT_ENOSERVICE, WEFT_ENOMETHOD. */
weft_err wf_routes_find(const struct wf_routes *routes, struct weft_str service,
                        struct weft_str name, const struct wf_route **route)
    WEFT_CHECKED;

#endif
