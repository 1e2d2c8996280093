/* SPDX-License-Identifier: MIT */
/* From the name of a method to its handler. */
#ifndef WEFT_RPC_ROUTE_H
#define WEFT_RPC_ROUTE_H

#include "rpc/rpc.h"

struct wf_route {
    const struct weft_method *method; /* NULL: the place is free */
    const void *table;
    void *user;
    uint32_t hash;
};

/* All zero is empty. Open addressing, at most half full. */
struct wf_routes {
    struct wf_route *places;
    uint32_t size; /* a power of two, or 0 */
    uint32_t n;
};

/* Add all methods of a service, or none. -EEXIST, -ENOMEM. */
weft_err wf_routes_add(struct wf_routes *routes,
                       const struct weft_service *service, const void *table,
                       void *user) WEFT_CHECKED;
void wf_routes_fini(struct wf_routes *routes);

/* NULL: there is none. */
const struct wf_route *wf_routes_find(const struct wf_routes *routes,
                                      struct weft_str name);

#endif
