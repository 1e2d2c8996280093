/* SPDX-License-Identifier: MIT */
/* The test decides how many bytes of a socket the kernel takes, and moves the
 * clock, which stands still otherwise. So each run is the same, although much
 * depends on time. */
#include "net/net.h"
#include "net/write.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define MUST(cond)                                            \
    do {                                                      \
        if (!(cond)) {                                        \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #cond); \
            abort();                                          \
        }                                                     \
    } while (0)

/* If `cond` never comes true, the alarm of start() ends the program. */
#define AWAIT(cond)       \
    do {                  \
        while (!(cond))   \
            usleep(1000); \
    } while (0)

#define TIMEOUT_MS 1000u
#define RATE_BYTES ((size_t)32 << 10) /* least bytes to send in a time-out */
#define SIZE ((size_t)1 << 20)

/* ---- a simulated kernel ---- */

static struct {
    int fd;
    struct wf_sock *_Atomic sock;
    _Atomic size_t takes;  /* bytes that it takes from now on */
    _Atomic int refusals;  /* sends that got -EAGAIN */
    _Atomic int edge_at;   /* refusal at which space comes, from 1; 0: never */
    _Atomic uint64_t time; /* ns added to a clock that stands still */
    _Atomic int sends, sendmsgs; /* calls that took bytes */
} kernel;

static uint64_t
clock_ns(void)
{
    return 1000000000u + wf_load(&kernel.time, acquire);
}

static void
tell_of_space(void)
{
    struct wf_sock *s = wf_load(&kernel.sock, acquire);
    wf_sock_event(wf_slot_id(&s->slot), EPOLLOUT);
}

static ssize_t
take(size_t n, _Atomic int *calls)
{
    /* A read that meets the end of the input waits while `sends` is set, so
     * `sends` must be set during a send. */
    MUST(wf_load(&wf_load(&kernel.sock, acquire)->sends, relaxed));
    size_t takes = wf_load(&kernel.takes, acquire);
    size_t taken = WF_MIN(takes, n);
    wf_sub(&kernel.takes, taken, acq_rel);
    if (taken > 0) {
        wf_add(calls, 1, relaxed);
        return (ssize_t)taken;
    }
    if (wf_add(&kernel.refusals, 1, acq_rel) + 1 ==
        wf_load(&kernel.edge_at, acquire)) {
        wf_store(&kernel.takes, SIZE, release);
        tell_of_space();
    }
    return -EAGAIN;
}

static ssize_t
shim_send(int fd, const void *buf, size_t n)
{
    return fd == kernel.fd ? take(n, &kernel.sends)
                           : send(fd, buf, n, MSG_NOSIGNAL);
}

static ssize_t
shim_sendmsg(int fd, const struct msghdr *m)
{
    size_t n = 0;
    for (size_t i = 0; i < (size_t)m->msg_iovlen; i++)
        n += m->msg_iov[i].iov_len;
    return fd == kernel.fd ? take(n, &kernel.sendmsgs)
                           : sendmsg(fd, m, MSG_NOSIGNAL);
}

/* ---- a socket ---- */

static _Atomic int closings;

static void
readable(struct wf_sock *s)
{
    (void)s; /* does not read, and stays the reader */
}

static void
failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    (void)why;
}

static void
closed(struct wf_sock *s)
{
    (void)s;
    wf_add(&closings, 1, release);
}

static const struct wf_sock_ops ops = {
    .readable = readable, .failed = failed, .closed = closed};

static uint8_t bytes[SIZE];

/* A socket with SIZE bytes queued, and its writer fiber. */
static struct wf_sock *
open_and_write(int edge_at)
{
    int fds[2];
    struct weft_chain chain = {0};
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    MUST(!fcntl(fds[0], F_SETFL, O_NONBLOCK));
    struct wf_sock *s = wf_sock_new(fds[0], &ops, NULL);
    MUST(s);
    s->write_timeout_ms = TIMEOUT_MS;
    kernel.fd = fds[0];
    wf_store(&kernel.takes, 0, relaxed);
    wf_store(&kernel.refusals, 0, relaxed);
    wf_store(&kernel.edge_at, edge_at, relaxed);
    wf_store(&kernel.sock, s, release);
    MUST(!weft_chain_append_ref(&chain, bytes, SIZE, NULL, NULL));
    MUST(!wf_sock_write(s, &chain, WF_WRITE_NOW));
    /* The second refusal is that of the writer fiber. */
    AWAIT(wf_load(&kernel.refusals, acquire) >= 2);
    close(fds[1]);
    return s;
}

static void
close_it(struct wf_sock *s)
{
    int before = wf_load(&closings, acquire);
    wf_sock_fail(s, WEFT_ECLOSED);
    wf_sock_unref(s);
    AWAIT(wf_load(&closings, acquire) == before + 1);
}

static void
nothing(void *unused)
{
    (void)unused;
}

/* Move the clock, then let the worker run 100 fibers, so that it has checked
 * its timers. */
