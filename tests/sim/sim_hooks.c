/* SPDX-License-Identifier: MIT */
/*
 * The promises of net.h to the hooks of a listener and to its peers. Each hook
 * is called as often as promised. Records end where their delimiters are. Bytes
 * that are sent by reference are given back once. Limits of time, of bytes and
 * of connections hold. A stop ends in time, whoever stops, and however often.
 */
#define WEFT_SHIM 1

#include "fibers.h"

#include <weft/net.h>
#include <weft/os.h>

#include "base/base.h"

#include <errno.h>
#include <string.h>

#define ROUNDS 12
#define RECORD 9000
#define MOST 3       /* connections of the listener */
#define IDLE_MS 40   /* looked at each 10 ms */
#define INPUT 1000   /* bytes that the listener reads ahead */
#define STREAM 90000 /* bytes through a pipe */
#define MUCH 3000000
#define MANY 70

static enum part {
    RECORDS, /* records with delimiters come back by reference */
    CROWD,   /* more peers than the listener takes */
    IDLE,    /* peers that say nothing, and peers that say little */
    STOPS,   /* several tasks stop the listener at once */
    ENDS,    /* each side ends or aborts */
    SLICES,  /* bytes come back in the chains in which they came */
    LINGERS, /* a peer goes on after the close */
    PIPES,   /* descriptors without connections */
    PARTS,
} part;

static bool scarce; /* there may be no memory, or no descriptors */
static bool few;    /* no descriptors for a while: each connection is served or
                     * ended, also if no other one comes */
static bool many;   /* of STOPS: many peers that say nothing */
static int open_now, lent, given_back;
static struct weft_listener *listener;
static size_t sliced; /* bytes of the only connection of SLICES */

struct peer {
    int ends;
};

/* A connection that the client has closed and the server has not. */
static struct {
    weft_connid id;
    int64_t pause_ms;
    bool over;
} kept;

static weft_err
send_bytes(struct weft_conn *conn, const void *bytes, size_t n)
{
    weft_err err = weft_conn_write(conn, bytes, n);
    return err ? err : weft_conn_flush(conn);
}

/* ---- the server ---- */

/* Keep a reference for a while. The peer is told of the end nevertheless. */
static void
hold(void *arg)
{
    weft_connid id = {(uint64_t)(uintptr_t)arg};
    struct weft_conn *conn = weft_conn_ref(id);
    if (!conn)
        return;
    (void)weft_sleep_ms(400);
    weft_conn_unref(conn);
}

static void
on_connect(struct weft_conn *conn, void *user)
{
    struct peer *peer = calloc(1, sizeof *peer);
    (void)user;
    WEFT_SIM_CHECK(!weft_conn_user(conn));
    weft_conn_set_user(conn, peer);
    open_now++;
    WEFT_SIM_CHECK(part != CROWD || open_now <= MOST);
    if (part == IDLE)
        (void)start(hold, (void *)(uintptr_t)weft_conn_id(conn).id);
}

static void
on_close(struct weft_conn *conn, weft_err why, void *user)
{
    struct peer *peer = weft_conn_user(conn);
    (void)user;
    WEFT_SIM_CHECK(part != IDLE || why != WEFT_EIDLE || peer->ends == 0);
    WEFT_SIM_CHECK(peer->ends <= 1);
    open_now--;
    free(peer);
}

static void
on_end(struct weft_conn *conn, void *user)
{
    struct peer *peer = weft_conn_user(conn);
    (void)user;
    peer->ends++;
    if (part == LINGERS ? weft_conn_id(conn).id != kept.id.id
                        : part != ENDS || below(2))
        weft_conn_close(conn);
}

static void
give_back(void *arg)
{
    given_back++;
    if (arg)
        free(arg);
}

static weft_err
send_back(struct weft_conn *conn, const uint8_t *bytes, size_t n)
{
    uint8_t *copy = malloc(n);
    memcpy(copy, bytes, n);
    weft_err err = weft_conn_append_ref(conn, copy, n, give_back, copy);
    if (err) {
        free(copy);
        return err;
    }
    lent++;
    if (below(4) == 0) { /* no bytes: they are given back at once */
        lent++;
        err = weft_conn_append_ref(conn, NULL, 0, give_back, NULL);
    }
    return err ? err : weft_conn_flush(conn);
}

