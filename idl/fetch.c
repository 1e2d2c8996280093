/* SPDX-License-Identifier: MIT */
/*
 * The built-in method "weft.idl", by which a server sends its IDL. The method
 * has no arguments; its result is a map from the names of files to the texts of
 * these files.
 */
#include "idl/idl.h"

#include <stddef.h>

struct result {
    int32_t which;
    struct {
        struct weft_idl_text *items;
        uint32_t len, cap;
    } success;
};

static void
init_result(void *record)
{
    struct result *r = record;
    *r = (struct result){.which = WEFT_RESULT_NONE};
}

static const struct weft_type type_text = {.wire = WEFT_STRING,
                                           .size = sizeof(struct weft_str)};
static const struct weft_type type_texts = {
    .wire = WEFT_MAP,
    .size = sizeof((struct result *)0)->success,
    .item_size = sizeof(struct weft_idl_text),
    .value_offset = offsetof(struct weft_idl_text, text),
    .key = &type_text,
    .element = &type_text};
static const struct weft_field result_fields[] = {
    {.name = "success",
     .type = &type_texts,
     .offset = offsetof(struct result, success),
     .requiredness = WEFT_OPTIONAL}};
static const struct weft_struct args_desc = {.name = "idl_args", .size = 1};
static const struct weft_struct result_desc = {
    .name = "idl_result",
    .fields = result_fields,
    .n_fields = 1,
    .size = sizeof(struct result),
    .has_offset = offsetof(struct result, which),
    .kind = WEFT_RECORD_UNION,
    .is_result = true,
    .init = init_result};
static const struct weft_method idl_method = {.name = "weft.idl",
                                              .name_len = 8,
                                              .args = &args_desc,
                                              .result = &result_desc};

static weft_err
ask(struct weft_client *client, struct weft_arena *arena,
    const struct weft_call_options *call, struct result *result)
{
    uint8_t args = 0;
    return weft_client_call(client, &idl_method, arena, &args, result, call);
}

/* Ask twice, if needed: if the options of the client name a service, the first
 * request goes to this service, which does not know the method. The second
 * request names the service `weft`, which has the method. */
weft_err
wi_fetch_texts(struct weft_client *client, struct weft_arena *arena,
               const struct weft_call_options *call,
               struct weft_idl_text **texts, size_t *n)
{
    struct result result;
    weft_err err = ask(client, arena, call, &result);
    bool is_unknown =
        err == WEFT_ENOMETHOD - WEFT_PEER || err == WEFT_ENOSERVICE - WEFT_PEER;
    if (is_unknown && !(call && call->service)) {
        struct weft_call_options named = {0};
        if (call)
            named = *call;
        named.service = "weft";
        if (!ask(client, arena, &named, &result))
            err = WEFT_OK;
    }
    *n = err ? 0 : result.success.len;
    *texts = err ? NULL : result.success.items;
    return err;
}

/* Clear the text and the headers of a call's info. They lie in the arena of the
 * fetch, which the fetch frees. */
static void
drop_views(struct weft_call_info *info)
{
    info->text = (struct weft_str){NULL, 0};
    info->headers = (struct weft_headers){NULL, 0, 0};
}

weft_err
weft_idl_fetch(struct weft_client *client,
               const struct weft_idl_options *options,
               const struct weft_call_options *call, struct weft_idl **idl)
{
    struct weft_arena arena;
    struct weft_idl_text *texts;
    size_t n;
    weft_arena_init(&arena, 0);
    weft_err err = wi_fetch_texts(client, &arena, call, &texts, &n);
    *idl = NULL;
    if (!err && n == 0)
        err = WEFT_ENOMETHOD - WEFT_PEER;
    if (!err)
        err = weft_idl_load_texts(texts, n, options, idl);
    if (call && call->info)
        drop_views(call->info);
    weft_arena_fini(&arena);
    return err;
}
