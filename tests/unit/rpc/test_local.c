/* SPDX-License-Identifier: MIT */
/* Handlers that are called without a network (weft_server_call): what a test of
 * a handler can ask of its call, and what the test gets back. */
#include "rpc_test.h"

static struct trial trial;
static struct weft_server *server;
static struct weft_arena arena;
static struct weft_call_info info;

static int
open_server(void **state)
{
    (void)state;
    memset(&trial, 0, sizeof trial);
    weft_arena_init(&arena, (size_t)64 << 20);
    server = trial_server(&trial, NULL); /* neither listens nor starts */
    return 0;
}

static int
close_server(void **state)
{
    (void)state;
    assert_int_equal(wf_load(&server->memory.used, relaxed), 0);
    weft_server_free(server);
    weft_arena_fini(&arena);
    return 0;
}

static weft_err
call(const struct weft_method *method, const void *args, void *result)
{
    struct weft_call_options options = {.info = &info};
    return weft_server_call(server, method, &arena, args, result, &options);
}

static void
assert_text(struct weft_str text, const char *is)
{
    if (!weft_str_eq(text, weft_str_of(is)))
        fail_msg("\"%.*s\" is not \"%s\"", WEFT_FMT(text), is);
}

/* ---- what comes back ---- */

static void
a_result_outlives_its_call(void **state)
{
    (void)state;
    char text[] = "some text", *large = weft_arena_alloc(&arena, 100000);
    MUST(large);
    memset(large, 'y', 100000);
    struct trial_echo_args args = trial_echo_args_defaults();
    struct trial_echo_result result;
    args.item = (struct trial_Item){.number = INT64_MIN,
                                    .text = weft_str_of(text),
                                    .data = {large, 100000}};
    assert_int_equal(call(&trial_echo_method, &args, &result), WEFT_OK);
    memset(text, 'z', sizeof text - 1);
    memset(large, 'z', 100000);
    assert_int_equal(result.which, 0);
    assert_true(result.success.number == INT64_MIN);
    assert_text(result.success.text, "some text");
    assert_int_equal(result.success.data.len, 100000);
    assert_int_equal(result.success.data.ptr[99999], 'y');
    assert_int_equal(info.reach, WEFT_CALL_ANSWERED);
    assert_int_equal(wf_load(&trial.executed, relaxed), 1);
}

static void
an_exception_is_thrown(void **state)
{
    (void)state;
    struct trial_refuse_args args = {.code = -5};
    struct trial_refuse_result result;
    assert_int_equal(call(&trial_refuse_method, &args, &result), WEFT_ETHROWN);
    assert_int_equal(result.which, trial_refuse_refused);
    assert_int_equal(result.refused.code, -5);
    assert_text(result.refused.why, "as you wish");
}

static void
a_failure_has_its_text(void **state)
{
    (void)state;
    struct trial_fail_args args = {.err = -EXDEV,
                                   .why = WEFT_STR("no such thing")};
    struct trial_fail_result result;
    assert_int_equal(call(&trial_fail_method, &args, &result), -EXDEV);
    assert_int_equal(result.which, WEFT_RESULT_NONE);
    assert_text(info.text, "no such thing");
    struct trial_business_args business = {.status = 7,
                                           .why = WEFT_STR("poor")};
    struct trial_business_result unused;
    assert_int_equal(call(&trial_business_method, &business, &unused),
                     WEFT_EBUSINESS);
    assert_int_equal(info.business, 7);
    assert_text(info.text, "poor");
}

/* If the handler returns an error that a peer reported to it, the caller of the
 * handler sees only that the handler failed. */
static void
an_error_of_another_call_is_the_handlers(void **state)
{
    (void)state;
    struct trial_fail_args args = {.err = WEFT_EAPP - WEFT_PEER};
    struct trial_fail_result result;
    assert_int_equal(call(&trial_fail_method, &args, &result), WEFT_EHANDLER);
    args.err = WEFT_ETHROWN; /* but the handler set no exception */
    assert_int_equal(call(&trial_fail_method, &args, &result), WEFT_EHANDLER);
}

