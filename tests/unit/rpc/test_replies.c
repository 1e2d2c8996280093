/* SPDX-License-Identifier: MIT */
/* Invalid replies: each one fails only its own call. */
#include "peer.h"

#include "rpc/client.h"

#define LIMIT 1000u

/* Two calls in flight on one connection. */
struct two {
    struct peer p;
    struct caller a, b;
    int32_t seq_a, seq_b;
};

static void
two_open(struct two *t, const struct weft_client_options *options)
{
    peer_open(&t->p, options);
    t->a = t->b = (struct caller){.client = t->p.client};
    caller_start(&t->a);
    peer_accept(&t->p, true);
    t->seq_a = take_request(&t->p);
    caller_start(&t->b);
    t->seq_b = take_request(&t->p);
}

/* Check that call `a` has ended with err, and that the other call and a third
 * one succeed on the same connection. */
static void
two_close(struct two *t, weft_err err)
{
    send_reply(&t->p, WEFT_REPLY, "gate", t->seq_b, 22);
    caller_join(&t->b);
    assert_int_equal(t->b.err, WEFT_OK);
    assert_int_equal(t->b.result, 22);
    caller_join(&t->a);
    assert_int_equal(t->a.err, err);
    t->a = (struct caller){.client = t->p.client};
    caller_start(&t->a);
    peer_answer(&t->p, 33);
    caller_join(&t->a);
    assert_int_equal(t->a.result, 33);
    peer_close(&t->p);
}

static void
put_reply_of(struct bytes *b, int32_t seqid, size_t size)
{
    size_t from = frame_begin(b);
    put_head(b, WEFT_REPLY, "gate", seqid);
    for (size_t i = 0; i < size; i++)
        put8(b, (unsigned)(i * 7 & 0xff));
    frame_end(b, from);
}

/* The reply comes at once, or byte by byte until its sequence id is
 * complete. */
static void
a_reply_above_the_limit(void **state)
{
    (void)state;
    struct weft_client_options options = {.limits.message_size = LIMIT,
                                          .limits.name_size = 16};
    static const size_t sizes[] = {LIMIT, LIMIT * 3, 300000};
    for (int piecewise = 0; piecewise < 2; piecewise++) {
        for (int i = 0; i < 3; i++) {
            struct two t;
            struct bytes b = {0};
            two_open(&t, &options);
            put_reply_of(&b, t.seq_a, sizes[i]);
            size_t at = 0;
            for (; piecewise && at < 300; at++) {
                MUST(wire_send(t.p.fd, b.ptr + at, 1));
                if (at % 50 == 0)
                    MUST(!weft_sleep_ms(1)); /* so that the parts are read */
            }
            MUST(wire_send(t.p.fd, b.ptr + at, b.len - at));
            bytes_free(&b);
            two_close(&t, WEFT_ETOOBIG);
        }
    }
}

/* A reply that is too large and belongs to no call is skipped. */
static void
a_large_reply_to_no_call(void **state)
{
    (void)state;
    struct weft_client_options options = {.limits.message_size = LIMIT};
    struct weft_client_stats stats;
    struct two t;
    struct bytes b = {0};
    two_open(&t, &options);
    put_reply_of(&b, t.seq_b + 1000, 5000);
    MUST(wire_send(t.p.fd, b.ptr, b.len));
    bytes_free(&b);
    send_reply(&t.p, WEFT_REPLY, "gate", t.seq_a, 1);
    caller_join(&t.a);
    weft_client_get_stats(t.p.client, &stats);
    assert_int_equal(stats.strays, 1);
    two_close(&t, WEFT_OK);
}

/* A name that is too long, and a struct that is cut short. */
static void
a_bad_frame_fails_its_call(void **state)
{
    (void)state;
    static char name[2000];
    struct two t;
    memset(name, 'n', sizeof name - 1);
    two_open(&t, NULL);
    send_reply(&t.p, WEFT_REPLY, name, t.seq_a, 1);
    two_close(&t, WEFT_ESIZE);
    struct bytes b = {0};
    two_open(&t, NULL);
    size_t from = frame_begin(&b);
    put_head(&b, WEFT_REPLY, "gate", t.seq_a);
    put8(&b, WEFT_I64);
    frame_end(&b, from);
    MUST(wire_send(t.p.fd, b.ptr, b.len));
    bytes_free(&b);
    two_close(&t, WEFT_ETRUNC);
}

/* The frame is too short to have a sequence id. It fails the only call that
 * waits. */
static void
a_frame_that_cannot_be_told(void **state)
{
    (void)state;
    struct two t;
    two_open(&t, NULL);
    send_reply(&t.p, WEFT_REPLY, "gate", t.seq_b, 22);
    caller_join(&t.b);
    MUST(wire_send(t.p.fd, "\0\0\0\6\x80\1\0\2\0\0", 10));
    caller_join(&t.a);
    assert_int_equal(t.a.err, WEFT_ETRUNC);
    caller_start(&t.b);
    t.seq_b = take_request(&t.p);
    two_close(&t, WEFT_ETRUNC);
}

/* ---- THeader ---- */

/* Both a THeader frame and the message in it have a sequence id, the same or
 * another one. */
static weft_err
theader_reply(bool same)
{
    uint8_t b[256];
    struct peer p;
    struct weft_client_options options = {.dialect.framing = WEFT_THEADER};
    peer_open(&p, &options);
    struct caller a = {.client = p.client};
    caller_start(&a);
    peer_accept(&p, true);
    MUST(wire_recv(p.fd, b, 4));
    uint32_t len = (uint32_t)b[2] << 8 | b[3];
    MUST(len < sizeof b && wire_recv(p.fd, b, len));
    int32_t seqid = (int32_t)weft_load_be32(b + 4);
    struct bytes r = {0};
    size_t from = frame_begin(&r);
    put32(&r, 0x0fff0000);
    put32(&r, (uint32_t)seqid);
    put16(&r, 1); /* words of header */
    put32(&r, 0); /* binary, no transform, padding */
    put_head(&r, WEFT_REPLY, "gate", same ? seqid : seqid + 1);
    put8(&r, WEFT_I64);
    put16(&r, 0);
    put64(&r, 5);
    put8(&r, 0);
    frame_end(&r, from);
    MUST(wire_send(p.fd, r.ptr, r.len));
    bytes_free(&r);
    caller_join(&a);
    peer_close(&p);
    return a.err;
}

static void
two_sequence_ids(void **state)
{
    (void)state;
    assert_int_equal(theader_reply(true), WEFT_OK);
    assert_int_equal(theader_reply(false), WEFT_ESEQID);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_above_the_limit),
        cmocka_unit_test(a_large_reply_to_no_call),
        cmocka_unit_test(a_bad_frame_fails_its_call),
        cmocka_unit_test(a_frame_that_cannot_be_told),
        cmocka_unit_test(two_sequence_ids),
    };
    return cmocka_run_group_tests(tests, start_workers, stop_workers);
}
