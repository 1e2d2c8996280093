/* SPDX-License-Identifier: MIT */
/* Clients whose servers are found by a function of the user. */
#include "unit/rpc/rpc_test.h"

#include <weft/upstream.h>

enum { N = 2 };

static struct house houses[N];

/* What the function does at each look-up, and what it has seen. */
struct finder {
    struct weft_endpoint list[2 * N];
    uint32_t n;
    weft_err err;    /* instead of a list */
    const char *why; /* said before `err` */
    bool waits;      /* wait for `go_on` before all else */
    bool watches;    /* wait for ever after all else */
    struct weft_sem go_on;
    _Atomic uint32_t begun, cancelled;
    weft_err published; /* what the last publish returned */
};

static struct weft_sem never;

static int
open_houses(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        house_open(&houses[i], NULL, NULL, NULL);
    return 0;
}

static int
close_houses(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        house_close(&houses[i]);
    return 0;
}

static weft_err
find_now(struct weft_resolver *resolver, struct finder *f)
{
    weft_err err = f->waits ? weft_sem_take(&f->go_on) : WEFT_OK;
    if (err)
        return err;
    if (f->err) {
        if (f->why)
            weft_resolver_explain(resolver, "%s of %d", f->why, 7);
        return f->err;
    }
    f->published = weft_resolver_publish(resolver, f->list, f->n);
    return f->published || !f->watches ? f->published : weft_sem_take(&never);
}

static weft_err
find(struct weft_resolver *resolver, const char *name, void *user)
{
    struct finder *f = user;
    MUST(strcmp(name, "my servers") == 0);
    wf_add(&f->begun, 1, acq_rel);
    weft_err err = find_now(resolver, f);
    if (err == WEFT_ECANCEL)
        wf_add(&f->cancelled, 1, acq_rel);
    return err;
}

static struct weft_client *
new_client(struct finder *f, uint32_t refresh_ms)
{
    struct weft_upstream_options upstream = {.balance = WEFT_ROUND_ROBIN,
                                             .resolve = find,
                                             .user = f,
                                             .refresh_ms = refresh_ms};
    struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    MUST(!weft_client_new("my servers", &options, &client));
    return client;
}

/* A finder whose list has house i alone. */
static struct finder
finder_of(int i)
{
    return (struct finder){.list = {{.address = houses[i].address}}, .n = 1};
}

static uint64_t
executed(int i)
{
    return wf_load(&houses[i].trial.executed, seq_cst);
}

static struct weft_client_stats
stats_of(struct weft_client *client)
{
    struct weft_client_stats stats;
    weft_client_get_stats(client, &stats);
    return stats;
}

static weft_err
add(struct weft_client *client)
{
    int64_t sum;
    weft_err err = call_add(client, 40, 2, &sum);
    if (!err)
        assert_int_equal(sum, 42);
    return err;
}

/* ---- tests ---- */

struct asker {
    struct weft_client *client;
    struct weft_sem begun;
    weft_err err;
};

static void
ask(void *arg)
{
    struct asker *asker = arg;
    int64_t sum;
    weft_sem_give(&asker->begun, 1);
    asker->err = call_add(asker->client, 1, 2, &sum);
}

static weft_fiber
start_asker(struct asker *asker)
{
    weft_fiber fiber;
    MUST(!weft_fiber_start(ask, asker, &fiber));
    MUST(!weft_sem_take(&asker->begun));
    return fiber;
}

static void
the_first_calls_wait_for_the_list(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    f.waits = f.watches = true;
    struct weft_client *client = new_client(&f, 0);
    struct asker askers[3] = {
        {.client = client}, {.client = client}, {.client = client}};
    weft_fiber fibers[3];
    uint64_t before = executed(0);
    assert_int_equal(wf_load(&f.begun, acquire), 0); /* no call, no look-up */
    for (int i = 0; i < 3; i++)
        fibers[i] = start_asker(&askers[i]);
    AWAIT(wf_load(&f.begun, acquire) == 1);
    assert_int_equal(executed(0), before);
    weft_sem_give(&f.go_on, 1);
    for (int i = 0; i < 3; i++) {
        MUST(!weft_fiber_join(fibers[i]));
        assert_int_equal(askers[i].err, WEFT_OK);
    }
    assert_int_equal(executed(0), before + 3);
    assert_int_equal(wf_load(&f.begun, acquire), 1);
    assert_int_equal(stats_of(client).lists, 1);
    weft_client_free(client);
    assert_int_equal(wf_load(&f.cancelled, acquire), 1);
}

