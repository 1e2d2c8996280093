/* SPDX-License-Identifier: MIT */
/* Keeps a pointer to the worker of each thread; NULL on a plain thread. */
#include "fiber/worker.h"

static WF_THREAD_LOCAL struct wf_worker *self;
static WF_THREAD_LOCAL uint32_t part; /* see gauge.h */

/* A compiler may keep the address of a thread-local variable over a switch, but
 * the fiber may be on another thread after the switch. So no function of this
 * file is inlined. */
__attribute__((noinline)) struct wf_worker *
wf_worker_self(void)
{
    return self;
}

__attribute__((noinline)) void
wf_worker_become(struct wf_worker *worker)
{
    self = worker;
    part = worker ? worker->index + 1 : 0;
}

__attribute__((noinline)) uint32_t
wf_parts_index(void)
{
    return part;
}
