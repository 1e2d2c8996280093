/* SPDX-License-Identifier: MIT */
/*
 * What the socket of weak_write.c and weak_read.c needs: a kernel with one
 * lock, fibers that run at once in the thread that starts them, and park and
 * wake, which weak_park.c has proved.
 */
#ifndef WEFT_TESTS_WEAK_NET_STUBS_H
#define WEFT_TESTS_WEAK_NET_STUBS_H

#include "fiber/task.h"

#include <errno.h>
#include <string.h>

#define NODES 4

struct wf_shim wf_shim;

static struct wf_task tasks[WEAK_THREADS];
static bool has_task[WEAK_THREADS];
static _Atomic uint32_t wakes[WEAK_THREADS];
static bool woken[WEAK_THREADS];
static struct wf_spin slab_lock;

static struct wf_sock sock;
static uint64_t sock_id;
static char owner; /* plain data that the user of the socket writes */
static int closes;

/* ---- tasks ---- */

struct wf_task *
wf_task_self(void)
{
    uint32_t i = weak_self();
    if (!has_task[i])
        weak_write(&tasks[i], sizeof *tasks); /* a new task is written when it
                                               * is made */
    has_task[i] = true;
    return &tasks[i];
}

bool
wf_task_cancelled(const struct wf_task *task)
{
    (void)task;
    return false;
}

weft_err
wf_cancel_error(void)
{
    return WEFT_ECANCEL;
}

void
wf_park(enum weft_wait why)
{
    (void)why;
    weak_sleep(&woken[weak_self()]);
    woken[weak_self()] = false;
    (void)wf_xchg(&wakes[weak_self()], 0, acquire);
}

bool
wf_park_until(uint64_t deadline_ns, enum weft_wait why)
{
    WEAK_CHECK(deadline_ns == WEFT_NEVER);
    wf_park(why);
    return true;
}

void
wf_wake(struct wf_task *task)
{
    weak_read(task, sizeof *task);
    (void)wf_xchg(&wakes[task - tasks], 1, release);
    woken[task - tasks] = true;
}

weft_err
wf_fiber_start_event(void (*fn)(void *arg), void *arg)
{
    fn(arg);
    return WEFT_OK;
}

uint64_t
wf_worker_now_ns(void)
{
    return 0;
}

bool
wf_worker_busy(void)
{
    return false;
}

/* ---- a queue of one waiter ---- */

weft_err
wf_waitq_wait(struct weft_waitq *q, struct weft_waitnode *node,
              uint64_t deadline_ns, bool cancellable, enum weft_wait why)
{
    (void)deadline_ns, (void)cancellable;
    node->index = (uint8_t)weak_self();
    q->head = node;
    wf_waitq_unlock(q);
    wf_park(why);
    return WEFT_OK;
}

void
wf_waitq_wake_all(struct weft_waitq *q)
{
    wf_waitq_lock(q);
    struct weft_waitnode *node = q->head;
    q->head = NULL;
    wf_waitq_unlock(q);
    if (node)
        wf_wake(&tasks[node->index]);
}

/* ---- the kernel's side of the socket: each call takes a lock ---- */

static _Atomic uint32_t kernel_lock;
static uint32_t may_send; /* bytes */
static uint32_t to_read;  /* bytes */
static bool at_end;       /* after these bytes the input ends */
static bool is_reset;     /* the next call returns ECONNRESET, once */
static bool is_polled;
static uint8_t sent[8];
static uint32_t n_sent;

static void
enter_kernel(void)
{
    (void)wf_add(&kernel_lock, 1, acq_rel);
}

static ssize_t
fake_send(int fd, const void *bytes, size_t n)
{
    (void)fd;
    weak_write(&sock.first, sizeof sock.first); /* only the owner of the write
                                                 * right sends */
    enter_kernel();
    if (is_reset) {
        is_reset = false;
        at_end = true;
        return -ECONNRESET;
    }
    if (may_send < n)
        return -EAGAIN;
    may_send -= (uint32_t)n;
    sent[n_sent++] = (uint8_t)(uintptr_t)bytes;
    return (ssize_t)n;
}

static ssize_t
fake_sendmsg(int fd, const struct msghdr *m)
{
    ssize_t all = 0;
    for (size_t i = 0; i < m->msg_iovlen; i++) {
        ssize_t n = fake_send(fd, m->msg_iov[i].iov_base, 1);
        if (n < 0)
            return all > 0 ? all : n;
        all += n;
    }
    return all;
}

