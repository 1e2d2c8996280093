/* SPDX-License-Identifier: MIT */
#ifndef WEFT_NET_WAIT_H
#define WEFT_NET_WAIT_H

#include "base/base.h"

/* The poller calls it: an epoll event came for the id of a waiter. */
void wf_wait_event(uint64_t id, uint32_t events);

#endif
