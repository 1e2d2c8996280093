/* SPDX-License-Identifier: MIT */
/*
 * Slots that are named by ids with a version, not by pointers.
 *
 * An id is a version (high 32 bits) and an index (low 32 bits). wf_slot_ref(id)
 * is wait-free and returns a counted reference or NULL. wf_slot_fail makes the
 * id dead for all later refs; threads that hold references may finish their
 * work. When the last reference is given up, the slot is closed, exactly once.
 * The memory is never unmapped, so a ref with an old id reads valid memory.
 * bRPC's VersionedRefWithId has the same idea.
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
    /* index + 1 of the next free slot; the slab's `lock` guards it */
    uint32_t next_free;
};

#define WF_SLAB_CHUNKS 26 /* chunk k holds 64 << k slots */

struct wf_slab {
    size_t slot_size; /* bytes, a multiple of 64 */
    uint32_t max;     /* limit on the number of slots */
    /* Called once for each slot that is closed. The function cleans the object,
     * and then gives the slot to wf_slab_put, or keeps the slot for a later
     * wf_slot_open. */
    void (*closed)(struct wf_slot *slot);
    _Atomic(uint8_t *) chunks[WF_SLAB_CHUNKS];
    pthread_mutex_t lock;
    uint32_t made; /* number of slots that exist; `lock` guards it */
    uint32_t free; /* index + 1 of the first free slot; `lock` guards it */
};

/* Initialises a static slab for at most `max_slots` objects of type `type`. */
#define WF_SLAB_INIT(type, max_slots, closed_fn)                            \
    {                                                                       \
        .slot_size = (sizeof(type) + 63) & ~(size_t)63, .max = (max_slots), \
        .closed = (closed_fn), .lock = PTHREAD_MUTEX_INITIALIZER            \
    }

/* Get a closed slot; a new slot is zeroed. NULL: there is no memory, or `max`
 * slots are in use. */
struct wf_slot *wf_slab_get(struct wf_slab *slab);

/* Give a closed slot back to its slab. */
void wf_slab_put(struct wf_slab *slab, struct wf_slot *slot);

/* Returns the slot at an index. NULL: no slot has this index, because the index
 * comes from an invented id. */
struct wf_slot *wf_slab_at(struct wf_slab *slab, uint32_t index);

/* Make a closed slot live, with one reference, which belongs to the owner.
 * Returns the id of the slot, which is never 0. */
uint64_t wf_slot_open(struct wf_slot *slot);

/* Add a reference to the slot of a live id, and return the slot. NULL: the id
 * is dead. */
struct wf_slot *wf_slot_ref(struct wf_slab *slab, uint64_t id);

/* Add a reference if the slot is live. false: the slot is not live. This
 * function does not check the version of the slot. So the caller must hold a
 * lock that prevents the slot from being opened again for another object. This
 * may be a lock that the function `closed` of the slab takes, because
 * wf_slot_try_ref never closes a slot. */
bool wf_slot_try_ref(struct wf_slot *slot);

/* Add a reference. The caller already holds a reference. */
static inline void
wf_slot_more(struct wf_slot *slot)
{
    /* relaxed: the caller's own reference keeps the slot alive */
    uint64_t word = wf_add(&slot->word, 1, relaxed);
    WF_DCHECK((uint32_t)word > 0);
    (void)word;
}

/* Make the id dead. true: the id was live until now, and the caller must give
 * up the owner's reference with wf_slot_unref; false: the id was dead
 * already. */
bool wf_slot_fail(struct wf_slot *slot);

/* Do wf_slot_fail and wf_slot_unref in one step. Called by the owner. false:
 * somebody else holds a reference, and nothing was done. */
bool wf_slot_end(struct wf_slab *slab, struct wf_slot *slot);

/* Give up a reference. If this was the last reference to a failed slot, the
 * slot is closed. */
void wf_slot_unref(struct wf_slab *slab, struct wf_slot *slot);

/* True if the id was made dead. The caller holds a reference. The load is
 * relaxed. So a caller needs a lock if it must see what the owner wrote before
 * the owner made the id dead. */
static inline bool
wf_slot_failed(const struct wf_slot *slot)
{
    return (wf_load(&slot->word, relaxed) >> 32 & 3) != 0;
}

/* True if somebody holds a reference to the slot, apart from the reference that
 * the owner of a live slot always holds. For WF_DCHECK. The load does not call
 * WF_ATOMIC_STEP (atomic.h), so a test takes the same steps with and without
 * checks. */
static inline bool
wf_slot_is_held(const struct wf_slot *slot)
{
    uint64_t word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    return (uint32_t)word > ((word >> 32 & 3) == 0);
}

/* Returns the number of references. acquire: the caller sees what each thread
 * wrote before it gave up a reference. */
static inline uint32_t
wf_slot_refs(const struct wf_slot *slot)
{
    return (uint32_t)wf_load(&slot->word, acquire);
}

/* Returns the id of the slot `slot`, whose index is `index`. The id is valid if
 * the slot is live. */
static inline uint64_t
wf_slot_id_at(const struct wf_slot *slot, uint32_t index)
{
    uint64_t version = wf_load(&slot->word, relaxed) >> 32 & ~(uint64_t)3;
    return version << 32 | index;
}

/* Returns the id of a live slot. The caller holds a reference. */
static inline uint64_t
wf_slot_id(const struct wf_slot *slot)
{
    return wf_slot_id_at(slot, slot->index);
}

#endif
