/* SPDX-License-Identifier: MIT */
#include "fibers.h"

static struct weft_chan *chan;

static void
sizes_have_limits(void **state)
{
    (void)state;
    assert_int_equal(weft_chan_new(0, 1, &chan), -EINVAL);
    assert_null(chan);
    assert_int_equal(weft_chan_new(65537, 1, &chan), -EINVAL);
    assert_int_equal(weft_chan_new(65536, 2, &chan), 0);
    weft_chan_free(chan);
    weft_chan_free(NULL);
}

static void
items_of_any_size_arrive_whole(void **state)
{
    (void)state;
    static uint8_t in[65536], out[65536];
    const size_t sizes[] = {1, 3, 8, 100, 4096, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_int_equal(weft_chan_new(sizes[i], 3, &chan), 0);
        for (int n = 0; n < 10; n++) { /* around the ring, two at a time */
            for (int k = 0; k < 2; k++) {
                memset(in, n * 2 + k, sizes[i]);
                assert_int_equal(weft_chan_send(chan, in), WEFT_OK);
            }
            for (int k = 0; k < 2; k++) {
                memset(in, n * 2 + k, sizes[i]);
                assert_int_equal(weft_chan_recv(chan, out), WEFT_OK);
                assert_memory_equal(in, out, sizes[i]);
            }
        }
        weft_chan_free(chan);
    }
}

static void
full_and_empty(void *arg)
{
    int value = 1;
    uint32_t capacity = *(uint32_t *)arg;
    CHECK(weft_chan_recv_until(chan, &value, 0) == WEFT_ETIMEOUT);
    CHECK(weft_chan_recv_until(chan, &value, weft_after_ms(1)) ==
          WEFT_ETIMEOUT);
    for (uint32_t i = 0; i < capacity; i++)
        CHECK(weft_chan_send_until(chan, &value, 0) == WEFT_OK);
    CHECK(weft_chan_send_until(chan, &value, 0) == WEFT_ETIMEOUT);
    CHECK(weft_chan_send_until(chan, &value, weft_after_ms(1)) ==
          WEFT_ETIMEOUT);
    for (uint32_t i = 0; i < capacity; i++)
        CHECK(weft_chan_recv_until(chan, &value, 0) == WEFT_OK);
    if (!weft_fiber_self().id)
        return;
    weft_fiber_cancel(weft_fiber_self());
    CHECK(weft_chan_recv(chan, &value) == WEFT_ECANCEL);
    for (uint32_t i = 0; i < capacity; i++) /* needs no wait */
        CHECK(weft_chan_send(chan, &value) == WEFT_OK);
    CHECK(weft_chan_send(chan, &value) == WEFT_ECANCEL);
    for (uint32_t i = 0; i < capacity; i++)
        CHECK(weft_chan_recv(chan, &value) == WEFT_OK);
}

static void
a_channel_is_full_or_empty(void **state)
{
    (void)state;
    for (uint32_t capacity = 0; capacity < 4; capacity++) {
        assert_int_equal(weft_chan_new(sizeof(int), capacity, &chan), 0);
        run_fiber(full_and_empty, &capacity);
        full_and_empty(&capacity);
        weft_chan_free(chan);
    }
}

#define ITEMS 2000

static void
send_all(void *arg)
{
    (void)arg;
    for (int i = 0; i < ITEMS; i++)
        CHECK(weft_chan_send(chan, &i) == WEFT_OK);
}

static void
one_sender_is_in_order(void **state)
{
    (void)state;
    for (uint32_t capacity = 0; capacity < 20; capacity += 9) {
        int got = -1;
        assert_int_equal(weft_chan_new(sizeof(int), capacity, &chan), 0);
        weft_fiber sender = spawn(send_all, NULL);
        for (int i = 0; i < ITEMS; i++) {
            assert_int_equal(weft_chan_recv(chan, &got), WEFT_OK);
            assert_int_equal(got, i);
        }
        assert_int_equal(weft_fiber_join(sender), WEFT_OK);
        weft_chan_free(chan);
    }
}

static _Atomic int waiters, turned_away;

static void
send_until_closed(void *arg)
{
    int value = 5;
    (void)arg;
    wf_add(&waiters, 1, relaxed);
    if (weft_chan_send(chan, &value) == WEFT_ECLOSED)
        wf_add(&turned_away, 1, relaxed);
}

static void
recv_until_closed(void *arg)
{
    int value;
    (void)arg;
    wf_add(&waiters, 1, relaxed);
    CHECK(weft_chan_recv(chan, &value) == WEFT_ECLOSED);
    wf_add(&turned_away, 1, relaxed);
}

static void
close_turns_senders_away_but_keeps_items(void **state)
{
    (void)state;
    weft_fiber fibers[10];
    int value = 0;
    waiters = turned_away = 0;
    assert_int_equal(weft_chan_new(sizeof(int), 4, &chan), 0);
    for (int i = 0; i < 10; i++)
        fibers[i] = spawn(send_until_closed, NULL);
    WAIT_FOR(waiters == 10);
    /* The close refuses fibers that do not wait yet, too. */
    weft_chan_close(chan);
    weft_chan_close(chan);
    for (int i = 0; i < 10; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_in_range(turned_away, 6, 10);
    assert_int_equal(weft_chan_send(chan, &value), WEFT_ECLOSED);
    for (int i = turned_away; i < 10; i++) {
        assert_int_equal(weft_chan_recv(chan, &value), WEFT_OK);
        assert_int_equal(value, 5);
    }
    assert_int_equal(weft_chan_recv(chan, &value), WEFT_ECLOSED);
    assert_int_equal(weft_chan_recv_until(chan, &value, 0), WEFT_ECLOSED);
    weft_chan_free(chan);
}

static void
close_turns_receivers_away(void **state)
{
    (void)state;
    weft_fiber fibers[10];
    waiters = turned_away = 0;
    assert_int_equal(weft_chan_new(sizeof(int), 0, &chan), 0);
    for (int i = 0; i < 10; i++)
        fibers[i] = spawn(recv_until_closed, NULL);
    WAIT_FOR(waiters == 10);
    weft_chan_close(chan);
    for (int i = 0; i < 10; i++)
        assert_int_equal(weft_fiber_join(fibers[i]), WEFT_OK);
    assert_int_equal(turned_away, 10);
    weft_chan_free(chan);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_have_limits),
        cmocka_unit_test(items_of_any_size_arrive_whole),
        cmocka_unit_test(a_channel_is_full_or_empty),
        cmocka_unit_test(one_sender_is_in_order),
        cmocka_unit_test(close_turns_senders_away_but_keeps_items),
        cmocka_unit_test(close_turns_receivers_away),
    };
    return cmocka_run_group_tests(tests, two_workers, workers_stop);
}
