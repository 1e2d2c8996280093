/* SPDX-License-Identifier: MIT */
#include "fake_rpc.h"

#include <stdio.h>
#include <string.h>

struct fake_rpc fake_rpc;

weft_err
weft_server_add(struct weft_server *server, const char *name,
                const struct weft_service *service, const void *table,
                void *user)
{
    (void)server;
    snprintf(fake_rpc.name, sizeof fake_rpc.name, "%s", name);
    fake_rpc.service = service;
    fake_rpc.table = table;
    fake_rpc.user = user;
    return WEFT_OK;
}

/* Write a struct, and read it as its receiver does. */
static weft_err
transfer(struct weft_arena *arena, const struct weft_struct *desc,
         const void *from, void *to)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    struct weft_reader r;
    weft_writer_init(&w, &chain);
    weft_struct_write(desc, WEFT_BINARY, &w, from);
    weft_err err = weft_writer_fini(&w);
    if (!err) {
        /* The reader reads a copy in the arena: the record that it makes may
         * point into the bytes, and the chain is cleared below. */
        struct weft_str bytes = {weft_arena_alloc(arena, chain.len + 1), 0};
        bytes.len = (uint32_t)weft_chain_copy_out(
            &chain, 0, (void *)(uintptr_t)bytes.ptr, chain.len);
        weft_reader_init_flat(&r, bytes.ptr, bytes.len, arena, 0);
        err = weft_struct_read(desc, WEFT_BINARY, &r, to);
    }
    weft_chain_clear(&chain);
    return err;
}

static const struct weft_method *
find_method(const char *name)
{
    for (uint32_t i = 0; i < fake_rpc.service->n_methods; i++) {
        const struct weft_method *m = fake_rpc.service->methods[i];
        if (strlen(m->name) == m->name_len && strcmp(m->name, name) == 0)
            return m;
    }
    return NULL;
}

static weft_err
serve(const struct weft_method *m, struct weft_arena *arena, const void *args,
      void *result)
{
    const struct weft_struct *desc = m->result;
    void *own = desc ? weft_arena_alloc(arena, desc->size) : NULL;
    if (desc)
        desc->init(own);
    weft_err err = m->invoke(fake_rpc.table, NULL, args, own);
    fake_rpc.handler_err = err;
    if (m->oneway || (err && err != WEFT_ETHROWN))
        return err;
    err = transfer(arena, m->result, own, result);
    struct weft_result *r = result;
    if (err)
        return err;
    if (r->which == WEFT_RESULT_NONE)
        return WEFT_EMISSING;
    return r->which ? WEFT_ETHROWN : WEFT_OK;
}

weft_err
weft_client_call(struct weft_client *client, const struct weft_method *method,
                 struct weft_arena *arena, const void *args, void *result,
                 const struct weft_call_options *options)
{
    (void)client;
    (void)options;
    fake_rpc.n_calls++;
    const struct weft_method *m = find_method(method->name);
    if (!m)
        return WEFT_ENOMETHOD;
    void *own = weft_arena_alloc(arena, m->args->size);
    weft_err err = transfer(arena, method->args, args, own);
    return err ? err : serve(m, arena, own, result);
}
