/* Made by weftc 0.1.0 from mail.thrift; edit that. */
#include "mail.h"

static weft_err
read_binary_mail_map_i32_Letter(struct weft_reader *r,
                                struct mail_map_i32_Letter *v, bool *fits)
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
        err = mail_Letter_read_binary(r, &v->items[i].value);
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
write_binary_mail_map_i32_Letter(struct weft_writer *w,
                                 const struct mail_map_i32_Letter *v)
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
        mail_Letter_write_binary(w, &v->items[i].value);
        out = weft_room_begin(w);
    }
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_enum_value mail_Speed_values[] = {
    {"SLOW", mail_Speed_SLOW},
    {"FAST", mail_Speed_FAST},
};

const struct weft_enum mail_Speed_desc = {
    .name = "Speed",
    .values = mail_Speed_values,
    .n_values = 2,
};

/* ---- mail_Letter ---- */

void
mail_Letter_init(struct mail_Letter *x)
{
    weft_zero(x, sizeof *x);
    x->speed = 1;
}

weft_err
mail_Letter_read_binary(struct weft_reader *r, void *record)
{
    struct mail_Letter *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    mail_Letter_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010b)) {
        switch (field) {
        case 0x00010b: /* 1: string to */
            err = weft_bin_next_str(r, &in, &x->to);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000208);
        case 0x000208: /* 2: Speed speed */
            err = weft_bin_next_i32(r, &in, &x->speed);
            has |= UINT32_C(0x1);
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
mail_Letter_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_Letter *x = record;
    if (WEFT_UNLIKELY(!x->to.ptr)) {
        weft_write_refuse(w, &mail_Letter_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_str_field(w, &out, 1, x->to);
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 2);
        weft_bin_put_i32(&out, x->speed);
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

weft_err
mail_Letter_read_compact(struct weft_reader *r, void *record)
{
    struct mail_Letter *x = record;
    uint32_t missing = 0x1; /* required fields */
    uint32_t has = 0;
    mail_Letter_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000108)) {
        switch (field) {
        case 0x000108: /* 1: string to */
            err = weft_compact_next_str(r, &in, &x->to);
            missing &= ~UINT32_C(0x1);
            WEFT_NEXT_CASE(compact, 0x000205);
        case 0x000205: /* 2: Speed speed */
            err = weft_compact_next_i32(r, &in, &x->speed);
            has |= UINT32_C(0x1);
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
mail_Letter_write_compact(struct weft_writer *w, const void *record)
{
    const struct mail_Letter *x = record;
    int16_t last = 0; /* id of the last field */
    if (WEFT_UNLIKELY(!x->to.ptr)) {
        weft_write_refuse(w, &mail_Letter_desc, x);
        return;
    }
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_compact_put_str_field(w, &out, &last, 1, x->to);
    if (weft_room_ready(w, &out, 14)) {
        weft_compact_put_field(&out, &last, WEFT_I32, 2);
        weft_compact_put_i32(&out, x->speed);
    }
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_mail_Speed = {
    .wire = WEFT_I32, .size = sizeof(int32_t), .names = &mail_Speed_desc};

static const struct weft_field mail_Letter_fields[] = {
    {.name = "to", .type = &weft_type_string,
     .offset = offsetof(struct mail_Letter, to), .id = 1,
     .requiredness = WEFT_REQUIRED},
    {.name = "speed", .type = &type_mail_Speed,
     .offset = offsetof(struct mail_Letter, speed), .id = 2},
};

static void
mail_Letter_init_any(void *record)
{
    mail_Letter_init(record);
}

const struct weft_struct mail_Letter_desc = {
    .name = "Letter", .fields = mail_Letter_fields, .n_fields = 2,
    .size = sizeof(struct mail_Letter),
    .has_offset = offsetof(struct mail_Letter, has), .kind = WEFT_RECORD_STRUCT,
    .init = mail_Letter_init_any, .read_binary = mail_Letter_read_binary,
    .write_binary = mail_Letter_write_binary,
    .read_compact = mail_Letter_read_compact,
    .write_compact = mail_Letter_write_compact};

/* ---- mail_Parcel ---- */

weft_err
mail_Parcel_read_binary(struct weft_reader *r, void *record)
{
    struct mail_Parcel *x = record;
    weft_zero(x, sizeof *x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        switch (field) {
        case 0x00010c: /* 1: Letter letter */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(mail_Letter_read_binary(r, &x->letter));
            x->which = 1;
            break;
        case 0x00020b: /* 2: binary bytes */
            weft_zero(x, sizeof *x);
            err = weft_bin_next_str(r, &in, &x->bytes);
            x->which = 2;
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
mail_Parcel_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_Parcel *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case 0: /* none */
        break;
    case 1: /* letter */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Letter_write_binary(w, &x->letter));
        break;
    case 2: /* bytes */
        weft_bin_put_str_field(w, &out, 2, x->bytes);
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
mail_Parcel_read_compact(struct weft_reader *r, void *record)
{
    struct mail_Parcel *x = record;
    weft_zero(x, sizeof *x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_compact_has_field(r, &in, &field, &err, 0x000000)) {
        switch (field) {
        case 0x00010c: /* 1: Letter letter */
            weft_zero(x, sizeof *x);
            WEFT_VIA_READER(mail_Letter_read_compact(r, &x->letter));
            x->which = 1;
            break;
        case 0x000208: /* 2: binary bytes */
            weft_zero(x, sizeof *x);
            err = weft_compact_next_str(r, &in, &x->bytes);
            x->which = 2;
            break;
        default:
            WEFT_VIA_READER(weft_compact_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

void
mail_Parcel_write_compact(struct weft_writer *w, const void *record)
{
    const struct mail_Parcel *x = record;
    int16_t last = 0; /* id of the last field */
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case 0: /* none */
        break;
    case 1: /* letter */
        weft_compact_put_head(w, &out, &last, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Letter_write_compact(w, &x->letter));
        break;
    case 2: /* bytes */
        weft_compact_put_str_field(w, &out, &last, 2, x->bytes);
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_compact_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_mail_Letter = {
    .wire = WEFT_STRUCT, .size = sizeof(struct mail_Letter),
    .record = &mail_Letter_desc};

static const struct weft_field mail_Parcel_fields[] = {
    {.name = "letter", .type = &type_mail_Letter,
     .offset = offsetof(struct mail_Parcel, letter), .id = 1,
     .requiredness = WEFT_OPTIONAL},
    {.name = "bytes", .type = &weft_type_binary,
     .offset = offsetof(struct mail_Parcel, bytes), .id = 2,
     .requiredness = WEFT_OPTIONAL},
};

const struct weft_struct mail_Parcel_desc = {
    .name = "Parcel", .fields = mail_Parcel_fields, .n_fields = 2,
    .size = sizeof(struct mail_Parcel),
    .has_offset = offsetof(struct mail_Parcel, which),
    .kind = WEFT_RECORD_UNION, .read_binary = mail_Parcel_read_binary,
    .write_binary = mail_Parcel_write_binary,
    .read_compact = mail_Parcel_read_compact,
    .write_compact = mail_Parcel_write_compact};

/* ---- mail_Lost ---- */

weft_err
mail_Lost_read_binary(struct weft_reader *r, void *record)
{
    return weft_struct_read(&mail_Lost_desc, WEFT_BINARY, r, record);
}

void
mail_Lost_write_binary(struct weft_writer *w, const void *record)
{
    weft_struct_write(&mail_Lost_desc, WEFT_BINARY, w, record);
}

weft_err
mail_Lost_read_compact(struct weft_reader *r, void *record)
{
    return weft_struct_read(&mail_Lost_desc, WEFT_COMPACT, r, record);
}

void
mail_Lost_write_compact(struct weft_writer *w, const void *record)
{
    weft_struct_write(&mail_Lost_desc, WEFT_COMPACT, w, record);
}

static const struct weft_type type_mail_Lost = {
    .wire = WEFT_STRUCT, .size = sizeof(struct mail_Lost),
    .record = &mail_Lost_desc};

static const struct weft_field mail_Lost_fields[] = {
    {.name = "where", .type = &weft_type_string,
     .offset = offsetof(struct mail_Lost, where), .id = 1},
    {.name = "cause", .type = &type_mail_Lost,
     .offset = offsetof(struct mail_Lost, cause), .id = 2,
     .requiredness = WEFT_OPTIONAL, .boxed = true},
};

const struct weft_struct mail_Lost_desc = {
    .name = "Lost", .fields = mail_Lost_fields, .n_fields = 2,
    .size = sizeof(struct mail_Lost),
    .has_offset = offsetof(struct mail_Lost, has),
    .kind = WEFT_RECORD_EXCEPTION};

static const char *const idl_parts_0[] = {
    "// $ weftc --plain-handlers --embed-idl\n",
    "/** Letters, and who carries them.\n",
    " * In two lines. */\n",
    "namespace c mail\n",
    "\n",
    "/** How fast.\n",
    " *\n",
    " * Slowly, or not. */\n",
    "enum Speed {\n",
    "  /** On foot. */\n",
    "  SLOW = -2147483648\n",
    "  FAST = 1\n",
    "}\n",
    "\n",
    "/** What is sent. */\n",
    "struct Letter {\n",
    "  1: required string to\n",
    "  2: Speed speed = Speed.FAST\n",
    "}\n",
    "\n",
    "union Parcel { 1: Letter letter, 2: binary bytes }\n",
    "\n",
    "exception Lost { 1: string where, 2: optional Lost cause }\n",
    "\n",
    "/** No function of its own. */\n",
    "service Nobody {}\n",
    "\n",
    "/** The base of all. */\n",
    "service Post {\n",
    "  /** Is it open\077 */\n",
    "  bool isOpen()\n",
    "  oneway void hurry(1: i32 seconds)\n",
    "  list<Letter> waiting(1: Parcel parcel, 2: map<Speed, Letter> by) throws (1: Lost lost)\n",
    "}\n",
    "\n",
    "service Mail extends Post {\n",
    "  /** Send one letter,\n",
    "   * or more. */\n",
    "  Letter send(1: Letter letter, 2: i32 copies) throws (1: Lost lost, 2: Lost gone)\n",
    "  Letter resend(1: Letter letter, 2: i64 number, 3: string text, 4: list<i32> list)\n",
    "  void resendAll(1: Letter & letter)\n",
    "  void burn(1: list<binary> letters)\n",
    "}\n",
    NULL,
};

static const struct weft_idl_file idl_files[] = {
    {"mail.thrift", idl_parts_0},
};

/* ---- service Nobody ---- */

const struct weft_service mail_Nobody_service_desc = {
    .name = "Nobody",
    .idl = idl_files,
    .n_idl = 1,
};

const struct weft_service mail_Nobody_plain_service_desc = {
    .name = "Nobody",
    .idl = idl_files,
    .n_idl = 1,
};

/* ---- mail_Post_isOpen_args ---- */

static weft_err
mail_Post_isOpen_args_read_binary(struct weft_reader *r, void *record)
{
    struct mail_Post_isOpen_args *x = record;
    mail_Post_isOpen_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        WEFT_VIA_READER(weft_bin_skip_field(r, field));
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
mail_Post_isOpen_args_write_binary(struct weft_writer *w, const void *record)
{
    (void)record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

const struct weft_struct mail_Post_isOpen_args_desc = {
    .name = "isOpen_args", .size = sizeof(struct mail_Post_isOpen_args),
    .kind = WEFT_RECORD_STRUCT,
    .read_binary = mail_Post_isOpen_args_read_binary,
    .write_binary = mail_Post_isOpen_args_write_binary};

/* ---- mail_Post_isOpen_result ---- */

void
mail_Post_isOpen_result_init(struct mail_Post_isOpen_result *x)
{
    weft_zero(x, sizeof *x);
    x->which = WEFT_RESULT_NONE;
}

static weft_err
mail_Post_isOpen_result_read_binary(struct weft_reader *r, void *record)
{
    struct mail_Post_isOpen_result *x = record;
    mail_Post_isOpen_result_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        switch (field) {
        case 0x000002: /* 0: bool success */
            err = weft_bin_next_bool(r, &in, &x->success);
            x->which = 0;
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
mail_Post_isOpen_result_write_binary(struct weft_writer *w,
                                     const void *record)
{
    const struct mail_Post_isOpen_result *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case WEFT_RESULT_NONE:
    case 0: /* success */
        if (weft_room_ready(w, &out, 4)) {
            weft_bin_put_field(&out, WEFT_BOOL, 0);
            weft_bin_put_bool(&out, x->success);
        }
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field mail_Post_isOpen_result_fields[] = {
    {.name = "success", .type = &weft_type_bool,
     .offset = offsetof(struct mail_Post_isOpen_result, success), .id = 0,
     .requiredness = WEFT_OPTIONAL},
};

static void
mail_Post_isOpen_result_init_any(void *record)
{
    mail_Post_isOpen_result_init(record);
}

const struct weft_struct mail_Post_isOpen_result_desc = {
    .name = "isOpen_result", .fields = mail_Post_isOpen_result_fields,
    .n_fields = 1, .size = sizeof(struct mail_Post_isOpen_result),
    .has_offset = offsetof(struct mail_Post_isOpen_result, which),
    .kind = WEFT_RECORD_UNION, .is_result = true,
    .init = mail_Post_isOpen_result_init_any,
    .read_binary = mail_Post_isOpen_result_read_binary,
    .write_binary = mail_Post_isOpen_result_write_binary};

/* ---- mail_Post_hurry_args ---- */

static weft_err
mail_Post_hurry_args_read_binary(struct weft_reader *r, void *record)
{
    struct mail_Post_hurry_args *x = record;
    uint32_t has = 0;
    mail_Post_hurry_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000108)) {
        switch (field) {
        case 0x000108: /* 1: i32 seconds */
            err = weft_bin_next_i32(r, &in, &x->seconds);
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
mail_Post_hurry_args_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_Post_hurry_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 1);
        weft_bin_put_i32(&out, x->seconds);
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field mail_Post_hurry_args_fields[] = {
    {.name = "seconds", .type = &weft_type_i32,
     .offset = offsetof(struct mail_Post_hurry_args, seconds), .id = 1},
};

const struct weft_struct mail_Post_hurry_args_desc = {
    .name = "hurry_args", .fields = mail_Post_hurry_args_fields, .n_fields = 1,
    .size = sizeof(struct mail_Post_hurry_args),
    .has_offset = offsetof(struct mail_Post_hurry_args, has),
    .kind = WEFT_RECORD_STRUCT, .read_binary = mail_Post_hurry_args_read_binary,
    .write_binary = mail_Post_hurry_args_write_binary};

/* ---- mail_Post_waiting_args ---- */

static weft_err
mail_Post_waiting_args_read_binary(struct weft_reader *r, void *record)
{
    struct mail_Post_waiting_args *x = record;
    uint32_t has = 0;
    mail_Post_waiting_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Parcel parcel */
            WEFT_VIA_READER(mail_Parcel_read_binary(r, &x->parcel));
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00020d);
        case 0x00020d: /* 2: map<Speed, Letter> by */
            WEFT_VIA_READER(read_binary_mail_map_i32_Letter(r, &x->by, &fits));
            if (!err && fits)
                err =
                    weft_read_unique(r, &mail_Post_waiting_args_desc, 1,
                                     &x->by);
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

static void
mail_Post_waiting_args_write_binary(struct weft_writer *w,
                                    const void *record)
{
    const struct mail_Post_waiting_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->parcel.which) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Parcel_write_binary(w, &x->parcel));
    }
    weft_bin_put_head(w, &out, WEFT_MAP, 2);
    WEFT_VIA_WRITER(write_binary_mail_map_i32_Letter(w, &x->by));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_mail_Parcel = {
    .wire = WEFT_STRUCT, .size = sizeof(struct mail_Parcel),
    .record = &mail_Parcel_desc};

static const struct weft_type type_map_mail_Speed_mail_Letter = {
    .wire = WEFT_MAP, .size = sizeof(struct mail_map_i32_Letter),
    .item_size = sizeof(struct mail_map_i32_Letter_item),
    .value_offset = offsetof(struct mail_map_i32_Letter_item, value),
    .key = &type_mail_Speed, .element = &type_mail_Letter};

static const struct weft_field mail_Post_waiting_args_fields[] = {
    {.name = "parcel", .type = &type_mail_Parcel,
     .offset = offsetof(struct mail_Post_waiting_args, parcel), .id = 1},
    {.name = "by", .type = &type_map_mail_Speed_mail_Letter,
     .offset = offsetof(struct mail_Post_waiting_args, by), .has_bit = 1,
     .id = 2},
};

const struct weft_struct mail_Post_waiting_args_desc = {
    .name = "waiting_args", .fields = mail_Post_waiting_args_fields,
    .n_fields = 2, .size = sizeof(struct mail_Post_waiting_args),
    .has_offset = offsetof(struct mail_Post_waiting_args, has),
    .kind = WEFT_RECORD_STRUCT,
    .read_binary = mail_Post_waiting_args_read_binary,
    .write_binary = mail_Post_waiting_args_write_binary};

/* ---- mail_Post_waiting_result ---- */

void
mail_Post_waiting_result_init(struct mail_Post_waiting_result *x)
{
    weft_zero(x, sizeof *x);
    x->which = WEFT_RESULT_NONE;
}

static weft_err
mail_Post_waiting_result_read_binary(struct weft_reader *r, void *record)
{
    struct mail_Post_waiting_result *x = record;
    mail_Post_waiting_result_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        bool fits = false;
        switch (field) {
        case 0x00000f: /* 0: list<Letter> success */
            WEFT_VIA_READER(
                weft_bin_read_structs(r, &x->success, &mail_Letter_desc, &fits));
            if (fits)
                x->which = 0;
            break;
        case 0x00010c: /* 1: Lost lost */
            WEFT_VIA_READER(mail_Lost_read_binary(r, &x->lost));
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
mail_Post_waiting_result_write_binary(struct weft_writer *w,
                                      const void *record)
{
    const struct mail_Post_waiting_result *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case WEFT_RESULT_NONE:
    case 0: /* success */
        weft_bin_put_head(w, &out, WEFT_LIST, 0);
        WEFT_VIA_WRITER(
            weft_bin_write_structs(w, &x->success, &mail_Letter_desc));
        break;
    case 1: /* lost */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Lost_write_binary(w, &x->lost));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_mail_Letter = {
    .wire = WEFT_LIST, .size = sizeof(struct mail_vec_Letter),
    .item_size = sizeof(struct mail_Letter), .element = &type_mail_Letter};

static const struct weft_field mail_Post_waiting_result_fields[] = {
    {.name = "success", .type = &type_list_mail_Letter,
     .offset = offsetof(struct mail_Post_waiting_result, success), .id = 0,
     .requiredness = WEFT_OPTIONAL},
    {.name = "lost", .type = &type_mail_Lost,
     .offset = offsetof(struct mail_Post_waiting_result, lost), .id = 1,
     .requiredness = WEFT_OPTIONAL},
};

static void
mail_Post_waiting_result_init_any(void *record)
{
    mail_Post_waiting_result_init(record);
}

const struct weft_struct mail_Post_waiting_result_desc = {
    .name = "waiting_result", .fields = mail_Post_waiting_result_fields,
    .n_fields = 2, .size = sizeof(struct mail_Post_waiting_result),
    .has_offset = offsetof(struct mail_Post_waiting_result, which),
    .kind = WEFT_RECORD_UNION, .is_result = true,
    .init = mail_Post_waiting_result_init_any,
    .read_binary = mail_Post_waiting_result_read_binary,
    .write_binary = mail_Post_waiting_result_write_binary};

/* ---- service Post ---- */

weft_err
mail_isOpen(struct weft_client *client, struct weft_arena *arena, bool *result,
            const struct weft_call_options *options)
{
    struct mail_Post_isOpen_args args = mail_Post_isOpen_args_defaults();
    struct mail_Post_isOpen_result outcome;
    (void)args;
    weft_err err = mail_Post_isOpen(client, arena, &args, &outcome, options);
    if (!err)
        *result = outcome.success;
    return err;
}

weft_err
mail_hurry(struct weft_client *client, struct weft_arena *arena,
           int32_t seconds, const struct weft_call_options *options)
{
    struct mail_Post_hurry_args args = mail_Post_hurry_args_defaults();
    args.seconds = seconds;
    return mail_Post_hurry(client, arena, &args, options);
}

WEFT_INVOKE(mail_Post_isOpen, mail_Post_service, isOpen)
const struct weft_method mail_Post_isOpen_method = {
    .name = "isOpen",
    .name_len = 6,
    .args = &mail_Post_isOpen_args_desc,
    .result = &mail_Post_isOpen_result_desc,
    .invoke = mail_Post_isOpen_invoke,
    .service = "Post",
};

WEFT_INVOKE_ONEWAY(mail_Post_hurry, mail_Post_service, hurry)
const struct weft_method mail_Post_hurry_method = {
    .name = "hurry",
    .name_len = 5,
    .oneway = true,
    .is_void = true,
    .args = &mail_Post_hurry_args_desc,
    .invoke = mail_Post_hurry_invoke,
    .service = "Post",
};

WEFT_INVOKE(mail_Post_waiting, mail_Post_service, waiting)
const struct weft_method mail_Post_waiting_method = {
    .name = "waiting",
    .name_len = 7,
    .args = &mail_Post_waiting_args_desc,
    .result = &mail_Post_waiting_result_desc,
    .invoke = mail_Post_waiting_invoke,
    .service = "Post",
};

static const struct weft_method *const mail_Post_methods[] = {
    &mail_Post_isOpen_method,
    &mail_Post_hurry_method,
    &mail_Post_waiting_method,
};

const struct weft_service mail_Post_service_desc = {
    .name = "Post",
    .methods = mail_Post_methods,
    .n_methods = 3,
    .idl = idl_files,
    .n_idl = 1,
};

static weft_err
mail_Post_plain_isOpen_invoke(const void *table, struct weft_call *call,
                              const void *args, void *result)
{
    const struct mail_Post_plain *t = (const struct mail_Post_plain *)table;
    (void)args;
    struct mail_Post_isOpen_result *r =
        (struct mail_Post_isOpen_result *)result;
    if (!t->isOpen)
        return WEFT_ENOMETHOD;
    return t->isOpen(call, &r->success);
}
static const struct weft_method mail_Post_plain_isOpen_method = {
    .name = "isOpen",
    .name_len = 6,
    .args = &mail_Post_isOpen_args_desc,
    .result = &mail_Post_isOpen_result_desc,
    .invoke = mail_Post_plain_isOpen_invoke,
    .service = "Post",
};

static weft_err
mail_Post_plain_hurry_invoke(const void *table, struct weft_call *call,
                             const void *args, void *result)
{
    const struct mail_Post_plain *t = (const struct mail_Post_plain *)table;
    const struct mail_Post_hurry_args *a =
        (const struct mail_Post_hurry_args *)args;
    (void)result;
    if (!t->hurry)
        return WEFT_ENOMETHOD;
    return t->hurry(call, a->seconds);
}
static const struct weft_method mail_Post_plain_hurry_method = {
    .name = "hurry",
    .name_len = 5,
    .oneway = true,
    .is_void = true,
    .args = &mail_Post_hurry_args_desc,
    .invoke = mail_Post_plain_hurry_invoke,
    .service = "Post",
};
WEFT_INVOKE(mail_Post_plain_waiting, mail_Post_plain, waiting)
static const struct weft_method mail_Post_plain_waiting_method = {
    .name = "waiting",
    .name_len = 7,
    .args = &mail_Post_waiting_args_desc,
    .result = &mail_Post_waiting_result_desc,
    .invoke = mail_Post_plain_waiting_invoke,
    .service = "Post",
};

static const struct weft_method *const mail_Post_plain_methods[] = {
    &mail_Post_plain_isOpen_method,
    &mail_Post_plain_hurry_method,
    &mail_Post_plain_waiting_method,
};

const struct weft_service mail_Post_plain_service_desc = {
    .name = "Post",
    .methods = mail_Post_plain_methods,
    .n_methods = 3,
    .idl = idl_files,
    .n_idl = 1,
};

/* ---- mail_send_args ---- */

void
mail_send_args_init(struct mail_send_args *x)
{
    weft_zero(x, sizeof *x);
    mail_Letter_init(&x->letter);
}

static weft_err
mail_send_args_read_binary(struct weft_reader *r, void *record)
{
    struct mail_send_args *x = record;
    uint32_t has = 0;
    mail_send_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        switch (field) {
        case 0x00010c: /* 1: Letter letter */
            WEFT_VIA_READER(mail_Letter_read_binary(r, &x->letter));
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x000208);
        case 0x000208: /* 2: i32 copies */
            err = weft_bin_next_i32(r, &in, &x->copies);
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

static void
mail_send_args_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_send_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->has.letter || !weft_write_leaves_out(&mail_Letter_desc, &x->letter)) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Letter_write_binary(w, &x->letter));
    }
    if (weft_room_ready(w, &out, 7)) {
        weft_bin_put_field(&out, WEFT_I32, 2);
        weft_bin_put_i32(&out, x->copies);
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field mail_send_args_fields[] = {
    {.name = "letter", .type = &type_mail_Letter,
     .offset = offsetof(struct mail_send_args, letter), .id = 1},
    {.name = "copies", .type = &weft_type_i32,
     .offset = offsetof(struct mail_send_args, copies), .has_bit = 1, .id = 2},
};

static void
mail_send_args_init_any(void *record)
{
    mail_send_args_init(record);
}

const struct weft_struct mail_send_args_desc = {
    .name = "send_args", .fields = mail_send_args_fields, .n_fields = 2,
    .size = sizeof(struct mail_send_args),
    .has_offset = offsetof(struct mail_send_args, has),
    .kind = WEFT_RECORD_STRUCT, .init = mail_send_args_init_any,
    .read_binary = mail_send_args_read_binary,
    .write_binary = mail_send_args_write_binary};

/* ---- mail_send_result ---- */

void
mail_send_result_init(struct mail_send_result *x)
{
    weft_zero(x, sizeof *x);
    x->which = WEFT_RESULT_NONE;
    mail_Letter_init(&x->success);
}

static weft_err
mail_send_result_read_binary(struct weft_reader *r, void *record)
{
    struct mail_send_result *x = record;
    mail_send_result_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        switch (field) {
        case 0x00000c: /* 0: Letter success */
            WEFT_VIA_READER(mail_Letter_read_binary(r, &x->success));
            x->which = 0;
            break;
        case 0x00010c: /* 1: Lost lost */
            WEFT_VIA_READER(mail_Lost_read_binary(r, &x->lost));
            x->which = 1;
            break;
        case 0x00020c: /* 2: Lost gone */
            WEFT_VIA_READER(mail_Lost_read_binary(r, &x->gone));
            x->which = 2;
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
mail_send_result_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_send_result *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case WEFT_RESULT_NONE:
    case 0: /* success */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 0);
        WEFT_VIA_WRITER(mail_Letter_write_binary(w, &x->success));
        break;
    case 1: /* lost */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Lost_write_binary(w, &x->lost));
        break;
    case 2: /* gone */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 2);
        WEFT_VIA_WRITER(mail_Lost_write_binary(w, &x->gone));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field mail_send_result_fields[] = {
    {.name = "success", .type = &type_mail_Letter,
     .offset = offsetof(struct mail_send_result, success), .id = 0,
     .requiredness = WEFT_OPTIONAL},
    {.name = "lost", .type = &type_mail_Lost,
     .offset = offsetof(struct mail_send_result, lost), .id = 1,
     .requiredness = WEFT_OPTIONAL},
    {.name = "gone", .type = &type_mail_Lost,
     .offset = offsetof(struct mail_send_result, gone), .id = 2,
     .requiredness = WEFT_OPTIONAL},
};

static void
mail_send_result_init_any(void *record)
{
    mail_send_result_init(record);
}

const struct weft_struct mail_send_result_desc = {
    .name = "send_result", .fields = mail_send_result_fields, .n_fields = 3,
    .size = sizeof(struct mail_send_result),
    .has_offset = offsetof(struct mail_send_result, which),
    .kind = WEFT_RECORD_UNION, .is_result = true,
    .init = mail_send_result_init_any,
    .read_binary = mail_send_result_read_binary,
    .write_binary = mail_send_result_write_binary};

/* ---- mail_resend_args ---- */

void
mail_resend_args_init(struct mail_resend_args *x)
{
    weft_zero(x, sizeof *x);
    mail_Letter_init(&x->letter);
}

static weft_err
mail_resend_args_read_binary(struct weft_reader *r, void *record)
{
    struct mail_resend_args *x = record;
    uint32_t has = 0;
    mail_resend_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        bool fits = false;
        switch (field) {
        case 0x00010c: /* 1: Letter letter */
            WEFT_VIA_READER(mail_Letter_read_binary(r, &x->letter));
            has |= UINT32_C(0x1);
            WEFT_NEXT_CASE(bin, 0x00020a);
        case 0x00020a: /* 2: i64 number */
            err = weft_bin_next_i64(r, &in, &x->number);
            has |= UINT32_C(0x2);
            WEFT_NEXT_CASE(bin, 0x00030b);
        case 0x00030b: /* 3: string text */
            err = weft_bin_next_str(r, &in, &x->text);
            has |= UINT32_C(0x4);
            WEFT_NEXT_CASE(bin, 0x00040f);
        case 0x00040f: /* 4: list<i32> list */
            WEFT_VIA_READER(weft_bin_read_vec_i32(r, &x->list, &fits));
            if (fits)
                has |= UINT32_C(0x8);
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
mail_resend_args_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_resend_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->has.letter || !weft_write_leaves_out(&mail_Letter_desc, &x->letter)) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Letter_write_binary(w, &x->letter));
    }
    if (weft_room_ready(w, &out, 11)) {
        weft_bin_put_field(&out, WEFT_I64, 2);
        weft_bin_put_i64(&out, x->number);
    }
    weft_bin_put_str_field(w, &out, 3, x->text);
    weft_bin_put_head(w, &out, WEFT_LIST, 4);
    WEFT_VIA_WRITER(weft_bin_write_vec_i32(w, &x->list));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_i32 = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_i32),
    .item_size = sizeof(int32_t), .element = &weft_type_i32};

static const struct weft_field mail_resend_args_fields[] = {
    {.name = "letter", .type = &type_mail_Letter,
     .offset = offsetof(struct mail_resend_args, letter), .id = 1},
    {.name = "number", .type = &weft_type_i64,
     .offset = offsetof(struct mail_resend_args, number), .has_bit = 1, .id = 2},
    {.name = "text", .type = &weft_type_string,
     .offset = offsetof(struct mail_resend_args, text), .has_bit = 2, .id = 3},
    {.name = "list", .type = &type_list_i32,
     .offset = offsetof(struct mail_resend_args, list), .has_bit = 3, .id = 4},
};

static void
mail_resend_args_init_any(void *record)
{
    mail_resend_args_init(record);
}

const struct weft_struct mail_resend_args_desc = {
    .name = "resend_args", .fields = mail_resend_args_fields, .n_fields = 4,
    .size = sizeof(struct mail_resend_args),
    .has_offset = offsetof(struct mail_resend_args, has),
    .kind = WEFT_RECORD_STRUCT, .init = mail_resend_args_init_any,
    .read_binary = mail_resend_args_read_binary,
    .write_binary = mail_resend_args_write_binary};

/* ---- mail_resend_result ---- */

void
mail_resend_result_init(struct mail_resend_result *x)
{
    weft_zero(x, sizeof *x);
    x->which = WEFT_RESULT_NONE;
    mail_Letter_init(&x->success);
}

static weft_err
mail_resend_result_read_binary(struct weft_reader *r, void *record)
{
    struct mail_resend_result *x = record;
    mail_resend_result_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        switch (field) {
        case 0x00000c: /* 0: Letter success */
            WEFT_VIA_READER(mail_Letter_read_binary(r, &x->success));
            x->which = 0;
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
mail_resend_result_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_resend_result *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case WEFT_RESULT_NONE:
    case 0: /* success */
        weft_bin_put_head(w, &out, WEFT_STRUCT, 0);
        WEFT_VIA_WRITER(mail_Letter_write_binary(w, &x->success));
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field mail_resend_result_fields[] = {
    {.name = "success", .type = &type_mail_Letter,
     .offset = offsetof(struct mail_resend_result, success), .id = 0,
     .requiredness = WEFT_OPTIONAL},
};

static void
mail_resend_result_init_any(void *record)
{
    mail_resend_result_init(record);
}

const struct weft_struct mail_resend_result_desc = {
    .name = "resend_result", .fields = mail_resend_result_fields, .n_fields = 1,
    .size = sizeof(struct mail_resend_result),
    .has_offset = offsetof(struct mail_resend_result, which),
    .kind = WEFT_RECORD_UNION, .is_result = true,
    .init = mail_resend_result_init_any,
    .read_binary = mail_resend_result_read_binary,
    .write_binary = mail_resend_result_write_binary};

/* ---- mail_resendAll_args ---- */

static weft_err
mail_resendAll_args_read_binary(struct weft_reader *r, void *record)
{
    struct mail_resendAll_args *x = record;
    mail_resendAll_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010c)) {
        switch (field) {
        case 0x00010c: /* 1: Letter letter */
            weft_run_end(r, &in);
            x->letter = weft_next_box(r, sizeof *x->letter);
            err = WEFT_EBUDGET;
            if (x->letter)
                err = mail_Letter_read_binary(r, x->letter);
            in = weft_run_begin(r);
            break;
        default:
            WEFT_VIA_READER(weft_bin_skip_field(r, field));
        }
    }
    err = weft_run_leave(r, &in, err);
    return err;
}

static void
mail_resendAll_args_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_resendAll_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    if (x->letter) {
        weft_bin_put_head(w, &out, WEFT_STRUCT, 1);
        WEFT_VIA_WRITER(mail_Letter_write_binary(w, x->letter));
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_field mail_resendAll_args_fields[] = {
    {.name = "letter", .type = &type_mail_Letter,
     .offset = offsetof(struct mail_resendAll_args, letter), .id = 1,
     .boxed = true},
};

const struct weft_struct mail_resendAll_args_desc = {
    .name = "resendAll_args", .fields = mail_resendAll_args_fields,
    .n_fields = 1, .size = sizeof(struct mail_resendAll_args),
    .kind = WEFT_RECORD_STRUCT, .read_binary = mail_resendAll_args_read_binary,
    .write_binary = mail_resendAll_args_write_binary};

/* ---- mail_resendAll_result ---- */

void
mail_resendAll_result_init(struct mail_resendAll_result *x)
{
    weft_zero(x, sizeof *x);
    x->which = WEFT_RESULT_NONE;
}

static weft_err
mail_resendAll_result_read_binary(struct weft_reader *r, void *record)
{
    struct mail_resendAll_result *x = record;
    mail_resendAll_result_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        WEFT_VIA_READER(weft_bin_skip_field(r, field));
    }
    err = weft_run_leave(r, &in, err);
    if (!err && x->which == WEFT_RESULT_NONE)
        x->which = 0;
    return err;
}

static void
mail_resendAll_result_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_resendAll_result *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case WEFT_RESULT_NONE:
    case 0: /* void */
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static void
mail_resendAll_result_init_any(void *record)
{
    mail_resendAll_result_init(record);
}

const struct weft_struct mail_resendAll_result_desc = {
    .name = "resendAll_result", .size = sizeof(struct mail_resendAll_result),
    .has_offset = offsetof(struct mail_resendAll_result, which),
    .kind = WEFT_RECORD_UNION, .is_result = true,
    .init = mail_resendAll_result_init_any,
    .read_binary = mail_resendAll_result_read_binary,
    .write_binary = mail_resendAll_result_write_binary};

/* ---- mail_burn_args ---- */

static weft_err
mail_burn_args_read_binary(struct weft_reader *r, void *record)
{
    struct mail_burn_args *x = record;
    uint32_t has = 0;
    mail_burn_args_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x00010f)) {
        bool fits = false;
        switch (field) {
        case 0x00010f: /* 1: list<binary> letters */
            WEFT_VIA_READER(weft_bin_read_vec_str(r, &x->letters, &fits));
            if (fits)
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
mail_burn_args_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_burn_args *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    weft_bin_put_head(w, &out, WEFT_LIST, 1);
    WEFT_VIA_WRITER(weft_bin_write_vec_str(w, &x->letters));
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static const struct weft_type type_list_binary = {
    .wire = WEFT_LIST, .size = sizeof(struct weft_vec_str),
    .item_size = sizeof(struct weft_str), .element = &weft_type_binary};

static const struct weft_field mail_burn_args_fields[] = {
    {.name = "letters", .type = &type_list_binary,
     .offset = offsetof(struct mail_burn_args, letters), .id = 1},
};

const struct weft_struct mail_burn_args_desc = {
    .name = "burn_args", .fields = mail_burn_args_fields, .n_fields = 1,
    .size = sizeof(struct mail_burn_args),
    .has_offset = offsetof(struct mail_burn_args, has),
    .kind = WEFT_RECORD_STRUCT, .read_binary = mail_burn_args_read_binary,
    .write_binary = mail_burn_args_write_binary};

/* ---- mail_burn_result ---- */

void
mail_burn_result_init(struct mail_burn_result *x)
{
    weft_zero(x, sizeof *x);
    x->which = WEFT_RESULT_NONE;
}

static weft_err
mail_burn_result_read_binary(struct weft_reader *r, void *record)
{
    struct mail_burn_result *x = record;
    mail_burn_result_init(x);
    struct weft_run in;
    weft_err err = weft_run_enter(r, &in);
    uint32_t field = 0;
    while (weft_bin_has_field(r, &in, &field, &err, 0x000000)) {
        WEFT_VIA_READER(weft_bin_skip_field(r, field));
    }
    err = weft_run_leave(r, &in, err);
    if (!err && x->which == WEFT_RESULT_NONE)
        x->which = 0;
    return err;
}

static void
mail_burn_result_write_binary(struct weft_writer *w, const void *record)
{
    const struct mail_burn_result *x = record;
    if (!weft_write_enter(w))
        return;
    struct weft_room out = weft_room_begin(w);
    switch (x->which) {
    case WEFT_RESULT_NONE:
    case 0: /* void */
        break;
    default:
        WEFT_VIA_WRITER(weft_writer_fail(w, WEFT_EVALUE));
        break;
    }
    weft_bin_put_stop(w, &out);
    weft_room_end(w, &out);
    weft_write_leave(w);
}

static void
mail_burn_result_init_any(void *record)
{
    mail_burn_result_init(record);
}

const struct weft_struct mail_burn_result_desc = {
    .name = "burn_result", .size = sizeof(struct mail_burn_result),
    .has_offset = offsetof(struct mail_burn_result, which),
    .kind = WEFT_RECORD_UNION, .is_result = true,
    .init = mail_burn_result_init_any,
    .read_binary = mail_burn_result_read_binary,
    .write_binary = mail_burn_result_write_binary};

/* ---- service Mail ---- */

weft_err
mail_resend(struct weft_client *client, struct weft_arena *arena,
            const struct mail_Letter *letter, int64_t number,
            struct weft_str text, struct weft_vec_i32 list,
            struct mail_Letter *result,
            const struct weft_call_options *options)
{
    struct mail_resend_args args = mail_resend_args_defaults();
    struct mail_resend_result outcome;
    args.letter = *letter;
    args.has.letter = 1;
    args.number = number;
    args.text = text;
    args.list = list;
    weft_err err = mail_Mail_resend(client, arena, &args, &outcome, options);
    if (!err)
        *result = outcome.success;
    return err;
}

weft_err
mail_burn(struct weft_client *client, struct weft_arena *arena,
          struct weft_vec_str letters,
          const struct weft_call_options *options)
{
    struct mail_burn_args args = mail_burn_args_defaults();
    struct mail_burn_result outcome;
    args.letters = letters;
    return mail_Mail_burn(client, arena, &args, &outcome, options);
}

WEFT_INVOKE(mail_isOpen, mail_Mail_service, isOpen)
const struct weft_method mail_isOpen_method = {
    .name = "isOpen",
    .name_len = 6,
    .args = &mail_Post_isOpen_args_desc,
    .result = &mail_Post_isOpen_result_desc,
    .invoke = mail_isOpen_invoke,
    .service = "Mail",
};

WEFT_INVOKE_ONEWAY(mail_hurry, mail_Mail_service, hurry)
const struct weft_method mail_hurry_method = {
    .name = "hurry",
    .name_len = 5,
    .oneway = true,
    .is_void = true,
    .args = &mail_Post_hurry_args_desc,
    .invoke = mail_hurry_invoke,
    .service = "Mail",
};

WEFT_INVOKE(mail_waiting, mail_Mail_service, waiting)
const struct weft_method mail_waiting_method = {
    .name = "waiting",
    .name_len = 7,
    .args = &mail_Post_waiting_args_desc,
    .result = &mail_Post_waiting_result_desc,
    .invoke = mail_waiting_invoke,
    .service = "Mail",
};

WEFT_INVOKE(mail_send, mail_Mail_service, send)
const struct weft_method mail_send_method = {
    .name = "send",
    .name_len = 4,
    .args = &mail_send_args_desc,
    .result = &mail_send_result_desc,
    .invoke = mail_send_invoke,
    .service = "Mail",
};

WEFT_INVOKE(mail_resend, mail_Mail_service, resend)
const struct weft_method mail_resend_method = {
    .name = "resend",
    .name_len = 6,
    .args = &mail_resend_args_desc,
    .result = &mail_resend_result_desc,
    .invoke = mail_resend_invoke,
    .service = "Mail",
};

WEFT_INVOKE(mail_resendAll, mail_Mail_service, resendAll)
const struct weft_method mail_resendAll_method = {
    .name = "resendAll",
    .name_len = 9,
    .is_void = true,
    .args = &mail_resendAll_args_desc,
    .result = &mail_resendAll_result_desc,
    .invoke = mail_resendAll_invoke,
    .service = "Mail",
};

WEFT_INVOKE(mail_burn, mail_Mail_service, burn)
const struct weft_method mail_burn_method = {
    .name = "burn",
    .name_len = 4,
    .is_void = true,
    .args = &mail_burn_args_desc,
    .result = &mail_burn_result_desc,
    .invoke = mail_burn_invoke,
    .service = "Mail",
};

static const struct weft_method *const mail_Mail_methods[] = {
    &mail_isOpen_method,
    &mail_hurry_method,
    &mail_waiting_method,
    &mail_send_method,
    &mail_resend_method,
    &mail_resendAll_method,
    &mail_burn_method,
};

const struct weft_service mail_Mail_service_desc = {
    .name = "Mail",
    .methods = mail_Mail_methods,
    .n_methods = 7,
    .idl = idl_files,
    .n_idl = 1,
};

static weft_err
mail_Mail_plain_isOpen_invoke(const void *table, struct weft_call *call,
                              const void *args, void *result)
{
    const struct mail_Mail_plain *t = (const struct mail_Mail_plain *)table;
    (void)args;
    struct mail_Post_isOpen_result *r =
        (struct mail_Post_isOpen_result *)result;
    if (!t->isOpen)
        return WEFT_ENOMETHOD;
    return t->isOpen(call, &r->success);
}
static const struct weft_method mail_Mail_plain_isOpen_method = {
    .name = "isOpen",
    .name_len = 6,
    .args = &mail_Post_isOpen_args_desc,
    .result = &mail_Post_isOpen_result_desc,
    .invoke = mail_Mail_plain_isOpen_invoke,
    .service = "Mail",
};

static weft_err
mail_Mail_plain_hurry_invoke(const void *table, struct weft_call *call,
                             const void *args, void *result)
{
    const struct mail_Mail_plain *t = (const struct mail_Mail_plain *)table;
    const struct mail_Post_hurry_args *a =
        (const struct mail_Post_hurry_args *)args;
    (void)result;
    if (!t->hurry)
        return WEFT_ENOMETHOD;
    return t->hurry(call, a->seconds);
}
static const struct weft_method mail_Mail_plain_hurry_method = {
    .name = "hurry",
    .name_len = 5,
    .oneway = true,
    .is_void = true,
    .args = &mail_Post_hurry_args_desc,
    .invoke = mail_Mail_plain_hurry_invoke,
    .service = "Mail",
};
WEFT_INVOKE(mail_Mail_plain_waiting, mail_Mail_plain, waiting)
static const struct weft_method mail_Mail_plain_waiting_method = {
    .name = "waiting",
    .name_len = 7,
    .args = &mail_Post_waiting_args_desc,
    .result = &mail_Post_waiting_result_desc,
    .invoke = mail_Mail_plain_waiting_invoke,
    .service = "Mail",
};
WEFT_INVOKE(mail_Mail_plain_send, mail_Mail_plain, send)
static const struct weft_method mail_Mail_plain_send_method = {
    .name = "send",
    .name_len = 4,
    .args = &mail_send_args_desc,
    .result = &mail_send_result_desc,
    .invoke = mail_Mail_plain_send_invoke,
    .service = "Mail",
};

static weft_err
mail_Mail_plain_resend_invoke(const void *table, struct weft_call *call,
                              const void *args, void *result)
{
    const struct mail_Mail_plain *t = (const struct mail_Mail_plain *)table;
    const struct mail_resend_args *a = (const struct mail_resend_args *)args;
    struct mail_resend_result *r = (struct mail_resend_result *)result;
    if (!t->resend)
        return WEFT_ENOMETHOD;
    return t->resend(call, &a->letter, a->number, a->text, a->list,
                     &r->success);
}
static const struct weft_method mail_Mail_plain_resend_method = {
    .name = "resend",
    .name_len = 6,
    .args = &mail_resend_args_desc,
    .result = &mail_resend_result_desc,
    .invoke = mail_Mail_plain_resend_invoke,
    .service = "Mail",
};
WEFT_INVOKE(mail_Mail_plain_resendAll, mail_Mail_plain, resendAll)
static const struct weft_method mail_Mail_plain_resendAll_method = {
    .name = "resendAll",
    .name_len = 9,
    .is_void = true,
    .args = &mail_resendAll_args_desc,
    .result = &mail_resendAll_result_desc,
    .invoke = mail_Mail_plain_resendAll_invoke,
    .service = "Mail",
};

static weft_err
mail_Mail_plain_burn_invoke(const void *table, struct weft_call *call,
                            const void *args, void *result)
{
    const struct mail_Mail_plain *t = (const struct mail_Mail_plain *)table;
    const struct mail_burn_args *a = (const struct mail_burn_args *)args;
    (void)result;
    if (!t->burn)
        return WEFT_ENOMETHOD;
    return t->burn(call, a->letters);
}
static const struct weft_method mail_Mail_plain_burn_method = {
    .name = "burn",
    .name_len = 4,
    .is_void = true,
    .args = &mail_burn_args_desc,
    .result = &mail_burn_result_desc,
    .invoke = mail_Mail_plain_burn_invoke,
    .service = "Mail",
};

static const struct weft_method *const mail_Mail_plain_methods[] = {
    &mail_Mail_plain_isOpen_method,
    &mail_Mail_plain_hurry_method,
    &mail_Mail_plain_waiting_method,
    &mail_Mail_plain_send_method,
    &mail_Mail_plain_resend_method,
    &mail_Mail_plain_resendAll_method,
    &mail_Mail_plain_burn_method,
};

const struct weft_service mail_Mail_plain_service_desc = {
    .name = "Mail",
    .methods = mail_Mail_plain_methods,
    .n_methods = 7,
    .idl = idl_files,
    .n_idl = 1,
};