static void
what_is_not_there(void **state)
{
    (void)state;
    struct trial_Extra_twice_args args = {.number = 21};
    struct trial_Extra_twice_result result;
    struct weft_method method = trial_Extra_twice_method;
    struct weft_call_options options = {.service = "Trial"};
    assert_int_equal(call(&method, &args, &result), WEFT_OK);
    assert_int_equal(result.success, 42);
    assert_int_equal(
        weft_server_call(server, &method, &arena, &args, &result, &options),
        WEFT_ENOMETHOD);
    options.service = "Nobody";
    assert_int_equal(
        weft_server_call(server, &method, &arena, &args, &result, &options),
        WEFT_ENOSERVICE);
    assert_int_equal(result.which, WEFT_RESULT_NONE);
    struct trial_Extra_add_args sum = {.a = 2, .b = 3};
    struct trial_Extra_add_result difference; /* not that of Trial's add */
    assert_int_equal(call(&trial_Extra_add_method, &sum, &difference), WEFT_OK);
    assert_int_equal(difference.success, -1);
}

static void
a_oneway_call_ends_with_its_handler(void **state)
{
    (void)state;
    struct trial_note_args args = {.number = 9};
    assert_int_equal(call(&trial_note_method, &args, NULL), WEFT_OK);
    assert_int_equal(wf_load(&trial.noted_sum, acquire), 9);
}

/* ---- what the handler can ask ---- */

static void
headers_there_and_back(void **state)
{
    (void)state;
    struct weft_header item = {WEFT_STR("key"), WEFT_STR("value")};
    struct weft_headers headers = {&item, 1, 1};
    struct weft_call_options options = {.headers = &headers, .info = &info};
    struct trial_seen_args none = {0};
    struct trial_seen_result seen;
    MUST(!weft_server_call(server, &trial_seen_method, &arena, &none, &seen,
                           &options));
    assert_text(*trial_map_str_str_get(&seen.success, WEFT_STR("key")),
                "value");
    struct trial_tell_args args = {.key = WEFT_STR("said"),
                                   .value = WEFT_STR("so")};
    struct trial_tell_result result;
    MUST(!call(&trial_tell_method, &args, &result));
    assert_int_equal(info.headers.len, 1);
    assert_text(info.headers.items[0].key, "said");
    assert_text(info.headers.items[0].value, "so");
}

/* ---- too little memory ---- */

/* bytes of a text, more than all the rest of a call takes */
enum { LONG = 1000 };

/* If the caller's arena has no space for a part of the result, the call fails;
 * weft does not leave the part out. */
static void
a_small_arena_is_told(void **state)
{
    char text[LONG + 1] = "";
    memset(text, 't', LONG);
    struct trial_tell_args tell = {.key = WEFT_STR("said"),
                                   .value = {text, LONG}};
    struct trial_fail_args fail = {.err = WEFT_EAPP, .why = {text, LONG}};
    struct trial_tell_result told;
    struct trial_fail_result failed;
    struct weft_call_options options = {.info = &info};
    weft_err err = WEFT_EBUDGET;
    (void)state;
    for (size_t size = 1; err == WEFT_EBUDGET; size++) {
        struct weft_arena small;
        weft_arena_init(&small, size);
        err = weft_server_call(server, &trial_tell_method, &small, &tell, &told,
                               &options);
        if (!err) {
            assert_int_equal(info.headers.len, 1);
            assert_text(info.headers.items[0].key, "said");
            assert_text(info.headers.items[0].value, text);
        }
        weft_arena_fini(&small);
    }
    assert_int_equal(err, WEFT_OK);
    err = WEFT_EBUDGET;
    for (size_t size = 1; err == WEFT_EBUDGET; size++) {
        struct weft_arena small;
        weft_arena_init(&small, size);
        err = weft_server_call(server, &trial_fail_method, &small, &fail,
                               &failed, &options);
        if (err != WEFT_EBUDGET)
            assert_text(info.text, text);
        weft_arena_fini(&small);
    }
    assert_int_equal(err, WEFT_EAPP);
}

