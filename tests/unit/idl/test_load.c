/* SPDX-License-Identifier: MIT */
/* Loading IDL: memory that runs out, and methods that services repeat. */
#include <stdlib.h>

static _Bool has_no_memory;

static void *
take(size_t n, size_t size)
{
    return has_no_memory ? NULL : calloc(n, size);
}

#define calloc take
#include "idl/load.c"
#undef calloc

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/stat.h>
#include <cmocka.h>

static const struct weft_idl_text texts[] = {
    {WEFT_STR_INIT("in/a.thrift"),
     WEFT_STR_INIT("include \"b.thrift\"\n"
                   "struct A { 1: b.B b = {\"n\": [1, 2]} }\n"
                   "service S { A get(1: A a) }\n")},
    {WEFT_STR_INIT("in/b.thrift"), WEFT_STR_INIT("struct B { 1: list<i32> n }\n"
                                                 "enum E { X, Y }\n")},
};

static void
no_memory_is_told_as_such(void **state)
{
    (void)state;
    static char large[70000] = "struct B { 1: list<i32> n }\n";
    struct weft_idl_text two[] = {texts[0], texts[1]};
    weft_err err = -ENOMEM;
    size_t n_failed = 0;
    memset(large + strlen(large), ' ', sizeof large - strlen(large));
    two[1].text = (struct weft_str){large, sizeof large};
    for (size_t memory = 1024; err; memory += 1024) {
        struct weft_idl_options options = {.memory = memory};
        struct weft_idl *idl = (void *)&options;
        err = weft_idl_load_texts(two, 2, &options, &idl);
        assert_int_equal(err, err ? -ENOMEM : 0);
        n_failed += err != 0;
        if (err)
            assert_null(idl);
        else
            weft_idl_free(idl);
    }
    assert_true(n_failed > 10);

    struct weft_idl *idl = (void *)&err;
    has_no_memory = true;
    assert_int_equal(weft_idl_load_texts(texts, 2, NULL, &idl), -ENOMEM);
    has_no_memory = false;
    assert_null(idl);
}

static char folder[] = "/tmp/weft-load-XXXXXX";

static void
write_file(const char *name, const char *text)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
no_memory_for_a_file_is_told_as_such(void **state)
{
    (void)state;
    char path[64], in[64], large[70000];
    const char *paths[] = {path}, *folders[] = {"/nowhere", in, NULL};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.thrift", folder);
    snprintf(in, sizeof in, "%s/in", folder);
    assert_int_equal(mkdir(in, 0700), 0);
    write_file("a.thrift", "include \"b.thrift\"\nstruct A { 1: b.B b }\n");
    memset(large, ' ', sizeof large);
    snprintf(large + sizeof large - 32, 32, "struct B { 1: i32 n }\n");
    write_file("in/b.thrift", large);
    weft_err err = -ENOMEM;
    for (size_t memory = 1024; err; memory += 1024) {
        struct weft_idl_options options = {.folders = folders,
                                           .memory = memory};
        struct weft_idl *idl;
        err = weft_idl_load(paths, 1, &options, &idl);
        assert_int_equal(err, err ? -ENOMEM : 0);
        weft_idl_free(idl);
    }
    snprintf(path, sizeof path, "%s/in/b.thrift", folder);
    unlink(path);
    rmdir(in);
    snprintf(path, sizeof path, "%s/a.thrift", folder);
    unlink(path);
    rmdir(folder);
}

/* A server sends the files that were asked for first. */
static void
files_that_were_asked_for_come_first(void **state)
{
    (void)state;
    static const char *const names[] = {"r.thrift", "t.thrift", "i.thrift"};
    char root[] = "/tmp/weft-roots-XXXXXX", files[3][64];
    const char *paths[] = {files[0], files[1]};
    struct weft_idl *idl;
    assert_non_null(mkdtemp(root));
    for (int i = 0; i < 3; i++) {
        snprintf(files[i], sizeof files[i], "%s/%s", root, names[i]);
        FILE *f = fopen(files[i], "w");
        assert_non_null(f);
        fprintf(f, "%sservice S%d {}\n", i ? "" : "include \"i.thrift\"\n", i);
        fclose(f);
    }
    assert_int_equal(weft_idl_load(paths, 2, NULL, &idl), 0);
    assert_int_equal(weft_idl_n_services(idl), 2);
    const struct weft_service *s = weft_idl_service_at(idl, 1);
    assert_string_equal(s->name, "S1");
    assert_int_equal(s->n_idl, 3);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(s->idl[i].name, names[i]);
        unlink(files[i]);
    }
    assert_null(weft_idl_service(idl, "S2"));
    weft_idl_free(idl);
    rmdir(root);
}

static void
too_many_folders_are_refused(void **state)
{
    (void)state;
    const char *path = "/nowhere.thrift", *folders[258];
    struct weft_idl_options options = {.folders = folders};
    struct weft_idl *idl = (void *)&options;
    for (int i = 0; i < 257; i++)
        folders[i] = "/";
    folders[257] = NULL;
    assert_int_equal(weft_idl_load(&path, 1, &options, &idl), -EINVAL);
    assert_null(idl);
    folders[256] = NULL;
    assert_int_equal(weft_idl_load(&path, 1, &options, &idl), WEFT_EIDL);
    assert_null(idl);
    assert_int_equal(weft_idl_load(&path, 1, NULL, &idl), WEFT_EIDL);
}

