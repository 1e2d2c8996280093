/* SPDX-License-Identifier: MIT */
/*
 * Ejection of endpoints that fail. Most tests say what time it is, and tell the
 * upstream about attempts that nobody has made.
 */
#include "unit/upstream/told_time.h"

static void
fails_since(struct wf_endpoint *endpoint, int times, uint64_t begun_ns)
{
    const struct wf_attempt a = {.begun_ns = begun_ns, .err = WEFT_ETIMEOUT};
    for (int i = 0; i < times; i++)
        wf_health_failed(up, endpoint, &a, now);
}

static void
fails(struct wf_endpoint *endpoint, int times)
{
    fails_since(endpoint, times, now);
}

static bool
is_ejected(const struct wf_endpoint *endpoint)
{
    return wf_health_is_ejected(&endpoint->health, now);
}

/* Returns how long the endpoint stays ejected. */
static uint64_t
left(const struct wf_endpoint *endpoint)
{
    return wf_load(&endpoint->health.until_ns, relaxed) - now;
}

static uint32_t
n_ejected(void)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < n_ends; i++)
        n += is_ejected(ends[i]);
    assert_int_equal(n, wf_load(&up->ejections.n, relaxed));
    return n;
}

static struct weft_endpoint_view
look(const struct wf_endpoint *endpoint, struct weft_arena *arena)
{
    struct weft_endpoint_view v = {.weight = 1};
    MUST(!wf_health_view(up, endpoint, arena, &v));
    return v;
}

/* ---- one endpoint ---- */

static void
failures_in_a_row_eject(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    fails(ends[1], 4);
    wf_health_answered(&ends[1]->health);
    fails(ends[1], 4);
    assert_false(is_ejected(ends[1]));
    fails(ends[1], 1);
    assert_true(is_ejected(ends[1]));
    assert_true(left(ends[1]) == 30 * (uint64_t)SECOND);
    pass(30 * (uint64_t)SECOND - 1);
    assert_true(is_ejected(ends[1]));
    pass(1);
    assert_false(is_ejected(ends[1]));
    assert_int_equal(n_ejected(), 0);
    fails(ends[1], 4); /* the row begins anew */
    assert_false(is_ejected(ends[1]));
}

static void
options_set_the_row_and_the_time(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){.eject_failures = 2,
                                           .eject_ms = 700000});
    fails(ends[0], 1);
    assert_false(is_ejected(ends[0]));
    fails(ends[0], 1);
    assert_true(left(ends[0]) == 700 * (uint64_t)SECOND);
    weft_client_free(client);
    make(4, (struct weft_upstream_options){.eject_failures = WEFT_NONE});
    fails(ends[0], 1000);
    assert_false(is_ejected(ends[0]));
}

static void
each_ejection_is_longer(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    for (uint64_t times = 1; times <= 12; times++) {
        fails(ends[2], 5);
        assert_true(left(ends[2]) ==
                    WF_MIN(times * 30, 300) * (uint64_t)SECOND);
        pass(left(ends[2]));
    }
    pass(35 * (uint64_t)SECOND); /* three steps less, then one more */
    fails(ends[2], 5);
    assert_true(left(ends[2]) == 240 * (uint64_t)SECOND);
    pass(left(ends[2]));
    pass(1000 * (uint64_t)SECOND);
    fails(ends[2], 5);
    assert_true(left(ends[2]) == 30 * (uint64_t)SECOND);
}

/* An attempt that began before the last change says nothing about the server
 * as it is now. */
static void
old_attempts_do_not_count(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    uint64_t begun = now;
    pass(SECOND);
    fails_since(ends[0], 5, begun);
    assert_true(is_ejected(ends[0]));
    pass(SECOND);
    uint64_t during = now;
    fails_since(ends[0], 5, begun);
    assert_int_equal(ends[0]->health.n_ejections, 1);
    pass(29 * (uint64_t)SECOND);
    fails_since(ends[0], 5, begun);
    fails_since(ends[0], 5, during);
    assert_false(is_ejected(ends[0]));
    fails(ends[0], 5);
    assert_true(is_ejected(ends[0]));
}

