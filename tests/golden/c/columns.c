/* Made by weftc 0.1.0 from columns.thrift; edit that. */
#include "columns.h"

#ifdef __GNUC__ /* shared defaults are const, views of them are not */
#pragma GCC diagnostic ignored "-Wcast-qual"
#endif

static weft_err
read_binary_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_reader *r, struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v,
    bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_I32, WEFT_STRUCT,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_bin_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err = a_BBBBBBBBBBBBBBBBBBBBBBB_read_binary(r, &v->items[i].value);
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
write_binary_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_writer *w, const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_I32, WEFT_STRUCT, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 4))
            break;
        weft_bin_put_i32(&out, v->items[i].key);
        weft_room_end(w, &out);
        a_BBBBBBBBBBBBBBBBBBBBBBB_write_binary(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_reader *r, struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v,
    bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_I32, WEFT_STRUCT,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_compact_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err = a_BBBBBBBBBBBBBBBBBBBBBBB_read_compact(r, &v->items[i].value);
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
write_compact_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_writer *w, const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_I32, WEFT_STRUCT, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 10))
            break;
        weft_compact_put_i32(&out, v->items[i].key);
        weft_room_end(w, &out);
        a_BBBBBBBBBBBBBBBBBBBBBBB_write_compact(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_reader *r, struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v,
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
        err =
            read_binary_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(r, &v->items[i].value,
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
write_binary_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_writer *w,
    const struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v)
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
        write_binary_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_reader *r, struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v,
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
        err =
            read_compact_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(r, &v->items[i].value,
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
write_compact_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(
    struct weft_writer *w,
    const struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB *v)
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
        write_compact_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_a_map_i32_B(struct weft_reader *r, struct a_map_i32_B *v,
                        bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_I32, WEFT_STRUCT,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_bin_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err = a_B_read_binary(r, &v->items[i].value);
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
write_binary_a_map_i32_B(struct weft_writer *w, const struct a_map_i32_B *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_I32, WEFT_STRUCT, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 4))
            break;
        weft_bin_put_i32(&out, v->items[i].key);
        weft_room_end(w, &out);
        a_B_write_binary(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_a_map_i32_B(struct weft_reader *r, struct a_map_i32_B *v,
                         bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_I32, WEFT_STRUCT,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_compact_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        weft_run_end(r, &in);
        err = a_B_read_compact(r, &v->items[i].value);
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
write_compact_a_map_i32_B(struct weft_writer *w, const struct a_map_i32_B *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_I32, WEFT_STRUCT, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 10))
            break;
        weft_compact_put_i32(&out, v->items[i].key);
        weft_room_end(w, &out);
        a_B_write_compact(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_a_map_i32_map_i32_B(struct weft_reader *r,
                                struct a_map_i32_map_i32_B *v, bool *fits)
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
        err = read_binary_a_map_i32_B(r, &v->items[i].value, &item_fits);
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
write_binary_a_map_i32_map_i32_B(struct weft_writer *w,
                                 const struct a_map_i32_map_i32_B *v)
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
        write_binary_a_map_i32_B(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_a_map_i32_map_i32_B(struct weft_reader *r,
                                 struct a_map_i32_map_i32_B *v, bool *fits)
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
        err = read_compact_a_map_i32_B(r, &v->items[i].value, &item_fits);
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
write_compact_a_map_i32_map_i32_B(struct weft_writer *w,
                                  const struct a_map_i32_map_i32_B *v)
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
        write_compact_a_map_i32_B(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_binary_a_map_i32_i32(struct weft_reader *r, struct a_map_i32_i32 *v,
                          bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_bin_next_map(r, &in, WEFT_I32, WEFT_I32,
                                     sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_bin_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        err = weft_bin_next_i32(r, &in, &v->items[i].value);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_binary_a_map_i32_i32(struct weft_writer *w,
                           const struct a_map_i32_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_map(w, &out, WEFT_I32, WEFT_I32, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 4))
            break;
        weft_bin_put_i32(&out, v->items[i].key);
        if (!weft_room_ready(w, &out, 4))
            break;
        weft_bin_put_i32(&out, v->items[i].value);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static weft_err
read_compact_a_map_i32_i32(struct weft_reader *r, struct a_map_i32_i32 *v,
                           bool *fits)
{
    struct weft_run in = weft_run_begin(r);
    weft_err err = weft_compact_next_map(r, &in, WEFT_I32, WEFT_I32,
                                         sizeof *v->items, v, fits);
    if (err || !*fits)
        return err;
    uint32_t i = 0;
    for (; i < v->len; i++) {
        err = weft_compact_next_i32(r, &in, &v->items[i].key);
        if (err)
            break;
        err = weft_compact_next_i32(r, &in, &v->items[i].value);
        if (err)
            break;
    }
    v->len = i; /* fewer after an error */
    weft_run_end(r, &in);
    weft_read_leave(r);
    return err;
}

static void
write_compact_a_map_i32_i32(struct weft_writer *w,
                            const struct a_map_i32_i32 *v)
{
    if (v->len > 0 && !v->items)
        weft_writer_fail(w, WEFT_EVALUE);
    if (w->err || !weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_map(w, &out, WEFT_I32, WEFT_I32, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        if (!weft_room_ready(w, &out, 10))
            break;
        weft_compact_put_i32(&out, v->items[i].key);
        if (!weft_room_ready(w, &out, 10))
            break;
        weft_compact_put_i32(&out, v->items[i].value);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

const struct weft_str a_A = WEFT_STR_INIT("xxxxxxxxxxxxxxxxx");

static const struct weft_str a_C_0[] = {
    WEFT_STR_INIT("xxxxxxxxxxxxxxxxx"), WEFT_STR_INIT("xxxxxxxxxxxxxxxxx"),
    WEFT_STR_INIT("y"),
};

const struct weft_vec_str a_C = {(struct weft_str *)a_C_0, 3, 0};

static const struct a_map_str_str_item a_D_0[] = {
    {WEFT_STR_INIT("xxxxxxxx"), WEFT_STR_INIT("yyyyyyyyy")},
};

const struct a_map_str_str a_D = {(struct a_map_str_str_item *)a_D_0, 1, 0};

const struct a_E a_F = {.s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxx"), .has.s = 1};

static const struct a_E a_G_0[] = {
    {
        .s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxx"),
        .has.s = 1,
        .t = WEFT_STR_INIT(""),
        .has.t = 1,
    },
};

const struct a_vec_E a_G = {(struct a_E *)a_G_0, 1, 0};

static const struct a_map_str_E_item a_H_0[] = {
    {WEFT_STR_INIT("a"), {.s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxx"), .has.s = 1}},
};

const struct a_map_str_E a_H = {(struct a_map_str_E_item *)a_H_0, 1, 0};

const struct weft_str a_I = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxx");

static const struct weft_str a_J_0[] = {
    WEFT_STR_INIT("xxxxxxxxxxxxxxxxxx"), WEFT_STR_INIT("xxxxxxxxxxxxxxxxxx"),
    WEFT_STR_INIT("y"),
};

const struct weft_vec_str a_J = {(struct weft_str *)a_J_0, 3, 0};

static const struct a_map_str_str_item a_K_0[] = {
    {WEFT_STR_INIT("xxxxxxxxx"), WEFT_STR_INIT("yyyyyyyyy")},
};

const struct a_map_str_str a_K = {(struct a_map_str_str_item *)a_K_0, 1, 0};

const struct a_L a_M = {.s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxx"), .has.s = 1};

static const struct a_L a_N_0[] = {
    {
        .s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxx"),
        .has.s = 1,
        .t = WEFT_STR_INIT(""),
        .has.t = 1,
    },
};

const struct a_vec_L a_N = {(struct a_L *)a_N_0, 1, 0};

static const struct a_map_str_L_item a_O_0[] = {
    {
        WEFT_STR_INIT("a"),
        {.s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxx"), .has.s = 1},
    },
};

const struct a_map_str_L a_O = {(struct a_map_str_L_item *)a_O_0, 1, 0};

const struct weft_str a_P = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxx");

static const struct weft_str a_Q_0[] = {
    WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxx"),
    WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxx"), WEFT_STR_INIT("y"),
};

const struct weft_vec_str a_Q = {(struct weft_str *)a_Q_0, 3, 0};

static const struct a_map_str_str_item a_R_0[] = {
    {WEFT_STR_INIT("xxxxxxxxxxxxx"), WEFT_STR_INIT("yyyyyyyyyyyyy")},
};

const struct a_map_str_str a_R = {(struct a_map_str_str_item *)a_R_0, 1, 0};

const struct a_S a_T = {
    .s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxx"),
    .has.s = 1,
};

static const struct a_S a_U_0[] = {
    {
        .s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxx"),
        .has.s = 1,
        .t = WEFT_STR_INIT(""),
        .has.t = 1,
    },
};

const struct a_vec_S a_U = {(struct a_S *)a_U_0, 1, 0};

static const struct a_map_str_S_item a_V_0[] = {
    {
        WEFT_STR_INIT("a"),
        {.s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxx"), .has.s = 1},
    },
};

const struct a_map_str_S a_V = {(struct a_map_str_S_item *)a_V_0, 1, 0};

const struct weft_str a_W = WEFT_STR_INIT(
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

static const struct weft_str a_X_0[] = {
    WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    WEFT_STR_INIT("y"),
};

const struct weft_vec_str a_X = {(struct weft_str *)a_X_0, 3, 0};

static const struct a_map_str_str_item a_Y_0[] = {
    {
        WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxx"),
        WEFT_STR_INIT("yyyyyyyyyyyyyyyyyyyyyy"),
    },
};

const struct a_map_str_str a_Y = {(struct a_map_str_str_item *)a_Y_0, 1, 0};

const struct a_Z a_a = {
    .s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    .has.s = 1,
};

static const struct a_Z a_b_0[] = {
    {
        .s = WEFT_STR_INIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        .has.s = 1,
        .t = WEFT_STR_INIT(""),
        .has.t = 1,
    },
};

const struct a_vec_Z a_b = {(struct a_Z *)a_b_0, 1, 0};

static const struct a_map_str_Z_item a_c_0[] = {
    {
        WEFT_STR_INIT("a"),
        {
            .s = WEFT_STR_INIT(
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
            .has.s = 1,
        },
    },
};

const struct a_map_str_Z a_c = {(struct a_map_str_Z_item *)a_c_0, 1, 0};

const struct a_BBBBBBBBBBBBBBBBBBBBBBBBB a_d = {.i = 1, .has.i = 1};

static const struct a_BBBBBBBBBBBBBBBBBBBBBBBBB a_dL_0[] = {
    {.i = 5},
};

const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBB a_dL = {
    (struct a_BBBBBBBBBBBBBBBBBBBBBBBBB *)a_dL_0, 1, 0};

static const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item a_dM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB a_dM = {
    (struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item *)a_dM_0, 1, 0};

const struct a_BBBBBBBBBBBBBBBBBBBBBBB a_e = {.i = 1, .has.i = 1};

static const struct a_BBBBBBBBBBBBBBBBBBBBBBB a_eL_0[] = {
    {.i = 5},
};

const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBB a_eL = {
    (struct a_BBBBBBBBBBBBBBBBBBBBBBB *)a_eL_0, 1, 0};

static const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item a_eM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB a_eM = {
    (struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item *)a_eM_0, 1, 0};

const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_f = {
    .i = 1,
    .has.i = 1,
};

static const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_fL_0[] = {
    {.i = 5},
};

const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_fL = {
    (struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *)a_fL_0, 1, 0};

static const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item a_fM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_fM = {
    (struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *)a_fM_0, 1, 0};

const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_g = {
    .i = 1,
    .has.i = 1,
};

static const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_gL_0[] = {
    {.i = 5},
};

const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_gL = {
    (struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *)a_gL_0, 1, 0};

static const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item a_gM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_gM = {
    (struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *)a_gM_0, 1, 0};

const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_h = {.i = 1, .has.i = 1};

static const struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_hL_0[] = {
    {.i = 5},
};

const struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_hL = {
    (struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *)a_hL_0, 1, 0};

static const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item a_hM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB a_hM = {
    (struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item *)a_hM_0, 1, 0};

const struct a_BBBB a_i = {.i = 1, .has.i = 1};

static const struct a_BBBB a_iL_0[] = {
    {.i = 5},
};

const struct a_vec_BBBB a_iL = {(struct a_BBBB *)a_iL_0, 1, 0};

static const struct a_map_i32_BBBB_item a_iM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_BBBB a_iM = {(struct a_map_i32_BBBB_item *)a_iM_0, 1, 0};

const struct a_BBBBB a_j = {.i = 1, .has.i = 1};

static const struct a_BBBBB a_jL_0[] = {
    {.i = 5},
};

const struct a_vec_BBBBB a_jL = {(struct a_BBBBB *)a_jL_0, 1, 0};

static const struct a_map_i32_BBBBB_item a_jM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_BBBBB a_jM = {
    (struct a_map_i32_BBBBB_item *)a_jM_0, 1, 0};

const struct a_B a_k = {.i = 1, .has.i = 1};

static const struct a_B a_kL_0[] = {
    {.i = 5},
};

const struct a_vec_B a_kL = {(struct a_B *)a_kL_0, 1, 0};

static const struct a_map_i32_B_item a_kM_0[] = {
    {1, {.i = 5}},
};

const struct a_map_i32_B a_kM = {(struct a_map_i32_B_item *)a_kM_0, 1, 0};

const struct weft_str a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnn = WEFT_STR_INIT("text");

static const int32_t a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnl_0[] = {
    1, 2,
};

const struct weft_vec_i32 a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnl = {
    (int32_t *)a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnl_0, 2, 0};

const struct a_q a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnp = {
    .x = 1,
    .has.x = 1,
    .s = WEFT_STR_INIT("x"),
    .has.s = 1,
};

const double a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnd = 1.5;

static const struct a_map_str_q_item a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnm_0[] = {
    {WEFT_STR_INIT("a"), {.x = 1, .has.x = 1}},
};

const struct a_map_str_q a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnm = {
    (struct a_map_str_q_item *)a_nnnnnnnnnnnnnnnnnnnnnnnnnnnnnm_0, 1, 0};

static const int32_t a_r_0[] = {
    77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777,
    77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777, 77777,
    77777, 77777,
};

const struct weft_vec_i32 a_r = {(int32_t *)a_r_0, 24, 0};

const struct weft_str a_s = WEFT_STR_INIT(
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");

const struct weft_str a_t = WEFT_STR_INIT(
    "xxxxxxxxxxx\nyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
    "yyyyyyyyyyy");

/* ---- a_E ---- */

void
a_E_init(struct a_E *x)
{
    weft_zero(x, sizeof *x);
    x->s = WEFT_STR("xxxxxxxxxxxxxxxxx");
}

weft_err
a_E_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_E_desc, WEFT_BINARY, r, record);
}

void
a_E_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_E_desc, WEFT_BINARY, w, record);
}

weft_err
a_E_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_E_desc, WEFT_COMPACT, r, record);
}

void
a_E_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_E_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field a_E_fields[] = {
    {.name = "s", .type = &weft_type_string, .offset = offsetof(struct a_E, s),
     .id = 1},
    {.name = "t", .type = &weft_type_string, .offset = offsetof(struct a_E, t),
     .has_bit = 1, .id = 2, .requiredness = WEFT_OPTIONAL},
};

static void
a_E_init_any(void *record)
{
    a_E_init(record);
}

const struct weft_struct a_E_desc = {
    .name = "E", .fields = a_E_fields, .n_fields = 2,
    .size = sizeof(struct a_E), .has_offset = offsetof(struct a_E, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_E_init_any};

/* ---- a_L ---- */

void
a_L_init(struct a_L *x)
{
    weft_zero(x, sizeof *x);
    x->s = WEFT_STR("xxxxxxxxxxxxxxxxxx");
}

weft_err
a_L_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_L_desc, WEFT_BINARY, r, record);
}

void
a_L_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_L_desc, WEFT_BINARY, w, record);
}

weft_err
a_L_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_L_desc, WEFT_COMPACT, r, record);
}

void
a_L_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_L_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field a_L_fields[] = {
    {.name = "s", .type = &weft_type_string, .offset = offsetof(struct a_L, s),
     .id = 1},
    {.name = "t", .type = &weft_type_string, .offset = offsetof(struct a_L, t),
     .has_bit = 1, .id = 2, .requiredness = WEFT_OPTIONAL},
};

static void
a_L_init_any(void *record)
{
    a_L_init(record);
}

const struct weft_struct a_L_desc = {
    .name = "L", .fields = a_L_fields, .n_fields = 2,
    .size = sizeof(struct a_L), .has_offset = offsetof(struct a_L, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_L_init_any};

/* ---- a_S ---- */

void
a_S_init(struct a_S *x)
{
    weft_zero(x, sizeof *x);
    x->s = WEFT_STR("xxxxxxxxxxxxxxxxxxxxxxxxxx");
}

weft_err
a_S_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_S_desc, WEFT_BINARY, r, record);
}

void
a_S_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_S_desc, WEFT_BINARY, w, record);
}

weft_err
a_S_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_S_desc, WEFT_COMPACT, r, record);
}

void
a_S_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_S_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field a_S_fields[] = {
    {.name = "s", .type = &weft_type_string, .offset = offsetof(struct a_S, s),
     .id = 1},
    {.name = "t", .type = &weft_type_string, .offset = offsetof(struct a_S, t),
     .has_bit = 1, .id = 2, .requiredness = WEFT_OPTIONAL},
};

static void
a_S_init_any(void *record)
{
    a_S_init(record);
}

const struct weft_struct a_S_desc = {
    .name = "S", .fields = a_S_fields, .n_fields = 2,
    .size = sizeof(struct a_S), .has_offset = offsetof(struct a_S, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_S_init_any};

/* ---- a_Z ---- */

void
a_Z_init(struct a_Z *x)
{
    weft_zero(x, sizeof *x);
    x->s = WEFT_STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

weft_err
a_Z_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_Z_desc, WEFT_BINARY, r, record);
}

void
a_Z_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_Z_desc, WEFT_BINARY, w, record);
}

weft_err
a_Z_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_Z_desc, WEFT_COMPACT, r, record);
}

