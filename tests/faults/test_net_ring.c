/* SPDX-License-Identifier: MIT */
/* The ring of sends over a simulated kernel, which decides how many entries it
 * takes at once, when it completes them and in which order. So this test runs
 * on hosts without io_uring, too. */
#include "net/ring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define FD 1000
#define ENTRIES WF_RING_SENDS

/* The memory that the ring and the kernel share. */
struct queues {
    uint32_t other; /* so that no field of the ring is at 0 */
    uint32_t sq_tail, cq_head, cq_tail;
    struct io_uring_cqe done[2 * ENTRIES];
    uint32_t array[ENTRIES]; /* last, as in the kernel's layout */
};

static struct {
    struct queues queues;
    struct io_uring_sqe entries[ENTRIES];
    uint32_t head;               /* entries that it has taken */
    uint32_t begun[2 * ENTRIES]; /* places in `entries`: taken, not completed */
    uint32_t n_begun;
    struct io_uring_sqe taken[ENTRIES]; /* copies of the latest ones */
    uint32_t n_taken;
    int setup_err, map_fails, send_err; /* map_fails: the nth fails */
    uint32_t features;
    uint32_t at_once; /* entries that one enter takes */
    uint32_t refuses; /* enters that work, before one fails with err */
    int err;          /* 0: that enter takes nothing */
    bool is_late;     /* completes one send at a time, in calls that wait */
    int maps, unmaps, closes, waits;
    size_t mapped[2];
} kernel;

static int
uring_setup(unsigned n, void *params)
{
    struct io_uring_params *p = params;
    assert_int_equal(n, ENTRIES);
    if (kernel.setup_err)
        return kernel.setup_err;
    p->sq_entries = n;
    p->cq_entries = 2 * n;
    p->features = kernel.features;
    p->sq_off.tail = offsetof(struct queues, sq_tail);
    p->sq_off.array = offsetof(struct queues, array);
    p->cq_off.head = offsetof(struct queues, cq_head);
    p->cq_off.tail = offsetof(struct queues, cq_tail);
    p->cq_off.cqes = offsetof(struct queues, done);
    return FD;
}

static void *
map_fd(int fd, size_t n, off_t offset)
{
    assert_int_equal(fd, FD);
    bool is_entries = offset == (off_t)IORING_OFF_SQES;
    assert_int_equal(n,
                     is_entries ? sizeof kernel.entries : sizeof kernel.queues);
    if (kernel.map_fails == 1 + is_entries)
        return NULL;
    kernel.maps++;
    return is_entries ? (void *)kernel.entries : (void *)&kernel.queues;
}

static int
unmap(void *p, size_t n)
{
    assert_true(p == kernel.entries || p == &kernel.queues);
    assert_int_equal(n, p == kernel.entries ? sizeof kernel.entries
                                            : sizeof kernel.queues);
    kernel.unmaps++;
    return 0;
}

static int
close_fd(int fd)
{
    assert_int_equal(fd, FD);
    kernel.closes++;
    return 0;
}

/* A send takes all its bytes, unless its descriptor is negative. */
static int32_t
result_of(const struct io_uring_sqe *e)
{
    if (e->fd < 0)
        return kernel.send_err;
    if (e->opcode == IORING_OP_SEND)
        return (int32_t)e->len;
    const struct msghdr *m = (const void *)(uintptr_t)e->addr;
    size_t n = 0;
    assert_int_equal(e->opcode, IORING_OP_SENDMSG);
    for (size_t i = 0; i < (size_t)m->msg_iovlen; i++)
        n += m->msg_iov[i].iov_len;
    return (int32_t)n;
}

/* Complete n entries, the newest first. */
static void
complete(uint32_t n)
{
    struct queues *q = &kernel.queues;
    for (; n > 0 && kernel.n_begun > 0; n--) {
        const struct io_uring_sqe *e =
            &kernel.entries[kernel.begun[--kernel.n_begun]];
        q->done[q->cq_tail % (2 * ENTRIES)] = (struct io_uring_cqe){
            .user_data = e->user_data, .res = result_of(e)};
        wf_store((_Atomic uint32_t *)&q->cq_tail, q->cq_tail + 1, release);
        assert_true(q->cq_tail - q->cq_head <= 2 * ENTRIES);
    }
}

