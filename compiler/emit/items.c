/* SPDX-License-Identifier: MIT */
/* Writes the straight-line code of values, and the functions of containers. */
#include "emit/put.h"

#define ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

enum { WIRE_BOOL = 2 }; /* WEFT_BOOL of enum weft_wire */

/* The member `most` is the number of bytes of room that the functions
 * weft_<api>_put_x of <weft/inline/codec.h> need. */
const struct wc_proto wc_protos[WC_PROTOS] = {
    {
        .api = "bin",
        .name = "binary",
        .word = "WEFT_BINARY",
        .number = 0,
        .head = 3,
        .codes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
        .most = {0, 0, 1, 1, 8, 0, 2, 0, 4, 0, 8, 0, 0, 0, 0, 0, 16},
    },
    {
        .api = "compact",
        .name = "compact",
        .word = "WEFT_COMPACT",
        .number = 1,
        .head = 4,
        .has_last = true,
        .packs_bools = true,
        .codes = {0, 0, 1, 3, 7, 0, 4, 0, 5, 0, 6, 8, 12, 11, 10, 9, 13},
        .most = {0, 0, 1, 1, 8, 0, 10, 0, 10, 0, 10, 0, 0, 0, 0, 0, 16},
    },
};

/* ---- values ---- */

/* The word for each type in the names of functions, in the order of enum
 * wc_type_kind. */
static const char *const words[] = {"",    "bool",   "i8",  "i16", "i32",
                                    "i64", "double", "str", "str", "uuid"};

static const char *
word_of(const struct wc_type *type)
{
    return wc_enum_of(type) ? "i32" : words[wc_real(type)->kind];
}

static const struct wc_use *
use_of(const struct wc_emit *e, const struct wc_type *real)
{
    return wc_map_get(&e->file->used, real->container->c_name);
}

/* The argument ", &demo_Person_desc" if the library's function takes a
 * descriptor. */
static const char *
item_argument(struct wc_emit *e, const struct wc_use *use)
{
    return use->item ? wc_format(e->c, ", &%s_desc", use->item->c_name) : "";
}

static const char *
read_container(struct wc_emit *e, const struct wc_type *real, const char *place,
               const char *fits)
{
    const struct wc_use *use = use_of(e, real);
    return wc_format(e->c, "%s(r, &%s%s, &%s)", use->read[e->proto->number],
                     place, item_argument(e, use), fits);
}

static const char *
write_container(struct wc_emit *e, const struct wc_type *real,
                const char *place)
{
    const struct wc_use *use = use_of(e, real);
    return wc_format(e->c, "%s(w, &%s%s)", use->write[e->proto->number], place,
                     item_argument(e, use));
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
        return read_container(e, real, place, fits);
    return wc_format(e->c, "weft_%s_next_%s(r, &in, &%s)", e->proto->api,
                     word_of(type), place);
}

bool
wc_is_in_run(const struct wc_type *type)
{
    return !wc_record_of(type) && !wc_is_container(type);
}

bool
wc_is_in_head(const struct wc_emit *e, const struct wc_type *type)
{
    return e->proto->packs_bools && wc_wire_number(type) == WIRE_BOOL;
}

void
wc_put_run(struct wc_emit *e, size_t indent, bool begin)
{
    wc_put(e, "%*s%s\n", (int)indent, "",
           begin ? "in = weft_run_begin(r);" : "weft_run_end(r, &in);");
}

uint32_t
wc_room_for(const struct wc_emit *e, const struct wc_type *type)
{
    return e->proto->most[wc_wire_number(type)];
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
        return write_container(e, real, place);
    return wc_format(e->c, "weft_%s_put_%s(%s&out, %s)", e->proto->api,
                     word_of(type), wc_room_for(e, type) ? "" : "w, ", place);
}

/* ---- containers ---- */

/* The wire types in the head of a container. */
static const char *
wires_of(struct wc_emit *e, const struct wc_type *t)
{
    const char *wire = wc_wire_name(t->element);
    return t->kind == WC_MAP
               ? wc_format(e->c, "%s, %s", wc_wire_name(t->key), wire)
               : wire;
}

static void
put_read_head(struct wc_emit *e, const struct wc_type *t)
{
    wc_put(e, "    struct weft_run in = weft_run_begin(r);\n");
    wc_put_call(
        e, 4,
        wc_format(e->c, "weft_err err = weft_%s_next_%s", e->proto->api,
                  t->kind == WC_MAP ? "map" : "list"),
        ARGS("r", "&in", wires_of(e, t), "sizeof *v->items", "v", "fits"),
        ";\n");
    wc_put(e, "    if (err || !*fits)\n        return err;\n");
}

