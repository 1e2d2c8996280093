/* SPDX-License-Identifier: MIT */
/*
 * Channels. The channel's lock protects its items. Each queue of waiters has a
 * lock of its own; a task that needs both locks takes the channel's lock first.
 * A task that must wait locks its queue before it unlocks the channel, so that
 * nothing can happen between the task's decision to wait and its entry into the
 * queue. Senders wait only while the channel is full and no receiver waits;
 * receivers wait only while the channel is empty and no sender waits. The waker
 * copies the item from or to the memory that the waiter's node points to, so a
 * waiter that is granted returns at once.
 */
#include "fiber/chan.h"

#include <errno.h>
#include <string.h>

#define ITEM_MAX 65536u

weft_err
weft_chan_new(size_t item_size, uint32_t capacity, struct weft_chan **out)
{
    *out = NULL;
    if (item_size == 0 || item_size > ITEM_MAX)
        return -EINVAL;
    struct weft_chan *chan =
        wf_sys_zalloc(sizeof *chan + item_size * (size_t)capacity);
    if (!chan)
        return -ENOMEM;
    chan->item_size = item_size;
    chan->capacity = capacity;
    *out = chan;
    return WEFT_OK;
}

void
weft_chan_free(struct weft_chan *chan)
{
    wf_sys_free(chan);
}

static uint8_t *
place(struct weft_chan *chan, uint32_t i)
{
    uint64_t at = (uint64_t)chan->first + i; /* i <= capacity */
    if (at >= chan->capacity)
        at -= chan->capacity;
    return chan->items + (size_t)at * chan->item_size;
}

/* Returns the first waiter in `q` that still waits; NULL: nobody waits. Takes
 * this waiter and all waiters before it off the queue. A select for which
 * another case was chosen does not wait any more. Called with `q` locked. */
static struct weft_waitnode *
pop(struct weft_waitq *q)
{
    struct weft_waitnode *node;
    do
        node = wf_waitq_pop(q);
    while (node && node->select &&
           !wf_select_choose(node->select, node->index + 1u) &&
           !WF_MUTANT(select_chosen_twice));
    return node;
}

/* Take the first waiter off a queue, and copy one item. If `to` is NULL, the
 * item is copied from `from` to the waiter's memory. If `from` is NULL, the
 * item is copied from the waiter's memory to `to`. Returns the waiter; NULL:
 * nobody waits. */
static struct weft_waitnode *
hand_over(struct weft_waitq *q, void *to, const void *from, size_t size)
{
    wf_waitq_lock(q);
    struct weft_waitnode *node = pop(q);
    if (node)
        memcpy(to ? to : node->item, from ? from : node->item, size);
    wf_waitq_unlock(q);
    return node;
}

/* Wait in a queue until a waker takes or fills `item`. Called with the channel
 * locked; returns with the channel unlocked. */
static weft_err
wait_in(struct weft_chan *chan, struct weft_waitq *q, void *item,
        uint64_t deadline_ns)
{
    struct weft_waitnode node = {.item = item};
    if (deadline_ns == 0) {
        wf_spin_unlock(&chan->lock);
        return WEFT_ETIMEOUT;
    }
    if (!WF_MUTANT(chan_queues_late))
        wf_waitq_lock(q);
    wf_spin_unlock(&chan->lock);
    if (WF_MUTANT(chan_queues_late))
        wf_waitq_lock(q);
    weft_err err =
        wf_waitq_wait(q, &node, deadline_ns, true,
                      q == &chan->senders ? WEFT_WAIT_SEND : WEFT_WAIT_RECEIVE);
    return !err && !node.item ? WEFT_ECLOSED : err;
}

bool
wf_chan_try_send(struct weft_chan *chan, const void *item,
                 struct weft_waitnode **woken, weft_err *err)
{
    *err = chan->closed ? WEFT_ECLOSED : WEFT_OK;
    if (chan->closed)
        return true;
    *woken = hand_over(&chan->receivers, NULL, item, chan->item_size);
    if (*woken)
        return true;
    if (chan->len == chan->capacity + WF_MUTANT(chan_takes_one_more))
        return false;
    memcpy(place(chan, chan->len++), item, chan->item_size);
    return true;
}

weft_err
weft_chan_send_until(struct weft_chan *chan, const void *item,
                     uint64_t deadline_ns)
{
    struct weft_waitnode *woken = NULL;
    weft_err err;
    wf_spin_lock(&chan->lock);
    if (!wf_chan_try_send(chan, item, &woken, &err))
        return wait_in(chan, &chan->senders, (void *)(uintptr_t)item,
                       deadline_ns);
    wf_spin_unlock(&chan->lock);
    wf_waitq_grant(woken);
    return err;
}

/* Take the first item, and move the item of the first waiting sender into the
 * channel. */
static struct weft_waitnode *
take(struct weft_chan *chan, void *item)
{
    memcpy(item, place(chan, 0), chan->item_size);
    if (++chan->first == chan->capacity)
        chan->first = 0;
    chan->len--;
    if (WF_MUTANT(take_leaves_sender))
        return NULL;
    struct weft_waitnode *node = hand_over(
        &chan->senders, place(chan, chan->len), NULL, chan->item_size);
    chan->len += node != NULL;
    return node;
}

bool
wf_chan_try_recv(struct weft_chan *chan, void *item,
                 struct weft_waitnode **woken, weft_err *err)
{
    *err = WEFT_OK;
    if (chan->len > 0) {
        *woken = take(chan, item);
        return true;
    }
    *woken = hand_over(&chan->senders, item, NULL, chan->item_size);
    if (*woken)
        return true;
    *err = chan->closed ? WEFT_ECLOSED : WEFT_OK;
    return chan->closed;
}

weft_err
weft_chan_recv_until(struct weft_chan *chan, void *item, uint64_t deadline_ns)
{
    struct weft_waitnode *woken = NULL;
    weft_err err;
    wf_spin_lock(&chan->lock);
    if (!wf_chan_try_recv(chan, item, &woken, &err))
        return wait_in(chan, &chan->receivers, item, deadline_ns);
    wf_spin_unlock(&chan->lock);
    wf_waitq_grant(woken);
    return err;
}

weft_err
weft_chan_send(struct weft_chan *chan, const void *item)
{
    return weft_chan_send_until(chan, item, WEFT_NEVER);
}

weft_err
weft_chan_recv(struct weft_chan *chan, void *item)
{
    return weft_chan_recv_until(chan, item, WEFT_NEVER);
}

/* Take all waiters off a queue, and set their items to NULL, which tells the
 * waiters that the channel is closed. Returns the waiters as a list. */
static struct weft_waitnode *
turn_away(struct weft_waitq *q)
{
    struct weft_waitnode *first = NULL, **end = &first, *node;
    wf_waitq_lock(q);
    while ((node = pop(q)) != NULL) {
        node->item = NULL;
        node->next = NULL;
        *end = node;
        end = &node->next;
    }
    wf_waitq_unlock(q);
    return first;
}

void
weft_chan_close(struct weft_chan *chan)
{
    wf_spin_lock(&chan->lock);
    chan->closed = true; /* from now on no task queues up */
    struct weft_waitnode *senders = turn_away(&chan->senders);
    struct weft_waitnode *receivers = turn_away(&chan->receivers);
    wf_spin_unlock(&chan->lock);
    wf_waitq_grant_all(senders);
    if (!WF_MUTANT(close_forgets_receivers))
        wf_waitq_grant_all(receivers);
}
