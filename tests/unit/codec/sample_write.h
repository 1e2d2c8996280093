/* SPDX-License-Identifier: MIT */
/* Writers of the records in sample.h, like those that weftc generates. */
#ifndef WEFT_TESTS_UNIT_CODEC_SAMPLE_WRITE_H
#define WEFT_TESTS_UNIT_CODEC_SAMPLE_WRITE_H

#include "sample.h"

static inline void
point_write(struct weft_writer *w, const void *record)
{
    const struct point *p = record;
    if (!weft_write_enter(w))
        return;
    weft_bin_write_field(w, WEFT_I32, 1);
    weft_bin_write_i32(w, p->x);
    if (p->has[0] & 1) {
        weft_bin_write_field(w, WEFT_I32, 2);
        weft_bin_write_i32(w, p->y);
    }
    weft_bin_write_stop(w);
    weft_write_leave(w);
}

static inline void
choice_write(struct weft_writer *w, const void *record)
{
    const struct choice *c = record;
    if (!weft_write_enter(w))
        return;
    if (c->which == 1) {
        weft_bin_write_field(w, WEFT_I64, 1);
        weft_bin_write_i64(w, c->as.number);
    } else if (c->which == 2) {
        weft_bin_write_field(w, WEFT_STRING, 2);
        weft_bin_write_str(w, c->as.text);
    } else if (c->which == 3) {
        weft_bin_write_field(w, WEFT_STRUCT, 3);
        point_write(w, &c->as.point);
    }
    weft_bin_write_stop(w);
    weft_write_leave(w);
}

static inline void
sample_write_plain(struct weft_writer *w, const struct sample *s)
{
    weft_bin_write_field(w, WEFT_STRING, -1);
    weft_bin_write_str(w, s->negative);
    weft_bin_write_field(w, WEFT_BOOL, 1);
    weft_bin_write_bool(w, s->flag);
    weft_bin_write_field(w, WEFT_I8, 2);
    weft_bin_write_i8(w, s->tiny);
    weft_bin_write_field(w, WEFT_I16, 3);
    weft_bin_write_i16(w, s->small);
    weft_bin_write_field(w, WEFT_I32, 4);
    weft_bin_write_i32(w, s->color);
    weft_bin_write_field(w, WEFT_I64, 5);
    weft_bin_write_i64(w, s->large);
    weft_bin_write_field(w, WEFT_DOUBLE, 6);
    weft_bin_write_double(w, s->real);
    weft_bin_write_field(w, WEFT_STRING, 7);
    weft_bin_write_str(w, s->text);
    if (s->has[0] & HAS(HAS_BLOB)) {
        weft_bin_write_field(w, WEFT_STRING, 8);
        weft_bin_write_str(w, s->blob);
    }
    weft_bin_write_field(w, WEFT_UUID, 9);
    weft_bin_write_uuid(w, s->id);
}

static inline void
sample_write_numbers(struct weft_writer *w, const struct sample *s)
{
    weft_bin_write_field(w, WEFT_LIST, 10);
    if (!weft_write_enter(w))
        return;
    weft_bin_write_list(w, WEFT_I32, s->numbers.len);
    for (uint32_t i = 0; i < s->numbers.len; i++)
        weft_bin_write_i32(w, s->numbers.items[i]);
    weft_write_leave(w);
}

static inline void
sample_write_words(struct weft_writer *w, const struct sample *s)
{
    weft_bin_write_field(w, WEFT_SET, 11);
    if (!weft_write_enter(w))
        return;
    weft_bin_write_list(w, WEFT_STRING, s->words.len);
    for (uint32_t i = 0; i < s->words.len; i++)
        weft_bin_write_str(w, s->words.items[i]);
    weft_write_leave(w);
}

static inline void
sample_write_places(struct weft_writer *w, const struct sample *s)
{
    weft_bin_write_field(w, WEFT_MAP, 12);
    if (!weft_write_enter(w))
        return;
    weft_bin_write_map(w, WEFT_STRING, WEFT_STRUCT, s->places.len);
    for (uint32_t i = 0; i < s->places.len; i++) {
        weft_bin_write_str(w, s->places.items[i].key);
        point_write(w, &s->places.items[i].value);
    }
    weft_write_leave(w);
}

static inline void
write_row(struct weft_writer *w, const struct weft_vec_double *row)
{
    if (!weft_write_enter(w))
        return;
    weft_bin_write_list(w, WEFT_DOUBLE, row->len);
    for (uint32_t i = 0; i < row->len; i++)
        weft_bin_write_double(w, row->items[i]);
    weft_write_leave(w);
}

static inline void
sample_write_table(struct weft_writer *w, const struct sample *s)
{
    weft_bin_write_field(w, WEFT_LIST, 16);
    if (!weft_write_enter(w))
        return;
    weft_bin_write_list(w, WEFT_LIST, s->table.len);
    for (uint32_t i = 0; i < s->table.len; i++)
        write_row(w, &s->table.items[i]);
    weft_write_leave(w);
}

static inline void
sample_write(struct weft_writer *w, const void *record)
{
    const struct sample *s = record;
    if (!weft_write_enter(w))
        return;
    sample_write_plain(w, s);
    sample_write_numbers(w, s);
    sample_write_words(w, s);
    sample_write_places(w, s);
    weft_bin_write_field(w, WEFT_STRUCT, 13);
    point_write(w, &s->origin);
    if (s->next) {
        weft_bin_write_field(w, WEFT_STRUCT, 14);
        sample_write(w, s->next);
    }
    if (s->choice.which) {
        weft_bin_write_field(w, WEFT_STRUCT, 15);
        choice_write(w, &s->choice);
    }
    sample_write_table(w, s);
    weft_bin_write_field(w, WEFT_I32, 17);
    weft_bin_write_i32(w, s->must);
    if (s->has[0] & HAS(HAS_LAST)) {
        weft_bin_write_field(w, WEFT_BOOL, 32767);
        weft_bin_write_bool(w, s->last);
    }
    weft_bin_write_stop(w);
    weft_write_leave(w);
}

#endif