static ssize_t
fake_recv(int fd, void *buf, size_t n)
{
    (void)fd, (void)buf, (void)n;
    enter_kernel();
    uint32_t taken = to_read;
    to_read = 0;
    if (taken > 0)
        return (ssize_t)taken;
    if (is_reset) {
        is_reset = false;
        at_end = true;
        return -ECONNRESET;
    }
    return at_end ? 0 : -EAGAIN;
}

static int
fake_shutdown(int fd, int how)
{
    (void)fd, (void)how;
    return 0;
}

static int
fake_close(int fd)
{
    (void)fd;
    return 0;
}

weft_err
wf_poll_add(int fd, uint64_t id)
{
    (void)fd, (void)id;
    is_polled = true;
    return WEFT_OK;
}

void
wf_linger_close(int fd)
{
    (void)fd;
}

void
wf_conns_remove(struct wf_conns *conns, struct wf_sock *s)
{
    (void)conns, (void)s;
}

uint64_t
weft_now_ns(void)
{
    return 0;
}

/* ---- memory ---- */

static struct wf_write nodes[NODES];
static uint32_t n_nodes, n_freed;

static void *
fake_malloc(size_t size)
{
    WEAK_CHECK(size == sizeof *nodes && n_nodes < NODES);
    weak_write(&nodes[n_nodes], sizeof *nodes); /* the caller fills it */
    return &nodes[n_nodes++];
}

static void
fake_free(void *p)
{
    weak_free(p, sizeof *nodes);
    n_freed++;
}

void
wf_sys_lock(pthread_mutex_t *lock)
{
    (void)lock;
    wf_spin_lock(&slab_lock);
}

void
wf_sys_unlock(pthread_mutex_t *lock)
{
    (void)lock;
    wf_spin_unlock(&slab_lock);
}

/* ---- chains of one byte, whose value is stored in `head` ---- */

int
weft_chain_iov(const struct weft_chain *chain, struct iovec *iov, int max)
{
    if (chain->len == 0 || max == 0)
        return 0;
    weak_read(chain, sizeof *chain);
    iov[0] = (struct iovec){chain->head, chain->len};
    return 1;
}

void
weft_chain_drop(struct weft_chain *chain, size_t n)
{
    weak_write(chain, sizeof *chain);
    chain->len -= n;
}

void
weft_chain_clear(struct weft_chain *chain)
{
    chain->len = 0;
}

bool
wf_chain_lends(const struct weft_chain *chain)
{
    (void)chain;
    return false;
}

size_t
wf_chain_read_prepare(struct weft_chain *chain, struct wf_read_buffer *buffer)
{
    (void)chain;
    buffer->n_iov = 1;
    buffer->iov[0] = (struct iovec){NULL, 100};
    return 100;
}

void
wf_chain_read_commit(struct weft_chain *chain, struct wf_read_buffer *buffer,
                     size_t n)
{
    (void)buffer;
    weak_write(&owner, 1);
    chain->len += n;
}

/* ---- a socket ---- */

static inline void
note_closed(struct wf_sock *s)
{
    weak_write(&s->owner, sizeof s->owner);
    closes++;
}

/* A live socket, with a reference for each of n threads. */
static void
make_sock(const struct wf_sock_ops *ops, uint32_t n)
{
    memset(&wf_shim, 0, sizeof wf_shim);
    wf_shim.send = fake_send;
    wf_shim.sendmsg = fake_sendmsg;
    wf_shim.recv = fake_recv;
    wf_shim.shutdown = fake_shutdown;
    wf_shim.close = fake_close;
    wf_shim.malloc = fake_malloc;
    wf_shim.free = fake_free;
    memset((void *)wakes, 0, sizeof wakes);
    memset(woken, 0, sizeof woken);
    memset(has_task, 0, sizeof has_task);
    memset(nodes, 0, sizeof nodes);
    memset(&sock, 0, sizeof sock);
    may_send = 100;
    to_read = n_sent = n_nodes = n_freed = 0;
    at_end = is_reset = is_polled = false;
    closes = 0;
    sock.ops = ops;
    sock.max_queued = 16;
    sock.write_timeout_ms = WEFT_NONE;
    wf_store(&kernel_lock, 0, relaxed);
    wf_store(&socks.chunks[0], (uint8_t *)&sock, relaxed);
    wf_store(&sock.slot.word, (uint64_t)2 << 32, relaxed); /* the slot is
                                                            * closed */
    sock_id = wf_slot_open(&sock.slot);
    for (uint32_t i = 0; i < n; i++)
        wf_slot_more(&sock.slot);
    for (uint32_t i = 0; i < NODES; i++)
        weak_write(&nodes[i], sizeof *nodes);
    weak_write(&sock.first, sizeof sock.first);
    weak_write(&sock.owner, sizeof sock.owner);
    weak_write(&owner, 1);
}

#endif
