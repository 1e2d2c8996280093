/* SPDX-License-Identifier: MIT */
/* Copies what the options of a server point to, so that the server owns the
 * copies. */
#include "rpc/headers.h"
#include "rpc/server.h"

#include <errno.h>
#include <string.h>

static weft_err
keep_dialects(struct weft_server_options *o)
{
    size_t size = o->n_dialects * sizeof *o->dialects;
    const struct weft_dialect *given = o->dialects;
    o->dialects = NULL;
    if (o->n_dialects > WEFT_DIALECTS_MAX || (size > 0 && !given))
        return -EINVAL;
    for (uint32_t i = 0; i < o->n_dialects; i++)
        if (!weft_dialect_exists(&given[i]))
            return -EINVAL;
    if (size == 0)
        return WEFT_OK;
    struct weft_dialect *own = wf_sys_malloc(size);
    if (!own)
        return -ENOMEM;
    memcpy(own, given, size);
    o->dialects = own;
    return WEFT_OK;
}

/* Copy the paths into one allocation: first the array, then the texts. */
static weft_err
keep_paths(struct weft_server_options *o)
{
    const char *const *given = o->paths;
    size_t size = o->n_paths * sizeof *given;
    o->paths = NULL;
    if (o->n_paths > WEFT_PATHS_MAX || (size > 0 && !given))
        return -EINVAL;
    for (uint32_t i = 0; i < o->n_paths; i++) {
        if (!given[i] || !wf_http_path_is_valid(given[i]) ||
            strchr(given[i], '?'))
            return -EINVAL;
        size += strlen(given[i]) + 1;
    }
    if (size == 0)
        return WEFT_OK;
    const char **own = wf_sys_malloc(size);
    if (!own)
        return -ENOMEM;
    char *at = (char *)(own + o->n_paths);
    for (uint32_t i = 0; i < o->n_paths; i++) {
        size_t len = strlen(given[i]) + 1;
        own[i] = memcpy(at, given[i], len);
        at += len;
    }
    o->paths = own;
    return WEFT_OK;
}

weft_err
wf_server_options_keep(struct weft_server_options *o)
{
    weft_err dialects = keep_dialects(o), paths = keep_paths(o);
    weft_err err = dialects ? dialects : paths;
    if (err)
        wf_server_options_drop(o);
    return err;
}

void
wf_server_options_drop(struct weft_server_options *o)
{
    wf_sys_free((void *)(uintptr_t)o->dialects);
    wf_sys_free((void *)(uintptr_t)o->paths);
}
