/* SPDX-License-Identifier: MIT */
/* The hooks of a listener: each one is called at the right time, on_close
 * once. */
#include "conn_test.h"
#include "fiber/fiber.h"
#include "waiting.h"

static void
wait_for_more(struct weft_conn *conn)
{
    wf_store(&place.busy, true, release);
    weft_err err = weft_conn_wait(conn, 1000);
    wf_store(&place.why, err, relaxed);
    wf_store(&place.busy, false, release);
    take_everything(conn);
}

static void
closed_with(weft_err why)
{
    AWAIT(wf_load(&place.closes, acquire) == 1);
    assert_int_equal(wf_load(&place.why, relaxed), why);
    stop_after(1);
}

static _Atomic int lines; /* log lines that report a connection's end */

static void
count_lines(void *user, enum weft_log_level level, const char *line)
{
    (void)level;
    (void)user;
    if (strstr(line, "a connection was closed: 127.0.0.1:") &&
        strstr(line, weft_err_text(-ECONNRESET)))
        wf_add(&lines, 1, relaxed);
}

/* The log has a line if a connection ended without a close by either side. */
static void
the_log_says_why(void **state)
{
    (void)state;
    weft_log_set_sink(count_lines, NULL);
    weft_log_set_level(WEFT_LOG_INFO);
    listen_with(take_everything, NULL);
    int fd = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 1);
    wire_reset(fd);
    closed_with(-ECONNRESET);
    assert_int_equal(wf_load(&lines, relaxed), 1);
    weft_log_set_level(WEFT_LOG_WARN);
    weft_log_set_sink(NULL, NULL);
}

static void
every_reason_to_close(void **state)
{
    (void)state;
    listen_with(take_everything, NULL);
    int fd = dial_plain();
    /* on_connect is called although no byte came */
    AWAIT(wf_load(&place.connects, relaxed) == 1);
    close(fd);
    closed_with(WEFT_EEOF);
    listen_with(take_everything, NULL);
    fd = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 1);
    wire_reset(fd);
    closed_with(-ECONNRESET);
    struct weft_conn_options idle = {.idle_timeout_ms = 40};
    listen_with(take_everything, &idle);
    fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    assert_true(wire_ends(fd));
    close(fd);
    closed_with(WEFT_EIDLE);
    listen_with(weft_conn_close, NULL);
    fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    assert_true(wire_ends(fd));
    close(fd);
    closed_with(WEFT_ECLOSED);
}

static void
a_stop_wakes_who_waits(void **state)
{
    (void)state;
    listen_with(wait_for_more, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&place.busy, acquire));
    int silent = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 2);
    weft_listener_free(place.listener);
    assert_int_equal(wf_load(&place.closes, acquire), 2);
    assert_false(wf_load(&place.busy, acquire));
    assert_true(wire_ends(silent));
    close(fd);
    close(silent);
    weft_listener_free(NULL);
}

static void
too_many_connections(void **state)
{
    (void)state;
    struct weft_conn_options options = {.max_connections = 2};
    listen_with(take_everything, &options);
    int a = dial_plain(), b = dial_plain();
    AWAIT(wf_load(&place.connects, relaxed) == 2);
    int c = dial_plain();
    assert_true(wire_ends(c));
    close(a);
    AWAIT(wf_load(&place.closes, relaxed) == 1);
    close(c);
    close(b);
    stop_after(2);
}

static void
connections_that_go_at_once(void **state)
{
    (void)state;
    enum { N = 500 };
    listen_with(take_everything, NULL);
    for (int i = 0; i < N; i++) {
        int fd = dial_plain();
        if (i % 3 == 0)
            MUST(wire_send(fd, "x", 1));
        if (i % 2)
            wire_reset(fd);
        else
            close(fd);
    }
    AWAIT(wf_load(&place.closes, acquire) > N / 2);
    weft_listener_free(place.listener);
    /* may be below N: on_connect is not called for connections that were not
     * accepted before the stop */
    int n = wf_load(&place.connects, relaxed);
    assert_int_equal(wf_load(&place.closes, acquire), n);
}

/* on_request takes nothing: when the input is full, reading stops, and the
 * connection ends. */
static void
a_full_input_that_nobody_takes(void **state)
{
    (void)state;
    struct weft_conn_options options = {.max_input = 50000};
    uint8_t *bytes = calloc(1, 8 << 20);
    listen_with(take_nothing, &options);
    int fd = dial_plain();
    /* After the connection's end its input is read and dropped, so the send may
     * succeed. */
    (void)wire_send(fd, bytes, 8 << 20);
    close(fd);
    free(bytes);
    closed_with(WEFT_EBUFFERFULL);
}

