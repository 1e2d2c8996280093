/* SPDX-License-Identifier: MIT */
/*
 * How a server's connections end: calls that have not begun are skipped,
 * replies of others are sent, and the statistics count the reasons.
 */
#include "rpc_test.h"

static struct house house;
static struct bytes b;

static void
open_house(const struct weft_server_options *options)
{
    b = (struct bytes){0};
    house_open(&house, NULL, options, NULL);
    must_work(&house);
}

static void
shut_house(void)
{
    must_work(&house);
    house_close(&house);
    bytes_free(&b);
}

static struct weft_server_stats
stats(void)
{
    struct weft_server_stats stats;
    weft_server_get_stats(house.server, &stats);
    return stats;
}

/* ---- calls that have not begun ---- */

static void
queued_calls_of_a_gone_connection_are_skipped(void **state)
{
    struct weft_server_options options = {.max_calls_per_connection = 2};
    (void)state;
    open_house(&options);
    uint64_t before = wf_load(&house.trial.executed, relaxed);
    for (int i = 0; i < 60; i++)
        put_number(&b, true, WEFT_CALL, "gate", i, i);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.inside, acquire) == 2);
    wire_reset(fd);
    AWAIT(stats().closed.broken == 1);
    weft_sem_give(&house.trial.gate, 60);
    AWAIT(stats().connections == 1 && stats().calls_in_flight == 0);
    assert_int_equal(wf_load(&house.trial.executed, relaxed), before + 2);
    assert_int_equal(wf_load(&house.trial.cancelled, relaxed), 0);
    shut_house();
}

/* The peer reads no replies, and resets: calls of its batch that have not begun
 * are skipped. */
static void
calls_that_wait_for_the_peer_to_read_are_skipped(void **state)
{
    struct weft_server_options options = {.max_queued = 4096};
    (void)state;
    open_house(&options);
    uint64_t before = wf_load(&house.trial.executed, relaxed);
    for (int i = 0; i < 60; i++)
        put_large(&b, i, 8 << 20); /* more than the kernel buffers */
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.executed, relaxed) > before);
    wire_reset(fd);
    AWAIT(stats().connections == 1 && stats().calls_in_flight == 0);
    assert_true(wf_load(&house.trial.executed, relaxed) < before + 60);
    shut_house();
}

static void
handlers_of_a_gone_connection_are_cancelled_if_asked(void **state)
{
    struct weft_server_options options = {.cancel_when_gone = true};
    (void)state;
    open_house(&options);
    for (int i = 0; i < 2; i++) { /* a reset, then the end of input */
        b.len = 0;
        put_number(&b, true, WEFT_CALL, "gate", 1, 1);
        int fd = wire_dial(house_port(&house));
        MUST(wire_send(fd, b.ptr, b.len));
        AWAIT(wf_load(&house.trial.inside, acquire) == 1);
        if (i == 0)
            wire_reset(fd);
        else
            close(fd);
        AWAIT(wf_load(&house.trial.inside, acquire) == 0);
        assert_int_equal(wf_load(&house.trial.cancelled, relaxed), i + 1);
    }
    /* Calls of other connections are not cancelled. */
    struct caller caller = {.client = house.client};
    caller_start(&caller);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    uint64_t accepted = stats().accepted;
    wire_reset(wire_dial(house_port(&house)));
    AWAIT(stats().accepted == accepted + 1 && stats().connections == 1);
    weft_sem_give(&house.trial.gate, 1);
    caller_join(&caller);
    assert_int_equal(caller.err, WEFT_OK);
    /* A stop still cancels calls that do not end. */
    caller_start(&caller);
    AWAIT(wf_load(&house.trial.inside, acquire) == 1);
    assert_int_equal(weft_server_stop_until(house.server, 0), WEFT_ETIMEOUT);
    caller_join(&caller);
    assert_int_equal(wf_load(&house.trial.cancelled, relaxed), 3);
    weft_client_free(house.client);
    weft_server_free(house.server);
    bytes_free(&b);
}

/* ---- replies after the end of the input ---- */

static void
replies_follow_the_end_of_input(void **state)
{
    struct reply r;
    (void)state;
    open_house(NULL);
    put_number(&b, true, WEFT_CALL, "gate", 1, 11);
    put_number(&b, true, WEFT_CALL, "gate", 2, 22);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    AWAIT(wf_load(&house.trial.inside, acquire) == 2);
    MUST(!shutdown(fd, SHUT_WR));
    /* After other calls were served, the server very likely has seen the end of
     * input. */
    for (int i = 0; i < 10; i++)
        must_work(&house);
    weft_sem_give(&house.trial.gate, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(wire_reply(fd, true, &r));
        assert_int_equal(r.value, 11 * r.seqid);
    }
    assert_true(wire_ends(fd));
    close(fd);
    shut_house();
}

/* Replies larger than the kernel's buffers, also one of a call that is answered
 * later. */
