/* SPDX-License-Identifier: MIT */
/* The n-th allocation, or mapping of memory, fails while clients in front of
 * others are made, and while they make calls: each call ends once, nothing
 * stays allocated or in flight, and the next call works. */
#include "shim.h"
#include "trial_server.h"

#include <weft/combine.h>
#include <weft/upstream.h>

#include <errno.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct house houses[2];

static int
open_both(void **state)
{
    const struct weft_runtime_options one = {.workers = 1};
    (void)state;
    alarm(500);
    shim_install();
    MUST(!weft_runtime_start(&one));
    for (int i = 0; i < 2; i++) {
        house_open(&houses[i], NULL, NULL, NULL);
        weft_sem_give(&houses[i].trial.gate, 1000000);
    }
    return 0;
}

static int
close_both(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        house_close(&houses[i]);
    MUST(!weft_runtime_stop());
    return 0;
}

/* ---- making ---- */

typedef weft_err (*make_fn)(struct weft_client *const *parts,
                            struct weft_client **out);

static weft_err
make_select(struct weft_client *const *parts, struct weft_client **out)
{
    return weft_client_select(parts, 2, NULL, out);
}

static weft_err
make_fan_out(struct weft_client *const *parts, struct weft_client **out)
{
    return weft_client_fan_out(parts, 2, NULL, out);
}

static weft_err
make_partition(struct weft_client *const *parts, struct weft_client **out)
{
    return weft_client_partition(parts, 2, NULL, out);
}

static weft_err
make_local(struct weft_client *const *parts, struct weft_client **out)
{
    (void)parts;
    return weft_client_local(houses[0].server, out);
}

static weft_err
pass(struct weft_intercepted *call, void *user)
{
    (void)user;
    return weft_client_proceed(call);
}

/* The second part is freed, because the first one alone is taken. */
static weft_err
make_intercept(struct weft_client *const *parts, struct weft_client **out)
{
    weft_err err = weft_client_intercept(parts[0], pass, NULL, out);
    if (!err)
        weft_client_free(parts[1]);
    return err;
}

/* A client of both servers, which are two schemes. The weights of partition 0
 * of 2 differ, so its list has an order. */
static weft_err
new_by_tag(struct weft_client **out)
{
    const struct weft_upstream_options upstream = {.by_tag = true,
                                                   .balance = WEFT_ROUND_ROBIN};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_client *client;
    char target[400];
    snprintf(target, sizeof target,
             "list:%s;tag=0/2 1/2;weight=3,%s;tag=0/2 0/1", houses[0].address,
             houses[1].address);
    *out = NULL;
    weft_err err = weft_client_new(target, &options, &client);
    if (err)
        return err;
    err = weft_client_partition(&client, 1, NULL, out);
    if (err)
        weft_client_free(client);
    return err;
}

static weft_err
make_by_tag(struct weft_client *const *parts, struct weft_client **out)
{
    weft_err err = new_by_tag(out);
    for (int i = 0; i < 2 && !err; i++)
        weft_client_free(parts[i]);
    return err;
}

static void
make_parts(struct weft_client **parts)
{
    for (int i = 0; i < 2; i++)
        MUST(!weft_client_new(houses[i].address, NULL, &parts[i]));
}

/* After a failure the parts are the caller's. */
static void
make_with_failures(make_fn make, enum shim_call what)
{
    struct weft_client *parts[2], *out;
    weft_err err;
    uint32_t n = 0;
    make_parts(parts);
    do {
        shim_fail(what, ++n, ENOMEM);
        err = make(parts, &out);
        bool failed = shim_failures() > 0;
        shim_fail(what, 0, 0);
        MUST(failed ? err == -ENOMEM && !out : !err);
    } while (err && n < 1000);
    assert_true(n > 1);
    weft_client_free(out);
    if (make == make_local)
        for (int i = 0; i < 2; i++)
            weft_client_free(parts[i]);
}

static void
the_nth_allocation_of_a_new_client_fails(void **state)
{
    (void)state;
    make_with_failures(make_select, SHIM_malloc);
    make_with_failures(make_fan_out, SHIM_malloc);
    make_with_failures(make_partition, SHIM_malloc);
    make_with_failures(make_local, SHIM_malloc);
    make_with_failures(make_intercept, SHIM_malloc);
    make_with_failures(make_by_tag, SHIM_malloc);
    make_with_failures(make_by_tag, SHIM_mmap);
}

/* ---- calls ---- */

/* A call to all behind a function, inside of which each part is one of two: so
 * it has fibers of its own. */
static struct weft_client *
make_nested(void)
{
    struct weft_client *parts[2], *selects[2], *front, *outer;
    for (int i = 0; i < 2; i++) {
        make_parts(parts);
        MUST(!weft_client_select(parts, 2, NULL, &selects[i]));
    }
    MUST(!weft_client_fan_out(selects, 2, NULL, &front));
    MUST(!weft_client_intercept(front, pass, NULL, &outer));
    return outer;
}

struct one {
    struct weft_client *client;
    bool begun; /* the call is begun, and then awaited */
    weft_err err;
    int64_t result;
};

