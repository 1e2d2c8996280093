/* SPDX-License-Identifier: MIT */
/*
 * The round of a worker: what its fibers write between two looks at the poller
 * is put off, and leaves in one system call (ring.c) at the next look.
 */
#ifndef WEFT_NET_ROUND_H
#define WEFT_NET_ROUND_H

#include "base/base.h"

struct wf_write;

/* With rings for n workers, or without: then nothing is ever put off. */
void wf_flush_set_up(uint32_t n_workers);

/* Nobody runs any more: send what is put off, free the rings. */
void wf_flush_tear_down(void);

/* Put the socket's first write off, with its write right. false: send it
 * now. */
bool wf_flush_defer(struct wf_write *first) WEFT_CHECKED;

/* Send what that worker put off. By a worker, itself or who took over from
 * it. */
void wf_flush_worker(uint32_t worker);

#endif
