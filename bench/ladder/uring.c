/* SPDX-License-Identifier: MIT */
/*
 * io_uring with multishot receive: the kernel receives into a buffer of a ring
 * of buffers, and the completion names the buffer. The calls are answered in
 * that buffer, and sent from it. All sends of a round enter the kernel in one
 * call, which also waits for the next round. The program makes the system calls
 * itself, without liburing.
 *
 * A connection has one send under way at a time. Bytes that arrive meanwhile,
 * and calls that are not whole, are copied to the connection. If they do not
 * fit there, the connection ends, because a multishot receive cannot pause.
 */
#include "raw.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_SUBMITS 1024
#define N_COMPLETIONS 8192
#define N_BUFFERS 1024
#define BUFFER_SIZE 16384 /* of one receive */
#define NOT_HELD (-1)

/* The kind of a completion, in the low bits of its connection's address. */
enum { ACCEPT, RECEIVE, SEND };
#define KIND 3u

struct conn {
    int fd;
    int held;       /* the buffer that is being sent; NOT_HELD: buf is sent */
    size_t sending; /* bytes that the kernel still sends; 0: none */
    bool is_receiving, is_ended;
    size_t len, answered; /* bytes in buf; how many of them are replies */
    uint8_t buf[RAW_SIZE];
};

static struct {
    int fd;
    unsigned *heads[2], *tails[2]; /* [0]: of submits, [1]: of completions */
    unsigned tail, entered;        /* submits made; submits that were taken */
    struct io_uring_sqe *submits;
    struct io_uring_cqe *completions;
} ring;

static struct io_uring_buf_ring *offers; /* buffers that the kernel may fill */
static uint16_t offers_tail;
static uint8_t (*buffers)[BUFFER_SIZE];

/* ---- the ring ---- */

static void
die(const char *what)
{
    perror(what);
    exit(1);
}

static void *
map(size_t size, int fd, off_t offset)
{
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_POPULATE,
                    fd, offset);
    if (at == MAP_FAILED)
        die("mmap");
    return at;
}

static void
make_ring(void)
{
    struct io_uring_params p = {
        .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SUBMIT_ALL |
                 IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
        .cq_entries = N_COMPLETIONS};
    ring.fd = (int)syscall(SYS_io_uring_setup, N_SUBMITS, &p);
    if (ring.fd < 0)
        die("io_uring_setup");
    /* The array is the last thing in the mapping. */
    size_t size = p.sq_off.array + p.sq_entries * sizeof(unsigned);
    uint8_t *at = map(size, ring.fd, IORING_OFF_SQ_RING);
    ring.heads[0] = (unsigned *)(void *)(at + p.sq_off.head);
    ring.tails[0] = (unsigned *)(void *)(at + p.sq_off.tail);
    ring.heads[1] = (unsigned *)(void *)(at + p.cq_off.head);
    ring.tails[1] = (unsigned *)(void *)(at + p.cq_off.tail);
    ring.completions = (struct io_uring_cqe *)(void *)(at + p.cq_off.cqes);
    ring.submits =
        map(N_SUBMITS * sizeof *ring.submits, ring.fd, IORING_OFF_SQES);
    unsigned *array = (unsigned *)(void *)(at + p.sq_off.array);
    for (unsigned i = 0; i < N_SUBMITS; i++)
        array[i] = i;
}

/* Submit the queued entries, and wait for n_awaited completions. */
static void
enter(unsigned n_awaited)
{
    __atomic_store_n(ring.tails[0], ring.tail, __ATOMIC_RELEASE);
    long n = syscall(SYS_io_uring_enter, ring.fd, ring.tail - ring.entered,
                     n_awaited, IORING_ENTER_GETEVENTS, NULL, 0);
    if (n >= 0)
        ring.entered += (unsigned)n;
    else if (errno != EINTR && errno != EAGAIN && errno != EBUSY)
        die("io_uring_enter");
}

static struct io_uring_sqe *
submit(uint8_t op, int fd, struct conn *conn, unsigned kind)
{
    while (ring.tail - ring.entered == N_SUBMITS)
        enter(0);
    struct io_uring_sqe *s = &ring.submits[ring.tail++ % N_SUBMITS];
    *s = (struct io_uring_sqe){
        .opcode = op, .fd = fd, .user_data = (uintptr_t)conn | kind};
    return s;
}

/* ---- buffers ---- */

static void
offer(int id)
{
    struct io_uring_buf *b = &offers->bufs[offers_tail++ % N_BUFFERS];
    b->addr = (uintptr_t)buffers[id];
    b->len = BUFFER_SIZE;
    b->bid = (uint16_t)id;
    __atomic_store_n(&offers->tail, offers_tail, __ATOMIC_RELEASE);
}

