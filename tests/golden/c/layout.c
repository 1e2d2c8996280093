/* Made by weftc 0.1.0 from layout.thrift; edit that. */
#include "layout.h"

#ifdef __GNUC__ /* shared defaults are const, views of them are not */
#pragma GCC diagnostic ignored "-Wcast-qual"
#endif

static weft_err
read_binary_lay_map_str_vec_Item(struct weft_reader *r,
                                 struct lay_map_str_vec_Item *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_STRING, WEFT_LIST,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = weft_bin_next_str(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err =
            weft_bin_read_structs(r, &v->items[i].value, &lay_Item_desc,
                                  &item_fits);
        in = weft_run_begin(r);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_binary_lay_map_str_vec_Item(struct weft_writer *w,
                                  const struct lay_map_str_vec_Item *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_STRING, WEFT_LIST, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        weft_bin_put_str(w, &out, v->items[i].key);
        weft_room_end(w, &out);
        weft_bin_write_structs(w, &v->items[i].value, &lay_Item_desc);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_lay_map_str_vec_Item(struct weft_reader *r,
                                  struct lay_map_str_vec_Item *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_STRING, WEFT_LIST,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = weft_compact_next_str(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err =
            weft_compact_read_structs(r, &v->items[i].value, &lay_Item_desc,
                                      &item_fits);
        in = weft_run_begin(r);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_compact_lay_map_str_vec_Item(struct weft_writer *w,
                                   const struct lay_map_str_vec_Item *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_STRING, WEFT_LIST, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        weft_compact_put_str(w, &out, v->items[i].key);
        weft_room_end(w, &out);
        weft_compact_write_structs(w, &v->items[i].value, &lay_Item_desc);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_lay_map_uuid_bool(struct weft_reader *r,
                              struct lay_map_uuid_bool *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_UUID, WEFT_BOOL,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_bin_next_uuid(r, &in, &v->items[i].key);
        if (err)
            break;
        err = weft_bin_next_bool(r, &in, &v->items[i].value);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_binary_lay_map_uuid_bool(struct weft_writer *w,
                               const struct lay_map_uuid_bool *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_UUID, WEFT_BOOL, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 16))
            break;
        weft_bin_put_uuid(&out, v->items[i].key);
        if (!weft_room_ready(w, &out, 1))
            break;
        weft_bin_put_bool(&out, v->items[i].value);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_lay_map_uuid_bool(struct weft_reader *r,
                               struct lay_map_uuid_bool *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_UUID, WEFT_BOOL,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_compact_next_uuid(r, &in, &v->items[i].key);
        if (err)
            break;
        err = weft_compact_next_bool(r, &in, &v->items[i].value);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_compact_lay_map_uuid_bool(struct weft_writer *w,
                                const struct lay_map_uuid_bool *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_UUID, WEFT_BOOL, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 16))
            break;
        weft_compact_put_uuid(&out, v->items[i].key);
        if (!weft_room_ready(w, &out, 1))
            break;
        weft_compact_put_bool(&out, v->items[i].value);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_lay_map_i32_map_uuid_bool(struct weft_reader *r,
                                      struct lay_map_i32_map_uuid_bool *v,
                                      bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_I32, WEFT_MAP,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = weft_bin_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err = read_binary_lay_map_uuid_bool(r, &v->items[i].value, &item_fits);
        in = weft_run_begin(r);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_binary_lay_map_i32_map_uuid_bool(
    struct weft_writer *w, const struct lay_map_i32_map_uuid_bool *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_I32, WEFT_MAP, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 4))
            break;
        weft_bin_put_i32(&out, v->items[i].key);
        weft_room_end(w, &out);
        write_binary_lay_map_uuid_bool(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_lay_map_i32_map_uuid_bool(struct weft_reader *r,
                                       struct lay_map_i32_map_uuid_bool *v,
                                       bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_I32, WEFT_MAP,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = weft_compact_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err = read_compact_lay_map_uuid_bool(r, &v->items[i].value, &item_fits);
        in = weft_run_begin(r);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_compact_lay_map_i32_map_uuid_bool(
    struct weft_writer *w, const struct lay_map_i32_map_uuid_bool *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_I32, WEFT_MAP, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 10))
            break;
        weft_compact_put_i32(&out, v->items[i].key);
        weft_room_end(w, &out);
        write_compact_lay_map_uuid_bool(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_lay_vec_vec_Choice(struct weft_reader *r,
                               struct lay_vec_vec_Choice *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_list(r, &in, WEFT_LIST, sizeof *v->items, v,
                                      fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err =
            weft_bin_read_structs(r, &v->items[i], &lay_Choice_desc,
                                  &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_binary_lay_vec_vec_Choice(struct weft_writer *w,
                                const struct lay_vec_vec_Choice *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_list(w, &out, WEFT_LIST, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        weft_bin_write_structs(w, &v->items[i], &lay_Choice_desc);
    }
    weft_write_leave(w);
}

static weft_err
read_compact_lay_vec_vec_Choice(struct weft_reader *r,
                                struct lay_vec_vec_Choice *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_list(r, &in, WEFT_LIST, sizeof *v->items,
                                          v, fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err =
            weft_compact_read_structs(r, &v->items[i], &lay_Choice_desc,
                                      &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_compact_lay_vec_vec_Choice(struct weft_writer *w,
                                 const struct lay_vec_vec_Choice *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_list(w, &out, WEFT_LIST, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        weft_compact_write_structs(w, &v->items[i], &lay_Choice_desc);
    }
    weft_write_leave(w);
}

static weft_err
read_binary_lay_vec_set_i32(struct weft_reader *r, struct lay_vec_set_i32 *v,
                            bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_list(r, &in, WEFT_SET, sizeof *v->items, v,
                                      fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = weft_bin_read_vec_i32(r, &v->items[i], &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_binary_lay_vec_set_i32(struct weft_writer *w,
                             const struct lay_vec_set_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_list(w, &out, WEFT_SET, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        weft_bin_write_vec_i32(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static weft_err
read_compact_lay_vec_set_i32(struct weft_reader *r, struct lay_vec_set_i32 *v,
                             bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_list(r, &in, WEFT_SET, sizeof *v->items, v,
                                          fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = weft_compact_read_vec_i32(r, &v->items[i], &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_compact_lay_vec_set_i32(struct weft_writer *w,
                              const struct lay_vec_set_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_list(w, &out, WEFT_SET, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        weft_compact_write_vec_i32(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static weft_err
read_binary_lay_map_Item_Choice(struct weft_reader *r,
                                struct lay_map_Item_Choice *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_STRUCT, WEFT_STRUCT,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = lay_Item_read_binary(r, &v->items[i].key);
        if (err)
            break;
        err = lay_Choice_read_binary(r, &v->items[i].value);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_binary_lay_map_Item_Choice(struct weft_writer *w,
                                 const struct lay_map_Item_Choice *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_STRUCT, WEFT_STRUCT, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        lay_Item_write_binary(w, &v->items[i].key);
        lay_Choice_write_binary(w, &v->items[i].value);
    }
    weft_write_leave(w);
}

static weft_err
read_compact_lay_map_Item_Choice(struct weft_reader *r,
                                 struct lay_map_Item_Choice *v, bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_STRUCT, WEFT_STRUCT,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = lay_Item_read_compact(r, &v->items[i].key);
        if (err)
            break;
        err = lay_Choice_read_compact(r, &v->items[i].value);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_compact_lay_map_Item_Choice(struct weft_writer *w,
                                  const struct lay_map_Item_Choice *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_STRUCT, WEFT_STRUCT, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        lay_Item_write_compact(w, &v->items[i].key);
        lay_Choice_write_compact(w, &v->items[i].value);
    }
    weft_write_leave(w);
}

static weft_err
read_binary_lay_vec_map_Item_Choice(struct weft_reader *r,
                                    struct lay_vec_map_Item_Choice *v,
                                    bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_list(r, &in, WEFT_MAP, sizeof *v->items, v,
                                      fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = read_binary_lay_map_Item_Choice(r, &v->items[i], &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_binary_lay_vec_map_Item_Choice(struct weft_writer *w,
                                     const struct lay_vec_map_Item_Choice *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_list(w, &out, WEFT_MAP, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        write_binary_lay_map_Item_Choice(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static weft_err
read_compact_lay_vec_map_Item_Choice(struct weft_reader *r,
                                     struct lay_vec_map_Item_Choice *v,
                                     bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_list(r, &in, WEFT_MAP, sizeof *v->items, v,
                                          fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = read_compact_lay_map_Item_Choice(r, &v->items[i], &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_read_leave(r);
    return err;
}

static void
write_compact_lay_vec_map_Item_Choice(
    struct weft_writer *w, const struct lay_vec_map_Item_Choice *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_list(w, &out, WEFT_MAP, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        write_compact_lay_map_Item_Choice(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static const struct lay_map_str_i32_item lay_NESTED_0[] = {
    {WEFT_STR_INIT("a"), 2},
};

static const struct lay_map_i32_map_str_i32_item lay_NESTED_1[] = {
    {1, {(struct lay_map_str_i32_item *)lay_NESTED_0, 1, 0}},
    {2, {(struct lay_map_str_i32_item *)weft_no_items, 0, 0}},
};

const struct lay_map_i32_map_str_i32 lay_NESTED = {
    (struct lay_map_i32_map_str_i32_item *)lay_NESTED_1, 2, 0};

const struct weft_uuid lay_ID = {{
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
    0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
}};

const struct lay_Tagged lay_TAGGED = {
    .id = {{
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
        0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
    }},
    .n = 1,
    .has.n = 1,
};

static const struct lay_Tagged lay_TAGGEDS_0[] = {
    {
        .id = {{
            0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
            0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
        }},
        .n = 1,
        .has.n = 1,
    },
    {
        .id = {{
            0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
            0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
        }},
        .has.id = 1,
    },
};

const struct lay_vec_Tagged lay_TAGGEDS = {
    (struct lay_Tagged *)lay_TAGGEDS_0, 2, 0};

/* ---- lay_Item ---- */

weft_err
lay_Item_read_binary(struct weft_reader *r, void *record)
{
    struct lay_Item *x = record;
    uint32_t missing = 0x3; /* required fields */
    lay_Item_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010b)) {
        bool fits = false;
        switch (field) {
        case 0x00010b: /* 1: string name */
            err = weft_bin_next_str(r, &in, &x->name);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00020f);
        case 0x00020f: /* 2: list<bool> flags */
            WEFT_VIA_READER(weft_bin_read_vec_bool(r, &x->flags, &fits));
            if (fits)
                missing &= ~UINT32_C(0x2);
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
lay_Item_write_binary(struct weft_writer *w, const void *record)
{
    const struct lay_Item *x = record;
    if (WEFT_UNLIKELY(!x->name.ptr ||
                      !x->flags.items)) {
        weft_write_refuse(w, &lay_Item_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_str_field(w, &out, 1, x->name);
    weft_bin_put_head(w, &out, WEFT_LIST, 2);
    WEFT_VIA_WRITER(weft_bin_write_vec_bool(w, &x->flags));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
lay_Item_read_compact(struct weft_reader *r, void *record)
{
    struct lay_Item *x = record;
    uint32_t missing = 0x3; /* required fields */
    lay_Item_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000108)) {
        bool fits = false;
        switch (field) {
        case 0x000108: /* 1: string name */
            err = weft_compact_next_str(r, &in, &x->name);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000209);
        case 0x000209: /* 2: list<bool> flags */
            WEFT_VIA_READER(weft_compact_read_vec_bool(r, &x->flags, &fits));
            if (fits)
                missing &= ~UINT32_C(0x2);
            break;
        default:
            WEFT_VIA_READER(weft_compact_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
lay_Item_write_compact(struct weft_writer *w, const void *record)
{
    const struct lay_Item *x = record;
    int16_t last = 0; /* id of the last field */
    if (WEFT_UNLIKELY(!x->name.ptr ||
                      !x->flags.items)) {
        weft_write_refuse(w, &lay_Item_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_str_field(w, &out, &last, 1, x->name);
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 2);
    WEFT_VIA_WRITER(weft_compact_write_vec_bool(w, &x->flags));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_bool = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_bool),
    .item_size = sizeof(bool), .element = &weft_type_bool};

static const struct weft_field lay_Item_fields[] = {
    {.name = "name", .type = &weft_type_string,
     .offset = offsetof(struct lay_Item, name), .id = 1,
     .requiredness = WEFT_REQUIRED},
    {.name = "flags", .type = &type_list_bool,
     .offset = offsetof(struct lay_Item, flags), .id = 2,
     .requiredness = WEFT_REQUIRED},
};

const struct weft_struct lay_Item_desc = {
    .name = "Item", .fields = lay_Item_fields, .n_fields = 2,
    .size = sizeof(struct lay_Item), .kind = WEFT_RECORD_STRUCT,
    .read_binary = lay_Item_read_binary, .write_binary = lay_Item_write_binary,
    .read_compact = lay_Item_read_compact,
    .write_compact = lay_Item_write_compact};

/* ---- lay_Choice ---- */

void
lay_Choice_init(struct lay_Choice *x)
{
    weft_zero(x, sizeof *x);
    x->which = lay_Choice_number;
    x->number = 5;
}

weft_err
lay_Choice_read_binary(struct weft_reader *r, void *record)
{
    struct lay_Choice *x = record;
    weft_zero(x, sizeof *x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Item item */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(lay_Item_read_binary(r, &x->item));
            x->which = 1;
            break;
        case 0x000208: /* 2: i32 number */
            weft_zero(x, sizeof *x);
            err = weft_bin_next_i32(r, &in, &x->number);
            x->which = 2;
            break;
        case 0x00030e: /* 3: set<string> names */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(weft_bin_read_vec_str(r, &x->names, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_Choice_desc, 2, &x->names);
            if (fits)
                x->which = 3;
            break;
        default:
            WEFT_VIA_READER(weft_bin_read_unknown(r, field, &x->unknown));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Choice_write_binary(struct weft_writer *w, const void *record)
{
    const struct lay_Choice *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case 0: /* none */
        break;
    case 1: /* item */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(lay_Item_write_binary(w, &x->item));
        break;
    case 2: /* number */
        if (weft_room_ready(w, &out, 7)) {
            weft_bin_put_field(&out, WEFT_I32, 2);
            weft_bin_put_i32(&out, x->number);
        }
        break;
    case 3: /* names */
        weft_bin_put_head(w, &out, WEFT_SET, 3);
        WEFT_VIA_WRITER(weft_bin_write_vec_str(w, &x->names));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    WEFT_VIA_WRITER(weft_bin_write_unknown(w, &x->unknown));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
lay_Choice_read_compact(struct weft_reader *r, void *record)
{
    struct lay_Choice *x = record;
    weft_zero(x, sizeof *x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000000)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Item item */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(lay_Item_read_compact(r, &x->item));
            x->which = 1;
            break;
        case 0x000205: /* 2: i32 number */
            weft_zero(x, sizeof *x);
            err = weft_compact_next_i32(r, &in, &x->number);
            x->which = 2;
            break;
        case 0x00030a: /* 3: set<string> names */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(weft_compact_read_vec_str(r, &x->names, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_Choice_desc, 2, &x->names);
            if (fits)
                x->which = 3;
            break;
        default:
            WEFT_VIA_READER(weft_compact_read_unknown(r, field, &x->unknown));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Choice_write_compact(struct weft_writer *w, const void *record)
{
    const struct lay_Choice *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case 0: /* none */
        break;
    case 1: /* item */
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(lay_Item_write_compact(w, &x->item));
        break;
    case 2: /* number */
        if (weft_room_ready(w, &out, 14)) {
            weft_compact_put_field(&out, &last, WEFT_I32, 2);
            weft_compact_put_i32(&out, x->number);
        }
        break;
    case 3: /* names */
        weft_compact_put_head(w, &out, &last, WEFT_SET, 3);
        WEFT_VIA_WRITER(weft_compact_write_vec_str(w, &x->names));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    WEFT_VIA_WRITER(weft_compact_write_unknown(w, &last, &x->unknown));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_lay_Item = {
    .wire = WEFT_STRUCT, .size = sizeof(struct lay_Item),
    .record = &lay_Item_desc};

static const struct weft_type type_set_string = {
    .wire = WEFT_SET, .size = sizeof(struct weft_vec_str),
    .item_size = sizeof(struct weft_str), .element = &weft_type_string};

static const struct weft_field lay_Choice_fields[] = {
    {.name = "item", .type = &type_lay_Item,
     .offset = offsetof(struct lay_Choice, item), .id = 1,
     .requiredness = WEFT_OPTIONAL},
    {.name = "number", .type = &weft_type_i32,
     .offset = offsetof(struct lay_Choice, number), .id = 2,
     .requiredness = WEFT_OPTIONAL},
    {.name = "names", .type = &type_set_string,
     .offset = offsetof(struct lay_Choice, names), .id = 3,
     .requiredness = WEFT_OPTIONAL},
};

static void
lay_Choice_init_any(void *record)
{
    lay_Choice_init(record);
}

const struct weft_struct lay_Choice_desc = {
    .name = "Choice", .fields = lay_Choice_fields, .n_fields = 3,
    .size = sizeof(struct lay_Choice),
    .has_offset = offsetof(struct lay_Choice, which), .kind = WEFT_RECORD_UNION,
    .init = lay_Choice_init_any, .keeps_unknown = true,
    .unknown_offset = offsetof(struct lay_Choice, unknown),
    .read_binary = lay_Choice_read_binary,
    .write_binary = lay_Choice_write_binary,
    .read_compact = lay_Choice_read_compact,
    .write_compact = lay_Choice_write_compact};

/* ---- lay_All ---- */

static const int32_t lay_All_dv_0[] = {
    1,
};

static const struct lay_Item lay_All_dit_0 = {.name = WEFT_STR_INIT("x")};

void
lay_All_init(struct lay_All *x)
{
    weft_zero(x, sizeof *x);
    x->os = WEFT_STR("x");
    x->rs = WEFT_STR("");
    weft_vec_clear(&x->rv);
    lay_Choice_init(&x->c);
    lay_Choice_init(&x->rc);
    x->di = 7;
    x->dv = (struct weft_vec_i32){(int32_t *)lay_All_dv_0, 1, 0};
    x->dit = lay_All_dit_0;
    x->du = (struct weft_uuid){{
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01
    }};
}

weft_err
lay_All_read_binary(struct weft_reader *r, void *record)
{
    struct lay_All *x = record;
    uint32_t missing = 0x7f; /* required fields */
    uint32_t has = 0;
    lay_All_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000102)) {
        bool fits = false;
        switch (field) {
        case 0x000102: /* 1: bool b */
            err = weft_bin_next_bool(r, &in, &x->b);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000202);
        case 0x000202: /* 2: bool ob */
            err = weft_bin_next_bool(r, &in, &x->ob);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x000302);
        case 0x000302: /* 3: bool rb */
            err = weft_bin_next_bool(r, &in, &x->rb);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000403);
        case 0x000403: /* 4: i8 y */
            err = weft_bin_next_i8(r, &in, &x->y);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x000506);
        case 0x000506: /* 5: i16 h */
            err = weft_bin_next_i16(r, &in, &x->h);
            has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(bin, 0x000608);
        case 0x000608: /* 6: i32 i */
            err = weft_bin_next_i32(r, &in, &x->i);
            has |= UINT32_C(0x10);
            WEFT_NEXT_CASE(bin, 0x00070a);
        case 0x00070a: /* 7: i64 l */
            err = weft_bin_next_i64(r, &in, &x->l);
            has |= UINT32_C(0x20);
            WEFT_NEXT_CASE(bin, 0x000804);
        case 0x000804: /* 8: double d */
            err = weft_bin_next_double(r, &in, &x->d);
            has |= UINT32_C(0x40);
            WEFT_NEXT_CASE(bin, 0x000910);
        case 0x000910: /* 9: uuid u */
            err = weft_bin_next_uuid(r, &in, &x->u);
            has |= UINT32_C(0x80);
            WEFT_NEXT_CASE(bin, 0x000a03);
        case 0x000a03: /* 10: i8 oy */
            err = weft_bin_next_i8(r, &in, &x->oy);
            has |= UINT32_C(0x100);
            WEFT_NEXT_CASE(bin, 0x000b0a);
        case 0x000b0a: /* 11: i64 rl */
            err = weft_bin_next_i64(r, &in, &x->rl);
            missing &= ~UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x000c10);
        case 0x000c10: /* 12: uuid ou */
            err = weft_bin_next_uuid(r, &in, &x->ou);
            has |= UINT32_C(0x200);
            WEFT_NEXT_CASE(bin, 0x000d0b);
        case 0x000d0b: /* 13: string s */
            err = weft_bin_next_str(r, &in, &x->s);
            has |= UINT32_C(0x400);
            WEFT_NEXT_CASE(bin, 0x000e0b);
        case 0x000e0b: /* 14: binary os */
            err = weft_bin_next_str(r, &in, &x->os);
            has |= UINT32_C(0x800);
            WEFT_NEXT_CASE(bin, 0x000f0b);
        case 0x000f0b: /* 15: string rs */
            err = weft_bin_next_str(r, &in, &x->rs);
            missing &= ~UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x00100f);
        case 0x00100f: /* 16: list<i32> v */
            WEFT_VIA_READER(weft_bin_read_vec_i32(r, &x->v, &fits));
            if (fits)
                has |= UINT32_C(0x1000);
            WEFT_NEXT_CASE(bin, 0x00110e);
        case 0x00110e: /* 17: set<i16> ov */
            WEFT_VIA_READER(weft_bin_read_vec_i16(r, &x->ov, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 16, &x->ov);
            if (fits)
                has |= UINT32_C(0x2000);
            WEFT_NEXT_CASE(bin, 0x00120f);
        case 0x00120f: /* 18: list<string> rv */
            WEFT_VIA_READER(weft_bin_read_vec_str(r, &x->rv, &fits));
            if (fits)
                missing &= ~UINT32_C(0x8);
            WEFT_NEXT_CASE(bin, 0x00130d);
        case 0x00130d: /* 19: map<string, list<Item>> m */
            WEFT_VIA_READER(read_binary_lay_map_str_vec_Item(r, &x->m, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 18, &x->m);
            if (fits)
                has |= UINT32_C(0x4000);
            WEFT_NEXT_CASE(bin, 0x00140d);
        case 0x00140d: /* 20: map<i32, map<uuid, bool>> om */
            WEFT_VIA_READER(
                read_binary_lay_map_i32_map_uuid_bool(r, &x->om, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 19, &x->om);
            if (fits)
                has |= UINT32_C(0x8000);
            WEFT_NEXT_CASE(bin, 0x00150c);
        case 0x00150c: /* 21: Item it */
            WEFT_VIA_READER(lay_Item_read_binary(r, &x->it));
            has |= UINT32_C(0x10000);
            WEFT_NEXT_CASE(bin, 0x00160c);
        case 0x00160c: /* 22: Item oit */
            weft_run_end(r, &in);
            x->oit = weft_next_box(r, sizeof *x->oit);
            err = x->oit ? lay_Item_read_binary(r, x->oit) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x00170c);
        case 0x00170c: /* 23: Item rit */
            WEFT_VIA_READER(lay_Item_read_binary(r, &x->rit));
            missing &= ~UINT32_C(0x10);
            WEFT_NEXT_CASE(bin, 0x00180c);
        case 0x00180c: /* 24: Item bit */
            weft_run_end(r, &in);
            x->bit = weft_next_box(r, sizeof *x->bit);
            err = x->bit ? lay_Item_read_binary(r, x->bit) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x00190c);
        case 0x00190c: /* 25: Choice c */
            WEFT_VIA_READER(lay_Choice_read_binary(r, &x->c));
            has |= UINT32_C(0x20000);
            WEFT_NEXT_CASE(bin, 0x001a0c);
        case 0x001a0c: /* 26: Choice oc */
            weft_run_end(r, &in);
            x->oc = weft_next_box(r, sizeof *x->oc);
            err = x->oc ? lay_Choice_read_binary(r, x->oc) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x001b0c);
        case 0x001b0c: /* 27: Choice rc */
            WEFT_VIA_READER(lay_Choice_read_binary(r, &x->rc));
            missing &= ~UINT32_C(0x20);
            WEFT_NEXT_CASE(bin, 0x001c0c);
        case 0x001c0c: /* 28: Choice bc */
            weft_run_end(r, &in);
            x->bc = weft_next_box(r, sizeof *x->bc);
            err = x->bc ? lay_Choice_read_binary(r, x->bc) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            missing &= ~UINT32_C(0x40);
            WEFT_NEXT_CASE(bin, 0x001d0f);
        case 0x001d0f: /* 29: list<list<Choice>> ll */
            WEFT_VIA_READER(read_binary_lay_vec_vec_Choice(r, &x->ll, &fits));
            if (fits)
                has |= UINT32_C(0x40000);
            WEFT_NEXT_CASE(bin, 0x001e0e);
        case 0x001e0e: /* 30: set<set<i32>> ss */
            WEFT_VIA_READER(read_binary_lay_vec_set_i32(r, &x->ss, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 29, &x->ss);
            if (fits)
                has |= UINT32_C(0x80000);
            WEFT_NEXT_CASE(bin, 0x001f0f);
        case 0x001f0f: /* 31: list<map<Item, Choice>> lm */
            WEFT_VIA_READER(
                read_binary_lay_vec_map_Item_Choice(r, &x->lm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 30, &x->lm);
            if (fits)
                has |= UINT32_C(0x100000);
            WEFT_NEXT_CASE(bin, 0x002008);
        case 0x002008: /* 32: i32 di */
            err = weft_bin_next_i32(r, &in, &x->di);
            has |= UINT32_C(0x200000);
            WEFT_NEXT_CASE(bin, 0x00210f);
        case 0x00210f: /* 33: list<i32> dv */
            WEFT_VIA_READER(weft_bin_read_vec_i32(r, &x->dv, &fits));
            if (fits)
                has |= UINT32_C(0x400000);
            WEFT_NEXT_CASE(bin, 0x00220c);
        case 0x00220c: /* 34: Item dit */
            WEFT_VIA_READER(lay_Item_read_binary(r, &x->dit));
            has |= UINT32_C(0x800000);
            WEFT_NEXT_CASE(bin, 0x002310);
        case 0x002310: /* 35: uuid du */
            err = weft_bin_next_uuid(r, &in, &x->du);
            has |= UINT32_C(0x1000000);
            break;
        default:
            WEFT_VIA_READER(weft_bin_read_unknown(r, field, &x->unknown));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
lay_All_write_binary(struct weft_writer *w, const void *record)
{
    const struct lay_All *x = record;
    if (WEFT_UNLIKELY(!x->rs.ptr ||
                      !x->rv.items ||
                      !(x->rc.which || x->rc.unknown.len) ||
                      !x->bc || !(x->bc->which || x->bc->unknown.len))) {
        weft_write_refuse(w, &lay_All_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 4)) {
        weft_bin_put_field(&out, WEFT_BOOL, 1);
        weft_bin_put_bool(&out, x->b);
    }
    if (x->has.ob && weft_room_ready(w, &out, 4)) {
        weft_bin_put_field(&out, WEFT_BOOL, 2);
        weft_bin_put_bool(&out, x->ob);
    }
    if (weft_room_ready(w, &out, 61)) {
        weft_bin_put_field(&out, WEFT_BOOL, 3);
        weft_bin_put_bool(&out, x->rb);
        weft_bin_put_field(&out, WEFT_I8, 4);
        weft_bin_put_i8(&out, x->y);
        weft_bin_put_field(&out, WEFT_I16, 5);
        weft_bin_put_i16(&out, x->h);
        weft_bin_put_field(&out, WEFT_I32, 6);
        weft_bin_put_i32(&out, x->i);
        weft_bin_put_field(&out, WEFT_I64, 7);
        weft_bin_put_i64(&out, x->l);
        weft_bin_put_field(&out, WEFT_DOUBLE, 8);
        weft_bin_put_double(&out, x->d);
        weft_bin_put_field(&out, WEFT_UUID, 9);
        weft_bin_put_uuid(&out, x->u);
    }
    if (x->has.oy && weft_room_ready(w, &out, 4)) {
        weft_bin_put_field(&out, WEFT_I8, 10);
        weft_bin_put_i8(&out, x->oy);
    }
    if (weft_room_ready(w, &out, 11)) {
        weft_bin_put_field(&out, WEFT_I64, 11);
        weft_bin_put_i64(&out, x->rl);
    }
    if (x->has.ou && weft_room_ready(w, &out, 19)) {
        weft_bin_put_field(&out, WEFT_UUID, 12);
        weft_bin_put_uuid(&out, x->ou);
    }
    weft_bin_put_str_field(w, &out, 13, x->s);
    if (x->has.os) {
        weft_bin_put_str_field(w, &out, 14, x->os);
    }
    weft_bin_put_str_field(w, &out, 15, x->rs);
    weft_bin_put_head(w, &out, WEFT_LIST, 16);
    WEFT_VIA_WRITER(weft_bin_write_vec_i32(w, &x->v));
    if (x->has.ov) {
        weft_bin_put_head(w, &out, WEFT_SET, 17);
        WEFT_VIA_WRITER(weft_bin_write_vec_i16(w, &x->ov));
    }
    weft_bin_put_head(w, &out, WEFT_LIST, 18);
    WEFT_VIA_WRITER(weft_bin_write_vec_str(w, &x->rv));
    weft_bin_put_head(w, &out, WEFT_MAP, 19);
    WEFT_VIA_WRITER(write_binary_lay_map_str_vec_Item(w, &x->m));
    if (x->has.om) {
        weft_bin_put_head(w, &out, WEFT_MAP, 20);
        WEFT_VIA_WRITER(write_binary_lay_map_i32_map_uuid_bool(w, &x->om));
    }
    if (x->has.it || !weft_write_leaves_out(&lay_Item_desc, &x->it)) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 21);
        WEFT_VIA_WRITER(lay_Item_write_binary(w, &x->it));
    }
    if (x->oit) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 22);
        WEFT_VIA_WRITER(lay_Item_write_binary(w, x->oit));
    }
    weft_bin_put_head(w, &out, WEFT_STRUCT, 23);
    WEFT_VIA_WRITER(lay_Item_write_binary(w, &x->rit));
    if (x->bit) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 24);
        WEFT_VIA_WRITER(lay_Item_write_binary(w, x->bit));
    }
    weft_bin_put_head(w, &out, WEFT_STRUCT, 25);
    WEFT_VIA_WRITER(lay_Choice_write_binary(w, &x->c));
    if (x->oc && (x->oc->which || x->oc->unknown.len)) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 26);
        WEFT_VIA_WRITER(lay_Choice_write_binary(w, x->oc));
    }
    weft_bin_put_head(w, &out, WEFT_STRUCT, 27);
    WEFT_VIA_WRITER(lay_Choice_write_binary(w, &x->rc));
    weft_bin_put_head(w, &out, WEFT_STRUCT, 28);
    WEFT_VIA_WRITER(lay_Choice_write_binary(w, x->bc));
    weft_bin_put_head(w, &out, WEFT_LIST, 29);
    WEFT_VIA_WRITER(write_binary_lay_vec_vec_Choice(w, &x->ll));
    weft_bin_put_head(w, &out, WEFT_SET, 30);
    WEFT_VIA_WRITER(write_binary_lay_vec_set_i32(w, &x->ss));
    weft_bin_put_head(w, &out, WEFT_LIST, 31);
    WEFT_VIA_WRITER(write_binary_lay_vec_map_Item_Choice(w, &x->lm));
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 32);
        weft_bin_put_i32(&out, x->di);
    }
    weft_bin_put_head(w, &out, WEFT_LIST, 33);
    WEFT_VIA_WRITER(weft_bin_write_vec_i32(w, &x->dv));
    if (x->has.dit || !weft_write_leaves_out(&lay_Item_desc, &x->dit)) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 34);
        WEFT_VIA_WRITER(lay_Item_write_binary(w, &x->dit));
    }
    if (weft_room_ready(w, &out, 19)) {
        weft_bin_put_field(&out, WEFT_UUID, 35);
        weft_bin_put_uuid(&out, x->du);
    }
    WEFT_VIA_WRITER(weft_bin_write_unknown(w, &x->unknown));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
lay_All_read_compact(struct weft_reader *r, void *record)
{
    struct lay_All *x = record;
    uint32_t missing = 0x7f; /* required fields */
    uint32_t has = 0;
    lay_All_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000101)) {
        bool fits = false;
        switch (field) {
        case 0x000101: /* 1: bool b */
        case 0x000102:
            x->b = (field & 1) != 0;
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000201);
        case 0x000201: /* 2: bool ob */
        case 0x000202:
            x->ob = (field & 1) != 0;
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000301);
        case 0x000301: /* 3: bool rb */
        case 0x000302:
            x->rb = (field & 1) != 0;
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000403);
        case 0x000403: /* 4: i8 y */
            err = weft_compact_next_i8(r, &in, &x->y);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(compact, 0x000504);
        case 0x000504: /* 5: i16 h */
            err = weft_compact_next_i16(r, &in, &x->h);
            has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(compact, 0x000605);
        case 0x000605: /* 6: i32 i */
            err = weft_compact_next_i32(r, &in, &x->i);
            has |= UINT32_C(0x10);
            WEFT_NEXT_CASE(compact, 0x000706);
        case 0x000706: /* 7: i64 l */
            err = weft_compact_next_i64(r, &in, &x->l);
            has |= UINT32_C(0x20);
            WEFT_NEXT_CASE(compact, 0x000807);
        case 0x000807: /* 8: double d */
            err = weft_compact_next_double(r, &in, &x->d);
            has |= UINT32_C(0x40);
            WEFT_NEXT_CASE(compact, 0x00090d);
        case 0x00090d: /* 9: uuid u */
            err = weft_compact_next_uuid(r, &in, &x->u);
            has |= UINT32_C(0x80);
            WEFT_NEXT_CASE(compact, 0x000a03);
        case 0x000a03: /* 10: i8 oy */
            err = weft_compact_next_i8(r, &in, &x->oy);
            has |= UINT32_C(0x100);
            WEFT_NEXT_CASE(compact, 0x000b06);
        case 0x000b06: /* 11: i64 rl */
            err = weft_compact_next_i64(r, &in, &x->rl);
            missing &= ~UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000c0d);
        case 0x000c0d: /* 12: uuid ou */
            err = weft_compact_next_uuid(r, &in, &x->ou);
            has |= UINT32_C(0x200);
            WEFT_NEXT_CASE(compact, 0x000d08);
        case 0x000d08: /* 13: string s */
            err = weft_compact_next_str(r, &in, &x->s);
            has |= UINT32_C(0x400);
            WEFT_NEXT_CASE(compact, 0x000e08);
        case 0x000e08: /* 14: binary os */
            err = weft_compact_next_str(r, &in, &x->os);
            has |= UINT32_C(0x800);
            WEFT_NEXT_CASE(compact, 0x000f08);
        case 0x000f08: /* 15: string rs */
            err = weft_compact_next_str(r, &in, &x->rs);
            missing &= ~UINT32_C(0x4);
            WEFT_NEXT_CASE(compact, 0x001009);
        case 0x001009: /* 16: list<i32> v */
            WEFT_VIA_READER(weft_compact_read_vec_i32(r, &x->v, &fits));
            if (fits)
                has |= UINT32_C(0x1000);
            WEFT_NEXT_CASE(compact, 0x00110a);
        case 0x00110a: /* 17: set<i16> ov */
            WEFT_VIA_READER(weft_compact_read_vec_i16(r, &x->ov, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 16, &x->ov);
            if (fits)
                has |= UINT32_C(0x2000);
            WEFT_NEXT_CASE(compact, 0x001209);
        case 0x001209: /* 18: list<string> rv */
            WEFT_VIA_READER(weft_compact_read_vec_str(r, &x->rv, &fits));
            if (fits)
                missing &= ~UINT32_C(0x8);
            WEFT_NEXT_CASE(compact, 0x00130b);
        case 0x00130b: /* 19: map<string, list<Item>> m */
            WEFT_VIA_READER(
                read_compact_lay_map_str_vec_Item(r, &x->m, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 18, &x->m);
            if (fits)
                has |= UINT32_C(0x4000);
            WEFT_NEXT_CASE(compact, 0x00140b);
        case 0x00140b: /* 20: map<i32, map<uuid, bool>> om */
            WEFT_VIA_READER(
                read_compact_lay_map_i32_map_uuid_bool(r, &x->om, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 19, &x->om);
            if (fits)
                has |= UINT32_C(0x8000);
            WEFT_NEXT_CASE(compact, 0x00150c);
        case 0x00150c: /* 21: Item it */
            WEFT_VIA_READER(lay_Item_read_compact(r, &x->it));
            has |= UINT32_C(0x10000);
            WEFT_NEXT_CASE(compact, 0x00160c);
        case 0x00160c: /* 22: Item oit */
            weft_run_end(r, &in);
            x->oit = weft_next_box(r, sizeof *x->oit);
            err = x->oit ? lay_Item_read_compact(r, x->oit) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x00170c);
        case 0x00170c: /* 23: Item rit */
            WEFT_VIA_READER(lay_Item_read_compact(r, &x->rit));
            missing &= ~UINT32_C(0x10);
            WEFT_NEXT_CASE(compact, 0x00180c);
        case 0x00180c: /* 24: Item bit */
            weft_run_end(r, &in);
            x->bit = weft_next_box(r, sizeof *x->bit);
            err = x->bit ? lay_Item_read_compact(r, x->bit) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x00190c);
        case 0x00190c: /* 25: Choice c */
            WEFT_VIA_READER(lay_Choice_read_compact(r, &x->c));
            has |= UINT32_C(0x20000);
            WEFT_NEXT_CASE(compact, 0x001a0c);
        case 0x001a0c: /* 26: Choice oc */
            weft_run_end(r, &in);
            x->oc = weft_next_box(r, sizeof *x->oc);
            err = x->oc ? lay_Choice_read_compact(r, x->oc) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x001b0c);
        case 0x001b0c: /* 27: Choice rc */
            WEFT_VIA_READER(lay_Choice_read_compact(r, &x->rc));
            missing &= ~UINT32_C(0x20);
            WEFT_NEXT_CASE(compact, 0x001c0c);
        case 0x001c0c: /* 28: Choice bc */
            weft_run_end(r, &in);
            x->bc = weft_next_box(r, sizeof *x->bc);
            err = x->bc ? lay_Choice_read_compact(r, x->bc) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            missing &= ~UINT32_C(0x40);
            WEFT_NEXT_CASE(compact, 0x001d09);
        case 0x001d09: /* 29: list<list<Choice>> ll */
            WEFT_VIA_READER(read_compact_lay_vec_vec_Choice(r, &x->ll, &fits));
            if (fits)
                has |= UINT32_C(0x40000);
            WEFT_NEXT_CASE(compact, 0x001e0a);
        case 0x001e0a: /* 30: set<set<i32>> ss */
            WEFT_VIA_READER(read_compact_lay_vec_set_i32(r, &x->ss, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 29, &x->ss);
            if (fits)
                has |= UINT32_C(0x80000);
            WEFT_NEXT_CASE(compact, 0x001f09);
        case 0x001f09: /* 31: list<map<Item, Choice>> lm */
            WEFT_VIA_READER(
                read_compact_lay_vec_map_Item_Choice(r, &x->lm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &lay_All_desc, 30, &x->lm);
            if (fits)
                has |= UINT32_C(0x100000);
            WEFT_NEXT_CASE(compact, 0x002005);
        case 0x002005: /* 32: i32 di */
            err = weft_compact_next_i32(r, &in, &x->di);
            has |= UINT32_C(0x200000);
            WEFT_NEXT_CASE(compact, 0x002109);
        case 0x002109: /* 33: list<i32> dv */
            WEFT_VIA_READER(weft_compact_read_vec_i32(r, &x->dv, &fits));
            if (fits)
                has |= UINT32_C(0x400000);
            WEFT_NEXT_CASE(compact, 0x00220c);
        case 0x00220c: /* 34: Item dit */
            WEFT_VIA_READER(lay_Item_read_compact(r, &x->dit));
            has |= UINT32_C(0x800000);
            WEFT_NEXT_CASE(compact, 0x00230d);
        case 0x00230d: /* 35: uuid du */
            err = weft_compact_next_uuid(r, &in, &x->du);
            has |= UINT32_C(0x1000000);
            break;
        default:
            WEFT_VIA_READER(weft_compact_read_unknown(r, field, &x->unknown));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
lay_All_write_compact(struct weft_writer *w, const void *record)
{
    const struct lay_All *x = record;
    int16_t last = 0; /* id of the last field */
    if (WEFT_UNLIKELY(!x->rs.ptr ||
                      !x->rv.items ||
                      !(x->rc.which || x->rc.unknown.len) ||
                      !x->bc || !(x->bc->which || x->bc->unknown.len))) {
        weft_write_refuse(w, &lay_All_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 5)) {
        weft_compact_put_bool_field(&out, &last, 1, x->b);
    }
    if (x->has.ob && weft_room_ready(w, &out, 5)) {
        weft_compact_put_bool_field(&out, &last, 2, x->ob);
    }
    if (weft_room_ready(w, &out, 64)) {
        weft_compact_put_bool_field(&out, &last, 3, x->rb);
        weft_compact_put_field(&out, &last, WEFT_I8, 4);
        weft_compact_put_i8(&out, x->y);
        weft_compact_put_field(&out, &last, WEFT_I16, 5);
        weft_compact_put_i16(&out, x->h);
        weft_compact_put_field(&out, &last, WEFT_I32, 6);
        weft_compact_put_i32(&out, x->i);
        weft_compact_put_field(&out, &last, WEFT_I64, 7);
        weft_compact_put_i64(&out, x->l);
        weft_compact_put_field(&out, &last, WEFT_DOUBLE, 8);
        weft_compact_put_double(&out, x->d);
    }
    if (weft_room_ready(w, &out, 20)) {
        weft_compact_put_field(&out, &last, WEFT_UUID, 9);
        weft_compact_put_uuid(&out, x->u);
    }
    if (x->has.oy && weft_room_ready(w, &out, 5)) {
        weft_compact_put_field(&out, &last, WEFT_I8, 10);
        weft_compact_put_i8(&out, x->oy);
    }
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I64, 11);
        weft_compact_put_i64(&out, x->rl);
    }
    if (x->has.ou && weft_room_ready(w, &out, 20)) {
        weft_compact_put_field(&out, &last, WEFT_UUID, 12);
        weft_compact_put_uuid(&out, x->ou);
    }
    weft_compact_put_str_field(w, &out, &last, 13, x->s);
    if (x->has.os) {
        weft_compact_put_str_field(w, &out, &last, 14, x->os);
    }
    weft_compact_put_str_field(w, &out, &last, 15, x->rs);
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 16);
    WEFT_VIA_WRITER(weft_compact_write_vec_i32(w, &x->v));
    if (x->has.ov) {
        weft_compact_put_head(w, &out, &last, WEFT_SET, 17);
        WEFT_VIA_WRITER(weft_compact_write_vec_i16(w, &x->ov));
    }
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 18);
    WEFT_VIA_WRITER(weft_compact_write_vec_str(w, &x->rv));
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 19);
    WEFT_VIA_WRITER(write_compact_lay_map_str_vec_Item(w, &x->m));
    if (x->has.om) {
        weft_compact_put_head(w, &out, &last, WEFT_MAP, 20);
        WEFT_VIA_WRITER(write_compact_lay_map_i32_map_uuid_bool(w, &x->om));
    }
    if (x->has.it || !weft_write_leaves_out(&lay_Item_desc, &x->it)) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 21);
        WEFT_VIA_WRITER(lay_Item_write_compact(w, &x->it));
    }
    if (x->oit) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 22);
        WEFT_VIA_WRITER(lay_Item_write_compact(w, x->oit));
    }
    weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 23);
    WEFT_VIA_WRITER(lay_Item_write_compact(w, &x->rit));
    if (x->bit) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 24);
        WEFT_VIA_WRITER(lay_Item_write_compact(w, x->bit));
    }
    weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 25);
    WEFT_VIA_WRITER(lay_Choice_write_compact(w, &x->c));
    if (x->oc && (x->oc->which || x->oc->unknown.len)) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 26);
        WEFT_VIA_WRITER(lay_Choice_write_compact(w, x->oc));
    }
    weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 27);
    WEFT_VIA_WRITER(lay_Choice_write_compact(w, &x->rc));
    weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 28);
    WEFT_VIA_WRITER(lay_Choice_write_compact(w, x->bc));
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 29);
    WEFT_VIA_WRITER(write_compact_lay_vec_vec_Choice(w, &x->ll));
    weft_compact_put_head(w, &out, &last, WEFT_SET, 30);
    WEFT_VIA_WRITER(write_compact_lay_vec_set_i32(w, &x->ss));
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 31);
    WEFT_VIA_WRITER(write_compact_lay_vec_map_Item_Choice(w, &x->lm));
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 32);
        weft_compact_put_i32(&out, x->di);
    }
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 33);
    WEFT_VIA_WRITER(weft_compact_write_vec_i32(w, &x->dv));
    if (x->has.dit || !weft_write_leaves_out(&lay_Item_desc, &x->dit)) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 34);
        WEFT_VIA_WRITER(lay_Item_write_compact(w, &x->dit));
    }
    if (weft_room_ready(w, &out, 20)) {
        weft_compact_put_field(&out, &last, WEFT_UUID, 35);
        weft_compact_put_uuid(&out, x->du);
    }
    WEFT_VIA_WRITER(weft_compact_write_unknown(w, &last, &x->unknown));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_i32 = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_i32),
    .item_size = sizeof(int32_t), .element = &weft_type_i32};

static const struct weft_type type_set_i16 = {
    .wire = WEFT_SET, .size = sizeof(struct weft_vec_i16),
    .item_size = sizeof(int16_t), .element = &weft_type_i16};

static const struct weft_type type_list_string = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_str),
    .item_size = sizeof(struct weft_str), .element = &weft_type_string};

static const struct weft_type type_list_lay_Item = {
    .wire = WEFT_LIST, .size = sizeof(struct lay_vec_Item),
    .item_size = sizeof(struct lay_Item), .element = &type_lay_Item};

static const struct weft_type type_map_string_list_lay_Item = {
    .wire = WEFT_MAP, .size = sizeof(struct lay_map_str_vec_Item),
    .item_size = sizeof(struct lay_map_str_vec_Item_item),
    .value_offset = offsetof(struct lay_map_str_vec_Item_item, value),
    .key = &weft_type_string, .element = &type_list_lay_Item};

static const struct weft_type type_map_uuid_bool = {
    .wire = WEFT_MAP, .size = sizeof(struct lay_map_uuid_bool),
    .item_size = sizeof(struct lay_map_uuid_bool_item),
    .value_offset = offsetof(struct lay_map_uuid_bool_item, value),
    .key = &weft_type_uuid, .element = &weft_type_bool};

static const struct weft_type type_map_i32_map_uuid_bool = {
    .wire = WEFT_MAP, .size = sizeof(struct lay_map_i32_map_uuid_bool),
    .item_size = sizeof(struct lay_map_i32_map_uuid_bool_item),
    .value_offset = offsetof(struct lay_map_i32_map_uuid_bool_item, value),
    .key = &weft_type_i32, .element = &type_map_uuid_bool};

static const struct weft_type type_lay_Choice = {
    .wire = WEFT_STRUCT, .size = sizeof(struct lay_Choice),
    .record = &lay_Choice_desc};

static const struct weft_type type_list_lay_Choice = {
    .wire = WEFT_LIST, .size = sizeof(struct lay_vec_Choice),
    .item_size = sizeof(struct lay_Choice), .element = &type_lay_Choice};

static const struct weft_type type_list_list_lay_Choice = {
    .wire = WEFT_LIST, .size = sizeof(struct lay_vec_vec_Choice),
    .item_size = sizeof(struct lay_vec_Choice),
    .element = &type_list_lay_Choice};

static const struct weft_type type_set_i32 = {
    .wire = WEFT_SET, .size = sizeof(struct weft_vec_i32),
    .item_size = sizeof(int32_t), .element = &weft_type_i32};

static const struct weft_type type_set_set_i32 = {
    .wire = WEFT_SET, .size = sizeof(struct lay_vec_set_i32),
    .item_size = sizeof(struct weft_vec_i32), .element = &type_set_i32};

static const struct weft_type type_map_lay_Item_lay_Choice = {
    .wire = WEFT_MAP, .size = sizeof(struct lay_map_Item_Choice),
    .item_size = sizeof(struct lay_map_Item_Choice_item),
    .value_offset = offsetof(struct lay_map_Item_Choice_item, value),
    .key = &type_lay_Item, .element = &type_lay_Choice};

static const struct weft_type type_list_map_lay_Item_lay_Choice = {
    .wire = WEFT_LIST, .size = sizeof(struct lay_vec_map_Item_Choice),
    .item_size = sizeof(struct lay_map_Item_Choice),
    .element = &type_map_lay_Item_lay_Choice};

static const struct weft_field lay_All_fields[] = {
    {.name = "b", .type = &weft_type_bool,
     .offset = offsetof(struct lay_All, b), .id = 1},
    {.name = "ob", .type = &weft_type_bool,
     .offset = offsetof(struct lay_All, ob), .has_bit = 1, .id = 2,
     .requiredness = WEFT_OPTIONAL},
    {.name = "rb", .type = &weft_type_bool,
     .offset = offsetof(struct lay_All, rb), .id = 3,
     .requiredness = WEFT_REQUIRED},
    {.name = "y", .type = &weft_type_i8, .offset = offsetof(struct lay_All, y),
     .has_bit = 2, .id = 4},
    {.name = "h", .type = &weft_type_i16, .offset = offsetof(struct lay_All, h),
     .has_bit = 3, .id = 5},
    {.name = "i", .type = &weft_type_i32, .offset = offsetof(struct lay_All, i),
     .has_bit = 4, .id = 6},
    {.name = "l", .type = &weft_type_i64, .offset = offsetof(struct lay_All, l),
     .has_bit = 5, .id = 7},
    {.name = "d", .type = &weft_type_double,
     .offset = offsetof(struct lay_All, d), .has_bit = 6, .id = 8},
    {.name = "u", .type = &weft_type_uuid,
     .offset = offsetof(struct lay_All, u), .has_bit = 7, .id = 9},
    {.name = "oy", .type = &weft_type_i8,
     .offset = offsetof(struct lay_All, oy), .has_bit = 8, .id = 10,
     .requiredness = WEFT_OPTIONAL},
    {.name = "rl", .type = &weft_type_i64,
     .offset = offsetof(struct lay_All, rl), .id = 11,
     .requiredness = WEFT_REQUIRED},
    {.name = "ou", .type = &weft_type_uuid,
     .offset = offsetof(struct lay_All, ou), .has_bit = 9, .id = 12,
     .requiredness = WEFT_OPTIONAL},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct lay_All, s), .has_bit = 10, .id = 13},
    {.name = "os", .type = &weft_type_binary,
     .offset = offsetof(struct lay_All, os), .has_bit = 11, .id = 14,
     .requiredness = WEFT_OPTIONAL},
    {.name = "rs", .type = &weft_type_string,
     .offset = offsetof(struct lay_All, rs), .id = 15,
     .requiredness = WEFT_REQUIRED},
    {.name = "v", .type = &type_list_i32, .offset = offsetof(struct lay_All, v),
     .has_bit = 12, .id = 16},
    {.name = "ov", .type = &type_set_i16,
     .offset = offsetof(struct lay_All, ov), .has_bit = 13, .id = 17,
     .requiredness = WEFT_OPTIONAL},
    {.name = "rv", .type = &type_list_string,
     .offset = offsetof(struct lay_All, rv), .id = 18,
     .requiredness = WEFT_REQUIRED},
    {.name = "m", .type = &type_map_string_list_lay_Item,
     .offset = offsetof(struct lay_All, m), .has_bit = 14, .id = 19},
    {.name = "om", .type = &type_map_i32_map_uuid_bool,
     .offset = offsetof(struct lay_All, om), .has_bit = 15, .id = 20,
     .requiredness = WEFT_OPTIONAL},
    {.name = "it", .type = &type_lay_Item,
     .offset = offsetof(struct lay_All, it), .has_bit = 16, .id = 21},
    {.name = "oit", .type = &type_lay_Item,
     .offset = offsetof(struct lay_All, oit), .id = 22,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "rit", .type = &type_lay_Item,
     .offset = offsetof(struct lay_All, rit), .id = 23,
     .requiredness = WEFT_REQUIRED},
    {.name = "bit", .type = &type_lay_Item,
     .offset = offsetof(struct lay_All, bit), .id = 24, .boxed = true},
    {.name = "c", .type = &type_lay_Choice,
     .offset = offsetof(struct lay_All, c), .has_bit = 17, .id = 25,
     .has_default = true},
    {.name = "oc", .type = &type_lay_Choice,
     .offset = offsetof(struct lay_All, oc), .id = 26,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "rc", .type = &type_lay_Choice,
     .offset = offsetof(struct lay_All, rc), .id = 27,
     .requiredness = WEFT_REQUIRED, .has_default = true},
    {.name = "bc", .type = &type_lay_Choice,
     .offset = offsetof(struct lay_All, bc), .id = 28,
     .requiredness = WEFT_REQUIRED, .boxed = true},
    {.name = "ll", .type = &type_list_list_lay_Choice,
     .offset = offsetof(struct lay_All, ll), .has_bit = 18, .id = 29},
    {.name = "ss", .type = &type_set_set_i32,
     .offset = offsetof(struct lay_All, ss), .has_bit = 19, .id = 30},
    {.name = "lm", .type = &type_list_map_lay_Item_lay_Choice,
     .offset = offsetof(struct lay_All, lm), .has_bit = 20, .id = 31},
    {.name = "di", .type = &weft_type_i32,
     .offset = offsetof(struct lay_All, di), .has_bit = 21, .id = 32},
    {.name = "dv", .type = &type_list_i32,
     .offset = offsetof(struct lay_All, dv), .has_bit = 22, .id = 33},
    {.name = "dit", .type = &type_lay_Item,
     .offset = offsetof(struct lay_All, dit), .has_bit = 23, .id = 34},
    {.name = "du", .type = &weft_type_uuid,
     .offset = offsetof(struct lay_All, du), .has_bit = 24, .id = 35},
};

static void
lay_All_init_any(void *record)
{
    lay_All_init(record);
}

const struct weft_struct lay_All_desc = {
    .name = "All", .fields = lay_All_fields, .n_fields = 35,
    .size = sizeof(struct lay_All), .has_offset = offsetof(struct lay_All, has),
    .kind = WEFT_RECORD_STRUCT, .init = lay_All_init_any, .keeps_unknown = true,
    .unknown_offset = offsetof(struct lay_All, unknown),
    .read_binary = lay_All_read_binary, .write_binary = lay_All_write_binary,
    .read_compact = lay_All_read_compact,
    .write_compact = lay_All_write_compact};

/* ---- lay_Empty ---- */

weft_err
lay_Empty_read_binary(struct weft_reader *r, void *record)
{
    struct lay_Empty *x = record;
    lay_Empty_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        WEFT_VIA_READER(weft_bin_skip_field(r, field));
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Empty_write_binary(struct weft_writer *w, const void *record)
{
    (void)record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
lay_Empty_read_compact(struct weft_reader *r, void *record)
{
    struct lay_Empty *x = record;
    lay_Empty_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000000)) {
        WEFT_VIA_READER(weft_compact_skip_field(r, field));
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Empty_write_compact(struct weft_writer *w, const void *record)
{
    (void)record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

const struct weft_struct lay_Empty_desc = {
    .name = "Empty", .size = sizeof(struct lay_Empty),
    .kind = WEFT_RECORD_STRUCT, .read_binary = lay_Empty_read_binary,
    .write_binary = lay_Empty_write_binary,
    .read_compact = lay_Empty_read_compact,
    .write_compact = lay_Empty_write_compact};

/* ---- lay_Kept ---- */

weft_err
lay_Kept_read_binary(struct weft_reader *r, void *record)
{
    struct lay_Kept *x = record;
    lay_Kept_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        WEFT_VIA_READER(weft_bin_read_unknown(r, field, &x->unknown));
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Kept_write_binary(struct weft_writer *w, const void *record)
{
    const struct lay_Kept *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    WEFT_VIA_WRITER(weft_bin_write_unknown(w, &x->unknown));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
lay_Kept_read_compact(struct weft_reader *r, void *record)
{
    struct lay_Kept *x = record;
    lay_Kept_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000000)) {
        WEFT_VIA_READER(weft_compact_read_unknown(r, field, &x->unknown));
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Kept_write_compact(struct weft_writer *w, const void *record)
{
    const struct lay_Kept *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    WEFT_VIA_WRITER(weft_compact_write_unknown(w, &last, &x->unknown));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

const struct weft_struct lay_Kept_desc = {
    .name = "Kept", .size = sizeof(struct lay_Kept), .kind = WEFT_RECORD_STRUCT,
    .keeps_unknown = true, .unknown_offset = offsetof(struct lay_Kept, unknown),
    .read_binary = lay_Kept_read_binary, .write_binary = lay_Kept_write_binary,
    .read_compact = lay_Kept_read_compact,
    .write_compact = lay_Kept_write_compact};

/* ---- lay_Table ---- */

void
lay_Table_init(struct lay_Table *x)
{
    weft_zero(x, sizeof *x);
    lay_All_init(&x->all);
}

weft_err
lay_Table_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&lay_Table_desc, WEFT_BINARY, r, record);
}

void
lay_Table_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&lay_Table_desc, WEFT_BINARY, w, record);
}

weft_err
lay_Table_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&lay_Table_desc, WEFT_COMPACT, r, record);
}

void
lay_Table_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&lay_Table_desc, WEFT_COMPACT, w, record);
}

static const struct weft_type type_lay_All = {
    .wire = WEFT_STRUCT, .size = sizeof(struct lay_All),
    .record = &lay_All_desc};

static const struct weft_type type_map_bool_bool = {
    .wire = WEFT_MAP, .size = sizeof(struct lay_map_bool_bool),
    .item_size = sizeof(struct lay_map_bool_bool_item),
    .value_offset = offsetof(struct lay_map_bool_bool_item, value),
    .key = &weft_type_bool, .element = &weft_type_bool};

static const struct weft_type type_list_map_bool_bool = {
    .wire = WEFT_LIST, .size = sizeof(struct lay_vec_map_bool_bool),
    .item_size = sizeof(struct lay_map_bool_bool),
    .element = &type_map_bool_bool};

static const struct weft_type type_list_i8 = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_i8),
    .item_size = sizeof(int8_t), .element = &weft_type_i8};

