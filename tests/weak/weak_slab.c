/* SPDX-License-Identifier: MIT */
/* Slots with versions: a reference keeps the object, the last reference closes
 * it once, and a thread whose lookup fails sees what the owner did before. */
#define WEFT_SHIM 1

#include "weak.h"

#include "base/slab.c"

#include <string.h>

struct thing {
    struct wf_slot slot;
    char data; /* written in each life before the open, and at the close */
};

static void closed(struct wf_slot *slot);

static struct wf_slab slab = WF_SLAB_INIT(struct thing, 64, closed);
static _Alignas(64) uint8_t chunk[64 * 64];
static struct thing *const thing = (struct thing *)(void *)chunk;
static char fact; /* what the owner knew when it failed the slot */
static int closes;
static bool puts_back;
static struct wf_spin lock;
static _Atomic uint64_t published;

/* ---- what slab.c calls ---- */

struct wf_shim wf_shim;

static void *
map(size_t size, int prot, int flags)
{
    (void)prot, (void)flags;
    WEAK_CHECK(size == sizeof chunk);
    weak_write(&thing->slot.word, sizeof thing->slot.word); /* new memory is
                                                             * zero */
    return chunk;
}

void
wf_sys_lock(pthread_mutex_t *mutex)
{
    (void)mutex;
    wf_spin_lock(&lock);
}

void
wf_sys_unlock(pthread_mutex_t *mutex)
{
    (void)mutex;
    wf_spin_unlock(&lock);
}

static void
closed(struct wf_slot *slot)
{
    WEAK_CHECK(slot == &thing->slot);
    weak_write(&thing->data, 1);
    closes++;
    if (puts_back)
        wf_slab_put(&slab, slot);
}

/* ---- an object that does not exist ---- */

#define FIRST_ID ((uint64_t)4 << 32)

static void
forget_all(void)
{
    memset(chunk, 0, sizeof chunk);
    memset(&wf_shim, 0, sizeof wf_shim);
    wf_shim.mmap = map;
    memset((void *)slab.chunks, 0, sizeof slab.chunks);
    slab.made = slab.free = 0;
    closes = 0;
    puts_back = false;
    wf_store(&lock.held, 0, relaxed);
    wf_store(&published, 0, relaxed);
    weak_write(&thing->data, 1);
    weak_write(&thing->slot.word, sizeof thing->slot.word);
    weak_write(&fact, 1);
}

static void
make(void)
{
    WEAK_CHECK(wf_slab_get(&slab) == &thing->slot);
    weak_write(&thing->data, 1);
    WEAK_CHECK(wf_slot_open(&thing->slot) == FIRST_ID);
}

/* The thread guesses the id; there may be no such slot. */
static void
use(void)
{
    if (!wf_slot_ref(&slab, FIRST_ID))
        return;
    weak_read(&thing->data, 1);
    wf_slot_unref(&slab, &thing->slot);
}

/* ---- a live object ---- */

static void
begin_live(void)
{
    forget_all();
    make();
}

static void
end_it(void)
{
    weak_write(&fact, 1);
    WEAK_CHECK(wf_slot_fail(&thing->slot));
    wf_slot_unref(&slab, &thing->slot);
}

/* If the lookup fails, the thread sees what the owner knew. */
static void
use_or_know(void)
{
    if (wf_slot_ref(&slab, FIRST_ID)) {
        weak_read(&thing->data, 1);
        wf_slot_unref(&slab, &thing->slot);
    } else {
        weak_read(&fact, 1);
    }
}

static void
try_to_use(void)
{
    if (!wf_slot_try_ref(&thing->slot))
        return;
    weak_read(&thing->data, 1);
    wf_slot_unref(&slab, &thing->slot);
}

static void
closed_once(void)
{
    WEAK_CHECK(closes == 1);
}

/* Two threads fail the slot at once. */
static void
fail_it(void)
{
    if (wf_slot_fail(&thing->slot))
        wf_slot_unref(&slab, &thing->slot);
}

/* ---- an end in one step, if no thread holds a reference ---- */

static void
begin_held(void)
{
    begin_live();
    wf_slot_more(&thing->slot);
}

static void
end_at_once(void)
{
    weak_write(&fact, 1);
    if (!wf_slot_end(&slab, &thing->slot)) {
        WEAK_CHECK(wf_slot_fail(&thing->slot));
        wf_slot_unref(&slab, &thing->slot);
    }
}

static void
use_held(void)
{
    weak_read(&thing->data, 1);
    wf_slot_unref(&slab, &thing->slot);
}

/* ---- the next life ---- */

static void
begin_closed(void)
{
    forget_all();
    (void)wf_slab_get(&slab);
}

static void
open_it(void)
{
    weak_write(&thing->data, 1);
    wf_store(&published, wf_slot_open(&thing->slot), relaxed);
}

static void
use_published(void)
{
    uint64_t id = wf_load(&published, relaxed);
    if (id && wf_slot_ref(&slab, id))
        weak_read(&thing->data, 1);
}

static void
begin_recycled(void)
{
    begin_live();
    puts_back = true;
}

static void
end_and_open(void)
{
    WEAK_CHECK(wf_slot_fail(&thing->slot));
    wf_slot_unref(&slab, &thing->slot);
    if (closes > 0 && wf_slab_get(&slab) == &thing->slot)
        open_it();
}

/* The next version would be 0, which no slot has. */
static void
begin_wrap(void)
{
    begin_closed();
    wf_store(&thing->slot.word, (uint64_t)0xfffffffeu << 32, relaxed);
}

/* ---- a thread with a reference asks whether the slot has failed ---- */

static void
ask(void)
{
    (void)wf_slot_failed(&thing->slot);
    wf_slot_unref(&slab, &thing->slot);
}

/* ---- the lock of base/spin.h ---- */

static void
begin_lock(void)
{
    forget_all();
}

static void
count(void)
{
    wf_spin_lock(&lock);
    weak_write(&fact, 1);
    wf_spin_unlock(&lock);
}

int
main(void)
{
    static const struct weak_test tests[] = {
        {"first", forget_all, {make, use}, NULL, 0},
        {"life", begin_live, {end_it, use_or_know}, closed_once, 0},
        {"life of three",
         begin_live,
         {end_it, use_or_know, use_or_know},
         closed_once,
         2},
        {"try", begin_live, {end_it, try_to_use}, closed_once, 0},
        {"held", begin_held, {end_at_once, use_held}, closed_once, 0},
        {"end", begin_live, {end_at_once, use_or_know}, closed_once, 0},
        {"open", begin_closed, {open_it, use_published}, NULL, 0},
        {"open after all versions",
         begin_wrap,
         {open_it, use_published, use},
         NULL,
         0},
        {"open, try", begin_closed, {open_it, try_to_use}, NULL, 0},
        {"next life",
         begin_recycled,
         {end_and_open, use, use_published},
         NULL,
         2},
        {"ask", begin_held, {end_it, ask}, closed_once, 0},
        {"two ends", begin_live, {fail_it, fail_it, use}, closed_once, 2},
        {"lock", begin_lock, {count, count, count}, NULL, 0},
        {0},
    };
    static const char *const files[] = {"slab.c", "slab.h", "spin.h", NULL};
    static const struct weak_excuse excuses[] = {
        {"wf_cas", "that fails", WEAK_relaxed,
         "not needed here; base/atomic.h says so for all"},
        {0},
    };
    return weak_main(&(struct weak_part){tests, files, excuses});
}