/* A call that is begun does not wait for the list; its await does. */
static void
a_begun_call_waits_when_it_is_awaited(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    f.waits = true;
    struct weft_client *client = new_client(&f, 0);
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_pending call;
    struct trial_add_args args = {.a = 40, .b = 2};
    struct trial_add_result result;
    trial_Trial_add_begin(client, &arena, &args, &result, NULL, &call);
    weft_sem_give(&f.go_on, 1);
    assert_int_equal(weft_await(&call), WEFT_OK);
    assert_int_equal(result.success, 42);
    weft_arena_fini(&arena);
    weft_client_free(client);
}

static void
the_reason_is_in_the_text(void **state)
{
    (void)state;
    struct finder f = {.err = -EIO, .why = "the registry sleeps until 3"};
    struct weft_client *client = new_client(&f, 1);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0,
                     "the registry sleeps until 3 of 7");
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0,
                     "my servers: no server is known");
    assert_true(stats_of(client).failed_lookups >= 1);
    assert_int_equal(stats_of(client).lists, 0);
    weft_client_free(client);

    f = (struct finder){.err = -EIO};
    client = new_client(&f, 1);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, weft_err_text(-EIO));
    weft_client_free(client);
}

/* It is called again after an error, and calls succeed when it does. */
static void
a_failed_look_up_is_repeated(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    f.err = -EIO;
    f.waits = true;
    weft_sem_give(&f.go_on, 3);
    struct weft_client *client = new_client(&f, 1);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, weft_err_text(-EIO));
    AWAIT(wf_load(&f.begun, acquire) == 4); /* the fourth one waits */
    assert_int_equal(stats_of(client).failed_lookups, 3);
    f.err = WEFT_OK;
    weft_sem_give(&f.go_on, 1);
    AWAIT(stats_of(client).lists == 1);
    assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
}

/* Errors, empty lists and wrong ones change nothing. */
static void
the_last_list_is_kept(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    f.waits = true;
    struct weft_client *client = new_client(&f, 1);
    weft_sem_give(&f.go_on, 1);
    assert_int_equal(add(client), WEFT_OK);
    AWAIT(wf_load(&f.begun, acquire) == 2);

    f.n = 0;
    weft_sem_give(&f.go_on, 1);
    AWAIT(stats_of(client).empty_lists == 1);
    assert_int_equal(add(client), WEFT_OK);
    AWAIT(wf_load(&f.begun, acquire) == 3);

    f.err = -EIO;
    weft_sem_give(&f.go_on, 1);
    AWAIT(stats_of(client).failed_lookups == 1);
    assert_int_equal(add(client), WEFT_OK);
    AWAIT(wf_load(&f.begun, acquire) == 4);

    f.err = WEFT_OK;
    f.list[1] = (struct weft_endpoint){.address = "nobody", .weight = 1};
    f.n = 2;
    weft_sem_give(&f.go_on, 1);
    AWAIT(stats_of(client).failed_lookups == 2);
    assert_int_equal(f.published, WEFT_EADDRESS);
    assert_int_equal(add(client), WEFT_OK);
    assert_int_equal(stats_of(client).lists, 1);
    weft_client_free(client);
}

