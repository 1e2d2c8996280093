/* SPDX-License-Identifier: MIT */
/* Hostile bytes over a socket: rows 1 to 11 and 37, 38 of docs/threats.md.
 * After each attack the next good call is answered. */
#include "rpc_test.h"

#include "buf/buf.h"

#include <malloc.h>

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

/* A good call on this connection is still answered. */
static void
goes_on(int fd, bool framed)
{
    struct bytes good = {0};
    struct reply r;
    put_add(&good, framed, 4711, 20, 22);
    assert_true(wire_send(fd, good.ptr, good.len));
    assert_true(wire_reply(fd, framed, &r));
    assert_int_equal(r.seqid, 4711);
    assert_int_equal(r.value, 42);
    bytes_free(&good);
}

static void
answered_with(int fd, bool framed, int32_t seqid, int32_t code)
{
    struct reply r;
    assert_true(wire_reply(fd, framed, &r));
    assert_int_equal(r.type, WEFT_EXCEPTION);
    assert_int_equal(r.seqid, seqid);
    assert_int_equal(r.code, code);
}

static void
closes(const void *ptr, size_t len)
{
    int fd = dial();
    assert_true(wire_send(fd, ptr, len));
    assert_true(wire_ends(fd));
    close(fd);
    must_work(&house);
}

/* Connections that speak other protocols are closed, and counted by
 * protocol. */
