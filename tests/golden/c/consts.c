/* Made by weftc 0.1.0 from consts.thrift; edit that. */
#include "consts.h"

#ifdef __GNUC__ /* shared defaults are const, views of them are not */
#pragma GCC diagnostic ignored "-Wcast-qual"
#endif

const int64_t consts_LARGE = INT64_C(5000000000);

const struct weft_str consts_TEXT = WEFT_STR_INIT(
    "It says \"100%\" \?\?/ \\");

const struct weft_str consts_LONG = WEFT_STR_INIT(
    "A text that is too long for one line of C, and is therefore wr"
    "itten in several pieces which the compiler joins again.");

static const struct consts_map_str_i32_item consts_AGES_0[] = {
    {WEFT_STR_INIT("Ada"), 36}, {WEFT_STR_INIT("Alan"), 41},
};

const struct consts_map_str_i32 consts_AGES = {
    (struct consts_map_str_i32_item *)consts_AGES_0, 2, 0};

const struct consts_Limits consts_STRICT = {
    .most = 1,
    .has.most = 1,
    .name = WEFT_STR_INIT("default"),
    .hosts = {(struct weft_str *)weft_no_items, 0, 0},
    .has.hosts = 1,
};

static const struct weft_str consts_ALL_0[] = {
    WEFT_STR_INIT("a"), WEFT_STR_INIT("b"),
};

static const struct consts_Limits consts_ALL_1[] = {
    {
        .most = 1,
        .has.most = 1,
        .name = WEFT_STR_INIT("default"),
        .hosts = {(struct weft_str *)weft_no_items, 0, 0},
        .has.hosts = 1,
    },
    {
        .most = 100,
        .name = WEFT_STR_INIT("default"),
        .hosts = {(struct weft_str *)consts_ALL_0, 2, 0},
    },
};

const struct consts_vec_Limits consts_ALL = {
    (struct consts_Limits *)consts_ALL_1, 2, 0};

/* ---- consts_Limits ---- */

static const struct weft_str consts_Limits_hosts_0[] = {
    WEFT_STR_INIT("a"), WEFT_STR_INIT("b"),
};

void
consts_Limits_init(struct consts_Limits *x)
{
    weft_zero(x, sizeof *x);
    x->most = 100;
    x->name = WEFT_STR("default");
    x->hosts = (struct weft_vec_str){
        (struct weft_str *)consts_Limits_hosts_0, 2, 0};
}

weft_err
consts_Limits_read_binary(struct weft_reader *r, void *record)
{
    struct consts_Limits *x = record;
    uint32_t has = 0;
    consts_Limits_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000108)) {
        bool fits = false;
        switch (field) {
        case 0x000108: /* 1: i32 most */
            err = weft_bin_next_i32(r, &in, &x->most);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00020b);
        case 0x00020b: /* 2: string name */
            err = weft_bin_next_str(r, &in, &x->name);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x00030f);
        case 0x00030f: /* 3: list<string> hosts */
            WEFT_VIA_READER(weft_bin_read_vec_str(r, &x->hosts, &fits));
            if (fits)
                has |= UINT32_C(0x4);
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
consts_Limits_write_binary(struct weft_writer *w, const void *record)
{
    const struct consts_Limits *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 1);
        weft_bin_put_i32(&out, x->most);
    }
    weft_bin_put_str_field(w, &out, 2, x->name);
    weft_bin_put_head(w, &out, WEFT_LIST, 3);
    WEFT_VIA_WRITER(weft_bin_write_vec_str(w, &x->hosts));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
consts_Limits_read_compact(struct weft_reader *r, void *record)
{
    struct consts_Limits *x = record;
    uint32_t has = 0;
    consts_Limits_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000105)) {
        bool fits = false;
        switch (field) {
        case 0x000105: /* 1: i32 most */
            err = weft_compact_next_i32(r, &in, &x->most);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000208);
        case 0x000208: /* 2: string name */
            err = weft_compact_next_str(r, &in, &x->name);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000309);
        case 0x000309: /* 3: list<string> hosts */
            WEFT_VIA_READER(weft_compact_read_vec_str(r, &x->hosts, &fits));
            if (fits)
                has |= UINT32_C(0x4);
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
consts_Limits_write_compact(struct weft_writer *w, const void *record)
{
    const struct consts_Limits *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 1);
        weft_compact_put_i32(&out, x->most);
    }
    weft_compact_put_str_field(w, &out, &last, 2, x->name);
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 3);
    WEFT_VIA_WRITER(weft_compact_write_vec_str(w, &x->hosts));
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_string = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_str),
    .item_size = sizeof(struct weft_str), .element = &weft_type_string};

static const struct weft_field consts_Limits_fields[] = {
    {.name = "most", .type = &weft_type_i32,
     .offset = offsetof(struct consts_Limits, most), .id = 1},
    {.name = "name", .type = &weft_type_string,
     .offset = offsetof(struct consts_Limits, name), .has_bit = 1, .id = 2},
    {.name = "hosts", .type = &type_list_string,
     .offset = offsetof(struct consts_Limits, hosts), .has_bit = 2, .id = 3},
};

static void
consts_Limits_init_any(void *record)
{
    consts_Limits_init(record);
}

const struct weft_struct consts_Limits_desc = {
    .name = "Limits", .fields = consts_Limits_fields, .n_fields = 3,
    .size = sizeof(struct consts_Limits),
    .has_offset = offsetof(struct consts_Limits, has),
    .kind = WEFT_RECORD_STRUCT, .init = consts_Limits_init_any,
    .read_binary = consts_Limits_read_binary,
    .write_binary = consts_Limits_write_binary,
    .read_compact = consts_Limits_read_compact,
    .write_compact = consts_Limits_write_compact};
