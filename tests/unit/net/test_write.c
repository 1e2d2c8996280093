/* SPDX-License-Identifier: MIT */
/* Writing: order, references, the limit of the queue, a peer that does not
 * read. */
#include "fiber/task.h"
#include "net/conn.h"
#include "net/ring.h"
#include "trial_server.h"
#include "wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define MS 1000000u

struct pair {
    int listener, fd; /* fd: the peer's end */
    struct weft_conn *conn;
};

static void
pair_open(struct pair *p, const struct weft_conn_options *options)
{
    char address[32];
    uint16_t port = 0;
    p->listener = wire_listen(&port, 4);
    snprintf(address, sizeof address, "127.0.0.1:%u", (unsigned)port);
    MUST(!weft_dial_until(address, options, weft_after_ms(LONG_MS), &p->conn));
    p->fd = wire_accept(p->listener);
}

static void
pair_close(struct pair *p)
{
    if (p->conn)
        weft_conn_close(p->conn);
    close(p->fd);
    close(p->listener);
}

static _Atomic int done_calls;

static void
done(void *arg)
{
    free(arg);
    wf_add(&done_calls, 1, release);
}

static void
every_way_to_write(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p, NULL);
    char *lent = malloc(100000), got[100016];
    memset(lent, 'l', 100000);
    wf_store(&done_calls, 0, relaxed);
    uint8_t *room = weft_conn_reserve(p.conn, 10);
    memcpy(room, "reserved!!", 10);
    MUST(!weft_conn_commit(p.conn, 8));
    MUST(!weft_conn_append_ref(p.conn, lent, 100000, done, lent));
    MUST(!weft_conn_append_ref(p.conn, "static", 6, NULL, NULL));
    struct weft_chain chain = {0};
    MUST(!weft_chain_append(&chain, "..", 2));
    weft_conn_append_chain(p.conn, &chain);
    assert_int_equal(chain.len, 0);
    assert_int_equal(wf_load(&done_calls, acquire), 0);
    assert_int_equal(weft_conn_flush(p.conn), WEFT_OK);
    assert_int_equal(weft_conn_flush(p.conn), WEFT_OK); /* nothing to flush */
    assert_true(wire_recv(p.fd, got, 100016));
    assert_memory_equal(got, "reservedlll", 11);
    assert_memory_equal(got + 100005, "lllstatic..", 11);
    AWAIT(wf_load(&done_calls, acquire) == 1);
    pair_close(&p);
}

/* A sender may not know of the end yet. Its bytes are dropped: the kernel would
 * refuse them, and the connection would fail, although it still reads. */
static void
bytes_after_the_end_are_dropped(void **state)
{
    (void)state;
    struct pair p;
    char got[3];
    const uint8_t *bytes;
    struct weft_chain chain = {0};
    pair_open(&p, NULL);
    MUST(!weft_chain_append(&chain, "end", 3));
    MUST(!wf_sock_write(p.conn->sock, &chain, WF_WRITE_SHUT));
    for (int i = 0; i < 3; i++) {
        MUST(!weft_chain_append(&chain, "late", 4));
        MUST(!wf_sock_write(p.conn->sock, &chain, WF_WRITE_NOW));
        AWAIT(wf_load(&p.conn->sock->queued, acquire) == 0);
    }
    assert_true(wire_recv(p.fd, got, 3));
    assert_true(wire_ends(p.fd));
    MUST(wire_send(p.fd, "answer", 6));
    assert_int_equal(weft_conn_next(p.conn, 6, &bytes), WEFT_OK);
    pair_close(&p);
}

