/* SPDX-License-Identifier: MIT */
/*
 * Calls that end without a reply: by deadline, by cancel, as the connection
 * breaks, as the client is freed, or as the peer sends something else. Each
 * ends exactly once and at once: row 50 of docs/threats.md.
 */
#include "peer.h"

#define MS 1000000u

static struct house house;

static void
open_house(void **state)
{
    (void)state;
    house_open(&house, NULL, NULL, NULL);
}

static void
inside(uint32_t n)
{
    AWAIT(wf_load(&house.trial.inside, acquire) == n);
}

static void
let_out(uint32_t n)
{
    weft_sem_give(&house.trial.gate, n);
    inside(0);
}

static void
a_deadline_of_the_call(void **state)
{
    open_house(state);
    int64_t result;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    do { /* until the call is sent before its deadline */
        options.deadline_ns = weft_after_ms(30);
        assert_int_equal(call_gate(house.client, 1, &options, &result),
                         WEFT_ETIMEOUT);
        assert_true(weft_now_ns() >= options.deadline_ns);
    } while (info.reach == WEFT_CALL_NOT_SENT);
    must_work(&house);
    let_out(1); /* the late reply finds no call */
    must_work(&house);
    house_close(&house);
}

static void
a_deadline_that_has_passed(void **state)
{
    open_house(state);
    int64_t result;
    struct weft_client_stats stats;
    struct weft_call_info info;
    struct weft_call_options options = {.info = &info};
    for (int i = 0; i < 4; i++) {
        if (i == 2) /* with a connection, too */
            must_work(&house);
        options.deadline_ns = i % 2 ? weft_now_ns() : 1;
        assert_int_equal(call_gate(house.client, 1, &options, &result),
                         WEFT_ETIMEOUT);
        assert_int_equal(info.reach, WEFT_CALL_NOT_SENT);
        weft_client_get_stats(house.client, &stats);
        assert_int_equal(stats.connects, i / 2);
    }
    must_work(&house); /* is served after all that was sent before */
    assert_int_equal(wf_load(&house.trial.most_inside, acquire), 0);
    house_close(&house);
}

static void
the_time_out_of_the_client(void **state)
{
    (void)state;
    struct weft_client_options options = {.call_timeout_ms = 20};
    house_open(&house, NULL, NULL, &options);
    int64_t result;
    assert_int_equal(call_gate(house.client, 1, NULL, &result), WEFT_ETIMEOUT);
    let_out(1);
    house_close(&house);
}

static void
cancelled_while_it_waits(void **state)
{
    open_house(state);
    struct caller caller = {.client = house.client};
    caller_start(&caller);
    inside(1);
    weft_fiber_cancel(caller.fiber);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_ECANCEL);
    let_out(1);
    must_work(&house);
    house_close(&house);
}

static struct weft_sem never;

static bool
somebody_waits(struct weft_sem *sem)
{
    wf_waitq_lock(&sem->waiters);
    bool waits = sem->waiters.head != NULL;
    wf_waitq_unlock(&sem->waiters);
    return waits;
}

/* An earlier wait has consumed the cancel's wake-up, so the call itself has to
 * check for the cancel. */
static void
call_cancelled(void *arg)
{
    struct caller *c = arg;
    MUST(weft_sem_take(&never) == WEFT_ECANCEL);
    c->err = call_gate(c->client, 1, NULL, &c->result);
}

static void
cancelled_before_it_begins(void **state)
{
    open_house(state);
    must_work(&house); /* the connection exists now */
    struct caller caller = {.client = house.client};
    MUST(!weft_fiber_start(call_cancelled, &caller, &caller.fiber));
    AWAIT(somebody_waits(&never));
    weft_fiber_cancel(caller.fiber);
    assert_int_equal(
        weft_fiber_join_until(caller.fiber, weft_after_ms(LONG_MS)), WEFT_OK);
    assert_int_equal(caller.err, WEFT_ECANCEL);
    weft_sem_give(&house.trial.gate, 1);
    house_close(&house);
}

#define MANY 50

static void
freeing_the_client_ends_its_calls(void **state)
{
    open_house(state);
    static struct caller callers[MANY];
    for (int i = 0; i < MANY; i++) {
        callers[i] = (struct caller){.client = house.client, .number = i};
        caller_start(&callers[i]);
    }
    inside(MANY);
    weft_client_free(house.client);
    house.client = NULL;
    for (int i = 0; i < MANY; i++) {
        caller_join(&callers[i]);
        assert_int_equal(callers[i].err, WEFT_ECLOSED);
    }
    let_out(MANY);
    house_close(&house);
}

