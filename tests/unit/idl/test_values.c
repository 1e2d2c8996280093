/* SPDX-License-Identifier: MIT */
/* IDL at run time: layouts, defaults, JSON, and memory that runs out. */
#include <weft/idl.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct weft_idl_text text = {
    WEFT_STR_INIT("v.thrift"),
    WEFT_STR_INIT(
        "enum E { A = 1, B = 5 }\n"
        "struct In { 1: i32 n = 4, 2: optional i32 o = 5, 3: i32 z }\n"
        "union U { 1: In in, 2: i32 n = 9, 3: string s }\n"
        "struct All {\n"
        "  9: string s = \"s\", 3: i64 l = 3, 1: bool b = true, 2: byte y = "
        "2,\n"
        "  5: double d = 0.5, 4: i16 h = -4, 6: E e = E.B,\n"
        "  7: uuid u = \"00112233-4455-6677-8899-aabbccddeeff\",\n"
        "  8: list<In> ins = [{\"n\": 1}, {\"o\": 2}],\n"
        "  10: map<i8, In> map = {3: {\"z\": 6}}, 11: binary raw = \"r\",\n"
        "  12: In in = {\"n\": 8}, 13: optional i32 o = 13,\n"
        "  14: required i32 r, 15: U un, 16: set<i16> set = [2, 1],\n"
        "  17: map<In, list<i32>> by, 18: map<string, list<In>> deep\n"
        "}\n"
        "union V { 1: i32 given, 2: i32 other = 9 }\n"
        "struct W { 1: In in = {\"n\": 8}, 2: i32 n }\n"
        "struct Two { 1: list<V> vs = [{\"given\": 1}], 2: list<W> ws = [{}] "
        "}\n"
        "exception X { 1: i32 code = 7, 2: In in }\n"
        "service S {\n"
        "  All all(1: All all) throws (1: X x, 2: X y),\n"
        "  In in(1: In in), void two(1: Two t), i32 sum(1: i32 a = 1, 2: i32 "
        "b), void f(),\n"
        "  oneway void g(1: U u)\n"
        "}\n"
        "service T extends S { In in(1: In in), void h() }\n")};

static struct weft_idl *
load(void)
{
    struct weft_idl *idl;
    assert_int_equal(weft_idl_load_texts(&text, 1, NULL, &idl), 0);
    return idl;
}

/* Read arguments from JSON, and write them with their defaults as JSON. */
static void
expect(const char *method, const char *in, const char *out)
{
    struct weft_idl *idl = load();
    const struct weft_method *m = weft_idl_method(idl, method);
    struct weft_arena arena;
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    char said[2048];
    void *args;
    weft_arena_init(&arena, 0);
    assert_int_equal(
        weft_idl_args_from_json(m, weft_str_of(in), &arena, &args, NULL), 0);
    weft_writer_init(&w, &chain);
    weft_struct_to_json(m->args, &w, args, 0);
    assert_int_equal(weft_writer_fini(&w), 0);
    size_t len = chain.len;
    assert_true(len < sizeof said);
    (void)weft_chain_copy_out(&chain, 0, said, len);
    said[len] = '\0';
    assert_string_equal(said, out);
    weft_chain_clear(&chain);
    weft_arena_fini(&arena);
    weft_idl_free(idl);
}

static void
what_is_not_given_gets_its_default(void **state)
{
    (void)state;
    expect("S.sum", "{}", "{\"a\":1,\"b\":0}");
    expect("S.sum", "{\"a\":2,\"b\":3}", "{\"a\":2,\"b\":3}");
    expect("S.in", "{\"in\":{}}", "{\"in\":{\"n\":4,\"z\":0}}");
    expect("S.in", "{\"in\":{\"n\":0,\"o\":1}}",
           "{\"in\":{\"n\":0,\"o\":1,\"z\":0}}");
    expect("S.g", "{\"u\":{\"in\":{}}}", "{\"u\":{\"in\":{\"n\":4,\"z\":0}}}");
    expect("S.g", "{\"u\":{\"s\":\"\"}}", "{\"u\":{\"s\":\"\"}}");
}

static void
defaults_are_of_every_type(void **state)
{
    (void)state;
    expect(
        "S.all", "{\"all\":{\"r\":1}}",
        "{\"all\":{\"b\":true,\"y\":2,\"l\":3,\"h\":-4,\"d\":0.5,\"e\":\"B\","
        "\"u\":\"00112233-4455-6677-8899-aabbccddeeff\","
        "\"ins\":[{\"n\":1,\"z\":0},{\"n\":4,\"o\":2,\"z\":0}],\"s\":\"s\","
        "\"map\":[[3,{\"n\":4,\"z\":6}]],\"raw\":\"cg==\",\"r\":1,"
        "\"set\":[2,1],\"by\":[],\"deep\":{}}}");
}

/* In a constant a union has only the member that is given, and a struct that is
 * not given is absent. */
static void
constants_hold_what_they_name(void **state)
{
    (void)state;
    expect("S.two", "{\"t\":{}}",
           "{\"t\":{\"vs\":[{\"given\":1}],\"ws\":[{\"n\":0}]}}");
}

/* Values do not overlap, and each one is aligned as its type needs. */
static void
fields_have_their_own_places(void **state)
{
    (void)state;
    struct weft_idl *idl = load();
    const struct weft_struct *all = weft_idl_struct(idl, "All");
    uint32_t end = 0, bits = 0;
    assert_int_equal(all->n_fields, 18);
    for (uint32_t i = 0; i < all->n_fields; i++) {
        const struct weft_field *f = &all->fields[i];
        uint32_t size = f->boxed ? sizeof(void *) : f->type->size;
        assert_int_equal(f->id, (int)i + 1);
        assert_true(f->offset >= end && f->offset < end + 8);
        assert_int_equal(f->offset % (size < 8 ? size : size == 16 ? 1 : 8), 0);
        assert_int_equal(f->boxed, f->type->wire == WEFT_STRUCT);
        end = f->offset + size;
        if (!f->boxed && f->requiredness != WEFT_REQUIRED)
            assert_int_equal(f->has_bit, bits++);
    }
    assert_int_equal(all->has_offset, (end + 3) / 4 * 4);
    assert_int_equal(all->size % 8, 0);
    assert_true(all->size >= all->has_offset + (bits + 31) / 32 * 4);
    assert_true(weft_struct_field(all, "raw")->type->is_binary);
    assert_false(weft_struct_field(all, "s")->type->is_binary);
    weft_idl_free(idl);
}

static void
no_memory_is_an_error(void **state)
{
    (void)state;
    struct weft_idl *idl = load();
    const struct weft_method *m = weft_idl_method(idl, "S.all");
    struct weft_arena arena;
    struct weft_json_error why;
    void *args = &arena;
    weft_arena_init(&arena, 8);
    assert_int_equal(
        weft_idl_args_from_json(m, WEFT_STR("{}"), &arena, &args, &why),
        WEFT_EBUDGET);
    assert_null(args);
    assert_string_equal(why.text, "there is no memory");
    assert_int_equal(
        weft_idl_args_from_json(m, WEFT_STR("{}"), &arena, &args, NULL),
        WEFT_EBUDGET);
    args = &arena;
    assert_int_equal(weft_idl_result_new(m, &arena, &args), WEFT_EBUDGET);
    assert_null(args);
    weft_arena_fini(&arena);
    weft_idl_free(idl);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_gets_its_default),
        cmocka_unit_test(defaults_are_of_every_type),
        cmocka_unit_test(constants_hold_what_they_name),
        cmocka_unit_test(fields_have_their_own_places),
        cmocka_unit_test(no_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
