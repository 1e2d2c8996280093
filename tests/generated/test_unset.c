/* SPDX-License-Identifier: MIT */
/* A required field that was not set is refused, and the error names it, in each
 * protocol and as text. A value that was read can be written. */
#include "people.h"

#include <stdlib.h>

static struct weft_arena arena;

static int
begin(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    return 0;
}

static int
end(void **state)
{
    (void)state;
    weft_arena_fini(&arena);
    return 0;
}

enum { AS_TEXT = 9 };
static const int forms[] = {WEFT_BINARY, WEFT_COMPACT, WEFT_JSON, AS_TEXT};

#define N_FORMS (sizeof forms / sizeof *forms)

static weft_err
write_as(int form, const struct weft_struct *desc, const void *record,
         struct bytes *bytes, struct weft_refused *refused)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    if (form == AS_TEXT)
        weft_struct_to_json(desc, &w, record, 0);
    else
        weft_struct_write(desc, (enum weft_protocol)form, &w, record);
    weft_err err = weft_writer_fini(&w);
    *refused = weft_writer_refused(&w);
    bytes->ptr = weft_arena_alloc(&arena, chain.len + 1);
    bytes->len = weft_chain_copy_out(&chain, 0, bytes->ptr, chain.len);
    weft_chain_clear(&chain);
    return err;
}

static weft_err
read_as(int form, const struct weft_struct *desc, struct bytes bytes,
        void *record)
{
    struct weft_reader r;
    if (form == AS_TEXT)
        return weft_struct_from_json(
            desc,
            (struct weft_str){(const char *)bytes.ptr, (uint32_t)bytes.len},
            &arena, record, NULL);
    weft_reader_init_flat(&r, bytes.ptr, bytes.len, &arena, 0);
    return weft_struct_read(desc, (enum weft_protocol)form, &r, record);
}

static void
refuses(const struct weft_struct *desc, const void *record,
        const struct weft_struct *in, const char *field)
{
    for (size_t i = 0; i < N_FORMS; i++) {
        struct weft_refused refused;
        struct bytes bytes;
        assert_int_equal(write_as(forms[i], desc, record, &bytes, &refused),
                         WEFT_EREQUIRED);
        assert_ptr_equal(refused.in, in);
        assert_string_equal(refused.field->name, field);
    }
}

/* The record can be written. What is read back can be copied, and the copy
 * gives the same bytes. */
static void
goes_through(const struct weft_struct *desc, const void *record)
{
    void *back = weft_arena_alloc(&arena, desc->size);
    void *copy = weft_arena_alloc(&arena, desc->size);
    for (size_t i = 0; i < N_FORMS; i++) {
        struct weft_refused refused;
        struct bytes bytes, again;
        assert_int_equal(write_as(forms[i], desc, record, &bytes, &refused),
                         WEFT_OK);
        assert_null(refused.in);
        assert_int_equal(read_as(forms[i], desc, bytes, back), WEFT_OK);
        assert_int_equal(weft_struct_copy(desc, &arena, copy, back), WEFT_OK);
        assert_int_equal(write_as(forms[i], desc, copy, &again, &refused),
                         WEFT_OK);
        assert_int_equal(again.len, bytes.len);
        assert_memory_equal(again.ptr, bytes.ptr, bytes.len);
    }
}

static struct all_Required
required(void)
{
    struct all_Required q;
    fill_required(&arena, &q);
    return q;
}

