/* SPDX-License-Identifier: MIT */
/* Prints definitions as IDL, with their doc comments. */
#include "tool.h"

#include <inttypes.h>

/* ---- comments ---- */

void
wt_put_doc(struct wc *c, struct wc_text *out, const char *doc,
           const char *indent)
{
    if (!doc)
        return;
    if (!strchr(doc, '\n')) {
        wc_text_printf(c, out, "%s/** %s */\n", indent, doc);
        return;
    }
    wc_text_printf(c, out, "%s/**\n", indent);
    while (*doc) {
        size_t len = strcspn(doc, "\n");
        wc_text_printf(c, out, "%s *%s%.*s\n", indent, len > 0 ? " " : "",
                       (int)len, doc);
        doc += len + (doc[len] == '\n');
    }
    wc_text_printf(c, out, "%s */\n", indent);
}

/* ---- values ---- */

static void put_value(struct wc *c, struct wc_text *out,
                      const struct wc_value *value);

static void
put_list(struct wc *c, struct wc_text *out, const struct wc_value *value)
{
    bool is_map = value->kind == WC_MAP_VALUE;
    uint32_t n = 0;
    wc_text_printf(c, out, is_map ? "{" : "[");
    for (const struct wc_value *v = value->items; v; v = v->next, n++) {
        bool is_value = is_map && n % 2 == 1;
        wc_text_printf(c, out, "%s", n == 0 ? "" : is_value ? ": " : ", ");
        put_value(c, out, v);
    }
    wc_text_printf(c, out, is_map ? "}" : "]");
}

/* The parser bounds the depth. */
static void
put_value(struct wc *c, struct wc_text *out, const struct wc_value *value)
{
    char quote;
    switch (value->kind) {
    case WC_INT_VALUE:
        wc_text_printf(c, out, "%" PRId64, value->integer);
        break;
    case WC_DOUBLE_VALUE:
        wc_text_printf(c, out, "%.15g", value->real);
        break;
    case WC_STRING_VALUE:
        quote = memchr(value->text, '"', value->len) ? '\'' : '"';
        wc_text_printf(c, out, "%c%.*s%c", quote, (int)value->len, value->text,
                       quote);
        break;
    case WC_NAME_VALUE:
        wc_text_printf(c, out, "%s", value->text);
        break;
    default:
        put_list(c, out, value);
    }
}

/* ---- fields ---- */

/* The tree has a bool as a number; print it as true or false. */
static void
put_typed(struct wc *c, struct wc_text *out, const struct wc_type *type,
          const struct wc_value *value)
{
    wc_text_printf(c, out, " = ");
    if (wc_real(type)->kind == WC_BOOL && value->kind == WC_INT_VALUE)
        wc_text_printf(c, out, value->integer ? "true" : "false");
    else
        put_value(c, out, value);
}

/* Members of unions and exceptions of a method are always optional, so the word
 * is not written. */
static void
put_field(struct wc *c, struct wc_text *out, const struct wc_field *f,
          bool is_member)
{
    static const char *const needs[] = {"", "required ", "optional "};
    wc_text_printf(c, out, "%d: %s%s %s", (int)f->id,
                   is_member ? "" : needs[f->need], wc_type_text(c, f->type),
                   f->name);
    if (f->value)
        put_typed(c, out, f->type, f->value);
}

static void
put_args(struct wc *c, struct wc_text *out, const struct wc_field *fields,
         bool are_thrown)
{
    wc_text_printf(c, out, "(");
    for (const struct wc_field *f = fields; f; f = f->next) {
        put_field(c, out, f, are_thrown);
        if (f->next)
            wc_text_printf(c, out, ", ");
    }
    wc_text_printf(c, out, ")");
}

void
wt_put_function(struct wc *c, struct wc_text *out, const struct wc_function *f)
{
    wc_text_printf(c, out, "%s%s %s", f->oneway ? "oneway " : "",
                   wc_type_text(c, f->returns), f->name);
    put_args(c, out, f->args, false);
    if (f->throws) {
        wc_text_printf(c, out, " throws ");
        put_args(c, out, f->throws, true);
    }
}

/* ---- definitions ---- */

static void
put_record(struct wc *c, struct wc_text *out, const struct wc_def *def)
{
    wc_text_printf(c, out, "%s %s {\n", wc_def_text(def), def->name);
    for (const struct wc_field *f = def->record.fields; f; f = f->next) {
        wt_put_doc(c, out, f->doc, "  ");
        wc_text_printf(c, out, "  ");
        put_field(c, out, f, def->record.kind == WC_UNION);
        wc_text_printf(c, out, "\n");
    }
    wc_text_printf(c, out, "}\n");
}

static void
put_enum(struct wc *c, struct wc_text *out, const struct wc_def *def)
{
    wc_text_printf(c, out, "enum %s {\n", def->name);
    for (const struct wc_enum_value *v = def->enums.values; v; v = v->next) {
        wt_put_doc(c, out, v->doc, "  ");
        wc_text_printf(c, out, "  %s = %" PRId32 "\n", v->name, v->number);
    }
    wc_text_printf(c, out, "}\n");
}

static void
put_service(struct wc *c, struct wc_text *out, const struct wc_def *def)
{
    wc_text_printf(c, out, "service %s ", def->name);
    if (def->service.extends)
        wc_text_printf(c, out, "extends %s ", def->service.extends);
    wc_text_printf(c, out, "{\n");
    for (const struct wc_function *f = def->service.functions; f; f = f->next) {
        wt_put_doc(c, out, f->doc, "  ");
        wc_text_printf(c, out, "  ");
        wt_put_function(c, out, f);
        wc_text_printf(c, out, "\n");
    }
    wc_text_printf(c, out, "}\n");
}

void
wt_put_def(struct wc *c, struct wc_text *out, const struct wc_def *def)
{
    wt_put_doc(c, out, def->doc, "");
    switch (def->kind) {
    case WC_CONST:
        wc_text_printf(c, out, "const %s %s", wc_type_text(c, def->type),
                       def->name);
        put_typed(c, out, def->type, def->value);
        wc_text_printf(c, out, "\n");
        break;
    case WC_TYPEDEF:
        wc_text_printf(c, out, "typedef %s %s\n", wc_type_text(c, def->type),
                       def->name);
        break;
    case WC_ENUM:
        put_enum(c, out, def);
        break;
    case WC_RECORD:
        put_record(c, out, def);
        break;
    case WC_SERVICE:
        put_service(c, out, def);
        break;
    }
}
