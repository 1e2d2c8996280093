/* SPDX-License-Identifier: MIT */
/* Writers: fields in ascending order of their ids. */
#include "emit.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
put_value(struct wc_emit *e, const struct wc_field *f, int indent)
{
    const char *place =
        wc_format(e->c, f->boxed ? "*x->%s" : "x->%s", f->c_name);
    const char *value =
        f->boxed ? wc_format(e->c, "%s_write(w, x->%s)",
                             wc_record_of(f->type)->c_name, f->c_name)
                 : wc_write_value(e, f->type, place);
    wc_put(e, "%*sweft_bin_write_field(w, %s, %d);\n", indent, "",
           wc_wire_name(f->type), f->id);
    wc_put(e, "%*s%s;\n", indent, "", value);
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

void
wc_put_write(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    wc_put(e, "\n");
    wc_put_definition(e, "void", wc_format(e->c, "%s_write", def->c_name),
                      ARGS("struct weft_writer *w", wc_self(e->c, def, true)));
    if (wc_is_call(def) && r->n_fields + (r->kind == WC_RESULT) > 0)
        wc_put(e, "    const struct %s *x = record;\n", def->c_name);
    else if (r->n_fields == 0 && r->kind != WC_UNION)
        wc_put(e, "    (void)%s;\n", wc_is_call(def) ? "record" : "x");
    wc_put(e, "    if (!weft_write_enter(w))\n        return;\n");
    if (r->kind == WC_UNION || r->kind == WC_RESULT) {
        put_tagged(e, r);
    } else {
        for (uint32_t i = 0; i < r->n_fields; i++)
            put_field(e, r->by_id[i]);
    }
    wc_put(e, "    weft_bin_write_stop(w);\n    weft_write_leave(w);\n}\n");
}
