/* SPDX-License-Identifier: MIT */
/*
 * A caller gets what the handler returned: no error becomes a success. Misuse
 * of a call is reported.
 */
#include "rpc_test.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct house house;
static struct trial_Trial_service table; /* each test changes it */
static _Atomic int32_t forwarded;        /* what the last handler returned */

static void
open_house(void)
{
    memset(&house, 0, sizeof house);
    MUST(!weft_server_new(NULL, &house.server));
    MUST(!trial_Trial_register(house.server, "Trial", &table, &house.trial));
    MUST(!weft_server_listen(house.server, "127.0.0.1:0"));
    MUST(!weft_server_start(house.server));
    snprintf(house.address, sizeof house.address, "127.0.0.1:%u",
             (unsigned)house_port(&house));
    MUST(!weft_client_new(house.address, NULL, &house.client));
    house.trial.next = house.client;
}

static int
set_up(void **state)
{
    (void)state;
    table = trial_table;
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    must_work(&house);
    house_close(&house);
    return 0;
}

/* ---- a handler returns the error of its own call ---- */

static weft_err
note_forwarded(weft_err err)
{
    wf_store(&forwarded, err, relaxed);
    return err;
}

/* Call `refuse`, which throws. */
static weft_err
be_refused(struct weft_call *call)
{
    struct trial *t = weft_call_user(call);
    struct trial_refuse_args args = {.code = 3};
    struct trial_refuse_result result;
    return note_forwarded(trial_Trial_refuse(t->next, weft_call_arena(call),
                                             &args, &result, NULL));
}

static weft_err
forward_to_add(struct weft_call *call, const struct trial_add_args *args,
               struct trial_add_result *result)
{
    if (args->a == 40) { /* the call of must_work */
        result->success = args->a + args->b;
        return WEFT_OK;
    }
    weft_err err = be_refused(call);
    return args->a == 1 ? err : weft_call_fail(call, err, "the store says no");
}

static weft_err
forward_to_nothing(struct weft_call *call,
                   const struct trial_nothing_args *args,
                   struct trial_nothing_result *result)
{
    (void)args;
    (void)result;
    return be_refused(call);
}

static weft_err
forward_to_later(struct weft_call *call, const struct trial_later_args *args,
                 struct trial_later_result *result)
{
    (void)args;
    (void)result;
    weft_call_detach(call);
    weft_call_finish(call, be_refused(call));
    return WEFT_OK;
}

/* Check that the call failed because the handler of the other server failed;
 * returns its info. */
static struct weft_call_info
fails(weft_err err, const struct weft_call_info *info)
{
    assert_int_equal(wf_load(&forwarded, relaxed), WEFT_ETHROWN);
    assert_int_equal(err, WEFT_EHANDLER - WEFT_PEER);
    assert_int_equal(info->app_type, 6);
    return *info;
}

static void
a_forwarded_exception_is_no_success(void **state)
{
    struct weft_call_info info = {.app_type = -1};
    struct weft_call_options options = {.info = &info};
    struct weft_arena arena;
    (void)state;
    table.add = forward_to_add;
    table.nothing = forward_to_nothing;
    table.later = forward_to_later;
    weft_arena_init(&arena, 0);
    open_house();

    struct trial_add_args add = {.a = 1};
    struct trial_add_result sum;
    weft_err err = trial_Trial_add(house.client, &arena, &add, &sum, &options);
    info = fails(err, &info);
    assert_non_null(strstr(info.text.ptr, "WEFT_ETHROWN"));

    add.a = 2;
    err = trial_Trial_add(house.client, &arena, &add, &sum, &options);
    info = fails(err, &info);
    assert_non_null(strstr(info.text.ptr, "the store says no"));

    struct trial_nothing_args nothing = {0};
    struct trial_nothing_result none;
    err = trial_Trial_nothing(house.client, &arena, &nothing, &none, &options);
    fails(err, &info);

    struct trial_later_args later = {0};
    struct trial_later_result number;
    err = trial_Trial_later(house.client, &arena, &later, &number, &options);
    fails(err, &info);
    weft_arena_fini(&arena);
}

