/* SPDX-License-Identifier: MIT */
/* Services: tables, stubs, results and exceptions, over fake_rpc. */
#include "fake_rpc.h"
#include "people.h"

static struct weft_arena arena;
static struct weft_client *const client = NULL;

/* ---- handlers ---- */

static weft_err
ping(struct weft_call *call, const struct shared_Base_ping_args *args,
     struct shared_Base_ping_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return WEFT_OK;
}

static weft_err
deny(struct weft_call *call, const struct shared_Base_ping_args *args,
     struct shared_Base_ping_result *result)
{
    (void)call;
    (void)args;
    struct shared_Denied denied;
    shared_Denied_init(&denied);
    denied.code = 403;
    return shared_Base_ping_throw_denied(result, denied);
}

static weft_err
greet(struct weft_call *call, const struct all_Hello_greet_args *args,
      struct all_Hello_greet_result *result)
{
    (void)call;
    if (args->name.len == 0)
        return all_Hello_greet_throw_oops(result, (struct all_Oops){.code = 7});
    result->success = weft_arena_printf(&arena, "hello %.*s x%d",
                                        WEFT_FMT(args->name), args->times);
    return WEFT_OK;
}

static uint32_t n_shouted;

static weft_err
shout(struct weft_call *call, const struct all_Hello_shout_args *args)
{
    (void)call;
    n_shouted += args->words.len;
    return WEFT_OK;
}

static weft_err
find(struct weft_call *call, const struct all_Hello_find_args *args,
     struct all_Hello_find_result *result)
{
    (void)call;
    assert_true(args->id == 5);
    result->which = 0;
    fill_person(&arena, &result->success, 1);
    return WEFT_OK;
}

static weft_err
break_down(struct weft_call *call, const struct all_Hello_nothing_args *args,
           struct all_Hello_nothing_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return WEFT_EHANDLER;
}

static const struct all_Hello_service service = {
    .ping = ping,
    .greet = greet,
    .shout = shout,
    .find = find,
    .nothing = break_down,
};

static const struct all_Hello2_service heir = {
    .ping = deny,
    .greet = greet,
};

static int
setup(void **state)
{
    (void)state;
    weft_arena_init(&arena, 0);
    return all_Hello_register(NULL, "Hello", &service, NULL);
}

static int
teardown(void **state)
{
    (void)state;
    weft_arena_fini(&arena);
    return 0;
}

/* ---- tests ---- */

static void
test_tables(void **state)
{
    (void)state;
    const struct weft_service *s = &all_Hello_service_desc;
    assert_string_equal(s->name, "Hello");
    assert_int_equal(s->n_methods, 12);
    assert_string_equal(s->methods[0]->name, "ping");
    assert_string_equal(s->methods[1]->name, "name");
    assert_string_equal(s->methods[2]->name, "greet");
    assert_true(s->methods[0]->is_void);
    assert_false(s->methods[0]->oneway);
    assert_true(s->methods[3]->oneway);
    assert_null(s->methods[3]->result);
    assert_string_equal(s->methods[9]->name, "register");
    assert_int_equal(s->methods[9]->name_len, 8);
    assert_int_equal(all_Hello2_service_desc.n_methods, 13);
    assert_int_equal(all_Quiet_service_desc.n_methods, 0);
    assert_string_equal(fake_rpc.name, "Hello");
}

static void
test_call(void **state)
{
    (void)state;
    struct all_Hello_greet_args args;
    struct all_Hello_greet_result result;
    all_Hello_greet_args_init(&args);
    assert_int_equal(args.times, 3);
    args.name = WEFT_STR("Ada");
    assert_int_equal(all_Hello_greet(client, &arena, &args, &result, NULL),
                     WEFT_OK);
    assert_int_equal(result.which, 0);
    assert_true(weft_str_eq(result.success, WEFT_STR("hello Ada x3")));
}

