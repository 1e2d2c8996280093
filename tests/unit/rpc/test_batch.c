/* SPDX-License-Identifier: MIT */
/*
 * A batch runs in place until a handler waits or holds its worker. Then another
 * fiber runs the rest at once.
 */
#include "rpc_test.h"

#define MS 1000000u
/* A sanitizer, or five other programs on two cores, may be slow. */
#define SOON (50 * (uint64_t)MS)

static struct house house;
static struct bytes b;

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

static void
put_hog(int32_t seqid, uint32_t ms)
{
    size_t from = frame_begin(&b);
    put_head(&b, WEFT_CALL, "hog", seqid);
    put8(&b, WEFT_I64);
    put16(&b, 1);
    put64(&b, (uint64_t)seqid);
    put8(&b, WEFT_I32);
    put16(&b, 2);
    put32(&b, ms);
    put8(&b, 0);
    frame_end(&b, from);
}

/* Replies come in the order of the calls while no handler waits. If its thread
 * is preempted, the batch may be stolen and replies overtake it; so one of many
 * turns has to be in order. */
static void
in_place_and_in_order(void **state)
{
    (void)state;
    enum { N = 100 };
    for (int i = 0; i < N; i++)
        put_add(&b, true, i, i, 1);
    int fd = wire_dial(house_port(&house)), out_of_order = N;
    struct reply r;
    for (int turn = 0; turn < 1000 && out_of_order > 0; turn++) {
        out_of_order = 0;
        MUST(wire_send(fd, b.ptr, b.len));
        for (int i = 0; i < N; i++) {
            MUST(wire_reply(fd, true, &r));
            out_of_order += r.seqid != i;
        }
    }
    assert_int_equal(out_of_order, 0);
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

/* The best of some tries: the machine may be busy, the library may not. */
static void
a_hog_delays_nobody(void **state)
{
    (void)state;
    uint64_t best_same = UINT64_MAX, best_other = UINT64_MAX;
    must_work(&house);
    for (int turn = 0; turn < 5; turn++) {
        struct reply r;
        int fd = wire_dial(house_port(&house));
        b.len = 0;
        put_hog(1000, 200);
        for (int i = 0; i < 10; i++)
            put_add(&b, true, i, i, 1);
        uint64_t begun = weft_now_ns();
        MUST(wire_send(fd, b.ptr, b.len));
        for (int i = 0; i < 10; i++) {
            MUST(wire_reply(fd, true, &r));
            if (r.seqid == 1000)
                break;
        }
        best_same = WF_MIN(best_same, weft_now_ns() - begun);
        uint64_t most = 0;
        while (r.seqid != 1000 && weft_now_ns() - begun < 150 * MS) {
            uint64_t then = weft_now_ns();
            must_work(&house);
            most = WF_MAX(most, weft_now_ns() - then);
        }
        best_other = WF_MIN(best_other, most);
        while (r.seqid != 1000)
            MUST(wire_reply(fd, true, &r));
        close(fd);
    }
    assert_in_range(best_same, 0, SOON);
    assert_in_range(best_other, 0, SOON);
}

static void
wait_for_a_byte(void *arg)
{
    const int *fd = arg;
    MUST(weft_fd_wait_until(*fd, WEFT_FD_READ, weft_after_ms(LONG_MS)) ==
         WEFT_FD_READ);
}

/* A descriptor of another library is as prompt, beside a hog. */
static void
a_hog_does_not_delay_fd_wait(void **state)
{
    (void)state;
    uint64_t best = UINT64_MAX;
    put_hog(1, 200);
    for (int turn = 0; turn < 5; turn++) {
        int fd = wire_dial(house_port(&house)), pipes[2];
        struct reply r;
        weft_fiber fiber;
        MUST(!pipe(pipes));
        MUST(!weft_fiber_start(wait_for_a_byte, &pipes[0], &fiber));
        MUST(wire_send(fd, b.ptr, b.len));
        AWAIT(wf_load(&house.trial.inside, acquire) == 1);
        uint64_t begun = weft_now_ns();
        MUST(write(pipes[1], "x", 1) == 1);
        MUST(!weft_fiber_join(fiber));
        best = WF_MIN(best, weft_now_ns() - begun);
        MUST(wire_reply(fd, true, &r));
        close(pipes[0]);
        close(pipes[1]);
        close(fd);
    }
    assert_in_range(best, 0, SOON);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(in_place_and_in_order),
        TEST(one_that_waits_lets_the_rest_go_on),
        TEST(a_hog_delays_nobody),
        TEST(a_hog_does_not_delay_fd_wait),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
