/* SPDX-License-Identifier: MIT */
#include "fibers.h"
#include "waiting.h"

#include <sys/socket.h>
#include <unistd.h>

static struct weft_chan *a, *b;

static struct weft_select_case
receive(struct weft_chan *chan, int *item)
{
    return (struct weft_select_case){
        .kind = WEFT_SELECT_RECV, .chan = chan, .item = item};
}

static struct weft_select_case
sending(struct weft_chan *chan, int *item)
{
    return (struct weft_select_case){
        .kind = WEFT_SELECT_SEND, .chan = chan, .item = item};
}

static struct weft_select_case
readable(int fd)
{
    return (struct weft_select_case){
        .kind = WEFT_SELECT_FD, .fd = fd, .events = WEFT_FD_READ};
}

static void
open_both(uint32_t capacity)
{
    CHECK(weft_chan_new(sizeof(int), capacity, &a) == WEFT_OK);
    CHECK(weft_chan_new(sizeof(int), capacity, &b) == WEFT_OK);
}

static void
free_both(void)
{
    weft_chan_free(a);
    weft_chan_free(b);
}

/* A select that waits, on a fiber of its own. */
struct selecter {
    struct weft_select_case cases[4];
    uint32_t n;
    uint64_t deadline_ns;
    int found;
    weft_fiber fiber;
};

static void
run_select(void *arg)
{
    struct selecter *s = arg;
    s->found = weft_select_until(s->cases, s->n, s->deadline_ns);
}

static void
start_select(struct selecter *s)
{
    s->deadline_ns = weft_after_ms(LONG_MS);
    s->fiber = spawn(run_select, s);
    WAIT_FOR(waits_for(s->fiber) == WEFT_WAIT_SELECT);
}

static int
end_select(struct selecter *s)
{
    CHECK(weft_fiber_join(s->fiber) == WEFT_OK);
    return s->found;
}

static void
what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    int item = 0;
    struct weft_select_case c[WEFT_SELECT_MAX + 1];
    open_both(1);
    for (int i = 0; i <= WEFT_SELECT_MAX; i++)
        c[i] = sending(a, &item);
    assert_int_equal(weft_select_until(c, 0, 0), -EINVAL);
    assert_int_equal(weft_select_until(c, WEFT_SELECT_MAX + 1, 0), -EINVAL);
    int found = weft_select_until(c, WEFT_SELECT_MAX, 0);
    assert_true(found >= 0 && found < 64);
    c[0] = (struct weft_select_case){.kind = WEFT_SELECT_RECV, .item = &item};
    assert_int_equal(weft_select_until(c, 1, 0), -EINVAL);
    c[0] = receive(a, NULL);
    assert_int_equal(weft_select_until(c, 1, 0), -EINVAL);
    c[0] = (struct weft_select_case){.kind = WEFT_SELECT_FD, .fd = 0};
    assert_int_equal(weft_select_until(c, 1, 0), -EINVAL);
    c[0] = (struct weft_select_case){.kind = WEFT_SELECT_FD + 1};
    assert_int_equal(weft_select_until(c, 1, 0), -EINVAL);
    c[0] = (struct weft_select_case){0}; /* never happens */
    assert_int_equal(weft_select_until(c, 1, weft_after_ms(1)), WEFT_ETIMEOUT);
    free_both();
}

/* Of 64 cases one is ready, and each case is the ready one once. */
static void
each_case_is_found(void **state)
{
    (void)state;
    struct weft_chan *chans[WEFT_SELECT_MAX];
    struct weft_select_case c[WEFT_SELECT_MAX];
    int items[WEFT_SELECT_MAX];
    for (int i = 0; i < WEFT_SELECT_MAX; i++) {
        assert_int_equal(weft_chan_new(sizeof(int), 1, &chans[i]), WEFT_OK);
        c[i] = receive(chans[i], &items[i]);
    }
    for (int i = 0; i < WEFT_SELECT_MAX; i++) {
        assert_int_equal(weft_select_until(c, WEFT_SELECT_MAX, 0),
                         WEFT_ETIMEOUT);
        assert_int_equal(weft_chan_send(chans[i], &i), WEFT_OK);
        assert_int_equal(weft_select_until(c, WEFT_SELECT_MAX, 0), i);
        assert_int_equal(items[i], i);
        assert_int_equal(c[i].err, WEFT_OK);
    }
    for (int i = 0; i < WEFT_SELECT_MAX; i++)
        weft_chan_free(chans[i]);
}

