/* SPDX-License-Identifier: MIT */
/*
 * Checks of endpoints. The tests of the first part say what time it is, and
 * tell the upstream about checks that nobody has made. In the second part a
 * client checks servers, whose method weft.health is the test's own
 * (row 115 of docs/threats.md).
 */
#include "unit/upstream/told_time.h"

#define DAY_MS 86400000u

/* Checks that begin and end now; a second passes after each. */
static void
checks(struct wf_endpoint *endpoint, int times, weft_err err)
{
    for (int i = 0; i < times; i++) {
        wf_health_checked(up, endpoint, err, now, now);
        pass(SECOND);
    }
}

static void
calls_fail(struct wf_endpoint *endpoint, int times)
{
    const struct wf_attempt a = {.begun_ns = now, .err = WEFT_ETIMEOUT};
    for (int i = 0; i < times; i++)
        wf_health_failed(up, endpoint, &a, now);
}

static bool
is_ejected(const struct wf_endpoint *endpoint)
{
    return wf_health_is_ejected(&endpoint->health, now);
}

static struct weft_endpoint_view
look(const struct wf_endpoint *endpoint, struct weft_arena *arena)
{
    struct weft_endpoint_view v = {.weight = 1};
    MUST(!wf_health_view(up, endpoint, arena, &v));
    return v;
}

/* ---- what follows from checks ---- */

static void
failed_checks_in_a_row_eject(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    checks(ends[1], 1, WEFT_ETIMEOUT);
    checks(ends[1], 1, WEFT_OK);
    checks(ends[1], 1, WEFT_ETIMEOUT);
    assert_false(is_ejected(ends[1]));
    checks(ends[1], 1, WEFT_ECONNECT);
    assert_true(is_ejected(ends[1]));
    pass(100000 * (uint64_t)SECOND);
    assert_true(is_ejected(ends[1]));
    checks(ends[1], 1, WEFT_OK);
    checks(ends[1], 1, WEFT_ECONNECT);
    checks(ends[1], 1, WEFT_OK);
    assert_true(is_ejected(ends[1]));
    checks(ends[1], 1, WEFT_OK);
    assert_false(is_ejected(ends[1]));
    checks(ends[1], 1, WEFT_ETIMEOUT); /* the row begins anew */
    assert_false(is_ejected(ends[1]));
}

static void
options_set_the_rows(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){.check_failures = 1,
                                           .check_successes = 3});
    checks(ends[0], 1, WEFT_ETIMEOUT);
    assert_true(is_ejected(ends[0]));
    checks(ends[0], 2, WEFT_OK);
    assert_true(is_ejected(ends[0]));
    checks(ends[0], 1, WEFT_OK);
    assert_false(is_ejected(ends[0]));
    weft_client_free(client);
    make(4, (struct weft_upstream_options){.check_failures = WEFT_NONE});
    checks(ends[0], 1000, WEFT_ETIMEOUT);
    assert_false(is_ejected(ends[0]));
}

static void
the_view_tells_why(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    char expected[128];
    (void)state;
    make(2, (struct weft_upstream_options){0});
    checks(ends[0], 2, WEFT_ETIMEOUT);
    struct weft_endpoint_view v = look(ends[0], &arena);
    assert_int_equal(v.state, WEFT_ENDPOINT_EJECTED);
    assert_int_equal(v.ejections, 1);
    assert_true(v.changed_ns == now - SECOND);
    snprintf(expected, sizeof expected,
             "2 checks failed in a row, the last one: %s",
             weft_err_text(WEFT_ETIMEOUT));
    assert_true(weft_str_eq(v.reason, weft_str_of(expected)));
    checks(ends[0], 2, WEFT_OK);
    v = look(ends[0], &arena);
    assert_int_equal(v.state, WEFT_ENDPOINT_USABLE);
    assert_true(v.changed_ns == now - SECOND);
    assert_true(weft_str_eq(v.reason, WEFT_STR("its checks succeed again")));
    calls_fail(ends[0], 5);
    pass(30 * (uint64_t)SECOND);
    v = look(ends[0], &arena);
    assert_true(weft_str_eq(v.reason, WEFT_STR("the ejection has ended")));
    weft_arena_fini(&arena);
}

