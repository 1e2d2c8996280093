/* SPDX-License-Identifier: MIT */
/* Writes services: their methods, and the tables of the server. */
#include "emit/put.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
put_invoke(struct wc_emit *e, const struct wc_def *def,
           const struct wc_method *m)
{
    wc_put(e, "\n");
    wc_put_call(e, 0,
                m->function->oneway ? "WEFT_INVOKE_ONEWAY" : "WEFT_INVOKE",
                ARGS(m->c_stem, def->service.c_table, m->c_slot), "\n");
}

/* Write the descriptor NAME_method; `scope` is "static " or "". */
static void
put_method(struct wc_emit *e, const struct wc_def *def,
           const struct wc_method *m, const char *scope, const char *name)
{
    const struct wc_function *f = m->function;
    wc_put(e, "%sconst struct weft_method %s_method = {\n", scope, name);
    wc_put(e, "    .name = \"%s\",\n    .name_len = %zu,\n", f->name,
           strlen(f->name));
    if (f->oneway)
        wc_put(e, "    .oneway = true,\n");
    if (f->returns->kind == WC_VOID)
        wc_put(e, "    .is_void = true,\n");
    if (f->idempotent)
        wc_put(e, "    .idempotent = true,\n");
    wc_put(e, "    .args = &%s_desc,\n", f->args_def->c_name);
    if (f->result_def != NULL)
        wc_put(e, "    .result = &%s_desc,\n", f->result_def->c_name);
    wc_put(e, "    .invoke = %s_invoke,\n    .service = \"%s\",\n};\n", name,
           def->name);
}

static void
put_table(struct wc_emit *e, const struct wc_def *def, const char *name)
{
    const struct wc_service *s = &def->service;
    bool plain = name == s->c_plain;
    if (s->n_methods > 0) {
        wc_put(e,
               "\nstatic const struct weft_method *const %s_methods[] = "
               "{\n",
               name);
        for (const struct wc_method *m = s->methods; m; m = m->next)
            wc_put(e, "    &%s_method,\n", plain ? m->c_own : m->c_stem);
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

/* Write a local variable that casts the void pointer `from` to a struct. */
static void
put_cast(struct wc_emit *e, const char *scope, const char *type,
         const char *name, const char *from)
{
    wc_put_statement(e, 4,
                     wc_format(e->c, "%sstruct %s *%s =", scope, type, name),
                     wc_format(e->c, "(%sstruct %s *)%s", scope, type, from));
}

/* Write the invoke function of a method whose handler is plain. */
static void
put_plain_invoke(struct wc_emit *e, const struct wc_def *def,
                 const struct wc_method *m, const char *name)
{
    const struct wc_function *f = m->function;
    const char *args[8] = {"call"};
    uint32_t n = 1;
    for (const struct wc_field *a = f->args; a; a = a->next)
        args[n++] = wc_format(e->c, "%sa->%s", wc_record_of(a->type) ? "&" : "",
                              a->c_name);
    if (f->returns->kind != WC_VOID)
        args[n++] = "&r->success";
    args[n] = NULL;
    wc_put(e, "\n");
    wc_put_definition(e, "static weft_err", wc_format(e->c, "%s_invoke", name),
                      ARGS("const void *table", "struct weft_call *call",
                           "const void *args", "void *result"));
    put_cast(e, "const ", def->service.c_plain, "t", "table");
    if (f->args)
        put_cast(e, "const ", f->args_def->c_name, "a", "args");
    else
        wc_put(e, "    (void)args;\n");
    if (f->returns->kind != WC_VOID)
        put_cast(e, "", f->result_def->c_name, "r", "result");
    else
        wc_put(e, "    (void)result;\n");
    wc_put(e, "    if (!t->%s)\n        return WEFT_ENOMETHOD;\n", m->c_slot);
    wc_put_call(e, 4, wc_format(e->c, "return t->%s", m->c_slot), args, ";\n");
    wc_put(e, "}\n");
}

/* Write a second service, whose table holds the plain handlers. */
static void
put_plain_service(struct wc_emit *e, const struct wc_def *def)
{
    const char *name = def->service.c_plain;
    for (const struct wc_method *m = def->service.methods; m; m = m->next) {
        if (m->function->c_plain)
            put_plain_invoke(e, def, m, m->c_own);
        else
            wc_put_call(e, 0,
                        m->function->oneway ? "WEFT_INVOKE_ONEWAY"
                                            : "WEFT_INVOKE",
                        ARGS(m->c_own, name, m->c_slot), "\n");
        put_method(e, def, m, "static ", m->c_own);
    }
    put_table(e, def, name);
}

/* True if the argument needs its `has` bit. With the bit, a struct in which a
 * required field is unset is an error; without the bit, generated code leaves
 * out such a struct. */
static bool
needs_bit(const struct wc_field *f)
{
    const struct wc_def *def = wc_record_of(f->type);
    return f->has_bit >= 0 && def && wc_may_lack(&def->record);
}

/* Write the plain form of a call, in which arguments and result are
 * parameters. */
static void
put_plain(struct wc_emit *e, const struct wc_function *f)
{
    bool has_value = f->returns->kind != WC_VOID;
    const char *args = f->args_def->c_name;
    wc_put(e, "\n");
    wc_put_plain_head(e, f, true);
    wc_put_statement(e, 4, wc_format(e->c, "struct %s args =", args),
                     wc_format(e->c, "%s_defaults()", args));
    if (!f->oneway)
        wc_put(e, "    struct %s outcome;\n", f->result_def->c_name);
    if (f->args == NULL)
        wc_put(e, "    (void)args;\n");
    for (const struct wc_field *a = f->args; a; a = a->next) {
        bool record = wc_record_of(a->type) != NULL;
        wc_put(e, "    args.%s = %s%s;\n", a->c_name, record ? "*" : "",
               wc_parameter(e->c, f, a));
        if (needs_bit(a))
            wc_put(e, "    args.has.%s = 1;\n", a->c_name);
    }
    wc_put_call(e, 4,
                wc_format(e->c, "%s%s",
                          has_value ? "weft_err err = " : "return ", f->c_name),
                f->oneway
                    ? ARGS("client", "arena", "&args", "options")
                    : ARGS("client", "arena", "&args", "&outcome", "options"),
                ";\n");
    if (has_value)
        wc_put(e, "    if (!err)\n        *result = outcome.success;\n"
                  "    return err;\n");
    wc_put(e, "}\n");
}

void
wc_put_service(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e, "\n/* ---- service %s ---- */\n", def->name);
    for (struct wc_function *f = def->service.functions; f; f = f->next) {
        if (f->c_plain)
            put_plain(e, f);
    }
    for (struct wc_method *m = def->service.methods; m; m = m->next) {
        put_invoke(e, def, m);
        put_method(e, def, m, "", m->c_stem);
    }
    put_table(e, def, def->c_name);
    if (e->c->options->plain_handlers)
        put_plain_service(e, def);
}