static void
the_view_tells_why(void **state)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    (void)state;
    make(2, (struct weft_upstream_options){.eject_failures = 3});
    struct weft_endpoint_view v = look(ends[0], &arena);
    assert_int_equal(v.state, WEFT_ENDPOINT_USABLE);
    assert_null(v.reason.ptr);
    assert_true(v.changed_ns == 0);
    uint64_t at = now;
    fails(ends[0], 3);
    v = look(ends[0], &arena);
    assert_int_equal(v.state, WEFT_ENDPOINT_EJECTED);
    assert_int_equal(v.ejections, 1);
    assert_true(v.changed_ns == at);
    char expected[128];
    snprintf(expected, sizeof expected, "3 failures in a row, the last one: %s",
             weft_err_text(WEFT_ETIMEOUT));
    assert_true(weft_str_eq(v.reason, weft_str_of(expected)));
    pass(31 * (uint64_t)SECOND);
    v = look(ends[0], &arena);
    assert_int_equal(v.state, WEFT_ENDPOINT_USABLE);
    assert_int_equal(v.ejections, 1);
    assert_true(v.changed_ns == at + 30 * (uint64_t)SECOND);
    assert_true(weft_str_eq(v.reason, WEFT_STR("the ejection has ended")));
    weft_arena_fini(&arena);
}

/* ---- all endpoints ---- */

static void
eject_all(void)
{
    for (uint32_t i = 0; i < n_ends; i++)
        fails(ends[i], 5);
}

static void
a_share_of_the_list_is_ejected(void **state)
{
    static const struct {
        uint32_t n, percent, ejected;
    } cases[] = {{1, 0, 0},  {2, 0, 1},          {19, 0, 1},   {20, 0, 2},
                 {64, 0, 6}, {40, 50, 20},       {3, 100, 2},  {1, 100, 0},
                 {64, 1, 1}, {40, WEFT_NONE, 1}, {64, 100, 63}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make(cases[i].n,
             (struct weft_upstream_options){.eject_percent = cases[i].percent});
        eject_all();
        assert_int_equal(n_ejected(), cases[i].ejected);
        pass(30 * (uint64_t)SECOND);
        assert_int_equal(n_ejected(), 0);
        eject_all();
        assert_int_equal(n_ejected(), cases[i].ejected);
        weft_client_free(client);
    }
    client = NULL;
}

/* Choose many times, for a call that has tried these; returns how often this
 * endpoint is chosen. */
static uint32_t
chosen_after(struct wf_tried *tried, const struct wf_endpoint *endpoint)
{
    const struct wf_attempt a = {.part = wf_parts_index(), .tried = tried};
    MUST(wf_task_self() != NULL); /* as a call does */
    const struct wf_snapshot *list = wf_snapshot_enter(up, a.part);
    uint32_t n = 0;
    for (uint32_t i = 0; i < 10 * list->n; i++)
        n += wf_balance(up, list, &up->parts[a.part], &a, now) == endpoint;
    wf_snapshot_leave(up, a.part);
    return n;
}

static uint32_t
chosen(const struct wf_endpoint *endpoint)
{
    return chosen_after(NULL, endpoint);
}

static void
an_ejected_endpoint_is_not_chosen(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    assert_int_equal(chosen(ends[3]), 10);
    fails(ends[3], 5);
    assert_int_equal(chosen(ends[3]), 0);
    pass(30 * (uint64_t)SECOND - 1);
    assert_int_equal(chosen(ends[3]), 0);
    now++; /* nobody has ended the ejection yet */
    assert_int_equal(chosen(ends[3]), 10);
}

/* A call that has tried all others tries an ejected endpoint, before it tries
 * one of them again. */
static void
an_ejected_endpoint_is_tried_at_last(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){0});
    struct wf_tried tried = {.n = 2, .endpoints = {ends[0], ends[1]}};
    fails(ends[2], 5);
    assert_int_equal(chosen_after(&tried, ends[2]), 0);
    assert_int_equal(chosen_after(&tried, ends[3]), 40);
    tried.endpoints[tried.n++] = ends[3];
    assert_int_equal(chosen_after(&tried, ends[2]), 40);
    tried.endpoints[tried.n++] = ends[2];
    assert_in_range(chosen_after(&tried, ends[0]), 1, 39); /* any */
}

static void
in_panic_all_are_used(void **state)
{
    (void)state;
    make(4, (struct weft_upstream_options){.eject_percent = 100});
    fails(ends[0], 5);
    fails(ends[1], 5);
    assert_int_equal(chosen(ends[0]), 0);
    fails(ends[2], 5);
    assert_int_equal(chosen(ends[0]), 10);
    pass(30 * (uint64_t)SECOND);
    weft_client_free(client);
    make(4, (struct weft_upstream_options){.eject_percent = 100,
                                           .panic_percent = WEFT_NONE});
    for (int i = 0; i < 3; i++)
        fails(ends[i], 5);
    assert_int_equal(chosen(ends[0]), 0);
    assert_int_equal(chosen(ends[3]), 40);
    weft_client_free(client);
    make(4, (struct weft_upstream_options){.panic_percent = 100});
    fails(ends[0], 5);
    assert_int_equal(chosen(ends[0]), 10);
}