static void
other_protocols(void **state)
{
    (void)state;
    static const char tls[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    static const char ssh[] = "SSH-2.0-OpenSSH_9.2\r\n";
    static const char http2[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    static const char mesh[] = "\xff\xaf\0\x14\0\1\0\3rip\0\x0b"
                               "10.0.0.1:80";
    static const char stream[] = "\0\0\0\x0e\x10\0\0\2\0\0\0\7\0\1\x10\0\0\0";
    static const char nothing[] = "\xde\xad\xbe\xef\xde\xad\xbe\xef";
    struct weft_server_stats stats;
    closes(tls, sizeof tls - 1);
    closes(ssh, sizeof ssh - 1);
    closes(http2, sizeof http2 - 1);
    closes(mesh, sizeof mesh - 1);
    closes(stream, sizeof stream - 1);
    closes(nothing, sizeof nothing - 1);
    closes(nothing, sizeof nothing - 1);
    weft_server_get_stats(house.server, &stats);
    assert_int_equal(stats.unrecognised.tls, 1);
    assert_int_equal(stats.unrecognised.ssh, 1);
    assert_int_equal(stats.unrecognised.http2, 1);
    assert_int_equal(stats.unrecognised.mesh, 1);
    assert_int_equal(stats.unrecognised.stream, 1);
    assert_int_equal(stats.unrecognised.unknown, 2);
    assert_int_equal(stats.unrecognised.http, 0);
    assert_int_equal(stats.unrecognised.zlib, 0);
    for (int i = 0; i < 64; i++) { /* port scans */
        int fd = dial();
        if (i % 2)
            wire_reset(fd);
        else
            close(fd);
    }
}

static void
frames_of_no_size(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {
        0, 1, 3, 0x80000000u, 0xffffffffu, 0x7fffffff, 0x40000000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        b.len = 0;
        put32(&b, lengths[i]);
        put_head(&b, WEFT_CALL, "add", 1);
        closes(b.ptr, b.len);
    }
    /* The same after a good frame. */
    b.len = 0;
    put_add(&b, true, 1, 1, 1);
    put32(&b, 0xfffffff0u);
    int fd = dial();
    struct reply r;
    MUST(wire_send(fd, b.ptr, b.len));
    assert_true(wire_reply(fd, true, &r));
    assert_int_equal(r.value, 2);
    assert_true(wire_ends(fd));
    close(fd);
}

/* The peer gets one error reply, then the end. */
static void
a_frame_over_the_limit(void **state)
{
    (void)state;
    put32(&b, 0x3ffffff0);
    put_head(&b, WEFT_CALL, "add", 99);
    int fd = dial();
    MUST(wire_send(fd, b.ptr, b.len));
    answered_with(fd, true, 99, 7);
    assert_true(wire_ends(fd));
    close(fd);
}

/* ---- false sizes ---- */

/* Bytes by which the caches of threads, those for blocks and those of malloc,
 * may grow between two counts: any thread may serve a connection. */
#define CACHES ((size_t)2 << 20)

static size_t
memory(void)
{
    struct wf_buf_stats stats;
    wf_buf_stats(&stats);
    return stats.bytes + mallinfo2().uordblks;
}

/* A call of fail whose struct has seven bytes: the head of a string of 2
 * GiB. */
static void
put_2_gib(bool framed, int32_t seqid)
{
    size_t from = framed ? frame_begin(&b) : 0;
    put_head(&b, WEFT_CALL, "fail", seqid);
    put8(&b, WEFT_STRING);
    put16(&b, 2);
    put32(&b, 0x7fffffff);
    if (framed)
        frame_end(&b, from);
}

/* Wait until the server has freed every connection except the client's. */
static void
await_closed(void)
{
    AWAIT(wf_conns_count(&house.server->conns) == 1);
}

static void
two_gib_in_seven_bytes(void **state)
{
    (void)state;
    int fd = dial();
    put_2_gib(true, 5);
    goes_on(fd, true);
    size_t before = memory();
    for (int i = 0; i < 200; i++) {
        MUST(wire_send(fd, b.ptr, b.len));
        answered_with(fd, true, 5, 7);
    }
    assert_true(memory() <= before + CACHES);
    goes_on(fd, true);
    close(fd);
    assert_int_equal(wf_load(&house.trial.executed, relaxed), 2);
}

static void
two_gib_without_a_frame(void **state)
{
    (void)state;
    put_2_gib(false, 5);
    must_work(&house);
    size_t before = memory();
    for (int i = 0; i < 50; i++) {
        int fd = dial();
        MUST(wire_send(fd, b.ptr, b.len));
        answered_with(fd, false, 5, 7);
        assert_true(wire_ends(fd));
        close(fd);
    }
    await_closed(); /* then their memory is freed as well */
    AWAIT(memory() <= before + CACHES);
}

/* A peer that announces a large frame and sends few bytes takes no more memory
 * than it sent. */
static void
frames_that_never_come(void **state)
{
    (void)state;
    int fds[50];
    struct weft_server_stats stats;
    put32(&b, 16000000);
    put_head(&b, WEFT_CALL, "echo", 1);
    must_work(&house);
    size_t before = memory();
    for (int i = 0; i < 50; i++) {
        fds[i] = dial();
        MUST(wire_send(fds[i], b.ptr, b.len));
    }
    do
        weft_server_get_stats(house.server, &stats);
    while (stats.connections < 51 && !weft_sleep_ms(1));
    must_work(&house);
    assert_true(memory() <= before + 50 * 8192 + CACHES);
    for (int i = 0; i < 50; i++)
        close(fds[i]);
}

/* A huge count for every type of element, in an unknown argument, which is
 * skipped. */
static void
counts_that_lie(void **state)
{
    (void)state;
    static const uint8_t types[] = {2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15, 16};
    int fd = dial();
    for (size_t i = 0; i < sizeof types; i++)
        for (unsigned kind = WEFT_MAP; kind <= WEFT_LIST; kind++) {
            b.len = 0;
            size_t from = frame_begin(&b);
            put_head(&b, WEFT_CALL, "nothing", 6);
            put8(&b, kind);
            put16(&b, 900);
            put8(&b, types[i]);
            if (kind == WEFT_MAP)
                put8(&b, types[i]);
            put32(&b, 0x7fffffff);
            put8(&b, 0);
            frame_end(&b, from);
            MUST(wire_send(fd, b.ptr, b.len));
            answered_with(fd, true, 6, 7);
        }
    goes_on(fd, true);
    close(fd);
}

static void
nested_a_million_times(void **state)
{
    (void)state;
    for (int framed = 0; framed < 2; framed++) {
        b.len = 0;
        size_t from = framed ? frame_begin(&b) : 0;
        put_head(&b, WEFT_CALL, "nothing", 8);
        for (int i = 0; i < 1000000; i++) {
            put8(&b, WEFT_STRUCT);
            put16(&b, 1);
        }
        if (framed)
            frame_end(&b, from);
        int fd = dial();
        (void)wire_send(fd, b.ptr, framed ? b.len : 5000);
        answered_with(fd, framed, 8, 7);
        if (framed)
            goes_on(fd, true);
        else
            assert_true(wire_ends(fd));
        close(fd);
    }
}

/* ---- messages that are not as the IDL says ---- */

static void
an_unknown_method(void **state)
{
    (void)state;
    static const char *const names[] = {"sub", "", "add2", "\xff\xfe", "a\nb"};
    for (int framed = 0; framed < 2; framed++) {
        int fd = dial();
        for (int i = 0; i < 5; i++) {
            b.len = 0;
            put_number(&b, framed, WEFT_CALL, names[i], -9 - i, 7);
            MUST(wire_send(fd, b.ptr, b.len));
            struct reply r;
            assert_true(wire_reply(fd, framed, &r));
            assert_int_equal(r.type, WEFT_EXCEPTION);
            assert_int_equal(r.code, 1);
            assert_int_equal(r.seqid, -9 - i);
            assert_string_equal(r.name, names[i]);
            goes_on(fd, framed);
        }
        close(fd);
    }
}

static void
a_name_of_a_megabyte(void **state)
{
    (void)state;
    char *name = malloc((1 << 20) + 1);
    memset(name, 'n', 1 << 20);
    name[1 << 20] = 0;
    for (int framed = 0; framed < 2; framed++) {
        b.len = 0;
        put_number(&b, framed, WEFT_CALL, name, 1, 7);
        int fd = dial();
        (void)wire_send(fd, b.ptr, b.len);
        assert_true(wire_ends(fd));
        close(fd);
    }
    free(name);
}

static void
wrong_types_of_message(void **state)
{
    (void)state;
    static const unsigned types[] = {0, 2, 3, 5, 9, 255};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        for (int framed = 0; framed < 2; framed++) {
            b.len = 0;
            put_number(&b, framed, types[i], "twice", 1, 7);
            closes(b.ptr, b.len);
        }
}

static void
two_messages_in_one_frame(void **state)
{
    (void)state;
    size_t from = frame_begin(&b);
    put_add(&b, false, 1, 1, 2);
    put_add(&b, false, 2, 3, 4);
    frame_end(&b, from);
    int fd = dial();
    MUST(wire_send(fd, b.ptr, b.len));
    answered_with(fd, true, 1, 7);
    goes_on(fd, true);
    close(fd);
}

static void
a_required_field_is_missing(void **state)
{
    (void)state;
    for (int framed = 0; framed < 2; framed++) {
        b.len = 0;
        size_t from = framed ? frame_begin(&b) : 0;
        put_head(&b, WEFT_CALL, "needs", 3);
        put8(&b, 0);
        if (framed)
            frame_end(&b, from);
        int fd = dial();
        MUST(wire_send(fd, b.ptr, b.len));
        answered_with(fd, framed, 3, 7);
        goes_on(fd, framed); /* its end is known, even without a frame */
        close(fd);
    }
}

/* A oneway method that is called as if it had a reply, and the opposite. */
static void
oneway_and_not(void **state)
{
    (void)state;
    int fd = dial();
    put_number(&b, true, WEFT_CALL, "note", 1, 7);
    put_number(&b, true, WEFT_ONEWAY, "twice", 2, 7);
    put_number(&b, true, WEFT_ONEWAY, "unknown", 3, 7);
    MUST(wire_send(fd, b.ptr, b.len));
    goes_on(fd, true); /* no reply to any of them comes first */
    close(fd);
    AWAIT(wf_load(&house.trial.noted, acquire) == 1); /* it may run later */
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
    const struct CMUnitTest tests[] = {
        TEST(other_protocols),
        TEST(frames_of_no_size),
        TEST(a_frame_over_the_limit),
        TEST(two_gib_in_seven_bytes),
        TEST(two_gib_without_a_frame),
        TEST(frames_that_never_come),
        TEST(counts_that_lie),
        TEST(nested_a_million_times),
        TEST(an_unknown_method),
        TEST(a_name_of_a_megabyte),
        TEST(wrong_types_of_message),
        TEST(two_messages_in_one_frame),
        TEST(a_required_field_is_missing),
        TEST(oneway_and_not),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