/* A record is `n` letters and then one of two delimiters, which is told by its
 * first letter. The peer waits for its record before it sends the next one. */
static void
take_record(struct weft_conn *conn)
{
    const uint8_t *bytes;
    size_t n, skipped = 0;
    if (weft_conn_peek(conn, 1, &bytes))
        return;
    uint8_t end = bytes[0] == 'a' ? ';' : '\n', other = end == ';' ? '\n' : ';';
    uint64_t deadline = soon();
    if (below(2)) {
        uint8_t wanted = below(2) ? other : end;
        weft_err err =
            weft_conn_next_through_until(conn, wanted, deadline, &bytes, &n);
        if (!err && wanted == end) {
            (void)!send_back(conn, bytes, n);
            return;
        }
        WEFT_SIM_CHECK(err && (scarce || err != -ENOMEM));
        if (err != WEFT_ETIMEOUT)
            return;
        skipped = weft_conn_len(conn) / 2;
        if (skipped > 100)
            skipped = 100;
        if (weft_conn_skip(conn, skipped))
            return;
    }
    if (weft_conn_next_through(conn, end, &bytes, &n))
        return;
    (void)!send_back(conn, bytes, n);
}

static void
take_some(struct weft_conn *conn)
{
    size_t len = weft_conn_len(conn);
    WEFT_SIM_CHECK(len <= INPUT);
    WEFT_SIM_CHECK(weft_conn_wait_until(conn, INPUT + 1, soon()) ==
                   WEFT_EBUFFERFULL);
    (void)!weft_conn_skip(conn, 1 + below(len));
    if (below(8) == 0)
        weft_conn_abort(conn);
}

static uint8_t
byte_at(size_t place)
{
    return (uint8_t)(place * 31 + (place >> 8) * 7 + (place >> 16));
}

/* Take some bytes as a chain, look at a part of them, and send them back. */
static void
send_slice(struct weft_conn *conn)
{
    uint8_t copy[20000];
    struct weft_chain chain = {0};
    if (below(2)) /* then the bytes are in several blocks */
        (void)!weft_conn_wait_until(conn, 100000, soon());
    size_t n = 1 + below(weft_conn_len(conn)), from = below(n);
    if (weft_conn_slice(conn, n, &chain))
        return;
    size_t got = weft_chain_copy_out(&chain, from, copy, sizeof copy);
    WEFT_SIM_CHECK(got == (n - from < sizeof copy ? n - from : sizeof copy));
    for (size_t i = 0; i < got; i++)
        WEFT_SIM_CHECK(copy[i] == byte_at(sliced + from + i));
    sliced += n;
    if (below(2)) {
        WEFT_SIM_CHECK(!weft_conn_send(conn, &chain));
    } else {
        weft_conn_append_chain(conn, &chain);
        WEFT_SIM_CHECK(!weft_conn_flush(conn));
    }
}

static void
send_much(struct weft_conn *conn)
{
    static const uint8_t bytes[100000];
    (void)!weft_conn_skip(conn, weft_conn_len(conn));
    WEFT_SIM_CHECK(weft_listener_stop(listener) == -EDEADLK);
    for (size_t n = 0; n < MUCH; n += sizeof bytes)
        if (weft_conn_write(conn, bytes, sizeof bytes))
            return;
    (void)!weft_conn_flush(conn);
}

/* For so long a peer may send after the close. */
static uint64_t
most_ns(void)
{
    return (kept.pause_ms ? 4200 : 12000) * (uint64_t)MS;
}

/* Until the peer's kernel resets the connection. */
static void
send_slowly(void *arg)
{
    struct weft_conn *conn = weft_conn_ref(*(weft_connid *)arg);
    weft_err err = conn ? WEFT_OK : WEFT_ECLOSED;
    uint64_t begun = weft_now_ns();
    (void)weft_sleep_ms(kept.pause_ms);
    while (!err) {
        WEFT_SIM_CHECK(weft_now_ns() - begun < most_ns());
        err = send_bytes(conn, "x", 1);
        (void)weft_sleep_ms(below(2) ? 500 : 100);
    }
    kept.over = true;
    if (conn)
        weft_conn_unref(conn);
}

/* Close the connection at once, or keep it, and go on sending although the peer
 * has closed it. */
