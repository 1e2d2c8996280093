/* SPDX-License-Identifier: MIT */
/* Readers of the records in sample.h, like those that weftc generates. */
#ifndef WEFT_TESTS_UNIT_CODEC_SAMPLE_READ_H
#define WEFT_TESTS_UNIT_CODEC_SAMPLE_READ_H

#include "sample.h"
#include "sample_desc.h"

static inline weft_err
point_read_fields(struct weft_reader *r, struct point *p, uint32_t *seen)
{
    for (;;) {
        uint32_t field;
        weft_err err = weft_bin_read_field(r, &field);
        if (err || field == WEFT_STOP)
            return err;
        switch (field) {
        case WEFT_FIELD(1, WEFT_I32):
            err = weft_bin_read_i32(r, &p->x);
            *seen |= 1;
            break;
        case WEFT_FIELD(2, WEFT_I32):
            err = weft_bin_read_i32(r, &p->y);
            p->has[0] |= 1;
            break;
        default:
            err = weft_bin_skip(r, (uint8_t)field);
        }
        if (err)
            return err;
    }
}

static inline weft_err
point_read(struct weft_reader *r, void *record)
{
    uint32_t seen = 0;
    memset(record, 0, sizeof(struct point));
    weft_err err = weft_read_enter(r);
    if (!err)
        err = point_read_fields(r, record, &seen);
    if (err)
        return err;
    weft_read_leave(r);
    return seen ? WEFT_OK : WEFT_EREQUIRED;
}

static inline weft_err
choice_read_fields(struct weft_reader *r, struct choice *c)
{
    for (;;) {
        uint32_t field;
        weft_err err = weft_bin_read_field(r, &field);
        if (err || field == WEFT_STOP)
            return err;
        struct choice got = {0};
        switch (field) {
        case WEFT_FIELD(1, WEFT_I64):
            got.which = 1;
            err = weft_bin_read_i64(r, &got.as.number);
            break;
        case WEFT_FIELD(2, WEFT_STRING):
            got.which = 2;
            err = weft_bin_read_str(r, &got.as.text);
            break;
        case WEFT_FIELD(3, WEFT_STRUCT):
            got.which = 3;
            err = point_read(r, &got.as.point);
            break;
        default:
            err = weft_bin_skip(r, (uint8_t)field);
        }
        if (err)
            return err;
        if (got.which)
            *c = got;
    }
}

static inline weft_err
choice_read(struct weft_reader *r, void *record)
{
    memset(record, 0, sizeof(struct choice));
    weft_err err = weft_read_enter(r);
    if (!err)
        err = choice_read_fields(r, record);
    if (!err)
        weft_read_leave(r);
    return err;
}

static inline weft_err
sample_read_numbers(struct weft_reader *r, struct sample *s)
{
    bool fits;
    weft_err err =
        weft_bin_read_list(r, WEFT_I32, sizeof(int32_t), &s->numbers, &fits);
    if (err || !fits)
        return err;
    for (uint32_t i = 0; !err && i < s->numbers.len; i++)
        err = weft_bin_read_i32(r, &s->numbers.items[i]);
    weft_read_leave(r);
    s->has[0] |= HAS(HAS_NUMBERS);
    return err;
}

static inline weft_err
sample_read_words(struct weft_reader *r, struct sample *s)
{
    bool fits;
    weft_err err = weft_bin_read_list(r, WEFT_STRING, sizeof(struct weft_str),
                                      &s->words, &fits);
    if (err || !fits)
        return err;
    for (uint32_t i = 0; !err && i < s->words.len; i++)
        err = weft_bin_read_str(r, &s->words.items[i]);
    weft_read_leave(r);
    if (!err)
        err = weft_read_unique(r, &sample_desc, SAMPLE_WORDS, &s->words);
    s->has[0] |= HAS(HAS_WORDS);
    return err;
}

static inline weft_err
sample_read_places(struct weft_reader *r, struct sample *s)
{
    bool fits;
    weft_err err = weft_bin_read_map(r, WEFT_STRING, WEFT_STRUCT,
                                     sizeof(struct place), &s->places, &fits);
    if (err || !fits)
        return err;
    for (uint32_t i = 0; !err && i < s->places.len; i++) {
        err = weft_bin_read_str(r, &s->places.items[i].key);
        if (!err)
            err = point_read(r, &s->places.items[i].value);
    }
    weft_read_leave(r);
    if (!err)
        err = weft_read_unique(r, &sample_desc, SAMPLE_PLACES, &s->places);
    s->has[0] |= HAS(HAS_PLACES);
    return err;
}

static inline weft_err
read_row(struct weft_reader *r, struct weft_vec_double *row)
{
    bool fits;
    weft_err err =
        weft_bin_read_list(r, WEFT_DOUBLE, sizeof(double), row, &fits);
    if (err || !fits)
        return err;
    for (uint32_t i = 0; !err && i < row->len; i++)
        err = weft_bin_read_double(r, &row->items[i]);
    weft_read_leave(r);
    return err;
}