static weft_err
look_for_header(struct weft_call *call, const struct trial_add_args *args,
                struct trial_add_result *result)
{
    struct weft_str value = weft_call_header(call, WEFT_STR("key"));
    (void)args;
    result->success = value.len;
    return WEFT_OK;
}

/* The same for the arena of the call, which has the headers of the request. */
static void
a_small_call_is_told(void **state)
{
    struct trial_Trial_service table = trial_table;
    static char text[LONG];
    struct weft_header item = {WEFT_STR("key"), {text, LONG}};
    struct weft_headers headers = {&item, 1, 1};
    struct weft_call_options options = {.headers = &headers};
    struct trial_add_args args = {0};
    struct trial_add_result result;
    weft_err err = WEFT_EBUDGET;
    (void)state;
    table.add = look_for_header;
    for (size_t size = 1; err == WEFT_EBUDGET; size++) {
        struct weft_server_options limited = {.limits.memory = size};
        struct weft_server *small;
        MUST(!weft_server_new(&limited, &small));
        MUST(!trial_Trial_register(small, "Trial", &table, NULL));
        err = weft_server_call(small, &trial_add_method, &arena, &args, &result,
                               &options);
        if (!err)
            assert_int_equal(result.success, LONG);
        weft_server_free(small);
    }
    assert_int_equal(err, WEFT_OK);
}

static void
there_is_no_peer(void **state)
{
    (void)state;
    struct trial_who_args none = {0};
    struct trial_who_result result;
    MUST(!call(&trial_who_method, &none, &result));
    assert_text(result.success, "who of ");
}

static void
the_deadline_is_the_callers(void **state)
{
    (void)state;
    struct trial_left_args none = {0};
    struct trial_left_result left;
    struct weft_call_options options = {.deadline_ns = weft_after_ms(LONG_MS)};
    MUST(!call(&trial_left_method, &none, &left));
    assert_int_equal(left.success, -1);
    MUST(!weft_server_call(server, &trial_left_method, &arena, &none, &left,
                           &options));
    assert_true(left.success >= 0 && left.success <= LONG_MS);
}

/* The caller returns at its deadline, but the handler runs until its gate
 * opens. */
static void
a_deadline_passes(void **state)
{
    (void)state;
    struct trial_gate_args args = {.number = 3};
    struct trial_gate_result result;
    struct weft_call_options options = {.deadline_ns = weft_now_ns(),
                                        .info = &info};
    for (int64_t ms = 1;; ms *= 2) { /* the first deadline has passed */
        assert_int_equal(weft_server_call(server, &trial_gate_method, &arena,
                                          &args, &result, &options),
                         WEFT_ETIMEOUT);
        assert_true(ms > 1 || info.reach == WEFT_CALL_NOT_SENT);
        if (info.reach == WEFT_CALL_MAYBE_HANDLED)
            break;
        options.deadline_ns = weft_after_ms(ms);
    }
    assert_int_equal(result.which, WEFT_RESULT_NONE);
    weft_sem_give(&trial.gate, 1);
    AWAIT(wf_load(&trial.executed, relaxed) == 1);
    AWAIT(wf_load(&trial.inside, acquire) == 0);
    AWAIT(wf_load(&server->memory.used, relaxed) == 0);
}

/* ---- calls that are answered later, and calls of calls ---- */

static void
a_detached_call_is_waited_for(void **state)
{
    (void)state;
    for (int32_t ms = 0; ms < 2; ms++) {
        struct trial_later_args args = {.number = 8, .ms = ms};
        struct trial_later_result result;
        assert_int_equal(call(&trial_later_method, &args, &result), WEFT_OK);
        assert_int_equal(result.success, 8);
    }
}

/* A handler that answers its call, and goes on for a while. */
static weft_err
answer_and_go_on(struct weft_call *outer,
                 const struct trial_Extra_twice_args *args,
                 struct trial_Extra_twice_result *result)
{
    _Atomic bool *has_ended = weft_call_user(outer);
    result->success = args->number;
    weft_call_detach(outer);
    weft_call_finish(outer, WEFT_OK);
    for (int i = 0; i < 10000; i++)
        weft_fiber_yield();
    wf_store(has_ended, true, release);
    return WEFT_OK;
}

