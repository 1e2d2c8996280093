/* SPDX-License-Identifier: MIT */
/* A set of connections: it visits each one, and waits until all have ended. */
#include "net/conns.h"

#include "net/sock.h"
#include "fiber/task.h"
#include "unit/fiber/fibers.h"

#include <sys/socket.h>

#define MOST 200

static struct wf_conns conns;
static struct wf_sock *socks[MOST];
static int visits[MOST];
static _Atomic int closings;

static void
nothing(struct wf_sock *s)
{
    (void)s;
}

static void
failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    (void)why;
}

static void
closed(struct wf_sock *s)
{
    (void)s;
    wf_add(&closings, 1, release);
}

static const struct wf_sock_ops ops = {
    .readable = nothing, .failed = failed, .closed = closed};

static void
fill(int n)
{
    CHECK(!wf_conns_init(&conns, WEFT_NONE));
    memset(visits, 0, sizeof visits);
    wf_store(&closings, 0, relaxed);
    for (int i = 0; i < n; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        socks[i] = wf_sock_new(fd, &ops, &visits[i]);
        CHECK(socks[i]);
        wf_conns_add(&conns, socks[i]);
    }
    assert_int_equal(wf_conns_count(&conns), n);
}

static void
end_one(int i)
{
    wf_sock_fail(socks[i], WEFT_ECLOSED);
    wf_sock_unref(socks[i]);
}

static void
visit(struct wf_sock *s, void *arg)
{
    assert_ptr_equal(arg, visits);
    ++*(int *)s->owner;
}

static void
visit_and_fail(struct wf_sock *s, void *arg)
{
    visit(s, arg);
    wf_sock_fail(s, WEFT_EIDLE);
}

/* Each connection is visited once, although the set releases its lock in
 * between, and although connections fail during their visit. */
static void
each_is_seen_once(void **state)
{
    static const int sizes[] = {0, 1, 63, 64, 65, 127, 128, 129, MOST};
    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int n = sizes[k];
        fill(n);
        wf_conns_each(&conns, visit, visits);
        for (int i = 0; i < n; i++)
            assert_int_equal(visits[i], 1);
        wf_conns_each(&conns, visit_and_fail, visits);
        for (int i = 0; i < n; i++) {
            assert_int_equal(visits[i], 2);
            assert_int_equal(wf_sock_error(socks[i]), WEFT_EIDLE);
            wf_sock_unref(socks[i]); /* the last reference */
        }
        assert_int_equal(wf_load(&closings, acquire), n);
        assert_int_equal(wf_conns_count(&conns), 0);
        assert_int_equal(wf_conns_wait_empty(&conns, 0), WEFT_OK);
    }
}

static void
wait_empty(void *err)
{
    *(weft_err *)err = wf_conns_wait_empty(&conns, WEFT_NEVER);
}

static void
the_last_one_wakes_who_waits(void **state)
{
    (void)state;
    weft_err err = -1;
    fill(2);
    assert_int_equal(wf_conns_wait_empty(&conns, 0), WEFT_ETIMEOUT);
    weft_fiber fiber = spawn(wait_empty, &err);
    WAIT_FOR(n_waiters(&conns.emptied) == 1);
    end_one(0);
    assert_int_equal(n_waiters(&conns.emptied), 1);
    assert_int_equal(wf_conns_count(&conns), 1);
    end_one(1);
    assert_int_equal(weft_fiber_join(fiber), WEFT_OK);
    assert_int_equal(err, WEFT_OK);
}

/* A set has a fiber of its own only if it has a time-out. */
static void
a_time_out_has_a_sweeper(void **state)
{
    (void)state;
    WAIT_FOR(wf_tasks_alive() == 0);
    assert_int_equal(wf_conns_init(&conns, WEFT_NONE), WEFT_OK);
    assert_int_equal(wf_tasks_alive(), 0);
    wf_conns_fini(&conns);
    assert_int_equal(wf_conns_init(&conns, 50000), WEFT_OK);
    assert_int_equal(wf_tasks_alive(), 1);
    wf_conns_fini(&conns);
    WAIT_FOR(wf_tasks_alive() == 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_seen_once),
        cmocka_unit_test(the_last_one_wakes_who_waits),
        cmocka_unit_test(a_time_out_has_a_sweeper),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
