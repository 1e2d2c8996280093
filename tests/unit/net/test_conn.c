/* SPDX-License-Identifier: MIT */
/*
 * The connection as users have it: reading without copies, writing, hooks,
 * time-outs, and what a peer that misbehaves costs.
 */
#include <weft/weft.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What the hooks of one listener saw. */
struct seen {
    struct weft_sem connected, closed;
    weft_err why;
    int requests;
};

static void
on_connect(struct weft_conn *conn, void *user)
{
    struct seen *seen = user;
    (void)conn;
    weft_sem_give(&seen->connected, 1);
}

static void
on_close(struct weft_conn *conn, weft_err why, void *user)
{
    struct seen *seen = user;
    (void)conn;
    seen->why = why;
    weft_sem_give(&seen->closed, 1);
}

/* Send back what came, by reference. */
static void
echo(struct weft_conn *conn, void *user)
{
    struct weft_chain bytes = {0};
    struct seen *seen = user;
    seen->requests++;
    if (weft_conn_slice(conn, weft_conn_len(conn), &bytes))
        return;
    weft_conn_append_chain(conn, &bytes);
    if (weft_conn_flush(conn))
        weft_conn_close(conn);
}

struct pair {
    struct seen seen;
    struct weft_listener *listener;
    struct weft_conn *conn;
};

static void
listen_on(struct pair *p, const char *address,
          void (*on_request)(struct weft_conn *, void *),
          const struct weft_conn_options *options)
{
    struct weft_conn_hooks hooks = {on_connect, on_request, on_close};
    memset(p, 0, sizeof *p);
    assert_int_equal(
        weft_listen(address, &hooks, &p->seen, options, &p->listener), 0);
}

/* To host, which is followed by the listener's port unless it is a path. */
static void
dial(struct pair *p, const char *host, const struct weft_conn_options *o)
{
    char address[128];
    unsigned port = weft_listener_port(p->listener);
    if (port)
        snprintf(address, sizeof address, "%s:%u", host, port);
    else
        snprintf(address, sizeof address, "%s", host);
    assert_int_equal(weft_dial(address, o, weft_after_ms(5000), &p->conn), 0);
}

static void
open_pair(struct pair *p, void (*on_request)(struct weft_conn *, void *),
          const struct weft_conn_options *options)
{
    listen_on(p, "127.0.0.1:0", on_request, options);
    dial(p, "127.0.0.1", NULL);
}

static void
close_pair(struct pair *p)
{
    if (p->conn)
        weft_conn_close(p->conn);
    weft_listener_stop(p->listener);
}

static void
say(struct weft_conn *conn, const char *text)
{
    assert_int_equal(weft_conn_write(conn, text, strlen(text)), 0);
    assert_int_equal(weft_conn_flush(conn), 0);
}

static void
expect(struct weft_conn *conn, const char *text)
{
    const uint8_t *bytes;
    size_t n = strlen(text);
    assert_int_equal(weft_conn_wait_until(conn, n, weft_after_ms(5000)), 0);
    assert_int_equal(weft_conn_next(conn, n, &bytes), 0);
    assert_memory_equal(bytes, text, n);
    weft_conn_release(conn);
}

/* ---- reading ---- */

static void
reads_in_every_way(void **state)
{
    struct pair p;
    const uint8_t *bytes;
    size_t n;
    struct weft_chain chain = {0};
    char copy[8] = "";
    (void)state;
    open_pair(&p, echo, NULL);
    say(p.conn, "abcdefgh;ijkl");
    assert_int_equal(weft_conn_peek(p.conn, 3, &bytes), 0);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(weft_conn_next(p.conn, 2, &bytes), 0);
    assert_memory_equal(bytes, "ab", 2);
    assert_int_equal(weft_conn_skip(p.conn, 1), 0);
    assert_int_equal(weft_conn_slice(p.conn, 2, &chain), 0);
    assert_int_equal(weft_chain_copy_out(&chain, 0, copy, 2), 2);
    assert_string_equal(copy, "de");
    assert_int_equal(weft_conn_until(p.conn, ';', &bytes, &n), 0);
    assert_int_equal(n, 4);
    assert_memory_equal(bytes, "fgh;", 4);
    weft_conn_release(p.conn);
    expect(p.conn, "ijkl");
    weft_chain_clear(&chain);
    assert_int_equal(weft_conn_len(p.conn), 0);
    close_pair(&p);
}

/* The delimiter comes long after the rest, piece by piece. */
static void
searches_over_many_reads(void **state)
{
    struct pair p;
    const uint8_t *bytes;
    size_t n;
    char *piece = malloc(10000);
    (void)state;
    memset(piece, 'x', 10000);
    open_pair(&p, echo, NULL);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(weft_conn_write(p.conn, piece, 10000), 0);
        assert_int_equal(weft_conn_flush(p.conn), 0);
    }
    say(p.conn, "\nrest");
    assert_int_equal(weft_conn_until(p.conn, '\n', &bytes, &n), 0);
    assert_int_equal(n, 200001);
    assert_int_equal(bytes[0], 'x');
    assert_int_equal(bytes[200000], '\n');
    expect(p.conn, "rest");
    free(piece);
    close_pair(&p);
}