static void
large_replies_follow_the_end_of_input(void **state)
{
    enum { SIZE = 12 << 20 };
    (void)state;
    open_house(NULL);
    put_large(&b, 1, SIZE);
    int fd = wire_dial(house_port(&house));
    uint64_t before = wf_load(&house.trial.executed, relaxed);
    MUST(wire_send(fd, b.ptr, b.len));
    MUST(!shutdown(fd, SHUT_WR));
    AWAIT(wf_load(&house.trial.executed, relaxed) > before);
    uint8_t head[4], *reply = malloc(SIZE + 64);
    MUST(reply && wire_recv(fd, head, 4));
    size_t len = (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    assert_in_range(len, SIZE, SIZE + 64);
    assert_true(wire_recv(fd, reply, len));
    assert_true(wire_ends(fd));
    free(reply);
    close(fd);
    shut_house();
}

/* A peer that is refused while it still sends gets the whole refusal. */
static void
a_refusal_reaches_a_peer_that_sends(void **state)
{
    static char body[1 << 20], text[4096];
    size_t n = 0;
    (void)state;
#if !WF_HTTP
    skip();
#endif
    open_house(NULL);
    static const char head[] = "POST / HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 99999999\r\n\r\n";
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, head, sizeof head - 1));
    for (int i = 0; i < 8; i++) /* more than the kernel buffers */
        if (!wire_send(fd, body, sizeof body))
            break;
    while (n + 1 < sizeof text && wire_recv(fd, text + n, 1))
        n++;
    assert_non_null(strstr(text, "413"));
    assert_non_null(strstr(text, weft_err_text(WEFT_ETOOBIG)));
    close(fd);
    shut_house();
}

static struct wf_sock *found;

static void
find_sock(struct wf_sock *s, void *not_this)
{
    if (s != not_this && !found)
        found = wf_sock_more(s);
}

/* Returns the server's socket of the newest connection other than `other`, with
 * a reference. */
static struct wf_sock *
server_end(struct wf_sock *other)
{
    found = NULL;
    AWAIT((wf_conns_each(&house.server->conns, find_sock, other), found));
    return found;
}

/* A request arrives just before the server closes the idle connection. */
static void
unread_input_is_no_idleness(void **state)
{
    struct weft_server_options options = {.idle_timeout_ms = 600000};
    (void)state;
    open_house(&options);
    struct wf_sock *own = server_end(NULL); /* of the house's client */
    int fd = wire_dial(house_port(&house)), holds[2];
    struct reply r;
    put_add(&b, true, 1, 1, 1);
    MUST(wire_send(fd, b.ptr, b.len) && wire_reply(fd, true, &r));
    struct wf_sock *idle = server_end(own);
    for (int i = 0; i < 2; i++) {
        b.len = 0;
        put_hog(&b, i, -1);
        holds[i] = wire_dial(house_port(&house));
        MUST(wire_send(holds[i], b.ptr, b.len));
        AWAIT(wf_load(&house.trial.inside, acquire) == (uint32_t)i + 1);
    }
    /* Both workers are held, so no fiber reads bytes that arrive now. */
    uint64_t later = weft_now_ns() + 3600 * (uint64_t)1000000000;
    assert_int_equal(idle->ops->overdue(idle, later), WEFT_EIDLE);
    b.len = 0;
    put_add(&b, true, 2, 1, 1);
    MUST(wire_send(fd, b.ptr, b.len));
    assert_int_equal(idle->ops->overdue(idle, later), WEFT_OK);
    wf_store(&house.trial.let_go, true, release);
    for (int i = 0; i < 2; i++) {
        MUST(wire_reply(holds[i], true, &r));
        close(holds[i]);
    }
    MUST(wire_reply(fd, true, &r));
    close(fd);
    wf_sock_unref(own);
    wf_sock_unref(idle);
    shut_house();
}

/* A throttled reader that is woken without a reason waits again. */
static void
a_throttled_reader_looks_again(void **state)
{
    struct weft_server_options options = {.max_calls_per_connection = 2};
    struct reply r;
    (void)state;
    open_house(&options);
    struct wf_sock *own = server_end(NULL);
    for (int i = 0; i < 20; i++)
        put_number(&b, true, WEFT_CALL, "gate", i, i);
    int fd = wire_dial(house_port(&house));
    MUST(wire_send(fd, b.ptr, b.len));
    struct wf_sock *s = server_end(own);
    struct wf_server_conn *conn = s->owner;
    AWAIT(wf_load(&house.trial.inside, acquire) == 2);
    for (int i = 0; i < 20; i++) {
        struct wf_task *reader;
        AWAIT(wf_load(&conn->throttled, seq_cst) &&
              (reader = wf_load(&s->reader, seq_cst)));
        wf_wake(reader);
        must_work(&house); /* meanwhile the reader has run */
        must_work(&house);
    }
    weft_sem_give(&house.trial.gate, 20);
    for (int i = 0; i < 20; i++)
        MUST(wire_reply(fd, true, &r));
    assert_int_equal(wf_load(&house.trial.most_inside, relaxed), 2);
    wf_sock_unref(s);
    wf_sock_unref(own);
    close(fd);
    shut_house();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queued_calls_of_a_gone_connection_are_skipped),
        cmocka_unit_test(calls_that_wait_for_the_peer_to_read_are_skipped),
        cmocka_unit_test(handlers_of_a_gone_connection_are_cancelled_if_asked),
        cmocka_unit_test(replies_follow_the_end_of_input),
        cmocka_unit_test(large_replies_follow_the_end_of_input),
        cmocka_unit_test(a_refusal_reaches_a_peer_that_sends),
        cmocka_unit_test(unread_input_is_no_idleness),
        cmocka_unit_test(a_throttled_reader_looks_again),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