/* ---- stops ---- */

static struct weft_sem may_return;

static void
stay(struct weft_conn *conn)
{
    take_everything(conn);
    wf_store(&place.busy, true, release);
    wf_sem_take_surely(&may_return);
}

static void
stay_until_it_fails(struct weft_conn *conn)
{
    take_everything(conn);
    wf_store(&place.busy, true, release);
    AWAIT(weft_conn_flush(conn) == WEFT_ESTOPPING);
}

struct stopper {
    weft_fiber fiber;
    uint64_t deadline_ns;
    weft_err err;
};

static void
stop_it(void *arg)
{
    struct stopper *s = arg;
    s->err = weft_listener_stop_until(place.listener, s->deadline_ns);
}

static void
stop_begins(struct stopper *s, uint64_t deadline_ns)
{
    s->deadline_ns = deadline_ns;
    MUST(!weft_fiber_start(stop_it, s, &s->fiber));
}

/* A hook runs; the first stop waits for it. */
static void
first_stop_begins(struct stopper *first, void (*request)(struct weft_conn *))
{
    listen_with(request, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&place.busy, acquire));
    stop_begins(first, weft_after_ms(LONG_MS));
    AWAIT(waits_for(first->fiber) == WEFT_WAIT_END);
    assert_int_equal(weft_listener_port(place.listener), 0);
    close(fd);
}

static void
stop_ends(struct stopper *s, weft_err err)
{
    MUST(!weft_fiber_join_until(s->fiber, weft_after_ms(LONG_MS)));
    assert_int_equal(s->err, err);
    assert_int_equal(wf_load(&place.closes, acquire), 1);
}

static void
two_stops_at_once_both_wait(void **state)
{
    (void)state;
    struct stopper first, second;
    first_stop_begins(&first, stay);
    stop_begins(&second, weft_after_ms(LONG_MS));
    AWAIT(waits_for(second.fiber) == WEFT_WAIT_MUTEX);
    weft_fiber_cancel(second.fiber); /* a cancel does not end a stop */
    weft_sem_give(&may_return, 1);
    stop_ends(&second, WEFT_OK);
    stop_ends(&first, WEFT_OK);
    weft_listener_free(place.listener);
}

/* The earlier deadline ends both stops, whichever stop began first. */
static void
the_earlier_of_two_deadlines_counts(void **state)
{
    (void)state;
    struct stopper first, second;
    first_stop_begins(&first, stay_until_it_fails);
    stop_begins(&second, weft_after_ms(20));
    stop_ends(&second, WEFT_ETIMEOUT);
    stop_ends(&first, WEFT_ETIMEOUT);
    assert_int_equal(wf_load(&place.why, relaxed), WEFT_ESTOPPING);
    /* a stopped listener can be stopped again */
    assert_int_equal(weft_listener_stop(place.listener), WEFT_OK);
    weft_listener_free(place.listener);
}

static _Atomic weft_err told, told_thread;

static void
stop_in_vain(void *unused)
{
    (void)unused;
    wf_store(&told_thread, weft_listener_stop(place.listener), relaxed);
}

static void
stop_ones_own(struct weft_conn *conn)
{
    take_everything(conn);
    MUST(!weft_blocking(stop_in_vain, NULL));
    wf_store(&told, weft_listener_stop(place.listener), release);
}

/* The stop would wait for the hook that calls it. */
static void
a_hook_cannot_stop_its_listener(void **state)
{
    (void)state;
    wf_store(&told, WEFT_OK, relaxed);
    listen_with(stop_ones_own, NULL);
    int fd = dial_plain();
    MUST(wire_send(fd, "x", 1));
    AWAIT(wf_load(&told, acquire) == -EDEADLK);
    assert_int_equal(wf_load(&told_thread, relaxed), -EDEADLK);
    assert_int_not_equal(weft_listener_port(place.listener), 0);
    close(fd);
    closed_with(WEFT_EEOF);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_says_why),
        cmocka_unit_test(every_reason_to_close),
        cmocka_unit_test(a_stop_wakes_who_waits),
        cmocka_unit_test(too_many_connections),
        cmocka_unit_test(connections_that_go_at_once),
        cmocka_unit_test(a_full_input_that_nobody_takes),
        cmocka_unit_test(two_stops_at_once_both_wait),
        cmocka_unit_test(the_earlier_of_two_deadlines_counts),
        cmocka_unit_test(a_hook_cannot_stop_its_listener),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
