/* SPDX-License-Identifier: MIT */
/* Generates the functions that write records, with fields in ascending order of
 * their ids. The generated functions keep the position and the end of the
 * writer's room in registers (struct weft_room), and ask for room once for
 * several numbers in a row. */
#include "emit/put.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Most bytes to ask for at once. If less is left in a block, the rest stays
 * unused. */
#define MOST_AT_ONCE 64u

/* ---- numbers and strings ---- */

/* Write the call weft_<api>_put_<verb>([w, ]&out, [&last, ][wire, ]id[,
 * value]), which writes the head of a field; put_bool_field and put_str_field
 * write the value, too. */
static void
put_head(struct wc_emit *e, int indent, const char *verb,
         const struct wc_field *f, const char *wire, const char *value)
{
    const char *args[7];
    uint32_t n = 0;
    if (strcmp(verb, "head") == 0 || strcmp(verb, "str_field") == 0)
        args[n++] = "w"; /* the function may ask the writer for more room */
    args[n++] = "&out";
    if (e->proto->has_last)
        args[n++] = "&last";
    if (wire != NULL)
        args[n++] = wire;
    args[n++] = wc_format(e->c, "%d", f->id);
    args[n++] = value;
    args[n] = NULL;
    wc_put_call(e, (size_t)indent,
                wc_format(e->c, "weft_%s_put_%s", e->proto->api, verb), args,
                ";\n");
}

/* The most bytes of a field with its head; 0 if there is no limit. */
static uint32_t
room_for_field(const struct wc_emit *e, const struct wc_field *f)
{
    uint32_t room = wc_room_for(e, f->type);
    return room ? e->proto->head + room : 0;
}

static void
put_fixed(struct wc_emit *e, const struct wc_field *f, int indent)
{
    const char *place = wc_format(e->c, "x->%s", f->c_name);
    if (wc_is_in_head(e, f->type)) {
        put_head(e, indent, "bool_field", f, NULL, place);
        return;
    }
    put_head(e, indent, "field", f, wc_wire_name(f->type), NULL);
    wc_put_wrapped(e, (size_t)indent, wc_write_value(e, f->type, place));
}

static void
put_ready(struct wc_emit *e, int indent, uint32_t bytes)
{
    wc_put(e, "%*sif (weft_room_ready(w, &out, %u)) {\n", indent, "", bytes);
}

/* Write a call that uses the writer itself. WEFT_VIA_WRITER ends the room
 * before the call and begins a new room after the call. */
static void
put_call(struct wc_emit *e, int indent, const char *call)
{
    wc_put_call(e, (size_t)indent, "WEFT_VIA_WRITER", ARGS(call), ";\n");
}

/* Write a field of a base type. */
static void
put_in_room(struct wc_emit *e, const struct wc_field *f, int indent)
{
    uint32_t room = room_for_field(e, f);
    if (room == 0) {
        put_head(e, indent, "str_field", f, NULL,
                 wc_format(e->c, "x->%s", f->c_name));
        return;
    }
    put_ready(e, indent, room);
    put_fixed(e, f, indent + 4);
    wc_put(e, "%*s}\n", indent, "");
}

/* True if the field is always written and has a bounded size. */
static bool
is_plain(const struct wc_emit *e, const struct wc_field *f)
{
    return f->need != WC_OPTIONAL && wc_room_for(e, f->type) > 0;
}

/* Write plain fields from number i on. Returns the number of the first field
 * that this function has not written. */
static uint32_t
put_row(struct wc_emit *e, const struct wc_record *r, uint32_t i)
{
    uint32_t end = i, bytes = 0;
    while (end < r->n_fields && is_plain(e, r->by_id[end]) &&
           bytes < MOST_AT_ONCE)
        bytes += room_for_field(e, r->by_id[end++]);
    put_ready(e, 4, bytes);
    for (; i < end; i++)
        put_fixed(e, r->by_id[i], 8);
    wc_put(e, "    }\n");
    return end;
}

/* ---- fields ---- */