static void
close_or_keep(struct weft_conn *conn)
{
    const uint8_t *bytes;
    if (weft_conn_next(conn, 1, &bytes))
        return;
    if (bytes[0] == 'c') {
        weft_conn_close(conn);
        return;
    }
    kept.id = weft_conn_id(conn);
    (void)start(send_slowly, &kept.id);
}

static void
on_request(struct weft_conn *conn, void *user)
{
    (void)user;
    if (part == RECORDS)
        take_record(conn);
    else if (part == ENDS)
        take_some(conn);
    else if (part == SLICES)
        send_slice(conn);
    else if (part == STOPS)
        send_much(conn);
    else if (part == LINGERS)
        close_or_keep(conn);
    else
        (void)!weft_conn_skip(conn, weft_conn_len(conn));
}

/* ---- the stop ---- */

static uint64_t stop_ns; /* when a stop began; its deadline is 50 ms later */

static void
stop_patiently(void *arg)
{
    (void)arg;
    weft_err err =
        weft_listener_stop_until(listener, weft_after_ms(3600 * 1000));
    WEFT_SIM_CHECK(!err || err == WEFT_ETIMEOUT);
    WEFT_SIM_CHECK(weft_now_ns() - stop_ns < 1000 * (uint64_t)MS);
}

/* The peer reads nothing, so that the stop waits until its deadline. Another
 * stop has a later one, and its fiber is cancelled. */
static void
stop_twice(void)
{
    weft_fiber patient = start(stop_patiently, NULL);
    stop_ns = weft_now_ns();
    rest();
    weft_fiber_cancel(patient);
    weft_err err = weft_listener_stop_until(listener, weft_after_ms(50));
    WEFT_SIM_CHECK(err == (many ? WEFT_OK : WEFT_ETIMEOUT));
    WEFT_SIM_CHECK(!weft_fiber_join(patient));
    WEFT_SIM_CHECK(!open_now);
}

static void
stop(void *arg)
{
    (void)arg;
    WEFT_SIM_CHECK(!weft_listener_stop(listener));
}

/* The stop gets the slot of a fiber that has just ended, perhaps of a hook. */
static void
stop_in_used_slot(void *arg)
{
    WEFT_SIM_CHECK(!weft_fiber_join(start(stop, arg)));
}

static bool client_waits;

static void
serve(void *arg)
{
    static const struct weft_conn_hooks hooks = {.on_connect = on_connect,
                                                 .on_request = on_request,
                                                 .on_close = on_close,
                                                 .on_end = on_end};
    const struct weft_conn_options options = {
        .max_connections = part == CROWD ? MOST : 0,
        .idle_timeout_ms = part == IDLE ? IDLE_MS : 0,
        .max_input = part == ENDS ? INPUT : 0};
    const struct weft_runtime_options runtime = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&runtime));
    WEFT_SIM_CHECK(!weft_listen(":7", &hooks, NULL, &options, &listener));
    if (part == STOPS) {
        while (!client_waits)
            (void)weft_sleep_ms(1);
        stop_twice();
    } else {
        weft_sim_wait_for_others();
        WEFT_SIM_CHECK(!weft_fiber_join(start(stop_in_used_slot, NULL)));
    }
    WEFT_SIM_CHECK(lent == given_back && !open_now);
    weft_listener_free(listener);
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

/* ---- the client ---- */

static struct weft_conn *
dial(void)
{
    struct weft_conn *conn = NULL;
    weft_err err =
        weft_dial_until("server:7", NULL, weft_after_ms(2000), &conn);
    WEFT_SIM_CHECK(!err || scarce);
    return conn;
}

static weft_err
exchange(struct weft_conn *conn, uint8_t *record, size_t n)
{
    uint8_t end = below(2) ? ';' : '\n';
    const uint8_t *bytes;
    size_t got, half = below(n);
    memset(record, end == ';' ? 'a' : 'b', n - 1);
    record[n - 1] = end;
    weft_err err = send_bytes(conn, record, half);
    if (half && below(2))
        (void)weft_sleep_ms((int64_t)below(8));
    if (!err)
        err = send_bytes(conn, record + half, n - half);
    if (!err)
        err = weft_conn_next_through_until(conn, end, weft_after_ms(3000),
                                           &bytes, &got);
    if (err)
        return err;
    /* without memory the server may skip some bytes more than once */
    WEFT_SIM_CHECK(got <= n && (got + 100 >= n || scarce) &&
                   bytes[got - 1] == end &&
                   !memcmp(bytes, record + n - got, got));
    WEFT_SIM_CHECK(weft_conn_len(conn) == 0);
    weft_conn_release(conn);
    return WEFT_OK;
}

