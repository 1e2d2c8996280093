/* SPDX-License-Identifier: MIT */
/* A stop whose deadline has passed logs what it waits for; one that would wait
 * for itself is refused (row 91 of docs/threats.md). */
#include "rpc_test.h"

static struct house house;
static struct trial_Trial_service table; /* each test changes it */
static _Atomic(struct weft_call *) detached;

/* ---- the lines of the log ---- */

#define ABOUT_STOP "weft_server_stop: "

static char line[1024]; /* the first one about a stop */
static _Atomic uint32_t n_lines;

static void
keep_line(void *user, enum weft_log_level level, const char *text)
{
    (void)user;
    if (level != WEFT_LOG_WARN || !strstr(text, ABOUT_STOP))
        return;
    if (wf_load(&n_lines, relaxed) == 0)
        snprintf(line, sizeof line, "%s", text);
    wf_add(&n_lines, 1, release);
}

static int
set_up(void **state)
{
    (void)state;
    table = trial_table;
    wf_store(&n_lines, 0, relaxed);
    wf_store(&detached, NULL, relaxed);
    memset(&house, 0, sizeof house);
    return 0;
}

/* ---- calls on fibers of their own ---- */

struct late {
    weft_fiber fiber;
    weft_err err;
};

static void
call_nothing(void *arg)
{
    struct late *l = arg;
    struct weft_arena arena;
    struct trial_nothing_args args = {0};
    struct trial_nothing_result result;
    weft_arena_init(&arena, 0);
    l->err = trial_Trial_nothing(house.client, &arena, &args, &result, NULL);
    weft_arena_fini(&arena);
}

static void
call_hog(void *arg)
{
    struct late *l = arg;
    struct weft_arena arena;
    struct trial_hog_args args = {.ms = -1};
    struct trial_hog_result result;
    weft_arena_init(&arena, 0);
    l->err = trial_Trial_hog(house.client, &arena, &args, &result, NULL);
    weft_arena_fini(&arena);
}

static void
stop(void *arg)
{
    struct late *l = arg;
    l->err = weft_server_stop_until(house.server, weft_now_ns());
}

static void
begin(struct late *l, void (*fn)(void *late))
{
    MUST(!weft_fiber_start(fn, l, &l->fiber));
}

static void
end(struct late *l)
{
    MUST(!weft_fiber_join_until(l->fiber, weft_after_ms(LONG_MS)));
}

static void
free_house(void)
{
    weft_log_set_sink(NULL, NULL);
    weft_client_free(house.client);
    weft_server_free(house.server);
}

/* ---- what a stop waits for ---- */

static weft_err
detach(struct weft_call *call, const struct trial_nothing_args *args,
       struct trial_nothing_result *result)
{
    (void)args;
    (void)result;
    weft_call_detach(call);
    wf_store(&detached, call, release);
    return WEFT_OK;
}

/* The last call may end just before the stop looks for calls to name. */
static void
no_call_is_not_told(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    weft_log_set_sink(keep_line, NULL);
    wf_server_tell_waits(house.server);
    assert_int_equal(wf_load(&n_lines, acquire), 0);
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    free_house();
}

/* A call that is detached and not finished has no fiber that could be found. */
static void
a_detached_call_is_named(void **state)
{
    struct late call, stopper;
    (void)state;
    table.nothing = detach;
    house_open_with(&house, &table, NULL);
    weft_log_set_sink(keep_line, NULL);
    begin(&call, call_nothing);
    AWAIT(wf_load(&detached, acquire));
    begin(&stopper, stop);
    AWAIT(wf_load(&n_lines, acquire) >= 2); /* the stop logs it again */
    weft_call_finish(wf_load(&detached, relaxed), WEFT_OK);
    end(&stopper);
    end(&call);
    assert_int_equal(stopper.err, WEFT_ETIMEOUT);
    assert_string_equal(line,
                        ABOUT_STOP "the deadline has passed, and 1 call has "
                                   "not ended; detached and not finished: 1 "
                                   "(`nothing`)");
    free_house();
}

