/* SPDX-License-Identifier: MIT */
/*
 * System calls that are made twice: in the real kernel and in the simulated
 * one. Both must return the same result and the same bytes.
 *
 * A call of the real kernel may have effects after it returns, because the
 * kernel processes loopback traffic when it finds time. Each call here waits
 * until all effects have happened, and lets simulated time pass until nothing
 * is on its way. So both kernels are at rest before the next call.
 */
#ifndef WEFT_TESTS_SIM_BOTH_H
#define WEFT_TESTS_SIM_BOTH_H

#include "base/base.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* A descriptor in each kernel. */
struct both {
    int real, sim;
};

/* An address. Its port differs between the kernels, the rest is the same. */
struct both_address {
    struct sockaddr_storage any;
    socklen_t len;
    uint16_t real, sim; /* ports */
};

/* Counted over all processes of a program. */
struct both_counts {
    _Atomic uint64_t calls, effects; /* effects: calls that moved bytes or
                                      * changed a state */
};

/* Make the memory that all processes share. Call this before any run. */
void both_share(void);
const struct both_counts *both_counts(void);

/* Can a run have a network of its own? Otherwise it uses the network of the
 * system. */
bool both_may_have_own_network(void);

/* Begin and end one run, on a simulated host. */
void both_begin(void);
void both_end(void);

/* Wait until nothing is on its way. */
void both_settle(void);

/* Fail unless both kernels returned the same; then wait until nothing is on its
 * way. Returns the result of the real kernel. */
int64_t both_did(const char *what, int which, int64_t real, int64_t sim,
                 bool has_effect);

/* Returns a descriptor that both kernels made, or {-1, -1}. */
struct both both_made(const char *what, int64_t real, int64_t sim);

/* Each returns a new descriptor of both kernels, or {-1, -1}. */
struct both both_socket(int family, int type);
struct both both_accept(struct both fd, int64_t *result);
struct both both_epoll(void);
struct both both_eventfd(unsigned value);
struct both both_timerfd(void);

/* Makes both ends of a pipe, or sets each to {-1, -1}. */
void both_pipe(struct both ends[2]);

int64_t both_bind(struct both fd, const struct both_address *a);
int64_t both_listen(struct both fd, int backlog);
int64_t both_connect(struct both fd, const struct both_address *a);
int64_t both_shutdown(struct both fd, int how);
int64_t both_close(struct both fd);

/* Stores the address of a socket, or of its peer. Ports are not compared. */
int64_t both_name(struct both fd, bool peer, struct both_address *a);

int64_t both_set(struct both fd, int level, int name, const void *v,
                 socklen_t n);
int64_t both_get(struct both fd, int level, int name);
int64_t both_ioctl(struct both fd, unsigned long request);

enum both_read { BOTH_READ, BOTH_RECV, BOTH_PEEK, BOTH_READV, BOTH_READS };
enum both_write { BOTH_WRITE, BOTH_SEND, BOTH_SENDMSG, BOTH_WRITES };

int64_t both_read(struct both fd, enum both_read how, size_t n);
int64_t both_write(struct both fd, enum both_write how, const void *ptr,
                   size_t n);

/* Files: the bytes that are read must be the same, and the type and the size
 * that stat(2) returns. */
struct both both_open(const char *path, int flags);
int64_t both_pread(struct both fd, size_t n, int64_t at);
int64_t both_pwrite(struct both fd, const void *ptr, size_t n, int64_t at);
int64_t both_fsync(struct both fd);
int64_t both_fstat(struct both fd);
int64_t both_stat(const char *path);
int64_t both_unlink(const char *path);

int64_t both_poll(const struct both *fds, const short *events, unsigned n,
                  int ms);
int64_t both_epoll_ctl(struct both ep, int op, struct both fd, uint32_t events,
                       uint64_t data);

/* The order of events is compared if the kernel promises one. */
int64_t both_epoll_wait(struct both ep, int n, bool in_order);

int64_t both_timerfd_set(struct both fd, int flags, const struct itimerspec *t);

#endif