/* The condition that the union in a field has a member. The code that uses the
 * condition has checked that a pointer to the union is not NULL. */
static const char *
has_member(struct wc_emit *e, const struct wc_field *f)
{
    const char *to = f->boxed ? "->" : ".";
    if (!wc_record_of(f->type)->record.keeps_unknown)
        return wc_format(e->c, "x->%s%swhich", f->c_name, to);
    return wc_format(e->c, "(x->%s%swhich || x->%s%sunknown.len)", f->c_name,
                     to, f->c_name, to);
}

static void
put_value(struct wc_emit *e, const struct wc_field *f, int indent)
{
    if (wc_is_in_run(f->type)) {
        put_in_room(e, f, indent);
        return;
    }
    const char *place =
        wc_format(e->c, f->boxed ? "*x->%s" : "x->%s", f->c_name);
    const char *value = f->boxed ? wc_format(e->c, "%s_write_%s(w, x->%s)",
                                             wc_record_of(f->type)->c_name,
                                             e->proto->name, f->c_name)
                                 : wc_write_value(e, f->type, place);
    put_head(e, indent, "head", f, wc_wire_name(f->type), NULL);
    put_call(e, indent, value);
}

/* The C condition under which a field is written: the field is present, and is
 * not a union without a member. NULL: the field is always written. */
static const char *
presence(struct wc_emit *e, const struct wc_field *f)
{
    struct wc *c = e->c;
    const struct wc_def *def = wc_record_of(f->type);
    const char *has = NULL;
    if (f->need == WC_REQUIRED)
        return NULL; /* put_checks has written a check */
    if (f->boxed)
        has = wc_format(c, "x->%s", f->c_name);
    else if (f->need == WC_OPTIONAL)
        has = wc_format(c, "x->has.%s", f->c_name);
    if (has == NULL && def && wc_may_lack(&def->record))
        return wc_format(c,
                         "x->has.%s || !weft_write_leaves_out(&%s_desc, "
                         "&x->%s)",
                         f->c_name, def->c_name, f->c_name);
    if (def == NULL || def->record.kind != WC_UNION || wc_begins_with_member(f))
        return has;
    const char *member = has_member(e, f);
    return has ? wc_format(c, "%s && %s", has, member) : member;
}

static void
put_field(struct wc_emit *e, const struct wc_field *f)
{
    const char *has = presence(e, f);
    if (has == NULL) {
        put_value(e, f, 4);
        return;
    }
    uint32_t room = wc_is_in_run(f->type) ? room_for_field(e, f) : 0;
    if (room > 0) {
        wc_put(e, "    if (%s && weft_room_ready(w, &out, %u)) {\n", has, room);
        put_fixed(e, f, 8);
        wc_put(e, "    }\n");
        return;
    }
    wc_put(e, "    if (%s) {\n", has);
    put_value(e, f, 8);
    wc_put(e, "    }\n");
}

/* ---- required fields that are not set ---- */

/* The condition that a required field is not set; NULL: the field is always
 * set. */
static const char *
absence(struct wc_emit *e, const struct wc_field *f)
{
    const struct wc_def *def = wc_record_of(f->type);
    bool is_union = def && def->record.kind == WC_UNION;
    if (f->boxed && is_union)
        return wc_format(e->c, "!x->%s || !%s", f->c_name, has_member(e, f));
    if (f->boxed)
        return wc_format(e->c, "!x->%s", f->c_name);
    if (is_union)
        return wc_format(e->c, "!%s", has_member(e, f));
    if (!wc_has_pointer(f->type))
        return NULL;
    return wc_format(e->c, "!x->%s.%s", f->c_name,
                     wc_is_container(f->type) ? "items" : "ptr");
}

/* The condition that at least one required field of the record is not set;
 * NULL: all required fields are always set. */
static const char *
absences(struct wc_emit *e, const struct wc_record *r)
{
    const char *tests = NULL;
    for (uint32_t i = 0; i < r->n_fields; i++) {
        const struct wc_field *f = r->by_id[i];
        const char *test = f->need == WC_REQUIRED ? absence(e, f) : NULL;
        if (test && tests)
            tests =
                wc_format(e->c, "%s ||\n                      %s", tests, test);
        else if (test)
            tests = test;
    }
    return tests;
}