static void
the_handler_itself_is_waited_for(void **state)
{
    (void)state;
    static const struct trial_Extra_service table = {.twice = answer_and_go_on};
    _Atomic bool has_ended = false;
    struct trial_Extra_twice_args args = {.number = 4};
    struct trial_Extra_twice_result result;
    struct weft_call_options options = {.service = "go on"};
    MUST(!trial_Extra_register(server, "go on", &table, (void *)&has_ended));
    MUST(!weft_server_call(server, &trial_Extra_twice_method, &arena, &args,
                           &result, &options));
    assert_true(wf_load(&has_ended, acquire));
    assert_int_equal(result.success, 4);
}

struct nested {
    weft_err err, stop;
    int64_t left;
};

/* A handler that makes another local call, which inherits the deadline. */
static weft_err
nest(struct weft_call *outer, const struct trial_Extra_twice_args *args,
     struct trial_Extra_twice_result *result)
{
    struct nested *n = weft_call_user(outer);
    struct trial_left_args none = {0};
    struct trial_left_result left;
    n->err = weft_server_call(server, &trial_left_method,
                              weft_call_arena(outer), &none, &left, NULL);
    n->left = left.success;
    result->success = args->number;
    return WEFT_OK;
}

static void
a_deadline_is_inherited(void **state)
{
    (void)state;
    static const struct trial_Extra_service table = {.twice = nest};
    struct nested nested = {.left = -2};
    struct trial_Extra_twice_args args = {.number = 4};
    struct trial_Extra_twice_result result;
    struct weft_call_options options = {.deadline_ns = weft_after_ms(LONG_MS),
                                        .service = "nest"};
    MUST(!trial_Extra_register(server, "nest", &table, &nested));
    MUST(!weft_server_call(server, &trial_Extra_twice_method, &arena, &args,
                           &result, &options));
    assert_int_equal(nested.err, WEFT_OK);
    assert_true(nested.left >= 0 && nested.left <= LONG_MS);
}

/* A local call may run while the server serves a network, too; but a handler
 * cannot stop its own server. */
static weft_err
stop_own(struct weft_call *outer, const struct trial_Extra_twice_args *args,
         struct trial_Extra_twice_result *result)
{
    struct nested *n = weft_call_user(outer);
    n->stop = weft_server_stop(server);
    result->success = args->number;
    return WEFT_OK;
}

static void
beside_a_network(void **state)
{
    (void)state;
    static const struct trial_Extra_service table = {.twice = stop_own};
    struct nested nested = {0};
    struct trial_Extra_twice_args args = {.number = 4};
    struct trial_Extra_twice_result result;
    struct weft_call_options options = {.service = "stop"};
    MUST(!trial_Extra_register(server, "stop", &table, &nested));
    MUST(!weft_server_listen(server, "127.0.0.1:0"));
    MUST(!weft_server_start(server));
    MUST(!weft_server_call(server, &trial_Extra_twice_method, &arena, &args,
                           &result, &options));
    assert_int_equal(nested.stop, -EDEADLK);
    MUST(!weft_server_stop(server));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_server, close_server)
    const struct CMUnitTest tests[] = {
        TEST(a_result_outlives_its_call),
        TEST(an_exception_is_thrown),
        TEST(a_failure_has_its_text),
        TEST(an_error_of_another_call_is_the_handlers),
        TEST(what_is_not_there),
        TEST(a_oneway_call_ends_with_its_handler),
        TEST(headers_there_and_back),
        TEST(a_small_arena_is_told),
        TEST(a_small_call_is_told),
        TEST(there_is_no_peer),
        TEST(the_deadline_is_the_callers),
        TEST(a_deadline_passes),
        TEST(a_detached_call_is_waited_for),
        TEST(the_handler_itself_is_waited_for),
        TEST(a_deadline_is_inherited),
        TEST(beside_a_network),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
