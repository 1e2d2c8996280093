/* SPDX-License-Identifier: MIT */
/* weft finds a result that points into the stack of its handler, wherever in
 * the result the pointer is. */
#include "rpc/result_check.h"
#include "rpc_test.h"

struct words {
    struct weft_str *items;
    uint32_t len, cap;
};

struct inner {
    int64_t number;
    struct weft_str text;
};

struct inners {
    struct inner *items;
    uint32_t len, cap;
};

struct pair {
    struct weft_str key;
    int64_t between; /* so that the value is not right after the key */
    struct words value;
};

struct pairs {
    struct pair *items;
    uint32_t len, cap;
};

struct record {
    int64_t number;
    struct weft_str text, maybe;
    struct words words;
    struct pairs pairs;
    struct inners inners;
    struct inner *box;
    struct {
        uint32_t w[1];
    } has;
};

/* ---- descriptors ---- */

static const struct weft_type i64_type = {.wire = WEFT_I64, .size = 8},
                              text_type = {.wire = WEFT_STRING,
                                           .size = sizeof(struct weft_str)},
                              words_type = {.wire = WEFT_SET,
                                            .size = sizeof(struct words),
                                            .item_size =
                                                sizeof(struct weft_str),
                                            .element = &text_type},
                              pairs_type = {.wire = WEFT_MAP,
                                            .size = sizeof(struct pairs),
                                            .item_size = sizeof(struct pair),
                                            .value_offset =
                                                offsetof(struct pair, value),
                                            .key = &text_type,
                                            .element = &words_type};

static const struct weft_field inner_fields[] = {
    {.name = "number", .type = &i64_type, .id = 1},
    {.name = "text",
     .type = &text_type,
     .offset = offsetof(struct inner, text),
     .id = 2},
};

static const struct weft_struct inner_desc = {.name = "Inner",
                                              .fields = inner_fields,
                                              .n_fields = 2,
                                              .size = sizeof(struct inner)};

static const struct weft_type inner_type = {.wire = WEFT_STRUCT,
                                            .size = sizeof(struct inner),
                                            .record = &inner_desc},
                              inners_type = {.wire = WEFT_LIST,
                                             .size = sizeof(struct inners),
                                             .item_size = sizeof(struct inner),
                                             .element = &inner_type};

#define FIELD(member, of_type, number, how)                        \
    {                                                              \
        .name = #member, .type = &(of_type),                       \
        .offset = offsetof(struct record, member), .id = (number), \
        .requiredness = (how), .boxed = &(of_type) == &inner_type  \
    }

static const struct weft_field record_fields[] = {
    FIELD(number, i64_type, 1, WEFT_REQUIRED),
    FIELD(text, text_type, 2, WEFT_REQUIRED),
    FIELD(maybe, text_type, 3, WEFT_OPTIONAL),
    FIELD(words, words_type, 4, WEFT_REQUIRED),
    FIELD(pairs, pairs_type, 5, WEFT_REQUIRED),
    FIELD(inners, inners_type, 6, WEFT_REQUIRED),
    FIELD(box, inner_type, 7, WEFT_OPTIONAL),
};

static const struct weft_struct record_desc = {
    .name = "Record",
    .fields = record_fields,
    .n_fields = sizeof record_fields / sizeof *record_fields,
    .size = sizeof(struct record),
    .has_offset = offsetof(struct record, has),
};

/* ---- results ---- */

static struct weft_str words[2], values[2][2];
static struct pair pairs[2];
static struct inner inners[2], box;

/* A record without a pointer into a stack. */
static struct record
sound(void)
{
    struct weft_str text = WEFT_STR("text");
    words[0] = words[1] = text;
    for (int i = 0; i < 2; i++) {
        values[i][0] = values[i][1] = text;
        pairs[i] = (struct pair){text, 0, {values[i], 2, 2}};
        inners[i] = (struct inner){0, text};
    }
    box = (struct inner){0, text};
    return (struct record){.text = text,
                           .maybe = text,
                           .words = {words, 2, 2},
                           .pairs = {pairs, 2, 2},
                           .inners = {inners, 2, 2},
                           .box = &box,
                           .has.w = {1}};
}

static bool
dangles(const struct record *r, const char *frame)
{
    return wf_result_dangles(&record_desc, r, frame);
}

/* Put a dead address in each place in turn. */
static void
look_everywhere(void *unused)
{
    (void)unused;
    char *frame = __builtin_frame_address(0), *dead = frame - 256;
    struct record r = sound();
    const char **texts[] = {
        &r.text.ptr,
        &r.maybe.ptr,
        &words[0].ptr,
        &words[1].ptr,
        &pairs[0].key.ptr,
        &pairs[1].key.ptr,
        &values[0][1].ptr,
        &values[1][0].ptr,
        &values[1][1].ptr,
        &inners[0].text.ptr,
        &inners[1].text.ptr,
        &box.text.ptr,
        (void *)&r.words.items,
        (void *)&r.pairs.items,
        (void *)&pairs[1].value.items,
        (void *)&r.inners.items,
        (void *)&r.box,
    };
    MUST(!dangles(&r, frame));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *kept = *texts[i];
        *texts[i] = dead;
        bool found = dangles(&r, frame);
        if (!found)
            fprintf(stderr, "not found in place %zu\n", i);
        MUST(found);
        *texts[i] = kept;
    }
    MUST(!dangles(&r, frame));
}

/* A pointer counts only if bytes are read through it, and only bytes below the
 * frame are dead. */
static void
look_at_borders(void *unused)
{
    (void)unused;
    char *frame = __builtin_frame_address(0);
    struct record r = sound();
    r.text.ptr = frame;
    MUST(!dangles(&r, frame));
    r.text.ptr = frame - 1;
    MUST(dangles(&r, frame));
    r.text.len = 0;
    MUST(!dangles(&r, frame));
    r.maybe.ptr = frame - 1;
    MUST(dangles(&r, frame));
    r.has.w[0] = 0;
    MUST(!dangles(&r, frame));
    r.words = (struct words){(void *)(frame - 256), 0, 2};
    r.box = NULL;
    MUST(!dangles(&r, frame));
}

static void
in_a_fiber(void (*fn)(void *arg))
{
    weft_fiber fiber;
    MUST(!weft_fiber_start(fn, NULL, &fiber));
    MUST(!weft_fiber_join(fiber));
}

static void
a_pointer_is_found_wherever_it_is(void **state)
{
    (void)state;
    in_a_fiber(look_everywhere);
}

static void
what_is_not_read_may_dangle(void **state)
{
    (void)state;
    in_a_fiber(look_at_borders);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_is_found_wherever_it_is),
        cmocka_unit_test(what_is_not_read_may_dangle),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