static void
closed_behind_a_flush(void **state)
{
    (void)state;
    enum { SIZE = 8 << 20 };
    struct pair p;
    pair_open(&p, NULL);
    uint8_t *bytes = calloc(1, SIZE);
    MUST(!weft_conn_append_ref(p.conn, bytes, SIZE, NULL, NULL));
    MUST(!weft_conn_flush(p.conn));
    MUST(!weft_conn_write(p.conn, "not flushed", 11));
    weft_conn_close(p.conn);
    p.conn = NULL;
    uint8_t *got = malloc(SIZE);
    assert_true(wire_recv(p.fd, got, SIZE));
    assert_true(wire_ends(p.fd));
    free(got);
    pair_close(&p);
    free(bytes);
}

#define PIECE 100000

static void
put_piece(struct weft_conn *conn, uint32_t i)
{
    uint8_t *room = weft_conn_reserve(conn, PIECE);
    MUST(room);
    memset(room, (int)i, PIECE);
    MUST(!weft_conn_commit(conn, PIECE));
}

/* Has the kernel taken all that it takes while the peer does not read? */
static bool
is_refused(struct wf_sock *s)
{
    struct wf_task *writer = wf_load(&s->writer, acquire);
    return writer && wf_load(&writer->state, acquire) == WF_TASK_PARKED;
}

/* When the queue is full the writer waits, and continues when there is room. No
 * byte is lost. */
static void
a_full_queue(void **state)
{
    (void)state;
    struct pair p;
    struct weft_conn_options options = {.max_queued = 256 << 10};
    pair_open(&p, &options);
    uint32_t n = 0;
    weft_err err = WEFT_OK;
    for (; !err && n < 1000; n++) {
        put_piece(p.conn, n);
        do
            err = weft_conn_flush_until(p.conn, weft_after_ms(20));
        while (err == WEFT_ETIMEOUT && !is_refused(p.conn->sock));
    }
    assert_int_equal(err, WEFT_ETIMEOUT); /* the last piece was not sent */
    assert_in_range(n, 3, 900);
    struct weft_chain chain = {0};
    MUST(!weft_chain_append(&chain, "x", 1));
    size_t queued = wf_load(&p.conn->sock->queued, acquire);
    for (int i = 0; i < 100; i++) { /* refused bytes do not count as queued */
        MUST(!weft_chain_append(&chain, "xx", 2));
        assert_int_equal(weft_conn_send(p.conn, &chain), WEFT_EOVERCROWDED);
        assert_int_equal(chain.len, 0);
    }
    assert_int_equal(wf_load(&p.conn->sock->queued, acquire), queued);
    uint8_t *got = malloc(PIECE);
    for (uint32_t i = 0; i < n; i++) {
        if (i == n - 1)
            assert_int_equal(weft_conn_flush(p.conn), WEFT_OK);
        assert_true(wire_recv(p.fd, got, PIECE));
        for (int k = 0; k < PIECE; k += 999)
            assert_int_equal(got[k], (uint8_t)i);
    }
    free(got);
    pair_close(&p);
}

static void
a_peer_that_never_reads(void **state)
{
    (void)state;
    struct pair p;
    struct weft_conn_options options = {.max_queued = 1 << 20,
                                        .write_timeout_ms = 60};
    pair_open(&p, &options);
    uint64_t begun = weft_now_ns();
    weft_err err = WEFT_OK;
    for (uint32_t i = 0; !err && i < 1000; i++) {
        put_piece(p.conn, i);
        err = weft_conn_flush(p.conn);
    }
    assert_int_equal(err, WEFT_EWRITETIMEOUT);
    assert_true(weft_now_ns() - begun >= 60 * MS);
    assert_int_equal(weft_conn_wait(p.conn, 1), WEFT_EWRITETIMEOUT);
    put_piece(p.conn, 0);
    assert_int_equal(weft_conn_flush(p.conn), WEFT_EWRITETIMEOUT);
    weft_conn_close(p.conn);
    p.conn = NULL;
    ssize_t n;
    char got[4096];
    while ((n = read(p.fd, got, sizeof got)) > 0)
        ;
    assert_int_equal(n, -1); /* the stream was cut: no clean end */
    assert_int_equal(errno, ECONNRESET);
    pair_close(&p);
}

