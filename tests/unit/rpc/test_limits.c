/* SPDX-License-Identifier: MIT */
/* The server's limits: what exceeds a limit gets an error or waits, and what
 * does not exceed it still works. */
#include "rpc_test.h"

static struct house house;

static void
let_out(uint32_t n)
{
    weft_sem_give(&house.trial.gate, n);
    AWAIT(wf_load(&house.trial.inside, acquire) == 0);
}

/* ---- connections ---- */

static void
too_many_connections(void **state)
{
    (void)state;
    struct weft_server_options options = {.max_connections = 3};
    house_open(&house, NULL, &options, NULL);
    must_work(&house);
    struct bytes b = {0};
    struct reply r;
    put_add(&b, true, 77, 1, 2);
    int good[2], more;
    for (int i = 0; i < 2; i++) {
        good[i] = wire_dial(house_port(&house));
        MUST(wire_send(good[i], b.ptr, b.len) && wire_reply(good[i], true, &r));
        assert_int_equal(r.type, WEFT_REPLY);
    }
    more = wire_dial(house_port(&house));
    MUST(wire_send(more, b.ptr, b.len));
    assert_true(wire_reply(more, true, &r)); /* an error, not silence */
    assert_int_equal(r.type, WEFT_EXCEPTION);
    assert_int_equal(r.seqid, 77);
    assert_non_null(strstr(r.text, "WEFT_ETOOMANYCONNS"));
    assert_true(wire_ends(more));
    close(more);
    must_work(&house);
    close(good[0]);
    struct weft_server_stats stats;
    do
        weft_server_get_stats(house.server, &stats);
    while (stats.connections > 2 && !weft_sleep_ms(1));
    assert_int_equal(stats.refused, 1);
    good[0] = wire_dial(house_port(&house));
    MUST(wire_send(good[0], b.ptr, b.len) && wire_reply(good[0], true, &r));
    assert_int_equal(r.type, WEFT_REPLY);
    close(good[0]);
    close(good[1]);
    bytes_free(&b);
    house_close(&house);
}

/* Silent connections above the limit are closed soon, so that other peers can
 * connect. */
static void
silent_ones_over_the_limit_go(void **state)
{
    (void)state;
    struct weft_server_options options = {.max_connections = 1,
                                          .read_timeout_ms = 50};
    house_open(&house, NULL, &options, NULL);
    must_work(&house);
    int silent[8];
    for (int i = 0; i < 8; i++)
        silent[i] = wire_dial(house_port(&house));
    for (int i = 0; i < 8; i++) {
        assert_true(wire_ends(silent[i]));
        close(silent[i]);
    }
    must_work(&house);
    house_close(&house);
}

/* ---- calls ---- */

static void
too_many_calls(void **state)
{
    (void)state;
    struct weft_server_options options = {.max_calls = 4};
    house_open(&house, NULL, &options, NULL);
    static struct caller callers[4];
    for (int i = 0; i < 4; i++) {
        callers[i] = (struct caller){.client = house.client};
        caller_start(&callers[i]);
    }
    AWAIT(wf_load(&house.trial.inside, acquire) == 4);
    int64_t sum;
    for (int i = 0; i < 10; i++)
        assert_int_equal(call_add(house.client, 1, 2, &sum),
                         WEFT_EOVERLOAD - WEFT_PEER);
    assert_true(weft_err_is_retryable(WEFT_EOVERLOAD - WEFT_PEER));
    weft_sem_give(&house.trial.gate, 4);
    for (int i = 0; i < 4; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_OK);
    }
    AWAIT(call_add(house.client, 1, 2, &sum) == WEFT_OK);
    struct weft_server_stats stats;
    weft_server_get_stats(house.server, &stats);
    assert_true(stats.overloads >= 10);
    house_close(&house);
}

/* The calls of one batch run one after the other, so they do not exceed the
 * limit. */
static void
a_batch_is_not_too_many_calls(void **state)
{
    (void)state;
    struct weft_server_options options = {.max_calls = 4};
    house_open(&house, NULL, &options, NULL);
    struct bytes b = {0};
    struct reply r;
    for (int i = 0; i < 100; i++)
        put_add(&b, true, i, i, i);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len)); /* one send, so one batch */
    for (int i = 0; i < 100; i++) {
        MUST(wire_reply(fd, true, &r));
        assert_int_equal(r.type, WEFT_REPLY);
    }
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

