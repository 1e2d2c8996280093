/* SPDX-License-Identifier: MIT */
/*
 * serve IDL: serves the service Pair of the file, without generated code, on a
 * free port, and prints the port. A method that declares exceptions throws the
 * last one, with its defaults. Other methods return their last argument, if
 * they return anything.
 */
#include <weft/fiber.h>
#include <weft/idl.h>

#include <stdio.h>
#include <string.h>

static weft_err
throw_last(struct weft_call *call, const struct weft_struct *desc,
           const struct weft_field *field, void *result)
{
    void *thrown = weft_field_set(desc, field, weft_call_arena(call), result);
    if (!thrown)
        return WEFT_EBUDGET;
    weft_idl_apply_defaults(field->type->record, thrown);
    return WEFT_ETHROWN;
}

static weft_err
give_back(struct weft_call *call, const struct weft_method *m, void *args,
          void *result)
{
    const struct weft_struct *desc = m->args;
    if (m->is_void)
        return WEFT_OK;
    if (desc->n_fields == 0)
        return weft_call_fail(call, WEFT_EMISSING, "no argument to give back");
    const struct weft_field *last = &desc->fields[desc->n_fields - 1];
    const struct weft_field *success = &m->result->fields[0];
    if (last->type->wire != success->type->wire)
        return weft_call_fail(call, WEFT_EMISSING, "it is of another type");
    const void *from = weft_field_get(desc, last, args);
    void *to =
        weft_field_set(m->result, success, weft_call_arena(call), result);
    if (!to)
        return WEFT_EBUDGET;
    if (from)
        memcpy(to, from, last->type->size);
    return WEFT_OK;
}

static weft_err
handle(struct weft_call *call, const struct weft_method *m, void *args,
       void *result)
{
    if (m->oneway)
        return WEFT_OK;
    uint32_t n = m->result->n_fields;
    if (n > 0 && m->result->fields[n - 1].id > 0)
        return throw_last(call, m->result, &m->result->fields[n - 1], result);
    return give_back(call, m, args, result);
}

/* ---- the server ---- */

static weft_err
serve(struct weft_idl *idl)
{
    struct weft_server *server;
    weft_err err = weft_server_new(NULL, &server);
    if (err)
        return err;
    err = weft_idl_add(server, idl, "Pair", handle, NULL);
    if (!err)
        err = weft_server_listen(server, "127.0.0.1:0");
    if (!err) {
        printf("%u\n", (unsigned)weft_server_port(server));
        err = fflush(stdout) ? WEFT_ECLOSED : weft_server_run(server, NULL);
    }
    weft_server_free(server);
    (void)weft_runtime_stop();
    return err;
}

static void
report(void *user, const char *text, size_t len)
{
    (void)user;
    fwrite(text, 1, len, stderr);
}

int
main(int argc, char **argv)
{
    struct weft_idl_options options = {.report = report};
    const char *const *paths = (const char *const *)(argv + 1);
    struct weft_idl *idl;
    if (argc != 2)
        return 2;
    weft_err err = weft_idl_load(paths, 1, &options, &idl);
    if (!err)
        err = serve(idl);
    if (err)
        fprintf(stderr, "serve: %s\n", weft_err_text(err));
    weft_idl_free(idl);
    return err != WEFT_OK;
}