/* Write one test of all required fields. If a field is not set, the library
 * finds out which field is not set. */
static void
put_checks(struct wc_emit *e, const struct wc_def *def)
{
    const char *tests = absences(e, &def->record);
    if (tests)
        wc_put(e,
               "    if (WEFT_UNLIKELY(%s)) {\n"
               "        weft_write_refuse(w, &%s_desc, x);\n"
               "        return;\n    }\n",
               tests, def->c_name);
}

/* Write the case of one member. A member whose pointer is NULL is an error,
 * like an unknown `which`. */
static void
put_member(struct wc_emit *e, const struct wc_record *r,
           const struct wc_field *f)
{
    if (r->kind == WC_RESULT && f->id == 0)
        wc_put(e, "    case WEFT_RESULT_NONE:\n");
    wc_put(e, "    case %d: /* %s */\n", f->id, f->name);
    if (f->boxed) {
        wc_put(e, "        if (!x->%s) {\n", f->c_name);
        put_call(e, 12, "weft_writer_fail(w, WEFT_EREQUIRED)");
        wc_put(e, "            break;\n        }\n");
    }
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
    wc_put(e, "    default:\n");
    put_call(e, 8, "weft_writer_fail(w, WEFT_EVALUE)");
    wc_put(e, "        break;\n    }\n");
}

static void
put_unknown(struct wc_emit *e)
{
    put_call(e, 4,
             wc_format(e->c, "weft_%s_write_unknown(w, %s&x->unknown)",
                       e->proto->api, e->proto->has_last ? "&last, " : ""));
}

static void
put_fields(struct wc_emit *e, const struct wc_record *r)
{
    for (uint32_t i = 0; i < r->n_fields;) {
        if (is_plain(e, r->by_id[i]))
            i = put_row(e, r, i);
        else
            put_field(e, r->by_id[i++]);
    }
}

static void
put_end(struct wc_emit *e)
{
    wc_put(e, "    weft_%s_put_stop(w, &out);\n", e->proto->api);
    wc_put_room(e, 4, false);
    wc_put(e, "    weft_write_leave(w);\n}\n");
}

void
wc_put_write(struct wc_emit *e, const struct wc_def *def)
{
    const struct wc_record *r = &def->record;
    bool tagged = r->kind == WC_UNION || r->kind == WC_RESULT;
    wc_put(e, "\n");
    wc_put_codec_head(e, def, false);
    if (r->n_fields > 0 || tagged || r->keeps_unknown)
        wc_put(e, "    const struct %s *x = record;\n", def->c_name);
    else
        wc_put(e, "    (void)record;\n");
    if (e->proto->has_last && (r->n_fields > 0 || r->keeps_unknown))
        wc_put(e, "    int16_t last = 0; /* id of the last field */\n");
    put_checks(e, def);
    wc_put(e, "    if (!weft_write_enter(w))\n        return;\n"
              "    struct weft_room out = weft_room_begin(w);\n");
    if (tagged) {
        put_tagged(e, r);
    } else {
        put_fields(e, r);
    }
    if (r->keeps_unknown)
        put_unknown(e);
    put_end(e);
}

/* Write the functions of a struct without straight-line code. Structs of other
 * files may contain this struct, and their straight-line code calls these
 * functions. */
void
wc_put_by_table(struct wc_emit *e, const struct wc_def *def)
{
    const char *desc = wc_format(e->c, "&%s_desc", def->c_name);
    const char *proto = e->proto->word;
    wc_put(e, "\n");
    wc_put_codec_head(e, def, true);
    wc_put_call(e, 4, "return weft_struct_read",
                ARGS(desc, proto, "r", "record"), ";\n}\n\n");
    wc_put_codec_head(e, def, false);
    wc_put_call(e, 4, "weft_struct_write", ARGS(desc, proto, "w", "record"),
                ";\n}\n");
}