static const struct weft_type type_map_list_i8_i8 = {
    .wire = WEFT_MAP, .size = sizeof(struct lay_map_vec_i8_i8),
    .item_size = sizeof(struct lay_map_vec_i8_i8_item),
    .value_offset = offsetof(struct lay_map_vec_i8_i8_item, value),
    .key = &type_list_i8, .element = &weft_type_i8};

static const struct weft_field lay_Table_fields[] = {
    {.name = "all", .type = &type_lay_All,
     .offset = offsetof(struct lay_Table, all), .id = 1},
    {.name = "by", .type = &type_list_map_bool_bool,
     .offset = offsetof(struct lay_Table, by), .has_bit = 1, .id = 2},
    {.name = "keys", .type = &type_map_list_i8_i8,
     .offset = offsetof(struct lay_Table, keys), .has_bit = 2, .id = 3},
};

static void
lay_Table_init_any(void *record)
{
    lay_Table_init(record);
}

const struct weft_struct lay_Table_desc = {
    .name = "Table", .fields = lay_Table_fields, .n_fields = 3,
    .size = sizeof(struct lay_Table),
    .has_offset = offsetof(struct lay_Table, has), .kind = WEFT_RECORD_STRUCT,
    .init = lay_Table_init_any};

/* ---- lay_Tagged ---- */

