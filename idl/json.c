/* SPDX-License-Identifier: MIT */
/* Reads arguments of calls from JSON, and writes their results as JSON. */
#include "idl/idl.h"

weft_err
weft_idl_args_from_json(const struct weft_method *method, struct weft_str text,
                        struct weft_arena *arena, void **args,
                        struct weft_json_error *why)
{
    const struct weft_struct *desc = method->args;
    if (why)
        *why = (struct weft_json_error){
            .line = 1, .column = 1, .text = "there is no memory"};
    *args = weft_arena_zalloc(arena, desc->size);
    if (!*args)
        return WEFT_EBUDGET;
    weft_err err = weft_struct_from_json(desc, text, arena, *args, why);
    if (err)
        *args = NULL;
    else
        wi_apply_defaults(desc, *args);
    return err;
}

weft_err
weft_idl_result_new(const struct weft_method *method, struct weft_arena *arena,
                    void **result)
{
    size_t size = method->result ? method->result->size : 1;
    *result = weft_arena_zalloc(arena, size);
    if (!*result)
        return WEFT_EBUDGET;
    if (method->result)
        method->result->init(*result);
    return WEFT_OK;
}

void
weft_idl_result_to_json(const struct weft_method *method, struct weft_writer *w,
                        void *record, int indent)
{
    struct wi_result *result = record;
    const struct weft_field *field = wi_result_member(method, result);
    if (!field) {
        weft_write_bytes_slow(w, "null", 4);
        return;
    }
    wi_apply_to_result(method, result);
    if (field->id == 0)
        weft_value_to_json(field->type, w, wi_result_value(field, result),
                           indent);
    else
        weft_struct_to_json(method->result, w, result, indent);
}

static weft_err
to_text(const struct weft_method *method, void *result,
        struct weft_arena *arena, struct weft_str *text)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_idl_result_to_json(method, &w, result, 0);
    weft_err err = weft_writer_fini(&w);
    size_t len = chain.len;
    char *to =
        err || len >= UINT32_MAX ? NULL : weft_arena_alloc(arena, len + 1);
    if (!err && !to)
        err = WEFT_EBUDGET;
    if (!err) {
        (void)weft_chain_copy_out(&chain, 0, to, len);
        to[len] = '\0';
        *text = (struct weft_str){to, (uint32_t)len};
    }
    weft_chain_clear(&chain);
    return err;
}

weft_err
weft_idl_call_json(struct weft_client *client, const struct weft_method *method,
                   struct weft_arena *arena, struct weft_str text,
                   struct weft_str *reply,
                   const struct weft_call_options *options,
                   struct weft_json_error *why)
{
    void *args, *result;
    *reply = (struct weft_str){NULL, 0};
    weft_err err = weft_idl_args_from_json(method, text, arena, &args, why);
    if (!err)
        err = weft_idl_result_new(method, arena, &result);
    if (err)
        return err;
    err = weft_client_call(client, method, arena, args, result, options);
    if (err && err != WEFT_ETHROWN)
        return err;
    weft_err failed = to_text(method, result, arena, reply);
    return failed ? failed : err;
}
