/* SPDX-License-Identifier: MIT */
/* Calls that succeed, and calls whose handler fails. */
#include "rpc_test.h"

static struct house house;

static void
a_value_comes_back(void **state)
{
    (void)state;
    int64_t sum;
    house_open(&house, NULL, NULL, NULL);
    assert_int_equal(call_add(house.client, 2, 3, &sum), WEFT_OK);
    assert_int_equal(sum, 5);
    assert_int_equal(call_add(house.client, INT64_MAX, 1, &sum), WEFT_OK);
    assert_true(sum == INT64_MIN);
    house_close(&house);
}

static void
echo_of(size_t size)
{
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    char *text = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)(i * 7);
    struct trial_echo_args args;
    struct trial_echo_result result;
    trial_echo_args_init(&args);
    args.item.number = (int64_t)size;
    args.item.text = (struct weft_str){text, (uint32_t)size};
    args.item.data = WEFT_STR("data");
    assert_int_equal(
        trial_Trial_echo(house.client, &arena, &args, &result, NULL), WEFT_OK);
    assert_int_equal(result.success.number, size);
    assert_int_equal(result.success.text.len, size);
    assert_memory_equal(result.success.text.ptr, text, size);
    assert_true(result.success.digest == trial_digest(args.item.text));
    assert_true(weft_str_eq(result.success.data, args.item.data));
    free(text); /* the result does not point into the arguments */
    weft_arena_fini(&arena);
}

static void
structs_of_every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {0,     1,     100,   4000,    4096,
                                   16384, 65000, 65536, 1 << 20, 8 << 20};
    house_open(&house, NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        echo_of(sizes[i]);
    house_close(&house);
    struct weft_client_options unframed = {
        .dialect = {.framing = WEFT_UNFRAMED}};
    house_open(&house, NULL, NULL, &unframed);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        echo_of(sizes[i]);
    house_close(&house);
}

static void
void_and_oneway(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    struct trial_nothing_args none = {0};
    struct trial_nothing_result nothing;
    assert_int_equal(
        trial_Trial_nothing(house.client, &arena, &none, &nothing, NULL),
        WEFT_OK);
    struct trial_note_args note = {.number = 7};
    for (int i = 0; i < 100; i++)
        assert_int_equal(trial_Trial_note(house.client, &arena, &note, NULL),
                         WEFT_OK);
    AWAIT(wf_load(&house.trial.noted, acquire) == 100);
    assert_int_equal(wf_load(&house.trial.noted_sum, relaxed), 700);
    must_work(&house); /* no reply to a oneway call comes first */
    house_close(&house);
    weft_arena_fini(&arena);
}

static void
a_declared_exception(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    struct trial_refuse_args args = {.code = -5};
    struct trial_refuse_result result;
    assert_int_equal(
        trial_Trial_refuse(house.client, &arena, &args, &result, NULL),
        WEFT_ETHROWN);
    assert_int_equal(result.which, trial_refuse_refused);
    assert_int_equal(result.refused.code, -5);
    assert_true(weft_str_eq(result.refused.why, WEFT_STR("as you wish")));
    house_close(&house);
    weft_arena_fini(&arena);
}

static void
fails_with(weft_err err, const char *why, weft_err seen, int32_t app_type,
           const char *text)
{
    struct weft_arena arena;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    weft_arena_init(&arena, 0);
    struct trial_fail_args args = {.err = err, .why = weft_str_of(why)};
    struct trial_fail_result result;
    assert_int_equal(
        trial_Trial_fail(house.client, &arena, &args, &result, &options), seen);
    assert_int_equal(info.app_type, app_type);
    assert_string_equal(
        weft_arena_printf(&arena, "%.*s", WEFT_FMT(info.text)).ptr, text);
    weft_arena_fini(&arena);
}

static void
a_handler_that_fails(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    fails_with(WEFT_EHANDLER, "no luck", WEFT_EHANDLER - WEFT_PEER, 6,
               "no luck");
    fails_with(WEFT_EOVERLOAD, NULL, WEFT_EOVERLOAD - WEFT_PEER, 6,
               "WEFT_EOVERLOAD: the server has too many calls in flight");
    fails_with(-ENOENT, NULL, WEFT_EHANDLER - WEFT_PEER, 6,
               "ENOENT: No such file or directory");
    must_work(&house);
    house_close(&house);
}

