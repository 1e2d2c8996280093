/* SPDX-License-Identifier: MIT */
/* The reader of a socket: there is one at a time, and it misses no byte, no end
 * of input and no reason of a failure. */
#define WEFT_SHIM 1

#include "weak.h"

#include "base/slab.c"
#include "net/conn.c"
#include "net/conn_read.c"
#include "net/event.c"
#include "net/read.c"
#include "net/sock.c"
#include "net/write.c"

#include "net_stubs.h"

static struct weft_conn conn;
static uint32_t n_read;
static char fact;      /* written by the thread that closes the connection,
                        * before the close */
static weft_err ended; /* the error that a reader has received */

bool
wf_flush_defer(struct wf_write *node)
{
    (void)node;
    return false;
}

void
wf_log_sparsely(struct wf_log_limit *limit, enum weft_log_level level,
                const char *fmt, ...)
{
    (void)limit, (void)level, (void)fmt;
}

/* ---- a reader that starts with the first event, and ends ---- */

static void
read_all(struct wf_sock *s)
{
    uint64_t seen = wf_sock_read_begin(s);
    do {
        bool drained = false;
        while (!ended && !drained) {
            struct wf_read_buffer buffer = {.limit = 100};
            conn.in.len = 0;
            ended = wf_sock_read(s, &conn.in, &buffer, &drained);
            n_read += (uint32_t)conn.in.len;
        }
    } while (!ended && !wf_sock_read_end(s, &seen));
}

static void
note_failed(struct wf_sock *s, weft_err why)
{
    (void)s, (void)why;
}

static const struct wf_sock_ops goes = {
    .readable = read_all, .failed = note_failed, .closed = note_closed};

static void
begin_idle(void)
{
    make_sock(&goes, 0);
    memset(&conn, 0, sizeof conn);
    n_read = 0;
    ended = WEFT_OK;
}

static void
byte_comes(void)
{
    enter_kernel();
    to_read += !at_end;
    wf_sock_event(sock_id, EPOLLIN);
}

/* The end comes with the last byte: a read of that byte is short, and no other
 * event comes. */
static void
end_comes(void)
{
    enter_kernel();
    to_read++;
    at_end = true;
    wf_sock_event(sock_id, EPOLLIN | EPOLLRDHUP);
}

/* Urgent data, as on a unix socket: the read of the first byte ends at the
 * mark. */
static void
urgent_comes(void)
{
    enter_kernel();
    to_read++;
    at_end = true;
    wf_sock_event(sock_id, EPOLLIN | EPOLLPRI);
}

static void
two_read(void)
{
    WEAK_CHECK(n_read == 2 && !ended);
}

static void
three_read(void)
{
    WEAK_CHECK(n_read == 3 && !ended);
}

static void
end_read(void)
{
    WEAK_CHECK(to_read == 0 && ended == WEFT_EEOF);
}

/* ---- the owner prepares the socket, then events may come ---- */

static void
prepare_and_watch(void)
{
    weak_write(&owner, 1);
    WEAK_CHECK(!wf_sock_watch(&sock));
}

static void
first_event(void)
{
    weak_sleep(&is_polled);
    byte_comes();
}

/* ---- a reader that stays, and parks ---- */

static const struct wf_sock_ops stays = {.readable = wf_sock_never_readable,
                                         .failed = wf_conn_failed,
                                         .closed = note_closed};

static void
begin_named(void)
{
    begin_idle();
    make_sock(&stays, 2);
    conn.sock = &sock;
    conn.live = WF_LIVE;
    conn.max_input = 100;
    conn.read_timeout_ms = WEFT_NONE;
    conn.listener = (struct weft_listener *)(void *)&conn; /* as in a connection
                                                            * of a server */
    conn.seen = 1;
    wf_store(&sock.events, 1, relaxed);
}

static void
wait_for_byte(void)
{
    ended = weft_conn_wait(&conn, 1);
    if (ended == WEFT_ECLOSED)
        weak_read(&fact, 1);
}

static void
byte_is_there(void)
{
    WEAK_CHECK(!ended && conn.in.len > 0);
}

static void
close_it(void)
{
    weak_write(&fact, 1);
    weft_conn_close(&conn);
}

static void
fail_it(void)
{
    wf_sock_fail(&sock, WEFT_EREADTIMEOUT);
}

static void
is_closed(void)
{
    WEAK_CHECK(ended == WEFT_ECLOSED);
}

static void
has_failed(void)
{
    WEAK_CHECK(ended == WEFT_EREADTIMEOUT);
}

/* ---- a reset of which the kernel tells only the writer ---- */

static void
begin_reset(void)
{
    begin_idle();
    make_sock(&goes, 2);
    is_reset = true;
}

static void
write_byte(void)
{
    struct weft_chain chain = {(void *)1, (void *)1, 1};
    weft_err err = wf_sock_write(&sock, &chain, WF_WRITE_NOW);
    WEAK_CHECK(!err || err == -ECONNRESET);
}

static void
read_reset(void)
{
    struct wf_read_buffer buffer = {.limit = 100};
    bool drained;
    ended = wf_sock_read(&sock, &conn.in, &buffer, &drained);
}

static void
knows_reset(void)
{
    WEAK_CHECK(ended == -ECONNRESET);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"two events", begin_idle, {byte_comes, byte_comes}, two_read, 0},
        {"the end", begin_idle, {byte_comes, end_comes}, end_read, 0},
        {"urgent", begin_idle, {byte_comes, urgent_comes}, end_read, 0},
        {"watch", begin_idle, {prepare_and_watch, first_event}, NULL, 0},
        {"wait", begin_named, {wait_for_byte, byte_comes}, byte_is_there, 0},
        {"wait, close", begin_named, {wait_for_byte, close_it}, is_closed, 0},
        {"wait, failure", begin_named, {wait_for_byte, fail_it}, has_failed, 0},
        {"reset", begin_reset, {write_byte, read_reset}, knows_reset, 0},
        {"three events",
         begin_idle,
         {byte_comes, byte_comes, byte_comes},
         three_read,
         2},
        {0},
    };
    static const char *const files[] = {"read.c",
                                        "conn_read.c",
                                        "conn.c",
                                        "sock.c:wf_sock_watch",
                                        "sock.h:wf_sock_read_begin",
                                        "write.c:wf_write_sent",
                                        NULL};
    static const struct weak_excuse excuses[] = {
        {"await_event", "&s->reader", WEAK_unreached, "only in a mutant"},
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
