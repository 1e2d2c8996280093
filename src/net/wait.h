/* SPDX-License-Identifier: MIT */
/* Waits for events of descriptors that need not be sockets of weft. */
#ifndef WEFT_NET_WAIT_H
#define WEFT_NET_WAIT_H

#include "base/base.h"

struct wf_task;
struct waiter;

/* A descriptor whose next event wakes a task. */
struct wf_fd_watch {
    struct waiter *waiter; /* NULL: there is no watch */
    /* the epoll that reports the event; negative: none */
    int epoll;
    int nest;   /* an epoll that watches fd and is watched by `epoll`; negative:
                   none */
    int listed; /* the descriptor that is in `epoll`: fd or `nest` */
};

/* Returns those of `events` that are ready now (0: none), or -errno. */
int wf_fd_look(int fd, int events);

/* Begin to watch a descriptor for `events`. wf_fd_came returns true if an event
 * has arrived. wf_fd_forget ends the watch; call wf_fd_forget even if
 * wf_fd_watch returned an error. */
weft_err wf_fd_watch(struct wf_fd_watch *watch, int fd, int events,
                     struct wf_task *task) WEFT_CHECKED;
bool wf_fd_came(const struct wf_fd_watch *watch);
void wf_fd_forget(struct wf_fd_watch *watch);

/* Handle an event that the poller has received for the id of a waiter. */
void wf_wait_event(uint64_t id, uint32_t events);

#endif
