/* SPDX-License-Identifier: MIT */
/*
 * A random program's table of descriptors, and what it does with them.
 *
 *   kernel.c          which call comes next
 *   kernel_slots.c    the table
 *   kernel_sockets.c  connections
 *   kernel_bytes.c    the bytes on connections
 *   kernel_files.c    files
 *   kernel_pipes.c    pipes
 *   kernel_waits.c    epoll, poll, eventfd, timerfd
 *   kernel_misuse.c   calls that a socket refuses
 */
#ifndef WEFT_TESTS_SIM_KERNEL_H
#define WEFT_TESTS_SIM_KERNEL_H

#include "both.h"

#define SLOTS 20

enum kind { NOTHING, TCP, UNIX, EVENT, TIMER, EPOLL, FILE_, PIPE };

struct slot {
    enum kind kind;
    struct both fd;
    struct both_address at;  /* the address to which it is bound */
    bool has_place;          /* it has bound itself, so that `at` is its own */
    int waiting, room;       /* of a listener: connections that wait, and how
                              * many may; -1: it is no listener */
    struct slot *clients[8]; /* clients that wait; NULL: the client has
                              * closed */
    uint32_t sent;           /* bytes, until it is accepted */
    struct slot *peer;
};

extern struct slot slots[SLOTS];
extern char folder[64]; /* holds the files and the unix sockets */

uint64_t below(uint64_t bound);

/* take() puts a descriptor into a free slot; n_free() counts the free slots. */
struct slot *take(enum kind kind, struct both fd);
int n_free(void);

/* A random slot for which `fits` holds, or NULL. */
struct slot *any(bool (*fits)(const struct slot *s));

bool is_listener(const struct slot *s);
bool is_socket(const struct slot *s);
bool is_stream(const struct slot *s); /* a socket that is not a listener */
bool has_peer(const struct slot *s);

/* Each function makes some random system calls of one kind. */
void do_close(struct slot *s);
void do_listen(void);
void do_connect(void);
void do_accept(void);
void do_overflow(void);
void do_self(void);
void do_shutdown(void);
void do_options(struct slot *s);
void do_stream(void);
void do_fill(void);
void do_event(void);
void do_timer(void);
void do_poll(void);
void do_watch(void);
void do_wait(void);
void do_order(void);
void do_exclusive(void);
void do_file(void);
void do_pipe(void);
void do_misuse(void);
void remove_files(void);

#endif
