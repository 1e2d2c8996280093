/* SPDX-License-Identifier: MIT */
/* One read of a socket, for all that recv and readv may return. */
#include "net/sock.h"

#include <weft/fiber.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define ALL SIZE_MAX

static struct {
    size_t has;     /* bytes to be read */
    ssize_t err;    /* if there are none: an error, or 0 for the end */
    int interrupts; /* calls that return -EINTR first */
    int recvs, readvs;
    uint64_t now;
} kernel;

static uint64_t
clock_ns(void)
{
    return kernel.now;
}

static ssize_t
give(const struct iovec *iov, int n)
{
    ssize_t got = 0;
    if (kernel.interrupts > 0) {
        kernel.interrupts--;
        return -EINTR;
    }
    for (int i = 0; i < n && kernel.has > 0; i++) {
        size_t part = WF_MIN(iov[i].iov_len, kernel.has);
        memset(iov[i].iov_base, 'a' + i, part);
        kernel.has -= part;
        got += (ssize_t)part;
    }
    return got > 0 ? got : kernel.err;
}

static ssize_t
shim_recv(int fd, void *buf, size_t n)
{
    (void)fd;
    kernel.recvs++;
    return give(&(struct iovec){buf, n}, 1);
}

static ssize_t
shim_readv(int fd, const struct iovec *iov, int n)
{
    (void)fd;
    kernel.readvs++;
    return give(iov, n);
}

/* ---- a socket ---- */

static void
nothing(struct wf_sock *s)
{
    (void)s;
}

static void
failed(struct wf_sock *s, weft_err why)
{
    (void)s;
    (void)why;
}

static const struct wf_sock_ops ops = {
    .readable = nothing, .failed = failed, .closed = nothing};

static struct wf_sock *s;
static struct weft_chain in;
static struct wf_read_buffer room;
static bool drained;

static int
begin(void **state)
{
    (void)state;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&kernel, 0, sizeof kernel);
    kernel.now = 1000;
    wf_shim.recv = shim_recv;
    wf_shim.readv = shim_readv;
    wf_shim.now_ns = clock_ns;
    room = (struct wf_read_buffer){.limit = ALL};
    s = wf_sock_new(fd, &ops, NULL);
    return s == NULL;
}

static int
end(void **state)
{
    (void)state;
    weft_chain_clear(&in);
    wf_sock_fail(s, WEFT_ECLOSED);
    wf_sock_unref(s);
    wf_buf_cache_trim();
    return 0;
}

static weft_err
read_once(void)
{
    drained = false;
    return wf_sock_read(s, &in, &room, &drained);
}

/* ---- the tests ---- */

static void
a_short_read_has_emptied_it(void **state)
{
    (void)state;
    kernel.has = 100;
    kernel.now = 77000;
    assert_int_equal(read_once(), WEFT_OK);
    assert_int_equal(in.len, 100);
    assert_true(drained);
    assert_int_equal(kernel.recvs, 1);
    assert_int_equal(kernel.readvs, 0);
    assert_int_equal(wf_load(&s->last_ns, relaxed), 77000);
    assert_int_equal(kernel.has, 0);
}

/* A read that fills its room may have left bytes. */
static void
a_full_read_has_not(void **state)
{
    (void)state;
    kernel.has = 51;
    room.limit = 50;
    assert_int_equal(read_once(), WEFT_OK);
    assert_int_equal(in.len, 50);
    assert_false(drained);
    room.limit = 1; /* the read filled the room to the byte */
    assert_int_equal(read_once(), WEFT_OK);
    assert_false(drained);
    room.limit = 50;
    kernel.err = -EAGAIN;
    assert_int_equal(read_once(), WEFT_OK);
    assert_int_equal(in.len, 51);
    assert_true(drained);
}

/* A short read does not end the reading of a socket whose end may come without
 * an event of its own, or for which the kernel ends reads early. */
