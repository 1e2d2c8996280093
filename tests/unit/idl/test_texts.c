/* SPDX-License-Identifier: MIT */
/* IDL in memory: which of the texts an include finds. */
#include <weft/idl.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *from, *include; /* the including text; what it includes */
    const char *names[4];       /* of the other texts, in their order */
    const char *found;          /* NULL: none */
};

static const struct row rows[] = {
    /* a text in the folder of the including one, before all others */
    {"a/x.thrift",
     "t.thrift",
     {"b/t.thrift", "t.thrift", "a/t.thrift"},
     "a/t.thrift"},
    {"a/x.thrift",
     "in/t.thrift",
     {"in/t.thrift", "a/in/t.thrift"},
     "a/in/t.thrift"},
    {"x.thrift", "t.thrift", {"b/t.thrift", "t.thrift"}, "t.thrift"},
    {"a/b/x.thrift",
     "t.thrift",
     {"a/t.thrift", "a/b/t.thrift"},
     "a/b/t.thrift"},
    /* a text with this whole name, before one whose name only ends with it */
    {"q/x.thrift", "d/t.thrift", {"z/d/t.thrift", "d/t.thrift"}, "d/t.thrift"},
    /* a text whose name ends with the included name, or the other way round */
    {"q/x.thrift", "t.thrift", {"b/t.thrift"}, "b/t.thrift"},
    {"q/x.thrift", "d/t.thrift", {"p/d/t.thrift"}, "p/d/t.thrift"},
    {"x.thrift", "d/t.thrift", {"t.thrift"}, "t.thrift"},
    {"x.thrift", "../d/t.thrift", {"p/d/t.thrift"}, "p/d/t.thrift"},
    /* the text that shares the most folders; of equal ones the first */
    {"x.thrift",
     "c/d/t.thrift",
     {"e/t.thrift", "e/c/d/t.thrift", "e/d/t.thrift"},
     "e/c/d/t.thrift"},
    {"x.thrift",
     "c/d/t.thrift",
     {"e/t.thrift", "e/d/t.thrift"},
     "e/d/t.thrift"},
    {"x.thrift", "t.thrift", {"a/t.thrift", "b/t.thrift"}, "a/t.thrift"},
    /* names are compared by whole components */
    {"x.thrift", "t.thrift", {"bt.thrift"}, NULL},
    {"x.thrift", "bt.thrift", {"t.thrift"}, NULL},
    {"x.thrift", "t.thrift", {"u.thrift"}, NULL},
    {"a/x.thrift", "t.thrift", {"a/u.thrift", "b/t.thrift"}, "b/t.thrift"},
};

static struct weft_str
view(const char *text)
{
    return weft_str_of(text);
}

/* Each text defines the struct Here with its own name as the default. */
static weft_err
load(const struct row *row, struct weft_idl **idl)
{
    struct weft_idl_text texts[5];
    char root[256], others[4][256];
    size_t n = 0;
    const char *slash = strrchr(row->include, '/');
    const char *base = slash ? slash + 1 : row->include;
    snprintf(root, sizeof root,
             "include \"%s\"\nservice S { oneway void f(1: %.*s.Here h) }\n",
             row->include, (int)strcspn(base, "."), base);
    texts[n++] = (struct weft_idl_text){view(row->from), view(root)};
    for (size_t i = 0; i < 4 && row->names[i]; i++) {
        snprintf(others[i], sizeof others[i],
                 "struct Here { 1: string at = \"%s\" }\n", row->names[i]);
        texts[n++] =
            (struct weft_idl_text){view(row->names[i]), view(others[i])};
    }
    return weft_idl_load_texts(texts, n, NULL, idl);
}

static void
an_include_finds_the_nearest_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct weft_idl *idl;
        struct weft_arena arena;
        void *args;
        weft_err err = load(&rows[i], &idl);
        if (!rows[i].found) {
            assert_int_equal(err, WEFT_EIDL);
            continue;
        }
        assert_int_equal(err, 0);
        weft_arena_init(&arena, 0);
        const struct weft_method *m = weft_idl_method(idl, "S.f");
        assert_int_equal(weft_idl_args_from_json(m, WEFT_STR("{\"h\": {}}"),
                                                 &arena, &args, NULL),
                         0);
        const struct weft_field *h = weft_struct_field(m->args, "h");
        const struct weft_struct *here = h->type->record;
        const struct weft_str *at =
            (const void *)((const char *)weft_field_get(m->args, h, args) +
                           weft_struct_field(here, "at")->offset);
        assert_string_equal(at->ptr, rows[i].found);
        weft_arena_fini(&arena);
        weft_idl_free(idl);
    }
}

static void
texts_without_a_name_are_texts(void **state)
{
    (void)state;
    const struct weft_idl_text text = {{NULL, 0},
                                       WEFT_STR("struct A { 1: i32 n }\n")};
    struct weft_idl *idl;
    assert_int_equal(weft_idl_load_texts(&text, 1, NULL, &idl), 0);
    assert_non_null(weft_idl_struct(idl, "A"));
    weft_idl_free(idl);
}

static void
keep_report(void *user, const char *text, size_t len)
{
    char *to = user;
    snprintf(to + strlen(to), 1024 - strlen(to), "%.*s", (int)len, text);
}

static void
warnings_are_not_reported(void **state)
{
    (void)state;
    const struct weft_idl_text text = {
        WEFT_STR("a.thrift"), WEFT_STR("struct A { 1: byte n, -7: i32 m }\n")};
    char said[1024] = "";
    struct weft_idl_options options = {.report = keep_report, .user = said};
    struct weft_idl *idl;
    assert_int_equal(weft_idl_load_texts(&text, 1, &options, &idl), 0);
    assert_string_equal(said, "");
    weft_idl_free(idl);
}

/* If two files have structs of one name, that name, also with the base name of
 * the files before it ("t.Both"), means the struct of the first file. The IDL
 * that a service sends has the names of its files without their folders. */
static void
names_of_files_in_two_folders(void **state)
{
    (void)state;
    const struct weft_idl_text texts[] = {
        {WEFT_STR("a/t.thrift"), WEFT_STR("struct A { 1: i32 n }\n"
                                          "struct Both { 1: i32 first }\n")},
        {WEFT_STR("b/t.thrift"), WEFT_STR("struct Both { 1: i32 second }\n"
                                          "service S { void f() }\n")},
    };
    struct weft_idl *idl;
    assert_int_equal(weft_idl_load_texts(texts, 2, NULL, &idl), 0);
    const struct weft_struct *both = weft_idl_struct(idl, "Both");
    assert_non_null(weft_struct_field(both, "first"));
    assert_ptr_equal(weft_idl_struct(idl, "t.Both"), both);
    assert_non_null(weft_idl_struct(idl, "t.A"));
    assert_null(weft_idl_struct(idl, "a/t.A"));
    const struct weft_service *s = weft_idl_service_at(idl, 0);
    assert_int_equal(s->n_idl, 2);
    assert_string_equal(s->idl[0].name, "t.thrift");
    assert_memory_equal(s->idl[0].parts[0], "struct A", 8);
    assert_null(s->idl[0].parts[1]);
    weft_idl_free(idl);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_include_finds_the_nearest_text),
        cmocka_unit_test(texts_without_a_name_are_texts),
        cmocka_unit_test(warnings_are_not_reported),
        cmocka_unit_test(names_of_files_in_two_folders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
