/* SPDX-License-Identifier: MIT */
/*
 * A batch runs in place until a handler waits or holds its worker. Then another
 * fiber runs the rest at once.
 */
#include "rpc_test.h"

#include <sched.h>

static struct house house;
static struct bytes b;
static _Atomic uint64_t seen; /* handlers that had begun before the last add */

static weft_err
add_and_see(struct weft_call *call, const struct trial_add_args *args,
            struct trial_add_result *result)
{
    wf_store(&seen, wf_load(&house.trial.executed, relaxed), relaxed);
    return trial_table.add(call, args, result);
}

static int
open_house_that_sees(void **state)
{
    static struct trial_Trial_service table;
    (void)state;
    table = trial_table;
    table.add = add_and_see;
    house_open_with(&house, &table, NULL);
    b = (struct bytes){0};
    return 0;
}

static int
open_house(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
    b = (struct bytes){0};
    return 0;
}

static int
close_house(void **state)
{
    (void)state;
    must_work(&house);
    house_close(&house);
    bytes_free(&b);
    return 0;
}

/* Replies come in the order of the calls while no handler waits. Only another
 * worker that finds this one stuck may change that, so there is only one worker
 * here. */
static void
in_place_and_in_order(void **state)
{
    enum { N = 100, TURNS = 100 };
    struct reply r;
    (void)state;
    for (int i = 0; i < N; i++)
        put_add(&b, true, i, i, 1);
    int fd = wire_dial(house_port(&house));
    for (int turn = 0; turn < TURNS; turn++) {
        MUST(wire_send(fd, b.ptr, b.len));
        for (int i = 0; i < N; i++) {
            MUST(wire_reply(fd, true, &r));
            assert_int_equal(r.seqid, i);
        }
    }
    close(fd);
}

static void
one_that_waits_lets_the_rest_go_on(void **state)
{
    (void)state;
    put_number(&b, true, WEFT_CALL, "gate", 1000, 5);
    for (int i = 0; i < 50; i++)
        put_add(&b, true, i, i, 1);
    put_number(&b, true, WEFT_CALL, "gate", 1001, 6);
    for (int i = 50; i < 60; i++)
        put_add(&b, true, i, i, 1);
    int fd = wire_dial(house_port(&house));
    struct reply r;
    MUST(wire_send(fd, b.ptr, b.len));
    for (int i = 0; i < 60; i++) {
        assert_true(wire_reply(fd, true, &r));
        assert_in_range(r.seqid, 0, 59);
        assert_int_equal(r.value, r.seqid + 1);
    }
    weft_sem_give(&house.trial.gate, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(wire_reply(fd, true, &r));
        assert_in_range(r.seqid, 1000, 1001);
    }
    close(fd);
}

static char narrow_path[64];

static int
open_narrow_house(void **state)
{
    const struct weft_server_options options = {.max_queued = 1};
    char address[80];
    (void)state;
    snprintf(narrow_path, sizeof narrow_path, "/tmp/weft-batch-%d",
             (int)getpid());
    snprintf(address, sizeof address, "unix:%s", narrow_path);
    house_open(&house, address, &options, NULL);
    b = (struct bytes){0};
    return 0;
}

static uint32_t
calls_in_flight(void)
{
    struct weft_server_stats stats;
    weft_server_get_stats(house.server, &stats);
    return stats.calls_in_flight;
}

/* A call waits while its batch goes on, and the replies of the others fill the
 * queue. The call is answered all the same, because it began when there was
 * room. */
static void
a_full_queue_takes_the_answer_of_one_that_waited(void **state)
{
    enum { SIZE = 4 << 20 }; /* more than the kernel buffers */
    (void)state;
    put_number(&b, true, WEFT_CALL, "gate", 1000, 5);
    put_large(&b, 1, SIZE);
    int fd = wire_dial_unix(narrow_path);
    struct reply r;
    uint8_t head[4], *reply = malloc(SIZE + 64);
    MUST(wire_send(fd, b.ptr, b.len));
    MUST(reply && wire_recv(fd, head, 4)); /* of `large`; the rest is queued */
    weft_sem_give(&house.trial.gate, 1);
    AWAIT(calls_in_flight() == 0);
    size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    assert_true(wire_recv(fd, reply, len));
    assert_true(wire_reply(fd, true, &r));
    assert_int_equal(r.seqid, 1000);
    free(reply);
    close(fd);
}

