/* SPDX-License-Identifier: MIT */
/* The write queue of a socket, and its end: one thread at a time sends, each
 * byte is sent once and in order, waiters are woken, and the last reference
 * closes the socket. */
#define WEFT_SHIM 1

#include "weak.h"

#include "base/slab.c"
#include "net/event.c"
#include "net/sock.c"
#include "net/write.c"

#include "net_stubs.h"

bool
wf_flush_defer(struct wf_write *node)
{
    (void)node;
    return false;
}

void
wf_sock_start_reader(struct wf_sock *s)
{
    wf_sock_unref(s);
}

static void
note_failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    WEAK_CHECK(why == WEFT_ECLOSED);
}

static const struct wf_sock_ops ops = {.failed = note_failed,
                                       .closed = note_closed};

static void
begin(void)
{
    make_sock(&ops, 2);
}

static void
begin_for_three(void)
{
    make_sock(&ops, 3);
}

/* ---- pushing ---- */

static void
write_byte(uintptr_t byte)
{
    struct weft_chain chain = {(void *)byte, (void *)byte, 1};
    weft_err err = wf_sock_write(&sock, &chain, WF_WRITE_NOW);
    WEAK_CHECK(!err || err == WEFT_ECLOSED);
}

static void
write_one(void)
{
    write_byte(10 + weak_self());
}

static void
write_two(void)
{
    write_byte(1);
    write_byte(2);
}

static void
all_freed(void)
{
    WEAK_CHECK(n_freed == n_nodes && !wf_load(&sock.newest, relaxed));
    WEAK_CHECK(wf_load(&sock.queued, relaxed) == 0);
}

static void
all_sent(void)
{
    all_freed();
    WEAK_CHECK(n_sent == n_nodes);
    for (uint32_t i = 0, before = 0; i < n_sent; i++) {
        WEAK_CHECK(sent[i] > 2 || sent[i] == before + 1);
        before += sent[i] <= 2;
    }
}

/* ---- failing ---- */

static void
write_and_leave(void)
{
    write_byte(1);
    wf_sock_unref(&sock);
}

static void
fail_and_leave(void)
{
    wf_sock_fail(&sock, WEFT_ECLOSED);
    wf_sock_unref(&sock);
}

static void
closed_and_freed(void)
{
    all_freed();
    WEAK_CHECK(closes == 1);
}

/* ---- waiting for room ---- */

static void
begin_full(void)
{
    begin();
    wf_store(&sock.queued, 10, relaxed);
}

static void
wait_for_room(void)
{
    weft_err err = wf_sock_wait_writable(&sock, 5, WEFT_NEVER);
    WEAK_CHECK(!err || err == WEFT_ECLOSED);
}

static void
make_room(void)
{
    wf_sock_unpin(&sock, 4);
    wf_sock_unpin(&sock, 5);
}

static void
fail_it(void)
{
    wf_sock_fail(&sock, WEFT_ECLOSED);
}

/* ---- the writer fiber: the kernel takes no byte ---- */

static void
begin_slow(void)
{
    begin();
    may_send = 0;
}

static void
event_of_room(void)
{
    enter_kernel();
    may_send = 100;
    wf_sock_event(sock_id, EPOLLOUT);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"push and fail",
         begin,
         {write_and_leave, fail_and_leave},
         closed_and_freed,
         2},
        {"room", begin_full, {wait_for_room, make_room}, NULL, 0},
        {"no room, failure", begin_full, {wait_for_room, fail_it}, NULL, 0},
        {"writer, event", begin_slow, {write_one, event_of_room}, all_sent, 2},
        {"writer, failure", begin_slow, {write_one, fail_it}, all_freed, 2},
        {"writer, event, push",
         begin_for_three,
         {write_one, write_one, event_of_room},
         all_sent,
         1},
        {"two push", begin, {write_two, write_one}, all_sent, 0},
        {"three push", begin, {write_one, write_one, write_one}, all_sent, 2},
        {0},
    };
    static const char *const files[] = {"write.c", "event.c", "sock.c:fail",
                                        "sock.h:wf_sock_error", NULL};
    static const struct weak_excuse excuses[] = {
        {"wf_write_sent", "&s->sends", WEAK_relaxed, "see weak_read.c"},
        {"writer_main", "&s->writer", WEAK_unreached, "only in a mutant"},
        {"wf_sock_wait_writable", "&s->n_waiters", WEAK_unreached,
         "only in a mutant"},
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
