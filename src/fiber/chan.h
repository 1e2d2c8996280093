/* SPDX-License-Identifier: MIT */
/* Declares what chan.c and select.c share. */
#ifndef WEFT_FIBER_CHAN_H
#define WEFT_FIBER_CHAN_H

#include "fiber/fiber.h"

struct weft_chan {
    struct wf_spin lock;
    struct weft_waitq senders, receivers;
    size_t item_size;
    uint32_t capacity, first, len;
    bool closed;
    uint8_t items[];
};

/*
 * Send or receive without waiting, with the channel locked. false: the caller
 * must wait. *err receives WEFT_OK or WEFT_ECLOSED. The caller sets *woken to
 * NULL before the call; *woken receives the waiter that the caller must grant
 * after unlocking the channel.
 */
bool wf_chan_try_send(struct weft_chan *chan, const void *item,
                      struct weft_waitnode **woken, weft_err *err) WEFT_CHECKED;
bool wf_chan_try_recv(struct weft_chan *chan, void *item,
                      struct weft_waitnode **woken, weft_err *err) WEFT_CHECKED;

/* One task waits for several cases; at most one of the cases happens. */
struct wf_select {
    struct weft_select_case *cases;
    uint32_t n;
    struct weft_select_case *sorted; /* channel cases, by channel address */
    struct wf_task *task;
    _Atomic uint32_t chosen; /* 1 + index of the case; 0: none yet */
};

/* Choose a case for a select. `case_no` is 1 + the index of the case. false:
 * another case was chosen before. */
static inline bool
wf_select_choose(struct wf_select *select, uint32_t case_no)
{
    uint32_t none = 0;
    return wf_cas(&select->chosen, &none, case_no, acq_rel);
}

#endif
