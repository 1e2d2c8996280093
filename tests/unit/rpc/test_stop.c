/* SPDX-License-Identifier: MIT */
/* The stop: calls that were accepted are answered, others get an error; two
 * stops at once (row 92 of docs/threats.md). */
#include "rpc_test.h"
#include "waiting.h"

#define MS 1000000u

static struct house house;

/* weft_server_stop on a fiber of its own. */
struct stopper {
    weft_fiber fiber;
    uint64_t deadline_ns;
    weft_err err;
    _Atomic bool done;
};

static void
stop(void *arg)
{
    struct stopper *s = arg;
    s->err = weft_server_stop_until(house.server, s->deadline_ns);
    wf_store(&s->done, true, release);
}

static void
stop_begins(struct stopper *s, uint64_t deadline_ns)
{
    s->deadline_ns = deadline_ns;
    wf_store(&s->done, false, relaxed);
    MUST(!weft_fiber_start(stop, s, &s->fiber));
}

static void
stop_ends(struct stopper *s, weft_err err)
{
    MUST(!weft_fiber_join_until(s->fiber, weft_after_ms(LONG_MS)));
    MUST(wf_load(&s->done, acquire));
    assert_int_equal(s->err, err);
}

static void
free_house(void)
{
    weft_client_free(house.client);
    weft_server_free(house.server);
}

static void
nothing_in_flight(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    int64_t sum;
    assert_int_equal(call_add(house.client, 1, 2, &sum), WEFT_ECONNECT);
    /* a stopped server can be stopped again */
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    free_house();
    house_open(&house, NULL, NULL, NULL);
    must_work(&house);
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    free_house();
}

static void
free_it(void *unused)
{
    (void)unused;
    weft_server_free(house.server);
}

/* A free stops first: the call in flight is answered, and the port is
 * closed. */
static void
a_free_stops_it(void **state)
{
    (void)state;
    struct caller a;
    weft_fiber fiber;
    int64_t sum;
    house_open(&house, NULL, NULL, NULL);
    a = (struct caller){.client = house.client, .number = 5};
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    MUST(!weft_fiber_start(free_it, NULL, &fiber));
    AWAIT(waits_for(fiber) == WEFT_WAIT_END);
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(call_add(house.client, 1, 2, &sum), WEFT_ECONNECT);
    weft_client_free(house.client);
}

static void
never_started(void **state)
{
    (void)state;
    struct trial trial = {0};
    struct weft_server *server = trial_server(&trial, NULL);
    assert_int_equal(weft_server_listen(server, "127.0.0.1:0"), WEFT_OK);
    assert_int_equal(weft_server_listen(server, "127.0.0.1:0"), WEFT_OK);
    assert_int_equal(weft_server_listen(server, "nonsense"), WEFT_EADDRESS);
    weft_server_free(server);
    weft_server_free(NULL);
}

/* A connection may be accepted before the stop and handed over after the stop
 * has gone through all connections. It must be closed as well. */
static void
a_connection_that_comes_during_a_stop_ends(void **state)
{
    (void)state;
    struct caller a;
    struct stopper s;
    int pair[2];
    char byte;
    house_open(&house, NULL, NULL, NULL);
    a = (struct caller){.client = house.client};
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    stop_begins(&s, weft_after_ms(LONG_MS));
    AWAIT(wf_load(&house.server->stopping, acquire));
    MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair));
    wf_serve_accepted(house.server, pair[0]);
    AWAIT(recv(pair[1], &byte, 1, 0) == 0);
    assert_false(wf_load(&s.done, acquire)); /* a call is in flight */
    close(pair[1]);
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    stop_ends(&s, WEFT_OK);
    free_house();
}

#define N 20

static void
calls_in_flight_are_answered(void **state)
{
    (void)state;
    static struct caller callers[N];
    struct stopper s;
    house_open(&house, NULL, NULL, NULL);
    for (int i = 0; i < N; i++) {
        callers[i] = (struct caller){.client = house.client, .number = i};
        caller_start(&callers[i]);
    }
    AWAIT(wf_load(&house.trial.inside, acquire) == N);
    stop_begins(&s, weft_after_ms(LONG_MS));
    AWAIT(wf_load(&house.server->stopping, acquire));
    int64_t sum;
    assert_int_equal(call_add(house.client, 1, 2, &sum),
                     WEFT_ESTOPPING - WEFT_PEER);
    assert_false(wf_load(&s.done, acquire));
    weft_sem_give(&house.trial.gate, N);
    for (int i = 0; i < N; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_OK);
        assert_int_equal(callers[i].result, i);
    }
    stop_ends(&s, WEFT_OK);
    free_house();
}