static void
ask(void *arg)
{
    struct one *one = arg;
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_pending pending;
    struct weft_call_info info;
    struct trial_gate_args args = {.number = 7};
    struct trial_gate_result result;
    const struct weft_call_options options = {.info = &info};
    if (one->begun) {
        trial_Trial_gate_begin(one->client, &arena, &args, &result, &options,
                               &pending);
        one->err = weft_await(&pending);
    } else {
        one->err =
            trial_Trial_gate(one->client, &arena, &args, &result, &options);
    }
    one->result = result.which == 0 ? result.success : 0;
    weft_arena_fini(&arena);
}

static void
run(struct one *one)
{
    weft_fiber fiber;
    MUST(!weft_fiber_start(ask, one, &fiber));
    MUST(!weft_fiber_join(fiber));
}

static void
run_until_it_works(struct one one)
{
    int n = 0;
    do {
        MUST(n++ < 10000);
        run(&one); /* a client may pause after a connect that has failed */
    } while (one.err);
    MUST(one.result == 7);
}

static void
calls_with_failures(struct weft_client *client, enum shim_call what, int err,
                    bool begun)
{
    struct one one = {.client = client, .begun = begun};
    bool failed = true;
    for (uint32_t n = 1; failed; n++) {
        MUST(n < 1000);
        run_until_it_works(one);
        shim_fail(what, n, err);
        run(&one);
        failed = shim_failures() > 0;
        shim_fail(what, 0, 0);
        MUST(one.err ? failed : one.result == 7);
    }
    weft_client_free(one.client);
}

static void
the_nth_allocation_of_a_call_fails(void **state)
{
    (void)state;
    calls_with_failures(make_nested(), SHIM_malloc, ENOMEM, false);
}

static void
the_nth_allocation_of_a_begun_call_fails(void **state)
{
    (void)state;
    calls_with_failures(make_nested(), SHIM_malloc, ENOMEM, true);
}

static void
the_nth_map_of_a_call_fails(void **state)
{
    (void)state;
    calls_with_failures(make_nested(), SHIM_mmap, ENOMEM, true);
}

/* ---- partitions by tag ---- */

static struct weft_client *
make_whole_by_tag(void)
{
    struct weft_client *client;
    MUST(!new_by_tag(&client));
    return client;
}

static void
the_nth_call_to_tagged_servers_fails(void **state)
{
    (void)state;
    weft_log_set_level(WEFT_LOG_NONE);
    calls_with_failures(make_whole_by_tag(), SHIM_malloc, ENOMEM, false);
    calls_with_failures(make_whole_by_tag(), SHIM_malloc, ENOMEM, true);
    calls_with_failures(make_whole_by_tag(), SHIM_mmap, ENOMEM, true);
    calls_with_failures(make_whole_by_tag(), SHIM_send, EPIPE, false);
    weft_log_set_level(WEFT_LOG_WARN);
}

/* Returns whether the first server has the tag. */
static bool
has_tag(struct weft_client *client, const char *tag)
{
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_endpoint_views views;
    bool has = false;
    MUST(!weft_client_get_endpoints(client, &arena, &views));
    for (uint32_t i = 0; i < views.len; i++)
        has |= strcmp(views.items[i].address.ptr, houses[0].address) == 0 &&
               strcmp(views.items[i].tag.ptr, tag) == 0;
    weft_arena_fini(&arena);
    return has;
}

/* The old list stays, and with it its scheme. */
static void
the_nth_allocation_of_a_new_scheme_fails(void **state)
{
    const struct weft_upstream_options upstream = {
        .by_tag = true, .balance = WEFT_CONSISTENT_HASH};
    const struct weft_client_options options = {.upstream = &upstream};
    struct weft_endpoint list[2] = {
        {.address = houses[0].address, .tag = "0/1 0/2"},
        {.address = houses[1].address, .tag = "1/2", .weight = 5}};
    struct weft_client *client, *front;
    weft_err err;
    uint32_t n = 0;
    (void)state;
    MUST(!weft_client_new("list:", &options, &client));
    MUST(!weft_client_partition(&client, 1, NULL, &front));
    MUST(!weft_client_set_endpoints(client, list, 1));
    list[0].tag = "0/2";
    do {
        shim_fail(SHIM_malloc, ++n, ENOMEM);
        err = weft_client_set_endpoints(client, list, 2);
        bool failed = shim_failures() > 0;
        shim_fail(SHIM_malloc, 0, 0);
        MUST(failed ? err == -ENOMEM : !err);
        MUST(has_tag(client, err ? "0/1 0/2" : "0/2"));
        run_until_it_works((struct one){.client = front});
    } while (err && n < 1000);
    assert_true(n > 5);
    weft_client_free(front);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nth_allocation_of_a_new_client_fails),
        cmocka_unit_test(the_nth_allocation_of_a_call_fails),
        cmocka_unit_test(the_nth_allocation_of_a_begun_call_fails),
        cmocka_unit_test(the_nth_map_of_a_call_fails),
        cmocka_unit_test(the_nth_call_to_tagged_servers_fails),
        cmocka_unit_test(the_nth_allocation_of_a_new_scheme_fails),
    };
    return cmocka_run_group_tests(tests, open_both, close_both);
}
