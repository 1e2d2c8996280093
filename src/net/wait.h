/* SPDX-License-Identifier: MIT */
/* Waits for descriptors of any library; wait.c and select.c share it. */
#ifndef WEFT_NET_WAIT_H
#define WEFT_NET_WAIT_H

#include "base/base.h"

struct wf_task;
struct waiter;

/* A descriptor whose next event wakes a task. */
struct wf_fd_watch {
    struct waiter *waiter; /* NULL: none */
    int epoll;             /* reports the event; negative: none */
    int nest;              /* an epoll between fd and `epoll`, or negative */
    int listed;            /* what `epoll` has: fd, or nest */
};

/* The events that are ready now: a set, 0, or -errno. */
int wf_fd_look(int fd, int events);

/* Begin a watch. wf_fd_came: has its event come? wf_fd_forget ends the watch;
 * call it even if wf_fd_watch returned an error. */
weft_err wf_fd_watch(struct wf_fd_watch *watch, int fd, int events,
                     struct wf_task *task) WEFT_CHECKED;
bool wf_fd_came(const struct wf_fd_watch *watch);
void wf_fd_forget(struct wf_fd_watch *watch);

/* The poller calls this when an epoll event has come for the id of a waiter. */
void wf_wait_event(uint64_t id, uint32_t events);

#endif