void
a_Z_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_Z_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field a_Z_fields[] = {
    {.name = "s", .type = &weft_type_string, .offset = offsetof(struct a_Z, s),
     .id = 1},
    {.name = "t", .type = &weft_type_string, .offset = offsetof(struct a_Z, t),
     .has_bit = 1, .id = 2, .requiredness = WEFT_OPTIONAL},
};

static void
a_Z_init_any(void *record)
{
    a_Z_init(record);
}

const struct weft_struct a_Z_desc = {
    .name = "Z", .fields = a_Z_fields, .n_fields = 2,
    .size = sizeof(struct a_Z), .has_offset = offsetof(struct a_Z, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_Z_init_any};

/* ---- a_BBBBBBBBBBBBBBBBBBBBBBBBB ---- */

void
a_BBBBBBBBBBBBBBBBBBBBBBBBB_init(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBB_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_BBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_BINARY, r,
                            record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBB_write_binary(struct weft_writer *w,
                                         const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_BINARY, w,
                      record);
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBB_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_BBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_COMPACT, r,
                            record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBB_write_compact(struct weft_writer *w,
                                          const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_COMPACT, w,
                      record);
}

static const struct weft_type type_a_BBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB),
    .record = &a_BBBBBBBBBBBBBBBBBBBBBBBBB_desc};