struct waiter {
    struct weft_conn *conn;
    weft_err err;
};

static void
flush_all(void *arg)
{
    struct waiter *w = arg;
    w->err = WEFT_OK;
    for (uint32_t i = 0; !w->err && i < 1000; i++) {
        put_piece(w->conn, i);
        w->err = weft_conn_flush(w->conn);
    }
}

static void
flushes_that_end_early(void **state)
{
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct pair p;
        struct weft_conn_options options = {.max_queued = 1 << 20};
        pair_open(&p, &options);
        struct waiter w = {.conn = p.conn};
        weft_fiber fiber;
        MUST(!weft_fiber_start(flush_all, &w, &fiber));
        AWAIT(wf_load(&p.conn->sock->n_waiters, acquire) == 1);
        if (turn == 0)
            weft_fiber_cancel(fiber);
        else
            wire_reset(p.fd);
        MUST(!weft_fiber_join(fiber));
        if (turn == 0)
            assert_int_equal(w.err, WEFT_ECANCEL);
        else
            assert_true(w.err == -ECONNRESET || w.err == -EPIPE);
        if (turn == 1)
            p.fd = -1;
        pair_close(&p);
    }
}

/* ---- many senders ---- */

#define SENDERS 8
#define CHAINS 300

struct sender {
    struct weft_conn *conn;
    uint8_t name;
};

/* Send chains: the sender, a number, a length, and as many bytes. */
static void
send_chains(void *arg)
{
    const struct sender *s = arg;
    uint8_t bytes[3000];
    for (uint32_t i = 0; i < CHAINS; i++) {
        struct weft_chain chain = {0};
        uint32_t len = (i * 37 + s->name) % sizeof bytes;
        uint8_t head[5] = {s->name, (uint8_t)(i >> 8), (uint8_t)i,
                           (uint8_t)(len >> 8), (uint8_t)len};
        memset(bytes, s->name, len);
        MUST(!weft_chain_append(&chain, head, 5));
        MUST(!weft_chain_append(&chain, bytes, len));
        MUST(!weft_conn_send(s->conn, &chain));
        if (i % 16 == 0)
            weft_fiber_yield();
    }
}

static void *
send_chains_thread(void *arg)
{
    send_chains(arg);
    return NULL;
}

static void
chains_of_many_senders(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p, NULL);
    struct sender senders[SENDERS];
    weft_fiber fibers[SENDERS / 2];
    pthread_t threads[SENDERS / 2];
    for (uint8_t i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){p.conn, i};
        if (i % 2)
            MUST(!pthread_create(&threads[i / 2], NULL, send_chains_thread,
                                 &senders[i]));
        else
            MUST(!weft_fiber_start(send_chains, &senders[i], &fibers[i / 2]));
    }
    uint32_t next[SENDERS] = {0};
    for (int i = 0; i < SENDERS * CHAINS; i++) {
        uint8_t head[5], bytes[3000];
        MUST(wire_recv(p.fd, head, 5) && head[0] < SENDERS);
        MUST((uint32_t)(head[1] << 8 | head[2]) == next[head[0]]++);
        size_t len = (size_t)(head[3] << 8 | head[4]);
        MUST(wire_recv(p.fd, bytes, len));
        for (size_t k = 0; k < len; k++)
            MUST(bytes[k] == head[0]);
    }
    for (int i = 0; i < SENDERS / 2; i++) {
        pthread_join(threads[i], NULL);
        MUST(!weft_fiber_join(fibers[i]));
    }
    pair_close(&p);
}

/* ---- deferred writes, with WEFT_POLLER=uring ---- */

struct burner {
    struct weft_conn *conn;
    _Atomic bool seen; /* the peer has received what was written */
    bool was_seen;
};

static void
nothing(void *arg)
{
    (void)arg;
}

