/* SPDX-License-Identifier: MIT */
/* Writes the type of a struct, union or exception, and of an enum. */
#include "emit/put.h"

void
wc_put_enum(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e, "\n");
    wc_put_doc(e, 0, def->doc);
    if (def->enums.n_values > 0) {
        wc_put(e, "enum %s {\n", def->c_name);
        for (struct wc_enum_value *v = def->enums.values; v; v = v->next) {
            wc_put_doc(e, 4, v->doc);
            if (v->number == INT32_MIN)
                wc_put(e, "    %s = -2147483647 - 1,\n", v->c_name);
            else
                wc_put(e, "    %s = %d,\n", v->c_name, v->number);
        }
        wc_put(e, "};\n");
    }
    wc_put(e, "extern const struct weft_enum %s_desc;\n", def->c_name);
}

/* The comment of a field: id, requiredness, and the type in the IDL if the C
 * type does not show it. */
static const char *
field_note(struct wc *c, const struct wc_record *r, const struct wc_field *f)
{
    static const char *const needs[] = {"", ", required", ", optional"};
    bool named = f->type->kind == WC_NAMED && !wc_record_of(f->type);
    named = named ||
            (f->type->kind == WC_NAMED && f->type->def->kind == WC_TYPEDEF);
    bool tagged = r->kind == WC_UNION || r->kind == WC_RESULT;
    return wc_format(c, "/* %d%s%s%s */", f->id, named ? ": " : "",
                     named ? f->type->name : "", tagged ? "" : needs[f->need]);
}

static const char *
field_text(struct wc *c, const struct wc_field *f)
{
    const char *type = wc_c_type(c, f->type);
    if (f->boxed)
        type = wc_format(c, "%s *", type);
    return wc_format(c, "%s;", wc_declare(c, type, f->c_name));
}

/* The column at which comments of fields start, if the comment fits in the line
 * at this column. */
static size_t
note_column(struct wc *c, const struct wc_record *r, size_t indent)
{
    size_t column = 0;
    for (const struct wc_field *f = r->fields; f; f = f->next) {
        size_t len = indent + strlen(field_text(c, f));
        size_t note = strlen(field_note(c, r, f));
        if (len + 1 + note <= 80 && len > column)
            column = len;
    }
    return column;
}

static void
put_field(struct wc_emit *e, const struct wc_record *r,
          const struct wc_field *f, size_t indent, size_t column)
{
    const char *text = field_text(e->c, f);
    const char *note = field_note(e->c, r, f);
    size_t len = indent + strlen(text);
    size_t pad = column > len ? column - len : 0;
    if (len + pad + 1 + strlen(note) > 80)
        pad = 0;
    wc_put_doc(e, indent, f->doc);
    if (len + pad + 1 + strlen(note) > 80)
        wc_put(e, "%*s%s\n%*s%s\n", (int)indent, "", note, (int)indent, "",
               text);
    else
        wc_put(e, "%*s%s%*s %s\n", (int)indent, "", text, (int)pad, "", note);
}

static void
put_bits(struct wc_emit *e, const struct wc_record *r)
{
    size_t column = 80;
    const char *separator = "";
    wc_put(e, "    struct {\n");
    for (const struct wc_field *f = r->fields; f; f = f->next) {
        if (f->has_bit < 0)
            continue;
        size_t len = strlen(f->c_name) + 6;
        if (column + len > 80) {
            wc_put(e, "%s        uint32_t", *separator ? ";\n" : "");
            column = 16;
            separator = "";
        }
        wc_put(e, "%s %s : 1", separator, f->c_name);
        column += len;
        separator = ",";
    }
    wc_put(e, ";\n    } has;\n");
}

static void
put_members(struct wc_emit *e, const struct wc_record *r, size_t indent)
{
    size_t column = note_column(e->c, r, indent);
    for (const struct wc_field *f = r->fields; f; f = f->next)
        put_field(e, r, f, indent, column);
}

static void
put_union_members(struct wc_emit *e, const struct wc_record *r)
{
    wc_put(e, "    int32_t which; /* id of the member that is set, or 0 */\n");
    if (r->fields == NULL)
        return;
    wc_put(e, "    union {\n");
    put_members(e, r, 8);
    wc_put(e, "    };\n");
}

static void
put_body(struct wc_emit *e, const struct wc_record *r)
{
    switch (r->kind) {
    case WC_UNION:
        put_union_members(e, r);
        break;
    case WC_RESULT:
        wc_put(e, "    /* 0: success; else the id of the exception, or "
                  "WEFT_RESULT_NONE */\n    int32_t which;\n");
        put_members(e, r, 4);
        break;
    default:
        put_members(e, r, 4);
        if (r->fields == NULL && !r->keeps_unknown)
            wc_put(e, "    char empty; /* C requires a member */\n");
        if (r->n_bits > 0)
            put_bits(e, r);
    }
    if (r->keeps_unknown)
        wc_put(e, "    struct weft_vec_unknown unknown; /* fields that the IDL "
                  "does not have */\n");
}

/* The values of `which` in a union or result. */
static void
put_which(struct wc_emit *e, const struct wc_record *r)
{
    const char *begin = "enum {\n", *end = "";
    for (const struct wc_field *f = r->fields; f; f = f->next) {
        if (f->c_which == NULL)
            continue;
        wc_put(e, "%s    %s = %d,\n", begin, f->c_which, f->id);
        begin = "";
        end = "};\n\n";
    }
    wc_put(e, "%s", end);
}

void
wc_put_struct(struct wc_emit *e, const struct wc_def *def)
{
    wc_put(e, "\n");
    put_which(e, &def->record);
    wc_put_doc(e, 0, def->doc);
    wc_put(e, "struct %s {\n", def->c_name);
    put_body(e, &def->record);
    wc_put(e, "};\n");
}