static void
make_buffers(void)
{
    offers = map(N_BUFFERS * sizeof(struct io_uring_buf), -1, 0);
    buffers = map(N_BUFFERS * sizeof *buffers, -1, 0);
    struct io_uring_buf_reg r = {.ring_addr = (uintptr_t)offers,
                                 .ring_entries = N_BUFFERS};
    if (syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PBUF_RING, &r,
                1))
        die("io_uring_register");
    for (int i = 0; i < N_BUFFERS; i++)
        offer(i);
}

/* ---- a connection ---- */

static void
receive(struct conn *conn)
{
    struct io_uring_sqe *s = submit(IORING_OP_RECV, conn->fd, conn, RECEIVE);
    s->ioprio = IORING_RECV_MULTISHOT | IORING_RECVSEND_POLL_FIRST;
    s->flags = IOSQE_BUFFER_SELECT; /* from buffer group 0 */
    conn->is_receiving = true;
}

static void
send_from(struct conn *conn, const uint8_t *bytes, size_t len, int held)
{
    struct io_uring_sqe *s = submit(IORING_OP_SEND, conn->fd, conn, SEND);
    s->addr = (uintptr_t)bytes;
    s->len = (uint32_t)len;
    s->msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
    conn->sending = len;
    conn->held = held;
}

/* Ends the connection; it is freed when the kernel no longer uses its
 * memory. */
static void
end(struct conn *conn)
{
    if (!conn->is_ended)
        shutdown(conn->fd, SHUT_RDWR);
    conn->is_ended = true;
    if (!conn->is_receiving && !conn->sending) {
        close(conn->fd);
        free(conn);
    }
}

/* Copies bytes that cannot be answered in place to the connection. Returns
 * false if there is no room. */
static bool
keep(struct conn *conn, const uint8_t *bytes, size_t len)
{
    if (len > sizeof conn->buf - conn->len)
        return false;
    memcpy(conn->buf + conn->len, bytes, len);
    conn->len += len;
    conn->answered +=
        raw_answer(conn->buf + conn->answered, conn->len - conn->answered);
    if (conn->answered && !conn->sending)
        send_from(conn, conn->buf, conn->answered, NOT_HELD);
    return true;
}

static void
received(struct conn *conn, int result, unsigned flags)
{
    conn->is_receiving = flags & IORING_CQE_F_MORE;
    int id = (int)(flags >> IORING_CQE_BUFFER_SHIFT);
    size_t len = result > 0 ? (size_t)result : 0;
    bool is_good = !conn->is_ended && (len > 0 || result == -ENOBUFS);
    /* raw_answer may answer a part of the bytes here. keep answers that part
     * again, which gives the same bytes. */
    if (is_good && len > 0 && !conn->sending && conn->len == 0 &&
        raw_answer(buffers[id], len) == len) {
        send_from(conn, buffers[id], len, id);
    } else if (len > 0) {
        is_good = is_good && keep(conn, buffers[id], len);
        offer(id);
    }
    if (!is_good)
        end(conn);
    else if (!conn->is_receiving)
        receive(conn);
}

static void
sent(struct conn *conn, int result)
{
    size_t len = conn->sending;
    conn->sending = 0;
    if (conn->held != NOT_HELD) {
        offer(conn->held);
    } else {
        conn->len -= len;
        conn->answered -= len;
        memmove(conn->buf, conn->buf + len, conn->len);
    }
    if (conn->is_ended || result < (int)len)
        end(conn);
    else if (conn->answered)
        send_from(conn, conn->buf, conn->answered, NOT_HELD);
}

static void
welcome(int fd)
{
    struct conn *conn = fd < 0 ? NULL : malloc(sizeof *conn);
    if (conn) {
        memset(conn, 0, offsetof(struct conn, buf));
        conn->fd = fd;
        receive(conn);
    } else if (fd >= 0) {
        close(fd);
    }
}

static void
accept_all(int listener)
{
    submit(IORING_OP_ACCEPT, listener, NULL, ACCEPT)->ioprio =
        IORING_ACCEPT_MULTISHOT;
}

static void
complete(const struct io_uring_cqe *c, int listener)
{
    struct conn *conn =
        (struct conn *)(uintptr_t)(c->user_data & ~(uintptr_t)KIND);
    switch (c->user_data & KIND) {
    case ACCEPT:
        welcome(c->res);
        if (!(c->flags & IORING_CQE_F_MORE))
            accept_all(listener);
        break;
    case RECEIVE:
        received(conn, c->res, c->flags);
        break;
    default:
        sent(conn, c->res);
    }
}

int
main(int argc, char **argv)
{
    const int on = 1;
    int listener = raw_listen(raw_port(argc, argv));
    /* Accepted connections inherit the option. */
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    make_ring();
    make_buffers();
    accept_all(listener);
    for (;;) {
        enter(1);
        unsigned head = *ring.heads[1];
        unsigned tail = __atomic_load_n(ring.tails[1], __ATOMIC_ACQUIRE);
        while (head != tail) {
            struct io_uring_cqe c = ring.completions[head % N_COMPLETIONS];
            __atomic_store_n(ring.heads[1], ++head, __ATOMIC_RELEASE);
            complete(&c, listener);
        }
    }
}