static void
what_is_wrong_with_a_list_is_said(void **state)
{
    (void)state;
    static const struct {
        struct weft_endpoint list[2];
        const char *text;
    } rows[] = {
        {{{.address = "h:1", .weight = 1}, {.address = "nobody", .weight = 1}},
         "`nobody` is no address"},
        {{{.address = "h:1", .weight = 1}, {.address = "h:1", .weight = 2}},
         "`h:1` is there twice"},
        {{{.address = "h:1", .weight = 1},
          {.address = "h:2", .weight = 1000001}},
         "`h:2` has a weight above"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct finder f = {.list = {rows[i].list[0], rows[i].list[1]}, .n = 2};
        struct weft_client *client = new_client(&f, WEFT_NONE);
        must_fail_unsent(client, WEFT_ENOENDPOINT, 0, rows[i].text);
        weft_client_free(client);
    }
}

/* A function that returns without a list has found no server. */
static void
no_list_is_an_empty_one(void **state)
{
    (void)state;
    struct finder f = {.n = 0};
    struct weft_client *client = new_client(&f, WEFT_NONE);
    must_fail_unsent(client, WEFT_ENOENDPOINT, 0, "no server is known");
    assert_int_equal(stats_of(client).failed_lookups, 0);
    weft_client_free(client);
}

/* The list is replaced while the client is used, and refresh_ms says when. */
static void
a_new_list_is_taken(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    f.waits = true;
    struct weft_client *client = new_client(&f, 1);
    weft_sem_give(&f.go_on, 1);
    uint64_t before[N] = {executed(0), executed(1)};
    assert_int_equal(add(client), WEFT_OK);
    AWAIT(wf_load(&f.begun, acquire) == 2);
    f.list[0].address = houses[1].address;
    weft_sem_give(&f.go_on, 1);
    AWAIT(stats_of(client).lists == 2);
    assert_int_equal(add(client), WEFT_OK);
    assert_int_equal(executed(0), before[0] + 1);
    assert_int_equal(executed(1), before[1] + 1);
    weft_client_free(client);
}

/* Without a refresh a server that is gone is the only reason for a look-up. */
static void
a_server_that_is_gone_is_looked_up(void **state)
{
    (void)state;
    struct finder f = {
        .list = {{.address = "127.0.0.1:1"}}, .n = 1, .waits = true};
    struct weft_client *client = new_client(&f, WEFT_NONE);
    weft_sem_give(&f.go_on, 1);
    assert_int_equal(add(client), WEFT_ECONNECT);
    AWAIT(wf_load(&f.begun, acquire) == 2);
    f.list[0].address = houses[0].address;
    weft_sem_give(&f.go_on, 1);
    AWAIT(stats_of(client).lists == 2);
    assert_int_equal(add(client), WEFT_OK);
    assert_int_equal(wf_load(&f.begun, acquire), 2);
    weft_client_free(client);
}

static void
calls_that_wait_end_at_their_deadline(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    f.waits = true;
    struct weft_client *client = new_client(&f, 0);
    must_fail_unsent(
        client, WEFT_ETIMEOUT, weft_after_ms(20),
        "no list of servers came in time, so the call was not sent");
    struct asker asker = {.client = client};
    weft_fiber fiber = start_asker(&asker);
    weft_fiber_cancel(fiber);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(asker.err, WEFT_ECANCEL);
    weft_client_free(client);
    assert_int_equal(wf_load(&f.cancelled, acquire), 1);
}

static void
calls_that_wait_end_with_the_client(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    f.waits = true;
    struct weft_client *client = new_client(&f, 0);
    struct asker asker = {.client = client};
    weft_fiber fiber = start_asker(&asker);
    AWAIT(wf_load(&f.begun, acquire) == 1);
    weft_client_free(client);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(asker.err, WEFT_ECLOSED);
}

/* The stop of the runtime cancels the function. The first call after a new
 * start calls it again, and does not wait for it, since there is a list. */
static void
over_a_stop_of_the_runtime(void **state)
{
    struct finder f = finder_of(0);
    f.watches = true;
    close_houses(state);
    stop_workers(state);
    struct weft_client *client = new_client(&f, 0);
    start_workers(state);
    open_houses(state);
    f.list[0].address = houses[0].address;
    assert_int_equal(add(client), WEFT_OK);
    close_houses(state);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    assert_int_equal(wf_load(&f.cancelled, acquire), 1);

    start_workers(state);
    f.waits = true;
    assert_int_equal(add(client), WEFT_ECONNECT);
    AWAIT(wf_load(&f.begun, acquire) == 2);
    open_houses(state);
    f.list[0].address = houses[0].address;
    weft_sem_give(&f.go_on, 1);
    AWAIT(stats_of(client).lists == 2);
    assert_int_equal(add(client), WEFT_OK);
    weft_client_free(client);
}

static void
the_list_belongs_to_the_function(void **state)
{
    (void)state;
    struct finder f = finder_of(0);
    struct weft_client *client = new_client(&f, 0);
    assert_int_equal(weft_client_set_endpoints(client, f.list, 1), -EINVAL);
    weft_client_free(client); /* was never used */
    assert_int_equal(wf_load(&f.begun, acquire), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_calls_wait_for_the_list),
        cmocka_unit_test(a_begun_call_waits_when_it_is_awaited),
        cmocka_unit_test(the_reason_is_in_the_text),
        cmocka_unit_test(a_failed_look_up_is_repeated),
        cmocka_unit_test(the_last_list_is_kept),
        cmocka_unit_test(what_is_wrong_with_a_list_is_said),
        cmocka_unit_test(no_list_is_an_empty_one),
        cmocka_unit_test(a_new_list_is_taken),
        cmocka_unit_test(a_server_that_is_gone_is_looked_up),
        cmocka_unit_test(calls_that_wait_end_at_their_deadline),
        cmocka_unit_test(calls_that_wait_end_with_the_client),
        cmocka_unit_test(over_a_stop_of_the_runtime),
        cmocka_unit_test(the_list_belongs_to_the_function),
    };
    start_workers(NULL);
    open_houses(NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    close_houses(NULL);
    return failed || stop_workers(NULL);
}
