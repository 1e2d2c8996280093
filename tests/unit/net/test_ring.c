/* SPDX-License-Identifier: MIT */
/* Sends by io_uring: each result is what send(2) would return, in whatever
 * order the sends complete. */
#include "net/ring.h"
#include "net/poll.h"
#include "trial_server.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct wf_ring *
ring_or_skip(void)
{
    struct wf_ring *ring = NULL;
    weft_err err = wf_ring_new(&ring);
    if (err)
        print_message("no io_uring: %s\n", weft_err_text(err));
    if (err)
        skip();
    return ring;
}

static void
put(struct wf_ring *ring, int i, int fd, const char *a, const char *b)
{
    struct wf_ring_send *s = &ring->sends[i];
    s->fd = fd;
    s->iov[0] =
        (struct iovec){.iov_base = (void *)(uintptr_t)a, .iov_len = strlen(a)};
    s->iov[1] = (struct iovec){.iov_base = (void *)(uintptr_t)b,
                               .iov_len = b ? strlen(b) : 0};
    s->n_iov = b ? 2 : 1;
    s->sent = 77;
}

static void
each_has_its_result(void **state)
{
    (void)state;
    struct wf_ring *ring = ring_or_skip();
    int good[2], shut[2];
    char got[16] = "";
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, good));
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, shut));
    close(shut[1]);
    put(ring, 0, good[0], "one ", NULL);
    put(ring, 1, shut[0], "nobody", NULL);
    put(ring, 2, good[0], "and ", "two");
    put(ring, 3, -1, "no", "socket");
    wf_ring_send(ring, 4);
    assert_int_equal(ring->sends[0].sent, 4);
    assert_int_equal(ring->sends[1].sent, -EPIPE);
    assert_int_equal(ring->sends[2].sent, 7);
    assert_int_equal(ring->sends[3].sent, -EBADF);
    assert_int_equal(recv(good[1], got, sizeof got, 0), 11);
    assert_string_equal(got, "one and two");
    close(good[0]);
    close(good[1]);
    close(shut[0]);
    wf_ring_free(ring);
}

/* The ring itself never waits, even for a blocking socket. */
static void
full_socket_takes_a_part_or_nothing(void **state)
{
    (void)state;
    struct wf_ring *ring = ring_or_skip();
    size_t size = (size_t)64 << 20, taken;
    char *bytes = calloc(1, size);
    int pair[2];
    MUST(bytes && !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    ring->sends[0].fd = pair[0];
    ring->sends[0].n_iov = 1;
    ring->sends[0].iov[0] = (struct iovec){.iov_base = bytes, .iov_len = size};
    wf_ring_send(ring, 1);
    MUST(ring->sends[0].sent > 0);
    taken = (size_t)ring->sends[0].sent;
    assert_true(taken < size);
    wf_ring_send(ring, 1);
    assert_int_equal(ring->sends[0].sent, -EAGAIN);
    close(pair[0]);
    for (ssize_t n; (n = recv(pair[1], bytes, size, 0)) > 0;)
        taken -= (size_t)n;
    assert_int_equal(taken, 0);
    close(pair[1]);
    free(bytes);
    wf_ring_free(ring);
}

/* Fill the queues again and again, so that their indices wrap. */
static void
full_ring_many_times(void **state)
{
    (void)state;
    struct wf_ring *ring = ring_or_skip();
    int pair[2];
    char got[WF_RING_SENDS + 1];
    MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    for (int round = 0; round < 1000; round++) {
        int n = 1 + round % WF_RING_SENDS;
        for (int i = 0; i < n; i++)
            put(ring, i, pair[0], "x", NULL);
        wf_ring_send(ring, (uint32_t)n);
        for (int i = 0; i < n; i++)
            assert_int_equal(ring->sends[i].sent, 1);
        assert_int_equal(recv(pair[1], got, sizeof got, 0), n);
    }
    close(pair[0]);
    close(pair[1]);
    wf_ring_free(ring);
}

/* ---- the choice of the poller ---- */

static int
open_rings(void)
{
    char path[300], target[64];
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *e; dir && (e = readdir(dir));) {
        snprintf(path, sizeof path, "/proc/self/fd/%s", e->d_name);
        ssize_t len = readlink(path, target, sizeof target - 1);
        target[len > 0 ? len : 0] = 0;
        n += strstr(target, "io_uring") != NULL;
    }
    if (dir)
        closedir(dir);
    return n;
}

static int
rings_of(enum weft_poller poller)
{
    struct weft_runtime_options options = {.workers = 2, .poller = poller};
    MUST(!weft_runtime_start(&options));
    MUST(!wf_poll_ensure());
    int n = open_rings();
    MUST(!weft_runtime_stop());
    MUST(open_rings() == 0);
    return n;
}

static void
poller_is_chosen(void **state)
{
    (void)state;
    wf_ring_free(ring_or_skip());
    MUST(!unsetenv("WEFT_POLLER"));
    assert_int_equal(rings_of(WEFT_POLLER_AUTO), 0);
    assert_int_equal(rings_of(WEFT_POLLER_URING), 2);
    MUST(!setenv("WEFT_POLLER", "uring", 1));
    assert_int_equal(rings_of(WEFT_POLLER_AUTO), 2);
    assert_int_equal(rings_of(WEFT_POLLER_EPOLL), 0);
    MUST(!setenv("WEFT_POLLER", "epoll", 1));
    assert_int_equal(rings_of(WEFT_POLLER_AUTO), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_its_result),
        cmocka_unit_test(full_socket_takes_a_part_or_nothing),
        cmocka_unit_test(full_ring_many_times),
        cmocka_unit_test(poller_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