static void
let_pass(uint64_t ms)
{
    wf_add(&kernel.time, ms * 1000000u, acq_rel);
    for (int i = 0; i < 100; i++) {
        weft_fiber fiber;
        MUST(!weft_fiber_start(nothing, NULL, &fiber));
        MUST(!weft_fiber_join(fiber));
    }
}

/* Take n bytes, as if the peer had read: the writer fiber sends them, and is
 * refused again. */
static void
let_send(struct wf_sock *s, size_t n)
{
    size_t before = wf_load(&s->queued, acquire);
    int refusals = wf_load(&kernel.refusals, acquire);
    wf_store(&kernel.takes, n, release);
    tell_of_space();
    AWAIT(wf_load(&s->queued, acquire) == before - n);
    AWAIT(wf_load(&kernel.refusals, acquire) > refusals);
}

/* ---- the tests ---- */

/* Space comes between the writer fiber's try and its sleep, and no event
 * follows later. */
static void
space_right_after_a_try(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(2);
    AWAIT(wf_load(&s->queued, acquire) == 0);
    assert_int_equal(wf_load(&kernel.refusals, acquire), 2);
    close_it(s);
}

/* The write takes far longer than the time-out, but enough is sent within each
 * time-out. */
static void
a_peer_that_reads_enough(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(0);
    for (int i = 0; i < 8; i++) {
        let_send(s, RATE_BYTES); /* exactly enough */
        let_pass(TIMEOUT_MS * 3 / 4);
        assert_int_equal(wf_sock_error(s), WEFT_OK);
    }
    close_it(s);
}

/* The peer reads all the time, but too slowly: it reads less than RATE_BYTES
 * within a time-out. */
static void
a_peer_that_reads_too_little(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(0);
    for (int i = 0; i < 3; i++) {
        let_pass(TIMEOUT_MS * 3 / 10);
        assert_int_equal(wf_sock_error(s), WEFT_OK);
        let_send(s, RATE_BYTES / 4);
    }
    let_pass(TIMEOUT_MS / 5);
    AWAIT(wf_sock_error(s));
    assert_int_equal(wf_sock_error(s), WEFT_EWRITETIMEOUT);
    close_it(s);
}

/* The kernel takes bytes, but reports EPOLLOUT only when a third of its buffer
 * is free. So the writer tries once more after the time-out. */
static void
room_that_is_not_reported(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(0);
    for (int i = 0; i < 3; i++) {
        wf_store(&kernel.takes, RATE_BYTES, release);
        let_pass(TIMEOUT_MS + 1);
        AWAIT(wf_load(&kernel.takes, acquire) == 0 || wf_sock_error(s));
        assert_int_equal(wf_sock_error(s), WEFT_OK);
    }
    wf_store(&kernel.takes, RATE_BYTES - 1, release);
    let_pass(TIMEOUT_MS + 1);
    AWAIT(wf_sock_error(s));
    assert_int_equal(wf_sock_error(s), WEFT_EWRITETIMEOUT);
    close_it(s);
}

static void
a_peer_that_reads_nothing(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(0);
    let_pass(TIMEOUT_MS - 1);
    assert_int_equal(wf_sock_error(s), WEFT_OK);
    let_pass(2);
    AWAIT(wf_sock_error(s));
    assert_int_equal(wf_sock_error(s), WEFT_EWRITETIMEOUT);
    AWAIT(wf_load(&s->queued, acquire) == 0); /* the queue is dropped */
    close_it(s);
}

static void
wait_until_empty(void *arg)
{
    MUST(wf_sock_wait_writable(arg, 1, WEFT_NEVER) == WEFT_OK);
}

static void
wait_for_a_quarter(void *arg)
{
    MUST(wf_sock_wait_writable(arg, SIZE, WEFT_NEVER) == WEFT_OK);
}

/* A fiber that waits for space wakes when only a quarter of the limit is still
 * queued, and not before, in whatever parts the kernel takes the bytes. */
static void
who_waits_for_space_wakes(void **state)
{
    (void)state;
    weft_fiber fiber;
    struct wf_sock *s = open_and_write(0);
    s->max_queued = SIZE;
    MUST(!weft_fiber_start(wait_until_empty, s, &fiber));
    AWAIT(wf_load(&s->n_waiters, acquire) == 1);
    wf_store(&kernel.takes, SIZE, release); /* all in one part */
    tell_of_space();
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(wf_load(&s->n_waiters, acquire), 0);
    close_it(s);

    s = open_and_write(0);
    s->max_queued = SIZE;
    MUST(!weft_fiber_start(wait_for_a_quarter, s, &fiber));
    AWAIT(wf_load(&s->n_waiters, acquire) == 1);
    let_send(s, SIZE - SIZE / 4 - 1);
    let_pass(1);
    assert_int_equal(wf_load(&s->n_waiters, acquire), 1);
    let_send(s, 1);
    MUST(!weft_fiber_join(fiber));
    close_it(s);
}