static void
too_many_calls_of_one_connection_wait(void **state)
{
    (void)state;
    struct weft_server_options options = {.max_calls_per_connection = 4};
    house_open(&house, NULL, &options, NULL);
    struct bytes b = {0};
    struct reply r;
    for (int i = 0; i < 100; i++)
        put_number(&b, true, WEFT_CALL, "gate", i, i);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.inside, acquire) == 4);
    must_work(&house); /* other connections are still served */
    bool seen[100] = {false};
    for (int i = 0; i < 100; i++) {
        weft_sem_give(&house.trial.gate, 1);
        MUST(wire_reply(fd, true, &r));
        assert_int_equal(r.type, WEFT_REPLY);
        assert_int_equal(r.value, r.seqid);
        assert_false(seen[r.seqid]);
        seen[r.seqid] = true;
    }
    assert_int_equal(wf_load(&house.trial.most_inside, relaxed), 4);
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

static void
a_limit_of_one_call_is_no_deadlock(void **state)
{
    (void)state;
    struct weft_server_options options = {.max_calls_per_connection = 1,
                                          .max_queued = 1};
    house_open(&house, NULL, &options, NULL);
    struct bytes b = {0};
    struct reply r;
    for (int i = 0; i < 300; i++)
        put_add(&b, true, i, i, 1);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    for (int i = 0; i < 300; i++) {
        MUST(wire_reply(fd, true, &r));
        assert_int_equal(r.value, r.seqid + 1);
    }
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

/* The limit max_calls of a client. */
static void
too_many_calls_of_a_client(void **state)
{
    (void)state;
    struct weft_client_options options = {.max_calls = 2};
    house_open(&house, NULL, NULL, &options);
    struct caller a = {.client = house.client}, b = a;
    caller_start(&a);
    caller_start(&b);
    AWAIT(wf_load(&house.trial.inside, acquire) == 2);
    int64_t sum;
    assert_int_equal(call_add(house.client, 1, 2, &sum), WEFT_ETOOMANYCALLS);
    /* The text names the server, and says that the call was not sent. */
    struct weft_arena arena = WEFT_ARENA_INIT;
    struct weft_call_info info;
    struct trial_add_args args = {.a = 1};
    struct trial_add_result result;
    struct weft_call_options told = {.info = &info};
    assert_int_equal(
        trial_Trial_add(house.client, &arena, &args, &result, &told),
        WEFT_ETOOMANYCALLS);
    assert_non_null(info.text.ptr);
    assert_non_null(strstr(info.text.ptr, "127.0.0.1:"));
    assert_non_null(strstr(info.text.ptr, ": the call was not sent: too many"));
    weft_arena_fini(&arena);
    let_out(2);
    caller_join(&a);
    caller_join(&b);
    must_work(&house);
    struct weft_client *none;
    options.max_calls = 65537;
    assert_int_equal(weft_client_new(house.address, &options, &none), -EINVAL);
    assert_null(none);
    house_close(&house);
}

/* ---- times ---- */

static void
a_message_that_does_not_go_on(void **state)
{
    (void)state;
    struct weft_server_options options = {.read_timeout_ms = 60};
    house_open(&house, NULL, &options, NULL);
    struct bytes b = {0};
    struct reply r;
    put_add(&b, true, 1, 1, 2);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len) && wire_reply(fd, true, &r));
    MUST(!weft_sleep_ms(150)); /* no time-out runs between messages */
    MUST(wire_send(fd, b.ptr, b.len) && wire_reply(fd, true, &r));
    MUST(wire_send(fd, b.ptr, b.len - 1));
    assert_true(wire_ends(fd));
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

#define STALL_MS 2000

/* Send messages of which a part is always there, for longer than the time-out.
 * Returns false if this test was held up, so that one message took as long as
 * the time-out, and the server rightly closed the connection. */