/* The name at the beginning of an exception's text is that of the error that
 * the handler returned, whatever text the handler gave. */
static void
a_text_that_names_another_error(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    fails_with(WEFT_EHANDLER, "WEFT_EOVERLOAD: busy", WEFT_EHANDLER - WEFT_PEER,
               6, "WEFT_EHANDLER: WEFT_EOVERLOAD: busy");
    fails_with(WEFT_EOVERLOAD - WEFT_PEER, "WEFT_EOVERLOAD: busy",
               WEFT_EHANDLER - WEFT_PEER, 6,
               "WEFT_EHANDLER: WEFT_EOVERLOAD: busy");
    fails_with(-ENOENT, "WEFT_ESTOPPING: bye", WEFT_EHANDLER - WEFT_PEER, 6,
               "ENOENT: WEFT_ESTOPPING: bye");
    fails_with(WEFT_EHANDLER, "WEFT_EUNHEARDOF: x", WEFT_EHANDLER - WEFT_PEER,
               6, "WEFT_EHANDLER: WEFT_EUNHEARDOF: x");
    fails_with(WEFT_EOVERLOAD, "WEFT_ESTOPPING: x", WEFT_EOVERLOAD - WEFT_PEER,
               6, "WEFT_EOVERLOAD: WEFT_ESTOPPING: x");
    fails_with(WEFT_EFULL, "WEFT_EFULLER: x", WEFT_EFULL - WEFT_PEER, 6,
               "WEFT_EFULL: WEFT_EFULLER: x");
    must_work(&house);
    house_close(&house);
}

/* These texts arrive as the handler gave them. */
static void
a_text_that_names_no_other_error(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    fails_with(WEFT_EOVERLOAD, "WEFT_EOVERLOAD: busy",
               WEFT_EOVERLOAD - WEFT_PEER, 6, "WEFT_EOVERLOAD: busy");
    fails_with(WEFT_EOVERLOAD, "busy", WEFT_EHANDLER - WEFT_PEER, 6, "busy");
    fails_with(WEFT_EOVERLOAD, "WEFT_EOVERLOAD", WEFT_EHANDLER - WEFT_PEER, 6,
               "WEFT_EOVERLOAD");
    fails_with(WEFT_EOVERLOAD, "WEFT_HOME: is unset", WEFT_EHANDLER - WEFT_PEER,
               6, "WEFT_HOME: is unset");
    fails_with(WEFT_EOVERLOAD, "of WEFT_EIDLE: x", WEFT_EHANDLER - WEFT_PEER, 6,
               "of WEFT_EIDLE: x");
    house_close(&house);
}

/* Every call of a client is counted, by how it was answered. A declared
 * exception is a result, so it counts as a reply. */
static void
answers_are_counted_by_kind(void **state)
{
    struct weft_server_stats stats;
    struct weft_arena arena;
    struct trial_refuse_args refuse = {.code = -5};
    struct trial_refuse_result refused;
    struct trial_fail_args fail = {.err = WEFT_EHANDLER};
    struct trial_fail_result failed;
    struct trial_note_args note = {.number = 7};
    int64_t sum;
    (void)state;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    for (int i = 0; i < 5; i++)
        MUST(!call_add(house.client, 2, 3, &sum));
    for (int i = 0; i < 4; i++)
        MUST(trial_Trial_refuse(house.client, &arena, &refuse, &refused,
                                NULL) == WEFT_ETHROWN);
    for (int i = 0; i < 3; i++)
        MUST(trial_Trial_fail(house.client, &arena, &fail, &failed, NULL));
    for (int i = 0; i < 2; i++)
        MUST(!trial_Trial_note(house.client, &arena, &note, NULL));
    AWAIT((weft_server_get_stats(house.server, &stats),
           stats.calls == 14 && stats.calls_in_flight == 0));
    weft_server_get_stats(house.server, &stats); /* exact, as none is left */
    assert_int_equal(stats.replies, 9);
    assert_int_equal(stats.exceptions, 3);
    assert_int_equal(stats.oneways, 2);
    assert_int_equal(stats.overloads, 0);
    assert_int_equal(stats.bad_messages, 0);
    house_close(&house);
    weft_arena_fini(&arena);
}