/* Forward the error of the own call and its text. */
static weft_err
forward_text(struct weft_call *call, const struct trial_add_args *args,
             struct trial_add_result *result)
{
    struct trial *t = weft_call_user(call);
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    struct trial_fail_args fail = {.err = WEFT_EOVERLOAD};
    struct trial_fail_result failed;
    if (args->a == 40) { /* the call of must_work */
        result->success = args->a + args->b;
        return WEFT_OK;
    }
    weft_err err = note_forwarded(trial_Trial_fail(
        t->next, weft_call_arena(call), &fail, &failed, &options));
    return weft_call_fail(call, err, "%.*s", WEFT_FMT(info.text));
}

/* The handler has run, so its caller must not repeat the call, although the
 * handler's own call was refused. */
static void
a_forwarded_text_does_not_let_a_call_be_repeated(void **state)
{
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    struct weft_arena arena;
    struct trial_add_args add = {.a = 1};
    struct trial_add_result sum;
    (void)state;
    table.add = forward_text;
    weft_arena_init(&arena, 0);
    open_house();
    weft_err err = trial_Trial_add(house.client, &arena, &add, &sum, &options);
    assert_int_equal(wf_load(&forwarded, relaxed), WEFT_EOVERLOAD - WEFT_PEER);
    assert_true(weft_err_is_retryable(wf_load(&forwarded, relaxed)));
    assert_int_equal(err, WEFT_EHANDLER - WEFT_PEER);
    assert_false(weft_err_is_retryable(err));
    assert_true(weft_str_eq(info.text,
                            WEFT_STR("WEFT_EHANDLER: WEFT_EOVERLOAD: the "
                                     "server has too many calls in flight")));
    weft_arena_fini(&arena);
}

/* Handlers that return other invalid results: a positive number, or a `which`
 * that the method does not have. */
static weft_err
odd_refuse(struct weft_call *call, const struct trial_refuse_args *args,
           struct trial_refuse_result *result)
{
    (void)call;
    switch (args->code) {
    case 1:
        return 17; /* no error code at all */
    case 2:
        result->which = 99;
        return WEFT_ETHROWN;
    case 3:
        return WEFT_EAPP - WEFT_PEER;
    case 4:
        return WEFT_ETHROWN - WEFT_PEER;
    case 5:
        result->which = 0;
        return WEFT_ETHROWN;
    default:
        return weft_call_business(call, 0, "nothing");
    }
}

static void
odd_returns_are_no_success(void **state)
{
    (void)state;
    table.refuse = odd_refuse;
    open_house();
    for (int32_t i = 1; i <= 6; i++) {
        struct weft_arena arena;
        struct weft_call_info info = {.app_type = -1};
        struct weft_call_options options = {.info = &info};
        struct trial_refuse_args args = {.code = i};
        struct trial_refuse_result result;
        weft_arena_init(&arena, 0);
        weft_err err =
            trial_Trial_refuse(house.client, &arena, &args, &result, &options);
        assert_true(weft_err_is_peer(err));
        assert_true(info.app_type >= 0);
        weft_arena_fini(&arena);
    }
}

/* An exception that the handler sets itself arrives, even if its record comes
 * from another call. */
static weft_err
pass_on_refuse(struct weft_call *call, const struct trial_refuse_args *args,
               struct trial_refuse_result *result)
{
    struct trial *t = weft_call_user(call);
    struct trial_refuse_args deeper = {.code = args->code - 1};
    if (args->code > 0)
        return trial_Trial_refuse(t->next, weft_call_arena(call), &deeper,
                                  result, NULL);
    return trial_table.refuse(call, args, result);
}