void
lay_Tagged_init(struct lay_Tagged *x)
{
    weft_zero(x, sizeof *x);
    x->id = (struct weft_uuid){{
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
        0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
    }};
}

weft_err
lay_Tagged_read_binary(struct weft_reader *r, void *record)
{
    struct lay_Tagged *x = record;
    uint32_t has = 0;
    lay_Tagged_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000110)) {
        switch (field) {
        case 0x000110: /* 1: uuid id */
            err = weft_bin_next_uuid(r, &in, &x->id);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000208);
        case 0x000208: /* 2: i32 n */
            err = weft_bin_next_i32(r, &in, &x->n);
            has |= UINT32_C(0x2);
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Tagged_write_binary(struct weft_writer *w, const void *record)
{
    const struct lay_Tagged *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 26)) {
        weft_bin_put_field(&out, WEFT_UUID, 1);
        weft_bin_put_uuid(&out, x->id);
        weft_bin_put_field(&out, WEFT_I32, 2);
        weft_bin_put_i32(&out, x->n);
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
lay_Tagged_read_compact(struct weft_reader *r, void *record)
{
    struct lay_Tagged *x = record;
    uint32_t has = 0;
    lay_Tagged_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x00010d)) {
        switch (field) {
        case 0x00010d: /* 1: uuid id */
            err = weft_compact_next_uuid(r, &in, &x->id);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000205);
        case 0x000205: /* 2: i32 n */
            err = weft_compact_next_i32(r, &in, &x->n);
            has |= UINT32_C(0x2);
            break;
        default:
            WEFT_VIA_READER(weft_compact_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return err;
}

void
lay_Tagged_write_compact(struct weft_writer *w, const void *record)
{
    const struct lay_Tagged *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 34)) {
        weft_compact_put_field(&out, &last, WEFT_UUID, 1);
        weft_compact_put_uuid(&out, x->id);
        weft_compact_put_field(&out, &last, WEFT_I32, 2);
        weft_compact_put_i32(&out, x->n);
    }
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field lay_Tagged_fields[] = {
    {.name = "id", .type = &weft_type_uuid,
     .offset = offsetof(struct lay_Tagged, id), .id = 1},
    {.name = "n", .type = &weft_type_i32,
     .offset = offsetof(struct lay_Tagged, n), .has_bit = 1, .id = 2},
};

static void
lay_Tagged_init_any(void *record)
{
    lay_Tagged_init(record);
}

const struct weft_struct lay_Tagged_desc = {
    .name = "Tagged", .fields = lay_Tagged_fields, .n_fields = 2,
    .size = sizeof(struct lay_Tagged),
    .has_offset = offsetof(struct lay_Tagged, has), .kind = WEFT_RECORD_STRUCT,
    .init = lay_Tagged_init_any, .read_binary = lay_Tagged_read_binary,
    .write_binary = lay_Tagged_write_binary,
    .read_compact = lay_Tagged_read_compact,
    .write_compact = lay_Tagged_write_compact};