static void
some_sockets_are_read_on(void **state)
{
    (void)state;
    kernel.has = 10;
    wf_store(&s->hung_up, true, relaxed);
    assert_int_equal(read_once(), WEFT_OK);
    assert_false(drained);
    wf_store(&s->hung_up, false, relaxed);
    kernel.has = 10;
    wf_store(&s->reads_on, true, relaxed);
    assert_int_equal(read_once(), WEFT_OK);
    assert_false(drained);
    kernel.err = -EAGAIN;
    assert_int_equal(read_once(), WEFT_OK);
    assert_true(drained);
}

/* A read of more than a block is one call with several parts. */
static void
a_large_read_is_one_call(void **state)
{
    (void)state;
    uint8_t byte = 0;
    kernel.has = 150000;
    room.hint = 200000;
    assert_int_equal(read_once(), WEFT_OK);
    assert_int_equal(in.len, 150000);
    assert_true(drained);
    assert_int_equal(kernel.recvs, 0);
    assert_int_equal(kernel.readvs, 1);
    weft_chain_copy_out(&in, 149999, &byte, 1);
    assert_int_equal(byte, 'c');
}

static void
a_signal_is_no_end(void **state)
{
    (void)state;
    kernel.has = 10;
    kernel.interrupts = 3;
    assert_int_equal(read_once(), WEFT_OK);
    assert_int_equal(in.len, 10);
    assert_int_equal(kernel.recvs, 4);
}

static void
nothing_is_there(void **state)
{
    (void)state;
    static const struct {
        ssize_t got;
        weft_err err;
    } rows[] = {{-EAGAIN, WEFT_OK},
                {0, WEFT_EEOF},
                {-ECONNRESET, -ECONNRESET},
                {-ENOBUFS, -ENOBUFS}};
    wf_store(&s->last_ns, 5, relaxed);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        kernel.err = rows[i].got;
        assert_int_equal(read_once(), rows[i].err);
        assert_true(drained);
        assert_int_equal(in.len, 0);
        assert_int_equal(wf_load(&s->last_ns, relaxed), 5); /* no byte came */
    }
    room.limit = 0; /* no room: the kernel is not asked */
    kernel.recvs = 0;
    assert_int_equal(read_once(), -ENOMEM);
    assert_int_equal(kernel.recvs + kernel.readvs, 0);
}

/* ---- a reset that a send has seen ---- */

static int naps;
static bool send_ends;

static int
nap(const struct timespec *t)
{
    (void)t;
    naps++;
    if (send_ends) {
        wf_store(&s->err, -ECONNRESET, relaxed);
        wf_store(&s->sends, false, release);
    }
    return 0;
}

/* The read waits for a send that is under way, but only for a bounded time. */
static void
a_send_says_why_it_ends(void **state)
{
    (void)state;
    wf_shim.nanosleep = nap;
    wf_store(&s->sends, true, relaxed);
    send_ends = false;
    naps = 0;
    assert_int_equal(read_once(), WEFT_EEOF);
    assert_int_equal(naps, 200 - 128); /* the first 128 rounds only yield */
    send_ends = true;
    naps = 0;
    assert_int_equal(read_once(), -ECONNRESET);
    assert_int_equal(naps, 1);
    wf_store(&s->err, WEFT_OK, relaxed);
    wf_shim.nanosleep = NULL;
}

/* The struct of a closed socket is used again, so a process has only as many as
 * it once needed at the same time. */
static void
a_socket_is_used_again(void **state)
{
    uint32_t index = s->slot.index;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(end(state), 0);
        assert_int_equal(begin(state), 0);
        assert_int_equal(s->slot.index, index);
        assert_false(wf_load(&s->reads_on, relaxed));
        assert_int_equal(wf_sock_error(s), WEFT_OK);
        wf_store(&s->reads_on, true, relaxed);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_short_read_has_emptied_it), TEST(a_full_read_has_not),
        TEST(some_sockets_are_read_on),    TEST(a_large_read_is_one_call),
        TEST(a_signal_is_no_end),          TEST(nothing_is_there),
        TEST(a_send_says_why_it_ends),     TEST(a_socket_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
