/* Made by weftc 0.1.0 from hello.thrift; edit that. */
#include "hello.h"

static const struct weft_enum_value demo_Mood_values[] = {
    {"HAPPY", demo_Mood_HAPPY},
    {"SAD", demo_Mood_SAD},
};

const struct weft_enum demo_Mood_desc = {
    .name = "Mood",
    .values = demo_Mood_values,
    .n_values = 2,
};

/* ---- demo_Person ---- */

void
demo_Person_init(struct demo_Person *x)
{
    weft_zero(x, sizeof *x);
    x->mood = 1;
}

weft_err
demo_Person_read_binary(struct weft_reader *r, void *record)
{
    struct demo_Person *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    demo_Person_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010b)) {
        bool fits = false;
        switch (field) {
        case 0x00010b: /* 1: string name */
            err = weft_bin_next_str(r, &in, &x->name);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000208);
        case 0x000208: /* 2: i32 age */
            err = weft_bin_next_i32(r, &in, &x->age);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000308);
        case 0x000308: /* 3: Mood mood */
            err = weft_bin_next_i32(r, &in, &x->mood);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x00040f);
        case 0x00040f: /* 4: list<string> tags */
            WEFT_VIA_READER(weft_bin_read_vec_str(r, &x->tags, &fits));
            if (fits)
                has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x00050c);
        case 0x00050c: /* 5: Person boss */
            weft_run_end(r, &in);
            x->boss = weft_next_box(r, sizeof *x->boss);
            err = x->boss ? demo_Person_read_binary(r, x->boss) : WEFT_EBUDGET;
            in = weft_run_begin(r);
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
demo_Person_write_binary(struct weft_writer *w, const void *record)
{
    const struct demo_Person *x = record;
    if (WEFT_UNLIKELY(!x->name.ptr)) {
        weft_write_refuse(w, &demo_Person_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_str_field(w, &out, 1, x->name);
    if (x->has.age && weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 2);
        weft_bin_put_i32(&out, x->age);
    }
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 3);
        weft_bin_put_i32(&out, x->mood);
    }
    weft_bin_put_head(w, &out, WEFT_LIST, 4);
    WEFT_VIA_WRITER(weft_bin_write_vec_str(w, &x->tags));
    if (x->boss) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 5);
        WEFT_VIA_WRITER(demo_Person_write_binary(w, x->boss));
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
demo_Person_read_compact(struct weft_reader *r, void *record)
{
    struct demo_Person *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    demo_Person_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000108)) {
        bool fits = false;
        switch (field) {
        case 0x000108: /* 1: string name */
            err = weft_compact_next_str(r, &in, &x->name);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000205);
        case 0x000205: /* 2: i32 age */
            err = weft_compact_next_i32(r, &in, &x->age);
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000305);
        case 0x000305: /* 3: Mood mood */
            err = weft_compact_next_i32(r, &in, &x->mood);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(compact, 0x000409);
        case 0x000409: /* 4: list<string> tags */
            WEFT_VIA_READER(weft_compact_read_vec_str(r, &x->tags, &fits));
            if (fits)
                has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(compact, 0x00050c);
        case 0x00050c: /* 5: Person boss */
            weft_run_end(r, &in);
            x->boss = weft_next_box(r, sizeof *x->boss);
            err = x->boss ? demo_Person_read_compact(r, x->boss) : WEFT_EBUDGET;
            in = weft_run_begin(r);
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
demo_Person_write_compact(struct weft_writer *w, const void *record)
{
    const struct demo_Person *x = record;
    int16_t last = 0; /* id of the last field */
    if (WEFT_UNLIKELY(!x->name.ptr)) {
        weft_write_refuse(w, &demo_Person_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_str_field(w, &out, &last, 1, x->name);
    if (x->has.age && weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 2);
        weft_compact_put_i32(&out, x->age);
    }
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 3);
        weft_compact_put_i32(&out, x->mood);
    }
    weft_compact_put_head(w, &out, &last, WEFT_LIST, 4);
    WEFT_VIA_WRITER(weft_compact_write_vec_str(w, &x->tags));
    if (x->boss) {
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 5);
        WEFT_VIA_WRITER(demo_Person_write_compact(w, x->boss));
    }
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_demo_Mood = {
    .wire = WEFT_I32, .size = sizeof(int32_t), .names = &demo_Mood_desc};

static const struct weft_type type_list_string = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_str),
    .item_size = sizeof(struct weft_str), .element = &weft_type_string};

static const struct weft_type type_demo_Person = {
    .wire = WEFT_STRUCT, .size = sizeof(struct demo_Person),
    .record = &demo_Person_desc};