static const struct weft_type type_list_a_BBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB),
    .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32, .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_map_i32_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32, .element = &type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_field a_BBBBBBBBBBBBBBBBBBBBBBBBB_fields[] = {
    {.name = "x", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, x), .id = 1,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_list_a_BBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, l), .id = 2},
    {.name = "m", .type = &type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, m), .has_bit = 1,
     .id = 3},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, s), .id = 4,
     .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, i), .has_bit = 2,
     .id = 5},
    {.name = "mm", .type = &type_map_i32_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, mm), .has_bit = 3,
     .id = 6},
    {.name = "r", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, r), .id = 7,
     .boxed = true},
};

static void
a_BBBBBBBBBBBBBBBBBBBBBBBBB_init_any(void *record)
{
    a_BBBBBBBBBBBBBBBBBBBBBBBBB_init(record);
}

const struct weft_struct a_BBBBBBBBBBBBBBBBBBBBBBBBB_desc = {
    .name = "BBBBBBBBBBBBBBBBBBBBBBBBB",
    .fields = a_BBBBBBBBBBBBBBBBBBBBBBBBB_fields, .n_fields = 7,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB),
    .has_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_BBBBBBBBBBBBBBBBBBBBBBBBB_init_any,
    .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBB, unknown)};

/* ---- a_BBBBBBBBBBBBBBBBBBBBBBB ---- */

void
a_BBBBBBBBBBBBBBBBBBBBBBB_init(struct a_BBBBBBBBBBBBBBBBBBBBBBB *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBB_read_binary(struct weft_reader *r, void *record)
{
    struct a_BBBBBBBBBBBBBBBBBBBBBBB *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_BBBBBBBBBBBBBBBBBBBBBBB_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: BBBBBBBBBBBBBBBBBBBBBBB x */
            weft_run_end(r, &in);
            x->x = weft_next_box(r, sizeof *x->x);
            err = WEFT_EBUDGET;
            if (x->x)
                err = a_BBBBBBBBBBBBBBBBBBBBBBB_read_binary(r, x->x);
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x00020f);
        case 0x00020f: /* 2: list<BBBBBBBBBBBBBBBBBBBBBBB> l */
            WEFT_VIA_READER(
                weft_bin_read_structs(r, &x->l, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, &fits));
            if (fits)
                has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00030d);
        case 0x00030d: /* 3: map<i32, BBBBBBBBBBBBBBBBBBBBBBB> m */
            WEFT_VIA_READER(
                read_binary_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(r, &x->m, &fits));
            if (!err && fits)
                err =
                    weft_read_unique(r, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, 2,
                                     &x->m);
            if (fits)
                has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x00040b);
        case 0x00040b: /* 4: string s */
            err = weft_bin_next_str(r, &in, &x->s);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000508);
        case 0x000508: /* 5: i32 i */
            err = weft_bin_next_i32(r, &in, &x->i);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x00060d);
        case 0x00060d: /* 6: map<i32, map<i32, BBBBBBBBBBBBBBBBBBBBBBB>> mm */
            WEFT_VIA_READER(
                read_binary_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(r, &x->mm, &fits));
            if (!err && fits)
                err =
                    weft_read_unique(r, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, 5,
                                     &x->mm);
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(bin, 0x00070c);
        case 0x00070c: /* 7: BBBBBBBBBBBBBBBBBBBBBBB r */
            weft_run_end(r, &in);
            x->r = weft_next_box(r, sizeof *x->r);
            err = WEFT_EBUDGET;
            if (x->r)
                err = a_BBBBBBBBBBBBBBBBBBBBBBB_read_binary(r, x->r);
            in = weft_run_begin(r);
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
a_BBBBBBBBBBBBBBBBBBBBBBB_write_binary(struct weft_writer *w,
                                       const void *record)
{
    const struct a_BBBBBBBBBBBBBBBBBBBBBBB *x = record;
    if (WEFT_UNLIKELY(!x->s.ptr)) {
        weft_write_refuse(w, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->x) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(a_BBBBBBBBBBBBBBBBBBBBBBB_write_binary(w, x->x));
    }
    weft_bin_put_head(w, &out, WEFT_LIST, 2);
    WEFT_VIA_WRITER(
        weft_bin_write_structs(w, &x->l, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc));
    weft_bin_put_head(w, &out, WEFT_MAP, 3);
    WEFT_VIA_WRITER(write_binary_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(w, &x->m));
    weft_bin_put_str_field(w, &out, 4, x->s);
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 5);
        weft_bin_put_i32(&out, x->i);
    }
    weft_bin_put_head(w, &out, WEFT_MAP, 6);
    WEFT_VIA_WRITER(
        write_binary_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(w, &x->mm));
    if (x->r) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_BBBBBBBBBBBBBBBBBBBBBBB_write_binary(w, x->r));
    }
    WEFT_VIA_WRITER(weft_bin_write_unknown(w, &x->unknown));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBB_read_compact(struct weft_reader *r, void *record)
{
    struct a_BBBBBBBBBBBBBBBBBBBBBBB *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_BBBBBBBBBBBBBBBBBBBBBBB_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: BBBBBBBBBBBBBBBBBBBBBBB x */
            weft_run_end(r, &in);
            x->x = weft_next_box(r, sizeof *x->x);
            err = WEFT_EBUDGET;
            if (x->x)
                err = a_BBBBBBBBBBBBBBBBBBBBBBB_read_compact(r, x->x);
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x000209);
        case 0x000209: /* 2: list<BBBBBBBBBBBBBBBBBBBBBBB> l */
            WEFT_VIA_READER(
                weft_compact_read_structs(r, &x->l, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, &fits));
            if (fits)
                has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x00030b);
        case 0x00030b: /* 3: map<i32, BBBBBBBBBBBBBBBBBBBBBBB> m */
            WEFT_VIA_READER(
                read_compact_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(r, &x->m, &fits));
            if (!err && fits)
                err =
                    weft_read_unique(r, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, 2,
                                     &x->m);
            if (fits)
                has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000408);
        case 0x000408: /* 4: string s */
            err = weft_compact_next_str(r, &in, &x->s);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000505);
        case 0x000505: /* 5: i32 i */
            err = weft_compact_next_i32(r, &in, &x->i);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(compact, 0x00060b);
        case 0x00060b: /* 6: map<i32, map<i32, BBBBBBBBBBBBBBBBBBBBBBB>> mm */
            WEFT_VIA_READER(
                read_compact_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(r, &x->mm, &fits));
            if (!err && fits)
                err =
                    weft_read_unique(r, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, 5,
                                     &x->mm);
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(compact, 0x00070c);
        case 0x00070c: /* 7: BBBBBBBBBBBBBBBBBBBBBBB r */
            weft_run_end(r, &in);
            x->r = weft_next_box(r, sizeof *x->r);
            err = WEFT_EBUDGET;
            if (x->r)
                err = a_BBBBBBBBBBBBBBBBBBBBBBB_read_compact(r, x->r);
            in = weft_run_begin(r);
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
a_BBBBBBBBBBBBBBBBBBBBBBB_write_compact(struct weft_writer *w,
                                        const void *record)
{
    const struct a_BBBBBBBBBBBBBBBBBBBBBBB *x = record;
    int16_t last = 0; /* id of the last field */
    if (WEFT_UNLIKELY(!x->s.ptr)) {
        weft_write_refuse(w, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->x) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(a_BBBBBBBBBBBBBBBBBBBBBBB_write_compact(w, x->x));
    }
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 2);
    WEFT_VIA_WRITER(
        weft_compact_write_structs(w, &x->l, &a_BBBBBBBBBBBBBBBBBBBBBBB_desc));
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 3);
    WEFT_VIA_WRITER(write_compact_a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(w, &x->m));
    weft_compact_put_str_field(w, &out, &last, 4, x->s);
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 5);
        weft_compact_put_i32(&out, x->i);
    }
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 6);
    WEFT_VIA_WRITER(
        write_compact_a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB(w, &x->mm));
    if (x->r) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_BBBBBBBBBBBBBBBBBBBBBBB_write_compact(w, x->r));
    }
    WEFT_VIA_WRITER(weft_compact_write_unknown(w, &last, &x->unknown));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_a_BBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBB),
    .record = &a_BBBBBBBBBBBBBBBBBBBBBBB_desc};