static void
checks_end_an_ejection_by_calls(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    checks(ends[2], 100, WEFT_OK); /* these count for nothing */
    uint64_t begun = now;
    pass(SECOND);
    calls_fail(ends[2], 5);
    assert_true(is_ejected(ends[2]));
    pass(SECOND);
    /* began before the ejection */
    wf_health_checked(up, ends[2], WEFT_OK, begun, now);
    checks(ends[2], 1, WEFT_OK);
    assert_true(is_ejected(ends[2]));
    checks(ends[2], 1, WEFT_OK);
    assert_false(is_ejected(ends[2]));
    calls_fail(ends[2], 4);
    assert_false(is_ejected(ends[2]));
    calls_fail(ends[2], 1);
    assert_true(is_ejected(ends[2]));
}

static void
failed_checks_prolong_an_ejection_by_calls(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    calls_fail(ends[3], 5);
    checks(ends[3], 2, WEFT_ETIMEOUT);
    assert_int_equal(ends[3]->health.n_ejections, 1);
    assert_int_equal(wf_load(&up->ejections.n, relaxed), 1);
    pass(1000 * (uint64_t)SECOND);
    assert_true(is_ejected(ends[3]));
    calls_fail(ends[3], 5); /* attempts in a panic; they change nothing */
    checks(ends[3], 2, WEFT_OK);
    assert_false(is_ejected(ends[3]));
    assert_int_equal(wf_load(&up->ejections.n, relaxed), 0);
}

static void
all_may_fail_their_checks(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    checks(ends[0], 2, WEFT_ETIMEOUT);
    assert_true(wf_health_is_heeded(up, 4));
    calls_fail(ends[1], 5); /* eject_percent allows one */
    assert_false(is_ejected(ends[1]));
    for (int i = 1; i < 4; i++)
        checks(ends[i], 2, WEFT_ETIMEOUT);
    for (int i = 0; i < 4; i++)
        assert_true(is_ejected(ends[i]));
    assert_false(wf_health_is_heeded(up, 4)); /* a panic: all are used */
    for (int i = 0; i < 4; i++)
        checks(ends[i], 2, WEFT_OK);
    for (int i = 0; i < 4; i++)
        assert_false(is_ejected(ends[i]));
}

static void
an_endpoint_that_has_left_is_not_ejected(void **state)
{
    (void)state;
    make(2, (struct weft_upstream_options){0});
    checks(ends[0], 2, WEFT_ETIMEOUT);
    wf_health_drop(up, ends[0]);
    assert_false(is_ejected(ends[0]));
    checks(ends[0], 5, WEFT_ETIMEOUT);
    assert_false(is_ejected(ends[0]));
    assert_int_equal(wf_load(&up->ejections.n, relaxed), 0);
}

static void
wrong_options_are_refused(void **state)
{
    (void)state;
    static const struct weft_upstream_options wrong[] = {
        {.check_ms = DAY_MS + 1},
        {.check_timeout_ms = DAY_MS + 1},
        {.check_timeout_ms = WEFT_NONE},
        {.check_successes = WEFT_NONE},
        {.check = (enum weft_check)2}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const struct weft_client_options options = {.upstream = &wrong[i]};
        assert_int_equal(weft_client_new("list:", &options, &client), -EINVAL);
    }
}

/* ---- servers with a method weft.health of their own ---- */

struct server {
    struct weft_server *server;
    char address[32];
    uint16_t port;
    _Atomic uint32_t asked, inside, most_inside;
    _Atomic bool waits, stops;
    struct weft_sem gate;
};

static struct server good, other;

static weft_err
tell(const void *table, struct weft_call *call, const void *args, void *record)
{
    struct server *s = weft_call_user(call);
    struct wf_health_result *result = record;
    (void)table;
    (void)args;
    result->which = 0;
    result->success = wf_load(&s->stops, seq_cst) ? WEFT_STR(WF_HEALTH_STOPPING)
                                                  : WEFT_STR(WF_HEALTH_SERVING);
    uint32_t inside = 1 + wf_add(&s->inside, 1, seq_cst);
    uint32_t most = wf_load(&s->most_inside, seq_cst);
    while (inside > most && !wf_cas(&s->most_inside, &most, inside, seq_cst)) {
    }
    wf_add(&s->asked, 1, seq_cst);
    weft_err err =
        wf_load(&s->waits, seq_cst) ? weft_sem_take(&s->gate) : WEFT_OK;
    wf_sub(&s->inside, 1, seq_cst);
    return err;
}

