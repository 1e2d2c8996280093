/* SPDX-License-Identifier: MIT */
/* The header: a table of contents of the file's types. */
#include "emit.h"

/* ---- the frame ---- */

static void
put_banner(struct wc_emit *e)
{
    wc_put(e, "/* Made by weftc " WC_VERSION " from %s.thrift; edit that. */\n",
           e->file->stem);
    wc_put_doc(e, 0, e->file->doc);
}

static const char rules[] =
    "/*\n"
    " * Who owns what: strings are views, and lists and boxed structs are\n"
    " * pointers, into the message or the arena that a struct was read with, "
    "or\n"
    " * into what you put there; they must live as long as the struct is "
    "used.\n"
    " * Defaults are shared by all and must not be written to.\n"
    " *\n"
    " * Of every struct X (for arguments and results: the first, and X_desc):\n"
    " *   X_init    everything zero, then the defaults of the IDL; a union "
    "with a\n"
    " *             default begins as that member\n"
    " *   X_read    one struct in binary; unknown fields are passed over\n"
    " *   X_write   one struct in binary; errors stick in the writer\n"
    " *   X_copy    a deep copy that shares nothing with its source\n"
    " *   X_equal   equal values, whatever the order in sets and maps\n"
    " *   X_hash    a number that equal values share\n"
    " *   X_print   one line for people\n"
    " *   X_desc    for weft_struct_read and weft_struct_write, in any "
    "protocol\n"
    " * Of every map: X_get finds the value of a key, or NULL.\n"
    " * A bit of `has` says that its field was read, or is to be written if "
    "it\n"
    " * is optional; X_set_field sets it with its value. Pointers to structs "
    "say\n"
    " * the same by being there.\n"
    " */\n";

static void
put_guard_name(struct wc_emit *e)
{
    const char *p = e->file->stem;
    if (*p >= '0' && *p <= '9')
        wc_put(e, "N");
    for (; *p; p++) {
        bool lower = *p >= 'a' && *p <= 'z';
        bool other = (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        wc_put(e, "%c", lower ? *p - 'a' + 'A' : other ? *p : '_');
    }
    wc_put(e, "_THRIFT_H");
}

static bool
has_services(const struct wc_file *file)
{
    for (const struct wc_def *def = file->defs; def; def = def->next) {
        if (def->kind == WC_SERVICE)
            return true;
    }
    return false;
}

static void
put_opening(struct wc_emit *e)
{
    wc_put(e, "#ifndef ");
    put_guard_name(e);
    wc_put(e, "\n#define ");
    put_guard_name(e);
    wc_put(e, "\n\n#include <weft/codec.h>\n");
    if (has_services(e->file))
        wc_put(e, "#include <weft/rpc.h>\n");
    const char *blank = "\n";
    for (const struct wc_include *i = e->file->includes; i; i = i->next) {
        if (i->file != NULL)
            wc_put(e, "%s#include \"%s.h\"\n", blank, i->file->stem);
        blank = "";
    }
    wc_put(e, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
}

/* ---- enums ---- */

static void
put_enum(struct wc_emit *e, const struct wc_def *def)
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

/* ---- structs ---- */

/* What a reader wants to know beside the name: id, need, and the IDL's type
 * where the C type does not say it. */
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

/* Comments stand in one column, if no field without doc is too long for it. */
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
        wc_put(e, "    /* 0: success, the id of what was thrown, or "
                  "WEFT_RESULT_NONE */\n    int32_t which;\n");
        put_members(e, r, 4);
        break;
    default:
        put_members(e, r, 4);
        if (r->fields == NULL && !r->keeps_unknown)
            wc_put(e, "    char empty; /* C wants a member */\n");
        if (r->n_bits > 0)
            put_bits(e, r);
    }
    if (r->keeps_unknown)
        wc_put(e, "    struct weft_vec_unknown unknown; /* fields that the IDL "
                  "does not know */\n");
}

/* The numbers that `which` of a union or result can have. */
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

/* ---- the whole ---- */

static void
put_records(struct wc_emit *e)
{
    for (struct wc_def *d = e->file->first_record; d; d = d->record.after) {
        wc_put_struct(e, d);
        wc_put(e, "\n");
        wc_put_prototypes(e, d);
    }
}

static void
put_each(struct wc_emit *e, enum wc_def_kind kind,
         void (*put)(struct wc_emit *, const struct wc_def *))
{
    for (struct wc_def *def = e->file->defs; def; def = def->next) {
        if (def->kind == kind)
            put(e, def);
    }
}

/* A service's table needs the functions of its ancestors, which may be defined
 * further down: all functions come first. */
void
wc_emit_header(struct wc *c, struct wc_file *file, struct wc_text *out)
{
    struct wc_emit e = {.c = c, .file = file, .out = out};
    put_banner(&e);
    wc_put(&e, "%s", rules);
    put_opening(&e);
    put_each(&e, WC_ENUM, put_enum);
    wc_put_containers(&e);
    put_records(&e);
    wc_put_items(&e);
    put_each(&e, WC_CONST, wc_put_const_declaration);
    put_each(&e, WC_SERVICE, wc_put_functions);
    put_each(&e, WC_SERVICE, wc_put_service_type);
    wc_put_codecs(&e);
    wc_put(&e, "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}