/* With one worker, other connections need not wait until a long batch of one
 * connection has ended. */
static void
other_connections_run_between_messages(void **state)
{
    enum { N = 60 };
    struct reply r;
    (void)state;
    put_hog(&b, 0, -1); /* holds the worker until the other call has come */
    for (int i = 1; i < N; i++)
        put_hog(&b, i, 5);
    int fd = wire_dial(house_port(&house)), other;
    other = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    while (wf_load(&house.trial.executed, acquire) == 0)
        sched_yield();
    b.len = 0;
    put_add(&b, true, 1, 1, 2);
    MUST(wire_send(other, b.ptr, b.len));
    wf_store(&house.trial.let_go, true, release);
    MUST(wire_reply(other, true, &r));
    assert_in_range(wf_load(&seen, relaxed), 1, N - 1);
    for (int i = 0; i < N; i++)
        MUST(wire_reply(fd, true, &r));
    close(fd);
    close(other);
}

/* A handler that holds its thread until the test releases it delays neither the
 * rest of its batch nor other connections. */
static void
a_hog_delays_nobody(void **state)
{
    struct reply r;
    (void)state;
    int fd = wire_dial(house_port(&house));
    put_hog(&b, 1000, -1);
    for (int i = 0; i < 10; i++)
        put_add(&b, true, i, i, 1);
    MUST(wire_send(fd, b.ptr, b.len));
    for (int i = 0; i < 10; i++) {
        MUST(wire_reply(fd, true, &r));
        assert_in_range(r.seqid, 0, 9);
    }
    for (int i = 0; i < 10; i++)
        must_work(&house);
    assert_int_equal(wf_load(&house.trial.inside, acquire), 1);
    wf_store(&house.trial.let_go, true, release);
    MUST(wire_reply(fd, true, &r));
    assert_int_equal(r.seqid, 1000);
    close(fd);
}

static void
wait_for_a_byte(void *arg)
{
    const int *fd = arg;
    MUST(weft_fd_wait_until(*fd, WEFT_FD_READ, weft_after_ms(LONG_MS)) ==
         WEFT_FD_READ);
}

/* A fiber that waits for another library's descriptor runs while a handler
 * holds a worker. */
static void
a_hog_does_not_delay_fd_wait(void **state)
{
    struct reply r;
    (void)state;
    int fd = wire_dial(house_port(&house)), pipes[2];
    weft_fiber fiber;
    MUST(!pipe(pipes));
    MUST(!weft_fiber_start(wait_for_a_byte, &pipes[0], &fiber));
    put_hog(&b, 1, -1);
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    MUST(write(pipes[1], "x", 1) == 1);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(wf_load(&house.trial.inside, acquire), 1);
    wf_store(&house.trial.let_go, true, release);
    MUST(wire_reply(fd, true, &r));
    close(pipes[0]);
    close(pipes[1]);
    close(fd);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
    const struct CMUnitTest alone[] = {
        TEST(in_place_and_in_order),
        cmocka_unit_test_setup_teardown(other_connections_run_between_messages,
                                        open_house_that_sees, close_house)};
    const struct CMUnitTest tests[] = {
        TEST(one_that_waits_lets_the_rest_go_on),
        cmocka_unit_test_setup_teardown(
            a_full_queue_takes_the_answer_of_one_that_waited, open_narrow_house,
            close_house),
        TEST(a_hog_delays_nobody),
        TEST(a_hog_does_not_delay_fd_wait),
    };
    int failed = cmocka_run_group_tests(alone, start_one_worker, stop_workers);
    return failed + cmocka_run_group_tests(tests, start_workers, stop_workers);
}