static void
the_bound_cancels(void **state)
{
    (void)state;
    struct caller a = {0};
    struct stopper s;
    house_open(&house, NULL, NULL, NULL);
    a.client = house.client;
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    stop_begins(&s, weft_after_ms(50));
    caller_join(&a);
    assert_int_not_equal(a.err, WEFT_OK);
    assert_true(a.took_ns >= 40 * MS);
    stop_ends(&s, WEFT_ETIMEOUT);
    assert_int_equal(wf_load(&house.trial.cancelled, relaxed), 1);
    free_house();
}

/* The second of two stops begins while the first waits for a call. */
static void
two_stops_begin(struct caller *a, struct stopper *first, struct stopper *second,
                uint64_t deadline_ns)
{
    house_open(&house, NULL, NULL, NULL);
    *a = (struct caller){.client = house.client, .number = 5};
    caller_start(a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    stop_begins(first, weft_after_ms(LONG_MS));
    AWAIT(waits_for(first->fiber) == WEFT_WAIT_END);
    stop_begins(second, deadline_ns);
}

static void
two_stops_at_once_both_wait(void **state)
{
    (void)state;
    struct caller a;
    struct stopper first, second;
    two_stops_begin(&a, &first, &second, weft_after_ms(LONG_MS));
    AWAIT(waits_for(second.fiber) == WEFT_WAIT_MUTEX);
    weft_fiber_cancel(second.fiber); /* a cancel does not end a stop */
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    stop_ends(&second, WEFT_OK);
    stop_ends(&first, WEFT_OK);
    free_house();
}

/* The earlier deadline ends both stops, whichever stop began first. */
static void
the_earlier_of_two_deadlines_counts(void **state)
{
    (void)state;
    struct caller a;
    struct stopper first, second;
    two_stops_begin(&a, &first, &second, weft_after_ms(20));
    stop_ends(&second, WEFT_ETIMEOUT);
    stop_ends(&first, WEFT_ETIMEOUT);
    caller_join(&a);
    assert_int_not_equal(a.err, WEFT_OK);
    assert_int_equal(wf_load(&house.trial.cancelled, relaxed), 1);
    /* These deadlines do not hold for the next stop. */
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    MUST(!weft_server_listen(house.server, "127.0.0.1:0"));
    MUST(!weft_server_start(house.server));
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    free_house();
}

static uint64_t only; /* id of the socket of the last connection seen */

static void
see(struct wf_sock *s, void *n)
{
    only = wf_slot_id(&s->slot);
    ++*(int *)n;
}

/* A connection with a call in flight is not settled, so a stop that finds one
 * does not close it. */
static void
a_call_in_flight_keeps_its_connection(void **state)
{
    (void)state;
    struct caller a;
    int n = 0;
    house_open(&house, NULL, NULL, NULL);
    a = (struct caller){.client = house.client, .number = 7};
    caller_start(&a);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    wf_conns_each(&house.server->conns, see, &n);
    assert_int_equal(n, 1);
    struct wf_sock *s = wf_sock_ref(only);
    assert_non_null(s);
    assert_false(wf_server_conn_is_settled(s->owner));
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&a);
    AWAIT(wf_server_conn_is_settled(s->owner));
    wf_sock_unref(s);
    house_close(&house);
}

/* A oneway call that was accepted runs, although no caller waits for it. */
static void
oneway_calls_run(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    for (int i = 0; i < 100; i++) {
        struct trial_note_args note = {.number = i};
        MUST(!trial_Trial_note(house.client, &arena, &note, NULL));
    }
    must_work(&house); /* sent last, so all of them have been cut */
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    assert_int_equal(wf_load(&house.trial.noted, acquire), 100);
    free_house();
    weft_arena_fini(&arena);
}

/* One peer keeps its end open, and one is in the middle of a message. */
static void
peers_that_stay_do_not_hold_it_up(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    struct bytes b = {0};
    struct reply r;
    put_add(&b, true, 1, 1, 1);
    int idle = wire_dial(house_port(&house));
    int partial = wire_dial(house_port(&house));
    MUST(wire_send(idle, b.ptr, b.len) && wire_reply(idle, true, &r));
    MUST(wire_send(partial, b.ptr, 10));
    struct weft_server_stats stats;
    do
        weft_server_get_stats(house.server, &stats);
    while (stats.connections < 2 && !weft_sleep_ms(1));
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    /* These connections had no call in flight, so the stop did not have to
     * force their end. */
    weft_server_get_stats(house.server, &stats);
    assert_int_equal(stats.closed.forced, 0);
    assert_int_equal(stats.closed.stopped, 2);
    assert_true(wire_ends(idle));
    assert_true(wire_ends(partial));
    close(idle);
    close(partial);
    bytes_free(&b);
    free_house();
}