static const struct weft_type type_list_a_BBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_BBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBB),
    .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32, .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_map_i32_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32, .element = &type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_field a_BBBBBBBBBBBBBBBBBBBBBBB_fields[] = {
    {.name = "x", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, x), .id = 1,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_list_a_BBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, l), .id = 2},
    {.name = "m", .type = &type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, m), .has_bit = 1,
     .id = 3},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, s), .id = 4,
     .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, i), .has_bit = 2,
     .id = 5},
    {.name = "mm", .type = &type_map_i32_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, mm), .has_bit = 3,
     .id = 6},
    {.name = "r", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, r), .id = 7,
     .boxed = true},
};

static void
a_BBBBBBBBBBBBBBBBBBBBBBB_init_any(void *record)
{
    a_BBBBBBBBBBBBBBBBBBBBBBB_init(record);
}

const struct weft_struct a_BBBBBBBBBBBBBBBBBBBBBBB_desc = {
    .name = "BBBBBBBBBBBBBBBBBBBBBBB",
    .fields = a_BBBBBBBBBBBBBBBBBBBBBBB_fields, .n_fields = 7,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBB),
    .has_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_BBBBBBBBBBBBBBBBBBBBBBB_init_any,
    .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBB, unknown),
    .read_binary = a_BBBBBBBBBBBBBBBBBBBBBBB_read_binary,
    .write_binary = a_BBBBBBBBBBBBBBBBBBBBBBB_write_binary,
    .read_compact = a_BBBBBBBBBBBBBBBBBBBBBBB_read_compact,
    .write_compact = a_BBBBBBBBBBBBBBBBBBBBBBB_write_compact};

/* ---- a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB ---- */

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_read_binary(struct weft_reader *r,
                                                      void *record)
{
    return weft_struct_read(
        &a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_BINARY, r,
        record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_write_binary(struct weft_writer *w,
                                                       const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc,
                      WEFT_BINARY, w, record);
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_read_compact(struct weft_reader *r,
                                                       void *record)
{
    return weft_struct_read(
        &a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_COMPACT, r,
        record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_write_compact(
    struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc,
                      WEFT_COMPACT, w, record);
}

static const struct weft_type type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_STRUCT,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .record = &a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc};

static const struct weft_type type_0 = {
    .wire = WEFT_LIST,
    .size = sizeof(struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_1 = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32,
    .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_2 = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32, .element = &type_1};

static const struct weft_field a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_fields[] = {
    {.name = "x", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, x),
     .id = 1, .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_0,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, l),
     .id = 2},
    {.name = "m", .type = &type_1,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, m),
     .has_bit = 1, .id = 3},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, s),
     .id = 4, .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, i),
     .has_bit = 2, .id = 5},
    {.name = "mm", .type = &type_2,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, mm),
     .has_bit = 3, .id = 6},
    {.name = "r", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, r),
     .id = 7, .boxed = true},
};

static void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init_any(void *record)
{
    a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(record);
}

const struct weft_struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc = {
    .name = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
    .fields = a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_fields, .n_fields = 7,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .has_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, has),
    .kind = WEFT_RECORD_STRUCT,
    .init = a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init_any,
    .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, unknown)};

/* ---- a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB ---- */

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_read_binary(struct weft_reader *r,
                                                       void *record)
{
    return weft_struct_read(
        &a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_BINARY, r,
        record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_write_binary(
    struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc,
                      WEFT_BINARY, w, record);
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_read_compact(
    struct weft_reader *r, void *record)
{
    return weft_struct_read(
        &a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_COMPACT, r,
        record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_write_compact(
    struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc,
                      WEFT_COMPACT, w, record);
}

static const struct weft_type type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_STRUCT,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .record = &a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc};

static const struct weft_type type_3 = {
    .wire = WEFT_LIST,
    .size = sizeof(struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_4 = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32,
    .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_5 = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32, .element = &type_4};

static const struct weft_field a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_fields[] = {
    {.name = "x", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, x),
     .id = 1, .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_3,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, l),
     .id = 2},
    {.name = "m", .type = &type_4,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, m),
     .has_bit = 1, .id = 3},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, s),
     .id = 4, .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, i),
     .has_bit = 2, .id = 5},
    {.name = "mm", .type = &type_5,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, mm),
     .has_bit = 3, .id = 6},
    {.name = "r", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, r),
     .id = 7, .boxed = true},
};

static void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init_any(void *record)
{
    a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(record);
}

const struct weft_struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc = {
    .name = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
    .fields = a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_fields, .n_fields = 7,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .has_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, has),
    .kind = WEFT_RECORD_STRUCT,
    .init = a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init_any,
    .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, unknown)};

/* ---- a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB ---- */

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(
    struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_read_binary(struct weft_reader *r,
                                             void *record)
{
    return weft_struct_read(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_BINARY,
                            r, record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_write_binary(struct weft_writer *w,
                                              const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_BINARY, w,
                      record);
}

weft_err
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_read_compact(struct weft_reader *r,
                                              void *record)
{
    return weft_struct_read(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc,
                            WEFT_COMPACT, r, record);
}

void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_write_compact(struct weft_writer *w,
                                               const void *record)
{
    weft_struct_write(&a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc, WEFT_COMPACT, w,
                      record);
}

static const struct weft_type type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_STRUCT,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .record = &a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc};

static const struct weft_type type_list_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_LIST,
    .size = sizeof(struct a_vec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32, .element = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_type type_6 = {
    .wire = WEFT_MAP,
    .size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .item_size = sizeof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_item, value),
    .key = &weft_type_i32,
    .element = &type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB};

static const struct weft_field a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_fields[] = {
    {.name = "x", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, x), .id = 1,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_list_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, l), .id = 2},
    {.name = "m", .type = &type_map_i32_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, m),
     .has_bit = 1, .id = 3},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, s), .id = 4,
     .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, i),
     .has_bit = 2, .id = 5},
    {.name = "mm", .type = &type_6,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, mm),
     .has_bit = 3, .id = 6},
    {.name = "r", .type = &type_a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB,
     .offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, r), .id = 7,
     .boxed = true},
};

static void
a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init_any(void *record)
{
    a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init(record);
}

const struct weft_struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_desc = {
    .name = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
    .fields = a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_fields, .n_fields = 7,
    .size = sizeof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB),
    .has_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, has),
    .kind = WEFT_RECORD_STRUCT,
    .init = a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_init_any, .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBB, unknown)};

/* ---- a_BBBB ---- */

void
a_BBBB_init(struct a_BBBB *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_BBBB_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_BBBB_desc, WEFT_BINARY, r, record);
}

void
a_BBBB_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_BBBB_desc, WEFT_BINARY, w, record);
}

weft_err
a_BBBB_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_BBBB_desc, WEFT_COMPACT, r, record);
}

void
a_BBBB_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_BBBB_desc, WEFT_COMPACT, w, record);
}

static const struct weft_type type_a_BBBB = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_BBBB), .record = &a_BBBB_desc};

static const struct weft_type type_list_a_BBBB = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_BBBB),
    .item_size = sizeof(struct a_BBBB), .element = &type_a_BBBB};

static const struct weft_type type_map_i32_a_BBBB = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_BBBB),
    .item_size = sizeof(struct a_map_i32_BBBB_item),
    .value_offset = offsetof(struct a_map_i32_BBBB_item, value),
    .key = &weft_type_i32, .element = &type_a_BBBB};

static const struct weft_type type_map_i32_map_i32_a_BBBB = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_map_i32_BBBB),
    .item_size = sizeof(struct a_map_i32_map_i32_BBBB_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_BBBB_item, value),
    .key = &weft_type_i32, .element = &type_map_i32_a_BBBB};

static const struct weft_field a_BBBB_fields[] = {
    {.name = "x", .type = &type_a_BBBB, .offset = offsetof(struct a_BBBB, x),
     .id = 1, .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_list_a_BBBB,
     .offset = offsetof(struct a_BBBB, l), .id = 2},
    {.name = "m", .type = &type_map_i32_a_BBBB,
     .offset = offsetof(struct a_BBBB, m), .has_bit = 1, .id = 3},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct a_BBBB, s), .id = 4,
     .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32, .offset = offsetof(struct a_BBBB, i),
     .has_bit = 2, .id = 5},
    {.name = "mm", .type = &type_map_i32_map_i32_a_BBBB,
     .offset = offsetof(struct a_BBBB, mm), .has_bit = 3, .id = 6},
    {.name = "r", .type = &type_a_BBBB, .offset = offsetof(struct a_BBBB, r),
     .id = 7, .boxed = true},
};

