/* SPDX-License-Identifier: MIT */
/*
 * Slots that are named by ids with a version rather than by pointers.
 *
 * An id is a version (high 32 bits) and an index (low 32 bits). wf_slot_ref(id)
 * is wait-free and returns a counted reference or NULL. wf_slot_fail makes the
 * id dead for all later refs; threads that hold references may finish their
 * work. When the last reference is given up, the slot is closed, exactly once.
 * The memory is never unmapped, so a ref with an old id reads valid memory. The
 * idea is bRPC's VersionedRefWithId.
 */
#ifndef WEFT_BASE_SLAB_H
#define WEFT_BASE_SLAB_H

#include "base/atomic.h"
#include "base/check.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The first member of every object in a slab. */
struct wf_slot {
    _Atomic uint64_t word; /* version << 32 | references */
    uint32_t index;
    uint32_t next_free; /* index + 1 of the next free slot; under the lock */
};

#define WF_SLAB_CHUNKS 26 /* chunk k holds 64 << k slots */

struct wf_slab {
    size_t slot_size; /* bytes, a multiple of 64 */
    uint32_t max;     /* slots */
    /* Called once for each slot that is closed: it cleans the object, then
     * gives the slot to wf_slab_put, or keeps the slot for a later
     * wf_slot_open. */
    void (*closed)(struct wf_slot *slot);
    _Atomic(uint8_t *) chunks[WF_SLAB_CHUNKS];
    pthread_mutex_t lock;
    uint32_t made; /* slots that exist; under the lock */
    uint32_t free; /* index + 1 of the first free slot; under the lock */
};

/* Static initialiser for objects of `type`, at most max_slots of them. */
#define WF_SLAB_INIT(type, max_slots, closed_fn)                            \
    {                                                                       \
        .slot_size = (sizeof(type) + 63) & ~(size_t)63, .max = (max_slots), \
        .closed = (closed_fn), .lock = PTHREAD_MUTEX_INITIALIZER            \
    }

/* A closed slot, zeroed if it is new. NULL: no memory, or max slots are in
 * use. */
struct wf_slot *wf_slab_get(struct wf_slab *slab);

/* Give a closed slot back. */
void wf_slab_put(struct wf_slab *slab, struct wf_slot *slot);

/* The slot at an index, which may be that of an invented id. NULL: there is
 * none. */
struct wf_slot *wf_slab_at(struct wf_slab *slab, uint32_t index);

/* Make a closed slot live, with one reference: the owner's. Returns its id,
 * which is never 0. */
uint64_t wf_slot_open(struct wf_slot *slot);

/* A reference to the slot of a live id, or NULL. */
struct wf_slot *wf_slot_ref(struct wf_slab *slab, uint64_t id);

/* Add a reference if the slot is live. false: it is not. This never closes a
 * slot, so it may be called under a lock that `closed` takes, if that lock
 * keeps the slot from being opened again. */
bool wf_slot_try_ref(struct wf_slot *slot);

/* Add a reference. The caller holds one. */
static inline void
wf_slot_more(struct wf_slot *slot)
{
    /* relaxed: the caller's own reference keeps the slot alive */
    uint64_t word = wf_add(&slot->word, 1, relaxed);
    WF_DCHECK((uint32_t)word > 0);
    (void)word;
}

/* Make the id dead. true: this call did so, and the caller must give up the
 * owner's reference with wf_slot_unref; false: another call did so before. */
bool wf_slot_fail(struct wf_slot *slot);

/* wf_slot_fail and wf_slot_unref in one step, called by the owner. false:
 * somebody else holds a reference, and nothing was done. */
bool wf_slot_end(struct wf_slab *slab, struct wf_slot *slot);

/* Give a reference up. If it was the last one of a failed slot, the slot is
 * closed. */
void wf_slot_unref(struct wf_slab *slab, struct wf_slot *slot);

/* Was the id made dead? The caller holds a reference. This load orders nothing:
 * a caller that relies on what the owner did before must hold a lock. */
static inline bool
wf_slot_failed(const struct wf_slot *slot)
{
    return (wf_load(&slot->word, relaxed) >> 32 & 3) != 0;
}

/* Does anybody hold a reference besides the owner, who has one of a live slot?
 * For WF_DCHECK. This load is no atomic step, for the reason in spin.h. */
static inline bool
wf_slot_is_held(const struct wf_slot *slot)
{
    uint64_t word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    return (uint32_t)word > ((word >> 32 & 3) == 0);
}

/* The id of the slot at an index, valid if the slot is live. */
static inline uint64_t
wf_slot_id_at(const struct wf_slot *slot, uint32_t index)
{
    uint64_t version = wf_load(&slot->word, relaxed) >> 32 & ~(uint64_t)3;
    return version << 32 | index;
}

/* The id of a live slot. The caller holds a reference. */
static inline uint64_t
wf_slot_id(const struct wf_slot *slot)
{
    return wf_slot_id_at(slot, slot->index);
}

#endif