static void
put_read_part(struct wc_emit *e, const struct wc_type *type, const char *place,
              bool has_run)
{
    bool lags = has_run && !wc_is_in_run(type);
    if (lags)
        wc_put_run(e, 8, false);
    wc_put_statement(e, 8, "err =", wc_read_value(e, type, place, "item_fits"));
    if (lags)
        wc_put_run(e, 8, true);
    wc_put(e, "        if (err)\n            break;\n");
}

/* Write the loop that reads items. A memset in the loop clears a nested
 * container, because the function that reads a container leaves the container
 * unchanged if its items have another type than the IDL says. */
static void
put_read_items(struct wc_emit *e, const struct wc_type *t)
{
    bool is_map = t->kind == WC_MAP;
    bool nested =
        wc_is_container(t->element) || (is_map && wc_is_container(t->key));
    bool has_run = wc_is_in_run(t->element) || (is_map && wc_is_in_run(t->key));
    if (!has_run)
        wc_put_run(e, 4, false);
    wc_put(e, "    uint32_t i = 0;\n    for (; i < v->len; i++) {\n");
    if (nested)
        wc_put(e, "        bool item_fits;\n"
                  "        memset(&v->items[i], 0, sizeof v->items[i]);\n");
    if (is_map)
        put_read_part(e, t->key, "v->items[i].key", has_run);
    put_read_part(e, t->element, is_map ? "v->items[i].value" : "v->items[i]",
                  has_run);
    wc_put(e, "    }\n    v->len = i; /* fewer after an error */\n");
    if (has_run)
        wc_put_run(e, 4, false);
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
    put_read_head(e, k->type);
    put_read_items(e, k->type);
    wc_put(e, "    weft_read_leave(r);\n    return err;\n}\n");
}

void
wc_put_room(struct wc_emit *e, size_t indent, bool begin)
{
    wc_put(e, "%*s%s\n", (int)indent, "",
           begin ? "out = weft_room_begin(w);" : "weft_room_end(w, &out);");
}

static void
put_write_part(struct wc_emit *e, const struct wc_type *type, const char *place,
               bool has_room)
{
    bool lags = has_room && !wc_is_in_run(type);
    uint32_t room = wc_room_for(e, type);
    if (lags)
        wc_put_room(e, 8, false);
    if (room > 0)
        wc_put(e,
               "        if (!weft_room_ready(w, &out, %u))\n"
               "            break;\n",
               room);
    wc_put_wrapped(e, 8, wc_write_value(e, type, place));
    if (lags)
        wc_put_room(e, 8, true);
}

static void
put_write_items(struct wc_emit *e, const struct wc_type *t)
{
    bool is_map = t->kind == WC_MAP;
    bool has_room =
        wc_is_in_run(t->element) || (is_map && wc_is_in_run(t->key));
    if (!has_room)
        wc_put_room(e, 4, false);
    wc_put(e, "    for (uint32_t i = 0; i < v->len; i++) {\n");
    if (is_map)
        put_write_part(e, t->key, "v->items[i].key", has_room);
    put_write_part(e, t->element, is_map ? "v->items[i].value" : "v->items[i]",
                   has_room);
    wc_put(e, "    }\n");
    if (has_room)
        wc_put_room(e, 4, false);
}

static void
put_container_write(struct wc_emit *e, const struct wc_use *use)
{
    const struct wc_container *k = use->container;
    const struct wc_type *t = k->type;
    wc_put(e, "\n");
    wc_put_definition(e, "static void", use->write[e->proto->number],
                      ARGS("struct weft_writer *w",
                           wc_format(e->c, "const struct %s *v", k->c_name)));
    wc_put(e, "    if (v->len > 0 && !v->items)\n"
              "        weft_writer_fail(w, WEFT_EVALUE);\n"
              "    if (w->err || !weft_write_enter(w))\n        return;\n");
    wc_put(e, "    struct weft_room out = weft_room_begin(w);\n");
    wc_put_call(e, 4,
                wc_format(e->c, "weft_%s_put_%s", e->proto->api,
                          t->kind == WC_MAP ? "map" : "list"),
                ARGS("w", "&out", wires_of(e, t), "v->len"), ";\n");
    put_write_items(e, t);
    wc_put(e, "    weft_write_leave(w);\n}\n");
}

void
wc_put_container_functions(struct wc_emit *e, const struct wc_use *use)
{
    if (use->container->builtin || use->item != NULL)
        return;
    for (uint32_t i = 0; i < WC_PROTOS; i++) {
        if (!(use->protos >> i & 1))
            continue;
        e->proto = &wc_protos[i];
        put_container_read(e, use);
        put_container_write(e, use);
    }
}