static void
a_BBBB_init_any(void *record)
{
    a_BBBB_init(record);
}

const struct weft_struct a_BBBB_desc = {
    .name = "BBBB", .fields = a_BBBB_fields, .n_fields = 7,
    .size = sizeof(struct a_BBBB), .has_offset = offsetof(struct a_BBBB, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_BBBB_init_any, .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_BBBB, unknown)};

/* ---- a_BBBBB ---- */

void
a_BBBBB_init(struct a_BBBBB *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_BBBBB_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_BBBBB_desc, WEFT_BINARY, r, record);
}

void
a_BBBBB_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_BBBBB_desc, WEFT_BINARY, w, record);
}

weft_err
a_BBBBB_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_BBBBB_desc, WEFT_COMPACT, r, record);
}

void
a_BBBBB_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_BBBBB_desc, WEFT_COMPACT, w, record);
}

static const struct weft_type type_a_BBBBB = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_BBBBB),
    .record = &a_BBBBB_desc};

static const struct weft_type type_list_a_BBBBB = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_BBBBB),
    .item_size = sizeof(struct a_BBBBB), .element = &type_a_BBBBB};

static const struct weft_type type_map_i32_a_BBBBB = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_BBBBB),
    .item_size = sizeof(struct a_map_i32_BBBBB_item),
    .value_offset = offsetof(struct a_map_i32_BBBBB_item, value),
    .key = &weft_type_i32, .element = &type_a_BBBBB};

static const struct weft_type type_map_i32_map_i32_a_BBBBB = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_map_i32_BBBBB),
    .item_size = sizeof(struct a_map_i32_map_i32_BBBBB_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_BBBBB_item, value),
    .key = &weft_type_i32, .element = &type_map_i32_a_BBBBB};

static const struct weft_field a_BBBBB_fields[] = {
    {.name = "x", .type = &type_a_BBBBB, .offset = offsetof(struct a_BBBBB, x),
     .id = 1, .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_list_a_BBBBB,
     .offset = offsetof(struct a_BBBBB, l), .id = 2},
    {.name = "m", .type = &type_map_i32_a_BBBBB,
     .offset = offsetof(struct a_BBBBB, m), .has_bit = 1, .id = 3},
    {.name = "s", .type = &weft_type_string,
     .offset = offsetof(struct a_BBBBB, s), .id = 4,
     .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32, .offset = offsetof(struct a_BBBBB, i),
     .has_bit = 2, .id = 5},
    {.name = "mm", .type = &type_map_i32_map_i32_a_BBBBB,
     .offset = offsetof(struct a_BBBBB, mm), .has_bit = 3, .id = 6},
    {.name = "r", .type = &type_a_BBBBB, .offset = offsetof(struct a_BBBBB, r),
     .id = 7, .boxed = true},
};

static void
a_BBBBB_init_any(void *record)
{
    a_BBBBB_init(record);
}

const struct weft_struct a_BBBBB_desc = {
    .name = "BBBBB", .fields = a_BBBBB_fields, .n_fields = 7,
    .size = sizeof(struct a_BBBBB), .has_offset = offsetof(struct a_BBBBB, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_BBBBB_init_any, .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_BBBBB, unknown)};

/* ---- a_B ---- */

void
a_B_init(struct a_B *x)
{
    weft_zero(x, sizeof *x);
    x->i = 5;
}

weft_err
a_B_read_binary(struct weft_reader *r, void *record)
{
    struct a_B *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_B_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: B x */
            weft_run_end(r, &in);
            x->x = weft_next_box(r, sizeof *x->x);
            err = x->x ? a_B_read_binary(r, x->x) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x00020f);
        case 0x00020f: /* 2: list<B> l */
            WEFT_VIA_READER(weft_bin_read_structs(r, &x->l, &a_B_desc, &fits));
            if (fits)
                has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00030d);
        case 0x00030d: /* 3: map<i32, B> m */
            WEFT_VIA_READER(read_binary_a_map_i32_B(r, &x->m, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_B_desc, 2, &x->m);
            if (fits)
                has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x00040b);
        case 0x00040b: /* 4: string s */
            err = weft_bin_next_str(r, &in, &x->s);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000508);
        case 0x000508: /* 5: i32 i */
            err = weft_bin_next_i32(r, &in, &x->i);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x00060d);
        case 0x00060d: /* 6: map<i32, map<i32, B>> mm */
            WEFT_VIA_READER(read_binary_a_map_i32_map_i32_B(r, &x->mm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_B_desc, 5, &x->mm);
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(bin, 0x00070c);
        case 0x00070c: /* 7: B r */
            weft_run_end(r, &in);
            x->r = weft_next_box(r, sizeof *x->r);
            err = x->r ? a_B_read_binary(r, x->r) : WEFT_EBUDGET;
            in = weft_run_begin(r);
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
a_B_write_binary(struct weft_writer *w, const void *record)
{
    const struct a_B *x = record;
    if (WEFT_UNLIKELY(!x->s.ptr)) {
        weft_write_refuse(w, &a_B_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->x) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(a_B_write_binary(w, x->x));
    }
    weft_bin_put_head(w, &out, WEFT_LIST, 2);
    WEFT_VIA_WRITER(weft_bin_write_structs(w, &x->l, &a_B_desc));
    weft_bin_put_head(w, &out, WEFT_MAP, 3);
    WEFT_VIA_WRITER(write_binary_a_map_i32_B(w, &x->m));
    weft_bin_put_str_field(w, &out, 4, x->s);
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 5);
        weft_bin_put_i32(&out, x->i);
    }
    weft_bin_put_head(w, &out, WEFT_MAP, 6);
    WEFT_VIA_WRITER(write_binary_a_map_i32_map_i32_B(w, &x->mm));
    if (x->r) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_B_write_binary(w, x->r));
    }
    WEFT_VIA_WRITER(weft_bin_write_unknown(w, &x->unknown));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
a_B_read_compact(struct weft_reader *r, void *record)
{
    struct a_B *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_B_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: B x */
            weft_run_end(r, &in);
            x->x = weft_next_box(r, sizeof *x->x);
            err = x->x ? a_B_read_compact(r, x->x) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x000209);
        case 0x000209: /* 2: list<B> l */
            WEFT_VIA_READER(
                weft_compact_read_structs(r, &x->l, &a_B_desc, &fits));
            if (fits)
                has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x00030b);
        case 0x00030b: /* 3: map<i32, B> m */
            WEFT_VIA_READER(read_compact_a_map_i32_B(r, &x->m, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_B_desc, 2, &x->m);
            if (fits)
                has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000408);
        case 0x000408: /* 4: string s */
            err = weft_compact_next_str(r, &in, &x->s);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000505);
        case 0x000505: /* 5: i32 i */
            err = weft_compact_next_i32(r, &in, &x->i);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(compact, 0x00060b);
        case 0x00060b: /* 6: map<i32, map<i32, B>> mm */
            WEFT_VIA_READER(
                read_compact_a_map_i32_map_i32_B(r, &x->mm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_B_desc, 5, &x->mm);
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(compact, 0x00070c);
        case 0x00070c: /* 7: B r */
            weft_run_end(r, &in);
            x->r = weft_next_box(r, sizeof *x->r);
            err = x->r ? a_B_read_compact(r, x->r) : WEFT_EBUDGET;
            in = weft_run_begin(r);
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
a_B_write_compact(struct weft_writer *w, const void *record)
{
    const struct a_B *x = record;
    int16_t last = 0; /* id of the last field */
    if (WEFT_UNLIKELY(!x->s.ptr)) {
        weft_write_refuse(w, &a_B_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->x) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(a_B_write_compact(w, x->x));
    }
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 2);
    WEFT_VIA_WRITER(weft_compact_write_structs(w, &x->l, &a_B_desc));
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 3);
    WEFT_VIA_WRITER(write_compact_a_map_i32_B(w, &x->m));
    weft_compact_put_str_field(w, &out, &last, 4, x->s);
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 5);
        weft_compact_put_i32(&out, x->i);
    }
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 6);
    WEFT_VIA_WRITER(write_compact_a_map_i32_map_i32_B(w, &x->mm));
    if (x->r) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_B_write_compact(w, x->r));
    }
    WEFT_VIA_WRITER(weft_compact_write_unknown(w, &last, &x->unknown));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_a_B = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_B), .record = &a_B_desc};

static const struct weft_type type_list_a_B = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_B),
    .item_size = sizeof(struct a_B), .element = &type_a_B};

static const struct weft_type type_map_i32_a_B = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_B),
    .item_size = sizeof(struct a_map_i32_B_item),
    .value_offset = offsetof(struct a_map_i32_B_item, value),
    .key = &weft_type_i32, .element = &type_a_B};

