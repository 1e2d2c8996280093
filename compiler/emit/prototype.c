/* SPDX-License-Identifier: MIT */
/* Writes the rest of the header: prototypes, containers, services. */
#include "emit/put.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- functions of a struct ---- */

static void
put_setters(struct wc_emit *e, const struct wc_def *def)
{
    for (struct wc_field *f = def->record.fields; f; f = f->next) {
        if (f->c_set == NULL)
            continue;
        const char *type = wc_c_type(e->c, f->type);
        const char *mark = def->record.kind == WC_UNION
                               ? wc_format(e->c, "which = %s", f->c_which)
                               : wc_format(e->c, "has.%s = 1", f->c_name);
        wc_put_call(e, 0, "WEFT_SETTER",
                    ARGS(f->c_set, def->c_name, mark, f->c_name,
                         f->boxed ? wc_format(e->c, "%s *", type) : type),
                    "\n");
    }
}

void
wc_put_prototypes(struct wc_emit *e, const struct wc_def *def)
{
    const char *name = def->c_name;
    if (def->record.needs_init)
        wc_put_declaration(e, "void", wc_format(e->c, "%s_init", name),
                           ARGS(wc_format(e->c, "struct %s *x", name)));
    else
        wc_put(e, "WEFT_ZERO_INIT(%s)\n", name);
    wc_put(e, "%s(%s)\n", wc_is_call(def) ? "WEFT_CALL_STRUCT" : "WEFT_STRUCT",
           name);
    if (!wc_is_call(def))
        put_setters(e, def);
}

/* ---- the straight-line code ---- */

void
wc_put_codec_head(struct wc_emit *e, const struct wc_def *def, bool read)
{
    const char *name = wc_format(e->c, "%s_%s_%s", def->c_name,
                                 read ? "read" : "write", e->proto->name);
    const char *const *args =
        read ? ARGS("struct weft_reader *r", "void *record")
             : ARGS("struct weft_writer *w", "const void *record");
    wc_put_definition(e,
                      wc_format(e->c, "%s%s", wc_is_call(def) ? "static " : "",
                                read ? "weft_err" : "void"),
                      name, args);
}

/* ---- containers ---- */

/* True if an item of the map holds a struct that this header defines after the
 * map. */
static bool
waits_for_record(const struct wc_file *file, const struct wc_type *real)
{
    const struct wc_def *key = wc_record_of(real->key);
    const struct wc_def *value = wc_record_of(real->element);
    return (key && key->file == file) || (value && value->file == file);
}

static void
put_item(struct wc_emit *e, const struct wc_container *k)
{
    struct wc *c = e->c;
    wc_put(e, "struct %s_item {\n    %s;\n    %s;\n};\n", k->c_name,
           wc_declare(c, wc_c_type(c, k->type->key), "key"),
           wc_declare(c, wc_c_type(c, k->type->element), "value"));
}

static void
put_vec(struct wc_emit *e, const struct wc_container *k)
{
    const char *item = k->type->kind == WC_MAP
                           ? wc_format(e->c, "struct %s_item", k->c_name)
                           : wc_c_type(e->c, k->type->element);
    wc_put(e, "struct %s {\n    %s *items;\n    uint32_t len, cap;\n};\n",
           k->c_name, item);
}

/* The C expression that tests whether an item has the key; NULL if the key is a
 * container. */
static const char *
key_test(struct wc *c, const struct wc_type *key)
{
    const struct wc_def *record = wc_record_of(key);
    if (record != NULL)
        return wc_format(c, "%s_equal(&map->items[i].key, key)",
                         record->c_name);
    switch (wc_real(key)->kind) {
    case WC_LIST:
    case WC_SET:
    case WC_MAP:
        return NULL;
    case WC_STRING:
    case WC_BINARY:
        return "weft_str_eq(map->items[i].key, key)";
    case WC_UUID:
        return "memcmp(&map->items[i].key, &key, sizeof key) == 0";
    default:
        return "map->items[i].key == key";
    }
}

/* Write the function that finds a key. A peer can send a key twice; the last
 * item counts, as in other languages. */
