/* SPDX-License-Identifier: MIT */
/* Writes the generated C source. Functions in other files write most parts of
 * the source. This file calls these functions in order, and writes the function
 * X_init of each struct X. */
#include "emit/put.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- init ---- */

static void
put_default(struct wc_emit *e, const struct wc_record *r,
            const struct wc_field *f)
{
    const struct wc_def *record = wc_record_of(f->type);
    bool absent = f->boxed && f->need == WC_OPTIONAL;
    if (f->init && r->kind == WC_UNION)
        wc_put(e, "    x->which = %s;\n", f->c_which);
    if (wc_is_set_empty(f)) {
        wc_put(e,
               wc_real(f->type)->element ? "    weft_vec_clear(&x->%s);\n"
                                         : "    x->%s = WEFT_STR(\"\");\n",
               f->c_name);
    } else if (f->init && !wc_const_is_zero(f->init) && !absent) {
        e->casts_const = e->casts_const || f->boxed;
        wc_put(e, "    x->%s = %s;\n", f->c_name,
               f->boxed ? wc_format(e->c, "(struct %s *)&%s", record->c_name,
                                    f->init->object)
                        : wc_expression(e, f->init, strlen(f->c_name) + 6));
    } else if (record && !f->boxed && r->kind != WC_UNION &&
               record->record.needs_init) {
        wc_put(e, "    %s_init(&x->%s);\n", record->c_name, f->c_name);
    }
}

static void
put_default_objects(struct wc_emit *e, const struct wc_def *def)
{
    for (struct wc_field *f = def->record.fields; f; f = f->next) {
        if (f->init != NULL && !(f->boxed && f->need == WC_OPTIONAL))
            wc_put_objects(e, wc_format(e->c, "%s_%s", def->c_name, f->c_name),
                           f->init);
    }
}

static void
put_init(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    put_default_objects(e, def);
    wc_put(e, "\n");
    wc_put_definition(e, "void", wc_format(e->c, "%s_init", def->c_name),
                      ARGS(wc_format(e->c, "struct %s *x", def->c_name)));
    wc_put(e, "    weft_zero(x, sizeof *x);\n");
    if (r->kind == WC_RESULT)
        wc_put(e, "    x->which = WEFT_RESULT_NONE;\n");
    for (struct wc_field *f = r->fields; f; f = f->next)
        put_default(e, r, f);
    wc_put(e, "}\n");
}

/* ---- the whole source ---- */

static void
put_codecs(struct wc_emit *e, const struct wc_def *def)
{
    for (uint32_t i = 0; i < WC_PROTOS; i++) {
        e->proto = &wc_protos[i];
        if (def->record.straight >> i & 1) {
            wc_put_read(e, def);
            wc_put_write(e, def);
        } else if (!wc_is_call(def)) {
            wc_put_by_table(e, def);
        }
    }
}

static void
put_record(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e, "\n/* ---- %s ---- */\n", def->c_name);
    if (def->record.needs_init)
        put_init(e, def);
    put_codecs(e, def);
    wc_put_descriptor(e, def);
}

static void
put_calls(struct wc_emit *e, const struct wc_def *def)
{
    for (struct wc_function *f = def->service.functions; f; f = f->next) {
        put_record(e, f->args_def);
        if (f->result_def != NULL)
            put_record(e, f->result_def);
    }
    wc_put_service(e, def);
}

static void
put_all(struct wc_emit *e, struct wc_file *file)
{
    for (struct wc_use *use = file->uses; use; use = use->next)
        wc_put_container_functions(e, use);
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_ENUM)
            wc_put_enum_descriptor(e, def);
        if (def->kind == WC_CONST)
            wc_put_const(e, def);
    }
    for (struct wc_def *d = file->first_record; d; d = d->record.after)
        put_record(e, d);
    for (struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind != WC_SERVICE)
            continue;
        if (e->c->options->embed_idl && e->n_idl == 0)
            e->n_idl = wc_put_idl(e);
        put_calls(e, def);
    }
}

/* Insert, at offset `at` before the code, the #include and the #pragma that the
 * code needs. */
static void
put_prologue(struct wc_emit *e, size_t at)
{
    static const char math[] = "\n#include <math.h>\n";
    static const char cast[] =
        "\n#ifdef __GNUC__ /* shared defaults are const, views of them are not "
        "*/"
        "\n#pragma GCC diagnostic ignored \"-Wcast-qual\"\n#endif\n";
    struct wc_text *out = e->out;
    const char *text = wc_format(e->c, "%s%s", e->needs_math ? math : "",
                                 e->casts_const ? cast : "");
    size_t n = strlen(text);
    if (n == 0)
        return;
    wc_text_add(e->c, out, text, n); /* only makes room; overwritten below */
    memmove(out->ptr + at + n, out->ptr + at, out->len - at - n);
    memcpy(out->ptr + at, text, n);
}

void
wc_emit_source(struct wc *c, struct wc_file *file, struct wc_text *out)
{
    struct wc_emit e = {.c = c, .file = file, .out = out};
    wc_look_from(c, file);
    wc_put(&e,
           "/* Made by weftc " WC_VERSION " from %s.thrift; edit that. */\n"
           "#include \"%s.h\"\n",
           file->stem, file->output);
    size_t at = out->len;
    put_all(&e, file);
    put_prologue(&e, at);
}