static void
says_how_a_wait_ends(void **state)
{
    struct pair p;
    const uint8_t *bytes;
    struct weft_conn_options slow = {.read_timeout_ms = 20, .max_input = 1000};
    (void)state;
    listen_on(&p, "127.0.0.1:0", echo, NULL);
    dial(&p, "127.0.0.1", &slow);
    assert_int_equal(weft_conn_next(p.conn, 1, &bytes), WEFT_EREADTIMEOUT);
    assert_int_equal(weft_conn_wait_until(p.conn, 1, weft_after_ms(5)),
                     WEFT_ETIMEOUT);
    assert_int_equal(weft_conn_wait(p.conn, 1001), WEFT_EBUFFERFULL);
    say(p.conn, "xy");
    expect(p.conn, "xy");
    weft_listener_stop(p.listener); /* the peer ends */
    assert_int_equal(weft_conn_next(p.conn, 1, &bytes), WEFT_EEOF);
    weft_conn_close(p.conn);
}

struct cancelled {
    struct weft_conn *conn;
    struct weft_sem begun;
    weft_err err;
};

static void
wait_for_ever(void *arg)
{
    struct cancelled *c = arg;
    weft_sem_give(&c->begun, 1);
    c->err = weft_conn_wait(c->conn, 1);
}

static void
a_waiting_reader_can_be_cancelled(void **state)
{
    struct pair p;
    weft_fiber fiber;
    (void)state;
    open_pair(&p, echo, NULL);
    struct cancelled c = {.conn = p.conn};
    assert_int_equal(weft_fiber_start(&fiber, wait_for_ever, &c), 0);
    assert_int_equal(weft_sem_take(&c.begun), 0);
    weft_fiber_cancel(fiber);
    assert_int_equal(weft_fiber_join(fiber), 0);
    assert_int_equal(c.err, WEFT_ECANCEL);
    close_pair(&p);
}

/* ---- writing ---- */

static void
count_done(void *arg)
{
    weft_sem_give(arg, 1);
}

static void
writes_in_every_way(void **state)
{
    struct pair p;
    struct weft_sem done = {0};
    struct weft_chain own = {0};
    static const char fixed[] = "by reference,";
    (void)state;
    open_pair(&p, echo, NULL);
    uint8_t *room = weft_conn_reserve(p.conn, 100);
    assert_non_null(room);
    memcpy(room, "reserved,", 9);
    assert_int_equal(weft_conn_commit(p.conn, 9), 0);
    assert_int_equal(weft_conn_write(p.conn, "copied,", 7), 0);
    assert_int_equal(
        weft_conn_append(p.conn, fixed, strlen(fixed), count_done, &done), 0);
    assert_int_equal(weft_conn_flush(p.conn), 0);
    expect(p.conn, "reserved,copied,by reference,");
    assert_int_equal(weft_sem_take(&done), 0);
    assert_int_equal(weft_chain_append(&own, "own", 3), 0);
    assert_int_equal(weft_conn_send(p.conn, &own), 0);
    expect(p.conn, "own");
    close_pair(&p);
}

/* 64 MiB there and back while both sides read and write. */
struct pumped {
    struct weft_conn *conn;
    weft_err err;
};

static void
pump(void *arg)
{
    struct pumped *pumped = arg;
    char *block = calloc(1, 1 << 20);
    for (int i = 0; i < 64 && !pumped->err; i++) {
        memset(block, i, 1 << 20);
        pumped->err = weft_conn_write(pumped->conn, block, 1 << 20);
        if (!pumped->err)
            pumped->err = weft_conn_flush(pumped->conn);
    }
    free(block);
}

static void
large_streams_pass_whole(void **state)
{
    struct pair p;
    weft_fiber fiber;
    struct weft_conn_options o = {.max_queued = 1 << 20};
    (void)state;
    listen_on(&p, "127.0.0.1:0", echo, &o);
    dial(&p, "127.0.0.1", &o);
    struct pumped pumped = {.conn = p.conn};
    assert_int_equal(weft_fiber_start(&fiber, pump, &pumped), 0);
    for (int i = 0; i < 64 * 16; i++) {
        const uint8_t *bytes;
        assert_int_equal(weft_conn_next(p.conn, 65536, &bytes), 0);
        assert_int_equal(bytes[0], i / 16);
        assert_int_equal(bytes[65535], i / 16);
        weft_conn_release(p.conn);
    }
    assert_int_equal(weft_fiber_join(fiber), 0);
    assert_int_equal(pumped.err, 0);
    close_pair(&p);
}

/* ---- hooks and limits ---- */

/* Says much, whatever came. */
static void
flood(struct weft_conn *conn, void *user)
{
    static char block[1 << 16];
    weft_err err = weft_conn_skip(conn, weft_conn_len(conn));
    (void)user;
    while (!err) {
        err = weft_conn_write(conn, block, sizeof block);
        if (!err)
            err = weft_conn_flush(conn);
    }
}