static void
put_get(struct wc_emit *e, const struct wc_container *k)
{
    struct wc *c = e->c;
    const char *test = key_test(c, k->type->key);
    const char *key = wc_c_type(c, k->type->key);
    const char *value = wc_c_type(c, k->type->element);
    if (test == NULL)
        return;
    if (wc_record_of(k->type->key))
        key = wc_format(c, "const %s *", key);
    wc_put_definition(e, wc_format(c, "static inline %s *", value),
                      wc_format(c, "%s_get", k->c_name),
                      ARGS(wc_format(c, "const struct %s *map", k->c_name),
                           wc_declare(c, key, "key")));
    wc_put(e,
           "    for (uint32_t i = map->len; i-- > 0;) {\n"
           "        if (%s)\n"
           "            return &map->items[i].value;\n"
           "    }\n    return NULL;\n}\n",
           test);
}

/* Write the types of a container and its items, each inside an #ifndef, because
 * another header can define the same type. */
static void
put_guarded(struct wc_emit *e, const struct wc_container *k, bool container,
            bool item)
{
    const char *what = container ? "" : "_item";
    wc_put(e, "\n#ifndef WEFT_HAS_%s%s\n#define WEFT_HAS_%s%s\n", k->c_name,
           what, k->c_name, what);
    if (item)
        put_item(e, k);
    if (container)
        put_vec(e, k);
    if (item)
        put_get(e, k);
    wc_put(e, "#endif\n");
}

void
wc_put_containers(struct wc_emit *e)
{
    struct wc_container *k = e->file->containers;
    for (; k; k = k->next) {
        bool is_map = k->type->kind == WC_MAP;
        put_guarded(e, k, true, is_map && !waits_for_record(e->file, k->type));
    }
}

void
wc_put_items(struct wc_emit *e)
{
    struct wc_container *k = e->file->containers;
    for (; k; k = k->next) {
        if (k->type->kind == WC_MAP && waits_for_record(e->file, k->type))
            put_guarded(e, k, false, true);
    }
}

/* ---- services ---- */

static const char *
result_argument(struct wc *c, const struct wc_function *f)
{
    return f->result_def
               ? wc_format(c, "struct %s *result", f->result_def->c_name)
               : NULL;
}

static const char *
args_argument(struct wc *c, const struct wc_function *f)
{
    return wc_format(c, "const struct %s *args", f->args_def->c_name);
}

/* Write the call `name`. The call of an inherited function has the name of the
 * service that inherits. */
static void
put_stub(struct wc_emit *e, const struct wc_function *f, const char *name,
         const char *stem)
{
    const char *result = f->result_def ? f->result_def->c_name : NULL;
    wc_put_call(e, 0, result ? "WEFT_STUB" : "WEFT_ONEWAY_STUB",
                ARGS(name, stem, f->args_def->c_name, result), "\n");
}

static bool
is_argument(const struct wc_function *f, const char *name)
{
    for (const struct wc_field *a = f->args; a; a = a->next) {
        if (strcmp(a->c_name, name) == 0)
            return true;
    }
    return false;
}

/* True if the plain function or the handler uses the name for something
 * else. */
static bool
is_used(struct wc *c, const struct wc_function *f, const char *name)
{
    static const char *const own[] = {"client",  "arena", "result",  "call",
                                      "options", "args",  "outcome", "err"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(name, own[i]) == 0)
            return true;
    return strcmp(name, f->c_name) == 0 ||
           strcmp(name, wc_format(c, "%s_defaults", f->args_def->c_name)) == 0;
}

/* The name of the parameter for an argument. The parameter's name differs from
 * all other names in the function. */
const char *
wc_parameter(struct wc *c, const struct wc_function *f,
             const struct wc_field *a)
{
    const char *name = a->c_name;
    if (!is_used(c, f, name))
        return name;
    do
        name = wc_format(c, "%s_", name);
    while (is_argument(f, name));
    return name;
}

/* The declaration of the parameter for an argument: structs are passed by
 * pointer, all other values by value. */
static const char *
parameter(struct wc *c, const struct wc_function *f, const struct wc_field *a)
{
    const char *type = wc_c_type(c, a->type);
    if (wc_record_of(a->type))
        type = wc_format(c, "const %s *", type);
    return wc_declare(c, type, wc_parameter(c, f, a));
}

