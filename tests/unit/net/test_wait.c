/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors: ones that are ready already, and many fibers that
 * wait for the same one. */
#include "conn_test.h"

#include <sys/socket.h>

static void
wait_at_all_deadlines(void *arg)
{
    const int *fds = arg;
    const uint64_t deadlines[] = {0, 1, weft_now_ns(), WEFT_NEVER};
    for (int i = 0; i < 4; i++)
        MUST(weft_fd_wait_until(fds[0], WEFT_FD_READ, deadlines[i]) ==
             WEFT_FD_READ);
    MUST(weft_fd_wait_until(fds[1], WEFT_FD_READ | WEFT_FD_WRITE, 0) ==
         WEFT_FD_WRITE);
    for (int i = 0; i < 3; i++)
        MUST(weft_fd_wait_until(fds[1], WEFT_FD_READ, deadlines[i]) ==
             WEFT_ETIMEOUT);
}

static void
ready_already(void **state)
{
    (void)state;
    int fds[2];
    weft_fiber fiber;
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    MUST(wire_send(fds[1], "x", 1));
    wait_at_all_deadlines(fds);
    MUST(!weft_fiber_start(wait_at_all_deadlines, fds, &fiber));
    MUST(!weft_fiber_join(fiber));
    close(fds[0]);
    close(fds[1]);
    assert_int_equal(weft_fd_wait_until(fds[0], WEFT_FD_READ, WEFT_NEVER),
                     -EBADF);
}

/* ---- several fibers wait for one descriptor ---- */

#define EACH 4 /* EACH readers and EACH writers */

static struct {
    int fd;
    _Atomic int waiting, found[2 * EACH];
} many;

static void
wait_for_one(void *arg)
{
    intptr_t i = (intptr_t)arg;
    int events = i % 2 ? WEFT_FD_WRITE : WEFT_FD_READ;
    wf_add(&many.waiting, 1, acq_rel);
    int found = weft_fd_wait_until(many.fd, events, weft_after_ms(LONG_MS));
    wf_store(&many.found[i], found, release);
}

static size_t
fill(int fd)
{
    static const char block[4096];
    size_t n = 0;
    ssize_t sent;
    while ((sent = send(fd, block, sizeof block, MSG_DONTWAIT)) > 0)
        n += (size_t)sent;
    return n;
}

/* Many fibers on each worker wait to read or write one socket, which at first
 * has no input and no room for output. */
static void
readers_and_writers_of_one(void **state)
{
    (void)state;
    int fds[2];
    char *sink = malloc(1 << 24);
    weft_fiber fibers[2 * EACH];
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
    memset(&many, 0, sizeof many);
    many.fd = fds[0];
    size_t n = fill(fds[0]);
    for (intptr_t i = 0; i < 2 * EACH; i++)
        MUST(!weft_fiber_start(wait_for_one, (void *)i, &fibers[i]));
    AWAIT(wf_load(&many.waiting, acquire) == 2 * EACH);
    MUST(wire_send(fds[1], "x", 1));
    for (int i = 0; i < 2 * EACH; i += 2)
        MUST(!weft_fiber_join(fibers[i]));
    for (int i = 1; i < 2 * EACH; i += 2)
        assert_int_equal(wf_load(&many.found[i], acquire), 0);
    MUST(wire_recv(fds[1], sink, n));
    for (int i = 1; i < 2 * EACH; i += 2)
        MUST(!weft_fiber_join(fibers[i]));
    for (int i = 0; i < 2 * EACH; i++)
        assert_int_equal(wf_load(&many.found[i], acquire),
                         i % 2 ? WEFT_FD_WRITE : WEFT_FD_READ);
    free(sink);
    close(fds[0]);
    close(fds[1]);
}

/* A case keeps nothing of an earlier select: neither the events nor the
 * error. */
static void
a_case_of_a_select_begins_anew(void **state)
{
    int fds[2];
    (void)state;
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    struct weft_select_case c = {.kind = WEFT_SELECT_FD,
                                 .fd = fds[0],
                                 .events = WEFT_FD_READ,
                                 .found = WEFT_FD_READ,
                                 .err = -EBADF};
    assert_int_equal(weft_select_until(&c, 1, 0), WEFT_ETIMEOUT);
    assert_int_equal(c.found, 0);
    assert_int_equal(c.err, WEFT_OK);
    c.found = WEFT_FD_READ;
    c.err = -EBADF;
    assert_int_equal(weft_select_until(&c, 1, weft_after_ms(1)), WEFT_ETIMEOUT);
    c.err = -EBADF;
    assert_int_equal(write(fds[1], "x", 1), 1);
    assert_int_equal(weft_select(&c, 1), 0);
    assert_int_equal(c.found, WEFT_FD_READ);
    assert_int_equal(c.err, WEFT_OK);
    close(fds[0]);
    close(fds[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_already),
        cmocka_unit_test(readers_and_writers_of_one),
        cmocka_unit_test(a_case_of_a_select_begins_anew),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
