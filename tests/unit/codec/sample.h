/* SPDX-License-Identifier: MIT */
/*
 * A struct with every type, for tests of the codec. sample_desc.h has its
 * descriptors, sample_read.h its reader, sample_write.h its writer.
 *
 *   enum Color { RED = 1, BLUE = 5 }
 *   struct Point { 1: required i32 x, 2: optional i32 y }
 *   union Choice { 1: i64 number, 2: string text, 3: Point point }
 *   struct Sample {
 *     -1: string negative, 1: bool flag, 2: i8 tiny, 3: i16 small,
 *     4: Color color, 5: i64 large, 6: double real, 7: string text,
 *     8: optional binary blob, 9: uuid id, 10: list<i32> numbers,
 *     11: set<string> words, 12: map<string, Point> places, 13: Point origin,
 *     14: optional Sample next, 15: Choice choice,
 *     16: list<list<double>> table, 17: required i32 must,
 *     32767: optional bool last = true
 *   }
 */
#ifndef WEFT_TESTS_UNIT_CODEC_SAMPLE_H
#define WEFT_TESTS_UNIT_CODEC_SAMPLE_H

#include <weft/codec.h>

enum { RED = 1, BLUE = 5 };

struct point {
    int32_t x, y;
    uint32_t has[1]; /* bit 0: y */
};

struct choice {
    int32_t which; /* 0, or the id of a field */
    union {
        int64_t number;
        struct weft_str text;
        struct point point;
    } as;
};

struct place {
    struct weft_str key;
    struct point value;
};

struct vec_place {
    struct place *items;
    uint32_t len, cap;
};

struct vec_row {
    struct weft_vec_double *items;
    uint32_t len, cap;
};

struct sample {
    struct weft_str negative, text, blob;
    bool flag, last;
    int8_t tiny;
    int16_t small;
    int32_t color, must;
    int64_t large;
    double real;
    struct weft_uuid id;
    struct weft_vec_i32 numbers;
    struct weft_vec_str words;
    struct vec_place places;
    struct vec_row table;
    struct point origin;
    struct choice choice;
    struct sample *next;
    uint32_t has[1]; /* see HAS_* */
};

enum {
    HAS_NEGATIVE,
    HAS_FLAG,
    HAS_TINY,
    HAS_SMALL,
    HAS_COLOR,
    HAS_LARGE,
    HAS_REAL,
    HAS_TEXT,
    HAS_BLOB,
    HAS_ID,
    HAS_NUMBERS,
    HAS_WORDS,
    HAS_PLACES,
    HAS_ORIGIN,
    HAS_NEXT,
    HAS_CHOICE,
    HAS_TABLE,
    HAS_LAST,
};

#define HAS(bit) (1u << (bit))

static inline void
sample_init(void *record)
{
    memset(record, 0, sizeof(struct sample));
    ((struct sample *)record)->last = true;
}

/* ---- a filled sample ---- */

/* Set every field; `next` is a second sample with few fields. All pointers
 * point to static memory. */
static inline void
sample_fill(struct sample *s)
{
    static int32_t numbers[] = {1, -1, INT32_MIN};
    static struct weft_str words[] = {WEFT_STR_INIT("warp"),
                                      WEFT_STR_INIT("weft"), WEFT_STR_INIT("")};
    static struct place places[] = {
        {WEFT_STR_INIT("home"), {.x = 3, .y = 4, .has = {1}}},
        {WEFT_STR_INIT("work"), {.x = -3}},
    };
    static double row[] = {0.1, -0.0, 1e300};
    static struct weft_vec_double table[] = {{row, 3, 0}, {NULL, 0, 0}};
    static struct sample next;
    sample_init(&next);
    next.must = 18;
    next.choice.which = 2;
    next.choice.as.text = WEFT_STR("chosen");

    sample_init(s);
    s->negative = WEFT_STR("minus one");
    s->text = WEFT_STR("a\0b\xff \xc3\xa9\n\"");
    s->blob = WEFT_STR("\x00\x01\xfe");
    s->flag = true;
    s->last = false;
    s->tiny = -128;
    s->small = 0x1234;
    s->color = BLUE;
    s->must = 17;
    s->large = INT64_MIN;
    s->real = 1.5;
    memcpy(s->id.bytes,
           "\x01\x23\x45\x67\x89\xab\xcd\xef"
           "\xfe\xdc\xba\x98\x76\x54\x32\x10",
           16);
    s->numbers = (struct weft_vec_i32){numbers, 3, 0};
    s->words = (struct weft_vec_str){words, 3, 0};
    s->places = (struct vec_place){places, 2, 0};
    s->table = (struct vec_row){table, 2, 0};
    s->origin = (struct point){.x = 1, .y = 2, .has = {1}};
    s->choice.which = 3;
    s->choice.as.point.x = 9;
    s->next = &next;
    s->has[0] = HAS(HAS_LAST + 1) - 1;
}

#endif
