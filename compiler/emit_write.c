/* SPDX-License-Identifier: MIT */
/* Writers: fields in ascending order of their ids. */
#include "emit.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* In compact a bool is in the head. */
static bool
put_head(struct wc_emit *e, const struct wc_field *f, const char *place,
         int indent)
{
    const char *wire = wc_wire_name(f->type);
    if (e->proto->number == 0) {
        wc_put(e, "%*sweft_bin_write_field(w, %s, %d);\n", indent, "", wire,
               f->id);
        return true;
    }
    if (strcmp(wire, "WEFT_BOOL") == 0) {
        wc_put_call(e, (size_t)indent, "weft_compact_write_bool_field",
                    ARGS("w", "&last", wc_format(e->c, "%d", f->id), place),
                    ";\n");
        return false;
    }
    wc_put(e, "%*sweft_compact_write_field(w, &last, %s, %d);\n", indent, "",
           wire, f->id);
    return true;
}

static void
put_value(struct wc_emit *e, const struct wc_field *f, int indent)
{
    const char *place =
        wc_format(e->c, f->boxed ? "*x->%s" : "x->%s", f->c_name);
    const char *value = f->boxed ? wc_format(e->c, "%s_write_%s(w, x->%s)",
                                             wc_record_of(f->type)->c_name,
                                             e->proto->name, f->c_name)
                                 : wc_write_value(e, f->type, place);
    if (put_head(e, f, place, indent))
        wc_put_wrapped(e, (size_t)indent, value);
}

static void
put_field(struct wc_emit *e, const struct wc_field *f)
{
    const char *has = NULL;
    if (f->boxed)
        has = wc_format(e->c, "x->%s", f->c_name);
    else if (f->need == WC_OPTIONAL)
        has = wc_format(e->c, "x->has.%s", f->c_name);
    if (has == NULL) {
        put_value(e, f, 4);
        return;
    }
    wc_put(e, "    if (%s) {\n", has);
    put_value(e, f, 8);
    if (f->need == WC_REQUIRED)
        wc_put(e, "    } else {\n"
                  "        weft_writer_fail(w, WEFT_EREQUIRED);\n");
    wc_put(e, "    }\n");
}

/* A member whose pointer is missing is as bad as an unknown `which`. */
static void
put_member(struct wc_emit *e, const struct wc_record *r,
           const struct wc_field *f)
{
    if (r->kind == WC_RESULT && f->id == 0)
        wc_put(e, "    case WEFT_RESULT_NONE:\n");
    wc_put(e, "    case %d: /* %s */\n", f->id, f->name);
    if (f->boxed)
        wc_put(e,
               "        if (!x->%s) {\n"
               "            weft_writer_fail(w, WEFT_EREQUIRED);\n"
               "            break;\n        }\n",
               f->c_name);
    put_value(e, f, 8);
    wc_put(e, "        break;\n");
}

static void
put_tagged(struct wc_emit *e, const struct wc_record *r)
{
    bool is_void =
        r->kind == WC_RESULT && r->function->returns->kind == WC_VOID;
    wc_put(e, "    switch (x->which) {\n");
    if (r->kind == WC_UNION)
        wc_put(e, "    case 0: /* none */\n        break;\n");
    if (is_void)
        wc_put(e, "    case WEFT_RESULT_NONE:\n    case 0: /* void */\n"
                  "        break;\n");
    for (uint32_t i = 0; i < r->n_fields; i++)
        put_member(e, r, r->by_id[i]);
    wc_put(e, "    default:\n"
              "        weft_writer_fail(w, WEFT_EVALUE);\n"
              "        break;\n    }\n");
}

static void
put_unknown(struct wc_emit *e)
{
    wc_put(e, "    weft_%s_write_unknown(w, %s&x->unknown);\n", e->proto->api,
           e->proto->number == 1 ? "&last, " : "");
}

void
wc_put_write(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    bool tagged = r->kind == WC_UNION || r->kind == WC_RESULT;
    wc_put(e, "\n");
    wc_put_codec_head(e, def, false, true);
    if (r->n_fields > 0 || tagged || r->keeps_unknown)
        wc_put(e, "    const struct %s *x = record;\n", def->c_name);
    else
        wc_put(e, "    (void)record;\n");
    if (e->proto->number == 1 && (r->n_fields > 0 || r->keeps_unknown))
        wc_put(e, "    int16_t last = 0; /* field */\n");
    wc_put(e, "    if (!weft_write_enter(w))\n        return;\n");
    if (tagged) {
        put_tagged(e, r);
    } else {
        for (uint32_t i = 0; i < r->n_fields; i++)
            put_field(e, r->by_id[i]);
    }
    if (r->keeps_unknown)
        put_unknown(e);
    wc_put(e, "    weft_%s_write_stop(w);\n    weft_write_leave(w);\n}\n",
           e->proto->api);
}

/* For structs of other files, which do not know how this one is written. */
void
wc_put_by_table(struct wc_emit *e, const struct wc_def *def)
{
    const char *desc = wc_format(e->c, "&%s_desc", def->c_name);
    const char *proto = e->proto->number == 1 ? "WEFT_COMPACT" : "WEFT_BINARY";
    wc_put(e, "\n");
    wc_put_codec_head(e, def, true, true);
    wc_put_call(e, 4, "return weft_struct_read",
                ARGS(desc, proto, "r", "record"), ";\n}\n\n");
    wc_put_codec_head(e, def, false, true);
    wc_put_call(e, 4, "weft_struct_write", ARGS(desc, proto, "w", "record"),
                ";\n}\n");
}
