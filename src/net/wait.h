/* SPDX-License-Identifier: MIT */
/* Waiting for descriptors of any library; what wait.c and select.c share. */
#ifndef WEFT_NET_WAIT_H
#define WEFT_NET_WAIT_H

#include "base/base.h"

struct wf_task;
struct waiter;

/* A descriptor whose next event wakes a task. */
struct wf_fd_watch {
    struct waiter *waiter; /* NULL: none */
    int epoll;             /* which takes the event; negative: none */
    int nest;              /* an epoll in between, or negative */
    int listed;            /* what that epoll lists: fd, or nest */
};

/* What is ready now: a set, 0, or -errno. */
int wf_fd_look(int fd, int events);

/* Begin a watch; ask whether its event has come; end the watch, even if
 * wf_fd_watch returned an error. */
weft_err wf_fd_watch(struct wf_fd_watch *watch, int fd, int events,
                     struct wf_task *task) WEFT_CHECKED;
bool wf_fd_came(const struct wf_fd_watch *watch);
void wf_fd_forget(struct wf_fd_watch *watch);

/* The poller calls this when an epoll event has come for the id of a waiter. */
void wf_wait_event(uint64_t id, uint32_t events);

#endif