static void
write_among_others(struct weft_conn *conn)
{
    struct weft_chain chain = {0};
    MUST(!weft_chain_append(&chain, "here", 4));
    for (int i = 0; i < 8; i++)
        MUST(!weft_fiber_start(nothing, NULL, NULL));
    MUST(!weft_conn_send(conn, &chain));
}

static void
write_and_burn(void *arg)
{
    struct burner *b = arg;
    uint64_t until = weft_after_ms(LONG_MS);
    write_among_others(b->conn);
    while (!wf_load(&b->seen, acquire) && weft_now_ns() < until)
        ;
    b->was_seen = wf_load(&b->seen, acquire);
}

/* A fiber writes and then keeps its worker busy: the bytes still reach the
 * peer. */
static void
written_by_who_hogs(void **state)
{
    (void)state;
    struct pair p;
    pair_open(&p, NULL);
    struct burner b = {.conn = p.conn};
    weft_fiber fiber;
    char got[4];
    MUST(!weft_fiber_start(write_and_burn, &b, &fiber));
    assert_true(wire_recv(p.fd, got, sizeof got));
    wf_store(&b.seen, true, release);
    MUST(!weft_fiber_join(fiber));
    assert_true(b.was_seen);
    pair_close(&p);
}

enum { MANY = 2 * WF_RING_SENDS + 1 };

static void
write_to_many(void *arg)
{
    struct pair *pairs = arg;
    for (int i = 0; i < MANY; i++)
        write_among_others(pairs[i].conn);
}

/* More writes wait for the next poll than a ring takes at once. */
static void
more_than_a_ring_of_writes(void **state)
{
    static struct pair pairs[MANY];
    weft_fiber fiber;
    char got[4];
    (void)state;
    for (int i = 0; i < MANY; i++)
        pair_open(&pairs[i], NULL);
    MUST(!weft_fiber_start(write_to_many, pairs, &fiber));
    for (int i = 0; i < MANY; i++) {
        assert_true(wire_recv(pairs[i].fd, got, sizeof got));
        assert_memory_equal(got, "here", 4);
    }
    MUST(!weft_fiber_join(fiber));
    for (int i = 0; i < MANY; i++)
        pair_close(&pairs[i]);
}

static void
write_and_close(void *arg)
{
    struct pair *p = arg;
    write_among_others(p->conn);
    weft_conn_close(p->conn);
    p->conn = NULL;
}

/* Bytes of the last fiber arrive, though the workers end right after its
 * write. */
static void
stopped_behind_a_write(void **state)
{
    (void)state;
    struct weft_runtime_options one = {.workers = 1}, two = {.workers = 2};
    MUST(!weft_runtime_stop() && !weft_runtime_start(&one));
    for (int i = 0; i < 50; i++) {
        struct pair p;
        char got[4];
        pair_open(&p, NULL);
        MUST(!weft_fiber_start(write_and_close, &p, NULL));
        MUST(!weft_runtime_stop() && !weft_runtime_start(&one));
        assert_true(wire_recv(p.fd, got, sizeof got));
        assert_true(wire_ends(p.fd));
        pair_close(&p);
    }
    MUST(!weft_runtime_stop() && !weft_runtime_start(&two));
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 2};
    alarm(300);
    return weft_runtime_start(&options);
}

static int
stop(void **state)
{
    (void)state;
    return weft_runtime_stop();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_write),
        cmocka_unit_test(bytes_after_the_end_are_dropped),
        cmocka_unit_test(closed_behind_a_flush),
        cmocka_unit_test(a_full_queue),
        cmocka_unit_test(a_peer_that_never_reads),
        cmocka_unit_test(flushes_that_end_early),
        cmocka_unit_test(chains_of_many_senders),
        cmocka_unit_test(written_by_who_hogs),
        cmocka_unit_test(more_than_a_ring_of_writes),
        cmocka_unit_test(stopped_behind_a_write),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
