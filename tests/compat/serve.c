/* SPDX-License-Identifier: MIT */
/*
 * serve IDL: the service Pair of the file, without generated code, on a free
 * port, which is printed. A method that declares exceptions throws the last of
 * them, with defaults in it; others give back their last argument, if anything.
 */
#include "tool/tables.h"

#include <stdio.h>

#define MAX_METHODS 8

struct pair {
    const struct weft_method *methods[MAX_METHODS];
    uint32_t n_methods;
};

static const struct weft_method *
find(const struct pair *pair, struct weft_str name)
{
    for (uint32_t i = 0; i < pair->n_methods; i++) {
        const struct weft_method *m = pair->methods[i];
        if (m->name_len == name.len && !memcmp(m->name, name.ptr, name.len))
            return m;
    }
    return NULL;
}

static weft_err
throw_last(struct weft_arena *arena, const struct weft_field *field,
           struct wt_result *result)
{
    const struct weft_struct *desc = field->type->record;
    result->as.box = weft_arena_zalloc(arena, desc->size);
    if (!result->as.box)
        return WEFT_EBUDGET;
    wt_apply_defaults(desc, result->as.box);
    result->which = field->id;
    return WEFT_OK;
}

/* Arguments may not be written to, so defaults go into a copy. */
static weft_err
give_back(struct weft_call *call, const struct weft_method *m, const void *args,
          struct wt_result *result)
{
    const struct weft_struct *desc = m->args;
    result->which = 0;
    if (m->is_void)
        return WEFT_OK;
    if (desc->n_fields == 0)
        return weft_call_fail(call, WEFT_EMISSING, "no argument to give back");
    const struct weft_field *last = &desc->fields[desc->n_fields - 1];
    if (last->type->wire != m->result->fields[0].type->wire)
        return weft_call_fail(call, WEFT_EMISSING, "it is of another type");
    uint8_t *copy = weft_arena_alloc(weft_call_arena(call), desc->size);
    if (!copy)
        return WEFT_EBUDGET;
    memcpy(copy, args, desc->size);
    wt_apply_defaults(desc, copy);
    memcpy(&result->as, copy + last->offset,
           last->boxed ? sizeof(void *) : last->type->size);
    return WEFT_OK;
}

static weft_err
invoke(const void *table, struct weft_call *call, const void *args,
       void *result)
{
    const struct weft_method *m = find(table, weft_call_method(call));
    if (!m)
        return WEFT_ENOMETHOD;
    if (m->oneway)
        return WEFT_OK;
    uint32_t n = m->result->n_fields;
    if (n > 0 && m->result->fields[n - 1].id > 0)
        return throw_last(weft_call_arena(call), &m->result->fields[n - 1],
                          result);
    return give_back(call, m, args, result);
}

/* ---- the server ---- */

static enum wt_code
fail(const char *what, weft_err err)
{
    wt_error("%s: %s", what, weft_err_text(err));
    return WT_BROKEN;
}

static enum wt_code
run(const struct weft_service *service, const struct pair *pair)
{
    struct weft_server *server;
    if (weft_server_new(NULL, &server))
        return fail("new", WEFT_EBUDGET);
    weft_err err = weft_server_add(server, "Pair", service, pair, NULL);
    if (!err)
        err = weft_server_listen(server, "127.0.0.1:0");
    if (!err) {
        printf("%u\n", (unsigned)weft_server_port(server));
        err = fflush(stdout) ? WEFT_ECLOSED : weft_server_run(server, NULL);
    }
    weft_server_free(server);
    (void)weft_runtime_stop();
    return err ? fail("serve", err) : WT_OK;
}

/* The IDL lives until this returns, and so do the descriptors. */
static enum wt_code
serve(struct wc *c, struct wt_options *o)
{
    struct wt_tables tables;
    struct pair pair = {.n_methods = 0};
    const struct wc_def *def = wt_find_def(c, "Pair");
    (void)o;
    if (!def || def->kind != WC_SERVICE)
        return WT_INPUT;
    wt_tables_init(&tables, c);
    for (const struct wc_function *f = def->service.functions; f; f = f->next) {
        struct wt_method method = {def, f, f->name};
        if (pair.n_methods == MAX_METHODS)
            return WT_INPUT;
        struct weft_method *made = WC_NEW(c, struct weft_method);
        *made = *wt_make_method(&tables, &method);
        made->invoke = invoke;
        pair.methods[pair.n_methods++] = made;
    }
    struct weft_service service = {
        .name = "Pair", .methods = pair.methods, .n_methods = pair.n_methods};
    return run(&service, &pair);
}

int
main(int argc, char **argv)
{
    struct wt_options options = {.n_idl = 1};
    if (argc != 2) {
        wt_error("serve IDL");
        return WT_USAGE;
    }
    options.idl[0] = argv[1];
    return (int)wt_with_idl(&options, serve, false);
}