static void
a_method_without_a_handler(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    struct trial_absent_args args = {0};
    struct trial_absent_result result;
    assert_int_equal(
        trial_Trial_absent(house.client, &arena, &args, &result, NULL),
        WEFT_ENOMETHOD - WEFT_PEER);
    must_work(&house);
    house_close(&house);
    weft_arena_fini(&arena);
}

static void
two_services_on_one_port(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    struct trial_Extra_twice_args args = {.number = 21};
    struct trial_Extra_twice_result result;
    assert_int_equal(
        trial_Extra_twice(house.client, &arena, &args, &result, NULL), WEFT_OK);
    assert_int_equal(result.success, 42);
    must_work(&house);
    assert_int_equal(
        trial_Extra_register(house.server, "Again", &trial_extra_table, NULL),
        -EBUSY);
    house_close(&house);
    struct weft_server *server = trial_server(&house.trial, NULL);
    assert_int_equal(
        trial_Extra_register(server, "Extra", &trial_extra_table, NULL),
        -EEXIST);
    static const char *const unfit[] = {"", ":", "Ex:tra", "Extra:"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            trial_Extra_register(server, unfit[i], &trial_extra_table, NULL),
            -EINVAL);
    weft_server_free(server);
    weft_arena_fini(&arena);
}

static void
an_answer_that_comes_later(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    for (int ms = 0; ms < 4; ms++) {
        struct trial_later_args args = {.number = 90 + ms, .ms = ms};
        struct trial_later_result result;
        assert_int_equal(
            trial_Trial_later(house.client, &arena, &args, &result, NULL),
            WEFT_OK);
        assert_int_equal(result.success, 90 + ms);
    }
    house_close(&house);
    weft_arena_fini(&arena);
}

static void
who_calls(const char *address, const char *expected)
{
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, address, NULL, NULL);
    struct trial_who_args args = {0};
    struct trial_who_result result;
    assert_int_equal(
        trial_Trial_who(house.client, &arena, &args, &result, NULL), WEFT_OK);
    const char *text =
        weft_arena_printf(&arena, "%.*s", WEFT_FMT(result.success)).ptr;
    if (strncmp(text, expected, strlen(expected)) != 0)
        fail_msg("%s: %s is not %s", address, text, expected);
    house_close(&house);
    weft_arena_fini(&arena);
}

static void
every_family_of_address(void **state)
{
    (void)state;
    char dir[] = "/tmp/weft-calls-XXXXXX", path[64], *file;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "unix:%s/socket", dir);
    file = path + 5;
    who_calls("127.0.0.1:0", "who of 127.0.0.1:");
    who_calls("[::1]:0", "who of [::1]:");
    who_calls(":0", "who of 127.0.0.1:");
    who_calls("localhost:0", "who of ");
    who_calls(path, "who of unix:");
    who_calls(path, "who of unix:");
    assert_int_equal(access(file, F_OK), -1); /* the stop removes it */
    snprintf(path, sizeof path, "unix:@weft-calls-%d", (int)getpid());
    who_calls(path, "who of unix:");
    assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_comes_back),
        cmocka_unit_test(structs_of_every_size),
        cmocka_unit_test(void_and_oneway),
        cmocka_unit_test(a_declared_exception),
        cmocka_unit_test(a_handler_that_fails),
        cmocka_unit_test(a_text_that_names_another_error),
        cmocka_unit_test(a_text_that_names_no_other_error),
        cmocka_unit_test(answers_are_counted_by_kind),
        cmocka_unit_test(a_method_without_a_handler),
        cmocka_unit_test(two_services_on_one_port),
        cmocka_unit_test(an_answer_that_comes_later),
        cmocka_unit_test(every_family_of_address),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