static int
uring_enter(int fd, unsigned n, unsigned wait, unsigned flags)
{
    struct queues *q = &kernel.queues;
    assert_int_equal(fd, FD);
    if (flags) { /* the caller waits */
        assert_int_equal(flags, IORING_ENTER_GETEVENTS);
        assert_int_equal(n, 0);
        assert_int_equal(wait, kernel.n_begun);
        if (kernel.waits++ == 0)
            return -EINTR;
        complete(1);
        return 0;
    }
    assert_int_equal(wait, 0);
    assert_int_equal(n, q->sq_tail - kernel.head);
    if (kernel.refuses-- == 0)
        return kernel.err;
    uint32_t takes = WF_MIN(n, kernel.at_once);
    for (uint32_t i = 0; i < takes; i++) {
        uint32_t at = q->array[kernel.head++ % ENTRIES];
        kernel.begun[kernel.n_begun++] = at;
        kernel.taken[kernel.n_taken++] = kernel.entries[at];
    }
    if (!kernel.is_late)
        complete(takes);
    return (int)takes;
}

static int
boot(void **state)
{
    (void)state;
    memset(&kernel, 0, sizeof kernel);
    kernel.features = IORING_FEAT_SINGLE_MMAP;
    kernel.at_once = UINT32_MAX;
    kernel.refuses = UINT32_MAX;
    kernel.send_err = -EBADF;
    wf_shim.uring_setup = uring_setup;
    wf_shim.uring_enter = uring_enter;
    wf_shim.map_fd = map_fd;
    wf_shim.munmap = unmap;
    wf_shim.close = close_fd;
    return 0;
}

static struct wf_ring *
make(void)
{
    struct wf_ring *ring = NULL;
    assert_int_equal(wf_ring_new(&ring), WEFT_OK);
    assert_non_null(ring);
    kernel.n_taken = 0;
    return ring;
}

static void
end(struct wf_ring *ring)
{
    wf_ring_free(ring);
    assert_int_equal(kernel.maps, 2);
    assert_int_equal(kernel.unmaps, 2);
    assert_int_equal(kernel.closes, 1);
}

/* A send of n bytes, in one part or two. */
static void
put(struct wf_ring *ring, uint32_t i, size_t n, bool in_two)
{
    static char bytes[64];
    struct wf_ring_send *s = &ring->sends[i];
    s->fd = (int)i;
    s->n_iov = 1 + in_two;
    s->iov[0] = (struct iovec){.iov_base = bytes, .iov_len = n - in_two};
    s->iov[1] = (struct iovec){.iov_base = bytes, .iov_len = 1};
    s->sent = 77; /* of an earlier send */
}

static void
put_all(struct wf_ring *ring, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        put(ring, i, 10 + i, i % 2 == 1);
}

static void
assert_sent(const struct wf_ring *ring, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++)
        assert_int_equal(ring->sends[i].sent, 10 + (int)i);
}

/* ---- the tests ---- */