static const struct weft_type type_map_i32_map_i32_a_B = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_map_i32_B),
    .item_size = sizeof(struct a_map_i32_map_i32_B_item),
    .value_offset = offsetof(struct a_map_i32_map_i32_B_item, value),
    .key = &weft_type_i32, .element = &type_map_i32_a_B};

static const struct weft_field a_B_fields[] = {
    {.name = "x", .type = &type_a_B, .offset = offsetof(struct a_B, x), .id = 1,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "l", .type = &type_list_a_B, .offset = offsetof(struct a_B, l),
     .id = 2},
    {.name = "m", .type = &type_map_i32_a_B, .offset = offsetof(struct a_B, m),
     .has_bit = 1, .id = 3},
    {.name = "s", .type = &weft_type_string, .offset = offsetof(struct a_B, s),
     .id = 4, .requiredness = WEFT_REQUIRED},
    {.name = "i", .type = &weft_type_i32, .offset = offsetof(struct a_B, i),
     .has_bit = 2, .id = 5},
    {.name = "mm", .type = &type_map_i32_map_i32_a_B,
     .offset = offsetof(struct a_B, mm), .has_bit = 3, .id = 6},
    {.name = "r", .type = &type_a_B, .offset = offsetof(struct a_B, r), .id = 7,
     .boxed = true},
};

static void
a_B_init_any(void *record)
{
    a_B_init(record);
}

const struct weft_struct a_B_desc = {
    .name = "B", .fields = a_B_fields, .n_fields = 7,
    .size = sizeof(struct a_B), .has_offset = offsetof(struct a_B, has),
    .kind = WEFT_RECORD_STRUCT, .init = a_B_init_any, .keeps_unknown = true,
    .unknown_offset = offsetof(struct a_B, unknown),
    .read_binary = a_B_read_binary, .write_binary = a_B_write_binary,
    .read_compact = a_B_read_compact, .write_compact = a_B_write_compact};

/* ---- a_l ---- */

weft_err
a_l_read_binary(struct weft_reader *r, void *record)
{
    struct a_l *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_l_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000108)) {
        bool fits = false;
        switch (field) {
        case 0x000108: /* 1: i32 nnnnnnn */
            err = weft_bin_next_i32(r, &in, &x->nnnnnnn);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00020b);
        case 0x00020b: /* 2: string nnnnnnns */
            err = weft_bin_next_str(r, &in, &x->nnnnnnns);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x000302);
        case 0x000302: /* 3: bool nnnnnnnb */
            err = weft_bin_next_bool(r, &in, &x->nnnnnnnb);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x00040f);
        case 0x00040f: /* 4: list<i32> nnnnnnnl */
            WEFT_VIA_READER(weft_bin_read_vec_i32(r, &x->nnnnnnnl, &fits));
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(bin, 0x00050a);
        case 0x00050a: /* 5: i64 nnnnnnnr */
            err = weft_bin_next_i64(r, &in, &x->nnnnnnnr);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00060d);
        case 0x00060d: /* 6: map<i32, i32> nnnnnnnm */
            WEFT_VIA_READER(read_binary_a_map_i32_i32(r, &x->nnnnnnnm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_l_desc, 5, &x->nnnnnnnm);
            if (fits)
                has |= UINT32_C(0x10);
            WEFT_NEXT_CASE(bin, 0x00070c);
        case 0x00070c: /* 7: l nnnnnnnp */
            weft_run_end(r, &in);
            x->nnnnnnnp = weft_next_box(r, sizeof *x->nnnnnnnp);
            err = x->nnnnnnnp ? a_l_read_binary(r, x->nnnnnnnp) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x00080e);
        case 0x00080e: /* 8: set<string> nnnnnnnt */
            WEFT_VIA_READER(weft_bin_read_vec_str(r, &x->nnnnnnnt, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_l_desc, 7, &x->nnnnnnnt);
            if (fits)
                has |= UINT32_C(0x20);
            WEFT_NEXT_CASE(bin, 0x00090f);
        case 0x00090f: /* 9: list<l> nnnnnnny */
            WEFT_VIA_READER(
                weft_bin_read_structs(r, &x->nnnnnnny, &a_l_desc, &fits));
            if (fits)
                has |= UINT32_C(0x40);
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
a_l_write_binary(struct weft_writer *w, const void *record)
{
    const struct a_l *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 1);
        weft_bin_put_i32(&out, x->nnnnnnn);
    }
    if (x->has.nnnnnnns) {
        weft_bin_put_str_field(w, &out, 2, x->nnnnnnns);
    }
    if (weft_room_ready(w, &out, 4)) {
        weft_bin_put_field(&out, WEFT_BOOL, 3);
        weft_bin_put_bool(&out, x->nnnnnnnb);
    }
    weft_bin_put_head(w, &out, WEFT_LIST, 4);
    WEFT_VIA_WRITER(weft_bin_write_vec_i32(w, &x->nnnnnnnl));
    if (weft_room_ready(w, &out, 11)) {
        weft_bin_put_field(&out, WEFT_I64, 5);
        weft_bin_put_i64(&out, x->nnnnnnnr);
    }
    weft_bin_put_head(w, &out, WEFT_MAP, 6);
    WEFT_VIA_WRITER(write_binary_a_map_i32_i32(w, &x->nnnnnnnm));
    if (x->nnnnnnnp) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_l_write_binary(w, x->nnnnnnnp));
    }
    weft_bin_put_head(w, &out, WEFT_SET, 8);
    WEFT_VIA_WRITER(weft_bin_write_vec_str(w, &x->nnnnnnnt));
    weft_bin_put_head(w, &out, WEFT_LIST, 9);
    WEFT_VIA_WRITER(weft_bin_write_structs(w, &x->nnnnnnny, &a_l_desc));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
a_l_read_compact(struct weft_reader *r, void *record)
{
    struct a_l *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_l_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000105)) {
        bool fits = false;
        switch (field) {
        case 0x000105: /* 1: i32 nnnnnnn */
            err = weft_compact_next_i32(r, &in, &x->nnnnnnn);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000208);
        case 0x000208: /* 2: string nnnnnnns */
            err = weft_compact_next_str(r, &in, &x->nnnnnnns);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000301);
        case 0x000301: /* 3: bool nnnnnnnb */
        case 0x000302:
            x->nnnnnnnb = (field & 1) != 0;
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(compact, 0x000409);
        case 0x000409: /* 4: list<i32> nnnnnnnl */
            WEFT_VIA_READER(weft_compact_read_vec_i32(r, &x->nnnnnnnl, &fits));
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(compact, 0x000506);
        case 0x000506: /* 5: i64 nnnnnnnr */
            err = weft_compact_next_i64(r, &in, &x->nnnnnnnr);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x00060b);
        case 0x00060b: /* 6: map<i32, i32> nnnnnnnm */
            WEFT_VIA_READER(
                read_compact_a_map_i32_i32(r, &x->nnnnnnnm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_l_desc, 5, &x->nnnnnnnm);
            if (fits)
                has |= UINT32_C(0x10);
            WEFT_NEXT_CASE(compact, 0x00070c);
        case 0x00070c: /* 7: l nnnnnnnp */
            weft_run_end(r, &in);
            x->nnnnnnnp = weft_next_box(r, sizeof *x->nnnnnnnp);
            err = x->nnnnnnnp ? a_l_read_compact(r, x->nnnnnnnp) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x00080a);
        case 0x00080a: /* 8: set<string> nnnnnnnt */
            WEFT_VIA_READER(weft_compact_read_vec_str(r, &x->nnnnnnnt, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_l_desc, 7, &x->nnnnnnnt);
            if (fits)
                has |= UINT32_C(0x20);
            WEFT_NEXT_CASE(compact, 0x000909);
        case 0x000909: /* 9: list<l> nnnnnnny */
            WEFT_VIA_READER(
                weft_compact_read_structs(r, &x->nnnnnnny, &a_l_desc, &fits));
            if (fits)
                has |= UINT32_C(0x40);
            break;
        default:
            WEFT_VIA_READER(weft_compact_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
a_l_write_compact(struct weft_writer *w, const void *record)
{
    const struct a_l *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 1);
        weft_compact_put_i32(&out, x->nnnnnnn);
    }
    if (x->has.nnnnnnns) {
        weft_compact_put_str_field(w, &out, &last, 2, x->nnnnnnns);
    }
    if (weft_room_ready(w, &out, 5)) {
        weft_compact_put_bool_field(&out, &last, 3, x->nnnnnnnb);
    }
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 4);
    WEFT_VIA_WRITER(weft_compact_write_vec_i32(w, &x->nnnnnnnl));
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I64, 5);
        weft_compact_put_i64(&out, x->nnnnnnnr);
    }
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 6);
    WEFT_VIA_WRITER(write_compact_a_map_i32_i32(w, &x->nnnnnnnm));
    if (x->nnnnnnnp) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_l_write_compact(w, x->nnnnnnnp));
    }
    weft_compact_put_head(w, &out, &last, WEFT_SET, 8);
    WEFT_VIA_WRITER(weft_compact_write_vec_str(w, &x->nnnnnnnt));
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 9);
    WEFT_VIA_WRITER(weft_compact_write_structs(w, &x->nnnnnnny, &a_l_desc));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_i32 = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_i32),
    .item_size = sizeof(int32_t), .element = &weft_type_i32};

