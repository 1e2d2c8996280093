/* SPDX-License-Identifier: MIT */
/*
 * Proof. wf_ring_send returns only when it has seen the completion of each send
 * that the kernel accepted. So the completion queue, twice as large as the
 * submission queue, never overflows, and both queues are empty between two
 * calls. Sends that the kernel does not accept are removed from the submission
 * queue. This removal is allowed because the kernel reads this queue only in
 * io_uring_enter (no SQPOLL).
 *
 * The proof does not need MSG_DONTWAIT. Because of this flag the kernel does
 * not wait in a send, and each send is complete when io_uring_enter returns.
 */
#include "net/ring.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>

/* ---- life ---- */

static weft_err
map(struct wf_ring *ring, const struct io_uring_params *p)
{
    /* One mapping has both queues. The last part of the mapping is the index
     * array of the submission queue, so the mapping ends where this array
     * ends. */
    ring->queues_size = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
    ring->entries_size = p->sq_entries * sizeof(struct io_uring_sqe);
    if (!(p->features & IORING_FEAT_SINGLE_MMAP))
        return -ENOSYS;
    ring->queues =
        wf_sys_map_fd(ring->fd, ring->queues_size, IORING_OFF_SQ_RING);
    ring->entries =
        wf_sys_map_fd(ring->fd, ring->entries_size, IORING_OFF_SQES);
    return ring->queues && ring->entries ? WEFT_OK : -ENOMEM;
}

static void
find(struct wf_ring *ring, const struct io_uring_params *p)
{
    uint8_t *at = ring->queues;
    uint32_t *array = (void *)(at + p->sq_off.array);
    for (uint32_t i = 0; i < p->sq_entries; i++)
        array[i] = i;
    ring->sent_mask = p->sq_entries - 1;
    ring->done_mask = p->cq_entries - 1;
    ring->send_tail = (void *)(at + p->sq_off.tail);
    ring->done_head = (void *)(at + p->cq_off.head);
    ring->done_tail = (void *)(at + p->cq_off.tail);
    ring->done = (void *)(at + p->cq_off.cqes);
}

/* Check that the ring can send: the result for descriptor -1 is -EBADF, but
 * -EINVAL with a kernel before 5.6. */
static weft_err
try(struct wf_ring *ring)
{
    ring->sends[0] = (struct wf_ring_send){.fd = -1, .n_iov = 1};
    wf_ring_send(ring, 1);
    return ring->sends[0].sent == -EBADF ? WEFT_OK : -ENOSYS;
}

weft_err
wf_ring_new(struct wf_ring **made)
{
    struct io_uring_params p = {0};
    struct wf_ring *ring = wf_sys_zalloc(sizeof *ring);
    if (!ring)
        return -ENOMEM;
    weft_err err = ring->fd = wf_sys_uring_setup(WF_RING_SENDS, &p);
    if (ring->fd >= 0)
        err = map(ring, &p);
    if (!err) {
        find(ring, &p);
        err = try(ring);
    }
    if (err) {
        wf_ring_free(ring);
        return err;
    }
    *made = ring;
    return WEFT_OK;
}

void
wf_ring_free(struct wf_ring *ring)
{
    if (ring->queues)
        (void)wf_sys_munmap(ring->queues, ring->queues_size);
    if (ring->entries)
        (void)wf_sys_munmap(ring->entries, ring->entries_size);
    if (ring->fd >= 0)
        (void)wf_sys_close(ring->fd);
    wf_sys_free(ring);
}

/* ---- sending ---- */

static void
put(struct wf_ring *ring, uint32_t i)
{
    struct wf_ring_send *s = &ring->sends[i];
    struct io_uring_sqe *entries = ring->entries;
    struct io_uring_sqe e = {
        .fd = s->fd, .msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT, .user_data = i};
    s->sent = 0;
    if (s->n_iov == 1) {
        e.opcode = IORING_OP_SEND;
        e.addr = (uintptr_t)s->iov[0].iov_base;
        e.len = (uint32_t)WF_MIN(s->iov[0].iov_len, (size_t)INT32_MAX);
    } else {
        s->message =
            (struct msghdr){.msg_iov = s->iov, .msg_iovlen = (size_t)s->n_iov};
        e.opcode = IORING_OP_SENDMSG;
        e.addr = (uintptr_t)&s->message;
        e.len = 1;
    }
    entries[ring->tail++ & ring->sent_mask] = e;
}

/* Store the results of sends that are done; returns how many. */
static uint32_t
take_done(struct wf_ring *ring)
{
    /* only this thread stores the head */
    uint32_t head = wf_load(ring->done_head, relaxed);
    /* This acquire pairs with the kernel's store of the tail; the release below
     * pairs with the kernel's load of the head. */
    uint32_t n = wf_load(ring->done_tail, acquire) - head;
    for (uint32_t i = 0; i < n; i++) {
        const struct io_uring_cqe *c =
            &ring->done[(head + i) & ring->done_mask];
        ring->sends[c->user_data].sent = c->res;
    }
    wf_store(ring->done_head, head + n, release);
    return n;
}

void
wf_ring_send(struct wf_ring *ring, uint32_t n)
{
    uint32_t taken = 0, done = 0;
    for (uint32_t i = 0; i < n; i++)
        put(ring, i);
    /* Pairs with the kernel's load in io_uring_enter. */
    wf_store(ring->send_tail, ring->tail, release);
    while (taken < n) { /* the kernel stops after an entry that it refuses */
        int got = wf_sys_uring_enter(ring->fd, n - taken, 0, 0);
        if (got <= 0)
            break;
        taken += (uint32_t)got;
    }
    if (WEFT_UNLIKELY(taken < n)) {
        ring->tail -= n - taken;
        wf_store(ring->send_tail, ring->tail, release);
    }
    /* Wait even if wf_sys_uring_enter fails, because the kernel still uses the
     * sends that it has accepted. */
    while ((done += take_done(ring)) < taken)
        (void)wf_sys_uring_enter(ring->fd, 0, taken - done,
                                 IORING_ENTER_GETEVENTS);
}
