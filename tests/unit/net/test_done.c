/* SPDX-License-Identifier: MIT */
/*
 * Where the done function of appended bytes runs: on a fiber or a plain thread,
 * so it may wait, and before weft_listener_stop returns. This also holds with
 * WEFT_POLLER=uring, where the poller sends the bytes of several fibers.
 */
#include "conn_test.h"

#define CLIENTS 32
#define CALLS 50

static char lent[512];
static _Atomic int lends, dones, refused;

static void
done(void *arg)
{
    (void)arg;
    weft_fiber_yield();
    if (weft_sleep_ms(1))
        wf_add(&refused, 1, relaxed);
    wf_add(&dones, 1, release);
}

static void
lend(struct weft_conn *conn)
{
    take_everything(conn);
    wf_add(&lends, 1, relaxed);
    MUST(!weft_conn_append_ref(conn, lent, sizeof lent, done, NULL));
    weft_err err = weft_conn_flush(conn);
    MUST(!err || err == -EPIPE || err == -ECONNRESET);
}

static void
ask_often(void *unused)
{
    (void)unused;
    struct weft_conn *conn = dial_with(NULL);
    for (int i = 0; i < CALLS; i++) {
        const uint8_t *bytes;
        MUST(!weft_conn_write(conn, "x", 1));
        MUST(!weft_conn_flush(conn));
        MUST(!weft_conn_next(conn, sizeof lent, &bytes));
        weft_conn_release(conn);
    }
    weft_conn_close(conn);
}

static void
done_may_wait(void **state)
{
    (void)state;
    weft_fiber fibers[CLIENTS];
    listen_with(lend, NULL);
    for (int i = 0; i < CLIENTS; i++)
        MUST(!weft_fiber_start(ask_often, NULL, &fibers[i]));
    for (int i = 0; i < CLIENTS; i++)
        MUST(!weft_fiber_join(fibers[i]));
    stop_after(CLIENTS);
    assert_int_equal(wf_load(&lends, relaxed), CLIENTS * CALLS);
    assert_int_equal(wf_load(&dones, acquire), CLIENTS * CALLS);
    assert_int_equal(wf_load(&refused, relaxed), 0);
}

/* Append bytes and flush them to a peer that does not read, and append others
 * that are never flushed. */
static void
lend_more(struct weft_conn *conn)
{
    static char large[4 << 20];
    take_everything(conn);
    wf_add(&lends, 2, relaxed);
    MUST(!weft_conn_append_ref(conn, large, sizeof large, done, NULL));
    MUST(!weft_conn_flush(conn));
    MUST(!weft_conn_append_ref(conn, lent, sizeof lent, done, NULL));
    wf_store(&place.busy, true, release);
}

static void
note_done(void *arg)
{
    (void)arg;
    wf_add(&dones, 1, release);
}

/* A close drops bytes that were not flushed, even while there is another
 * reference to the connection: the last reference may be released where no done
 * function may run. */
static void
a_close_is_no_flush(void **state)
{
    (void)state;
    wf_store(&dones, 0, relaxed);
    listen_with(take_everything, NULL);
    struct weft_conn *conn = dial_with(NULL);
    weft_connid id = weft_conn_id(conn);
    MUST(weft_conn_ref(id) == conn);
    MUST(!weft_conn_append_ref(conn, lent, sizeof lent, note_done, NULL));
    weft_conn_close(conn);
    assert_int_equal(wf_load(&dones, acquire), 1);
    weft_conn_unref(conn);
    stop_after(1);
}

static void
no_done_after_a_stop(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        wf_store(&lends, 0, relaxed);
        wf_store(&dones, 0, relaxed);
        listen_with(lend_more, NULL);
        int fd = dial_plain();
        MUST(wire_send(fd, "x", 1));
        AWAIT(wf_load(&place.busy, acquire));
        if (i % 2)
            wire_reset(fd);
        int expected = i % 2 ? WEFT_OK : WEFT_ETIMEOUT;
        assert_int_equal(
            weft_listener_stop_until(place.listener, i % 2 ? WEFT_NEVER : 1),
            expected);
        assert_int_equal(wf_load(&dones, acquire), wf_load(&lends, relaxed));
        weft_listener_free(place.listener);
        if (i % 2 == 0)
            close(fd);
    }
    assert_int_equal(wf_load(&refused, relaxed), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(done_may_wait),
        cmocka_unit_test(a_close_is_no_flush),
        cmocka_unit_test(no_done_after_a_stop),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