/* A stop waits until a slow peer has read its large reply. */
static void
a_large_reply_leaves_first(void **state)
{
    (void)state;
    struct stopper s;
    house_open(&house, NULL, NULL, NULL);
    struct bytes b = {0};
    put_large(&b, 9, 12 << 20);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.executed, acquire) == 1);
    stop_begins(&s, weft_after_ms(LONG_MS));
    AWAIT(wf_load(&house.server->stopping, acquire));
    MUST(!weft_sleep_ms(1300)); /* longer than the stop lingers */
    uint8_t *reply = malloc(13 << 20), head[4];
    assert_true(wire_recv(fd, head, 4));
    size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    assert_in_range(len, 12 << 20, (12 << 20) + 64);
    assert_true(wire_recv(fd, reply, len));
    assert_true(wire_ends(fd));
    close(fd);
    stop_ends(&s, WEFT_OK);
    free(reply);
    bytes_free(&b);
    free_house();
}

static void
count_queued(struct wf_sock *s, void *sum)
{
    *(size_t *)sum += wf_load(&s->queued, relaxed);
}

/* The kernel has the reply, and the peer does not take it. Then the time-out of
 * the lingering close ends the stop, which has no deadline. */
static void
a_peer_that_reads_nothing_is_left(void **state)
{
    struct bytes b = {0};
    struct stopper s;
    struct weft_server_stats stats;
    size_t queued;
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    int fd = wire_dial(house_port(&house)), size = 4096;
    MUST(!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
    put_large(&b, 1, 100000);
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.executed, acquire) == 1);
    AWAIT((weft_server_get_stats(house.server, &stats),
           stats.calls_in_flight == 0));
    AWAIT((queued = 0,
           wf_conns_each(&house.server->conns, count_queued, &queued),
           queued == 0));
    stop_begins(&s, WEFT_NEVER);
    stop_ends(&s, WEFT_OK);
    close(fd);
    bytes_free(&b);
    free_house();
}

static void
detached_calls_are_waited_for(void **state)
{
    (void)state;
    struct weft_arena arena;
    weft_arena_init(&arena, 0);
    house_open(&house, NULL, NULL, NULL);
    struct bytes b = {0};
    struct reply r;
    size_t from = frame_begin(&b);
    put_head(&b, WEFT_CALL, "later", 3);
    put8(&b, WEFT_I64);
    put16(&b, 1);
    put64(&b, 33);
    put8(&b, WEFT_I32);
    put16(&b, 2);
    put32(&b, 60);
    put8(&b, 0);
    frame_end(&b, from);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.executed, acquire) == 1);
    assert_int_equal(weft_server_stop(house.server), WEFT_OK);
    assert_true(wire_reply(fd, true, &r));
    assert_int_equal(r.value, 33);
    close(fd);
    bytes_free(&b);
    free_house();
    weft_arena_fini(&arena);
}

/* Servers are stopped and started on one port while a client makes calls. */
static void
a_restart_is_survived(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    for (int i = 0; i < 5; i++) {
        must_work(&house);
        assert_int_equal(weft_server_stop(house.server), WEFT_OK);
        weft_server_free(house.server);
        house.server = trial_server(&house.trial, NULL);
        MUST(!weft_server_listen(house.server, house.address));
        MUST(!weft_server_start(house.server));
        int64_t sum;
        AWAIT(call_add(house.client, 1, 1, &sum) == WEFT_OK);
    }
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_in_flight),
        cmocka_unit_test(a_connection_that_comes_during_a_stop_ends),
        cmocka_unit_test(a_free_stops_it),
        cmocka_unit_test(never_started),
        cmocka_unit_test(calls_in_flight_are_answered),
        cmocka_unit_test(the_bound_cancels),
        cmocka_unit_test(two_stops_at_once_both_wait),
        cmocka_unit_test(the_earlier_of_two_deadlines_counts),
        cmocka_unit_test(a_call_in_flight_keeps_its_connection),
        cmocka_unit_test(oneway_calls_run),
        cmocka_unit_test(peers_that_stay_do_not_hold_it_up),
        cmocka_unit_test(a_large_reply_leaves_first),
        cmocka_unit_test(a_peer_that_reads_nothing_is_left),
        cmocka_unit_test(detached_calls_are_waited_for),
        cmocka_unit_test(a_restart_is_survived),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