static void
each_case_is_waited_for(void **state)
{
    (void)state;
    for (uint32_t capacity = 0; capacity < 2; capacity++) {
        for (int i = 0; i < 2; i++) {
            int in = 7 + i, out[2] = {0, 0};
            open_both(capacity);
            struct selecter s = {
                .n = 2, .cases = {receive(a, &out[0]), receive(b, &out[1])}};
            start_select(&s);
            assert_int_equal(weft_chan_send(i ? b : a, &in), WEFT_OK);
            assert_int_equal(end_select(&s), i);
            assert_int_equal(s.cases[i].err, WEFT_OK);
            assert_int_equal(out[i], 7 + i);
            assert_int_equal(out[!i], 0);
            /* the select has left both queues */
            assert_int_equal(weft_chan_send_until(i ? a : b, &in, 0),
                             capacity ? WEFT_OK : WEFT_ETIMEOUT);
            free_both();
        }
    }
}

static void
sends_wait_too(void **state)
{
    (void)state;
    for (uint32_t capacity = 0; capacity < 2; capacity++) {
        int one = 1, two = 2, out = 0;
        open_both(capacity);
        for (uint32_t i = 0; i < capacity; i++) { /* now both are full */
            CHECK(weft_chan_send(a, &one) == WEFT_OK);
            CHECK(weft_chan_send(b, &one) == WEFT_OK);
        }
        struct selecter s = {.n = 2,
                             .cases = {sending(a, &one), sending(b, &two)}};
        start_select(&s);
        assert_int_equal(weft_chan_recv(b, &out), WEFT_OK);
        assert_int_equal(end_select(&s), 1);
        assert_int_equal(out, capacity ? 1 : 2);
        if (capacity) /* b has the second item */
            assert_int_equal(weft_chan_recv(b, &out), WEFT_OK);
        assert_int_equal(out, 2);
        assert_int_equal(weft_chan_recv_until(b, &out, 0), WEFT_ETIMEOUT);
        if (capacity)
            assert_int_equal(weft_chan_recv(a, &out), WEFT_OK);
        assert_int_equal(weft_chan_recv_until(a, &out, 0), WEFT_ETIMEOUT);
        free_both();
    }
}

static void
a_select_meets_a_select(void **state)
{
    (void)state;
    int in[2] = {5, 6}, out[2] = {0, 0};
    open_both(0);
    struct selecter s = {.n = 2, .cases = {sending(a, &in[0]), sending(b, in)}};
    start_select(&s);
    struct weft_select_case c[] = {receive(b, &out[0]), receive(b, &out[1])};
    int found = weft_select(c, 2);
    assert_in_range(found, 0, 1);
    assert_int_equal(out[found], 5);
    assert_int_equal(out[!found], 0);
    assert_int_equal(end_select(&s), 1);
    free_both();
}

/* A select that sends and receives on the same channel does not receive its own
 * item. */
static void
nobody_meets_himself(void **state)
{
    (void)state;
    int in = 3, out = 0, other = 4;
    open_both(0);
    struct weft_select_case c[] = {sending(a, &in), receive(a, &out)};
    assert_int_equal(weft_select_until(c, 2, weft_after_ms(1)), WEFT_ETIMEOUT);
    struct selecter s = {.n = 2, .cases = {sending(a, &in), receive(a, &out)}};
    start_select(&s);
    assert_int_equal(weft_chan_send(a, &other), WEFT_OK);
    assert_int_equal(end_select(&s), 1);
    assert_int_equal(out, 4);
    start_select(&s);
    assert_int_equal(weft_chan_recv(a, &other), WEFT_OK);
    assert_int_equal(end_select(&s), 0);
    assert_int_equal(other, 3);
    free_both();
}

static void
a_closed_channel_is_ready(void **state)
{
    (void)state;
    int item = 1, out = 0;
    open_both(1);
    struct selecter s = {.n = 2, .cases = {receive(a, &out), receive(b, &out)}};
    start_select(&s);
    weft_chan_close(b);
    assert_int_equal(end_select(&s), 1);
    assert_int_equal(s.cases[1].err, WEFT_ECLOSED);
    assert_int_equal(weft_chan_send(a, &item), WEFT_OK); /* now a is full */
    s = (struct selecter){.n = 1, .cases = {sending(a, &item)}};
    start_select(&s);
    weft_chan_close(a);
    assert_int_equal(end_select(&s), 0);
    assert_int_equal(s.cases[0].err, WEFT_ECLOSED);
    struct weft_select_case send[] = {sending(a, &item)};
    assert_int_equal(weft_select(send, 1), 0);
    assert_int_equal(send[0].err, WEFT_ECLOSED);
    struct weft_select_case recv[] = {receive(a, &out)};
    /* a closed channel keeps its items */
    assert_int_equal(weft_select(recv, 1), 0);
    assert_int_equal(recv[0].err, WEFT_OK);
    assert_int_equal(out, 1);
    assert_int_equal(weft_select(recv, 1), 0);
    assert_int_equal(recv[0].err, WEFT_ECLOSED);
    free_both();
}

