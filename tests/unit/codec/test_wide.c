/* SPDX-License-Identifier: MIT */
/* Records of more fields than one word has bits, some of them required. */
#include "codec/codec.h"
#include "unit/buf/balance.h"
#include "unit/codec/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>

#define FIELDS 130

struct wide {
    int8_t values[FIELDS];
    uint32_t has[(FIELDS + 31) / 32];
};

static const struct weft_type type_i8 = {.wire = WEFT_I8, .size = 1};

/* The fields 1 to FIELDS, of which one is required. */
static struct weft_struct
make_desc(struct weft_field fields[FIELDS], uint32_t required)
{
    for (uint32_t i = 0; i < FIELDS; i++)
        fields[i] = (struct weft_field){
            .name = "field",
            .type = &type_i8,
            .offset = offsetof(struct wide, values) + i,
            .has_bit = (uint16_t)i,
            .id = (int16_t)(i + 1),
            .requiredness = i + 1 == required ? WEFT_REQUIRED : WEFT_OPTIONAL};
    return (struct weft_struct){.name = "Wide",
                                .fields = fields,
                                .n_fields = FIELDS,
                                .size = sizeof(struct wide),
                                .has_offset = offsetof(struct wide, has)};
}

/* Read a record in which only the field of that id is set, to 5. */
static weft_err
read_one(const struct weft_struct *desc, uint32_t id)
{
    uint8_t bytes[] = {WEFT_I8, 0, (uint8_t)id, 5, 0};
    struct weft_chain in = chain_of(bytes, sizeof bytes, sizeof bytes);
    struct weft_reader r;
    struct weft_arena arena;
    struct wide got;
    weft_arena_init(&arena, 0);
    weft_reader_init(&r, &in, &arena, 0);
    weft_err err = weft_struct_read(desc, WEFT_BINARY, &r, &got);
    if (!err)
        assert_int_equal(got.values[id - 1], 5);
    weft_chain_clear(&in);
    weft_arena_fini(&arena);
    return err;
}

/* Whichever field is required: a record without it is refused, and one with it
 * is read. */
static void
each_field_may_be_required(void **state)
{
    (void)state;
    struct weft_field fields[FIELDS];
    for (uint32_t required = 1; required <= FIELDS; required++) {
        struct weft_struct desc = make_desc(fields, required);
        for (uint32_t id = 1; id <= FIELDS; id++)
            assert_int_equal(read_one(&desc, id),
                             id == required ? WEFT_OK : WEFT_EREQUIRED);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_field_may_be_required, balance_check),
    };
    alarm(120);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