static void
an_exception_that_is_passed_on_arrives(void **state)
{
    struct weft_arena arena;
    struct trial_refuse_args args = {.code = 2};
    struct trial_refuse_result result;
    (void)state;
    table.refuse = pass_on_refuse;
    weft_arena_init(&arena, 0);
    open_house();
    assert_int_equal(
        trial_Trial_refuse(house.client, &arena, &args, &result, NULL),
        WEFT_ETHROWN);
    assert_int_equal(result.which, trial_refuse_refused);
    assert_true(weft_str_eq(result.refused.why, WEFT_STR("as you wish")));
    weft_arena_fini(&arena);
}

static weft_err
stop_own_server(struct weft_call *call, const struct trial_nothing_args *args,
                struct trial_nothing_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return weft_server_stop(house.server);
}

/* A stop waits for all handlers, so no handler can stop its own server. */
static void
a_handler_cannot_stop_its_server(void **state)
{
    struct weft_arena arena;
    struct weft_call_info info = {.app_type = -1};
    struct weft_call_options options = {.info = &info};
    struct trial_nothing_args args = {0};
    struct trial_nothing_result result;
    (void)state;
    table.nothing = stop_own_server;
    weft_arena_init(&arena, 0);
    open_house();
    assert_true(weft_err_is_peer(
        trial_Trial_nothing(house.client, &arena, &args, &result, &options)));
    assert_non_null(strstr(info.text.ptr, "EDEADLK"));
    weft_arena_fini(&arena);
}

/* ---- what a handler asks about its call ---- */

/* Answers 101: the method is known, and the call is detached only after
 * weft_call_detach. */
static weft_err
ask_about_later(struct weft_call *call, const struct trial_later_args *args,
                struct trial_later_result *result)
{
    const struct weft_method *m = weft_call_descriptor(call);
    bool known =
        m->args == &trial_later_args_desc && strcmp(m->name, "later") == 0;
    bool before = weft_call_is_detached(call);
    weft_call_detach(call);
    bool after = weft_call_is_detached(call);
    (void)args;
    result->success = known * 100 + before * 10 + after;
    weft_call_finish(call, WEFT_OK);
    return WEFT_OK;
}

static void
a_handler_knows_its_method_and_detachment(void **state)
{
    struct weft_arena arena;
    struct trial_later_args args = {0};
    struct trial_later_result result;
    (void)state;
    table.later = ask_about_later;
    weft_arena_init(&arena, 0);
    open_house();
    MUST(!trial_Trial_later(house.client, &arena, &args, &result, NULL));
    assert_int_equal(result.success, 101);
    weft_arena_fini(&arena);
}

/* ---- misuse: each kind in a process of its own ---- */

/* A call that the handler leaves in flight. */
static struct {
    struct trial_nothing_args args;
    struct trial_nothing_result result;
    struct weft_pending pending;
} left;

static weft_err
misuse_add(struct weft_call *call, const struct trial_add_args *args,
           struct trial_add_result *result)
{
    result->success = args->a + args->b;
    switch (args->a) {
    case 1:
        weft_call_finish(call, WEFT_OK);
        break;
    case 2:
        weft_call_detach(call);
        weft_call_detach(call);
        break;
    case 3:
        weft_call_detach(call);
        weft_call_finish(call, WEFT_OK);
        weft_call_finish(call, WEFT_OK);
        break;
    case 5:
        weft_server_free(house.server);
        break;
    case 7:
        trial_Trial_nothing_begin(house.client, weft_call_arena(call),
                                  &left.args, &left.result, NULL,
                                  &left.pending);
        break;
    default:
        break;
    }
    return WEFT_OK;
}

static bool sets_which;