static void
each_is_refused_by_name(void **state)
{
    (void)state;
    struct all_Required q = required();
    goes_through(&all_Required_desc, &q);
    q.g.ptr = NULL;
    q.g.len = 0;
    refuses(&all_Required_desc, &q, &all_Required_desc, "g");
    q = required();
    q.h = (struct weft_str){NULL, 0};
    refuses(&all_Required_desc, &q, &all_Required_desc, "h");
    q = required();
    q.k = (struct weft_vec_i32){NULL, 0, 0};
    refuses(&all_Required_desc, &q, &all_Required_desc, "k");
    q = required();
    q.l = (struct weft_vec_str){NULL, 0, 0};
    refuses(&all_Required_desc, &q, &all_Required_desc, "l");
    q = required();
    q.m.items = NULL;
    q.m.len = 0;
    refuses(&all_Required_desc, &q, &all_Required_desc, "m");
    q = all_Required_defaults();
    refuses(&all_Required_desc, &q, &all_Required_desc, "g");
    /* The error names the struct that has the field itself, not an outer
     * one. */
    struct all_Person p = all_Person_defaults();
    p.name = WEFT_STR("n");
    all_Person_init(weft_push(&arena, &p.friends, sizeof *p.friends.items));
    refuses(&all_Person_desc, &p, &all_Person_desc, "name");
    struct all_Strict s = all_Strict_defaults();
    all_Bare_set_side(&s.shape, 4);
    s.text = (struct weft_str){NULL, 0};
    refuses(&all_Strict_desc, &s, &all_Strict_desc, "text");
}

static void
empty_is_not_unset(void **state)
{
    (void)state;
    struct all_Required q = required();
    q.g = q.h = WEFT_STR("");
    memset(&q.k, 0, sizeof q.k);
    memset(&q.l, 0, sizeof q.l);
    memset(&q.m, 0, sizeof q.m);
    weft_vec_clear(&q.k);
    weft_vec_clear(&q.l);
    weft_vec_clear(&q.m);
    goes_through(&all_Required_desc, &q);
    assert_non_null(weft_push(&arena, &q.k, sizeof *q.k.items));
    weft_vec_clear(&q.k); /* keeps its memory */
    assert_true(q.k.cap > 0 && q.k.len == 0);
    goes_through(&all_Required_desc, &q);
    /* The defaults of Strict are an empty string and an empty list. */
    struct all_Strict s = all_Strict_defaults();
    s.shape.which = all_Bare_side;
    goes_through(&all_Strict_desc, &s);
    memset(&q, 0, sizeof q);
    for (uint32_t i = 0; i < all_Required_desc.n_fields; i++)
        assert_non_null(weft_field_set(
            &all_Required_desc, &all_Required_desc.fields[i], &arena, &q));
    goes_through(&all_Required_desc, &q);
}

static void
a_union_needs_a_member(void **state)
{
    (void)state;
    struct all_Strict s = all_Strict_defaults();
    refuses(&all_Strict_desc, &s, &all_Strict_desc, "shape");
    all_Bare_set_side(&s.shape, 4);
    goes_through(&all_Strict_desc, &s);
    /* A union without a member is not sent. */
    for (size_t i = 0; i < N_FORMS; i++) {
        struct weft_refused refused;
        struct bytes bytes;
        struct all_Strict back;
        s.boxed = weft_arena_zalloc(&arena, sizeof *s.boxed);
        assert_int_equal(
            write_as(forms[i], &all_Strict_desc, &s, &bytes, &refused), 0);
        assert_int_equal(read_as(forms[i], &all_Strict_desc, bytes, &back), 0);
        assert_null(back.boxed);
        assert_false(back.has.plain);
        assert_int_equal(back.plain.which, 0);
        assert_false(back.has.part);
    }
}

/* The field `part` is not required, but its struct has the required `word`. If
 * nothing in the struct was set, the writer leaves `part` out; if something
 * else was set, the writer refuses the struct. */
static void
what_was_left_out_is_left_out(void **state)
{
    (void)state;
    struct all_Strict s = all_Strict_defaults();
    all_Bare_set_side(&s.shape, 4);
    goes_through(&all_Strict_desc, &s);
    s.part.number = 7;
    refuses(&all_Strict_desc, &s, &all_StrictPart_desc, "word");
    s.part.number = 3; /* its default */
    goes_through(&all_Strict_desc, &s);
    s.has.part = true;
    refuses(&all_Strict_desc, &s, &all_StrictPart_desc, "word");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(each_is_refused_by_name),
        TEST(empty_is_not_unset),
        TEST(a_union_needs_a_member),
        TEST(what_was_left_out_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