/* Each connection is the only one for a while, so no event of another one makes
 * the server accept it. */
static void
send_few_records(void)
{
    static uint8_t record[RECORD];
    for (int i = 0; i < 2 * ROUNDS; i++) {
        struct weft_conn *conn = dial();
        if (!conn)
            continue;
        weft_err err = exchange(conn, record, 2 + below(100));
        WEFT_SIM_CHECK(err != WEFT_ETIMEOUT);
        weft_conn_close(conn);
        (void)weft_sleep_ms(5);
    }
}

static void
send_records(void *arg)
{
    static uint8_t records[4][RECORD];
    uint8_t *record = records[(intptr_t)arg];
    struct weft_conn *conn = dial();
    for (int i = 0; conn && i < ROUNDS; i++) {
        weft_err err = exchange(conn, record, 2 + below(1 + below(RECORD - 2)));
        if (err && !scarce)
            weft_sim_fail("a record: %s", weft_err_text(err));
        WEFT_SIM_CHECK(!few || err != WEFT_ETIMEOUT);
        if (err)
            break;
    }
    if (conn)
        weft_conn_close(conn);
}

static void
records(void)
{
    weft_fiber fibers[4];
    scarce = below(3) == 0;
    few = !scarce && below(3) == 0;
    if (few || scarce)
        weft_sim_faults(few ? WEFT_SIM_NO_DESCRIPTOR : WEFT_SIM_NO_MEMORY);
    scarce |= few;
    for (intptr_t i = 0; i < 4; i++)
        if (weft_fiber_start(send_records, (void *)i, &fibers[i]))
            fibers[i] = (weft_fiber){0};
    join_all(fibers, 4);
    if (few)
        send_few_records();
    weft_sim_faults(0);
}

static void
crowd(void)
{
    struct weft_conn *conns[2 * MOST];
    for (int i = 0; i < 2 * MOST; i++)
        conns[i] = dial();
    (void)weft_sleep_ms(20);
    WEFT_SIM_CHECK(open_now == MOST);
    for (int i = 0; i < 2 * MOST; i++)
        weft_conn_close(conns[i]);
    (void)weft_sleep_ms(20);
    struct weft_conn *conn = dial(); /* now there is room again */
    (void)weft_sleep_ms(20);
    WEFT_SIM_CHECK(open_now == 1);
    weft_conn_close(conn);
}

static void
say_little(void *arg)
{
    struct weft_conn *conn = dial();
    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        (void)weft_sleep_ms(IDLE_MS / 2);
        WEFT_SIM_CHECK(!send_bytes(conn, "x", 1));
    }
    WEFT_SIM_CHECK(weft_conn_wait_until(conn, 1, weft_now_ns()) ==
                   WEFT_ETIMEOUT);
    weft_conn_close(conn);
}

static void
be_idle(void)
{
    weft_fiber fiber = start(say_little, NULL);
    for (int i = 0; i < 3; i++) {
        struct weft_conn *conn = dial();
        uint64_t begun = weft_now_ns();
        weft_err err = weft_conn_wait_until(conn, 1, weft_after_ms(1000));
        WEFT_SIM_CHECK(err == WEFT_EEOF);
        WEFT_SIM_CHECK(weft_now_ns() - begun < IDLE_MS * MS + SLACK_NS);
        weft_conn_close(conn);
    }
    WEFT_SIM_CHECK(!weft_fiber_join(fiber));
}

/* The stream is cut, so it must not end as if it were whole. */
static void
must_be_cut(struct weft_conn *conn)
{
    size_t got = 0;
    weft_err err;
    while (!(err = weft_conn_wait_until(conn, 1, weft_after_ms(3000)))) {
        got += weft_conn_len(conn);
        WEFT_SIM_CHECK(!weft_conn_skip(conn, weft_conn_len(conn)));
    }
    WEFT_SIM_CHECK(got < MUCH && err != WEFT_EEOF && err != WEFT_ETIMEOUT);
}