static bool
send_overlapping(const struct bytes *two)
{
    struct reply r;
    size_t half = two->len / 4, whole = two->len / 2;
    int fd = wire_dial(house_port(&house));
    uint64_t begun = weft_now_ns(); /* before the message that is incomplete */
    bool ok = wire_send(fd, two->ptr, half);
    for (int i = 0; i < 14 && ok; i++) {
        MUST(!weft_sleep_ms(150));
        uint64_t next = weft_now_ns();
        ok = wire_send(fd, two->ptr + half, whole) && wire_reply(fd, true, &r);
        if (ok)
            begun = next;
    }
    close(fd);
    if (!ok)
        assert_true(weft_now_ns() >= begun + STALL_MS * UINT64_C(1000000));
    return ok;
}

/* A part of a message is always there, but of another message each time. All
 * messages together take longer than the time-out, but each takes much less. */
static void
messages_that_overlap_are_no_stall(void **state)
{
    (void)state;
    struct weft_server_options options = {.read_timeout_ms = STALL_MS};
    house_open(&house, NULL, &options, NULL);
    struct bytes b = {0};
    put_add(&b, true, 1, 1, 2);
    put_add(&b, true, 1, 1, 2);
    while (!send_overlapping(&b))
        ;
    bytes_free(&b);
    house_close(&house);
}

/* A message that waits because its reader is throttled does not time out. */
static void
a_throttled_message_is_no_stall(void **state)
{
    (void)state;
    struct weft_server_options options = {.read_timeout_ms = 40,
                                          .max_calls_per_connection = 2};
    house_open(&house, NULL, &options, NULL);
    struct bytes b = {0};
    struct reply r;
    for (int i = 0; i < 10; i++)
        put_number(&b, true, WEFT_CALL, "gate", i, i);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len - 5));
    MUST(wire_send(fd, b.ptr + b.len - 5, 5));
    AWAIT(wf_load(&house.trial.inside, acquire) == 2);
    MUST(!weft_sleep_ms(120)); /* three times the time-out */
    weft_sem_give(&house.trial.gate, 10);
    for (int i = 0; i < 10; i++)
        assert_true(wire_reply(fd, true, &r));
    close(fd);
    bytes_free(&b);
    house_close(&house);
}

static uint64_t
n_idle(void)
{
    struct weft_server_stats stats;
    weft_server_get_stats(house.server, &stats);
    return stats.closed.idle;
}

/* Send a call over a new connection, and wait until its handler runs. A
 * connection may have been idle for too long before the call arrives, if this
 * test is held up: then try again. */
static int
call_on_time(const struct bytes *call)
{
    for (;;) {
        uint64_t before = n_idle();
        int fd = wire_dial(house_port(&house));
        (void)wire_send(fd, call->ptr, call->len);
        AWAIT(wf_load(&house.trial.inside, acquire) == 1 || n_idle() > before);
        if (wf_load(&house.trial.inside, acquire) == 1)
            return fd;
        close(fd);
    }
}

static void
an_idle_connection_goes(void **state)
{
    (void)state;
    struct weft_server_options options = {.idle_timeout_ms = 40};
    house_open(&house, NULL, &options, NULL);
    struct bytes b = {0};
    struct reply r;
    int64_t sum;
    put_number(&b, true, WEFT_CALL, "gate", 5, 5);
    int fd = call_on_time(&b);
    MUST(!weft_sleep_ms(120)); /* a call in flight is not idle */
    weft_sem_give(&house.trial.gate, 1);
    assert_true(wire_reply(fd, true, &r));
    assert_int_equal(r.value, 5);
    assert_true(wire_ends(fd));
    close(fd);
    /* The connection of the client also ends whenever it is idle, perhaps just
     * before the request arrives. */
    while (call_add(house.client, 40, 2, &sum))
        ;
    assert_int_equal(sum, 42);
    bytes_free(&b);
    house_close(&house);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_connections),
        cmocka_unit_test(silent_ones_over_the_limit_go),
        cmocka_unit_test(too_many_calls),
        cmocka_unit_test(a_batch_is_not_too_many_calls),
        cmocka_unit_test(too_many_calls_of_one_connection_wait),
        cmocka_unit_test(a_limit_of_one_call_is_no_deadlock),
        cmocka_unit_test(too_many_calls_of_a_client),
        cmocka_unit_test(a_message_that_does_not_go_on),
        cmocka_unit_test(messages_that_overlap_are_no_stall),
        cmocka_unit_test(a_throttled_message_is_no_stall),
        cmocka_unit_test(an_idle_connection_goes),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
