/* SPDX-License-Identifier: MIT */
/* Random values of generated structs are written as JSON text and read back. */
#include "people.h"

#include "../unit/codec/values.h"

#include <stdlib.h>

static const struct weft_struct *const descs[] = {
    &all_Person_desc,   &all_Nested_desc,   &all_Optional_desc,
    &all_Required_desc, &all_Defaults_desc, &all_Wide_desc,
    &all_Empty_desc,    &all_Words_desc,    &all_Shape_desc,
    &all_Tree_desc,     &all_List_desc,     &all_A_B_desc,
    &all_Oops_desc,     &all_Many_desc,     &all_Hello_greet_args_desc,
};

#define N_DESCS (sizeof descs / sizeof *descs)
#define ROUNDS 200

/* Returns text in the arena. */
static struct weft_str
print(const struct weft_struct *desc, const void *record,
      struct weft_arena *arena)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_struct_to_json(desc, &w, record, 1);
    assert_int_equal(weft_writer_fini(&w), 0);
    char *text = weft_arena_alloc(arena, chain.len);
    assert_non_null(text);
    struct weft_str made = {text, (uint32_t)chain.len};
    weft_chain_copy_out(&chain, 0, text, chain.len);
    weft_chain_clear(&chain);
    return made;
}

/* Returns whether the value was read back. A value may be refused only because
 * a random set or map has equal items. */
static bool
comes_back(const struct weft_struct *desc, struct dice *dice)
{
    struct weft_json_error why;
    void *record = roll_room(dice, desc->size);
    void *again = roll_room(dice, desc->size);
    roll_record(dice, desc, record, 6);
    struct weft_str text = print(desc, record, dice->arena);
    weft_err err = weft_struct_from_json(desc, text, dice->arena, again, &why);
    if (err) {
        assert_non_null(strstr(why.text, "comes twice"));
        return false;
    }
    assert_true(weft_struct_equal(desc, record, again));
    assert_true(weft_str_eq(text, print(desc, again, dice->arena)));
    return true;
}

static void
random_values_come_back(void **state)
{
    struct weft_arena arena;
    (void)state;
    weft_arena_init(&arena, 0);
    struct dice dice = {11, &arena};
    for (size_t i = 0; i < N_DESCS; i++) {
        int n_back = 0;
        for (int round = 0; round < ROUNDS; round++) {
            n_back += comes_back(descs[i], &dice);
            weft_arena_reset(&arena);
        }
        if (n_back < ROUNDS / 10)
            fail_msg("%s: only %d of %d", descs[i]->name, n_back, ROUNDS);
    }
    weft_arena_fini(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_values_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