/* An endpoint that leaves the list is no longer one of the ejected ones. */
static void
who_leaves_the_list_is_not_counted(void **state)
{
    (void)state;
    make(3, (struct weft_upstream_options){0});
    struct wf_endpoint *first = ends[0], *second = ends[1];
    pass(1000 * (uint64_t)SECOND); /* later than the clock tells */
    fails(first, 5);
    fails(second, 5);
    assert_true(is_ejected(first));
    assert_false(is_ejected(second));
    uint32_t part = wf_parts_index();
    (void)wf_snapshot_enter(up, part); /* keeps the old list */
    set_list(1, 3);
    assert_int_equal(n_ejected(), 0);
    fails(first, 5); /* a late failure */
    assert_false(is_ejected(first));
    wf_snapshot_leave(up, part);
    assert_ptr_equal(ends[0], second);
    fails(second, 1);
    assert_int_equal(n_ejected(), 1);
    set_list(1, 2);
    assert_true(is_ejected(second)); /* it stays in the list */
}

static void
wrong_options(void **state)
{
    static const struct weft_upstream_options wrong[] = {
        {.eject_percent = 101},
        {.panic_percent = 101},
        {.eject_ms = 86400001},
        {.eject_ms = WEFT_NONE}};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct weft_client_options options = {.upstream = &wrong[i]};
        assert_int_equal(weft_client_new("list:", &options, &client), -EINVAL);
    }
}

/* ---- with servers ---- */

static struct weft_str last_line; /* of the log */
static char line_text[512];
static _Atomic uint32_t n_lines;

static void
take_line(void *user, enum weft_log_level level, const char *line)
{
    (void)user;
    if (level != WEFT_LOG_WARN)
        return;
    snprintf(line_text, sizeof line_text, "%s", line);
    last_line = weft_str_of(line_text);
    wf_add(&n_lines, 1, seq_cst);
}

static weft_err
refuse(struct weft_call *call, const struct trial_add_args *args,
       struct trial_add_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return WEFT_EOVERLOAD;
}

/* Calls that a server refuses go to the other one, and after five of them the
 * server gets no more. One line of the log says so. */
static void
a_server_that_refuses_is_ejected(void **state)
{
    static struct house bad, good;
    static struct trial_Trial_service table;
    char target[300];
    int64_t sum;
    (void)state;
    table = trial_table;
    table.add = refuse;
    house_open_with(&bad, &table, NULL);
    house_open(&good, NULL, NULL, NULL);
    snprintf(target, sizeof target, "list:%s,%s", bad.address, good.address);
    const struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN};
    const struct weft_client_options options = {.upstream = &upstream};
    MUST(!weft_client_new(target, &options, &client));
    weft_log_set_sink(take_line, NULL);
    for (int i = 0; i < 100; i++)
        assert_int_equal(call_add(client, i, 2, &sum), WEFT_OK);
    weft_log_set_sink(NULL, NULL);
    assert_int_equal(wf_load(&n_lines, seq_cst), 1);
    assert_non_null(strstr(last_line.ptr, "5 failures in a row"));
    assert_non_null(strstr(last_line.ptr, bad.address));
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    assert_int_equal(views.len, 2);
    for (uint32_t i = 0; i < 2; i++) {
        const struct weft_endpoint_view *v = &views.items[i];
        bool is_bad = weft_str_eq(v->address, weft_str_of(bad.address));
        assert_int_equal(v->state,
                         is_bad ? WEFT_ENDPOINT_EJECTED : WEFT_ENDPOINT_USABLE);
        assert_int_equal(v->attempts, is_bad ? 5 : 100);
    }
    weft_arena_fini(&arena);
    weft_client_free(client);
    client = NULL;
    house_close(&bad);
    house_close(&good);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_clock, free_client)
    const struct CMUnitTest tests[] = {
        /* first, because the log is limited to some lines in a second */
        TEST(a_server_that_refuses_is_ejected),
        TEST(failures_in_a_row_eject),
        TEST(options_set_the_row_and_the_time),
        TEST(each_ejection_is_longer),
        TEST(old_attempts_do_not_count),
        TEST(the_view_tells_why),
        TEST(a_share_of_the_list_is_ejected),
        TEST(an_ejected_endpoint_is_not_chosen),
        TEST(an_ejected_endpoint_is_tried_at_last),
        TEST(in_panic_all_are_used),
        TEST(who_leaves_the_list_is_not_counted),
        TEST(wrong_options),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