static void
test_declared_exception(void **state)
{
    (void)state;
    struct all_Hello_greet_args args = {.times = 1};
    struct all_Hello_greet_result result;
    assert_int_equal(all_Hello_greet(client, &arena, &args, &result, NULL),
                     WEFT_ETHROWN);
    assert_int_equal(result.which, all_Hello_greet_oops);
    assert_int_equal(result.oops.code, 7);
    assert_int_equal(fake_rpc.handler_err, WEFT_ETHROWN);
}

static void
test_inherited_method(void **state)
{
    (void)state;
    struct shared_Base_ping_args args = {0};
    struct shared_Base_ping_result result;
    assert_int_equal(shared_Base_ping(client, &arena, &args, &result, NULL),
                     WEFT_OK);
    assert_int_equal(result.which, 0);
    assert_int_equal(all_Hello2_register(NULL, "Hello2", &heir, NULL), 0);
    assert_int_equal(shared_Base_ping(client, &arena, &args, &result, NULL),
                     WEFT_ETHROWN);
    assert_int_equal(result.which, shared_Base_ping_denied);
    assert_int_equal(result.denied.code, 403);
    assert_true(weft_str_eq(result.denied.reason, WEFT_STR("because")));
}

static void
test_oneway(void **state)
{
    (void)state;
    struct all_Hello_shout_args args = {.words = all_WORDS};
    n_shouted = 0;
    assert_int_equal(all_Hello_shout(client, &arena, &args, NULL), WEFT_OK);
    assert_int_equal(n_shouted, 2);
}

static void
test_struct_result(void **state)
{
    (void)state;
    struct all_Hello_find_args args = {.id = 5};
    struct all_Hello_find_result result;
    struct all_Person person;
    fill_person(&arena, &person, 1);
    assert_int_equal(all_Hello_find(client, &arena, &args, &result, NULL),
                     WEFT_OK);
    assert_true(all_Person_equal(&result.success, &person));
}

static void
test_no_handler(void **state)
{
    (void)state;
    struct all_Hello_all_args args = {0};
    struct all_Hello_all_result result;
    assert_int_equal(all_Hello_all(client, &arena, &args, &result, NULL),
                     WEFT_ENOMETHOD);
    struct all_Hello_nothing_args none = {0};
    struct all_Hello_nothing_result nothing;
    assert_int_equal(all_Hello_nothing(client, &arena, &none, &nothing, NULL),
                     WEFT_EHANDLER);
}

/* An empty reply: void functions succeed, and the result of other functions is
 * missing. */
static void
test_empty_replies(void **state)
{
    (void)state;
    struct weft_reader r;
    struct all_Hello_nothing_result nothing;
    struct all_Hello_greet_result result;
    weft_reader_init_flat(&r, "", 1, &arena, 0);
    assert_int_equal(weft_struct_read(&all_Hello_nothing_result_desc,
                                      WEFT_BINARY, &r, &nothing),
                     WEFT_OK);
    assert_int_equal(nothing.which, 0);
    weft_reader_init_flat(&r, "", 1, &arena, 0);
    assert_int_equal(weft_struct_read(&all_Hello_greet_result_desc, WEFT_BINARY,
                                      &r, &result),
                     WEFT_OK);
    assert_int_equal(result.which, WEFT_RESULT_NONE);
}

static void
test_wrong_result_is_an_error(void **state)
{
    (void)state;
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    struct all_Hello_greet_result result;
    all_Hello_greet_result_init(&result);
    result.which = 77;
    weft_writer_init(&w, &chain);
    weft_struct_write(&all_Hello_greet_result_desc, WEFT_BINARY, &w, &result);
    assert_int_equal(weft_writer_fini(&w), WEFT_EVALUE);
    weft_chain_clear(&chain);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_tables),
        TEST(test_call),
        TEST(test_declared_exception),
        TEST(test_inherited_method),
        TEST(test_oneway),
        TEST(test_struct_result),
        TEST(test_no_handler),
        TEST(test_empty_replies),
        TEST(test_wrong_result_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
