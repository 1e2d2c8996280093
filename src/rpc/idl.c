/* SPDX-License-Identifier: MIT */
#include "rpc/idl.h"

#include "rpc/call.h"
#include "rpc/health.h"

#include <stddef.h>
#include <string.h>

struct file {
    struct weft_str name, text;
};

struct files {
    struct file *items;
    uint32_t len, cap;
};

struct result {
    int32_t which;
    struct files success;
};

/* ---- descriptors, in the form that weftc generates ---- */

static const struct weft_type text_type = {.wire = WEFT_STRING,
                                           .size = sizeof(struct weft_str)};
static const struct weft_type files_type = {
    .wire = WEFT_MAP,
    .size = sizeof(struct files),
    .item_size = sizeof(struct file),
    .value_offset = offsetof(struct file, text),
    .key = &text_type,
    .element = &text_type,
};

static const struct weft_field result_fields[] = {
    {.name = "success",
     .type = &files_type,
     .offset = offsetof(struct result, success),
     .id = 0,
     .requiredness = WEFT_OPTIONAL},
};

static void
init_result(void *record)
{
    struct result *r = record;
    *r = (struct result){.which = WEFT_RESULT_NONE};
}

static const struct weft_struct args_desc = {.name = "weft_idl_args",
                                             .size = 1};
static const struct weft_struct result_desc = {
    .name = "weft_idl_result",
    .fields = result_fields,
    .n_fields = 1,
    .size = sizeof(struct result),
    .has_offset = offsetof(struct result, which),
    .kind = WEFT_RECORD_UNION,
    .is_result = true,
    .init = init_result,
};

/* ---- the method ---- */

static struct weft_str
text_of(struct weft_arena *arena, const struct weft_idl_file *file)
{
    size_t len = 0;
    for (const char *const *part = file->parts; *part; part++)
        len += strlen(*part);
    char *text = weft_arena_alloc(arena, len + 1);
    char *at = text;
    for (const char *const *part = file->parts; text && *part; part++) {
        size_t n = strlen(*part);
        WF_CHECK(n <= len - (size_t)(at - text)); /* `len` was counted above */
        memcpy(at, *part, n);
        at += n;
    }
    return (struct weft_str){text, text ? (uint32_t)len : 0};
}

static bool
has(const struct files *files, struct weft_str name)
{
    for (uint32_t i = 0; i < files->len; i++)
        if (weft_str_eq(files->items[i].name, name))
            return true;
    return false;
}

static weft_err
add(struct weft_arena *arena, struct files *files,
    const struct weft_idl_file *from)
{
    struct weft_str name = weft_str_of(from->name);
    if (has(files, name))
        return WEFT_OK;
    struct file *file = weft_push(arena, files, sizeof *file);
    if (!file)
        return WEFT_EBUDGET;
    *file = (struct file){name, text_of(arena, from)};
    return file->text.ptr ? WEFT_OK : WEFT_EBUDGET;
}

static weft_err
tell(const void *table, struct weft_call *call, const void *args, void *record)
{
    struct result *result = record;
    const struct wf_routes *routes = &call->server->routes;
    weft_err err = WEFT_OK;
    (void)table;
    (void)args;
    result->which = 0;
    for (uint32_t i = 0; i < routes->n_served; i++) {
        const struct weft_service *s = routes->served[i].service;
        for (uint32_t k = 0; k < s->n_idl && !err; k++)
            err = add(weft_call_arena(call), &result->success, &s->idl[k]);
    }
    return err;
}

static const struct weft_method idl_method = {
    .name = "weft.idl",
    .name_len = 8,
    .args = &args_desc,
    .result = &result_desc,
    .invoke = tell,
};

static const struct weft_method *const idl_methods[] = {&idl_method,
                                                        &wf_health_method};

const struct weft_service wf_idl_service = {
    .name = "weft", .methods = idl_methods, .n_methods = 2};

bool
wf_idl_is_told(const struct wf_routes *routes)
{
    bool told = false;
    for (uint32_t i = 0; i < routes->n_served; i++)
        told |= routes->served[i].service->n_idl > 0;
    return told;
}