static const struct weft_type type_map_i32_i32 = {
    .wire = WEFT_MAP, .size = sizeof(struct a_map_i32_i32),
    .item_size = sizeof(struct a_map_i32_i32_item),
    .value_offset = offsetof(struct a_map_i32_i32_item, value),
    .key = &weft_type_i32, .element = &weft_type_i32};

static const struct weft_type type_a_l = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_l), .record = &a_l_desc};

static const struct weft_type type_set_string = {
    .wire = WEFT_SET, .size = sizeof(struct weft_vec_str),
    .item_size = sizeof(struct weft_str), .element = &weft_type_string};

static const struct weft_type type_list_a_l = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_l),
    .item_size = sizeof(struct a_l), .element = &type_a_l};

static const struct weft_field a_l_fields[] = {
    {.name = "nnnnnnn", .type = &weft_type_i32,
     .offset = offsetof(struct a_l, nnnnnnn), .id = 1},
    {.name = "nnnnnnns", .type = &weft_type_string,
     .offset = offsetof(struct a_l, nnnnnnns), .has_bit = 1, .id = 2,
     .requiredness = WEFT_OPTIONAL},
    {.name = "nnnnnnnb", .type = &weft_type_bool,
     .offset = offsetof(struct a_l, nnnnnnnb), .has_bit = 2, .id = 3},
    {.name = "nnnnnnnl", .type = &type_list_i32,
     .offset = offsetof(struct a_l, nnnnnnnl), .has_bit = 3, .id = 4},
    {.name = "nnnnnnnr", .type = &weft_type_i64,
     .offset = offsetof(struct a_l, nnnnnnnr), .id = 5,
     .requiredness = WEFT_REQUIRED},
    {.name = "nnnnnnnm", .type = &type_map_i32_i32,
     .offset = offsetof(struct a_l, nnnnnnnm), .has_bit = 4, .id = 6},
    {.name = "nnnnnnnp", .type = &type_a_l,
     .offset = offsetof(struct a_l, nnnnnnnp), .id = 7,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "nnnnnnnt", .type = &type_set_string,
     .offset = offsetof(struct a_l, nnnnnnnt), .has_bit = 5, .id = 8},
    {.name = "nnnnnnny", .type = &type_list_a_l,
     .offset = offsetof(struct a_l, nnnnnnny), .has_bit = 6, .id = 9},
};

const struct weft_struct a_l_desc = {
    .name = "l", .fields = a_l_fields, .n_fields = 9,
    .size = sizeof(struct a_l), .has_offset = offsetof(struct a_l, has),
    .kind = WEFT_RECORD_STRUCT, .read_binary = a_l_read_binary,
    .write_binary = a_l_write_binary, .read_compact = a_l_read_compact,
    .write_compact = a_l_write_compact};

/* ---- a_m ---- */

weft_err
a_m_read_binary(struct weft_reader *r, void *record)
{
    struct a_m *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_m_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000108)) {
        bool fits = false;
        switch (field) {
        case 0x000108: /* 1: i32 nnnnnnnn */
            err = weft_bin_next_i32(r, &in, &x->nnnnnnnn);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00020b);
        case 0x00020b: /* 2: string nnnnnnnns */
            err = weft_bin_next_str(r, &in, &x->nnnnnnnns);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x000302);
        case 0x000302: /* 3: bool nnnnnnnnb */
            err = weft_bin_next_bool(r, &in, &x->nnnnnnnnb);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x00040f);
        case 0x00040f: /* 4: list<i32> nnnnnnnnl */
            WEFT_VIA_READER(weft_bin_read_vec_i32(r, &x->nnnnnnnnl, &fits));
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(bin, 0x00050a);
        case 0x00050a: /* 5: i64 nnnnnnnnr */
            err = weft_bin_next_i64(r, &in, &x->nnnnnnnnr);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00060d);
        case 0x00060d: /* 6: map<i32, i32> nnnnnnnnm */
            WEFT_VIA_READER(
                read_binary_a_map_i32_i32(r, &x->nnnnnnnnm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_m_desc, 5, &x->nnnnnnnnm);
            if (fits)
                has |= UINT32_C(0x10);
            WEFT_NEXT_CASE(bin, 0x00070c);
        case 0x00070c: /* 7: m nnnnnnnnp */
            weft_run_end(r, &in);
            x->nnnnnnnnp = weft_next_box(r, sizeof *x->nnnnnnnnp);
            err =
                x->nnnnnnnnp ? a_m_read_binary(r, x->nnnnnnnnp) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(bin, 0x00080e);
        case 0x00080e: /* 8: set<string> nnnnnnnnt */
            WEFT_VIA_READER(weft_bin_read_vec_str(r, &x->nnnnnnnnt, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_m_desc, 7, &x->nnnnnnnnt);
            if (fits)
                has |= UINT32_C(0x20);
            WEFT_NEXT_CASE(bin, 0x00090f);
        case 0x00090f: /* 9: list<m> nnnnnnnny */
            WEFT_VIA_READER(
                weft_bin_read_structs(r, &x->nnnnnnnny, &a_m_desc, &fits));
            if (fits)
                has |= UINT32_C(0x40);
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
a_m_write_binary(struct weft_writer *w, const void *record)
{
    const struct a_m *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 1);
        weft_bin_put_i32(&out, x->nnnnnnnn);
    }
    if (x->has.nnnnnnnns) {
        weft_bin_put_str_field(w, &out, 2, x->nnnnnnnns);
    }
    if (weft_room_ready(w, &out, 4)) {
        weft_bin_put_field(&out, WEFT_BOOL, 3);
        weft_bin_put_bool(&out, x->nnnnnnnnb);
    }
    weft_bin_put_head(w, &out, WEFT_LIST, 4);
    WEFT_VIA_WRITER(weft_bin_write_vec_i32(w, &x->nnnnnnnnl));
    if (weft_room_ready(w, &out, 11)) {
        weft_bin_put_field(&out, WEFT_I64, 5);
        weft_bin_put_i64(&out, x->nnnnnnnnr);
    }
    weft_bin_put_head(w, &out, WEFT_MAP, 6);
    WEFT_VIA_WRITER(write_binary_a_map_i32_i32(w, &x->nnnnnnnnm));
    if (x->nnnnnnnnp) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_m_write_binary(w, x->nnnnnnnnp));
    }
    weft_bin_put_head(w, &out, WEFT_SET, 8);
    WEFT_VIA_WRITER(weft_bin_write_vec_str(w, &x->nnnnnnnnt));
    weft_bin_put_head(w, &out, WEFT_LIST, 9);
    WEFT_VIA_WRITER(weft_bin_write_structs(w, &x->nnnnnnnny, &a_m_desc));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
