/* SPDX-License-Identifier: MIT */
/* A server closes a connection while its client makes no call. */
#include "peer.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>

/* ---- the end has arrived, but no fiber has read it ---- */

/* Fibers that hold every worker, so that no reader runs. */
static _Atomic uint32_t n_held;
static _Atomic bool let_go;

static void
hold_worker(void *unused)
{
    (void)unused;
    wf_add(&n_held, 1, acq_rel);
    while (!wf_load(&let_go, acquire))
        sched_yield();
}

static void
hold_all_workers(weft_fiber *fibers, uint32_t n)
{
    wf_store(&n_held, 0, relaxed);
    wf_store(&let_go, false, relaxed);
    for (uint32_t i = 0; i < n; i++)
        MUST(!weft_fiber_start(hold_worker, NULL, &fibers[i]));
    while (wf_load(&n_held, acquire) < n)
        sched_yield();
}

/* Wait until the end of the connection has come to this host. */
static void
await_end(struct wf_client_conn *conn)
{
    struct pollfd end = {.fd = conn->sock->fd, .events = POLLRDHUP};
    MUST(poll(&end, 1, LONG_MS) == 1 && end.revents & POLLRDHUP);
}

/* A call on a plain thread, which needs no worker to begin. */
static void *
call_now(void *arg)
{
    struct caller *a = arg;
    a->err = call_gate(a->client, 1, NULL, &a->result);
    return NULL;
}

/* Before a call is sent the client checks the connection, and sees the end. */
static void
an_unread_end_is_seen_before_a_call_is_sent(void **state)
{
    (void)state;
    struct peer p;
    pthread_t thread;
    weft_fiber fibers[2];
    peer_open(&p, NULL);
    good_call(&p, true);
    age(&p, A_WHILE_AGO);
    struct caller a = {.client = p.client};
    struct wf_client_conn *conn = conn_of(&p);
    uint32_t n_calls = wf_load(&conn->next_seq, relaxed);
    hold_all_workers(fibers, 2);
    close(p.fd);
    await_end(conn);
    MUST(!pthread_create(&thread, NULL, call_now, &a));
    while (!wf_load(&conn->retired, acquire) &&
           wf_load(&conn->next_seq, acquire) == n_calls)
        sched_yield();
    bool is_sent = wf_load(&conn->next_seq, acquire) != n_calls;
    wf_store(&let_go, true, release);
    for (int i = 0; i < 2; i++)
        MUST(!weft_fiber_join(fibers[i]));
    if (!is_sent) {
        p.fd = wire_accept(p.listener);
        peer_answer(&p, 5);
    }
    pthread_join(thread, NULL);
    wf_client_conn_unref(conn);
    peer_close(&p);
    assert_false(is_sent);
    assert_int_equal(a.err, WEFT_OK);
    assert_int_equal(a.result, 5);
}

/* When the call begins, a fiber may or may not have read the end. */
static void
an_idle_close_and_a_call_cross(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, NULL);
    good_call(&p, true);
    for (int i = 0; i < 200; i++) {
        struct caller a = {.client = p.client};
        age(&p, A_WHILE_AGO);
        close(p.fd);
        caller_start(&a);
        peer_accept(&p, true);
        peer_answer(&p, i);
        caller_join(&a);
        assert_int_equal(a.err, WEFT_OK);
        assert_int_equal(a.result, i);
    }
    peer_close(&p);
}

static void
the_idle_limit_of_the_client(void **state)
{
    (void)state;
    struct peer p;
    struct weft_client_options options = {.idle_timeout_ms = 30000};
    peer_open(&p, &options);
    good_call(&p, true);
    age(&p, LONG_AGO);
    good_call(&p, true);
    good_call(&p, false);
    peer_close(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unread_end_is_seen_before_a_call_is_sent),
        cmocka_unit_test(an_idle_close_and_a_call_cross),
        cmocka_unit_test(the_idle_limit_of_the_client),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
