/* SPDX-License-Identifier: MIT */
/*
 * Proof.
 *
 * The word of a slot holds a version V and a count C of references. The low two
 * bits of V are the state of the slot: 0 live, 1 failed, 2 closed. In the moves
 * below, (s, c) means version or state s and count c. Each move is one atomic
 * step:
 *
 *   open    (2, c) -> (0 of the next version, c + 1)   by the slot's only owner
 *   ref     (V, c) -> (V, c + 1), then check V
 *   try_ref (0, c) -> (0, c + 1)                       by compare and exchange
 *   unref   (V, c) -> (V, c - 1)
 *   fail    (0, c) -> (1, c)                           by compare and exchange
 *   close   (1, 0) -> (2, 0)                           by compare and exchange
 *   end     (0, 1) -> (2, 0)                           by compare and exchange
 *
 * end does fail, unref and close in one step. Only the owner calls end, and end
 * succeeds only if the owner's reference is the only reference. If there is a
 * transient count (point 2 below), end changes nothing and returns false.
 *
 * 1. A live slot has C >= 1: open adds the owner's reference, and the owner
 *    gives this reference up only after fail. So close never finds a live slot.
 * 2. A ref adds 1 to C before it checks the version. If the version is not that
 *    of the id, the ref subtracts the 1 again and returns NULL. Until then the
 *    1 is a transient count. A transient count may keep an unref from taking C
 *    to 0. Then the ref takes C to 0, and tries to close the slot. So a failed
 *    slot without references is closed by the thread that took C to 0 last.
 * 3. close succeeds once per version: its exchange is from (1, 0), and only
 *    open, which needs a closed slot, makes the slot live again.
 * 4. If a ref finds the version of its id live, its 1 in C makes close and end
 *    fail, because C and V are in one word. So the object is not cleaned before
 *    this reference is given up.
 * 5. The thread that cleans the object sees what earlier holders wrote: unref
 *    releases, close acquires, and the steps between them form one release
 *    sequence.
 * 6. try_ref adds a reference only to a live slot, so try_ref never has to
 *    close a slot, and its caller may hold a lock that the function `closed`
 *    takes. try_ref checks no version, so this lock must also keep the slot
 *    from being opened again for another object.
 * 7. A version without its state has 30 bits, so a stale id may become valid
 *    again after 2^30 lives of one slot.
 * 8. A thread that finds an id dead sees what the owner of the slot wrote
 *    before fail or end, because fail and end release and ref acquires.
 *
 * Tests: tests/stress/stress_slab.c; for the memory orders
 * tests/weak/weak_slab.c.
 */
#include "base/base.h"

#if WF_LSAN
#include <sanitizer/lsan_interface.h>
#endif

enum { LIVE = 0, FAILED = 1, CLOSED = 2 };

#define COUNT(word) ((uint32_t)(word))
#define STATE(word) ((uint32_t)((word) >> 32) & 3)
#define FIRST_CHUNK 64u

/* Chunk k begins at index 64 * (2^k - 1). */
static uint32_t
chunk_of(uint32_t index)
{
    return 31 - (uint32_t)__builtin_clz(index / FIRST_CHUNK + 1);
}

struct wf_slot *
wf_slab_at(struct wf_slab *slab, uint32_t index)
{
    if (WEFT_UNLIKELY(index >= slab->max))
        return NULL;
    uint32_t k = chunk_of(index);
    /* acquire: pairs with the release in grow */
    uint8_t *chunk = wf_load(&slab->chunks[k], acquire);
    if (WEFT_UNLIKELY(!chunk))
        return NULL;
    size_t place = index - FIRST_CHUNK * ((1u << k) - 1);
    return (struct wf_slot *)(void *)(chunk + place * slab->slot_size);
}

/* Make the slot of the lowest index that was never used. Called with the lock
 * held. */
static struct wf_slot *
grow(struct wf_slab *slab)
{
    if (slab->made >= slab->max)
        return NULL;
    uint32_t k = chunk_of(slab->made);
    if (!wf_load(&slab->chunks[k], relaxed)) {
        size_t size = slab->slot_size * ((size_t)FIRST_CHUNK << k);
        uint8_t *chunk =
            wf_sys_mmap(size, PROT_READ | PROT_WRITE, MAP_NORESERVE);
        if (!chunk)
            return NULL;
#if WF_LSAN
        __lsan_register_root_region(chunk, size);
#endif
        wf_store(&slab->chunks[k], chunk, release);
    }
    struct wf_slot *slot = wf_slab_at(slab, slab->made);
    slot->index = slab->made++;
    /* This is an add, because a ref with an invented id may change the count at
     * the same time, and a store would overwrite this change. */
    wf_add(&slot->word, (uint64_t)CLOSED << 32, relaxed);
    return slot;
}

