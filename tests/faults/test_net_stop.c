/* SPDX-License-Identifier: MIT */
/* The runtime stops before its worker has sent the bytes that the last fiber
 * wrote. The stop sends them, and then closes the connection that the fiber
 * closed. */
#include "net/net.h"
#include "net/ring.h"

#include "fiber/worker.h"
#include "unit/fiber/fibers.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static struct {
    _Atomic bool waits;  /* the thread that stops the runtime */
    _Atomic bool armed;  /* the last fiber is about to end */
    _Atomic bool kicked; /* the worker: it sees that it must stop */
    _Atomic int wakes;   /* by the worker, after `armed` is set */
    _Atomic int sends;   /* by the thread that stops the runtime */
} host;

/* After its second wake, which wakes the thread that waits for the last fiber,
 * the worker stands still until it must stop. So it does not poll before the
 * stop. */
static int
shim_futex(void *word, int op, uint32_t value, const struct timespec *until)
{
    bool is_worker = wf_worker_self() != NULL;
    if (op == FUTEX_WAIT_BITSET && !is_worker)
        wf_store(&host.waits, true, release);
    long r = syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until,
                     NULL, FUTEX_BITSET_MATCH_ANY);
    int err = errno;
    if (op == FUTEX_WAKE && is_worker && wf_load(&host.armed, acquire) &&
        wf_add(&host.wakes, 1, relaxed) == 1)
        while (!wf_load(&host.kicked, acquire))
            sched_yield();
    return r < 0 ? -err : (int)r;
}

static ssize_t
shim_write(int fd, const void *bytes, size_t n)
{
    ssize_t written = write(fd, bytes, n);
    if (wf_load(&host.armed, acquire) && !wf_worker_self())
        wf_store(&host.kicked, true, release);
    return written < 0 ? -errno : written;
}

static ssize_t
shim_send(int fd, const void *bytes, size_t n)
{
    ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
    wf_add(&host.sends, !wf_worker_self(), relaxed);
    return sent < 0 ? -errno : sent;
}

/* The clock stands still, so no poll becomes due with time. */
static uint64_t
clock_ns(void)
{
    return 1000000000;
}

static void
nothing(void *unused)
{
    (void)unused;
}

static void
write_and_end(void *arg)
{
    struct weft_conn *conn = arg;
    while (!wf_load(&host.waits, acquire) || wf_worker_self()->tick > 4)
        /* until the next poll is far away */
        weft_fiber_yield();
    /* a write is deferred while another fiber is ready */
    CHECK(!weft_fiber_start(nothing, NULL, NULL));
    CHECK(!weft_conn_write(conn, "last", 4));
    CHECK(!weft_conn_flush(conn));
    weft_conn_close(conn);
    wf_store(&host.armed, true, release);
}

static void
the_last_write_is_sent(void **state)
{
    struct weft_runtime_options options = {.workers = 1,
                                           .poller = WEFT_POLLER_URING};
    struct wf_ring *ring;
    struct weft_conn *conn;
    int ends[2];
    char got[8];
    (void)state;
    if (wf_ring_new(&ring))
        skip(); /* a host without io_uring */
    wf_ring_free(ring);
    CHECK(!weft_runtime_start(&options));
    CHECK(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
    assert_int_equal(weft_conn_adopt(ends[0], NULL, &conn), WEFT_OK);
    (void)spawn(write_and_end, conn);
    assert_int_equal(weft_runtime_stop(), WEFT_OK);
    assert_int_equal(wf_load(&host.sends, relaxed), 1);
    assert_int_equal(recv(ends[1], got, sizeof got, 0), 4);
    assert_memory_equal(got, "last", 4);
    assert_int_equal(recv(ends[1], got, sizeof got, 0), 0);
    close(ends[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_write_is_sent),
    };
    alarm(120);
    wf_shim.futex = shim_futex;
    wf_shim.write = shim_write;
    wf_shim.send = shim_send;
    wf_shim.now_ns = clock_ns;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
