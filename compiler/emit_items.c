/* SPDX-License-Identifier: MIT */
/* Values in straight-line code, and the functions of containers. */
#include "emit.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

const struct wc_proto wc_protos[WC_PROTOS] = {{"bin", "binary", 0},
                                              {"compact", "compact", 1}};

/* ---- values ---- */

/* In the order of enum wc_type_kind. */
static const char *const words[] = {"",    "bool",   "i8",  "i16", "i32",
                                    "i64", "double", "str", "str", "uuid"};

static const char *
word_of(const struct wc_type *type)
{
    return wc_enum_of(type) ? "i32" : words[wc_real(type)->kind];
}

static const char *
use_name(struct wc_emit *e, const struct wc_type *real, bool read)
{
    const struct wc_use *use =
        wc_map_get(&e->file->used, real->container->c_name);
    return read ? use->read[e->proto->number] : use->write[e->proto->number];
}

bool
wc_is_container(const struct wc_type *type)
{
    return wc_real(type)->element != NULL;
}

const char *
wc_read_value(struct wc_emit *e, const struct wc_type *type, const char *place,
              const char *fits)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *record = wc_record_of(real);
    if (record != NULL)
        return wc_format(e->c, "%s_read_%s(r, &%s)", record->c_name,
                         e->proto->name, place);
    if (real->element != NULL)
        return wc_format(e->c, "%s(r, &%s, &%s)", use_name(e, real, true),
                         place, fits);
    return wc_format(e->c, "weft_%s_read_%s(r, &%s)", e->proto->api,
                     word_of(type), place);
}

const char *
wc_write_value(struct wc_emit *e, const struct wc_type *type, const char *place)
{
    const struct wc_type *real = wc_real(type);
    const struct wc_def *record = wc_record_of(real);
    if (record != NULL)
        return wc_format(e->c, "%s_write_%s(w, &%s)", record->c_name,
                         e->proto->name, place);
    if (real->element != NULL)
        return wc_format(e->c, "%s(w, &%s)", use_name(e, real, false), place);
    return wc_format(e->c, "weft_%s_write_%s(w, %s)", e->proto->api,
                     word_of(type), place);
}

/* ---- containers ---- */

static void
put_read_map(struct wc_emit *e, const struct wc_type *real)
{
    bool nested = wc_is_container(real->key) || wc_is_container(real->element);
    wc_put_call(
        e, 4, wc_format(e->c, "weft_err err = weft_%s_read_map", e->proto->api),
        ARGS("r", wc_wire_name(real->key), wc_wire_name(real->element),
             "sizeof *v->items", "v", "fits"),
        ";\n");
    wc_put(e, "    if (err || !*fits)\n        return err;\n"
              "    for (uint32_t i = 0; i < v->len && !err; i++) {\n");
    if (nested)
        wc_put(e, "        bool item_fits;\n");
    wc_put_statement(
        e, 8,
        "err =", wc_read_value(e, real->key, "v->items[i].key", "item_fits"));
    wc_put(e, "        if (!err)\n");
    wc_put_statement(
        e, 12, "err =",
        wc_read_value(e, real->element, "v->items[i].value", "item_fits"));
    wc_put(e, "    }\n");
}

static void
put_read_list(struct wc_emit *e, const struct wc_type *real)
{
    bool nested = wc_is_container(real->element);
    const char *value =
        wc_read_value(e, real->element, "v->items[i]", "item_fits");
    wc_put_call(
        e, 4,
        wc_format(e->c, "weft_err err = weft_%s_read_list", e->proto->api),
        ARGS("r", wc_wire_name(real->element), "sizeof *v->items", "v", "fits"),
        ";\n");
    wc_put(e,
           "    if (err || !*fits)\n        return err;\n"
           "    for (uint32_t i = 0; i < v->len && !err; i++)%s\n",
           nested ? " {" : "");
    if (nested)
        wc_put(e, "        bool item_fits;\n");
    wc_put_statement(e, 8, "err =", value);
    wc_put(e, "%s", nested ? "    }\n" : "");
}

static void
put_container_read(struct wc_emit *e, const struct wc_use *use)
{
    const struct wc_container *k = use->container;
    wc_put(e, "\n");
    wc_put_definition(e, "static weft_err", use->read[e->proto->number],
                      ARGS("struct weft_reader *r",
                           wc_format(e->c, "struct %s *v", k->c_name),
                           "bool *fits"));
    if (k->type->kind == WC_MAP)
        put_read_map(e, k->type);
    else
        put_read_list(e, k->type);
    wc_put(e, "    weft_read_leave(r);\n    return err;\n}\n");
}

static void
put_write_pair(struct wc_emit *e, const struct wc_type *map)
{
    wc_put_wrapped(e, 8, wc_write_value(e, map->key, "v->items[i].key"));
    wc_put_wrapped(e, 8, wc_write_value(e, map->element, "v->items[i].value"));
    wc_put(e, "    }\n");
}

static void
put_container_write(struct wc_emit *e, const struct wc_use *use)
{
    const struct wc_container *k = use->container;
    const struct wc_type *t = k->type;
    bool is_map = t->kind == WC_MAP;
    wc_put(e, "\n");
    wc_put_definition(e, "static void", use->write[e->proto->number],
                      ARGS("struct weft_writer *w",
                           wc_format(e->c, "const struct %s *v", k->c_name)));
    wc_put(e, "    if (v->len > 0 && !v->items)\n"
              "        weft_writer_fail(w, WEFT_EVALUE);\n"
              "    if (w->err || !weft_write_enter(w))\n        return;\n");
    if (is_map)
        wc_put_call(
            e, 4, wc_format(e->c, "weft_%s_write_map", e->proto->api),
            ARGS("w", wc_wire_name(t->key), wc_wire_name(t->element), "v->len"),
            ";\n");
    else
        wc_put_call(e, 4, wc_format(e->c, "weft_%s_write_list", e->proto->api),
                    ARGS("w", wc_wire_name(t->element), "v->len"), ";\n");
    wc_put(e, "    for (uint32_t i = 0; i < v->len; i++)%s\n",
           is_map ? " {" : "");
    if (is_map)
        put_write_pair(e, t);
    else
        wc_put_wrapped(e, 8, wc_write_value(e, t->element, "v->items[i]"));
    wc_put(e, "    weft_write_leave(w);\n}\n");
}

void
wc_put_container_functions(struct wc_emit *e, const struct wc_use *use)
{
    for (uint32_t i = 0; i < WC_PROTOS; i++) {
        e->proto = &wc_protos[i];
        put_container_read(e, use);
        put_container_write(e, use);
    }
}