static void
a_peer_that_never_reads_is_cut_off(void **state)
{
    struct pair p;
    struct weft_conn_options o = {.write_timeout_ms = 100,
                                  .max_queued = 1 << 20};
    (void)state;
    open_pair(&p, flood, &o);
    say(p.conn, "go");
    assert_int_equal(weft_sem_take_until(&p.seen.closed, weft_after_ms(10000)),
                     0);
    assert_int_equal(p.seen.why, WEFT_EWRITETIMEOUT);
    close_pair(&p);
}

static void
an_idle_peer_is_cut_off(void **state)
{
    struct pair p;
    struct weft_conn_options o = {.idle_timeout_ms = 50};
    (void)state;
    open_pair(&p, echo, &o);
    assert_int_equal(weft_sem_take_until(&p.seen.closed, weft_after_ms(5000)),
                     0);
    assert_int_equal(p.seen.why, WEFT_EIDLE);
    close_pair(&p);
}

/* Takes nothing until there are ten bytes: it must not be called in a spin. */
static void
take_ten(struct weft_conn *conn, void *user)
{
    struct seen *seen = user;
    seen->requests++;
    if (weft_conn_len(conn) < 10)
        return;
    if (weft_conn_skip(conn, 10) || weft_conn_write(conn, "ten", 3) ||
        weft_conn_flush(conn))
        weft_conn_close(conn); /* the test sees the end */
}

static void
a_hook_that_takes_nothing_does_not_spin(void **state)
{
    struct pair p;
    (void)state;
    open_pair(&p, take_ten, NULL);
    for (int i = 0; i < 10; i++)
        say(p.conn, "x");
    expect(p.conn, "ten");
    assert_true(p.seen.requests <= 12);
    close_pair(&p);
}

static void
hooks_come_once_each_and_in_order(void **state)
{
    struct pair p;
    (void)state;
    open_pair(&p, echo, NULL);
    assert_int_equal(weft_sem_take(&p.seen.connected), 0);
    say(p.conn, "hi");
    expect(p.conn, "hi");
    weft_conn_close(p.conn);
    p.conn = NULL;
    assert_int_equal(weft_sem_take(&p.seen.closed), 0);
    assert_int_equal(p.seen.why, WEFT_EEOF);
    close_pair(&p);
    assert_false(weft_sem_try_take(&p.seen.connected));
    assert_false(weft_sem_try_take(&p.seen.closed));
}

static void
speaks_over_every_kind_of_address(void **state)
{
    struct pair p;
    char path[64], peer[128];
    (void)state;
    listen_on(&p, "[::1]:0", echo, NULL);
    dial(&p, "[::1]", NULL);
    assert_int_equal(weft_conn_peer(p.conn, peer, sizeof peer), 0);
    assert_memory_equal(peer, "[::1]:", 6);
    say(p.conn, "six");
    expect(p.conn, "six");
    close_pair(&p);
    snprintf(path, sizeof path, "unix:/tmp/weft-test-%d", (int)getpid());
    listen_on(&p, path, echo, NULL);
    dial(&p, path, NULL);
    say(p.conn, "unix");
    expect(p.conn, "unix");
    close_pair(&p);
    assert_int_equal(access(path + 5, F_OK), -1); /* it is cleaned away */
    listen_on(&p, ":0", echo, NULL);              /* both families */
    dial(&p, "127.0.0.1", NULL);
    say(p.conn, "all");
    expect(p.conn, "all");
    close_pair(&p);
}

static void
a_refused_connect_says_so(void **state)
{
    struct pair p;
    char address[64];
    struct weft_conn *conn;
    (void)state;
    listen_on(&p, "127.0.0.1:0", echo, NULL);
    snprintf(address, sizeof address, "127.0.0.1:%u",
             (unsigned)weft_listener_port(p.listener));
    weft_listener_stop(p.listener);
    assert_int_equal(weft_dial(address, NULL, weft_after_ms(5000), &conn),
                     -ECONNREFUSED);
    assert_null(conn);
}

static int
stop(void **state)
{
    (void)state;
    return weft_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_in_every_way),
        cmocka_unit_test(searches_over_many_reads),
        cmocka_unit_test(says_how_a_wait_ends),
        cmocka_unit_test(a_waiting_reader_can_be_cancelled),
        cmocka_unit_test(writes_in_every_way),
        cmocka_unit_test(large_streams_pass_whole),
        cmocka_unit_test(a_peer_that_never_reads_is_cut_off),
        cmocka_unit_test(an_idle_peer_is_cut_off),
        cmocka_unit_test(a_hook_that_takes_nothing_does_not_spin),
        cmocka_unit_test(hooks_come_once_each_and_in_order),
        cmocka_unit_test(speaks_over_every_kind_of_address),
        cmocka_unit_test(a_refused_connect_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