void
wc_put_plain_head(struct wc_emit *e, const struct wc_function *f,
                  bool is_definition)
{
    struct wc *c = e->c;
    const char *args[9] = {"struct weft_client *client",
                           "struct weft_arena *arena"};
    uint32_t n = 2;
    for (const struct wc_field *a = f->args; a; a = a->next)
        args[n++] = parameter(c, f, a);
    if (f->returns->kind != WC_VOID)
        args[n++] = wc_format(c, "%s *result", wc_c_type(c, f->returns));
    args[n++] = "const struct weft_call_options *options";
    args[n] = NULL;
    (is_definition ? wc_put_definition : wc_put_declaration)(e, "weft_err",
                                                             f->c_plain, args);
}

static void
put_function(struct wc_emit *e, struct wc_function *f)
{
    struct wc *c = e->c;
    wc_put_struct(e, f->args_def);
    if (f->result_def != NULL)
        wc_put_struct(e, f->result_def);
    wc_put(e, "\n");
    wc_put_doc(e, 0, f->doc);
    put_stub(e, f, f->c_name, f->c_stem);
    if (f->c_plain)
        wc_put_plain_head(e, f, false);
    for (struct wc_field *t = f->throws; t; t = t->next)
        wc_put_call(e, 0, "WEFT_THROWER",
                    ARGS(t->c_set, f->result_def->c_name, t->c_which, t->c_name,
                         wc_c_type(c, t->type)),
                    "\n");
    wc_put_prototypes(e, f->args_def);
    if (f->result_def != NULL)
        wc_put_prototypes(e, f->result_def);
}

static void
put_slot(struct wc_emit *e, const struct wc_method *m)
{
    struct wc *c = e->c;
    wc_put_call(e, 4, wc_format(c, "weft_err (*%s)", m->c_slot),
                ARGS("struct weft_call *call", args_argument(c, m->function),
                     result_argument(c, m->function)),
                ";\n");
}

static void
put_table(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e, "\n");
    wc_put_doc(e, 0, def->doc);
    wc_put(e, "struct %s {\n", def->service.c_table);
    for (struct wc_method *m = def->service.methods; m; m = m->next) {
        wc_put_doc(e, 4, m->function->doc);
        put_slot(e, m);
    }
    if (def->service.methods == NULL)
        wc_put(e, "    char empty; /* C requires a member */\n");
    wc_put(e, "};\n");
}

/* Write the type of a plain handler, which takes `call` first and `result`
 * last. */
static void
put_plain_slot(struct wc_emit *e, const struct wc_method *m)
{
    struct wc *c = e->c;
    const struct wc_function *f = m->function;
    const char *args[8] = {"struct weft_call *call"};
    uint32_t n = 1;
    for (const struct wc_field *a = f->args; a; a = a->next)
        args[n++] = parameter(c, f, a);
    if (f->returns->kind != WC_VOID)
        args[n++] = wc_format(c, "%s *result", wc_c_type(c, f->returns));
    args[n] = NULL;
    wc_put_call(e, 4, wc_format(c, "weft_err (*%s)", m->c_slot), args, ";\n");
}

/* Write the table of plain handlers. In this table, functions without a plain
 * form have a handler that takes structs. */
static void
put_plain_table(struct wc_emit *e, const struct wc_def *def)
{
    const char *name = def->service.c_plain;
    wc_put(e, "\nstruct %s {\n", name);
    for (const struct wc_method *m = def->service.methods; m; m = m->next) {
        if (m->function->c_plain)
            put_plain_slot(e, m);
        else
            put_slot(e, m);
    }
    if (def->service.methods == NULL)
        wc_put(e, "    char empty; /* C requires a member */\n");
    wc_put(e, "};\n\n");
    wc_put_call(e, 0, "WEFT_SERVICE", ARGS(name, name), "\n");
}

void
wc_put_functions(struct wc_emit *e, const struct wc_def *def)
{
    for (struct wc_function *f = def->service.functions; f; f = f->next)
        put_function(e, f);
}

void
wc_put_service_type(struct wc_emit *e, const struct wc_def *def)
{
    put_table(e, def);
    wc_put(e, "\n");
    wc_put_call(e, 0, "WEFT_SERVICE", ARGS(def->c_name, def->service.c_table),
                "\n");
    for (const struct wc_method *m = def->service.methods; m; m = m->next) {
        if (m->inherited)
            put_stub(e, m->function, m->c_name, m->c_stem);
    }
    if (e->c->options->plain_handlers)
        put_plain_table(e, def);
}