/* A fiber that waits for space learns why the socket has failed. */
static void
wait_for_a_failure(void *arg)
{
    MUST(wf_sock_wait_writable(arg, 1, WEFT_NEVER) == WEFT_EIDLE);
}

static void
who_waits_for_space_learns_of_a_failure(void **state)
{
    (void)state;
    weft_fiber fiber;
    struct wf_sock *s = open_and_write(0);
    MUST(!weft_fiber_start(wait_for_a_failure, s, &fiber));
    AWAIT(wf_load(&s->n_waiters, acquire) == 1);
    int before = wf_load(&closings, acquire);
    wf_sock_fail(s, WEFT_EIDLE);
    MUST(!weft_fiber_join(fiber));
    assert_int_equal(wf_sock_wait_writable(s, 1, WEFT_NEVER), WEFT_EIDLE);
    assert_int_equal(wf_load(&s->n_waiters, acquire), 0);
    wf_sock_unref(s);
    AWAIT(wf_load(&closings, acquire) == before + 1);
}

/* Are fewer than `limit` bytes queued? Does not wait. */
static weft_err
has_room(struct wf_sock *s, size_t limit)
{
    return wf_sock_wait_writable(s, limit, 1);
}

static void
a_queue_at_its_limit_has_no_room(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(0);
    assert_int_equal(has_room(s, SIZE), WEFT_ETIMEOUT);
    assert_int_equal(has_room(s, SIZE + 1), WEFT_OK);
    assert_int_equal(wf_load(&s->n_waiters, acquire), 0);
    close_it(s);
}

/* A ring may report a send that took no bytes. Such a send does not show that
 * the peer is alive. */
static void
a_send_of_no_bytes_changes_nothing(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(0);
    uint64_t id = wf_slot_id(&s->slot);
    wf_store(&s->last_ns, 5, relaxed);
    wf_store(&s->sends, true, relaxed);
    wf_write_sent(s, 0);
    assert_false(wf_load(&s->sends, relaxed));
    assert_int_equal(wf_load(&s->last_ns, relaxed), 5);
    assert_int_equal(wf_load(&s->queued, relaxed), SIZE);
    assert_ptr_equal(wf_sock_ref(id), s);
    wf_sock_unref(s);
    close_it(s);
}

/* Nothing is sent from a socket that has failed, so no reader waits for the end
 * of a send. */
static void
nothing_is_sent_after_a_failure(void **state)
{
    (void)state;
    struct iovec iov[2];
    struct wf_sock *s = open_and_write(0);
    int before = wf_load(&closings, acquire);
    wf_sock_fail(s, WEFT_ECLOSED);
    assert_int_equal(wf_write_iov(s, iov, 2), 0);
    assert_false(wf_load(&s->sends, relaxed));
    wf_sock_unref(s);
    AWAIT(wf_load(&closings, acquire) == before + 1);
}

/* Writes that are queued while the socket is full leave in one call. */
static void
writes_are_sent_together(void **state)
{
    (void)state;
    struct wf_sock *s = open_and_write(0);
    for (int i = 0; i < 3; i++) {
        struct weft_chain chain = {0};
        MUST(!weft_chain_append_ref(&chain, bytes, 10, NULL, NULL));
        MUST(!wf_sock_write(s, &chain, WF_WRITE_NOW));
    }
    assert_int_equal(wf_load(&s->queued, acquire), SIZE + 30);
    wf_store(&kernel.sends, 0, relaxed);
    wf_store(&kernel.sendmsgs, 0, relaxed);
    wf_store(&kernel.takes, 2 * SIZE, release);
    tell_of_space();
    AWAIT(wf_load(&s->queued, acquire) == 0);
    /* one call for the SIZE bytes, one for all later writes */
    assert_int_equal(wf_load(&kernel.sends, relaxed), 1);
    assert_int_equal(wf_load(&kernel.sendmsgs, relaxed), 1);
    close_it(s);
}

static int
start(void **state)
{
    (void)state;
    struct weft_runtime_options options = {.workers = 1,
                                           .poller = WEFT_POLLER_EPOLL};
    alarm(120);
    wf_shim.now_ns = clock_ns;
    wf_shim.send = shim_send;
    wf_shim.sendmsg = shim_sendmsg;
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
        cmocka_unit_test(space_right_after_a_try),
        cmocka_unit_test(a_peer_that_reads_enough),
        cmocka_unit_test(a_peer_that_reads_too_little),
        cmocka_unit_test(room_that_is_not_reported),
        cmocka_unit_test(a_peer_that_reads_nothing),
        cmocka_unit_test(who_waits_for_space_wakes),
        cmocka_unit_test(who_waits_for_space_learns_of_a_failure),
        cmocka_unit_test(a_queue_at_its_limit_has_no_room),
        cmocka_unit_test(a_send_of_no_bytes_changes_nothing),
        cmocka_unit_test(nothing_is_sent_after_a_failure),
        cmocka_unit_test(writes_are_sent_together),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
