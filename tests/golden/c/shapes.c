/* Made by weftc 0.1.0 from shapes.thrift; edit that. */
#include "shapes.h"

static weft_err
read_binary_shapes_vec_Point(struct weft_reader *r, struct shapes_vec_Point *v,
                             bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_list(r, &in, WEFT_STRUCT, sizeof *v->items, v,
                                      fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = shapes_Point_read_binary(r, &v->items[i]);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_read_leave(r);
    return err;
}

static void
write_binary_shapes_vec_Point(struct weft_writer *w,
                              const struct shapes_vec_Point *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_list(w, &out, WEFT_STRUCT, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        shapes_Point_write_binary(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static weft_err
read_compact_shapes_vec_Point(struct weft_reader *r, struct shapes_vec_Point *v,
                              bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_list(r, &in, WEFT_STRUCT, sizeof *v->items,
                                          v, fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = shapes_Point_read_compact(r, &v->items[i]);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_read_leave(r);
    return err;
}

static void
write_compact_shapes_vec_Point(struct weft_writer *w,
                               const struct shapes_vec_Point *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_list(w, &out, WEFT_STRUCT, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        shapes_Point_write_compact(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static weft_err
read_binary_shapes_vec_Shape(struct weft_reader *r, struct shapes_vec_Shape *v,
                             bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_list(r, &in, WEFT_STRUCT, sizeof *v->items, v,
                                      fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = shapes_Shape_read_binary(r, &v->items[i]);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_read_leave(r);
    return err;
}

static void
write_binary_shapes_vec_Shape(struct weft_writer *w,
                              const struct shapes_vec_Shape *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_list(w, &out, WEFT_STRUCT, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        shapes_Shape_write_binary(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static weft_err
read_compact_shapes_vec_Shape(struct weft_reader *r, struct shapes_vec_Shape *v,
                              bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_list(r, &in, WEFT_STRUCT, sizeof *v->items,
                                          v, fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = shapes_Shape_read_compact(r, &v->items[i]);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_read_leave(r);
    return err;
}

static void
write_compact_shapes_vec_Shape(struct weft_writer *w,
                               const struct shapes_vec_Shape *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_list(w, &out, WEFT_STRUCT, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        shapes_Shape_write_compact(w, &v->items[i]);
    }
    weft_write_leave(w);
}

static weft_err
read_binary_shapes_map_str_vec_Shape(struct weft_reader *r,
                                     struct shapes_map_str_vec_Shape *v,
                                     bool *fits)
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
        err = read_binary_shapes_vec_Shape(r, &v->items[i].value, &item_fits);
        in = weft_run_begin(r);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_binary_shapes_map_str_vec_Shape(
    struct weft_writer *w, const struct shapes_map_str_vec_Shape *v)
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
        write_binary_shapes_vec_Shape(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_shapes_map_str_vec_Shape(struct weft_reader *r,
                                      struct shapes_map_str_vec_Shape *v,
                                      bool *fits)
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
        err = read_compact_shapes_vec_Shape(r, &v->items[i].value, &item_fits);
        in = weft_run_begin(r);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_compact_shapes_map_str_vec_Shape(
    struct weft_writer *w, const struct shapes_map_str_vec_Shape *v)
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
        write_compact_shapes_vec_Shape(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_weft_vec_i32(struct weft_reader *r, struct weft_vec_i32 *v,
                         bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_list(r, &in, WEFT_I32, sizeof *v->items, v,
                                      fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_bin_next_i32(r, &in, &v->items[i]);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_binary_weft_vec_i32(struct weft_writer *w,
                          const struct weft_vec_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_list(w, &out, WEFT_I32, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 4))
            break;
        weft_bin_put_i32(&out, v->items[i]);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_weft_vec_i32(struct weft_reader *r, struct weft_vec_i32 *v,
                          bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_list(r, &in, WEFT_I32, sizeof *v->items, v,
                                          fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_compact_next_i32(r, &in, &v->items[i]);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_compact_weft_vec_i32(struct weft_writer *w,
                           const struct weft_vec_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_list(w, &out, WEFT_I32, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 10))
            break;
        weft_compact_put_i32(&out, v->items[i]);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_shapes_map_Point_set_i32(struct weft_reader *r,
                                     struct shapes_map_Point_set_i32 *v,
                                     bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_STRUCT, WEFT_SET,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = shapes_Point_read_binary(r, &v->items[i].key);
        if (err)
            break;
        err = read_binary_weft_vec_i32(r, &v->items[i].value, &item_fits);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_read_leave(r);
    return err;
}

static void
write_binary_shapes_map_Point_set_i32(
    struct weft_writer *w, const struct shapes_map_Point_set_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_STRUCT, WEFT_SET, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        shapes_Point_write_binary(w, &v->items[i].key);
        write_binary_weft_vec_i32(w, &v->items[i].value);
    }
    weft_write_leave(w);
}

static weft_err
read_compact_shapes_map_Point_set_i32(struct weft_reader *r,
                                      struct shapes_map_Point_set_i32 *v,
                                      bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_STRUCT, WEFT_SET,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    weft_run_end(r, &in);
    uint32_t i = 0;
    for (; i < v->len; i++) {
        bool item_fits;
        memset(&v->items[i], 0, sizeof v->items[i]);
        err = shapes_Point_read_compact(r, &v->items[i].key);
        if (err)
            break;
        err = read_compact_weft_vec_i32(r, &v->items[i].value, &item_fits);
        if (err)
            break;
    }
    v->len = i; /* without what an error left out */
    weft_read_leave(r);
    return err;
}

static void
write_compact_shapes_map_Point_set_i32(
    struct weft_writer *w, const struct shapes_map_Point_set_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_STRUCT, WEFT_SET, v->len);
    weft_room_end(w, &out);
    for (uint32_t i = 0; i < v->len; i++) {
        shapes_Point_write_compact(w, &v->items[i].key);
        write_compact_weft_vec_i32(w, &v->items[i].value);
    }
    weft_write_leave(w);
}

/* ---- shapes_Point ---- */

void
shapes_Point_init(struct shapes_Point *x)
{
    weft_zero(x, sizeof *x);
}

weft_err
shapes_Point_read_binary(struct weft_reader *r, void *record)
{
    struct shapes_Point *x = record;
    uint32_t missing = 0x3; /* required fields */
    shapes_Point_init(x);
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    struct weft_run in = weft_run_begin(r);
    for (uint32_t field = 0;;) {
        err = weft_bin_next_field(r, &in, &field, 0x000104);
        if (err)
            return err;
        if (field == WEFT_STOP)
            break;
        switch (field) {
        case 0x000104: /* 1: double x */
            err = weft_bin_next_double(r, &in, &x->x);
            missing &= ~UINT32_C(0x1);
            if (err || !weft_bin_follows(&in, &field, 0x000204))
                break;
            /* fall through */
        case 0x000204: /* 2: double y */
            err = weft_bin_next_double(r, &in, &x->y);
            missing &= ~UINT32_C(0x2);
            break;
        default:
            weft_run_end(r, &in);
            err = weft_bin_skip_field(r, field);
            in = weft_run_begin(r);
            break;
        }
        if (err)
            return err;
    }
    weft_run_end(r, &in);
    weft_read_leave(r);
    return missing ? WEFT_EREQUIRED : WEFT_OK;
}

void
shapes_Point_write_binary(struct weft_writer *w, const void *record)
{
    const struct shapes_Point *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 22)) {
        weft_bin_put_field(&out, WEFT_DOUBLE, 1);
        weft_bin_put_double(&out, x->x);
        weft_bin_put_field(&out, WEFT_DOUBLE, 2);
        weft_bin_put_double(&out, x->y);
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
shapes_Point_read_compact(struct weft_reader *r, void *record)
{
    struct shapes_Point *x = record;
    uint32_t missing = 0x3; /* required fields */
    shapes_Point_init(x);
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    struct weft_run in = weft_run_begin(r);
    for (uint32_t field = 0;;) {
        err = weft_compact_next_field(r, &in, &field, 0x000107);
        if (err)
            return err;
        if (field == WEFT_STOP)
            break;
        switch (field) {
        case 0x000107: /* 1: double x */
            err = weft_compact_next_double(r, &in, &x->x);
            missing &= ~UINT32_C(0x1);
            if (err || !weft_compact_follows(&in, &field, 0x000207))
                break;
            /* fall through */
        case 0x000207: /* 2: double y */
            err = weft_compact_next_double(r, &in, &x->y);
            missing &= ~UINT32_C(0x2);
            break;
        default:
            weft_run_end(r, &in);
            err = weft_compact_skip_field(r, field);
            in = weft_run_begin(r);
            break;
        }
        if (err)
            return err;
    }
    weft_run_end(r, &in);
    weft_read_leave(r);
    return missing ? WEFT_EREQUIRED : WEFT_OK;
}

void
shapes_Point_write_compact(struct weft_writer *w, const void *record)
{
    const struct shapes_Point *x = record;
    int16_t last = 0; /* field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 24)) {
        weft_compact_put_field(&out, &last, WEFT_DOUBLE, 1);
        weft_compact_put_double(&out, x->x);
        weft_compact_put_field(&out, &last, WEFT_DOUBLE, 2);
        weft_compact_put_double(&out, x->y);
    }
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_double = {
    .wire = WEFT_DOUBLE,
    .size = sizeof(double),
};

static const struct weft_field shapes_Point_fields[] = {
    {
        .name = "x",
        .type = &type_double,
        .offset = offsetof(struct shapes_Point, x),
        .id = 1,
        .requiredness = WEFT_REQUIRED,
    },
    {
        .name = "y",
        .type = &type_double,
        .offset = offsetof(struct shapes_Point, y),
        .id = 2,
        .requiredness = WEFT_REQUIRED,
    },
};

const struct weft_struct shapes_Point_desc = {
    .name = "Point",
    .fields = shapes_Point_fields,
    .n_fields = 2,
    .size = sizeof(struct shapes_Point),
    .kind = WEFT_RECORD_STRUCT,
    .read_binary = shapes_Point_read_binary,
    .read_compact = shapes_Point_read_compact,
    .write_binary = shapes_Point_write_binary,
    .write_compact = shapes_Point_write_compact,
};

weft_err
shapes_Point_read(struct weft_reader *r, struct shapes_Point *x)
{
    return shapes_Point_read_binary(r, x);
}

void
shapes_Point_write(struct weft_writer *w, const struct shapes_Point *x)
{
    shapes_Point_write_binary(w, x);
}

weft_err
shapes_Point_copy(struct weft_arena *arena, struct shapes_Point *to,
                  const struct shapes_Point *from)
{
    return weft_struct_copy(&shapes_Point_desc, arena, to, from);
}

bool
shapes_Point_equal(const struct shapes_Point *a,
                   const struct shapes_Point *b)
{
    return weft_struct_equal(&shapes_Point_desc, a, b);
}

uint64_t
shapes_Point_hash(const struct shapes_Point *x)
{
    return weft_struct_hash(&shapes_Point_desc, x);
}

void
shapes_Point_print(FILE *out, const struct shapes_Point *x)
{
    weft_struct_print(&shapes_Point_desc, out, x);
}

/* ---- shapes_Group ---- */

void
shapes_Group_init(struct shapes_Group *x)
{
    weft_zero(x, sizeof *x);
}

weft_err
shapes_Group_read_binary(struct weft_reader *r, void *record)
{
    struct shapes_Group *x = record;
    uint32_t has = 0;
    shapes_Group_init(x);
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    struct weft_run in = weft_run_begin(r);
    for (uint32_t field = 0;;) {
        bool fits = false;
        err = weft_bin_next_field(r, &in, &field, 0x00010c);
        if (err)
            return err;
        if (field == WEFT_STOP)
            break;
        switch (field) {
        case 0x00010c: /* 1: Shape main */
            weft_run_end(r, &in);
            x->main = weft_next_box(r, sizeof *x->main);
            err = x->main ? shapes_Shape_read_binary(r, x->main) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            if (err || !weft_bin_follows(&in, &field, 0x00020d))
                break;
            /* fall through */
        case 0x00020d: /* 2: Layers layers */
            weft_run_end(r, &in);
            err = read_binary_shapes_map_str_vec_Shape(r, &x->layers, &fits);
            in = weft_run_begin(r);
            if (fits)
                has |= UINT32_C(0x1);
            if (err || !weft_bin_follows(&in, &field, 0x00030d))
                break;
            /* fall through */
        case 0x00030d: /* 3: map<Point, set<i32>> marks */
            weft_run_end(r, &in);
            err = read_binary_shapes_map_Point_set_i32(r, &x->marks, &fits);
            in = weft_run_begin(r);
            if (fits)
                has |= UINT32_C(0x2);
            break;
        default:
            weft_run_end(r, &in);
            err = weft_bin_skip_field(r, field);
            in = weft_run_begin(r);
            break;
        }
        if (err)
            return err;
    }
    weft_run_end(r, &in);
    memcpy(&x->has, &has, sizeof x->has);
    weft_read_leave(r);
    return WEFT_OK;
}

void
shapes_Group_write_binary(struct weft_writer *w, const void *record)
{
    const struct shapes_Group *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->main) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        weft_room_end(w, &out);
        shapes_Shape_write_binary(w, x->main);
        out = weft_room_begin(w);
    }
    weft_bin_put_head(w, &out, WEFT_MAP, 2);
    weft_room_end(w, &out);
    write_binary_shapes_map_str_vec_Shape(w, &x->layers);
    out = weft_room_begin(w);
    weft_bin_put_head(w, &out, WEFT_MAP, 3);
    weft_room_end(w, &out);
    write_binary_shapes_map_Point_set_i32(w, &x->marks);
    out = weft_room_begin(w);
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
shapes_Group_read_compact(struct weft_reader *r, void *record)
{
    struct shapes_Group *x = record;
    uint32_t has = 0;
    shapes_Group_init(x);
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    struct weft_run in = weft_run_begin(r);
    for (uint32_t field = 0;;) {
        bool fits = false;
        err = weft_compact_next_field(r, &in, &field, 0x00010c);
        if (err)
            return err;
        if (field == WEFT_STOP)
            break;
        switch (field) {
        case 0x00010c: /* 1: Shape main */
            weft_run_end(r, &in);
            x->main = weft_next_box(r, sizeof *x->main);
            err =
                x->main ? shapes_Shape_read_compact(r, x->main) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            if (err || !weft_compact_follows(&in, &field, 0x00020b))
                break;
            /* fall through */
        case 0x00020b: /* 2: Layers layers */
            weft_run_end(r, &in);
            err = read_compact_shapes_map_str_vec_Shape(r, &x->layers, &fits);
            in = weft_run_begin(r);
            if (fits)
                has |= UINT32_C(0x1);
            if (err || !weft_compact_follows(&in, &field, 0x00030b))
                break;
            /* fall through */
        case 0x00030b: /* 3: map<Point, set<i32>> marks */
            weft_run_end(r, &in);
            err = read_compact_shapes_map_Point_set_i32(r, &x->marks, &fits);
            in = weft_run_begin(r);
            if (fits)
                has |= UINT32_C(0x2);
            break;
        default:
            weft_run_end(r, &in);
            err = weft_compact_skip_field(r, field);
            in = weft_run_begin(r);
            break;
        }
        if (err)
            return err;
    }
    weft_run_end(r, &in);
    memcpy(&x->has, &has, sizeof x->has);
    weft_read_leave(r);
    return WEFT_OK;
}

void
shapes_Group_write_compact(struct weft_writer *w, const void *record)
{
    const struct shapes_Group *x = record;
    int16_t last = 0; /* field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->main) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        weft_room_end(w, &out);
        shapes_Shape_write_compact(w, x->main);
        out = weft_room_begin(w);
    }
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 2);
    weft_room_end(w, &out);
    write_compact_shapes_map_str_vec_Shape(w, &x->layers);
    out = weft_room_begin(w);
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 3);
    weft_room_end(w, &out);
    write_compact_shapes_map_Point_set_i32(w, &x->marks);
    out = weft_room_begin(w);
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_shapes_Shape = {
    .wire = WEFT_STRUCT,
    .size = sizeof(struct shapes_Shape),
    .record = &shapes_Shape_desc,
};

static const struct weft_type type_string = {
    .wire = WEFT_STRING,
    .size = sizeof(struct weft_str),
};

static const struct weft_type type_list_shapes_Shape = {
    .wire = WEFT_LIST,
    .size = sizeof(struct shapes_vec_Shape),
    .item_size = sizeof(struct shapes_Shape),
    .element = &type_shapes_Shape,
};

static const struct weft_type type_map_string_list_shapes_Shape = {
    .wire = WEFT_MAP,
    .size = sizeof(struct shapes_map_str_vec_Shape),
    .item_size = sizeof(struct shapes_map_str_vec_Shape_item),
    .value_offset = offsetof(struct shapes_map_str_vec_Shape_item, value),
    .key = &type_string,
    .element = &type_list_shapes_Shape,
};

static const struct weft_type type_shapes_Point = {
    .wire = WEFT_STRUCT,
    .size = sizeof(struct shapes_Point),
    .record = &shapes_Point_desc,
};

static const struct weft_type type_i32 = {
    .wire = WEFT_I32,
    .size = sizeof(int32_t),
};

static const struct weft_type type_set_i32 = {
    .wire = WEFT_SET,
    .size = sizeof(struct weft_vec_i32),
    .item_size = sizeof(int32_t),
    .element = &type_i32,
};

static const struct weft_type type_map_shapes_Point_set_i32 = {
    .wire = WEFT_MAP,
    .size = sizeof(struct shapes_map_Point_set_i32),
    .item_size = sizeof(struct shapes_map_Point_set_i32_item),
    .value_offset = offsetof(struct shapes_map_Point_set_i32_item, value),
    .key = &type_shapes_Point,
    .element = &type_set_i32,
};

static const struct weft_field shapes_Group_fields[] = {
    {
        .name = "main",
        .type = &type_shapes_Shape,
        .offset = offsetof(struct shapes_Group, main),
        .id = 1,
        .boxed = true,
    },
    {
        .name = "layers",
        .type = &type_map_string_list_shapes_Shape,
        .offset = offsetof(struct shapes_Group, layers),
        .id = 2,
    },
    {
        .name = "marks",
        .type = &type_map_shapes_Point_set_i32,
        .offset = offsetof(struct shapes_Group, marks),
        .has_bit = 1,
        .id = 3,
    },
};

const struct weft_struct shapes_Group_desc = {
    .name = "Group",
    .fields = shapes_Group_fields,
    .n_fields = 3,
    .size = sizeof(struct shapes_Group),
    .has_offset = offsetof(struct shapes_Group, has),
    .kind = WEFT_RECORD_STRUCT,
    .read_binary = shapes_Group_read_binary,
    .read_compact = shapes_Group_read_compact,
    .write_binary = shapes_Group_write_binary,
    .write_compact = shapes_Group_write_compact,
};

weft_err
shapes_Group_read(struct weft_reader *r, struct shapes_Group *x)
{
    return shapes_Group_read_binary(r, x);
}

void
shapes_Group_write(struct weft_writer *w, const struct shapes_Group *x)
{
    shapes_Group_write_binary(w, x);
}

weft_err
shapes_Group_copy(struct weft_arena *arena, struct shapes_Group *to,
                  const struct shapes_Group *from)
{
    return weft_struct_copy(&shapes_Group_desc, arena, to, from);
}

bool
shapes_Group_equal(const struct shapes_Group *a,
                   const struct shapes_Group *b)
{
    return weft_struct_equal(&shapes_Group_desc, a, b);
}

uint64_t
shapes_Group_hash(const struct shapes_Group *x)
{
    return weft_struct_hash(&shapes_Group_desc, x);
}

void
shapes_Group_print(FILE *out, const struct shapes_Group *x)
{
    weft_struct_print(&shapes_Group_desc, out, x);
}

/* ---- shapes_Shape ---- */

void
shapes_Shape_init(struct shapes_Shape *x)
{
    weft_zero(x, sizeof *x);
}

weft_err
shapes_Shape_read_binary(struct weft_reader *r, void *record)
{
    struct shapes_Shape *x = record;
    weft_zero(x, sizeof *x);
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    struct weft_run in = weft_run_begin(r);
    for (uint32_t field = 0;;) {
        bool fits = false;
        err = weft_bin_next_field(r, &in, &field, 0x000000);
        if (err)
            return err;
        if (field == WEFT_STOP)
            break;
        switch (field) {
        case 0x00010c: /* 1: Point dot */
            weft_zero(x, sizeof *x);
            weft_run_end(r, &in);
            err = shapes_Point_read_binary(r, &x->dot);
            in = weft_run_begin(r);
            x->which = 1;
            break;
        case 0x00020f: /* 2: list<Point> line */
            weft_zero(x, sizeof *x);
            weft_run_end(r, &in);
            err = read_binary_shapes_vec_Point(r, &x->line, &fits);
            in = weft_run_begin(r);
            if (fits)
                x->which = 2;
            break;
        case 0x00030c: /* 3: Group group */
            weft_zero(x, sizeof *x);
            weft_run_end(r, &in);
            x->group = weft_next_box(r, sizeof *x->group);
            err =
                x->group ? shapes_Group_read_binary(r, x->group) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            x->which = 3;
            break;
        default:
            weft_run_end(r, &in);
            err = weft_bin_skip_field(r, field);
            in = weft_run_begin(r);
            break;
        }
        if (err)
            return err;
    }
    weft_run_end(r, &in);
    weft_read_leave(r);
    return WEFT_OK;
}

void
shapes_Shape_write_binary(struct weft_writer *w, const void *record)
{
    const struct shapes_Shape *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case 0: /* none */
        break;
    case 1: /* dot */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        weft_room_end(w, &out);
        shapes_Point_write_binary(w, &x->dot);
        out = weft_room_begin(w);
        break;
    case 2: /* line */
        weft_bin_put_head(w, &out, WEFT_LIST, 2);
        weft_room_end(w, &out);
        write_binary_shapes_vec_Point(w, &x->line);
        out = weft_room_begin(w);
        break;
    case 3: /* group */
        if (!x->group) {
            weft_room_end(w, &out);
            weft_writer_fail(w, WEFT_EREQUIRED);
            out = weft_room_begin(w);
            break;
        }
        weft_bin_put_head(w, &out, WEFT_STRUCT, 3);
        weft_room_end(w, &out);
        shapes_Group_write_binary(w, x->group);
        out = weft_room_begin(w);
        break;
    default:
        weft_room_end(w, &out);
        weft_writer_fail(w, WEFT_EVALUE);
        out = weft_room_begin(w);
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
shapes_Shape_read_compact(struct weft_reader *r, void *record)
{
    struct shapes_Shape *x = record;
    weft_zero(x, sizeof *x);
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    struct weft_run in = weft_run_begin(r);
    for (uint32_t field = 0;;) {
        bool fits = false;
        err = weft_compact_next_field(r, &in, &field, 0x000000);
        if (err)
            return err;
        if (field == WEFT_STOP)
            break;
        switch (field) {
        case 0x00010c: /* 1: Point dot */
            weft_zero(x, sizeof *x);
            weft_run_end(r, &in);
            err = shapes_Point_read_compact(r, &x->dot);
            in = weft_run_begin(r);
            x->which = 1;
            break;
        case 0x000209: /* 2: list<Point> line */
            weft_zero(x, sizeof *x);
            weft_run_end(r, &in);
            err = read_compact_shapes_vec_Point(r, &x->line, &fits);
            in = weft_run_begin(r);
            if (fits)
                x->which = 2;
            break;
        case 0x00030c: /* 3: Group group */
            weft_zero(x, sizeof *x);
            weft_run_end(r, &in);
            x->group = weft_next_box(r, sizeof *x->group);
            err = WEFT_EBUDGET;
            if (x->group)
                err = shapes_Group_read_compact(r, x->group);
            in = weft_run_begin(r);
            x->which = 3;
            break;
        default:
            weft_run_end(r, &in);
            err = weft_compact_skip_field(r, field);
            in = weft_run_begin(r);
            break;
        }
        if (err)
            return err;
    }
    weft_run_end(r, &in);
    weft_read_leave(r);
    return WEFT_OK;
}

void
shapes_Shape_write_compact(struct weft_writer *w, const void *record)
{
    const struct shapes_Shape *x = record;
    int16_t last = 0; /* field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case 0: /* none */
        break;
    case 1: /* dot */
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        weft_room_end(w, &out);
        shapes_Point_write_compact(w, &x->dot);
        out = weft_room_begin(w);
        break;
    case 2: /* line */
        weft_compact_put_head(w, &out, &last, WEFT_LIST, 2);
        weft_room_end(w, &out);
        write_compact_shapes_vec_Point(w, &x->line);
        out = weft_room_begin(w);
        break;
    case 3: /* group */
        if (!x->group) {
            weft_room_end(w, &out);
            weft_writer_fail(w, WEFT_EREQUIRED);
            out = weft_room_begin(w);
            break;
        }
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 3);
        weft_room_end(w, &out);
        shapes_Group_write_compact(w, x->group);
        out = weft_room_begin(w);
        break;
    default:
        weft_room_end(w, &out);
        weft_writer_fail(w, WEFT_EVALUE);
        out = weft_room_begin(w);
        break;
    }
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_shapes_Point = {
    .wire = WEFT_LIST,
    .size = sizeof(struct shapes_vec_Point),
    .item_size = sizeof(struct shapes_Point),
    .element = &type_shapes_Point,
};

static const struct weft_type type_shapes_Group = {
    .wire = WEFT_STRUCT,
    .size = sizeof(struct shapes_Group),
    .record = &shapes_Group_desc,
};

static const struct weft_field shapes_Shape_fields[] = {
    {
        .name = "dot",
        .type = &type_shapes_Point,
        .offset = offsetof(struct shapes_Shape, dot),
        .id = 1,
        .requiredness = WEFT_OPTIONAL,
    },
    {
        .name = "line",
        .type = &type_list_shapes_Point,
        .offset = offsetof(struct shapes_Shape, line),
        .id = 2,
        .requiredness = WEFT_OPTIONAL,
    },
    {
        .name = "group",
        .type = &type_shapes_Group,
        .offset = offsetof(struct shapes_Shape, group),
        .id = 3,
        .requiredness = WEFT_OPTIONAL,
        .boxed = true,
    },
};

const struct weft_struct shapes_Shape_desc = {
    .name = "Shape",
    .fields = shapes_Shape_fields,
    .n_fields = 3,
    .size = sizeof(struct shapes_Shape),
    .has_offset = offsetof(struct shapes_Shape, which),
    .kind = WEFT_RECORD_UNION,
    .read_binary = shapes_Shape_read_binary,
    .read_compact = shapes_Shape_read_compact,
    .write_binary = shapes_Shape_write_binary,
    .write_compact = shapes_Shape_write_compact,
};

weft_err
shapes_Shape_read(struct weft_reader *r, struct shapes_Shape *x)
{
    return shapes_Shape_read_binary(r, x);
}

void
shapes_Shape_write(struct weft_writer *w, const struct shapes_Shape *x)
{
    shapes_Shape_write_binary(w, x);
}

weft_err
shapes_Shape_copy(struct weft_arena *arena, struct shapes_Shape *to,
                  const struct shapes_Shape *from)
{
    return weft_struct_copy(&shapes_Shape_desc, arena, to, from);
}

bool
shapes_Shape_equal(const struct shapes_Shape *a,
                   const struct shapes_Shape *b)
{
    return weft_struct_equal(&shapes_Shape_desc, a, b);
}

uint64_t
shapes_Shape_hash(const struct shapes_Shape *x)
{
    return weft_struct_hash(&shapes_Shape_desc, x);
}

void
shapes_Shape_print(FILE *out, const struct shapes_Shape *x)
{
    weft_struct_print(&shapes_Shape_desc, out, x);
}

void
shapes_Shape_set_dot(struct shapes_Shape *x, struct shapes_Point value)
{
    x->which = shapes_Shape_dot;
    x->dot = value;
}

void
shapes_Shape_set_line(struct shapes_Shape *x, struct shapes_vec_Point value)
{
    x->which = shapes_Shape_line;
    x->line = value;
}

void
shapes_Shape_set_group(struct shapes_Shape *x, struct shapes_Group *value)
{
    x->which = shapes_Shape_group;
    x->group = value;
}
