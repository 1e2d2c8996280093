/* SPDX-License-Identifier: MIT */
/*
 * Channels. The ring is under the channel's lock; each queue of waiters is
 * under a lock of its own, which is taken inside the channel's. A task that
 * must wait locks its queue before it unlocks the channel, so that nothing can
 * happen between its decision to wait and its place in the queue. Senders wait
 * only while the ring is full and no receiver waits, receivers only while it is
 * empty and no sender waits. The waker copies the item from or to the memory
 * that the waiter's node points to, so that a waiter that is granted returns at
 * once.
 */
#include "fiber/fiber.h"

#include <errno.h>
#include <string.h>

#define ITEM_MAX 65536u

struct weft_chan {
    struct wf_spin lock;
    struct weft_waitq senders, receivers;
    size_t item_size;
    uint32_t capacity, first, len;
    bool closed;
    uint8_t items[];
};

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

/* Copy an item to the first waiter of a queue (to == NULL) or from it (from ==
 * NULL), and take it off the queue; NULL: nobody waits. */
static struct weft_waitnode *
hand_over(struct weft_waitq *q, void *to, const void *from, size_t size)
{
    wf_waitq_lock(q);
    struct weft_waitnode *node = wf_waitq_pop(q);
    if (node)
        memcpy(to ? to : node->item, from ? from : node->item, size);
    wf_waitq_unlock(q);
    return node;
}

/* Wait in a queue for item to be taken or filled; called with the channel
 * locked, returns with it unlocked. */
static weft_err
wait_in(struct weft_chan *chan, struct weft_waitq *q, void *item,
        uint64_t deadline_ns)
{
    struct weft_waitnode node = {.item = item};
    if (deadline_ns == 0) {
        wf_spin_unlock(&chan->lock);
        return WEFT_ETIMEOUT;
    }
    wf_waitq_lock(q);
    wf_spin_unlock(&chan->lock);
    weft_err err =
        wf_waitq_wait(q, &node, deadline_ns, true,
                      q == &chan->senders ? WEFT_WAIT_SEND : WEFT_WAIT_RECEIVE);
    return !err && !node.item ? WEFT_ECLOSED : err;
}

weft_err
weft_chan_send_until(struct weft_chan *chan, const void *item,
                     uint64_t deadline_ns)
{
    wf_spin_lock(&chan->lock);
    if (chan->closed) {
        wf_spin_unlock(&chan->lock);
        return WEFT_ECLOSED;
    }
    struct weft_waitnode *node =
        hand_over(&chan->receivers, NULL, item, chan->item_size);
    if (!node && chan->len == chan->capacity)
        return wait_in(chan, &chan->senders, (void *)(uintptr_t)item,
                       deadline_ns);
    if (!node)
        memcpy(place(chan, chan->len++), item, chan->item_size);
    wf_spin_unlock(&chan->lock);
    wf_waitq_grant(node);
    return WEFT_OK;
}

/* Take the first item, and let the first sender fill the gap. */
static struct weft_waitnode *
take(struct weft_chan *chan, void *item)
{
    memcpy(item, place(chan, 0), chan->item_size);
    if (++chan->first == chan->capacity)
        chan->first = 0;
    chan->len--;
    struct weft_waitnode *node = hand_over(
        &chan->senders, place(chan, chan->len), NULL, chan->item_size);
    chan->len += node != NULL;
    return node;
}

weft_err
weft_chan_recv_until(struct weft_chan *chan, void *item, uint64_t deadline_ns)
{
    struct weft_waitnode *node;
    wf_spin_lock(&chan->lock);
    if (chan->len > 0) {
        node = take(chan, item);
    } else {
        node = hand_over(&chan->senders, item, NULL, chan->item_size);
        if (!node && chan->closed) {
            wf_spin_unlock(&chan->lock);
            return WEFT_ECLOSED;
        }
        if (!node)
            return wait_in(chan, &chan->receivers, item, deadline_ns);
    }
    wf_spin_unlock(&chan->lock);
    wf_waitq_grant(node);
    return WEFT_OK;
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

static struct weft_waitnode *
pop_all(struct weft_waitq *q)
{
    wf_waitq_lock(q);
    struct weft_waitnode *nodes = wf_waitq_pop_all(q);
    wf_waitq_unlock(q);
    return nodes;
}

/* Wake waiters without an item, which tells them that the channel is closed. */
static void
turn_away(struct weft_waitnode *nodes)
{
    for (struct weft_waitnode *node = nodes; node; node = node->next)
        node->item = NULL;
    wf_waitq_grant_all(nodes);
}

void
weft_chan_close(struct weft_chan *chan)
{
    wf_spin_lock(&chan->lock);
    chan->closed = true; /* from here on nobody queues up */
    struct weft_waitnode *senders = pop_all(&chan->senders);
    struct weft_waitnode *receivers = pop_all(&chan->receivers);
    wf_spin_unlock(&chan->lock);
    turn_away(senders);
    turn_away(receivers);
}