/* Many peers say nothing. The stop closes all of them before its deadline. */
static void
be_many(void)
{
    struct weft_conn *conns[MANY];
    for (int i = 0; i < MANY; i++)
        conns[i] = dial();
    (void)weft_sleep_ms(20);
    client_waits = true;
    (void)weft_sleep_ms(500);
    WEFT_SIM_CHECK(!open_now);
    for (int i = 0; i < MANY; i++)
        weft_conn_close(conns[i]);
}

/* Ask for much, and read nothing. */
static void
be_stopped(void)
{
    struct weft_conn *conns[MOST];
    for (int i = 0; i < MOST; i++) {
        conns[i] = dial();
        WEFT_SIM_CHECK(!send_bytes(conns[i], "x", 1));
    }
    (void)weft_sleep_ms(20);
    client_waits = true;
    (void)weft_sleep_ms(1500);
    for (int i = 0; i < MOST; i++) {
        must_be_cut(conns[i]);
        weft_conn_close(conns[i]);
    }
}

static void
end_one(void *arg)
{
    static const uint8_t bytes[5 * INPUT];
    struct weft_conn *conn = dial();
    (void)arg;
    weft_err err = send_bytes(conn, bytes, 1 + below(sizeof bytes));
    if (!err && below(2))
        err = weft_conn_end(conn);
    if (!err && below(2))
        (void)weft_sleep_ms((int64_t)below(10));
    if (!err) {
        /* Only the first flush after the end fails, or none comes before. */
        err = weft_conn_end(conn);
        WEFT_SIM_CHECK(err || send_bytes(conn, bytes, 1));
    }
    err = weft_conn_wait_until(conn, 1, weft_after_ms(below(2) ? 0 : 300));
    /* The next wait does not take a failure for an ordinary end. */
    if (err && err != WEFT_ETIMEOUT && err != WEFT_EEOF)
        WEFT_SIM_CHECK(weft_conn_wait(conn, 1) != WEFT_EEOF);
    if (below(2))
        weft_conn_abort(conn);
    else
        weft_conn_close(conn);
}

static void
ends(void)
{
    weft_fiber fibers[ROUNDS];
    start_all(end_one, NULL, fibers, ROUNDS);
    join_all(fibers, ROUNDS);
}

/* After a close weft reads on until no byte has come for 2 s, and for 10 s at
 * most. Then the next bytes of the peer meet a reset. The server closes, or
 * this plain thread does. */
static void
linger(void)
{
    struct weft_conn *conn = dial();
    kept.pause_ms = below(2) ? 0 : 3000;
    if (below(2)) {
        WEFT_SIM_CHECK(!send_bytes(conn, "k", 1));
        (void)weft_sleep_ms(5);
        weft_conn_close(conn);
        while (!kept.over)
            (void)weft_sleep_ms(100);
        return;
    }
    WEFT_SIM_CHECK(!send_bytes(conn, "c", 1));
    WEFT_SIM_CHECK(weft_conn_wait(conn, 1) == WEFT_EEOF);
    uint64_t begun = weft_now_ns();
    (void)weft_sleep_ms(kept.pause_ms);
    while (!send_bytes(conn, "x", 1)) {
        WEFT_SIM_CHECK(weft_now_ns() - begun < most_ns());
        (void)weft_sleep_ms(below(2) ? 500 : 100);
    }
    weft_conn_close(conn);
}

#define SLICED 600000

static void
send_pieces(void *arg)
{
    struct weft_conn *conn = arg;
    for (size_t at = 0, n; at < SLICED; at += n) {
        n = 1 + below(below(4) ? 3000 : 150000);
        n = n < SLICED - at ? n : SLICED - at;
        uint8_t *room = weft_conn_reserve(conn, n);
        WEFT_SIM_CHECK(room);
        for (size_t i = 0; i < n; i++)
            room[i] = byte_at(at + i);
        if (below(8) == 0) /* this room is given up, and the next one used */
            room = weft_conn_reserve(conn, n);
        for (size_t i = 0; i < n; i++)
            room[i] = byte_at(at + i);
        WEFT_SIM_CHECK(!weft_conn_commit(conn, n) && !weft_conn_flush(conn));
        rest();
    }
}