static void
open_server(struct server *s)
{
    static struct weft_method method;
    static const struct weft_method *const methods[] = {&method};
    static const struct weft_service service = {
        .name = "Own", .methods = methods, .n_methods = 1};
    method = wf_health_method;
    method.invoke = tell;
    *s = (struct server){.port = 0};
    MUST(!weft_server_new(NULL, &s->server));
    MUST(!weft_server_add(s->server, "Own", &service, NULL, s));
    MUST(!weft_server_listen(s->server, "0.0.0.0:0"));
    MUST(!weft_server_start(s->server));
    s->port = weft_server_port(s->server);
    snprintf(s->address, sizeof s->address, "127.0.0.1:%u", (unsigned)s->port);
}

static void
close_server(struct server *s)
{
    wf_store(&s->waits, false, seq_cst);
    weft_sem_give(&s->gate, 1000);
    weft_server_free(s->server);
}

static int
open_both(void **state)
{
    (void)state;
    client = NULL;
    open_server(&good);
    open_server(&other);
    return 0;
}

static int
close_both(void **state)
{
    (void)state;
    close_server(&good);
    close_server(&other);
    return 0;
}

/* Any call starts the checks. */
static weft_err
begin(void)
{
    static const uint8_t no_args[WF_HEALTH_ARGS];
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct wf_health_result result;
    weft_err err = weft_client_call(client, &wf_health_method, &arena, no_args,
                                    &result, NULL);
    weft_arena_fini(&arena);
    return err;
}

/* Begin, and then let checks of the other server wait. */
static void
begin_and_wait(void)
{
    assert_int_equal(begin(), WEFT_OK);
    wf_store(&other.waits, true, seq_cst);
    wf_store(&other.most_inside, 0, seq_cst); /* the call counts for nothing */
}

/* A client of addresses; failed calls do not eject. */
static void
check_these(const char *target, struct weft_upstream_options options)
{
    const struct weft_client_options client_options = {.upstream = &options};
    options.eject_failures = WEFT_NONE;
    options.balance = WEFT_ROUND_ROBIN;
    MUST(!weft_client_new(target, &client_options, &client));
    up = wf_upstream_of(client);
}

static void
check_both(struct weft_upstream_options options)
{
    char target[80];
    snprintf(target, sizeof target, "list:%s,%s", good.address, other.address);
    check_these(target, options);
}

static struct weft_endpoint_view
view_of(const struct server *s, struct weft_arena *arena)
{
    struct weft_endpoint_views views;
    struct weft_endpoint_view found = {.weight = 0};
    MUST(!weft_client_get_endpoints(client, arena, &views));
    for (uint32_t i = 0; i < views.len; i++)
        if (weft_str_eq(views.items[i].address, weft_str_of(s->address)))
            found = views.items[i];
    MUST(found.weight == 1);
    return found;
}

static bool
is_out(const struct server *s)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    bool out = view_of(s, &arena).state == WEFT_ENDPOINT_EJECTED;
    weft_arena_fini(&arena);
    return out;
}

static bool
is_out_because(const struct server *s, const char *why)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_view v = view_of(s, &arena);
    char reason[128];
    snprintf(reason, sizeof reason, "%.*s", WEFT_FMT(v.reason));
    weft_arena_fini(&arena);
    return v.state == WEFT_ENDPOINT_EJECTED && strstr(reason, why);
}

static uint32_t
asked(struct server *s)
{
    return wf_load(&s->asked, seq_cst);
}

static void
without_the_option_nothing_is_checked(void **state)
{
    (void)state;
    check_both((struct weft_upstream_options){0});
    assert_null(up->checks);
    weft_client_free(client);
    check_both((struct weft_upstream_options){.check_ms = WEFT_NONE});
    assert_null(up->checks);
    weft_client_free(client);
}