static const struct weft_field demo_Person_fields[] = {
    {.name = "name", .type = &weft_type_string,
     .offset = offsetof(struct demo_Person, name), .id = 1,
     .requiredness = WEFT_REQUIRED},
    {.name = "age", .type = &weft_type_i32,
     .offset = offsetof(struct demo_Person, age), .id = 2,
     .requiredness = WEFT_OPTIONAL},
    {.name = "mood", .type = &type_demo_Mood,
     .offset = offsetof(struct demo_Person, mood), .has_bit = 1, .id = 3},
    {.name = "tags", .type = &type_list_string,
     .offset = offsetof(struct demo_Person, tags), .has_bit = 2, .id = 4},
    {.name = "boss", .type = &type_demo_Person,
     .offset = offsetof(struct demo_Person, boss), .id = 5,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
};

static void
demo_Person_init_any(void *record)
{
    demo_Person_init(record);
}

const struct weft_struct demo_Person_desc = {
    .name = "Person", .fields = demo_Person_fields, .n_fields = 5,
    .size = sizeof(struct demo_Person),
    .has_offset = offsetof(struct demo_Person, has), .kind = WEFT_RECORD_STRUCT,
    .init = demo_Person_init_any, .read_binary = demo_Person_read_binary,
    .write_binary = demo_Person_write_binary,
    .read_compact = demo_Person_read_compact,
    .write_compact = demo_Person_write_compact};

/* ---- demo_Oops ---- */

weft_err
demo_Oops_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&demo_Oops_desc, WEFT_BINARY, r, record);
}

void
demo_Oops_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&demo_Oops_desc, WEFT_BINARY, w, record);
}

weft_err
demo_Oops_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&demo_Oops_desc, WEFT_COMPACT, r, record);
}

void
demo_Oops_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&demo_Oops_desc, WEFT_COMPACT, w, record);
}

static const struct weft_field demo_Oops_fields[] = {
    {.name = "code", .type = &weft_type_i32,
     .offset = offsetof(struct demo_Oops, code), .id = 1},
};

const struct weft_struct demo_Oops_desc = {
    .name = "Oops", .fields = demo_Oops_fields, .n_fields = 1,
    .size = sizeof(struct demo_Oops),
    .has_offset = offsetof(struct demo_Oops, has),
    .kind = WEFT_RECORD_EXCEPTION};

/* ---- demo_Hello_greet_args ---- */

void
demo_Hello_greet_args_init(struct demo_Hello_greet_args *x)
{
    weft_zero(x, sizeof *x);
    demo_Person_init(&x->who);
}

