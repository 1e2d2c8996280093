/* SPDX-License-Identifier: MIT */
/*
 * Read-write lock. A task that cannot get the lock at once queues up. Readers
 * and writers stand in one queue in the order of their arrival, so neither kind
 * starves the other kind. The queue's lock protects the counts.
 *
 * admit hands the lock to the front of the queue: to one writer if nobody has
 * the lock, or to all readers up to the next writer if no writer has the lock.
 * admit must be called whenever the lock or the front of the queue has changed:
 * after an unlock, and after a waiter has given up, because that waiter may be
 * a writer, and the readers behind this writer need not wait any more.
 */
#include "fiber/fiber.h"

enum kind { READER, WRITER };

static const enum kind kinds[] = {READER, WRITER};

static bool
is_writer(const struct weft_waitnode *node)
{
    return *(const enum kind *)node->item == WRITER;
}

/* Hand the lock to the front of the queue. Called with the queue locked.
 * Returns the waiters that have the lock now; the caller grants these waiters
 * after it has unlocked the queue. */
static struct weft_waitnode *
admit(struct weft_rwlock *l)
{
    struct weft_waitnode *first = NULL, **end = &first;
    struct weft_waitnode *front = l->waiters.head;
    if (l->writer || !front)
        return NULL;
    if (is_writer(front)) {
        if (l->readers > 0)
            return NULL;
        l->writer = 1;
        first = wf_waitq_pop(&l->waiters);
        first->next = NULL;
        return first;
    }
    while ((front = l->waiters.head) && !is_writer(front)) {
        *end = wf_waitq_pop(&l->waiters);
        end = &(*end)->next;
        *end = NULL;
        l->readers++;
    }
    return first;
}

static bool
take(struct weft_rwlock *l, enum kind kind)
{
    if (l->writer || (l->waiters.head && !WF_MUTANT(readers_overtake)) ||
        (kind == WRITER && l->readers > 0))
        return false;
    if (kind == WRITER)
        l->writer = 1;
    else
        l->readers++;
    return true;
}

static bool
try_lock(struct weft_rwlock *l, enum kind kind)
{
    wf_waitq_lock(&l->waiters);
    bool taken = take(l, kind);
    wf_waitq_unlock(&l->waiters);
    return taken;
}

static weft_err
lock_until(struct weft_rwlock *l, enum kind kind, uint64_t deadline_ns)
{
    struct weft_waitnode node;
    wf_waitq_lock(&l->waiters);
    if (take(l, kind)) {
        wf_waitq_unlock(&l->waiters);
        return WEFT_OK;
    }
    node.item = (void *)(uintptr_t)&kinds[kind];
    weft_err err =
        wf_waitq_wait(&l->waiters, &node, deadline_ns, true, WEFT_WAIT_RWLOCK);
    if (WEFT_LIKELY(!err))
        return WEFT_OK;
    wf_waitq_lock(&l->waiters);
    struct weft_waitnode *admitted =
        WF_MUTANT(writer_gives_up_alone) ? NULL : admit(l);
    wf_waitq_unlock(&l->waiters);
    wf_waitq_grant_all(admitted);
    return err;
}

static void
unlock(struct weft_rwlock *l, enum kind kind)
{
    wf_waitq_lock(&l->waiters);
    if (kind == WRITER ? !l->writer : l->readers == 0)
        WF_MISUSED(kind == WRITER
                       ? "weft_rwlock_write_unlock: the lock is not held"
                       : "weft_rwlock_read_unlock: the lock is not held");
    if (kind == WRITER)
        l->writer = 0;
    else
        l->readers--;
    struct weft_waitnode *admitted = admit(l);
    wf_waitq_unlock(&l->waiters);
    wf_waitq_grant_all(admitted);
}

weft_err
weft_rwlock_read_until(struct weft_rwlock *l, uint64_t deadline_ns)
{
    return lock_until(l, READER, deadline_ns);
}

weft_err
weft_rwlock_read(struct weft_rwlock *l)
{
    return lock_until(l, READER, WEFT_NEVER);
}

bool
weft_rwlock_try_read(struct weft_rwlock *l)
{
    return try_lock(l, READER);
}

void
weft_rwlock_read_unlock(struct weft_rwlock *l)
{
    unlock(l, READER);
}

weft_err
weft_rwlock_write_until(struct weft_rwlock *l, uint64_t deadline_ns)
{
    return lock_until(l, WRITER, deadline_ns);
}

weft_err
weft_rwlock_write(struct weft_rwlock *l)
{
    return lock_until(l, WRITER, WEFT_NEVER);
}

bool
weft_rwlock_try_write(struct weft_rwlock *l)
{
    return try_lock(l, WRITER);
}

void
weft_rwlock_write_unlock(struct weft_rwlock *l)
{
    unlock(l, WRITER);
}