static void
running_handlers_are_named(const struct weft_server_options *options)
{
    struct late call, stopper;
    house_open_with(&house, &table, options);
    weft_log_set_sink(keep_line, NULL);
    begin(&call, call_hog);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    begin(&stopper, stop);
    AWAIT(wf_load(&n_lines, acquire) >= 1);
    wf_store(&house.trial.let_go, true, release);
    end(&stopper);
    end(&call);
    assert_int_equal(stopper.err, WEFT_ETIMEOUT);
    assert_string_equal(line, ABOUT_STOP
                        "the deadline has passed, and 1 call has not ended; "
                        "handlers that run: 1 (`hog`)");
    free_house();
}

static void
a_handler_that_runs_is_named(void **state)
{
    (void)state;
    running_handlers_are_named(NULL);
}

/* Handlers are named even if their connections have failed. */
static void
a_handler_that_ends_with_its_caller_is_named(void **state)
{
    const struct weft_server_options options = {.cancel_when_gone = true};
    (void)state;
    running_handlers_are_named(&options);
}

/* A call that was finished no longer counts. */
static void
a_finished_call_is_not_named(void **state)
{
    struct late call, other, stopper;
    (void)state;
    table.nothing = detach;
    house_open_with(&house, &table, NULL);
    weft_log_set_sink(keep_line, NULL);
    begin(&call, call_nothing);
    AWAIT(wf_load(&detached, acquire));
    weft_call_finish(wf_load(&detached, relaxed), WEFT_OK);
    end(&call);
    begin(&other, call_hog);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    begin(&stopper, stop);
    AWAIT(wf_load(&n_lines, acquire) >= 1);
    wf_store(&house.trial.let_go, true, release);
    end(&stopper);
    end(&other);
    assert_null(strstr(line, "detached"));
    free_house();
}

/* ---- a stop that would wait for itself ---- */

static weft_err refused;

static void
stop_it(void *arg)
{
    (void)arg;
    refused = weft_server_stop(house.server);
}

static weft_err
stop_from_a_thread(struct weft_call *call,
                   const struct trial_nothing_args *args,
                   struct trial_nothing_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return weft_blocking(stop_it, NULL);
}

static void
a_blocking_function_of_a_handler_cannot_stop(void **state)
{
    struct late call;
    (void)state;
    table.nothing = stop_from_a_thread;
    house_open_with(&house, &table, NULL);
    begin(&call, call_nothing);
    end(&call);
    assert_int_equal(call.err, WEFT_OK);
    assert_int_equal(refused, -EDEADLK);
    must_work(&house);
    /* The thread no longer runs that handler. */
    MUST(!weft_blocking(stop_it, NULL));
    assert_int_equal(refused, WEFT_OK);
    free_house();
}

static void
stop_in_blocking(void *arg)
{
    struct late *l = arg;
    MUST(!weft_blocking(stop_it, NULL));
    l->err = refused;
}

/* weft refuses a stop only from a handler of the same server. */
static void
a_blocking_function_of_a_fiber_stops(void **state)
{
    struct late stopper;
    (void)state;
    house_open_with(&house, &table, NULL);
    begin(&stopper, stop_in_blocking);
    end(&stopper);
    assert_int_equal(stopper.err, WEFT_OK);
    free_house();
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, set_up)
    const struct CMUnitTest tests[] = {
        TEST(no_call_is_not_told),
        TEST(a_detached_call_is_named),
        TEST(a_handler_that_runs_is_named),
        TEST(a_handler_that_ends_with_its_caller_is_named),
        TEST(a_finished_call_is_not_named),
        TEST(a_blocking_function_of_a_handler_cannot_stop),
        TEST(a_blocking_function_of_a_fiber_stops),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