static void
kernels_that_cannot(void **state)
{
    static const struct {
        int setup_err, map_fails, send_err;
        uint32_t features;
        weft_err err;
        int maps, closes;
    } rows[] = {
        {-EPERM, 0, -EBADF, IORING_FEAT_SINGLE_MMAP, -EPERM, 0, 0},
        {0, 0, -EBADF, 0, -ENOSYS, 0, 1},
        {0, 0, -EBADF, ~(uint32_t)IORING_FEAT_SINGLE_MMAP, -ENOSYS, 0, 1},
        {0, 1, -EBADF, IORING_FEAT_SINGLE_MMAP, -ENOMEM, 1, 1},
        {0, 2, -EBADF, IORING_FEAT_SINGLE_MMAP, -ENOMEM, 1, 1},
        {0, 0, -EINVAL, IORING_FEAT_SINGLE_MMAP, -ENOSYS, 2, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wf_ring *ring = NULL;
        boot(state);
        kernel.setup_err = rows[i].setup_err;
        kernel.map_fails = rows[i].map_fails;
        kernel.send_err = rows[i].send_err;
        kernel.features = rows[i].features;
        assert_int_equal(wf_ring_new(&ring), rows[i].err);
        assert_null(ring);
        assert_int_equal(kernel.maps, rows[i].maps);
        assert_int_equal(kernel.unmaps, rows[i].maps);
        assert_int_equal(kernel.closes, rows[i].closes);
    }
}

static void
what_the_kernel_is_told(void **state)
{
    (void)state;
    struct wf_ring *ring = make();
    put(ring, 0, 10, false);
    put(ring, 1, 10, true);
    put(ring, 2, (size_t)INT32_MAX, false);
    put(ring, 3, (size_t)INT32_MAX + 1, false); /* more than a send takes */
    wf_ring_send(ring, 4);
    assert_int_equal(kernel.n_taken, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(kernel.taken[i].fd, i);
        assert_int_equal(kernel.taken[i].msg_flags,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    assert_int_equal(kernel.taken[0].opcode, IORING_OP_SEND);
    assert_int_equal(kernel.taken[0].len, 10);
    assert_int_equal(kernel.taken[1].opcode, IORING_OP_SENDMSG);
    assert_int_equal(kernel.taken[1].len, 1);
    assert_int_equal(ring->sends[1].message.msg_iovlen, 2);
    assert_int_equal(kernel.taken[2].len, INT32_MAX);
    assert_int_equal(kernel.taken[3].len, INT32_MAX);
    assert_int_equal(ring->sends[3].sent, INT32_MAX);
    end(ring);
}

static void
a_kernel_that_takes_a_few_at_once(void **state)
{
    (void)state;
    struct wf_ring *ring = make();
    for (uint32_t n = 1; n <= ENTRIES; n++) {
        put_all(ring, n);
        kernel.n_taken = 0;
        kernel.at_once = 1 + n / 3;
        wf_ring_send(ring, n);
        assert_int_equal(kernel.n_taken, n);
        assert_sent(ring, 0, n);
    }
    end(ring);
}

/* Sends that the kernel refuses have sent nothing, and are not sent later. */
static void
a_kernel_that_refuses(void **state)
{
    static const int errs[] = {0, -EBUSY, -EAGAIN};
    for (size_t i = 0; i < sizeof errs / sizeof *errs; i++)
        for (uint32_t works = 0; works <= 3; works++) {
            boot(state);
            struct wf_ring *ring = make();
            put_all(ring, 6);
            kernel.at_once = 2;
            kernel.refuses = works;
            kernel.err = errs[i];
            wf_ring_send(ring, 6);
            assert_int_equal(kernel.n_taken, 2 * works);
            assert_sent(ring, 0, 2 * works);
            for (uint32_t k = 2 * works; k < 6; k++)
                assert_int_equal(ring->sends[k].sent, 0);

            put_all(ring, 3);
            kernel.n_taken = 0;
            kernel.refuses = UINT32_MAX;
            wf_ring_send(ring, 3);
            assert_int_equal(kernel.n_taken, 3);
            assert_sent(ring, 0, 3);
            for (int k = 0; k < 3; k++)
                assert_int_equal(kernel.taken[k].fd, k);
            end(ring);
        }
}

/* wf_ring_send returns with all results, even if a wait is interrupted. */
static void
a_kernel_that_completes_late(void **state)
{
    (void)state;
    struct wf_ring *ring = make();
    kernel.is_late = true;
    for (uint32_t n = 1; n <= ENTRIES; n += 7) {
        put_all(ring, n);
        kernel.n_taken = 0;
        kernel.waits = 0;
        wf_ring_send(ring, n);
        assert_int_equal(kernel.waits, 1 + n); /* one was interrupted */
        assert_sent(ring, 0, n);
    }
    kernel.at_once = 2; /* the kernel takes two, and refuses the others */
    kernel.refuses = 1;
    kernel.err = -EBUSY;
    put_all(ring, 4);
    kernel.waits = 0;
    kernel.n_taken = 0;
    wf_ring_send(ring, 4);
    assert_int_equal(kernel.waits, 1 + 2);
    assert_sent(ring, 0, 2);
    assert_int_equal(ring->sends[2].sent, 0);
    end(ring);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(kernels_that_cannot, boot),
        cmocka_unit_test_setup(what_the_kernel_is_told, boot),
        cmocka_unit_test_setup(a_kernel_that_takes_a_few_at_once, boot),
        cmocka_unit_test_setup(a_kernel_that_refuses, boot),
        cmocka_unit_test_setup(a_kernel_that_completes_late, boot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