static weft_err
point_into_stack(struct weft_call *call, const struct trial_seen_args *args,
                 struct trial_seen_result *result)
{
    char text[64];
    (void)args;
    snprintf(text, sizeof text, "%d", weft_call_seqid(call));
    result->success.items =
        weft_arena_zalloc(weft_call_arena(call), sizeof *result->success.items);
    result->success.len = result->success.cap = 1;
    result->success.items[0].key = WEFT_STR("k");
    result->success.items[0].value = weft_str_of(text);
    if (sets_which) /* which is not necessary */
        result->which = 0;
    return WEFT_OK;
}

static int
misuse(int number)
{
    struct weft_arena arena;
    int64_t sum;
    table = trial_table;
    table.add = misuse_add;
    table.seen = point_into_stack;
    weft_arena_init(&arena, 0);
    open_house();
    alarm(60);
    struct trial_seen_args args = {0};
    struct trial_seen_result result;
    sets_which = number == 6;
    if (number == 4 || number == 6)
        (void)trial_Trial_seen(house.client, &arena, &args, &result, NULL);
    else
        (void)call_add(house.client, number, 1, &sum);
    pause(); /* the abort may come after the reply */
    return 0;
}

/* Run misuse `number` in a child process: it aborts, and its message has this
 * text. */
static void
misuse_says(int number, const char *text)
{
    char said[4096], arg[16];
    int fds[2], status;
    size_t n = 0;
    MUST(!pipe2(fds, O_CLOEXEC));
    snprintf(arg, sizeof arg, "%d", number);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDERR_FILENO);
        execl("/proc/self/exe", "test_handlers", arg, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    for (ssize_t more = 1; more > 0; n += (size_t)more)
        MUST((more = read(fds[0], said + n, sizeof said - 1 - n)) >= 0);
    said[n] = 0;
    close(fds[0]);
    MUST(waitpid(pid, &status, 0) == pid);
    if (!WIFSIGNALED(status) || !strstr(said, text))
        fail_msg("%d: status %x, said: %s", number, (unsigned)status, said);
}

static void
misuse_is_named(void **state)
{
    (void)state;
    misuse_says(1, "weft_call_finish: the call is not detached");
    misuse_says(2, "weft_call_detach: the call is detached already");
    misuse_says(3, "weft_call_finish: the call has been finished already");
    misuse_says(5, "weft_server_free: a handler of the server calls it");
    misuse_says(7, "a handler has returned before a call that it had begun");
}

static void
a_result_in_the_stack_is_found(void **state)
{
    (void)state;
#ifndef WEFT_DEBUG
    skip();
#endif
    misuse_says(4, "points into the handler's stack");
    misuse_says(6, "points into the handler's stack");
}

/* ---- handlers that hold their thread ---- */

static char logged[1024];

static void
keep_line(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    (void)level;
    if (strstr(line, "hog held"))
        snprintf(logged, sizeof logged, "%s", line);
}

static void
one_that_holds_its_thread_is_named(void **state)
{
    struct weft_arena arena;
    struct trial_hog_args args = {.ms = 150};
    struct trial_hog_result result;
    (void)state;
    weft_arena_init(&arena, 0);
    open_house();
    weft_log_set_sink(keep_line, NULL);
    MUST(!trial_Trial_hog(house.client, &arena, &args, &result, NULL));
    AWAIT(logged[0]); /* another thread logs it, maybe later */
    weft_log_set_sink(NULL, NULL);
    assert_non_null(strstr(logged, "hog"));
    weft_arena_fini(&arena);
}

int
main(int argc, char **argv)
{
    if (argc == 2)
        return misuse(atoi(argv[1]));
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_forwarded_exception_is_no_success),
        TEST(a_forwarded_text_does_not_let_a_call_be_repeated),
        TEST(odd_returns_are_no_success),
        TEST(an_exception_that_is_passed_on_arrives),
        TEST(a_handler_knows_its_method_and_detachment),
        TEST(a_handler_cannot_stop_its_server),
        TEST(one_that_holds_its_thread_is_named),
        cmocka_unit_test(misuse_is_named),
        cmocka_unit_test(a_result_in_the_stack_is_found),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