static weft_err
demo_Hello_greet_args_read_binary(struct weft_reader *r, void *record)
{
    struct demo_Hello_greet_args *x = record;
    uint32_t has = 0;
    demo_Hello_greet_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        switch (field) {
        case 0x00010c: /* 1: Person who */
            WEFT_VIA_READER(demo_Person_read_binary(r, &x->who));
            has |= UINT32_C(0x1);
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
demo_Hello_greet_args_write_binary(struct weft_writer *w, const void *record)
{
    const struct demo_Hello_greet_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->has.who || !weft_write_leaves_out(&demo_Person_desc, &x->who)) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(demo_Person_write_binary(w, &x->who));
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field demo_Hello_greet_args_fields[] = {
    {.name = "who", .type = &type_demo_Person,
     .offset = offsetof(struct demo_Hello_greet_args, who), .id = 1},
};

static void
demo_Hello_greet_args_init_any(void *record)
{
    demo_Hello_greet_args_init(record);
}

const struct weft_struct demo_Hello_greet_args_desc = {
    .name = "greet_args", .fields = demo_Hello_greet_args_fields, .n_fields = 1,
    .size = sizeof(struct demo_Hello_greet_args),
    .has_offset = offsetof(struct demo_Hello_greet_args, has),
    .kind = WEFT_RECORD_STRUCT, .init = demo_Hello_greet_args_init_any,
    .read_binary = demo_Hello_greet_args_read_binary,
    .write_binary = demo_Hello_greet_args_write_binary};

/* ---- demo_Hello_greet_result ---- */

void
demo_Hello_greet_result_init(struct demo_Hello_greet_result *x)
{
    weft_zero(x, sizeof *x);
    x->which = WEFT_RESULT_NONE;
}

static weft_err
demo_Hello_greet_result_read_binary(struct weft_reader *r, void *record)
{
    struct demo_Hello_greet_result *x = record;
    demo_Hello_greet_result_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        switch (field) {
        case 0x00000b: /* 0: string success */
            err = weft_bin_next_str(r, &in, &x->success);
            x->which = 0;
            break;
        case 0x00010c: /* 1: Oops oops */
            WEFT_VIA_READER(demo_Oops_read_binary(r, &x->oops));
            x->which = 1;
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
demo_Hello_greet_result_write_binary(struct weft_writer *w,
                                     const void *record)
{
    const struct demo_Hello_greet_result *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case WEFT_RESULT_NONE:
    case 0: /* success */
        weft_bin_put_str_field(w, &out, 0, x->success);
        break;
    case 1: /* oops */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(demo_Oops_write_binary(w, &x->oops));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_demo_Oops = {
    .wire = WEFT_STRUCT, .size = sizeof(struct demo_Oops),
    .record = &demo_Oops_desc};

static const struct weft_field demo_Hello_greet_result_fields[] = {
    {.name = "success", .type = &weft_type_string,
     .offset = offsetof(struct demo_Hello_greet_result, success), .id = 0,
     .requiredness = WEFT_OPTIONAL},
    {.name = "oops", .type = &type_demo_Oops,
     .offset = offsetof(struct demo_Hello_greet_result, oops), .id = 1,
     .requiredness = WEFT_OPTIONAL},
};

static void
demo_Hello_greet_result_init_any(void *record)
{
    demo_Hello_greet_result_init(record);
}

const struct weft_struct demo_Hello_greet_result_desc = {
    .name = "greet_result", .fields = demo_Hello_greet_result_fields,
    .n_fields = 2, .size = sizeof(struct demo_Hello_greet_result),
    .has_offset = offsetof(struct demo_Hello_greet_result, which),
    .kind = WEFT_RECORD_UNION, .is_result = true,
    .init = demo_Hello_greet_result_init_any,
    .read_binary = demo_Hello_greet_result_read_binary,
    .write_binary = demo_Hello_greet_result_write_binary};

/* ---- demo_Hello_shout_args ---- */

static weft_err
demo_Hello_shout_args_read_binary(struct weft_reader *r, void *record)
{
    struct demo_Hello_shout_args *x = record;
    uint32_t has = 0;
    demo_Hello_shout_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010b)) {
        switch (field) {
        case 0x00010b: /* 1: string word */
            err = weft_bin_next_str(r, &in, &x->word);
            has |= UINT32_C(0x1);
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    memcpy(&x->has, &has, sizeof x->has);
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
demo_Hello_shout_args_write_binary(struct weft_writer *w, const void *record)
{
    const struct demo_Hello_shout_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_str_field(w, &out, 1, x->word);
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field demo_Hello_shout_args_fields[] = {
    {.name = "word", .type = &weft_type_string,
     .offset = offsetof(struct demo_Hello_shout_args, word), .id = 1},
};

const struct weft_struct demo_Hello_shout_args_desc = {
    .name = "shout_args", .fields = demo_Hello_shout_args_fields, .n_fields = 1,
    .size = sizeof(struct demo_Hello_shout_args),
    .has_offset = offsetof(struct demo_Hello_shout_args, has),
    .kind = WEFT_RECORD_STRUCT,
    .read_binary = demo_Hello_shout_args_read_binary,
    .write_binary = demo_Hello_shout_args_write_binary};

/* ---- service Hello ---- */

weft_err
demo_Hello_shout_call(struct weft_client *client, struct weft_arena *arena,
                      struct weft_str word,
                      const struct weft_call_options *options)
{
    struct demo_Hello_shout_args args = demo_Hello_shout_args_defaults();
    args.word = word;
    return demo_Hello_shout(client, arena, &args, options);
}

WEFT_INVOKE(demo_Hello_greet, demo_Hello_service, greet)
const struct weft_method demo_Hello_greet_method = {
    .name = "greet",
    .name_len = 5,
    .args = &demo_Hello_greet_args_desc,
    .result = &demo_Hello_greet_result_desc,
    .invoke = demo_Hello_greet_invoke,
    .service = "Hello",
};

WEFT_INVOKE_ONEWAY(demo_Hello_shout, demo_Hello_service, shout)
const struct weft_method demo_Hello_shout_method = {
    .name = "shout",
    .name_len = 5,
    .oneway = true,
    .is_void = true,
    .args = &demo_Hello_shout_args_desc,
    .invoke = demo_Hello_shout_invoke,
    .service = "Hello",
};

static const struct weft_method *const demo_Hello_methods[] = {
    &demo_Hello_greet_method,
    &demo_Hello_shout_method,
};

const struct weft_service demo_Hello_service_desc = {
    .name = "Hello",
    .methods = demo_Hello_methods,
    .n_methods = 2,
};