static inline weft_err
sample_read_table(struct weft_reader *r, struct sample *s)
{
    bool fits;
    weft_err err = weft_bin_read_list(
        r, WEFT_LIST, sizeof(struct weft_vec_double), &s->table, &fits);
    if (err || !fits)
        return err;
    for (uint32_t i = 0; !err && i < s->table.len; i++)
        err = read_row(r, &s->table.items[i]);
    weft_read_leave(r);
    s->has[0] |= HAS(HAS_TABLE);
    return err;
}

static inline weft_err sample_read(struct weft_reader *r, void *record);

static inline weft_err
sample_read_next(struct weft_reader *r, struct sample *s)
{
    struct sample *next = weft_read_box(r, sizeof *next);
    if (!next)
        return WEFT_EBUDGET;
    weft_err err = sample_read(r, next);
    if (!err)
        s->next = next;
    s->has[0] |= HAS(HAS_NEXT);
    return err;
}

/* Read a field whose type has no items or members. */
static inline weft_err
sample_read_plain(struct weft_reader *r, struct sample *s, uint32_t field,
                  bool *has_must)
{
    switch (field) {
    case WEFT_FIELD(-1, WEFT_STRING):
        s->has[0] |= HAS(HAS_NEGATIVE);
        return weft_bin_read_str(r, &s->negative);
    case WEFT_FIELD(1, WEFT_BOOL):
        s->has[0] |= HAS(HAS_FLAG);
        return weft_bin_read_bool(r, &s->flag);
    case WEFT_FIELD(2, WEFT_I8):
        s->has[0] |= HAS(HAS_TINY);
        return weft_bin_read_i8(r, &s->tiny);
    case WEFT_FIELD(3, WEFT_I16):
        s->has[0] |= HAS(HAS_SMALL);
        return weft_bin_read_i16(r, &s->small);
    case WEFT_FIELD(4, WEFT_I32):
        s->has[0] |= HAS(HAS_COLOR);
        return weft_bin_read_i32(r, &s->color);
    case WEFT_FIELD(5, WEFT_I64):
        s->has[0] |= HAS(HAS_LARGE);
        return weft_bin_read_i64(r, &s->large);
    case WEFT_FIELD(6, WEFT_DOUBLE):
        s->has[0] |= HAS(HAS_REAL);
        return weft_bin_read_double(r, &s->real);
    case WEFT_FIELD(7, WEFT_STRING):
        s->has[0] |= HAS(HAS_TEXT);
        return weft_bin_read_str(r, &s->text);
    case WEFT_FIELD(8, WEFT_STRING):
        s->has[0] |= HAS(HAS_BLOB);
        return weft_bin_read_str(r, &s->blob);
    case WEFT_FIELD(9, WEFT_UUID):
        s->has[0] |= HAS(HAS_ID);
        return weft_bin_read_uuid(r, &s->id);
    case WEFT_FIELD(17, WEFT_I32):
        *has_must = true;
        return weft_bin_read_i32(r, &s->must);
    case WEFT_FIELD(32767, WEFT_BOOL):
        s->has[0] |= HAS(HAS_LAST);
        return weft_bin_read_bool(r, &s->last);
    default:
        return weft_bin_skip(r, (uint8_t)field);
    }
}

static inline weft_err
sample_read_field(struct weft_reader *r, struct sample *s, uint32_t field,
                  bool *has_must)
{
    switch (field) {
    case WEFT_FIELD(10, WEFT_LIST):
        return sample_read_numbers(r, s);
    case WEFT_FIELD(11, WEFT_SET):
        return sample_read_words(r, s);
    case WEFT_FIELD(12, WEFT_MAP):
        return sample_read_places(r, s);
    case WEFT_FIELD(13, WEFT_STRUCT):
        s->has[0] |= HAS(HAS_ORIGIN);
        return point_read(r, &s->origin);
    case WEFT_FIELD(14, WEFT_STRUCT):
        return sample_read_next(r, s);
    case WEFT_FIELD(15, WEFT_STRUCT):
        s->has[0] |= HAS(HAS_CHOICE);
        return choice_read(r, &s->choice);
    case WEFT_FIELD(16, WEFT_LIST):
        return sample_read_table(r, s);
    default:
        return sample_read_plain(r, s, field, has_must);
    }
}

static inline weft_err
sample_read(struct weft_reader *r, void *record)
{
    bool has_must = false;
    sample_init(record);
    weft_err err = weft_read_enter(r);
    if (err)
        return err;
    for (;;) {
        uint32_t field;
        err = weft_bin_read_field(r, &field);
        if (err || field == WEFT_STOP)
            break;
        err = sample_read_field(r, record, field, &has_must);
        if (err)
            return err;
    }
    if (err)
        return err;
    weft_read_leave(r);
    return has_must ? WEFT_OK : WEFT_EREQUIRED;
}

#endif