a_m_read_compact(struct weft_reader *r, void *record)
{
    struct a_m *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    a_m_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000105)) {
        bool fits = false;
        switch (field) {
        case 0x000105: /* 1: i32 nnnnnnnn */
            err = weft_compact_next_i32(r, &in, &x->nnnnnnnn);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000208);
        case 0x000208: /* 2: string nnnnnnnns */
            err = weft_compact_next_str(r, &in, &x->nnnnnnnns);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000301);
        case 0x000301: /* 3: bool nnnnnnnnb */
        case 0x000302:
            x->nnnnnnnnb = (field & 1) != 0;
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(compact, 0x000409);
        case 0x000409: /* 4: list<i32> nnnnnnnnl */
            WEFT_VIA_READER(
                weft_compact_read_vec_i32(r, &x->nnnnnnnnl, &fits));
            if (fits)
                has |= UINT32_C(0x8);
            WEFT_NEXT_CASE(compact, 0x000506);
        case 0x000506: /* 5: i64 nnnnnnnnr */
            err = weft_compact_next_i64(r, &in, &x->nnnnnnnnr);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x00060b);
        case 0x00060b: /* 6: map<i32, i32> nnnnnnnnm */
            WEFT_VIA_READER(
                read_compact_a_map_i32_i32(r, &x->nnnnnnnnm, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_m_desc, 5, &x->nnnnnnnnm);
            if (fits)
                has |= UINT32_C(0x10);
            WEFT_NEXT_CASE(compact, 0x00070c);
        case 0x00070c: /* 7: m nnnnnnnnp */
            weft_run_end(r, &in);
            x->nnnnnnnnp = weft_next_box(r, sizeof *x->nnnnnnnnp);
            err =
                x->nnnnnnnnp ? a_m_read_compact(r, x->nnnnnnnnp) : WEFT_EBUDGET;
            in = weft_run_begin(r);
            WEFT_NEXT_CASE(compact, 0x00080a);
        case 0x00080a: /* 8: set<string> nnnnnnnnt */
            WEFT_VIA_READER(
                weft_compact_read_vec_str(r, &x->nnnnnnnnt, &fits));
            if (!err && fits)
                err = weft_read_unique(r, &a_m_desc, 7, &x->nnnnnnnnt);
            if (fits)
                has |= UINT32_C(0x20);
            WEFT_NEXT_CASE(compact, 0x000909);
        case 0x000909: /* 9: list<m> nnnnnnnny */
            WEFT_VIA_READER(
                weft_compact_read_structs(r, &x->nnnnnnnny, &a_m_desc, &fits));
            if (fits)
                has |= UINT32_C(0x40);
            break;
        default:
            WEFT_VIA_READER(weft_compact_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return !err && missing ? WEFT_EREQUIRED : err;
}

void
a_m_write_compact(struct weft_writer *w, const void *record)
{
    const struct a_m *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 1);
        weft_compact_put_i32(&out, x->nnnnnnnn);
    }
    if (x->has.nnnnnnnns) {
        weft_compact_put_str_field(w, &out, &last, 2, x->nnnnnnnns);
    }
    if (weft_room_ready(w, &out, 5)) {
        weft_compact_put_bool_field(&out, &last, 3, x->nnnnnnnnb);
    }
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 4);
    WEFT_VIA_WRITER(weft_compact_write_vec_i32(w, &x->nnnnnnnnl));
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I64, 5);
        weft_compact_put_i64(&out, x->nnnnnnnnr);
    }
    weft_compact_put_head(w, &out, &last, WEFT_MAP, 6);
    WEFT_VIA_WRITER(write_compact_a_map_i32_i32(w, &x->nnnnnnnnm));
    if (x->nnnnnnnnp) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 7);
        WEFT_VIA_WRITER(a_m_write_compact(w, x->nnnnnnnnp));
    }
    weft_compact_put_head(w, &out, &last, WEFT_SET, 8);
    WEFT_VIA_WRITER(weft_compact_write_vec_str(w, &x->nnnnnnnnt));
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 9);
    WEFT_VIA_WRITER(weft_compact_write_structs(w, &x->nnnnnnnny, &a_m_desc));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_a_m = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_m), .record = &a_m_desc};

static const struct weft_type type_list_a_m = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_m),
    .item_size = sizeof(struct a_m), .element = &type_a_m};

static const struct weft_field a_m_fields[] = {
    {.name = "nnnnnnnn", .type = &weft_type_i32,
     .offset = offsetof(struct a_m, nnnnnnnn), .id = 1},
    {.name = "nnnnnnnns", .type = &weft_type_string,
     .offset = offsetof(struct a_m, nnnnnnnns), .has_bit = 1, .id = 2,
     .requiredness = WEFT_OPTIONAL},
    {.name = "nnnnnnnnb", .type = &weft_type_bool,
     .offset = offsetof(struct a_m, nnnnnnnnb), .has_bit = 2, .id = 3},
    {.name = "nnnnnnnnl", .type = &type_list_i32,
     .offset = offsetof(struct a_m, nnnnnnnnl), .has_bit = 3, .id = 4},
    {.name = "nnnnnnnnr", .type = &weft_type_i64,
     .offset = offsetof(struct a_m, nnnnnnnnr), .id = 5,
     .requiredness = WEFT_REQUIRED},
    {.name = "nnnnnnnnm", .type = &type_map_i32_i32,
     .offset = offsetof(struct a_m, nnnnnnnnm), .has_bit = 4, .id = 6},
    {.name = "nnnnnnnnp", .type = &type_a_m,
     .offset = offsetof(struct a_m, nnnnnnnnp), .id = 7,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "nnnnnnnnt", .type = &type_set_string,
     .offset = offsetof(struct a_m, nnnnnnnnt), .has_bit = 5, .id = 8},
    {.name = "nnnnnnnny", .type = &type_list_a_m,
     .offset = offsetof(struct a_m, nnnnnnnny), .has_bit = 6, .id = 9},
};

const struct weft_struct a_m_desc = {
    .name = "m", .fields = a_m_fields, .n_fields = 9,
    .size = sizeof(struct a_m), .has_offset = offsetof(struct a_m, has),
    .kind = WEFT_RECORD_STRUCT, .read_binary = a_m_read_binary,
    .write_binary = a_m_write_binary, .read_compact = a_m_read_compact,
    .write_compact = a_m_write_compact};

/* ---- a_n ---- */

weft_err
a_n_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_n_desc, WEFT_BINARY, r, record);
}

void
a_n_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_n_desc, WEFT_BINARY, w, record);
}

weft_err
a_n_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_n_desc, WEFT_COMPACT, r, record);
}

void
a_n_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_n_desc, WEFT_COMPACT, w, record);
}

static const struct weft_type type_a_n = {
    .wire = WEFT_STRUCT, .size = sizeof(struct a_n), .record = &a_n_desc};

static const struct weft_type type_list_a_n = {
    .wire = WEFT_LIST, .size = sizeof(struct a_vec_n),
    .item_size = sizeof(struct a_n), .element = &type_a_n};

static const struct weft_field a_n_fields[] = {
    {.name = "nnnnnn", .type = &weft_type_i32,
     .offset = offsetof(struct a_n, nnnnnn), .id = 1},
    {.name = "nnnnnns", .type = &weft_type_string,
     .offset = offsetof(struct a_n, nnnnnns), .has_bit = 1, .id = 2,
     .requiredness = WEFT_OPTIONAL},
    {.name = "nnnnnnb", .type = &weft_type_bool,
     .offset = offsetof(struct a_n, nnnnnnb), .has_bit = 2, .id = 3},
    {.name = "nnnnnnl", .type = &type_list_i32,
     .offset = offsetof(struct a_n, nnnnnnl), .has_bit = 3, .id = 4},
    {.name = "nnnnnnr", .type = &weft_type_i64,
     .offset = offsetof(struct a_n, nnnnnnr), .id = 5,
     .requiredness = WEFT_REQUIRED},
    {.name = "nnnnnnm", .type = &type_map_i32_i32,
     .offset = offsetof(struct a_n, nnnnnnm), .has_bit = 4, .id = 6},
    {.name = "nnnnnnp", .type = &type_a_n,
     .offset = offsetof(struct a_n, nnnnnnp), .id = 7,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
    {.name = "nnnnnnt", .type = &type_set_string,
     .offset = offsetof(struct a_n, nnnnnnt), .has_bit = 5, .id = 8},
    {.name = "nnnnnny", .type = &type_list_a_n,
     .offset = offsetof(struct a_n, nnnnnny), .has_bit = 6, .id = 9},
};

const struct weft_struct a_n_desc = {
    .name = "n", .fields = a_n_fields, .n_fields = 9,
    .size = sizeof(struct a_n), .has_offset = offsetof(struct a_n, has),
    .kind = WEFT_RECORD_STRUCT};

/* ---- a_o ---- */

weft_err
a_o_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_o_desc, WEFT_BINARY, r, record);
}

void
a_o_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_o_desc, WEFT_BINARY, w, record);
}

weft_err
a_o_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_o_desc, WEFT_COMPACT, r, record);
}

void
a_o_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_o_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field a_o_fields[] = {
    {.name = "a", .type = &weft_type_i32, .offset = offsetof(struct a_o, a),
     .id = 1},
};

const struct weft_struct a_o_desc = {
    .name = "o", .fields = a_o_fields, .n_fields = 1,
    .size = sizeof(struct a_o), .has_offset = offsetof(struct a_o, has),
    .kind = WEFT_RECORD_STRUCT};

/* ---- a_p ---- */

weft_err
a_p_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_p_desc, WEFT_BINARY, r, record);
}

void
a_p_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_p_desc, WEFT_BINARY, w, record);
}

weft_err
a_p_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_p_desc, WEFT_COMPACT, r, record);
}

void
a_p_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_p_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field a_p_fields[] = {
    {.name = "a", .type = &weft_type_i32, .offset = offsetof(struct a_p, a),
     .id = 1},
};

const struct weft_struct a_p_desc = {
    .name = "p", .fields = a_p_fields, .n_fields = 1,
    .size = sizeof(struct a_p), .has_offset = offsetof(struct a_p, has),
    .kind = WEFT_RECORD_STRUCT};

/* ---- a_q ---- */

weft_err
a_q_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_q_desc, WEFT_BINARY, r, record);
}

void
a_q_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_q_desc, WEFT_BINARY, w, record);
}

weft_err
a_q_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&a_q_desc, WEFT_COMPACT, r, record);
}

void
a_q_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&a_q_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field a_q_fields[] = {
    {.name = "x", .type = &weft_type_i32, .offset = offsetof(struct a_q, x),
     .id = 1},
    {.name = "s", .type = &weft_type_string, .offset = offsetof(struct a_q, s),
     .has_bit = 1, .id = 2},
};

const struct weft_struct a_q_desc = {
    .name = "q", .fields = a_q_fields, .n_fields = 2,
    .size = sizeof(struct a_q), .has_offset = offsetof(struct a_q, has),
    .kind = WEFT_RECORD_STRUCT};