static void
a_connection_that_breaks(void **state)
{
    (void)state;
    struct peer p;
    peer_open(&p, NULL);
    static struct caller callers[MANY];
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < MANY; i++) {
            callers[i] = (struct caller){.client = p.client};
            caller_start(&callers[i]);
        }
        p.fd = wire_accept(p.listener);
        for (int i = 0; i < MANY; i++)
            take_request(&p);
        if (turn == 0)
            close(p.fd);
        else
            wire_reset(p.fd);
        for (int i = 0; i < MANY; i++) {
            caller_join(&callers[i]);
            assert_int_equal(callers[i].err, WEFT_EBROKEN);
        }
    }
    peer_close(&p);
}

/* Replies come in another order, with unknown sequence ids, and twice (row 51
 * of docs/threats.md). */
static void
replies_to_no_call(void **state)
{
    (void)state;
    struct peer p;
    struct caller a, b;
    peer_open(&p, NULL);
    a = b = (struct caller){.client = p.client};
    caller_start(&a);
    p.fd = wire_accept(p.listener);
    int32_t first = take_request(&p);
    caller_start(&b);
    int32_t second = take_request(&p);
    assert_int_not_equal(first, second);
    send_reply(&p, WEFT_REPLY, "gate", second + 1000, 1);
    send_reply(&p, WEFT_REPLY, "gate", -1, 2);
    /* another number that falls into the same slot */
    send_reply(&p, WEFT_REPLY, "gate", first + 65536, 3);
    send_reply(&p, WEFT_REPLY, "gate", second, 22);
    send_reply(&p, WEFT_REPLY, "gate", second, 23);
    caller_join(&b);
    assert_int_equal(b.err, WEFT_OK);
    assert_int_equal(b.result, 22);
    send_reply(&p, WEFT_REPLY, "gate", first, 11);
    caller_join(&a);
    assert_int_equal(a.err, WEFT_OK);
    assert_int_equal(a.result, 11);
    peer_close(&p);
}

static weft_err
reply_with(unsigned type, const char *name, bool with_value)
{
    struct peer p;
    peer_open(&p, NULL);
    struct caller a = {.client = p.client};
    caller_start(&a);
    p.fd = wire_accept(p.listener);
    int32_t seqid = take_request(&p);
    struct bytes b = {0};
    size_t from = frame_begin(&b);
    put_head(&b, type, name, seqid);
    if (with_value) {
        put8(&b, WEFT_I64);
        put16(&b, 0);
        put64(&b, 5);
    }
    put8(&b, 0);
    frame_end(&b, from);
    MUST(wire_send(p.fd, b.ptr, b.len));
    bytes_free(&b);
    caller_join(&a);
    peer_close(&p);
    return a.err;
}

static void
replies_that_lie(void **state)
{
    (void)state;
    assert_int_equal(reply_with(WEFT_REPLY, "gate", true), WEFT_OK);
    assert_int_equal(reply_with(WEFT_REPLY, "gates", true), WEFT_ENAME);
    assert_int_equal(reply_with(WEFT_REPLY, "", true), WEFT_ENAME);
    assert_int_equal(reply_with(WEFT_REPLY, "gate", false), WEFT_EMISSING);
    assert_int_equal(reply_with(WEFT_CALL, "gate", true), WEFT_EMSGTYPE);
    assert_int_equal(reply_with(WEFT_ONEWAY, "gate", true), WEFT_EMSGTYPE);
    assert_int_equal(reply_with(WEFT_EXCEPTION, "gate", false),
                     WEFT_EAPP - WEFT_PEER);
    assert_int_equal(reply_with(9, "gate", true), WEFT_EMSGTYPE);
}

/* The peer sends bytes that cannot begin a reply: all calls end, and the next
 * one makes a new connection. */
static void
garbage_for_a_reply(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "HTTP/1.1 400 Bad Request\r\n\r\n", "\x7f\xff\xff\xff\x80\x01\x00\x02",
        "\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x00\x08garbage!"};
    struct peer p;
    peer_open(&p, NULL);
    for (int i = 0; i < 4; i++) {
        struct caller a = {.client = p.client}, b = a;
        caller_start(&a);
        p.fd = wire_accept(p.listener);
        take_request(&p);
        caller_start(&b);
        take_request(&p);
        size_t len = i == 0 ? strlen(texts[0]) : i == 3 ? 12 : 8;
        MUST(wire_send(p.fd, texts[i], len));
        caller_join(&a);
        caller_join(&b);
        assert_int_not_equal(a.err, WEFT_OK);
        assert_int_equal(a.err, b.err);
        assert_true(wire_ends(p.fd));
        close(p.fd);
    }
    p.fd = -1;
    peer_close(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_of_the_call),
        cmocka_unit_test(a_deadline_that_has_passed),
        cmocka_unit_test(the_time_out_of_the_client),
        cmocka_unit_test(cancelled_while_it_waits),
        cmocka_unit_test(cancelled_before_it_begins),
        cmocka_unit_test(freeing_the_client_ends_its_calls),
        cmocka_unit_test(a_connection_that_breaks),
        cmocka_unit_test(replies_to_no_call),
        cmocka_unit_test(replies_that_lie),
        cmocka_unit_test(garbage_for_a_reply),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
