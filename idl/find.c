/* SPDX-License-Identifier: MIT */
/* Finds services, methods and records by their names, in tables that index.c
 * has filled. */
#include "idl/idl.h"

const struct weft_method wi_ambiguous = {.name = "two services have it"};

uint32_t
weft_idl_n_services(const struct weft_idl *idl)
{
    return idl->n_services;
}

const struct weft_service *
weft_idl_service_at(const struct weft_idl *idl, uint32_t i)
{
    return &idl->services[i];
}

const struct weft_service *
weft_idl_service(const struct weft_idl *idl, const char *name)
{
    return wc_map_get(&idl->by_service, name);
}

const struct weft_method *
weft_idl_method(const struct weft_idl *idl, const char *name)
{
    const struct weft_method *m = wc_map_get(&idl->by_method, name);
    return m == &wi_ambiguous ? NULL : m;
}

const struct weft_struct *
weft_idl_struct(const struct weft_idl *idl, const char *name)
{
    return wc_map_get(&idl->by_record, name);
}

void
weft_idl_apply_defaults(const struct weft_struct *desc, void *record)
{
    wi_apply_defaults(desc, record);
}
