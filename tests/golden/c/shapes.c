/* Made by weftc 0.1.0 from shapes.thrift; edit that. */
#include "shapes.h"

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
        err =
            weft_bin_read_structs(r, &v->items[i].value, &shapes_Shape_desc,
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
        weft_bin_write_structs(w, &v->items[i].value, &shapes_Shape_desc);
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
        err =
            weft_compact_read_structs(r, &v->items[i].value, &shapes_Shape_desc,
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
        weft_compact_write_structs(w, &v->items[i].value, &shapes_Shape_desc);
        out = weft_room_begin(w);
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
        err = weft_bin_read_vec_i32(r, &v->items[i].value, &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
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
        weft_bin_write_vec_i32(w, &v->items[i].value);
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
        err = weft_compact_read_vec_i32(r, &v->items[i].value, &item_fits);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
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
        weft_compact_write_vec_i32(w, &v->items[i].value);
    }
    weft_write_leave(w);
}

/* ---- shapes_Point ---- */

weft_err
shapes_Point_read_binary(struct weft_reader *r, void *record)
{
    struct shapes_Point *x = record;
    uint32_t missing = 0x3; /* required fields */
    shapes_Point_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000104)) {
        switch (field) {
        case 0x000104: /* 1: double x */
            err = weft_bin_next_double(r, &in, &x->x);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000204);
        case 0x000204: /* 2: double y */
            err = weft_bin_next_double(r, &in, &x->y);
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
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000107)) {
        switch (field) {
        case 0x000107: /* 1: double x */
            err = weft_compact_next_double(r, &in, &x->x);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000207);
        case 0x000207: /* 2: double y */
            err = weft_compact_next_double(r, &in, &x->y);
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
shapes_Point_write_compact(struct weft_writer *w, const void *record)
{
    const struct shapes_Point *x = record;
    int16_t last = 0; /* id of the last field */
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

static const struct weft_field shapes_Point_fields[] = {
    {.name = "x", .type = &weft_type_double,
     .offset = offsetof(struct shapes_Point, x), .id = 1,
     .requiredness = WEFT_REQUIRED},
    {.name = "y", .type = &weft_type_double,
     .offset = offsetof(struct shapes_Point, y), .id = 2,
     .requiredness = WEFT_REQUIRED},
};

const struct weft_struct shapes_Point_desc = {
    .name = "Point", .fields = shapes_Point_fields, .n_fields = 2,
    .size = sizeof(struct shapes_Point), .kind = WEFT_RECORD_STRUCT,
    .read_binary = shapes_Point_read_binary,
    .write_binary = shapes_Point_write_binary,
    .read_compact = shapes_Point_read_compact,
    .write_compact = shapes_Point_write_compact};

/* ---- shapes_Group ---- */

weft_err
shapes_Group_read_binary(struct weft_reader *r, void *record)
{
    struct shapes_Group *x = record;
    uint32_t has = 0;
    shapes_Group_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Shape main */
            weft_run_end(r, &in);
            x->main = weft_next_box(r, sizeof *x->main);
            err = x->main ? shapes_Shape_read_binary(r, x->main) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x00020d);
        case 0x00020d: /* 2: Layers layers */
            WEFT_VIA_READER(
                read_binary_shapes_map_str_vec_Shape(r, &x->layers, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &shapes_Group_desc, 1, &x->layers);
            if (fits)
                has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00030d);
        case 0x00030d: /* 3: map<Point, set<i32>> marks */
            WEFT_VIA_READER(
                read_binary_shapes_map_Point_set_i32(r, &x->marks, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &shapes_Group_desc, 2, &x->marks);
            if (fits)
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
shapes_Group_write_binary(struct weft_writer *w, const void *record)
{
    const struct shapes_Group *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->main && x->main->which) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(shapes_Shape_write_binary(w, x->main));
    }
    weft_bin_put_head(w, &out, WEFT_MAP, 2);
    WEFT_VIA_WRITER(write_binary_shapes_map_str_vec_Shape(w, &x->layers));
    weft_bin_put_head(w, &out, WEFT_MAP, 3);
    WEFT_VIA_WRITER(write_binary_shapes_map_Point_set_i32(w, &x->marks));
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
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Shape main */
            weft_run_end(r, &in);
            x->main = weft_next_box(r, sizeof *x->main);
            err =
                x->main ? shapes_Shape_read_compact(r, x->main) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x00020b);
        case 0x00020b: /* 2: Layers layers */
            WEFT_VIA_READER(
                read_compact_shapes_map_str_vec_Shape(r, &x->layers, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &shapes_Group_desc, 1, &x->layers);
            if (fits)
                has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x00030b);
        case 0x00030b: /* 3: map<Point, set<i32>> marks */
            WEFT_VIA_READER(
                read_compact_shapes_map_Point_set_i32(r, &x->marks, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &shapes_Group_desc, 2, &x->marks);
            if (fits)
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
shapes_Group_write_compact(struct weft_writer *w, const void *record)
{
    const struct shapes_Group *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->main && x->main->which) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(shapes_Shape_write_compact(w, x->main));
    }
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 2);
    WEFT_VIA_WRITER(write_compact_shapes_map_str_vec_Shape(w, &x->layers));
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 3);
    WEFT_VIA_WRITER(write_compact_shapes_map_Point_set_i32(w, &x->marks));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_shapes_Shape = {
    .wire = WEFT_STRUCT, .size = sizeof(struct shapes_Shape),
    .record = &shapes_Shape_desc};

static const struct weft_type type_list_shapes_Shape = {
    .wire = WEFT_LIST, .size = sizeof(struct shapes_vec_Shape),
    .item_size = sizeof(struct shapes_Shape), .element = &type_shapes_Shape};