/* A tree without descriptors, and a host that says nothing. */
static void
a_tree_can_be_opened_alone(void **state)
{
    (void)state;
    struct wi_texts all = {texts, 2};
    struct wc_host host = wi_text_host(&all);
    const char *name = "in/a.thrift", *gone = "gone.thrift";
    struct weft_idl *idl = (void *)&all;
    assert_int_equal(wi_open(&host, &name, 1, 0, &idl), 0);
    assert_int_equal(idl->c.n_files, 2);
    assert_int_equal(weft_idl_n_services(idl), 0);
    weft_idl_free(idl);
    assert_int_equal(wi_open(&host, &gone, 1, 0, &idl), WEFT_EIDL);
    assert_null(idl);
    assert_int_equal(wi_open(&host, &name, 1, 100, &idl), -ENOMEM);
    assert_null(idl);
}

static void
a_text_that_is_too_large_is_refused(void **state)
{
    (void)state;
    uint32_t len = (16 << 20) + 1;
    char *spaces = malloc(len);
    assert_non_null(spaces);
    memset(spaces, ' ', len);
    struct weft_idl_text text = {WEFT_STR("a.thrift"), {spaces, len}};
    struct weft_idl *idl;
    assert_int_equal(weft_idl_load_texts(&text, 1, NULL, &idl), WEFT_EIDL);
    text.text.len--;
    assert_int_equal(weft_idl_load_texts(&text, 1, NULL, &idl), 0);
    weft_idl_free(idl);
    free(spaces);
}

/* ---- services ---- */

static const struct weft_idl_text family = {
    WEFT_STR_INIT("f.thrift"),
    WEFT_STR_INIT("service A { i32 a(1: i32 n = 1), i32 b(), void only() }\n"
                  "service B extends A { i32 c(), i32 a(1: i32 n = 2) }\n"
                  "service C extends B { i32 b(), i32 a(1: i32 n = 3) }\n"
                  "service D extends C { oneway void d() }\n"
                  "service Empty {}\n")};

static void
expect_methods(const struct weft_idl *idl, const char *service,
               const char *names)
{
    const struct weft_service *s = weft_idl_service(idl, service);
    char said[64] = "", key[32];
    assert_non_null(s);
    for (uint32_t i = 0; i < s->n_methods; i++) {
        const struct weft_method *m = s->methods[i];
        size_t len = strlen(said);
        snprintf(said + len, sizeof said - len, "%s ", m->name);
        assert_string_equal(m->service, service);
        assert_int_equal(m->name_len, strlen(m->name));
        snprintf(key, sizeof key, "%s.%s", service, m->name);
        assert_ptr_equal(weft_idl_method(idl, key), m);
        snprintf(key, sizeof key, "f.%s.%s", service, m->name);
        assert_ptr_equal(weft_idl_method(idl, key), m);
    }
    assert_string_equal(said, names);
}

/* The default of the argument n tells which service has defined the method. */
static void
expect_default(const struct weft_idl *idl, const char *method, int32_t n)
{
    const struct weft_method *m = weft_idl_method(idl, method);
    struct weft_arena arena;
    void *args;
    weft_arena_init(&arena, 0);
    assert_int_equal(
        weft_idl_args_from_json(m, WEFT_STR("{}"), &arena, &args, NULL), 0);
    const struct weft_field *f = weft_struct_field(m->args, "n");
    assert_int_equal(*(const int32_t *)weft_field_get(m->args, f, args), n);
    weft_arena_fini(&arena);
}

static void
a_method_that_is_repeated_is_that_of_the_heir(void **state)
{
    (void)state;
    struct weft_idl *idl;
    assert_int_equal(weft_idl_load_texts(&family, 1, NULL, &idl), 0);
    assert_int_equal(weft_idl_n_services(idl), 5);
    expect_methods(idl, "A", "a b only ");
    expect_methods(idl, "B", "b only c a ");
    expect_methods(idl, "C", "only c b a ");
    expect_methods(idl, "D", "only c b a d ");
    expect_methods(idl, "Empty", "");
    expect_default(idl, "A.a", 1);
    expect_default(idl, "B.a", 2);
    expect_default(idl, "C.a", 3);
    expect_default(idl, "D.a", 3);
    assert_null(weft_idl_method(idl, "a"));
    assert_null(weft_idl_method(idl, "c")); /* B, C and D have it */
    const struct weft_method *d = weft_idl_method(idl, "d");
    assert_ptr_equal(d, weft_idl_service(idl, "D")->methods[4]);
    assert_null(d->result);
    const struct weft_method *a = weft_idl_method(idl, "A.a");
    assert_int_equal(a->result->n_fields, 1);
    assert_string_equal(a->result->fields[0].name, "success");
    assert_string_equal(a->args->name, "a");
    assert_int_equal(weft_idl_method(idl, "A.b")->args->size, 8); /* not 0 */
    assert_false(a->is_void);
    assert_true(weft_idl_method(idl, "A.only")->is_void);
    weft_idl_free(idl);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_memory_is_told_as_such),
        cmocka_unit_test(no_memory_for_a_file_is_told_as_such),
        cmocka_unit_test(files_that_were_asked_for_come_first),
        cmocka_unit_test(too_many_folders_are_refused),
        cmocka_unit_test(a_tree_can_be_opened_alone),
        cmocka_unit_test(a_text_that_is_too_large_is_refused),
        cmocka_unit_test(a_method_that_is_repeated_is_that_of_the_heir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
