/* SPDX-License-Identifier: MIT */
/* Services: client stubs, throw helpers, and the tables of the server. */
#include "emit/put.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- client ---- */

static void
put_stub(struct wc_emit *e, const struct wc_function *f)
{
    struct wc *c = e->c;
    const char *args =
        wc_format(c, "const struct %s *args", f->args_def->c_name);
    const char *options = "const struct weft_call_options *options";
    const char *result =
        f->oneway ? options
                  : wc_format(c, "struct %s *result", f->result_def->c_name);
    wc_put(e, "\n");
    wc_put_definition(e, "weft_err", f->c_name,
                      ARGS("struct weft_client *client",
                           "struct weft_arena *arena", args, result,
                           f->oneway ? NULL : options));
    wc_put_call(e, 4, "return weft_client_call",
                ARGS("client", wc_format(c, "&%s_method", f->c_name), "args",
                     f->oneway ? "NULL" : "result", "arena", "options"),
                ";\n}\n");
}

/* ---- server ---- */

static void
put_invoke(struct wc_emit *e, const struct wc_def *def,
           const struct wc_method *m)
{
    struct wc *c = e->c;
    const char *call = wc_format(c, "return service->%s", m->c_slot);
    wc_put(e, "\n");
    wc_put_definition(e, "static weft_err",
                      wc_format(c, "%s_invoke", m->c_name),
                      ARGS("const void *table", "struct weft_call *call",
                           "const void *args", "void *result"));
    wc_put(e, "    const struct %s *service = table;\n", def->service.c_table);
    if (m->function->oneway)
        wc_put(e, "    (void)result;\n");
    wc_put(e, "    if (!service->%s)\n        return WEFT_ENOMETHOD;\n",
           m->c_slot);
    wc_put_call(e, 4, call,
                ARGS("call", "args", m->function->oneway ? NULL : "result"),
                ";\n}\n");
}

static void
put_method(struct wc_emit *e, const struct wc_method *m)
{
    const struct wc_function *f = m->function;
    wc_put(e, "\n%sconst struct weft_method %s_method = {\n",
           m->inherited ? "static " : "", m->c_name);
    wc_put(e, "    .name = \"%s\",\n    .name_len = %zu,\n", f->name,
           strlen(f->name));
    if (f->oneway)
        wc_put(e, "    .oneway = true,\n");
    if (f->returns->kind == WC_VOID)
        wc_put(e, "    .is_void = true,\n");
    wc_put(e, "    .args = &%s_desc,\n", f->args_def->c_name);
    if (f->result_def != NULL)
        wc_put(e, "    .result = &%s_desc,\n", f->result_def->c_name);
    wc_put(e, "    .invoke = %s_invoke,\n};\n", m->c_name);
}

static void
put_table(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_service *s = &def->service;
    const char *name = def->c_name;
    if (s->n_methods > 0) {
        wc_put(e,
               "\nstatic const struct weft_method *const %s_methods[] = "
               "{\n",
               name);
        for (const struct wc_method *m = s->methods; m; m = m->next)
            wc_put(e, "    &%s_method,\n", m->c_name);
        wc_put(e, "};\n");
    }
    wc_put(e,
           "\nconst struct weft_service %s_service_desc = {\n"
           "    .name = \"%s\",\n",
           name, def->name);
    if (s->n_methods > 0)
        wc_put(e, "    .methods = %s_methods,\n    .n_methods = %u,\n", name,
               s->n_methods);
    if (e->n_idl > 0)
        wc_put(e, "    .idl = idl_files,\n    .n_idl = %u,\n", e->n_idl);
    wc_put(e, "};\n");
}

static void
put_register(struct wc_emit *e, const struct wc_def *def)
{
    struct wc *c = e->c;
    wc_put(e, "\n");
    wc_put_definition(
        e, "weft_err", wc_format(c, "%s_register", def->c_name),
        ARGS("struct weft_server *server", "const char *name",
             wc_format(c, "const struct %s *table", def->service.c_table),
             "void *user"));
    wc_put_call(e, 4, "return weft_server_add",
                ARGS("server", "name",
                     wc_format(c, "&%s_service_desc", def->c_name), "table",
                     "user"),
                ";\n}\n");
}

void
wc_put_service(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e, "\n/* ---- service %s ---- */\n", def->name);
    for (struct wc_function *f = def->service.functions; f; f = f->next) {
        put_stub(e, f);
    }
    for (struct wc_method *m = def->service.methods; m; m = m->next) {
        put_invoke(e, def, m);
        put_method(e, m);
    }
    put_table(e, def);
    put_register(e, def);
}