static void
cancel_itself(void *arg)
{
    int out = 0, in = 9;
    struct weft_select_case c[] = {receive(a, &out), receive(b, &out)};
    (void)arg;
    CHECK(weft_select_until(c, 2, weft_after_ms(1)) == WEFT_ETIMEOUT);
    CHECK(weft_select_until(c, 2, weft_now_ns()) == WEFT_ETIMEOUT);
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_select(c, 2) == WEFT_ECANCEL);
    CHECK(weft_select_until(c, 2, 0) == WEFT_ETIMEOUT);
    CHECK(weft_chan_send(b, &in) == WEFT_OK);
    CHECK(weft_select(c, 2) == 1 && out == 9); /* needs no wait */
    weft_shield_begin();
    CHECK(weft_select_until(c, 2, weft_after_ms(1)) == WEFT_ETIMEOUT);
    weft_shield_end();
}

static void
deadlines_and_cancels_end_it(void **state)
{
    (void)state;
    int out;
    open_both(1);
    run_fiber(cancel_itself, NULL);
    struct weft_select_case c[] = {receive(a, &out), receive(b, &out)};
    assert_int_equal(weft_select_until(c, 2, weft_after_ms(2)), WEFT_ETIMEOUT);
    struct selecter s = {.n = 2, .cases = {receive(a, &out), receive(b, &out)}};
    start_select(&s);
    weft_fiber_cancel(s.fiber);
    assert_int_equal(end_select(&s), WEFT_ECANCEL);
    free_both();
}

/* Every ready case is chosen sometimes, whatever its place. */
static void
ready_cases_take_turns(void **state)
{
    (void)state;
    int found[5] = {0}, item = 0;
    open_both(1);
    for (int i = 0; i < 5000; i++) {
        struct weft_select_case c[5];
        for (int k = 0; k < 5; k++)
            c[k] = sending(a, &item);
        int chosen = weft_select_until(c, 5, 0);
        assert_in_range(chosen, 0, 4);
        found[chosen]++;
        assert_int_equal(weft_chan_recv(a, &item), WEFT_OK);
    }
    for (int k = 0; k < 5; k++)
        assert_in_range(found[k], 500, 2000);
    free_both();
}

/* ---- descriptors ---- */

/* The number that the next descriptor will get. It grows if a descriptor stays
 * open. */
static int
next_fd(void)
{
    int fd = dup(0);
    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static void
a_descriptor_is_a_case(void **state)
{
    (void)state;
    int fds[2], out = 0, in = 1, first_free = 0;
    char byte;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds),
                     0);
    open_both(0);
    struct selecter s = {.n = 3,
                         .cases = {receive(a, &out), readable(fds[0]),
                                   /* the same descriptor in two cases */
                                   readable(fds[0])}};
    for (int round = 0; round < 3; round++) {
        start_select(&s);
        assert_int_equal(write(fds[1], "x", 1), 1);
        assert_in_range(end_select(&s), 1, 2);
        assert_int_equal(s.cases[s.found].found, WEFT_FD_READ);
        assert_int_equal(s.cases[s.found].err, WEFT_OK);
        /* the descriptor is still ready */
        assert_int_equal(weft_select(&s.cases[1], 1), 0);
        assert_int_equal(read(fds[0], &byte, 1), 1);
        start_select(&s);
        assert_int_equal(weft_chan_send(a, &in), WEFT_OK);
        assert_int_equal(end_select(&s), 0);
        assert_int_equal(weft_select_until(s.cases, 3, 0), WEFT_ETIMEOUT);
        assert_int_equal(weft_select_until(s.cases, 3, weft_after_ms(1)),
                         WEFT_ETIMEOUT);
        if (round == 0)
            first_free = next_fd();
        assert_int_equal(next_fd(), first_free);
    }
    s.cases[0] = (struct weft_select_case){
        .kind = WEFT_SELECT_FD, .fd = fds[0], .events = WEFT_FD_WRITE};
    assert_int_equal(weft_select(s.cases, 3), 0);
    assert_int_equal(s.cases[0].found, WEFT_FD_WRITE);
    close(fds[1]);
    close(fds[0]);
    s.cases[0] = receive(a, &out);
    int bad = weft_select(s.cases, 3);
    assert_in_range(bad, 1, 2); /* fds[0] is not open */
    assert_int_equal(s.cases[bad].err, -EBADF);
    free_both();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(each_case_is_found),
        cmocka_unit_test(each_case_is_waited_for),
        cmocka_unit_test(sends_wait_too),
        cmocka_unit_test(a_select_meets_a_select),
        cmocka_unit_test(nobody_meets_himself),
        cmocka_unit_test(a_closed_channel_is_ready),
        cmocka_unit_test(deadlines_and_cancels_end_it),
        cmocka_unit_test(ready_cases_take_turns),
        cmocka_unit_test(a_descriptor_is_a_case),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
