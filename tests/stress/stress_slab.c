/* SPDX-License-Identifier: MIT */
/*
 * Attacks the proof of base/slab.c: threads make, reference, fail and release
 * objects with the same few ids, and look up stale ids. Each object must be
 * closed exactly once, when no reference is left. A lookup of an id must return
 * the object that had this id first, or NULL.
 */
#include "stress.h"

#define THREADS 4
#define PLACES 16
#define OLD 64

struct object {
    struct wf_slot slot;
    /* Not atomic, and written before the slot is opened. Only the slab orders
     * this write before the reads of threads that look the id up, and these
     * reads before the close. */
    uint64_t serial, twice;
    _Atomic uint32_t holders;
    _Atomic bool alive;
};

static void object_closed(struct wf_slot *slot);
static struct wf_slab slab = WF_SLAB_INIT(struct object, 4096, object_closed);
static _Atomic uint64_t ids[PLACES];
static _Atomic uint64_t opened, closed, hits, misses;

static void
object_closed(struct wf_slot *slot)
{
    struct object *o = WF_CONTAINER(slot, struct object, slot);
    CHECK(wf_load(&o->holders, relaxed) == 0);
    CHECK(wf_xchg(&o->alive, false, relaxed));
    o->serial = 1;
    o->twice = 0;
    wf_add(&closed, 1, relaxed);
    wf_slab_put(&slab, slot);
}

/* Fail the object of an id that this thread has taken out of its place. */
static void
kill_id(uint64_t id)
{
    struct wf_slot *slot = wf_slot_ref(&slab, id);
    CHECK(slot); /* only the thread that took the id fails the object */
    CHECK(wf_slot_fail(slot));
    CHECK(!wf_slot_fail(slot));
    wf_slot_unref(&slab, slot); /* the owner's reference */
    CHECK(wf_slot_failed(slot));
    CHECK(!wf_slot_ref(&slab, id));
    wf_slot_unref(&slab, slot); /* our reference */
}

static void
make(_Atomic uint64_t *place)
{
    struct wf_slot *slot = wf_slab_get(&slab);
    CHECK(slot);
    struct object *o = WF_CONTAINER(slot, struct object, slot);
    CHECK(!wf_xchg(&o->alive, true, relaxed));
    o->serial = wf_add(&opened, 1, relaxed);
    o->twice = 2 * o->serial;
    uint64_t id = wf_slot_open(slot);
    CHECK(id != 0 && wf_slot_id(slot) == id);
    uint64_t old = wf_xchg(place, id, relaxed); /* wf_slot_ref gives the
                                                 * order */
    if (old)
        kill_id(old);
}

static void
look(uint64_t id)
{
    struct wf_slot *slot = wf_slot_ref(&slab, id);
    if (!slot) {
        wf_add(&misses, 1, relaxed);
        return;
    }
    struct object *o = WF_CONTAINER(slot, struct object, slot);
    wf_add(&o->holders, 1, relaxed);
    CHECK(o->twice == 2 * o->serial && wf_load(&o->alive, relaxed));
    wf_slot_more(slot);
    CHECK(wf_slot_id(slot) == id);
    wf_slot_unref(&slab, slot);
    wf_sub(&o->holders, 1, relaxed);
    wf_slot_unref(&slab, slot);
    wf_add(&hits, 1, relaxed);
}

static void *
attack(void *arg)
{
    uint64_t random = (uint64_t)(uintptr_t)arg * 7919 + 1;
    uint64_t old[OLD] = {0};
    for (uint64_t n = stress_count(6000000); n > 0; n--) {
        uint64_t r = stress_random(&random);
        _Atomic uint64_t *place = &ids[r % PLACES];
        uint64_t id = wf_load(place, relaxed);
        switch (r >> 32 & 7) {
        case 0:
            make(place);
            break;
        case 1:
            look(old[r >> 40 & (OLD - 1)]);
            break;
        case 2: /* a number that was never an id */
            look(r);
            break;
        default:
            old[r >> 40 & (OLD - 1)] = id;
            look(id);
        }
    }
    return NULL;
}

int
main(void)
{
    pthread_t threads[THREADS];
    stress_begin();
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, attack, (void *)i) == 0);
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    for (int i = 0; i < PLACES; i++)
        if (ids[i])
            kill_id(ids[i]);
    CHECK(opened == closed);
    CHECK(slab.made <= PLACES + 2 * THREADS);
    for (uint32_t i = 0; i < slab.made; i++)
        CHECK((uint32_t)wf_load(&wf_slab_at(&slab, i)->word, relaxed) == 0);
    printf("%llu objects, each cleaned once; %llu hits, %llu misses; %u "
           "slots\n",
           (unsigned long long)opened, (unsigned long long)hits,
           (unsigned long long)misses, slab.made);
    return 0;
}