static const struct weft_type type_map_string_list_shapes_Shape = {
    .wire = WEFT_MAP, .size = sizeof(struct shapes_map_str_vec_Shape),
    .item_size = sizeof(struct shapes_map_str_vec_Shape_item),
    .value_offset = offsetof(struct shapes_map_str_vec_Shape_item, value),
    .key = &weft_type_string, .element = &type_list_shapes_Shape};

static const struct weft_type type_shapes_Point = {
    .wire = WEFT_STRUCT, .size = sizeof(struct shapes_Point),
    .record = &shapes_Point_desc};

static const struct weft_type type_set_i32 = {
    .wire = WEFT_SET, .size = sizeof(struct weft_vec_i32),
    .item_size = sizeof(int32_t), .element = &weft_type_i32};

static const struct weft_type type_map_shapes_Point_set_i32 = {
    .wire = WEFT_MAP, .size = sizeof(struct shapes_map_Point_set_i32),
    .item_size = sizeof(struct shapes_map_Point_set_i32_item),
    .value_offset = offsetof(struct shapes_map_Point_set_i32_item, value),
    .key = &type_shapes_Point, .element = &type_set_i32};

static const struct weft_field shapes_Group_fields[] = {
    {.name = "main", .type = &type_shapes_Shape,
     .offset = offsetof(struct shapes_Group, main), .id = 1, .boxed = true},
    {.name = "layers", .type = &type_map_string_list_shapes_Shape,
     .offset = offsetof(struct shapes_Group, layers), .id = 2},
    {.name = "marks", .type = &type_map_shapes_Point_set_i32,
     .offset = offsetof(struct shapes_Group, marks), .has_bit = 1, .id = 3},
};

const struct weft_struct shapes_Group_desc = {
    .name = "Group", .fields = shapes_Group_fields, .n_fields = 3,
    .size = sizeof(struct shapes_Group),
    .has_offset = offsetof(struct shapes_Group, has),
    .kind = WEFT_RECORD_STRUCT, .read_binary = shapes_Group_read_binary,
    .write_binary = shapes_Group_write_binary,
    .read_compact = shapes_Group_read_compact,
    .write_compact = shapes_Group_write_compact};

/* ---- shapes_Shape ---- */

weft_err
shapes_Shape_read_binary(struct weft_reader *r, void *record)
{
    struct shapes_Shape *x = record;
    weft_zero(x, sizeof *x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Point dot */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(shapes_Point_read_binary(r, &x->dot));
            x->which = 1;
            break;
        case 0x00020f: /* 2: list<Point> line */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(
                weft_bin_read_structs(r, &x->line, &shapes_Point_desc, &fits));
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
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
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
        WEFT_VIA_WRITER(shapes_Point_write_binary(w, &x->dot));
        break;
    case 2: /* line */
        weft_bin_put_head(w, &out, WEFT_LIST, 2);
        WEFT_VIA_WRITER(
            weft_bin_write_structs(w, &x->line, &shapes_Point_desc));
        break;
    case 3: /* group */
        if (!x->group) {
            WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EREQUIRED));
            break;
        }
        weft_bin_put_head(w, &out, WEFT_STRUCT, 3);
        WEFT_VIA_WRITER(shapes_Group_write_binary(w, x->group));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
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
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000000)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Point dot */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(shapes_Point_read_compact(r, &x->dot));
            x->which = 1;
            break;
        case 0x000209: /* 2: list<Point> line */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(
                weft_compact_read_structs(r, &x->line, &shapes_Point_desc, &fits));
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
            WEFT_VIA_READER(weft_compact_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
shapes_Shape_write_compact(struct weft_writer *w, const void *record)
{
    const struct shapes_Shape *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case 0: /* none */
        break;
    case 1: /* dot */
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(shapes_Point_write_compact(w, &x->dot));
        break;
    case 2: /* line */
        weft_compact_put_head(w, &out, &last, WEFT_LIST, 2);
        WEFT_VIA_WRITER(
            weft_compact_write_structs(w, &x->line, &shapes_Point_desc));
        break;
    case 3: /* group */
        if (!x->group) {
            WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EREQUIRED));
            break;
        }
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 3);
        WEFT_VIA_WRITER(shapes_Group_write_compact(w, x->group));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_shapes_Point = {
    .wire = WEFT_LIST, .size = sizeof(struct shapes_vec_Point),
    .item_size = sizeof(struct shapes_Point), .element = &type_shapes_Point};

static const struct weft_type type_shapes_Group = {
    .wire = WEFT_STRUCT, .size = sizeof(struct shapes_Group),
    .record = &shapes_Group_desc};

static const struct weft_field shapes_Shape_fields[] = {
    {.name = "dot", .type = &type_shapes_Point,
     .offset = offsetof(struct shapes_Shape, dot), .id = 1,
     .requiredness = WEFT_OPTIONAL},
    {.name = "line", .type = &type_list_shapes_Point,
     .offset = offsetof(struct shapes_Shape, line), .id = 2,
     .requiredness = WEFT_OPTIONAL},
    {.name = "group", .type = &type_shapes_Group,
     .offset = offsetof(struct shapes_Shape, group), .id = 3,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
};

const struct weft_struct shapes_Shape_desc = {
    .name = "Shape", .fields = shapes_Shape_fields, .n_fields = 3,
    .size = sizeof(struct shapes_Shape),
    .has_offset = offsetof(struct shapes_Shape, which),
    .kind = WEFT_RECORD_UNION, .read_binary = shapes_Shape_read_binary,
    .write_binary = shapes_Shape_write_binary,
    .read_compact = shapes_Shape_read_compact,
    .write_compact = shapes_Shape_write_compact};