static void
the_first_call_starts_checks(void **state)
{
    (void)state;
    struct weft_arena arena = WEFT_ARENA_INIT;
    check_both((struct weft_upstream_options){.check_ms = 1});
    assert_int_equal(begin(), WEFT_OK);
    uint32_t n = asked(&good);
    AWAIT(asked(&good) >= n + 5 && asked(&other) >= 5);
    struct weft_endpoint_view a = view_of(&good, &arena),
                              b = view_of(&other, &arena);
    assert_int_equal(a.attempts + b.attempts, 1); /* checks are no attempts */
    weft_client_free(client);
    weft_arena_fini(&arena);
}

static void
a_server_that_stops_is_not_used(void **state)
{
    (void)state;
    check_both((struct weft_upstream_options){.check_ms = 1});
    assert_int_equal(begin(), WEFT_OK);
    wf_store(&other.stops, true, seq_cst);
    AWAIT(is_out_because(&other, "the server is stopping"));
    assert_false(is_out(&good));
    wf_store(&other.stops, false, seq_cst);
    AWAIT(!is_out(&other));
    weft_client_free(client);
}

static void
a_server_without_an_answer_is_not_used(void **state)
{
    (void)state;
    check_both(
        (struct weft_upstream_options){.check_ms = 1, .check_timeout_ms = 20});
    begin_and_wait();
    AWAIT(is_out(&other));
    wf_store(&other.waits, false, seq_cst);
    weft_sem_give(&other.gate, 1000);
    AWAIT(!is_out(&other));
    weft_client_free(client);
}

/* The other server takes connections, and answers no check; a connect is
 * enough. */
static void
a_connect_is_enough(void **state)
{
    (void)state;
    struct weft_server_stats before, stats;
    check_both((struct weft_upstream_options){.check_ms = 1,
                                              .check = WEFT_CHECK_CONNECT});
    begin_and_wait();
    weft_server_get_stats(other.server, &before);
    do {
        weft_fiber_yield();
        weft_server_get_stats(other.server, &stats);
    } while (stats.accepted < before.accepted + 5);
    assert_false(is_out(&other));
    assert_true(wf_load(&other.most_inside, seq_cst) == 0);
    weft_client_free(client);
}

static void
a_closed_port_is_found(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        uint16_t port = 0;
        int closed = wire_listen(&port, 1);
        char target[80];
        struct server gone = {.port = port};
        snprintf(gone.address, sizeof gone.address, "127.0.0.1:%u",
                 (unsigned)port);
        snprintf(target, sizeof target, "list:%s,%s", good.address,
                 gone.address);
        close(closed);
        check_these(target, (struct weft_upstream_options){
                                .check_ms = 1, .check = (enum weft_check)i});
        assert_int_equal(begin(), WEFT_OK);
        AWAIT(is_out(&gone));
        assert_false(is_out(&good));
        weft_client_free(client);
    }
}

/* However long a check lasts, its endpoint has no other one. */
static void
one_check_of_an_endpoint_at_a_time(void **state)
{
    (void)state;
    check_both((struct weft_upstream_options){.check_ms = 1,
                                              .check_timeout_ms = DAY_MS});
    begin_and_wait();
    AWAIT(wf_load(&other.inside, seq_cst) == 1);
    uint32_t n = asked(&good);
    AWAIT(asked(&good) >= n + 20);
    assert_int_equal(wf_load(&other.most_inside, seq_cst), 1);
    weft_client_free(client); /* ends the check */
}

/* 30 endpoints, all of one server. */
static void
few_checks_at_a_time(void **state)
{
    (void)state;
    char target[30 * 24] = "list:";
    for (int i = 1; i <= 30; i++)
        snprintf(target + strlen(target), sizeof target - strlen(target),
                 "127.0.0.%d:%u,", i, (unsigned)other.port);
    target[strlen(target) - 1] = '\0';
    check_these(target, (struct weft_upstream_options){
                            .check_ms = 1, .check_timeout_ms = DAY_MS});
    begin_and_wait();
    AWAIT(wf_load(&other.inside, seq_cst) == WF_CHECKS);
    uint32_t n = asked(&other);
    weft_sem_give(&other.gate, 100);
    AWAIT(asked(&other) >= n + 100);
    assert_int_equal(wf_load(&other.most_inside, seq_cst), WF_CHECKS);
    weft_client_free(client);
}