struct wf_slot *
wf_slab_get(struct wf_slab *slab)
{
    wf_sys_lock(&slab->lock);
    struct wf_slot *slot;
    if (slab->free) {
        slot = wf_slab_at(slab, slab->free - 1);
        slab->free = slot->next_free;
    } else {
        slot = grow(slab);
    }
    wf_sys_unlock(&slab->lock);
    return slot;
}

void
wf_slab_put(struct wf_slab *slab, struct wf_slot *slot)
{
    wf_sys_lock(&slab->lock);
    slot->next_free = slab->free;
    slab->free = slot->index + 1;
    wf_sys_unlock(&slab->lock);
}

uint64_t
wf_slot_open(struct wf_slot *slot)
{
    uint64_t versions = WF_MUTANT(version_stays) ? 0 : 4;
    uint64_t step = (versions - CLOSED) << 32 | 1;
    /* release: a ref that finds the id live sees the object initialised */
    uint64_t word = wf_add(&slot->word, step, release) + step;
    WF_DCHECK(STATE(word) == LIVE);
    if (WEFT_UNLIKELY(word >> 32 == 0)) { /* no id has version 0, so skip it */
        step = (uint64_t)4 << 32;
        /* relaxed: this add continues the release sequence of the first add */
        word = wf_add(&slot->word, step, relaxed) + step;
    }
    return (word >> 32) << 32 | slot->index;
}

/* Give up a reference. If this was the last reference to a failed slot, try to
 * close that slot. */
static void
drop(struct wf_slab *slab, struct wf_slot *slot)
{
    /* release: the thread that closes the slot sees what the holder of this
     * reference wrote */
    uint64_t word = wf_sub(&slot->word, 1, release);
    /* The owner gives its reference up only after fail, so nobody drops the
     * last reference of a live slot. But a slot that was never used has version
     * 0 and looks live; a ref with an invented id may find such a slot. */
    WF_DCHECK(COUNT(word) != 1 || STATE(word) != LIVE || word >> 32 == 0);
    if (WEFT_LIKELY(COUNT(word) != 1 || STATE(word) != FAILED) ||
        WF_MUTANT(last_ref_closes_nothing))
        return;
    uint64_t seen = (word >> 32) << 32;
    uint64_t closed = seen + ((uint64_t)(CLOSED - FAILED) << 32);
    /* acquire is enough: other threads find this slot only after the next
     * open, which is a release */
    if (wf_cas(&slot->word, &seen, closed, acquire) ||
        WF_MUTANT(slot_closed_twice))
        slab->closed(slot);
}

struct wf_slot *
wf_slot_ref(struct wf_slab *slab, uint64_t id)
{
    uint64_t version = id >> 32;
    struct wf_slot *slot = wf_slab_at(slab, (uint32_t)id);
    if (WEFT_UNLIKELY(!slot || version == 0 || (version & 3) != LIVE))
        return NULL;
    /* acquire: pairs with the release in open, and, if the id is dead, with the
     * release in fail and end */
    uint64_t word = wf_add(&slot->word, 1, acquire);
    if (WEFT_LIKELY(word >> 32 == version) || WF_MUTANT(ref_takes_any_version))
        return slot;
    drop(slab, slot);
    return NULL;
}

bool
wf_slot_try_ref(struct wf_slot *slot)
{
    uint64_t seen = wf_load(&slot->word, relaxed);
    while (STATE(seen) == LIVE) /* acquire: pairs with the release in open */
        if (wf_cas(&slot->word, &seen, seen + 1, acquire))
            return true;
    return false;
}

void
wf_slot_unref(struct wf_slab *slab, struct wf_slot *slot)
{
    WF_DCHECK(COUNT(wf_load(&slot->word, relaxed)) > 0);
    drop(slab, slot);
}

bool
wf_slot_end(struct wf_slab *slab, struct wf_slot *slot)
{
    uint64_t seen = wf_load(&slot->word, relaxed);
    WF_DCHECK(STATE(seen) == LIVE);
    if (COUNT(seen) != 1 && !WF_MUTANT(slot_ends_while_held))
        return false;
    uint64_t closed = seen - 1 + ((uint64_t)CLOSED << 32);
    if (!wf_cas(&slot->word, &seen, closed, acq_rel))
        return false;
    slab->closed(slot);
    return true;
}

bool
wf_slot_fail(struct wf_slot *slot)
{
    uint64_t seen = wf_load(&slot->word, relaxed);
    /* release: pairs with the acquire in a later wf_slot_ref, which finds the
     * id dead */
    while (STATE(seen) == LIVE)
        if (wf_cas(&slot->word, &seen, seen + ((uint64_t)FAILED << 32),
                   release))
            return true;
    return false;
}
