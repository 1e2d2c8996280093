/* SPDX-License-Identifier: MIT */
/*
 * Messages in unusual pieces or large numbers, and peers that leave or do not
 * read: rows 7 to 9, 11, 12, 23, 32, 37 and 38 of docs/threats.md.
 */
#include "rpc_test.h"

#include "buf/buf.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#define MS 1000000u

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

static int
dial(void)
{
    return wire_dial(house_port(&house));
}

static size_t
block_bytes(void)
{
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    return stats.bytes;
}

/* The replies to two calls of one connection may come in any order: the first
 * handler's worker may have been preempted. */
static void
byte_by_byte(void **state)
{
    (void)state;
    for (int framed = 0; framed < 2; framed++) {
        int fd = dial(), on = 1;
        struct reply r[2];
        MUST(!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
        for (int i = 0; i < 5; i++) {
            b.len = 0;
            put_add(&b, framed, i, i, 1000);
            put_add(&b, framed, i + 100, i, 2000);
            for (size_t at = 0; at < b.len; at++)
                MUST(wire_send(fd, b.ptr + at, 1));
            for (int j = 0; j < 2; j++) {
                assert_true(wire_reply(fd, framed, &r[j]));
                int more = r[j].seqid == i ? 1000 : 2000;
                assert_int_equal(r[j].value, i + more);
            }
            assert_int_equal(r[0].seqid + r[1].seqid, 2 * i + 100);
        }
        close(fd);
    }
}

static void *
send_all(void *arg)
{
    const int *fd = arg;
    MUST(wire_send(*fd, b.ptr, b.len));
    return NULL;
}

static void
many_messages_in_one_write(void **state)
{
    (void)state;
    enum { N = 100000 };
    bool *seen = calloc(N, sizeof *seen);
    for (int framed = 0; framed < 2; framed++) {
        b.len = 0;
        for (int i = 0; i < N; i++)
            put_add(&b, framed, i, i, 1);
        int fd = dial();
        struct reply r;
        pthread_t thread;
        MUST(!pthread_create(&thread, NULL, send_all, &fd));
        for (int i = 0; i < N; i++) {
            MUST(wire_reply(fd, framed, &r));
            /* in any order: a handler may be preempted */
            MUST(r.seqid >= 0 && r.seqid < N && r.value == r.seqid + 1);
            MUST(seen[r.seqid] == (framed != 0));
            seen[r.seqid] = !framed;
        }
        MUST(!pthread_join(thread, NULL));
        close(fd);
    }
    free(seen);
}

/* The peer sends the first bytes of two calls, up to each length, and ends its
 * side. */
static void
cut_off_at_every_byte(void **state)
{
    (void)state;
    for (int framed = 0; framed < 2; framed++) {
        b.len = 0;
        put_add(&b, framed, 1, 20, 22);
        put_number(&b, framed, WEFT_CALL, "needs", 2, 7);
        for (size_t len = 0; len <= b.len; len++) {
            int fd = dial();
            struct reply r;
            MUST(wire_send(fd, b.ptr, len));
            MUST(!shutdown(fd, SHUT_WR));
            if (wire_reply(fd, framed, &r) && r.seqid == 1)
                assert_int_equal(r.value, 42);
            close(fd);
            fd = dial();
            MUST(wire_send(fd, b.ptr, len));
            wire_reset(fd);
        }
    }
}

/* A frame that has only the first bytes of a message, for each length: it is
 * answered with an error, or closed. */
static void
truncated_inside_a_frame(void **state)
{
    (void)state;
    struct bytes message = {0};
    put_add(&message, false, 1, 20, 22);
    for (size_t len = 1; len < message.len; len++) {
        b.len = 0;
        size_t from = frame_begin(&b);
        put(&b, message.ptr, len);
        frame_end(&b, from);
        int fd = dial();
        struct reply r;
        MUST(wire_send(fd, b.ptr, b.len));
        MUST(!shutdown(fd, SHUT_WR));
        if (wire_reply(fd, true, &r)) {
            assert_int_equal(r.type, WEFT_EXCEPTION);
            assert_int_equal(r.code, 7);
            assert_true(len >= 15);
        } else {
            assert_true(len < 15); /* the head cannot be read */
        }
        close(fd);
    }
    bytes_free(&message);
}

static void
flipped_at_every_byte(void **state)
{
    (void)state;
    for (int framed = 0; framed < 2; framed++) {
        b.len = 0;
        put_add(&b, framed, 1, 20, 22);
        for (size_t i = 0; i < b.len; i++)
            for (unsigned bit = 0; bit < 8; bit++) {
                int fd = dial();
                uint8_t any[512];
                b.ptr[i] ^= (uint8_t)(1 << bit);
                MUST(wire_send(fd, b.ptr, b.len));
                b.ptr[i] ^= (uint8_t)(1 << bit);
                MUST(!shutdown(fd, SHUT_WR));
                ssize_t n;
                while ((n = wire_some(fd, any, sizeof any)) > 0)
                    ;
                MUST(n == 0 || errno == ECONNRESET); /* no time-out */
                close(fd);
            }
    }
}

static void
inside(uint32_t n)
{
    AWAIT(wf_load(&house.trial.inside, acquire) == n);
}

/* The peer has ended its side, but still gets the replies. */
static void
half_closed_with_calls_in_flight(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        put_number(&b, true, WEFT_CALL, "gate", i, i);
    int fd = dial();
    MUST(wire_send(fd, b.ptr, b.len));
    MUST(!shutdown(fd, SHUT_WR));
    inside(10);
    weft_sem_give(&house.trial.gate, 10);
    struct reply r;
    for (int i = 0; i < 10; i++) {
        assert_true(wire_reply(fd, true, &r));
        assert_int_equal(r.value, r.seqid);
    }
    assert_true(wire_ends(fd));
    close(fd);
}

static void
reset_with_calls_in_flight(void **state)
{
    (void)state;
    struct weft_server_stats stats;
    for (int i = 0; i < 10; i++)
        put_number(&b, true, WEFT_CALL, "gate", i, i);
    for (int i = 0; i < 3; i++) {
        int fd = dial();
        MUST(wire_send(fd, b.ptr, b.len - (i == 1 ? 5 : 0)));
        inside(i == 1 ? 9 : 10);
        weft_server_get_stats(house.server, &stats);
        uint64_t broken = stats.closed.broken;
        wire_reset(fd);
        if (i == 2)
            do /* until the server has noticed */
                weft_server_get_stats(house.server, &stats);
            while (stats.closed.broken == broken && !weft_sleep_ms(1));
        weft_sem_give(&house.trial.gate, i == 1 ? 9 : 10);
        inside(0);
    }
    do
        weft_server_get_stats(house.server, &stats);
    while ((stats.connections || stats.calls_in_flight) && !weft_sleep_ms(1));
}

/* The server accepts any sequence id, even one that is in use. */
static void
one_seqid_for_two_calls(void **state)
{
    (void)state;
    put_number(&b, true, WEFT_CALL, "gate", 5, 100);
    put_number(&b, true, WEFT_CALL, "gate", 5, 200);
    int fd = dial();
    struct reply r[2];
    MUST(wire_send(fd, b.ptr, b.len));
    inside(2);
    weft_sem_give(&house.trial.gate, 2);
    for (int i = 0; i < 2; i++) {
        assert_true(wire_reply(fd, true, &r[i]));
        assert_int_equal(r[i].seqid, 5);
    }
    assert_int_equal(r[0].value + r[1].value, 300);
    assert_int_not_equal(r[0].value, r[1].value);
    close(fd);
}

static void
a_flood_of_oneway_calls(void **state)
{
    (void)state;
    enum { N = 200000, PIECE = 1000 };
    for (int i = 0; i < PIECE; i++)
        put_number(&b, true, WEFT_ONEWAY, "note", 0, 1);
    int fd = dial();
    size_t before = block_bytes(), most = 0;
    for (int i = 0; i < N / PIECE; i++) {
        MUST(wire_send(fd, b.ptr, b.len));
        most = WF_MAX(most, block_bytes());
    }
    AWAIT(wf_load(&house.trial.noted, acquire) == N);
    assert_in_range(most, 0, before + (4 << 20));
    close(fd);
}

/* The calls of a peer wait, so the server stops reading, and the peer's send
 * blocks. */
static void
a_flood_of_calls_that_wait(void **state)
{
    (void)state;
    enum { PIECE = 1000 };
    for (int i = 0; i < PIECE; i++)
        put_number(&b, true, WEFT_CALL, "gate", i, 1);
    int fd = dial(), sent = 0, size = 65536;
    MUST(!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
    size_t before = block_bytes();
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    while (sent < 1000 && poll(&p, 1, 200) == 1) {
        ssize_t n = send(fd, b.ptr, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        MUST(n > 0 || errno == EAGAIN);
        sent++;
    }
    assert_true(sent < 1000);
    AWAIT(wf_load(&house.trial.inside, acquire) > 0);
    assert_in_range(wf_load(&house.trial.most_inside, acquire), 1, 1024);
    assert_in_range(block_bytes(), 0, before + (16 << 20));
    must_work(&house); /* others are still served */
    wire_reset(fd);
    struct weft_server_stats stats;
    bool busy;
    do { /* calls that were cut still run */
        weft_sem_give(&house.trial.gate, 100);
        weft_server_get_stats(house.server, &stats);
        busy = stats.calls_in_flight > 0 || stats.connections > 1;
    } while (busy && !weft_sleep_ms(1));
    while (weft_sem_try_take(&house.trial.gate))
        ;
}

/* The queue of a peer that never reads is bounded, and its connection is
 * closed. */
static void
a_peer_that_never_reads(void **state)
{
    (void)state;
    struct house h;
    struct weft_server_options options = {.write_timeout_ms = 200,
                                          .max_queued = 4 << 20};
    house_open(&h, NULL, &options, NULL);
    for (int i = 0; i < 1000; i++)
        put_large(&b, i, 200000);
    size_t before = block_bytes(), most = 0;
    int fd = wire_dial(house_port(&h));
    uint64_t begun = weft_now_ns();
    MUST(wire_send(fd, b.ptr, b.len));
    struct weft_server_stats stats;
    AWAIT(wf_load(&h.trial.executed, acquire) > 0);
    do {
        most = WF_MAX(most, block_bytes());
        weft_server_get_stats(h.server, &stats);
    } while (stats.connections && !weft_sleep_ms(5));
    assert_true(weft_now_ns() - begun >= 150 * MS);
    /* a batch may exceed max_queued; all replies would be 200 MB */
    assert_in_range(most, 0, before + (40 << 20));
    must_work(&h);
    close(fd);
    house_close(&h);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(byte_by_byte),
        TEST(many_messages_in_one_write),
        TEST(cut_off_at_every_byte),
        TEST(truncated_inside_a_frame),
        TEST(flipped_at_every_byte),
        TEST(half_closed_with_calls_in_flight),
        TEST(reset_with_calls_in_flight),
        TEST(one_seqid_for_two_calls),
        TEST(a_flood_of_oneway_calls),
        TEST(a_flood_of_calls_that_wait),
        TEST(a_peer_that_never_reads),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