static void
an_endpoint_may_leave_during_its_check(void **state)
{
    (void)state;
    const struct weft_endpoint one = {.address = good.address, .weight = 1};
    check_both((struct weft_upstream_options){.check_ms = 1,
                                              .check_timeout_ms = DAY_MS});
    begin_and_wait();
    AWAIT(wf_load(&other.inside, seq_cst) == 1);
    MUST(!weft_client_set_endpoints(client, &one, 1));
    MUST(!weft_client_set_endpoints(client, &one, 1));
    uint32_t n = asked(&good);
    AWAIT(asked(&good) >= n + 3);
    weft_sem_give(&other.gate, 1);
    AWAIT(wf_load(&other.inside, seq_cst) == 0);
    n = asked(&good);
    AWAIT(asked(&good) >= n + 3);
    MUST(!weft_client_set_endpoints(client, &one, 1));
    assert_int_equal(begin(), WEFT_OK);
    weft_client_free(client);
}

/* The runtime ends the checks, and the next call starts them again. */
static void
checks_go_on_after_the_runtime_has_stopped(void **state)
{
    check_both((struct weft_upstream_options){.check_ms = 1});
    assert_int_equal(begin(), WEFT_OK);
    AWAIT(asked(&good) >= 3 && asked(&other) >= 3);
    close_both(state);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    start_workers(state);
    struct weft_client *old = client;
    open_both(state);
    client = old;
    const struct weft_endpoint list[] = {
        {.address = good.address, .weight = 1},
        {.address = other.address, .weight = 1}};
    MUST(!weft_client_set_endpoints(client, list, 2));
    assert_int_equal(begin(), WEFT_OK);
    AWAIT(asked(&good) >= 3 && asked(&other) >= 3);
    weft_client_free(client);
}

static void
a_client_without_calls_checks_nothing(void **state)
{
    (void)state;
    check_both((struct weft_upstream_options){.check_ms = 1});
    weft_client_free(client);
    assert_int_equal(asked(&good) + asked(&other), 0);
}

static uint64_t
due_of(const struct wf_endpoint *endpoint)
{
    wf_mutex_lock_surely(&up->lock);
    uint64_t due = endpoint->check.due_ns;
    weft_mutex_unlock(&up->lock);
    return due;
}

/* The first checks come at different times. */
static void
checks_are_spread(void **state)
{
    (void)state;
    uint32_t n_early = 0;
    uint64_t begun = weft_now_ns();
    make(MOST, (struct weft_upstream_options){.check_ms = DAY_MS});
    (void)begin(); /* nobody serves there */
    AWAIT(due_of(ends[MOST - 1]) > 0);
    for (uint32_t i = 0; i < MOST; i++) {
        uint64_t after = due_of(ends[i]) - begun;
        n_early += after < DAY_MS * (uint64_t)1000000 / 2;
    }
    assert_true(n_early > 5 && n_early < MOST - 5);
    weft_client_free(client);
}

int
main(void)
{
#define TIMED(test) \
    cmocka_unit_test_setup_teardown(test, set_clock, free_client)
#define SERVED(test) \
    cmocka_unit_test_setup_teardown(test, open_both, close_both)
    const struct CMUnitTest tests[] = {
        TIMED(failed_checks_in_a_row_eject),
        TIMED(options_set_the_rows),
        TIMED(the_view_tells_why),
        TIMED(checks_end_an_ejection_by_calls),
        TIMED(failed_checks_prolong_an_ejection_by_calls),
        TIMED(all_may_fail_their_checks),
        TIMED(an_endpoint_that_has_left_is_not_ejected),
        TIMED(wrong_options_are_refused),
        SERVED(without_the_option_nothing_is_checked),
        SERVED(the_first_call_starts_checks),
        SERVED(a_server_that_stops_is_not_used),
        SERVED(a_server_without_an_answer_is_not_used),
        SERVED(a_connect_is_enough),
        SERVED(a_closed_port_is_found),
        SERVED(one_check_of_an_endpoint_at_a_time),
        SERVED(few_checks_at_a_time),
        SERVED(an_endpoint_may_leave_during_its_check),
        SERVED(checks_go_on_after_the_runtime_has_stopped),
        SERVED(a_client_without_calls_checks_nothing),
        cmocka_unit_test(checks_are_spread),
    };
    return cmocka_run_group_tests_name("upstream/checks", tests, start_workers,
                                       stop_workers);
}