static void
slice(void)
{
    struct weft_conn *conn = dial();
    weft_fiber sender = start(send_pieces, conn);
    const uint8_t *bytes;
    for (size_t at = 0; at < SLICED;) {
        WEFT_SIM_CHECK(!weft_conn_wait_until(conn, 1, weft_after_ms(3000)));
        size_t n = weft_conn_len(conn);
        WEFT_SIM_CHECK(!weft_conn_next(conn, n, &bytes));
        for (size_t i = 0; i < n; i++, at++)
            WEFT_SIM_CHECK(bytes[i] == byte_at(at));
        weft_conn_release(conn);
        if (!n)
            break;
    }
    WEFT_SIM_CHECK(!weft_fiber_join(sender));
    weft_conn_close(conn);
}

/* ---- pipes ---- */

static int pipe_ends[2];

static void
fill_pipe(void *arg)
{
    static uint8_t bytes[STREAM];
    size_t put;
    (void)arg;
    for (size_t i = 0; i < STREAM; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    WEFT_SIM_CHECK(!weft_fd_write(pipe_ends[1], bytes, STREAM, &put) &&
                   put == STREAM);
}

static void
see_byte(void *arg)
{
    uint64_t deadline = weft_after_ms(3000);
    (void)arg;
    WEFT_SIM_CHECK(weft_fd_wait_until(pipe_ends[0], WEFT_FD_READ, deadline) ==
                   WEFT_FD_READ);
}

static void
drain_pipe(void)
{
    uint8_t bytes[5000];
    size_t at = 0, got;
    while (at < STREAM) {
        uint64_t deadline = weft_after_ms(3000);
        WEFT_SIM_CHECK(!weft_fd_read_until(
            pipe_ends[0], bytes, 1 + below(sizeof bytes), deadline, &got));
        for (size_t i = 0; i < got; i++, at++)
            WEFT_SIM_CHECK(bytes[i] == (uint8_t)(at * 7 + at / 256));
        if (!got)
            return;
    }
}

static void
use_pipes(void *arg)
{
    weft_fiber fibers[3];
    uint8_t byte;
    size_t got;
    (void)arg;
    for (int i = 0; i < 3; i++) {
        WEFT_SIM_CHECK(!wf_sys_pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK));
        uint64_t deadline = soon();
        WEFT_SIM_CHECK(!ended_well(
            weft_fd_read_until(pipe_ends[0], &byte, 1, deadline, &got),
            deadline));
        deadline = soon();
        WEFT_SIM_CHECK(weft_fd_wait_until(pipe_ends[0], WEFT_FD_READ,
                                          deadline) == WEFT_ETIMEOUT &&
                       weft_now_ns() < deadline + SLACK_NS);
        start_all(see_byte, NULL, fibers, 3); /* all wait for one descriptor */
        (void)weft_sleep_ms((int64_t)below(3));
        weft_fiber filler = start(fill_pipe, NULL);
        join_all(fibers, 3);
        drain_pipe();
        WEFT_SIM_CHECK(!weft_fiber_join(filler));
        WEFT_SIM_CHECK(!wf_sys_close(pipe_ends[1]));
        WEFT_SIM_CHECK(weft_fd_read(pipe_ends[0], &byte, 1, &got) == WEFT_EEOF);
        WEFT_SIM_CHECK(!wf_sys_close(pipe_ends[0]));
    }
}

/* ---- one run ---- */

static void
be_client(void *arg)
{
    const struct weft_runtime_options options = {.workers =
                                                     1 + (uint32_t)below(3)};
    (void)arg;
    WEFT_SIM_CHECK(!weft_runtime_start(&options));
    (void)weft_sleep_ms(10); /* by then the server listens */
    switch (part) {
    case RECORDS:
        records();
        break;
    case CROWD:
        crowd();
        break;
    case IDLE:
        be_idle();
        break;
    case STOPS:
        many ? be_many() : be_stopped();
        break;
    case ENDS:
        ends();
        break;
    case LINGERS:
        linger();
        break;
    case SLICES:
        slice();
        break;
    default:
        WEFT_SIM_CHECK(!weft_fiber_join(start(use_pipes, NULL)));
    }
    WEFT_SIM_CHECK(!weft_runtime_stop());
}

static void
set_up(void)
{
    part = (enum part)below(PARTS);
    many = below(2);
    weft_sim_host_new("server", serve, NULL);
    weft_sim_host_new("client", be_client, NULL);
}

int
main(int argc, char **argv)
{
    static const struct weft_sim_scenario scenario = {.name = "hooks",
                                                      .set_up = set_up};
    return weft_sim_main(argc, argv, &scenario);
}
